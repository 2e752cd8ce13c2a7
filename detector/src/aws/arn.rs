//! The parts of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, whose last part may hold colons.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

/// An ARN, or a pattern for some: any part may hold wildcards or be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` where the text has not its six parts.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        (parts.next()? == "arn").then_some(())?;
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// Returns the account, where it is written out: twelve digits.
    pub(crate) fn account_id(self) -> Option<&'a str> {
        is_account_id(self.account).then_some(self.account)
    }
}

/// Returns whether a text is an account's id: twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts_and_the_last_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:sns:eu-west-1:111122223333:alerts:0a1b").unwrap();
        assert_eq!((arn.partition, arn.service, arn.region), ("aws", "sns", "eu-west-1"));
        assert_eq!((arn.account_id(), arn.resource), (Some("111122223333"), "alerts:0a1b"));
        assert_eq!(Arn::parse("arn:aws:s3:::bucket").unwrap().account_id(), None);
        for no in ["", "arn", "arn:aws:s3::bucket", "urn:aws:s3:::bucket"] {
            assert_eq!(Arn::parse(no), None, "{no}");
        }
    }
}
