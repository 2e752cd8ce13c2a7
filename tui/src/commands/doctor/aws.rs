//! AWS: whether there are credentials, whether the queue is there, and whether they may do with it
//! what the console does. No message of others is deleted; only the probe (`probe`) receives any.

use std::io;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::ProvideCredentials as _;
use aws_sdk_sqs::types::QueueAttributeName;
use jiff::{SignedDuration, Timestamp};

use crate::aws::{Aws, Call, Refusal, shortened};
use crate::cli::Cli;
use crate::commands::doctor::call::{PATIENCE, in_time};
use crate::commands::doctor::{Finding, probe};
use crate::format::number;
use crate::source::topic::{Topic, TopicArn};

/// Credentials that end sooner are worth a word.
const SOON: SignedDuration = SignedDuration::from_mins(30);
const NOT_A_HANDLE: &str = "sentinel-tui-doctor";
const RENEW: &str = "set AWS_PROFILE or --profile, or renew them (for example aws sso login)";

/// Looks at the queue that is set, if one is.
pub(crate) fn findings(cli: &Cli) -> io::Result<Vec<Finding>> {
    let Some(url) = cli.queue_url.as_deref().filter(|url| !url.trim().is_empty()) else {
        let remedy = "set --queue-url, SENTINEL_QUEUE_URL or queue-url in the configuration file";
        return Ok(vec![Finding::note("no queue set: only demo and replay are available", remedy)]);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(async {
        let aws = match Aws::connect(&cli.aws()).await {
            Ok(aws) => aws,
            Err(error) => {
                return vec![Finding::wrong(
                    error.to_string(),
                    "fix this first; other AWS checks were skipped",
                )];
            }
        };
        let mut findings = Vec::new();
        if let Some((name, url)) = crate::aws::proxy() {
            findings.push(Finding::well(format!("using proxy {url} ({name}), except for hosts in NO_PROXY")));
        }
        if credentials(&aws, &mut findings).await {
            let sts = aws.sts();
            let client = aws.sqs();
            let mut found = Vec::new();
            // Both at once: an unreachable one costs its timeout only once.
            let (caller, about) = tokio::join!(caller(&sts), queue(&client, url, &mut found));
            findings.push(caller);
            findings.append(&mut found);
            if let Some(about) = about {
                findings.extend(probe(cli, &aws.config, &client, &about).await);
            }
        }
        findings
    }))
}

/// Reports on the credentials. True where there are any, even where they have expired.
async fn credentials(aws: &Aws, findings: &mut Vec<Finding>) -> bool {
    let Some(provider) = aws.config.credentials_provider() else {
        findings.push(Finding::wrong("no credentials", RENEW));
        return false;
    };
    let credentials = match tokio::time::timeout(PATIENCE, provider.provide_credentials()).await {
        Ok(Ok(credentials)) => credentials,
        Ok(Err(error)) => {
            findings.push(Finding::wrong(
                format!(
                    "no credentials (last tried: {})",
                    Refusal::without_a_code(&error).message().as_str().trim_end_matches('.')
                ),
                RENEW,
            ));
            return false;
        }
        Err(_) => {
            findings.push(Finding::wrong(format!("no credentials within {} s", PATIENCE.as_secs()), RENEW));
            return false;
        }
    };
    let key = shortened(credentials.access_key_id());
    let key = match &aws.profile {
        Some(profile) => format!("profile {profile} ({key}), {}", aws.region()),
        None => format!("{key}, {}", aws.region()),
    };
    let end = credentials.expiry().and_then(|end| Timestamp::try_from(end).ok());
    findings.push(match end {
        Some(end) if end < Timestamp::now() => {
            Finding::wrong(format!("credentials expired at {end:.0}: {key}"), RENEW)
        }
        Some(end) if end < Timestamp::now() + SOON => {
            Finding::note(format!("credentials expire soon, at {end:.0}: {key}"), RENEW)
        }
        Some(end) => Finding::well(format!("credentials: {key}, valid until {end:.0}")),
        None => Finding::well(format!("credentials: {key}")),
    });
    true
}

/// Reports the identity that the credentials belong to. Every identity may ask for its own, and nothing but
/// this report depends on the answer.
async fn caller(client: &aws_sdk_sts::Client) -> Finding {
    match in_time(client.get_caller_identity().send()).await {
        Ok(answer) => {
            let (account, arn) = (answer.account().unwrap_or("?"), answer.arn().unwrap_or("unknown ARN"));
            Finding::well(format!("caller: {arn}, account {account}"))
        }
        Err(why) => {
            let remedy =
                "not required by the console; try `aws sts get-caller-identity` where STS is reachable";
            Finding::note(format!("caller unknown: {}", why.message()), remedy)
        }
    }
}

/// The probe, where a topic is set.
async fn probe(cli: &Cli, config: &SdkConfig, client: &Client, about: &About) -> Vec<Finding> {
    let Some(arn) = cli.topic_arn.as_deref().filter(|arn| !arn.trim().is_empty()) else {
        let remedy = "set --topic-arn, SENTINEL_TOPIC_ARN or topic-arn in the configuration file";
        return vec![Finding::note("no topic set: delivery through the queue not tested", remedy)];
    };
    let topic = match TopicArn::read(arn) {
        Ok(arn) => Topic::new(config, arn),
        Err(error) => return vec![Finding::wrong(error.to_string(), "set --topic-arn")],
    };
    let database = cli.db.clone().map_or_else(crate::store::default_path, Ok).ok();
    let asked = probe::ProbedQueue {
        client,
        url: cli.queue_url.as_deref().unwrap_or_default(),
        arn: about.arn.as_deref(),
        waiting: about.waiting,
        database: database.as_deref(),
    };
    probe::findings(&topic, &asked).await
}

/// Attributes of the queue: its ARN, and the number of messages that wait in it.
struct About {
    arn: Option<String>,
    waiting: u64,
}

/// Reads the attributes of the queue, and tries the calls that the console makes. `None` where the
/// attributes can't be read.
async fn queue(client: &Client, url: &str, findings: &mut Vec<Finding>) -> Option<About> {
    let region =
        client.config().region().map_or_else(|| "no region".to_owned(), |region| format!("region {region}"));
    let shown = format!("{} ({region})", without_secrets(url));
    let asked = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send();
    let attributes = match in_time(asked).await {
        Ok(answer) => answer.attributes.unwrap_or_default(),
        Err(why) => {
            let call = on(url, "sqs:GetQueueAttributes");
            findings.push(Finding::wrong(format!("{shown}: {}", why.what(call)), why.remedy(call)));
            return None;
        }
    };
    let count = |name: &QueueAttributeName| attributes.get(name).and_then(|text| text.parse::<u64>().ok());
    let waiting = count(&QueueAttributeName::ApproximateNumberOfMessages).unwrap_or(0);
    let held = count(&QueueAttributeName::ApproximateNumberOfMessagesNotVisible).unwrap_or(0);
    findings.push(Finding::well(format!("{shown}: {} waiting, {} in flight", number(waiting), number(held))));
    if !attributes.contains_key(&QueueAttributeName::RedrivePolicy) {
        findings.push(Finding::note(
            "queue has no dead-letter queue: messages that can't be stored are lost when they expire",
            "create the queue with Terraform (variable consoles)",
        ));
    }
    findings.push(may_receive(client, url, waiting).await);
    findings.push(may_delete(client, url).await);
    Some(About { arn: attributes.get(&QueueAttributeName::QueueArn).cloned(), waiting })
}

async fn may_receive(client: &Client, url: &str, waiting: u64) -> Finding {
    if waiting > 0 {
        // A receive counts against a message, and hides it for a while.
        return Finding::well("receive permission not tested, messages are waiting");
    }
    let asked = client.receive_message().queue_url(url).max_number_of_messages(1).wait_time_seconds(0);
    match in_time(asked.visibility_timeout(0).send()).await {
        Ok(_) => Finding::well("receive allowed"),
        Err(why) => {
            let call = on(url, "sqs:ReceiveMessage");
            Finding::wrong(format!("can't receive: {}", why.what(call)), why.remedy(call))
        }
    }
}

/// Deletes what can't be there: who may not, is refused, and who may, is told that it is no handle.
async fn may_delete(client: &Client, url: &str) -> Finding {
    match in_time(client.delete_message().queue_url(url).receipt_handle(NOT_A_HANDLE).send()).await {
        Ok(_) => Finding::well("delete allowed"),
        Err(why) if why.is_about_the_handle() => Finding::well("delete allowed"),
        Err(why) => {
            let call = on(url, "sqs:DeleteMessage");
            let remedy = format!("{}; until then each alert is received repeatedly", why.remedy(call));
            Finding::wrong(format!("can't delete: {}", why.what(call)), remedy)
        }
    }
}

/// A call about the queue.
fn on<'a>(url: &'a str, action: &'a str) -> Call<'a> {
    Call { service: "SQS", action, on: url }
}

/// The URL without a password or a query that somebody has put into it.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::doctor::aws::*;

    #[test]
    fn secrets_are_left_out() {
        assert_eq!(
            without_secrets("https://user:word@sqs.eu-west-1.amazonaws.com/1/q?X-Amz-Signature=s#f"),
            "https://sqs.eu-west-1.amazonaws.com/1/q"
        );
        assert_eq!(without_secrets("q"), "q");
    }
}
