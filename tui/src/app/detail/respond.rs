//! The Respond tab: the rules' response steps, and numbered commands, for the event, the target and the actor. Only ever
//! copied, never run.

use detector::Alert;

use crate::app::detail::page::Page;
use crate::respond::{self, About, Command};

/// The response steps of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The rule's title.
    pub(crate) rule: String,
    pub(crate) steps: Vec<String>,
}

/// `steps` is none while the rules are being read.
pub(super) fn lay_out(page: &mut Page, alert: &Alert, steps: Option<&[Steps]>) {
    match steps {
        None => page.heading("Reading the rules…"),
        Some([]) => {
            page.heading("Response");
            page.text("No built-in rule, so no response steps are known.");
        }
        Some(rules) => {
            for rule in rules {
                page.heading(&format!("Response: {}", rule.rule));
                for (at, step) in rule.steps.iter().enumerate() {
                    page.text(&format!("{}. {step}", at + 1));
                }
            }
        }
    }
    let account = alert.account.as_deref().map(|account| format!(" · account {account}")).unwrap_or_default();
    let (look_ups, containment) = (respond::look_ups(alert), respond::containment(alert));
    page.heading(&format!("INVESTIGATE (read-only){account}"));
    commands(page, alert, &look_ups, 1);
    if !containment.is_empty() {
        page.heading(&format!("CONTAIN (modifies the account){account}"));
        commands(page, alert, &containment, look_ups.len() + 1);
    }
}

/// Adds commands, numbered from `first` on, under a heading for each thing that they are about.
fn commands(page: &mut Page, alert: &Alert, commands: &[Command], first: usize) {
    let mut about = None;
    for (at, command) in commands.iter().enumerate() {
        if about.replace(command.about) != Some(command.about) {
            page.about(&name(alert, command.about));
        }
        if first + at == 1 {
            page.start_here();
        }
        page.command(first + at, command);
    }
}

/// `Target: role deploy`
fn name(alert: &Alert, about: About) -> String {
    let facts = alert.facts.as_ref();
    match about {
        About::Event => format!("Event: {}", alert.event),
        About::Target => match facts.and_then(|facts| facts.target.as_ref()) {
            Some(target) => format!("Target: {} {}", target.kind.label(), target.name),
            None => "Target".to_owned(),
        },
        About::Actor => match (facts, respond::access_key(alert)) {
            (Some(facts), Some(key)) => format!("Actor: {}, key {key}", facts.actor.name),
            (Some(facts), None) => format!("Actor: {}", facts.actor.name),
            (None, _) => "Actor".to_owned(),
        },
    }
}
