//! Next steps for a person on call: AWS CLI commands filled in from an alert, and links to the AWS console.
//! Everything here is text to be shown and copied; nothing is ever run.

mod cli;
mod contain;
pub(crate) mod link;
mod look_up;

use detector::Alert;

/// A command to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// Purpose of the command.
    pub(crate) why: &'static str,
    /// One line, quoted for a POSIX shell.
    pub(crate) line: String,
}

/// Commands that only read, the nearest to the alert first.
pub(crate) fn look_ups(alert: &Alert) -> Vec<Command> {
    once(look_up::commands(alert))
}

/// Commands that stop somebody or take something back. Of a call that did not work there is nothing
/// to take back.
pub(crate) fn containment(alert: &Alert) -> Vec<Command> {
    once(contain::commands(alert))
}

/// Actor and target may be the same.
fn once(commands: Vec<Option<Command>>) -> Vec<Command> {
    let mut kept: Vec<Command> = Vec::new();
    for command in commands.into_iter().flatten() {
        if !kept.iter().any(|known| known.line == command.line) {
            kept.push(command);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
