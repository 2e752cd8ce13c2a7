//! `terraform/`, applied.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

use crate::aws::Emulator;
use crate::files::{Tools, run};

/// The secret part of the webhook that Terraform is given.
pub(crate) const WEBHOOK_SECRET: &str = "NeverToBeSeenAnywhere";

pub(crate) struct Deployment {
    terraform: PathBuf,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    outputs: Value,
}

impl Deployment {
    pub(crate) fn apply(tools: &Tools, run_folder: &Path, aws: &Emulator, package: &Path) -> Self {
        let folder = run_folder.join("terraform");
        fs::create_dir_all(&folder).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terraform");
        for entry in fs::read_dir(source).unwrap() {
            let file = entry.unwrap().path();
            if file
                .extension()
                .is_some_and(|ending| ["tf", "json", "tftpl"].iter().any(|kept| ending == *kept))
            {
                fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
            }
        }
        let webhook = format!("https://hooks.slack.com/services/T000/B000/{WEBHOOK_SECRET}");
        let mut environment: Vec<(String, String)> =
            aws.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        environment.extend([
            ("TF_CLI_CONFIG_FILE".to_owned(), cli_config(run_folder).display().to_string()),
            ("TF_IN_AUTOMATION".to_owned(), "1".to_owned()),
            ("TF_VAR_lambda_zip".to_owned(), package.display().to_string()),
            ("TF_VAR_slack_webhook_url".to_owned(), webhook),
            ("TF_VAR_consoles".to_owned(), r#"["oncall", "lead"]"#.to_owned()),
            ("TF_VAR_slack_webhook_version".to_owned(), "1".to_owned()),
        ]);
        let terraform = tools.terraform.clone();
        let mut deployment = Self { terraform, folder, environment, outputs: Value::Null };
        deployment.run(&["init", "-input=false"]);
        deployment.run(&["apply", "-input=false", "-auto-approve"]);
        deployment.outputs = serde_json::from_str(&deployment.run(&["output", "-json"])).unwrap();
        deployment
    }

    /// A second plan that finds a difference exits with 2.
    pub(crate) fn assert_clean(&self) {
        self.run(&["plan", "-input=false", "-detailed-exitcode", "-out=second.tfplan"]);
    }

    /// The secret is in no state and no plan.
    pub(crate) fn assert_nowhere(&self, secret: &str) {
        let state = fs::read_to_string(self.folder.join("terraform.tfstate")).unwrap();
        assert!(state.contains("slack-webhook") && !state.contains(secret));
        let plan = self.run(&["show", "-json", "second.tfplan"]);
        assert!(plan.contains("slack-webhook") && !plan.contains(secret));
    }

    pub(crate) fn output(&self, name: &str) -> Value {
        self.outputs[name]["value"].clone()
    }

    /// Applies with event patterns that differ, as those of a later version do: a call has moved from one to
    /// another. Each resource that was made or is being destroyed comes back, in that order.
    pub(crate) fn apply_other_patterns(&self) -> Vec<(String, bool)> {
        let file = self.folder.join("event_patterns.json");
        let mut patterns: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let moved = patterns[0]["pattern"]["detail"]["eventName"].as_array_mut().unwrap().pop().unwrap();
        let fits =
            patterns.iter().rposition(|rule| rule["state"] == "ENABLED" && rule.to_string().len() < 2_000);
        patterns[fits.unwrap()]["pattern"]["detail"]["eventName"].as_array_mut().unwrap().push(moved);
        fs::write(&file, serde_json::to_string(&patterns).unwrap()).unwrap();
        let said = self.run(&["apply", "-input=false", "-auto-approve"]);
        let step = |line: &str| {
            let (name, what) = line.split_once(": ")?;
            let name = name.split(' ').next()?.to_owned();
            if what.starts_with("Creation complete") {
                return Some((name, true));
            }
            what.starts_with("Destroying...").then_some((name, false))
        };
        said.lines().filter_map(step).collect()
    }

    pub(crate) fn destroy(&self) {
        self.run(&["destroy", "-input=false", "-auto-approve"]);
        let state: Value =
            serde_json::from_str(&fs::read_to_string(self.folder.join("terraform.tfstate")).unwrap())
                .unwrap();
        assert_eq!(state["resources"], serde_json::json!([]));
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.terraform);
        command.current_dir(&self.folder).args(arguments).arg("-no-color");
        if arguments[0] == "output" || arguments[0] == "show" {
            command = Command::new(&self.terraform);
            command.current_dir(&self.folder).args(arguments);
        }
        run(command.envs(self.environment.iter().cloned()))
    }
}

/// Terraform's own settings: a local mirror of the provider where there is one, else the registry.
fn cli_config(folder: &Path) -> PathBuf {
    let file = folder.join("terraform.rc");
    let text = match mirror() {
        Some(mirror) => format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n    include = [\"registry.terraform.io/*/*\"]\n  }}\n}}\ndisable_checkpoint = true\n",
            mirror.display().to_string()
        ),
        None => "disable_checkpoint = true\n".to_owned(),
    };
    fs::write(&file, text).unwrap();
    file
}

/// The folder that holds a folder `registry.terraform.io`, under the usual roots.
fn mirror() -> Option<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let mut roots: Vec<PathBuf> = home
        .into_iter()
        .flat_map(|home| [home.join(".terraform.d/plugins"), home.join(".local/share/terraform/plugins")])
        .collect();
    roots.extend(["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"].map(PathBuf::from));
    // Machines that come with a mirror have it in a folder of its own under /opt.
    roots.extend(fs::read_dir("/opt").into_iter().flatten().flatten().map(|entry| entry.path()));
    roots.into_iter().find(|root| root.join("registry.terraform.io").is_dir())
}
