//! `sentinel-tui rules`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

const RULES_EXAMPLES: &str = "\
Examples:
  sentinel-tui rules                      list all rules: level, ID, title, events
  sentinel-tui rules list critical trail  list rules containing both words
  sentinel-tui rules show 1ea125aa        show one rule
  sentinel-tui rules check my-rules       validate custom rules and run their tests

A rules folder contains Sigma rules (*.yml), their tests (NAME.test.yml), exceptions (Sigma filters with owner, \
reason and expires), and watched.yml, your watchlists.";

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
    /// List rules, one per line: level, ID, title, events.
    List {
        /// Only rules with all of these words in ID, level, title, events, tags or file.
        #[arg(value_name = "WORD")]
        words: Vec<String>,
    },
    /// Show a rule in full.
    Show {
        /// Rule ID or its prefix.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Validate a folder of rules and run their tests.
    Check {
        /// Folder or file.
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Print the EventBridge patterns for the built-in rules, as JSON.
    EventPatterns,
}
