//! Identity of the credentials in use: profile, key, account, region, in few words. A console on a wall shows
//! it, and `doctor` says it, since a wrong account looks like a quiet one.

use std::time::Duration;

use aws_sdk_sqs::config::ProvideCredentials as _;
use detector::SafeText;

use super::Aws;
use crate::model::Identity;

/// Limit for each question.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks the credentials and STS; what does not answer is left out.
pub(crate) async fn identity(aws: &Aws) -> Identity {
    let credentials = async {
        let provider = aws.config.credentials_provider()?;
        tokio::time::timeout(PATIENCE, provider.provide_credentials()).await.ok()?.ok()
    };
    let caller = async {
        let sts = aws.sts();
        let asked = sts.get_caller_identity().send();
        tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?.account
    };
    let (credentials, account) = tokio::join!(credentials, caller);
    Identity {
        profile: aws.profile.as_deref().map(SafeText::new),
        key: credentials.map(|credentials| shortened(credentials.access_key_id())),
        account: account.as_deref().map(SafeText::new),
        region: aws.region().to_owned(),
    }
}

/// Enough of an access key's id to tell one from another.
pub(crate) fn shortened(key: &str) -> String {
    match (key.get(..4), key.len().checked_sub(4).and_then(|at| key.get(at..))) {
        (Some(first), Some(last)) if key.len() >= 16 => format!("{first}…{last}"),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_few_words_and_without_the_whole_key() {
        let all = Identity {
            profile: Some(SafeText::new("prod\u{1b}")),
            key: Some(shortened("AKIAIOSFODNN7EXAMPLE")),
            account: Some(SafeText::new("111122223333")),
            region: "us-east-1".to_owned(),
        };
        assert_eq!(all.to_string(), "profile prod␛ (AKIA…MPLE), account 111122223333, us-east-1");
        assert_eq!(Identity { region: "r".into(), ..Identity::default() }.to_string(), "no credentials, r");
        assert_eq!(shortened("short"), "…");
    }
}
