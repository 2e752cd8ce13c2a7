//! The user's own command for notifications: it gets the alerts on standard input, one a line, as
//! JSON, and alarms of the pipeline as `tail --json` writes them. It runs beside the console, one at a time, and can neither draw nor read keys.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::{Mutex, mpsc};

use crate::app::msg::Msg;
use crate::app::notifications::Notification;
use crate::child::Group;
use crate::model::Content;
use crate::output::{self, OutputFormat};
use crate::store::Store;

/// A command that takes longer is ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the command.
#[derive(Clone)]
pub(crate) struct NotifyCommand {
    command: Arc<str>,
    /// Held while it runs.
    running: Arc<Mutex<()>>,
}

impl NotifyCommand {
    pub(crate) fn new(command: &str) -> Self {
        Self { command: command.into(), running: Arc::default() }
    }

    /// Starts it for what a notification tells of; what goes wrong is said in the console.
    pub(crate) fn start(&self, note: Notification, store: Store, app: mpsc::Sender<Msg>) {
        let this = self.clone();
        tokio::spawn(async move {
            let Err(why) = this.run(&note, &store).await else { return };
            tracing::warn!(alerts = note.alerts.len(), "the notify command: {why}");
            // The console may have ended meanwhile.
            drop(app.send(Msg::Passing(format!("the notify command {why}"))).await);
        });
    }

    async fn run(&self, note: &Notification, store: &Store) -> Result<(), String> {
        let Ok(_running) = self.running.try_lock() else {
            return Err("is still running and did not get the newest alerts".to_owned());
        };
        let mut lines = String::new();
        for id in &note.alerts {
            if let Ok(Some(Content::Alert(alert))) = store.load(id.clone()).await {
                lines.push_str(&serde_json::to_string(&alert).map_err(|error| error.to_string())?);
                lines.push('\n');
            }
        }
        for alarm in &note.alarms {
            let mut line = Vec::new();
            output::alarm(&mut line, OutputFormat::Json, alarm).map_err(|error| error.to_string())?;
            lines.push_str(&String::from_utf8_lossy(&line));
        }
        let mut command = Command::new("sh");
        command.arg("-c").arg(&*self.command);
        // Nothing that it writes may get to the screen.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut group = Group::spawn(&mut command).map_err(|error| format!("failed to start: {error}"))?;
        let child = group.child();
        let mut input = child.stdin.take();
        let fed = async {
            if let Some(input) = &mut input {
                // It need not read all of it.
                let _ = input.write_all(lines.as_bytes()).await;
            }
            drop(input);
            child.wait().await
        };
        match tokio::time::timeout(PATIENCE, fed).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(failed(status)),
            Ok(Err(error)) => Err(format!("failed: {error}")),
            Err(_) => Err(format!("timed out after {} s and was killed", PATIENCE.as_secs())),
        }
    }
}

fn failed(status: ExitStatus) -> String {
    status
        .code()
        .map_or_else(|| "was killed by a signal".to_owned(), |code| format!("failed with exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use detector::{AlertId, SafeText};

    async fn run(command: &str) -> Result<(), String> {
        let (app, _inbox) = mpsc::channel(16);
        let store = Store::open(None, crate::store::Retention::new(400, 8_192), app).unwrap();
        store.insert(vec![alert("one", 1), alert("two", 2)]).await.unwrap();
        let alerts = ["one", "two", "gone"].map(|id| AlertId(id.into())).to_vec();
        let alarms = vec![crate::model::testing::alarm("slack-late", detector::health::State::Alarm, 1)];
        NotifyCommand::new(command)
            .run(&Notification { text: SafeText::default(), alerts, alarms }, &store)
            .await
    }

    #[tokio::test]
    async fn the_command_gets_the_alerts_on_standard_input() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("input");
        run(&format!("cat > '{}'; echo 'not on the screen'", file.display())).await.unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let alarm = lines.pop().unwrap();
        assert_eq!((&alarm["kind"], &alarm["alarm"]), (&"health".into(), &"slack-late".into()));
        let alerts = lines.into_iter().map(|line| serde_json::from_value::<detector::Alert>(line).unwrap());
        assert_eq!(alerts.map(|alert| alert.id.0).collect::<Vec<_>>(), ["one", "two"]);
    }

    #[tokio::test]
    async fn a_command_that_fails_or_reads_nothing_holds_nobody_up() {
        assert_eq!(run("exit 3").await, Err("failed with exit code 3".to_owned()));
        assert_eq!(run("true").await, Ok(()));
    }
}
