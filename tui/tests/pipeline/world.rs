//! All that is there for one run: the emulated AWS with what Terraform made in it, the Slack, and
//! the console.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::json;

use crate::aws::Emulator;
use crate::console::Console;
use crate::files::{self, Tools};
use crate::slack::Slack;
use crate::terraform::{self, Deployment};

pub(crate) struct World {
    pub(crate) slack: Slack,
    pub(crate) aws: Emulator,
    pub(crate) deployed: Deployment,
    pub(crate) console: Console,
    folder: PathBuf,
    command: String,
}

impl World {
    /// Number of posts that Slack has accepted, once all that is under way has come.
    pub(crate) fn posts(&self) -> usize {
        self.aws.wait_until_empty("iam-sentinel-slack");
        self.slack.count()
    }

    /// Deploys it all, and starts the console by the command that Terraform says.
    pub(crate) fn new() -> Option<Self> {
        let tools = Tools::find()?;
        let folder = files::fresh_folder();
        let slack = Slack::start();
        let aws = Emulator::start(&tools, &folder);
        let package = aws.package(&files::detector(), &folder);

        // Terraform makes everything; a second plan finds nothing to do; the secret is nowhere.
        let deployed = Deployment::apply(&tools, &folder, &aws, &package);
        deployed.assert_clean();
        deployed.assert_nowhere(terraform::WEBHOOK_SECRET);

        // The webhook is rotated as the documents say: by a new value, without a deploy.
        let parameter = json!({"Name": deployed.output("slack_webhook_parameter"), "Value": slack.webhook(),
            "Type": "SecureString", "Overwrite": true});
        aws.call("ssm", "put_parameter", &parameter);

        let command = deployed.output("consoles")["oncall"].as_str().unwrap().to_owned();
        let console = Console::start(&command, &aws, &folder, "oncall");
        console.wait_for("it is live", |screen| screen.contains("● live"));
        Some(Self { slack, aws, deployed, console, folder, command })
    }

    /// Ends the console and starts it once more.
    pub(crate) fn restart_console(&mut self) {
        self.end_console();
        self.console = Console::start(&self.command, &self.aws, &self.folder, "oncall");
    }

    /// Starts the console of somebody else, on another queue and with another database.
    pub(crate) fn console_of(&self, name: &str) -> Console {
        let command = self.deployed.output("consoles")[name].as_str().unwrap().to_owned();
        Console::start(&command, &self.aws, &self.folder, name)
    }

    /// Leaves the console, when all that came by its queue is out of the queue. A command that has ended
    /// may have left a receive behind, to which moto still gives a message: it is visible again after the
    /// queue's minute.
    pub(crate) fn end_console(&mut self) {
        self.aws.wait_until_empty("iam-sentinel-console-oncall");
        self.console.keys("q");
        self.console.wait_for_end(0);
    }

    /// Runs a subcommand with the console's own settings: what it said, and its exit code.
    pub(crate) fn sentinel(&self, arguments: &[&str]) -> (String, i32) {
        let mut command = Command::new(files::console());
        command.args(arguments).args(self.command.split_whitespace().skip(1));
        command.env("XDG_STATE_HOME", self.folder.join("state-oncall")).envs(self.aws.environment());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (text, status.code().unwrap_or(-1))
    }
}
