//! A queue's URL: the region that its host names, the endpoint to ask, the account and the name.
//!
//! AWS has many forms of it: the usual host, the old one, FIPS, dual-stack, a VPC endpoint, China's.
//! <https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>

/// Endings of the hosts of AWS's partitions.
const AWS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];

/// A URL, taken apart. All parts are as they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueUrl<'a> {
    scheme: &'a str,
    /// With its port.
    host: &'a str,
    path: &'a str,
}

impl<'a> QueueUrl<'a> {
    /// Takes a URL apart; `None` where it has no scheme or no host.
    pub(crate) fn read(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        // Text before an @ is a user name and a password.
        let host = host.rsplit('@').next().filter(|host| !host.is_empty())?;
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        Some(Self { scheme, host, path })
    }

    /// The host, with its port where one is written.
    pub(crate) const fn host(&self) -> &'a str {
        self.host
    }

    /// The account, twelve digits before the queue's name.
    pub(crate) fn account(&self) -> Option<&'a str> {
        let account = self.path.rsplit('/').nth(1)?;
        (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
    }

    /// The part of an AWS host before `.amazonaws.com` and the like; `None` for any other host.
    fn of_aws(&self) -> Option<&'a str> {
        let host = self.host.split(':').next().unwrap_or_default();
        AWS.iter().find_map(|ending| host.strip_suffix(ending))
    }

    /// The region that the host names; no other region knows the queue.
    pub(crate) fn region(&self) -> Option<&'a str> {
        let labels: Vec<&str> = self.of_aws()?.split('.').collect();
        let region = match labels.as_slice() {
            ["sqs" | "sqs-fips", region] | [region, "queue"] | [_, "sqs" | "sqs-fips", region, "vpce"] => {
                region
            }
            // The oldest form of all, of the first region.
            ["queue"] => "us-east-1",
            _ => return None,
        };
        region.contains('-').then_some(region)
    }

    /// The endpoint to ask, where the SDK would go elsewhere by itself: a VPC endpoint, FIPS, dual-stack,
    /// and hosts that are not AWS's. It asks the region's usual host else.
    pub(crate) fn endpoint(&self) -> Option<String> {
        let asked_itself = self.of_aws().is_none_or(|rest| {
            rest.ends_with(".vpce") || rest.starts_with("sqs-fips.") || self.host.ends_with(".api.aws")
        });
        asked_itself.then(|| format!("{}://{}", self.scheme, self.host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_its_region_and_the_host_to_ask() {
        let vpce = "vpce-0a1b2c3d-x1y2z3.sqs.us-west-2.vpce.amazonaws.com";
        let zonal = "vpce-0a1b2c3d-x1y2z3-us-west-2a.sqs.us-west-2.vpce.amazonaws.com";
        for (host, region, asked_itself) in [
            ("sqs.us-west-2.amazonaws.com", Some("us-west-2"), false),
            ("us-west-2.queue.amazonaws.com", Some("us-west-2"), false),
            ("queue.amazonaws.com", Some("us-east-1"), false),
            (vpce, Some("us-west-2"), true),
            (zonal, Some("us-west-2"), true),
            ("sqs-fips.us-west-2.amazonaws.com", Some("us-west-2"), true),
            ("sqs.us-west-2.api.aws", Some("us-west-2"), true),
            ("sqs-fips.us-west-2.api.aws", Some("us-west-2"), true),
            ("sqs.cn-north-1.amazonaws.com.cn", Some("cn-north-1"), false),
            ("cn-north-1.queue.amazonaws.com.cn", Some("cn-north-1"), false),
            ("sqs.us-gov-west-1.amazonaws.com", Some("us-gov-west-1"), false),
            ("localhost:4566", None, true),
            ("sqs.amazonaws.com.evil.example", None, true),
        ] {
            let url = format!("https://{host}/111122223333/iam-sentinel-console-oncall");
            let read = QueueUrl::read(&url).unwrap();
            assert_eq!(read.region(), region, "{host}");
            assert_eq!(read.endpoint(), asked_itself.then(|| format!("https://{host}")), "{host}");
            assert_eq!((read.account(), read.host()), (Some("111122223333"), host));
        }
    }

    #[test]
    fn what_is_no_url_or_has_a_password_is_taken_for_what_it_is() {
        assert_eq!(QueueUrl::read("not a url"), None);
        assert_eq!(QueueUrl::read("https:///x"), None);
        let url = QueueUrl::read("http://me:secret@localhost:9324/queue/alerts?x=1").unwrap();
        assert_eq!((url.host(), url.account()), ("localhost:9324", None));
        assert_eq!(url.endpoint().unwrap(), "http://localhost:9324");
    }
}
