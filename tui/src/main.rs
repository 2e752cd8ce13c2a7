//! `sentinel-tui`: IAM Sentinel's console. The program at a glance; each part is its own module.
//!
//! ```text
//!  source (SQS, demo) ──► store (SQLite) ──► app::update ──► view ──► terminal::frame
//!  keys ──► keymap ──► Action ─────────────────┘   └──► Effect ──► app::run
//! ```

mod app;
mod cli;
mod keymap;
mod log;
mod source;
mod store;
mod terminal;
mod view;
mod widget;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let queue_url = cli.queue_url.clone().filter(|url| !url.trim().is_empty());
    let source = match (&cli.command, queue_url) {
        (Some(Command::Demo), _) => source::Source::Demo,
        (None, Some(queue_url)) => {
            source::Source::Sqs { queue_url, profile: cli.profile.clone(), region: cli.region.clone() }
        }
        (None, None) => {
            // Nothing to do about a closed standard error.
            let _ = io::stderr().write_all(cli::THREE_WAYS.as_bytes());
            return ExitCode::from(2);
        }
    };
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        eprintln!("sentinel-tui draws a screen, and needs a terminal for input and output.");
        return ExitCode::from(2);
    }
    match app::start(source, cli.db.as_deref()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("sentinel-tui: {error}");
            ExitCode::FAILURE
        }
    }
}
