//! Next steps for a person on call: AWS CLI commands filled in from an alert, and links to the AWS console.
//! Everything here is text to be shown and copied; nothing is ever run.

mod cli;
mod contain;
pub(crate) mod link;
mod look_up;

pub(crate) use contain::made_key;
pub(crate) use look_up::access_key;

use detector::Alert;

/// Thing that a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Event,
    Target,
    Actor,
}

/// A command to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) about: About,
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

/// Names what these commands are about.
fn about(about: About, commands: Vec<Option<Command>>) -> impl Iterator<Item = Option<Command>> {
    commands.into_iter().map(move |command| command.map(|command| Command { about, ..command }))
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

/// Every command for an alert, in the order in which Respond numbers them: those that only read, then those that
/// contain.
pub(crate) fn commands(alert: &Alert) -> Vec<Command> {
    let mut commands = look_ups(alert);
    commands.extend(containment(alert));
    commands
}

/// All commands as lines of a script; those that modify the account are commented out, so that a paste runs none of
/// them.
pub(crate) fn script(alert: &Alert) -> String {
    let investigate = look_ups(alert).into_iter().map(|command| command.line + "\n");
    let contain: Vec<_> =
        containment(alert).into_iter().map(|command| format!("# {}\n", command.line)).collect();
    let head = if contain.is_empty() { "" } else { "\n# Contain (modifies the account): uncomment to run\n" };
    investigate.chain([head.to_owned()]).chain(contain).collect()
}

#[cfg(test)]
mod tests;
