//! `sentinel-tui`: IAM Sentinel's console. The program at a glance; each part is its own module.
//!
//! ```text
//!  source (SQS, replay, demo) ──► store (SQLite) ──► app::update ──► view ──► terminal::frame
//!  keys ──► keymap ──► Action ─────────────────┘   └──► Effect ──► app::run
//! ```

mod app;
mod aws;
mod cli;
mod commands;
mod config;
mod console;
mod export;
mod files;
mod filter;
mod format;
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
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use detector::Detector;

use crate::aws::{Aws, AwsError};
use crate::cli::{Cli, Command, TailFrom};
use crate::commands::OperateError;
use crate::filter::criteria::Criteria;
use crate::output::OutputFormat;
use crate::source::replay::{self, Unread};
use crate::source::topic::{NoTopic, TopicArn};
use crate::source::{Source, TopicSettings};

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
        Some(Command::Demo) => match detector(rules) {
            Ok((detector, _)) => console(Source::Demo(detector), &configured.cli),
            Err(error) => failed(&error),
        },
        Some(Command::Replay(options)) => {
            let json = options.json;
            match request(options, rules) {
                Err(error) => failed(&error),
                Ok(request) if request.wanted.is_never() => {
                    failed_usage(&"--since is not before --until, so no call can be between them")
                }
                Ok(request) if json => written(commands::replay::replay(request, OutputFormat::Json)),
                Ok(request) => console(Source::Replay(request), &configured.cli),
            }
        }
        Some(Command::Tail(options)) => tail(options, &configured.cli),
        Some(Command::Export(options)) => export(options, &configured.cli),
        Some(command @ (Command::TestAlert(_) | Command::Backfill(_) | Command::Redrive(_))) => {
            operate(command, &configured.cli)
        }
        None => {
            match queue(&configured.cli) {
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

/// Reasons why a queue can't be read as it was asked for.
#[derive(Debug, thiserror::Error)]
enum QueueError {
    #[error(transparent)]
    Topic(#[from] NoTopic),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("no thread can be started: {0}")]
    Runtime(#[from] io::Error),
}

/// The queue that is set, if one is, and how it is reached. What can't work is told before there is a screen.
fn queue(cli: &Cli) -> Result<Option<Source>, QueueError> {
    let topic = cli.topic_arn.as_deref().filter(|topic| !topic.trim().is_empty());
    let topic = topic.map(TopicArn::read).transpose()?;
    let every = Duration::from_secs(60 * u64::from(cli.probe_every));
    let probe_every = Some(every).filter(|every| !every.is_zero());
    let topic = topic.map(|arn| TopicSettings { arn, probe_every });
    let Some(queue_url) = cli.queue_url.clone().filter(|url| !url.trim().is_empty()) else {
        return Ok(None);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let aws = runtime.block_on(Aws::connect(&cli.aws()))?;
    Ok(Some(Source::Sqs { queue_url, aws: Box::new(aws), topic }))
}

/// Opens the console on a source; without a terminal to draw on, writes lines.
fn console(source: Source, cli: &Cli) -> ExitCode {
    if !io::stdout().is_terminal() {
        let options =
            commands::tail::Options { form: OutputFormat::Words, wanted: Criteria::default(), last: 0 };
        return lines(source, cli, options);
    }
    // Keys are read from the terminal itself where records come from standard input.
    let reads_records = matches!(&source, Source::Replay(request)
        if request.paths.iter().any(|path| replay::is_standard_input(path)));
    if !reads_records && !io::stdin().is_terminal() {
        eprintln!("sentinel-tui takes its keys from standard input, which is no terminal here.");
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
    match console::start(source, cli.db.as_deref(), keep(cli), &cli.log, cli.settings.clone()) {
        Ok(0) if !unread.print().is_empty() => ExitCode::FAILURE,
        Ok(code) => ExitCode::from(code),
        Err(error) => failed(&error),
    }
}

/// Prints the alerts of a source as lines.
fn lines(source: Source, cli: &Cli, options: commands::tail::Options) -> ExitCode {
    match source {
        Source::Demo(detector) => tailed(commands::tail::demo(detector, options)),
        Source::Replay(request) => written(commands::replay::replay(request, options.form)),
        Source::Sqs { .. } => match database(cli) {
            Ok(path) => tailed(commands::tail::queue(source, path, keep(cli), &cli.log, options)),
            Err(error) => failed(&error),
        },
    }
}

fn tail(tail: cli::Tail, cli: &Cli) -> ExitCode {
    // The one place where what is wanted of the database's and the queue's alerts is said.
    let wanted = Criteria { severity: tail.min_severity, filter: tail.filter, ..Criteria::default() };
    let options = commands::tail::Options { form: OutputFormat::json(tail.json), wanted, last: tail.last };
    let queue = match tail.from {
        Some(TailFrom::Demo | TailFrom::Database) => None,
        Some(TailFrom::Queue) | None => match queue(cli) {
            Ok(queue) => queue,
            Err(error) => return failed_usage(&error),
        },
    };
    match (tail.from, queue) {
        (Some(TailFrom::Demo), _) => match detector(cli.rules.as_deref()) {
            Ok((detector, _)) => tailed(commands::tail::demo(detector, options)),
            Err(error) => failed(&error),
        },
        (Some(TailFrom::Queue) | None, Some(source)) => lines(source, cli, options),
        (Some(TailFrom::Queue), None) => {
            failed_usage(&"which queue? --queue-url or SENTINEL_QUEUE_URL tells")
        }
        (Some(TailFrom::Database) | None, _) => match database(cli) {
            Ok(path) => tailed(commands::tail::database(&path, options)),
            Err(error) => failed(&error),
        },
    }
}

fn tailed(result: Result<(), commands::tail::TailError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(commands::tail::TailError::Output(error)) => written(Err(error)),
        Err(error) => failed(&error),
    }
}

fn export(options: cli::Export, cli: &Cli) -> ExitCode {
    let wanted = Criteria {
        since: options.since.map(|moment| moment.0),
        until: options.until.map(|moment| moment.0),
        severity: options.min_severity,
        filter: options.filter,
    };
    let path = match database(cli) {
        Ok(path) => path,
        Err(error) => return failed(&error),
    };
    match export::run(&path, options.output.as_deref(), options.format, &wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(export::ExportError::Output(error)) => written(Err(error)),
        Err(error) => failed(&error),
    }
}

/// Does something to the pipeline from here.
fn operate(command: Command, cli: &Cli) -> ExitCode {
    let path = match database(cli) {
        Ok(path) => path,
        Err(error) => return failed(&error),
    };
    let detector = match detector(cli.rules.as_deref()) {
        Ok((detector, _)) => detector,
        Err(error) => return failed(&error),
    };
    let code = match command {
        Command::TestAlert(options) => {
            commands::test_alert::run(&options, cli, &detector, &path, keep(cli)).map(|well| u8::from(!well))
        }
        Command::Backfill(options) => commands::backfill::run(&options, cli, &detector, &path, keep(cli)),
        Command::Redrive(options) => commands::redrive::run(&options, cli, &path),
        _ => Ok(0),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(OperateError::Output(error)) => written(Err(error)),
        Err(OperateError::Usage(error)) => failed_usage(&error),
        Err(OperateError::Aws(error)) => failed_usage(&error),
        Err(error) => failed(&error),
    }
}

/// Returns the limits of age and size beyond which the database forgets alerts.
fn keep(cli: &Cli) -> store::Retention {
    store::Retention::new(cli.keep_days, cli.keep_size)
}

/// Returns the path of the database.
fn database(cli: &Cli) -> Result<PathBuf, store::StoreError> {
    cli.db.clone().map_or_else(store::default_path, Ok)
}

fn request(
    options: cli::Replay,
    rules: Option<&Path>,
) -> Result<replay::Request, commands::rules::RulesError> {
    let (detector, problems) = detector(rules)?;
    Ok(replay::Request {
        paths: options.paths,
        wanted: Criteria {
            since: options.since.map(|moment| moment.0),
            until: options.until.map(|moment| moment.0),
            severity: options.min_severity,
            filter: options.filter,
        },
        detector,
        unread: Unread::with(problems),
        speed: options.speed,
        controls: replay::ReplayControls::new(options.speed),
        watched: (!options.json && io::stdout().is_terminal()) || io::stderr().is_terminal(),
    })
}

/// The detector that goes by these rules, and what can't be used of them, which is said before there
/// is a screen.
fn detector(rules: Option<&Path>) -> Result<(Arc<Detector>, Vec<String>), commands::rules::RulesError> {
    let ready = commands::rules::detector(rules)?;
    for word in ready.problems.iter().chain(&ready.notes) {
        eprintln!("sentinel-tui: {word}");
    }
    Ok((Arc::new(ready.detector), ready.problems))
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

/// Reports an error in the request itself: exit code 2.
fn failed_usage(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("sentinel-tui: {error}");
    ExitCode::from(2)
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("sentinel-tui: {error}");
    ExitCode::FAILURE
}
