//! `sentinel-tui rules`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

const RULES_EXAMPLES: &str = "\
Examples:
  sentinel-tui rules                      every rule: level, id, title, events
  sentinel-tui rules list critical trail  those with both words in them
  sentinel-tui rules show 1ea125aa        one of them, whole
  sentinel-tui rules check my-rules       reads rules of your own as the detector does, and runs their tests

A folder of rules holds Sigma rules (*.yml), their tests beside them (NAME.test.yml), exceptions (Sigma \
filters with owner, reason and expires), and watched.yml, lists of names that you watch.";

/// Arguments of `rules`.
#[derive(Debug, Args)]
#[command(after_help = RULES_EXAMPLES)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) command: Option<RulesCommand>,
}

/// Commands of `rules`.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// One line a rule: level, id, title, events.
    List {
        /// Only rules with all of these words in id, level, title, events, tags or file.
        #[arg(value_name = "WORD")]
        words: Vec<String>,
    },
    /// All that a rule says.
    Show {
        /// The rule's id, or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Read a folder of rules as the detector does, and run the tests beside them.
    Check {
        /// The folder, or one file.
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// The EventBridge patterns that deliver what the built-in rules need, as JSON.
    EventPatterns,
}
