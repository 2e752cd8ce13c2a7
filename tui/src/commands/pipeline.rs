//! The pipeline that a console's queue belongs to: its name, and from that its other queues. Terraform
//! names everything with one prefix (`var.name`), and a console's queue is `NAME-console-WHO`.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::aws::{Aws, AwsError, AwsSettings, QueueUrl, Refusal};
use crate::cli::Cli;
use crate::commands::OperateError;

/// Text between a pipeline's name and a console's name in the name of a queue.
const CONSOLE: &str = "-console-";

/// One deployed pipeline, seen from a console's queue.
#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    pub(crate) name: String,
    /// The console's own queue.
    pub(crate) queue_url: String,
    asked: AwsSettings,
}

impl Pipeline {
    /// The pipeline of the queue that is set. `name` says what the queue's name does not.
    pub(crate) fn of(cli: &Cli, name: Option<String>) -> Result<Self, OperateError> {
        let Some(queue_url) = cli.queue_url.clone().filter(|url| !url.trim().is_empty()) else {
            return Err(OperateError::Usage(
                "no pipeline: set --queue-url or SENTINEL_QUEUE_URL to a console queue \
                 (see `terraform -chdir=terraform output consoles`)"
                    .to_owned(),
            ));
        };
        let queue_url = queue_url.trim().trim_end_matches('/').to_owned();
        let named = || last(&queue_url).split_once(CONSOLE).map(|(name, _)| name.to_owned());
        let Some(name) = name.or_else(named).filter(|name| !name.is_empty()) else {
            return Err(OperateError::Usage(format!(
                "queue {} is not named NAME{CONSOLE}WHO, so the pipeline is unknown: set --name \
                 (Terraform variable name)",
                last(&queue_url)
            )));
        };
        Ok(Self { name, queue_url, asked: cli.aws() })
    }

    /// Connects to AWS in the queue's region.
    pub(crate) async fn aws(&self) -> Result<Aws, AwsError> {
        Aws::connect(&self.asked).await
    }

    /// The name of one of its queues.
    pub(crate) fn queue_name(&self, suffix: &str) -> String {
        format!("{}-{suffix}", self.name)
    }

    /// The URL of one of its queues: they are all in one account and region.
    pub(crate) fn queue(&self, suffix: &str) -> String {
        self.beside(&self.queue_name(suffix))
    }

    /// The URL of the queue of this name beside the console's.
    pub(crate) fn beside(&self, name: &str) -> String {
        let base = self.queue_url.rsplit_once('/').map_or("", |(base, _)| base);
        format!("{base}/{name}")
    }

    /// The account, which stands in the queue's URL before its name.
    pub(crate) fn account(&self) -> Option<&str> {
        QueueUrl::read(&self.queue_url)?.account()
    }
}

/// A queue's name, from its URL or its ARN.
pub(crate) fn last(queue: &str) -> &str {
    queue.rsplit(['/', ':']).next().unwrap_or(queue)
}

/// About how many messages a queue holds: those that wait, and those that somebody has in hand.
pub(crate) async fn messages(client: &Client, url: &str) -> Result<u64, Refusal> {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let asked = client.get_queue_attributes().queue_url(url);
    let asked = asked.set_attribute_names(Some(names.to_vec()));
    let answer = asked.send().await.map_err(|error| Refusal::of(&error))?;
    let attributes = answer.attributes.unwrap_or_default();
    let number = |name: &QueueAttributeName| attributes.get(name)?.parse::<u64>().ok();
    Ok(names.iter().filter_map(number).sum())
}

#[cfg(test)]
mod tests {
    use crate::commands::pipeline::*;
    use clap::Parser as _;

    fn of(url: &str, name: Option<&str>) -> Result<Pipeline, String> {
        let cli = Cli::parse_from(["sentinel-tui", "--queue-url", url]);
        Pipeline::of(&cli, name.map(str::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_queue_tells_its_pipeline_and_where_the_other_queues_are() {
        let url = "https://sqs.eu-west-1.amazonaws.com/111122223333/prod-iam-console-on-console-call/";
        let pipeline = of(url, None).unwrap();
        assert_eq!(pipeline.name, "prod-iam");
        assert_eq!(
            pipeline.queue("rule-dlq"),
            "https://sqs.eu-west-1.amazonaws.com/111122223333/prod-iam-rule-dlq"
        );
        assert_eq!(pipeline.account(), Some("111122223333"));
        assert_eq!(
            of("http://127.0.0.1:1/123456789012/q", Some("mine")).unwrap().queue_name("slack"),
            "mine-slack"
        );
        let refused = of("http://127.0.0.1:1/123456789012/q", None).unwrap_err();
        assert!(refused.contains("set --name"), "{refused}");
        assert!(of(" ", None).unwrap_err().contains("--queue-url"));
        assert_eq!(last("arn:aws:sqs:us-east-1:111122223333:prod-console-a"), "prod-console-a");
    }
}
