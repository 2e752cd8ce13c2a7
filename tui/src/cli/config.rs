//! `sentinel-tui config`.

use clap::{Args, Subcommand};

const CONFIG_EXAMPLES: &str = "\
Examples:
  sentinel-tui config init               create the file, all settings commented out
  sentinel-tui config show --origin      show effective values and their source
  sentinel-tui config schema > sentinel-tui.schema.json     for your editor

The file is TOML; settings are named like their flags. Precedence: flag, environment, file. Paths in the \
file may start with ~/; other paths are relative to the file's folder.";

/// Arguments of `config`.
#[derive(Debug, Args)]
#[command(after_help = CONFIG_EXAMPLES)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

/// Commands of `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Create a configuration file with all settings commented out; never overwrites.
    Init {
        /// Print it instead.
        #[arg(long)]
        print: bool,
    },
    /// Show effective values, as TOML.
    Show {
        /// Show the source of each value: flag, environment, file and line, or default.
        #[arg(long)]
        origin: bool,
    },
    /// Print the JSON schema of the file, for editors.
    Schema,
}
