//! `sentinel-tui config`.

use clap::{Args, Subcommand};

const CONFIG_EXAMPLES: &str = "\
Examples:
  sentinel-tui config init               writes the file, every setting commented out
  sentinel-tui config show --origin      what holds, and who said so
  sentinel-tui config schema > sentinel-tui.schema.json     for your editor

The file is TOML; a setting's name is that of its flag. A flag beats the environment, the environment \
beats the file. Paths in the file may begin with ~/, and else are relative to the file's folder.";

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
    /// Write a configuration file with every setting commented out; one that is there stays.
    Init {
        /// Write it to standard output instead.
        #[arg(long)]
        print: bool,
    },
    /// What holds now, as TOML.
    Show {
        /// Say of each setting who said so: flag, environment, file and line, or nobody.
        #[arg(long)]
        origin: bool,
    },
    /// The JSON schema of the file, for editors.
    Schema,
}
