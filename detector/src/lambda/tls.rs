//! TLS without a slow start. Reading a system's roots takes longer than all the rest of the
//! function's start (3 of 6 ms, measured), so the roots that are needed are built in: Mozilla's for
//! Slack, Amazon's own for AWS.

use aws_sdk_sns::config::SharedHttpClient;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::bounded_http::bounded;

/// All endpoints of the commercial regions chain to these:
/// <https://aws.amazon.com/blogs/security/how-to-prepare-for-aws-move-to-its-own-certificate-authority/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The most bytes of an answer: SSM's with a webhook, SNS's and SQS's with an id are some kilobytes.
const LARGEST_ANSWER: usize = 256 * 1024;

/// The HTTP client for AWS, with ring: aws-lc-rs would gather entropy for 20 ms at its first use.
///
/// `SSL_CERT_FILE` or `SSL_CERT_DIR` bring the system's roots back, for a proxy with roots of its
/// own. Regions of other partitions (`cn-`, `us-gov-`, `us-iso`) always get the system's.
pub(super) fn aws_client(env: impl Fn(&str) -> Option<String>) -> SharedHttpClient {
    bounded(unbounded(env), LARGEST_ANSWER)
}

fn unbounded(env: impl Fn(&str) -> Option<String>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let own_roots = env("SSL_CERT_FILE").is_some() || env("SSL_CERT_DIR").is_some();
    let region = env("AWS_REGION").unwrap_or_default();
    let elsewhere =
        ["cn-", "us-gov-", "us-iso", "eu-isoe", "eusc-"].iter().any(|start| region.starts_with(start));
    if own_roots || elsewhere {
        return builder.build_https();
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_be_made_either_way() {
        assert_eq!(AMAZON_ROOTS.windows(5).filter(|window| *window == b"BEGIN").count(), 5);
        for pairs in [&[][..], &[("SSL_CERT_FILE", "/dev/null")], &[("AWS_REGION", "cn-north-1")]] {
            let env =
                |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let _client = aws_client(env);
        }
    }
}
