//! `sentinel-tui`: IAM Sentinel's console, and its commands without a screen. ARCHITECTURE.md has the
//! rooms and the imports between them.
//!
//! ```text
//!  source (SQS, replay, demo) ──► store (SQLite) ──► app::update ──► view ──► terminal
//!  keys ──► keymap ──► Action ───────────────────────┘   └──► Effect ──► console
//! ```

mod app;
mod aws;
mod child;
mod cli;
mod commands;
mod config;
mod console;
mod export;
mod files;
mod filter;
mod format;
mod incidents;
mod keymap;
mod log;
mod model;
mod output;
mod respond;
mod settings;
mod source;
mod store;
mod terminal;
mod theme;
mod view;
mod widget;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::commands::exit::{failed, failed_usage, written};
use crate::commands::inputs;
use crate::filter::criteria::Criteria;
use crate::output::OutputFormat;
use crate::source::Source;
use crate::source::replay::{self, Unread};

/// Allocator of all Rust code, faster with many small pieces than glibc's or musl's. C libraries (SQLite, libdeflate) keep
/// libc's. docs/decisions.md has figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut configured = match config::read(std::env::args_os()) {
        Ok(configured) => configured,
        Err(error) => return failed_usage(&error),
    };
    let command = configured.cli.command.take();
    // These look at a file with mistakes, or at none.
    let forgives = matches!(
        command,
        Some(Command::Doctor | Command::Config(_) | Command::Completions { .. } | Command::Man { .. })
    );
    if !forgives && !configured.problems.is_empty() {
        for problem in &configured.problems {
            eprintln!("{problem}");
        }
        return ExitCode::from(2);
    }
    let rules = configured.cli.rules.as_deref();
    match command {
        Some(Command::Doctor) => written(commands::doctor::run(&configured)),
        Some(Command::Config(command)) => written(config::run(&command.command, &configured)),
        Some(Command::Completions { shell }) => written(cli::generated::completions(shell)),
        Some(Command::Man { dir }) => written(cli::generated::manual(dir.as_deref())),
        Some(Command::Rules(command)) => written(commands::rules::run(command, rules)),
        Some(Command::Demo) => match inputs::detector(rules) {
            Ok((detector, _)) => console(Source::Demo(detector), &configured.cli),
            Err(error) => failed(&error),
        },
        Some(Command::Replay(options)) if options.asks_for_calls() => commands::calls::run(options, rules),
        Some(Command::Replay(options)) => {
            let json = options.json;
            match commands::replay::request(options, rules) {
                Err(error) => failed(&error),
                Ok(request) if request.wanted.is_never() => failed_usage(&"--since must be before --until"),
                Ok(request) if json => written(commands::replay::replay(request, OutputFormat::Json)),
                Ok(request) => console(Source::Replay(request), &configured.cli),
            }
        }
        Some(Command::Tail(options)) => commands::tail::run(options, &configured.cli),
        Some(Command::Incidents(options)) => commands::incidents::run(&options, &configured.cli),
        Some(Command::Context(options)) => commands::context::run(&options, &configured.cli),
        Some(Command::Report(options)) => commands::incidents::report(options, &configured.cli),
        Some(Command::Export(options)) => commands::export::run(options, &configured.cli),
        Some(command @ (Command::TestAlert(_) | Command::Backfill(_) | Command::Redrive(_))) => {
            commands::operate(command, &configured.cli)
        }
        None => {
            match inputs::queue(&configured.cli) {
                Ok(Some(source)) => return console(source, &configured.cli),
                Ok(None) => {}
                Err(error) => return failed_usage(&error),
            }
            // Nothing to do about a closed standard error.
            let _ = io::stderr().write_all(cli::USAGE_HINT.as_bytes());
            ExitCode::from(2)
        }
    }
}

/// Opens the console on a source; without a terminal to draw on, writes lines.
fn console(source: Source, cli: &Cli) -> ExitCode {
    if !io::stdout().is_terminal() {
        if matches!(&source, Source::Replay(request) if request.case.is_some()) {
            eprintln!(
                "sentinel-tui: --case needs a terminal: leave it out to write lines, or run it without a pipe"
            );
            return ExitCode::from(2);
        }
        if cli.incident.is_some() {
            eprintln!(
                "sentinel-tui: --incident needs a terminal; without one: sentinel-tui incidents --incident ID"
            );
            return ExitCode::from(2);
        }
        let options =
            commands::tail::Options { form: OutputFormat::Words, wanted: Criteria::default(), last: 0 };
        return commands::tail::lines(source, cli, options);
    }
    // On a screen that opens empty, a path with a typing error would look like a quiet day.
    if let Source::Replay(request) = &source
        && let Some(what) = replay::missing(&request.paths)
    {
        return failed_usage(&what);
    }
    // Keys are read from the terminal itself where records come from standard input.
    let reads_records = matches!(&source, Source::Replay(request)
        if request.paths.iter().any(|path| replay::is_standard_input(path)));
    if !reads_records && !io::stdin().is_terminal() {
        eprintln!("sentinel-tui reads keys from standard input, which is not a terminal here.");
        eprintln!("sentinel-tui tail, and replay --json, need none.");
        return ExitCode::from(2);
    }
    if terminal::environment::is_dumb() {
        eprintln!("sentinel-tui draws a screen, and TERM=dumb says that this terminal can't show one.");
        eprintln!("sentinel-tui tail, and replay --json, need none.");
        return ExitCode::from(2);
    }
    let unread =
        if let Source::Replay(request) = &source { request.unread.clone() } else { Unread::default() };
    // A case that is opened again reads no files: replay's own filter is one of the list then.
    let of_case = match &source {
        Source::Replay(request) if request.paths.is_empty() => request.wanted.filter.as_ref(),
        _ => None,
    };
    let filter = cli.filter.clone().or_else(|| of_case.map(|filter| filter.text().to_owned()));
    let opening = console::Opening { filter, view: cli.view.clone(), incident: cli.incident.clone() };
    let (db, retention) = (cli.db.as_deref(), inputs::retention(cli));
    match console::start(source, db, retention, &cli.log, opening, cli.settings.clone()) {
        Ok(0) if !unread.print().is_empty() => ExitCode::FAILURE,
        Ok(code) => ExitCode::from(code),
        Err(error) => failed(&error),
    }
}
