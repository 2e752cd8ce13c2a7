//! Calls to AWS that end in time, whatever the network does.

use std::error::Error;
use std::time::Duration;

use aws_sdk_sqs::error::ProvideErrorMetadata;

use crate::aws::Refusal;

/// As long as anybody waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The answer, or why there is none.
pub(crate) async fn in_time<T, E>(asked: impl Future<Output = Result<T, E>>) -> Result<T, Refusal>
where
    E: Error + ProvideErrorMetadata + 'static,
{
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(|error| Refusal::of(&error)),
        Err(_) => Err(Refusal::silent(PATIENCE.as_secs())),
    }
}
