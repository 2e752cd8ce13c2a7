//! The command of a profile's `credential_process`, with a limit on its time and on its output. The SDK's own provider
//! has neither: a command that hangs is started anew with each try, and one that writes without end fills the memory.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use aws_config::profile::Profile;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::child::Group;

/// Longest wait for the command: it may ask somebody for a code. Shorter than a try of a call.
const PATIENCE: Duration = Duration::from_secs(25);
/// Bytes of the longest answer; credentials have some two kilobytes.
const LONGEST: u64 = 64 * 1024;
/// Keys of a profile whose credentials come in another way, which the SDK takes first.
const OTHERS: [&str; 5] =
    ["role_arn", "sso_session", "sso_start_url", "web_identity_token_file", "aws_access_key_id"];

/// Runs the command, one at a time.
#[derive(Debug)]
pub(super) struct CredentialProcess {
    command: String,
    patience: Duration,
    running: Mutex<()>,
}

impl CredentialProcess {
    /// Returns the command of a profile; `None` where its credentials come in another way.
    pub(super) fn of(profile: &Profile) -> Option<Self> {
        let command = profile.get("credential_process").filter(|command| !command.trim().is_empty())?;
        let is_other = OTHERS.iter().any(|key| profile.get(key).is_some());
        (!is_other).then(|| Self {
            command: command.to_owned(),
            patience: PATIENCE,
            running: Mutex::default(),
        })
    }

    async fn run(&self) -> provider::Result {
        let _running = self.running.lock().await;
        let (shell, flag) = if cfg!(windows) { ("cmd.exe", "/C") } else { ("sh", "-c") };
        let mut command = Command::new(shell);
        command
            .arg(flag)
            .arg(&self.command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let ended = tokio::time::timeout(self.patience, outcome(&mut command)).await;
        let why = match ended {
            Ok(Ok(credentials)) => return Ok(credentials),
            Ok(Err(why)) => why,
            Err(_) => format!("did not answer within {} s", self.patience.as_secs()),
        };
        Err(CredentialsError::provider_error(format!("credential_process {why}; run the command by hand")))
    }
}

/// Runs a command, and reads the credentials that it writes. Fails in words.
async fn outcome(command: &mut Command) -> Result<Credentials, String> {
    let mut group = Group::spawn(command).map_err(|error| format!("can't be started: {error}"))?;
    let child = group.child();
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    // An answer that is too long is not waited for to its end.
    let (out, said) = tokio::try_join!(text(out), text(errors))?;
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("failed ({status}): {}", said.lines().next_back().unwrap_or("no message")));
    }
    credentials(&out)
}

/// Reads the command's answer; its keys in any case, as the SDK does.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
fn credentials(answer: &str) -> Result<Credentials, String> {
    let answer: Map<String, Value> =
        serde_json::from_str(answer).map_err(|error| format!("wrote no credentials: {error}"))?;
    let value =
        |name: &str| answer.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let text = |name: &str| value(name).and_then(Value::as_str).map(str::to_owned);
    match value("Version") {
        Some(version) if version == 1 => {}
        version => return Err(format!("wrote version {}, not 1", version.unwrap_or(&Value::Null))),
    }
    let wanted = |name: &str| text(name).ok_or_else(|| format!("wrote no credentials: no {name}"));
    let expiration = text("Expiration").and_then(|time| moment(time.parse().ok()?));
    Ok(Credentials::new(
        wanted("AccessKeyId")?,
        wanted("SecretAccessKey")?,
        text("SessionToken"),
        expiration,
        "credential_process",
    ))
}

/// Returns a time as the SDK takes it.
fn moment(time: Timestamp) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(time.as_second()).ok()?))
}

/// Reads a command's output, of a bounded length.
async fn text(output: Option<impl AsyncRead + Unpin>) -> Result<String, String> {
    let mut bytes = Vec::new();
    if let Some(output) = output {
        output.take(LONGEST + 1).read_to_end(&mut bytes).await.map_err(|error| error.to_string())?;
    }
    if bytes.len() as u64 > LONGEST {
        return Err(format!("wrote more than {} KiB", LONGEST / 1024));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl ProvideCredentials for CredentialProcess {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.run())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn run(command: &str, patience: Duration) -> Result<Credentials, String> {
        let process = CredentialProcess { command: command.to_owned(), patience, running: Mutex::default() };
        process.run().await.map_err(|error| aws_sdk_sqs::error::DisplayErrorContext(error).to_string())
    }

    #[tokio::test]
    async fn the_command_s_credentials_are_taken_and_what_goes_wrong_is_said() {
        let answer = r#"{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-11-30T10:00:00Z"}"#;
        let small = answer.replace("AccessKeyId", "accesskeyid");
        assert_eq!(run(&format!("echo '{small}'"), PATIENCE).await.unwrap().access_key_id(), "AKIA");
        let found = run(&format!("echo '{answer}'"), PATIENCE).await.unwrap();
        assert_eq!((found.access_key_id(), found.session_token()), ("AKIA", Some("t")));
        assert!(found.expiry().is_some());
        for (command, words) in [
            ("echo no session >&2; exit 3", "no session"),
            ("echo hello", "wrote no credentials"),
            (r#"echo '{"Version":2,"AccessKeyId":"a","SecretAccessKey":"s"}'"#, "wrote version 2, not 1"),
            ("yes", "wrote more than 64 KiB"),
            ("yes >&2", "wrote more than 64 KiB"),
        ] {
            let why = run(command, PATIENCE).await.unwrap_err();
            assert!(why.contains(words) && why.contains("run the command by hand"), "{command}: {why}");
        }
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_ended_with_all_that_it_started() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("pid");
        let command = format!("sh -c 'echo $$ > {}; sleep 1000; true'; true", file.display());
        let why = run(&command, Duration::from_secs(2)).await.unwrap_err();
        assert!(why.contains("did not answer within 2 s"), "{why}");
        let inner: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        let inner = rustix::process::Pid::from_raw(inner).unwrap();
        while rustix::process::test_kill_process(inner).is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
