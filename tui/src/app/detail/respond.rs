//! The Respond tab: what the rules say to do, and commands for it. Only ever copied, never run.

use detector::Alert;

use crate::app::detail::page::Page;
use crate::respond;

/// The response steps of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The rule's title.
    pub(crate) rule: String,
    pub(crate) steps: Vec<String>,
}

/// `steps` is none while the rules are being read.
pub(super) fn lay_out(page: &mut Page, alert: &Alert, steps: Option<&[Steps]>) {
    page.summary("y copies the line under the cursor. Nothing is run from here.");
    match steps {
        None => page.heading("reading the rules …"),
        Some([]) => {
            page.heading("What to do");
            page.text(
                "The rules of this alert are not among the built-in ones, so their steps are not known here.",
            );
        }
        Some(rules) => {
            for rule in rules {
                page.heading(&format!("What to do: {}", rule.rule));
                for (at, step) in rule.steps.iter().enumerate() {
                    page.text(&format!("{}. {step}", at + 1));
                }
            }
        }
    }
    let account =
        alert.account.as_deref().map(|account| format!(", in account {account}")).unwrap_or_default();
    page.heading(&format!("Investigate (read-only){account}"));
    for command in respond::look_ups(alert) {
        page.text(command.why);
        page.command(&command);
    }
    let contain = respond::containment(alert);
    if !contain.is_empty() {
        page.heading(&format!("Contain (modifies the account){account}"));
    }
    for command in contain {
        page.warning(&format!("contains: {}", command.why));
        page.command(&command);
    }
}
