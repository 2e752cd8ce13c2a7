//! The HTTP client behind every call to AWS: through the company's proxy, trusting the company's
//! certificates, and with answers that have an end.
//!
//! The variables are those of the AWS CLI: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in both
//! cases; `AWS_CA_BUNDLE`, or `ca_bundle` of the profile, in place of the system's certificates;
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` in place of the system's own files.

use std::path::Path;

use aws_sdk_sqs::config::RuntimeComponents;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use detector::SafeText;
use detector::bounded_http::bounded;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::AwsError;

/// Bytes of the largest answer: ten SQS messages of 1 MiB, each byte of them escaped.
const LARGEST_ANSWER: usize = 64 << 20;
/// Variables that may name the proxy of an https call, by precedence.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// HTTP client in the form that the SDK takes.
pub(super) type Client = aws_sdk_sqs::config::SharedHttpClient;

/// Makes the client. `bundle`: a file of certificates, and the setting that names it.
pub(super) fn client(bundle: Option<(&str, &Path)>) -> Result<Client, AwsError> {
    refuse_other_proxies(set_proxy(&env))?;
    let mut trust = TrustStore::default();
    if let Some((setting, path)) = bundle {
        trust = TrustStore::empty();
        for certificate in certificates(setting, path)? {
            trust.add_pem_certificate(certificate);
        }
    }
    let tls = TlsContext::builder().with_trust_store(trust).build();
    let tls = tls.map_err(|error| AwsError::Tls(error.to_string()))?;
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder();
        if let Some(settings) = settings {
            connector = connector.connector_settings(settings.clone());
        }
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(ProxyConfig::from_env())
            .build()
    });
    Ok(bounded(client, LARGEST_ANSWER))
}

/// The proxy that https calls go through unless `NO_PROXY` names their host: its variable, and its URL without
/// a password.
pub(crate) fn proxy() -> Option<(&'static str, String)> {
    let (name, url) = set_proxy(&env)?;
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", &url));
    let rest = rest.rsplit('@').next().unwrap_or_default();
    Some((name, SafeText::new(&format!("{scheme}://{rest}")).as_str().to_owned()))
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The first variable that names a proxy: the others have no effect.
fn set_proxy(env: &dyn Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    PROXIES.iter().find_map(|name| env(name).filter(|url| !url.trim().is_empty()).map(|url| (*name, url)))
}

/// Refuses a SOCKS proxy. It would be taken for one that speaks HTTP, and nothing would work without a word
/// why.
fn refuse_other_proxies(proxy: Option<(&'static str, String)>) -> Result<(), AwsError> {
    let Some((name, url)) = proxy else { return Ok(()) };
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(AwsError::Proxy { name, scheme: SafeText::new(scheme) })
}

/// The certificates of a bundle that can be used, each in PEM: one that can't be read must not cost all the
/// others, of which a system's bundle has more than a hundred.
fn certificates(setting: &str, path: &Path) -> Result<Vec<String>, AwsError> {
    let wrong = |why: String| AwsError::Bundle {
        setting: setting.to_owned(),
        path: SafeText::new(&path.display().to_string()),
        why,
    };
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8_lossy(&text);
    let mut usable = Vec::new();
    for part in text.split(BEGIN).skip(1) {
        let Some((inside, _)) = part.split_once(END) else { continue };
        let pem = format!("{BEGIN}{inside}{END}\n");
        let parsed = CertificateDer::from_pem_slice(pem.as_bytes());
        if parsed.is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok()) {
            usable.push(pem);
        }
    }
    if usable.is_empty() {
        return Err(wrong("no PEM certificate in it".to_owned()));
    }
    Ok(usable)
}

/// A way to a server on this machine that needs no certificate.
#[cfg(test)]
pub(crate) fn plain(endpoint: &str) -> aws_config::SdkConfig {
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_does_not_speak_http_is_refused_by_name_where_it_would_be_used() {
        const SOCKS: &str = "socks5://127.0.0.1:1080";
        let refused = |set: &[(&str, &str)]| {
            let find =
                |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, url)| (*url).to_owned());
            refuse_other_proxies(set_proxy(&find)).err().map(|error| error.to_string())
        };
        for set in [&[("ALL_PROXY", SOCKS)][..], &[("HTTPS_PROXY", ""), ("all_proxy", SOCKS)]] {
            let error = refused(set).unwrap();
            assert!(error.contains("socks5") && error.to_uppercase().contains("ALL_PROXY"), "{error}");
        }
        for fine in ["http://proxy:3128", "https://proxy", "proxy:3128", "HTTP://proxy"] {
            assert_eq!(refused(&[("HTTPS_PROXY", fine), ("ALL_PROXY", SOCKS)]), None, "{fine}");
        }
        assert_eq!(refused(&[("HTTP_PROXY", SOCKS)]), None, "it is for http calls");
        assert_eq!(refused(&[]), None);
    }

    #[test]
    fn a_bundle_that_can_not_be_used_says_why() {
        let missing = certificates("AWS_CA_BUNDLE", Path::new("/nowhere/ca.pem")).unwrap_err().to_string();
        assert!(missing.contains("AWS_CA_BUNDLE") && missing.contains("/nowhere/ca.pem"), "{missing}");
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("bundle.pem");
        std::fs::write(&path, format!("{BEGIN}\nbm8gY2VydGlmaWNhdGU=\n{END}\n")).unwrap();
        let none = certificates("ca_bundle", &path).unwrap_err().to_string();
        assert!(none.contains("no PEM certificate"), "{none}");
    }
}
