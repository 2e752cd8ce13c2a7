//! Access to AWS: credentials, region, endpoint and proxy. The one
//! place that makes clients, for the console and every command.
//!
//! Errors come before anything is asked: a profile that is not there, a region that
//! nothing names, certificates that can't be read.

mod credential_process;
pub(crate) mod event_history;
mod http;
mod identity;
mod queue_url;
mod refusal;

use std::path::PathBuf;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use detector::SafeText;

use credential_process::CredentialProcess;
pub(crate) use event_history::EventHistory;
pub(crate) use http::proxy;
pub(crate) use identity::{identity, shortened};
pub(crate) use queue_url::QueueUrl;
pub(crate) use refusal::{Call, Refusal};

#[cfg(test)]
pub(crate) use http::plain;

/// A connection can die without a word (a laptop that slept, a VPN that dropped). A try may take
/// a long poll of 20 s and a little more, and all tries of a call together twice that.
const ATTEMPT: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(65);
const CONNECT: Duration = Duration::from_secs(5);
/// Profiles that an error names.
const NAMED: usize = 8;

/// Settings that somebody gave, by flag or in the configuration file.
#[derive(Debug, Clone, Default)]
pub(crate) struct AwsSettings {
    /// The queue's URL, which says more than its name.
    pub(crate) queue_url: String,
    /// A profile, which beats whatever the environment holds.
    pub(crate) profile: Option<String>,
    /// A region, where the URL does not say or another one is meant.
    pub(crate) region: Option<String>,
}

/// The way to AWS.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    pub(crate) config: SdkConfig,
    /// The profile whose credentials are used, where one was asked for.
    pub(crate) profile: Option<String>,
    queue_endpoint: Option<String>,
}

/// Reasons why no client can be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AwsError {
    #[error("AWS profile \"{name}\" not found in {files}: check {asked}. {known}")]
    Profile { name: SafeText, files: String, asked: &'static str, known: String },
    #[error("can't read the AWS configuration files: {0}")]
    Files(String),
    #[error(
        "no region in the queue URL: set --region or AWS_REGION, or use the URL printed by \
         `terraform -chdir=terraform output consoles`"
    )]
    NoRegion,
    #[error("{setting}: can't use {path}: {why}. Fix it, or unset {setting}")]
    Bundle { setting: String, path: SafeText, why: String },
    #[error("{name}: {scheme} proxies are not supported, set HTTPS_PROXY to an HTTP proxy")]
    Proxy { name: &'static str, scheme: SafeText },
    #[error("can't set up TLS: {0}")]
    Tls(String),
}

impl Aws {
    /// Finds out how AWS is reached, and asks nothing yet.
    pub(crate) async fn connect(asked: &AwsSettings) -> Result<Self, AwsError> {
        let url = QueueUrl::read(&asked.queue_url);
        let profiles = profiles(asked.profile.as_deref()).await?;
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let of_profile = |key: &str| profiles.get(key).map(str::to_owned);
        let region = asked
            .region
            .clone()
            .or_else(|| url?.region().map(str::to_owned))
            .or_else(|| variable("AWS_REGION"))
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .or_else(|| of_profile("region"))
            .ok_or(AwsError::NoRegion)?;
        let bundle = match variable("AWS_CA_BUNDLE") {
            Some(path) => Some(("AWS_CA_BUNDLE", PathBuf::from(path))),
            None => of_profile("ca_bundle").map(|path| ("ca_bundle", PathBuf::from(path))),
        };
        let http = http::client(bundle.as_ref().map(|(setting, path)| (*setting, path.as_path())))?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        // It looks ten times a second whether bytes flow, and so wakes a console that only waits; these
        // calls are small, and the time limits above end those that hang.
        let unwatched = StalledStreamProtectionConfig::disabled();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .timeout_config(timeouts)
            .stalled_stream_protection(unwatched)
            .region(Region::new(region.clone()));
        if let Some(name) = &asked.profile {
            // By its name alone the SDK would still take keys out of the environment first.
            let context =
                ProviderConfig::default().with_http_client(http).with_region(Some(Region::new(region)));
            let provider =
                ProfileFileCredentialsProvider::builder().profile_name(name).configure(&context).build();
            loader = loader.profile_name(name).credentials_provider(provider);
        }
        // Keys in the environment come before the profile, unless it was asked for by its name.
        let is_of_profile = asked.profile.is_some() || variable("AWS_ACCESS_KEY_ID").is_none();
        let chosen = profiles.get_profile(profiles.selected_profile()).filter(|_| is_of_profile);
        if let Some(process) = chosen.and_then(CredentialProcess::of) {
            let patient = IdentityCache::lazy().load_timeout(ATTEMPT).build();
            loader = loader.credentials_provider(process).identity_cache(patient);
        }
        let config = loader.load().await;
        // A variable that names the endpoint is meant for this.
        let is_said = config.endpoint_url().is_some() || variable("AWS_ENDPOINT_URL_SQS").is_some();
        let queue_endpoint = url.filter(|_| !is_said).and_then(|url| url.endpoint());
        let profile = asked.profile.clone().or_else(|| variable("AWS_PROFILE"));
        Ok(Self { config, profile, queue_endpoint })
    }

    /// The same in another region.
    pub(crate) fn in_region(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }

    pub(crate) fn region(&self) -> &str {
        self.config.region().map_or("", |region| region.as_ref())
    }

    /// A client for the queue, which asks the host that its URL names.
    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        let mut config = aws_sdk_sqs::config::Builder::from(&self.config);
        if let Some(endpoint) = &self.queue_endpoint {
            config = config.endpoint_url(endpoint);
        }
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config)
    }

    /// The host that is asked for the queue, as far as it is known.
    pub(crate) fn host(&self, queue_url: &str) -> Option<String> {
        let endpoint = self.queue_endpoint.as_deref().or_else(|| self.config.endpoint_url());
        QueueUrl::read(endpoint.unwrap_or(queue_url)).map(|url| url.host().to_owned())
    }

    /// A way to a server on this machine, for tests.
    #[cfg(test)]
    pub(crate) fn plain(endpoint: &str) -> Self {
        Self { config: http::plain(endpoint), profile: None, queue_endpoint: None }
    }
}

/// The profiles of AWS's configuration files, with the one chosen that is asked for, by flag or by
/// `AWS_PROFILE`; an error where that one is not there.
async fn profiles(asked: Option<&str>) -> Result<ProfileSet, AwsError> {
    let files = EnvConfigFiles::default();
    let set = profile::load(&Fs::real(), &Env::real(), &files, asked.map(|name| name.to_owned().into()))
        .await
        .map_err(|error| AwsError::Files(aws_sdk_sqs::error::DisplayErrorContext(&error).to_string()))?;
    let by_variable = std::env::var("AWS_PROFILE").ok().filter(|name| !name.trim().is_empty());
    let (name, asked) = match (asked, by_variable) {
        (Some(name), _) => (name.to_owned(), "--profile (or SENTINEL_PROFILE)"),
        (None, Some(name)) => (name, "AWS_PROFILE"),
        (None, None) => return Ok(set),
    };
    if set.get_profile(&name).is_some() {
        return Ok(set);
    }
    let mut known: Vec<&str> = set.profiles().collect();
    known.sort_unstable();
    let more = known.len().saturating_sub(NAMED);
    let named = known.iter().take(NAMED).map(|name| SafeText::new(name).to_string()).collect::<Vec<_>>();
    let known = match (named.is_empty(), more) {
        (true, _) => "No profiles found".to_owned(),
        (false, 0) => format!("Known profiles: {}", named.join(", ")),
        (false, more) => format!("Known profiles: {} and {more} more", named.join(", ")),
    };
    let variable = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    let files = format!(
        "{}, {}",
        variable("AWS_CONFIG_FILE", "~/.aws/config"),
        variable("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    );
    let files = SafeText::new(&files).to_string();
    Err(AwsError::Profile { name: SafeText::new(&name), files, asked, known })
}
