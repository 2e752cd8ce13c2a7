//! Help of a subcommand: its own options and the settings that it uses. `sentinel-tui --help` has all of them.

use clap::{Arg, Command};

/// Heading of the settings of the console's screen (`settings.rs`).
const SCREEN: &str = "Screen";
/// Heading of the other settings (`cli/mod.rs`).
const SETTINGS: &str = "Settings";
const MORE: &str = "All settings: sentinel-tui --help";

/// Hides in each subcommand's help the settings that the subcommand does not use. They stay valid there, so
/// that the same options go before and behind any subcommand.
pub(crate) fn for_subcommands(mut command: Command) -> Command {
    // Subcommands get their copies of the global options here.
    command.build();
    command.mut_subcommands(|subcommand| match subcommand.get_name().to_owned() {
        name if name == "help" => subcommand,
        name => trimmed(subcommand, &name),
    })
}

/// Trims the help of a subcommand and of the commands below it.
fn trimmed(command: Command, name: &str) -> Command {
    let examples = command.get_after_help().map(|help| format!("{help}\n\n")).unwrap_or_default();
    command
        .mut_args(|arg| if is_used(name, &arg) { arg } else { arg.hide(true) })
        .after_help(examples + MORE)
        .mut_subcommands(|below| trimmed(below, name))
}

/// True for an option that is the subcommand's own, or a setting that it uses.
fn is_used(subcommand: &str, arg: &Arg) -> bool {
    let used: &[&str] = match subcommand {
        "demo" => &["rules", "log"],
        "replay" => &["db", "rules", "log"],
        "rules" => &["rules"],
        "export" => &["db"],
        "incidents" => &["db", "rules"],
        "tail" => &[
            "queue_url",
            "topic_arn",
            "probe_every",
            "db",
            "profile",
            "region",
            "rules",
            "log",
            "keep_days",
            "keep_size",
        ],
        "test-alert" | "backfill" => &["queue_url", "topic_arn", "db", "profile", "region", "rules", "log"],
        "redrive" => &["queue_url", "topic_arn", "profile", "region", "log"],
        "doctor" => return true,
        _ => &[],
    };
    match arg.get_help_heading() {
        Some(SCREEN) => matches!(subcommand, "demo" | "replay"),
        Some(SETTINGS) => arg.get_id() == "config" || used.iter().any(|id| arg.get_id() == *id),
        _ => true,
    }
}
