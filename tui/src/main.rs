//! `sentinel-tui`: IAM Sentinel's console. The program at a glance; each part is its own module.
//!
//! ```text
//!  source (SQS, replay, demo) ──► store (SQLite) ──► app::update ──► view ──► terminal::frame
//!  keys ──► keymap ──► Action ─────────────────┘   └──► Effect ──► app::run
//! ```

mod app;
mod cli;
mod filter;
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
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use detector::Detector;

use crate::cli::{Cli, Command};
use crate::source::replay::{self, Wanted};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let queue_url = cli.queue_url.clone().filter(|url| !url.trim().is_empty());
    let source = match (cli.command, queue_url) {
        (Some(Command::Rules(command)), _) => return written(rules::run(command)),
        (Some(Command::Demo { rules }), _) => match detector(rules.as_deref()) {
            Ok(detector) => source::Source::Demo(detector),
            Err(error) => return failed(&error),
        },
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
    match app::start(source, cli.db.as_deref(), store::Keep::new(cli.keep_days, cli.keep_size)) {
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
            filter: options.filter,
        },
        detector: detector(options.rules.as_deref())?,
    })
}

/// The detector that goes by these rules; what can't be used of them is said before there is a screen.
fn detector(rules: Option<&Path>) -> Result<Arc<Detector>, rules::RulesError> {
    let (detector, words) = rules::detector(rules)?;
    for word in words {
        eprintln!("sentinel-tui: {word}");
    }
    Ok(Arc::new(detector))
}

fn headless(request: replay::Request) -> ExitCode {
    written(headless::replay(request))
}

/// The exit code of what was written to standard output.
fn written(result: io::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read the alerts has read enough: `| head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(&format_args!("standard output can't be written: {error}")),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("sentinel-tui: {error}");
    ExitCode::FAILURE
}
