//! `sentinel-tui`: IAM Sentinel's console. The program at a glance; each part is its own module.
//!
//! ```text
//!  source (SQS, replay, demo) ──► store (SQLite) ──► app::update ──► view ──► terminal::frame
//!  keys ──► keymap ──► Action ─────────────────┘   └──► Effect ──► app::run
//! ```

mod app;
mod cli;
mod headless;
mod keymap;
mod log;
mod rules;
mod source;
mod store;
mod terminal;
mod view;
mod widget;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::source::replay::{self, Wanted};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let queue_url = cli.queue_url.clone().filter(|url| !url.trim().is_empty());
    let source = match (cli.command, queue_url) {
        (Some(Command::Demo), _) => source::Source::Demo,
        (Some(Command::Replay(options)), _) => {
            let json = options.json;
            match request(options) {
                Err(error) => return failed(&error),
                Ok(request) if json => return headless(request),
                Ok(request) => source::Source::Replay(request),
            }
        }
        (None, Some(queue_url)) => {
            source::Source::Sqs { queue_url, profile: cli.profile, region: cli.region }
        }
        (None, None) => {
            // Nothing to do about a closed standard error.
            let _ = io::stderr().write_all(cli::WAYS.as_bytes());
            return ExitCode::from(2);
        }
    };
    // Keys are read from the terminal itself where records come from standard input.
    let reads_records = matches!(&source, source::Source::Replay(request)
        if request.paths.iter().any(|path| replay::is_standard_input(path)));
    if !io::stdout().is_terminal() || !(reads_records || io::stdin().is_terminal()) {
        eprintln!("sentinel-tui draws a screen, and needs a terminal for input and output.");
        if matches!(source, source::Source::Replay(_)) {
            eprintln!("sentinel-tui replay --json needs none.");
        }
        return ExitCode::from(2);
    }
    match app::start(source, cli.db.as_deref()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => failed(&error),
    }
}

fn request(options: cli::Replay) -> Result<replay::Request, rules::RulesError> {
    Ok(replay::Request {
        paths: options.paths,
        wanted: Wanted {
            since: options.since.map(|moment| moment.0),
            until: options.until.map(|moment| moment.0),
            severity: options.min_severity,
        },
        watched: !options.json || io::stderr().is_terminal(),
        detector: Arc::new(rules::detector(options.rules.as_deref())?),
    })
}

fn headless(request: replay::Request) -> ExitCode {
    match headless::replay(request) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read the alerts has read enough: `| head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(&format_args!("the alerts can't be written to standard output: {error}")),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("sentinel-tui: {error}");
    ExitCode::FAILURE
}
