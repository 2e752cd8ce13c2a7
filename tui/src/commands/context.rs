//! `sentinel-tui context`: the records around an alert, also those that are no alerts, one a line, in order of time.

mod incident;

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use detector::{Alert, Call, Detector, Record, SafeText};
use jiff::Timestamp;
use regex::bytes::RegexBuilder;
use serde_json::Value;
use tokio::sync::mpsc;

use super::exit::{failed, failed_usage, written};
use super::{inputs, runtime};
use crate::aws::{Aws, AwsSettings};
use crate::cli::{self, Cli, ContextBy};
use crate::filter::criteria::Criteria;
use crate::model::Content;
use crate::output::{self, OutputFormat};
use crate::source::context::{self, By, Question, Step};
use crate::source::replay::{self, Found, Next, Replay, Request, Scope};
use crate::store::Reader;
use incident::Members;

/// Most records that are shown.
const MOST: usize = 100_000;
/// Fewest characters of an id that name an alert.
const SHORT: usize = 8;

/// An id that names no alert, or several.
#[derive(Debug, thiserror::Error)]
enum WrongId {
    #[error("use at least {SHORT} characters of an alert's id; {0:?} has fewer")]
    TooShort(SafeText),
    #[error("no alert with ID {0}: take it from the console (y), from Slack, or from incidents --json")]
    Unknown(SafeText),
    #[error("{0} alerts have an ID that begins with {1}: give more of it")]
    Several(usize, SafeText),
}

/// Writes the records around the alert.
pub(crate) fn run(options: &cli::Context, cli: &Cli) -> ExitCode {
    let (detector, problems) = match inputs::detector(cli.rules.as_deref()) {
        Ok(loaded) => loaded,
        Err(error) => return failed(&error),
    };
    if options.paths.iter().any(|path| replay::is_standard_input(path)) {
        return failed_usage(
            &"name files or folders: standard input can't be read twice, for the alert and around it",
        );
    }
    if options.paths.is_empty() && options.by == Some(ContextBy::Ip) {
        let why = "name log files, or ask by key, session or user: CloudTrail's event history can't be searched by \
                   address";
        return failed_usage(&why);
    }
    let alerts =
        if options.paths.is_empty() { stored(&options.alert, cli) } else { read(options, &detector) };
    let alert = match alerts.map(|alerts| chosen(alerts, &options.alert)) {
        Ok(Ok(alert)) => alert,
        Ok(Err(error)) => return failed_usage(&error),
        Err(code) => return code,
    };
    let members = if options.by == Some(ContextBy::Incident) {
        match incident::members(&alert, options, cli, &detector) {
            Ok(members) => members,
            Err(code) => return code,
        }
    } else {
        Members::default()
    };
    let ways: Vec<By> =
        By::any_of(&members.alerts, &members.keys).into_iter().chain(By::all_of(&alert)).collect();
    let has: Vec<&str> = ways.iter().map(By::label).collect();
    let by = ways.iter().find(|by| {
        options.by.is_none_or(|wanted| match wanted {
            ContextBy::Key => matches!(by, By::Key(_)),
            ContextBy::Session => matches!(by, By::Session(_)),
            ContextBy::User => matches!(by, By::User { .. }),
            ContextBy::Ip => matches!(by, By::Address(_)),
            ContextBy::Incident => matches!(by, By::Any(_)),
        })
    });
    let Some(by) = by.cloned() else {
        return failed_usage(&format!("the alert has no such property: use --by {}", has.join(", --by ")));
    };
    let mut question =
        Question::around(&alert, by, options.span).over(&members.alerts, members.first, options.span);
    let is_cut = question.by.is_cut();
    if is_cut {
        eprintln!(
            "sentinel-tui: the incident has more identities than are asked for: use --by key, session or user for the others"
        );
    }
    if !options.regions.is_empty() {
        question.regions.clone_from(&options.regions);
    }
    eprintln!(
        "records by {}, {} to {}",
        SafeText::new(&question.by.words()),
        output::seconds(question.since),
        output::seconds(question.until)
    );
    match answers(options, cli, question, &detector) {
        Ok((found, is_whole)) => {
            let form = OutputFormat::json(options.json);
            written(write(&found, form).map(|()| is_whole && !is_cut && problems.is_empty()))
        }
        Err(code) => code,
    }
}

/// Alerts of the database whose ids begin so.
fn stored(id: &str, cli: &Cli) -> Result<Vec<Alert>, ExitCode> {
    let path = inputs::database(cli).map_err(|error| failed(&error))?;
    let found = Reader::open(&path).and_then(|reader| reader.named(id)).map_err(|error| failed(&error))?;
    let alert = |content| if let Content::Alert(alert) = content { Some(*alert) } else { None };
    Ok(found.into_iter().filter_map(|stored| alert(stored.content)).collect())
}

/// Alerts of the files whose ids begin so.
fn read(options: &cli::Context, detector: &Arc<Detector>) -> Result<Vec<Alert>, ExitCode> {
    let pattern = RegexBuilder::new(&regex::escape(&options.alert)).case_insensitive(true).build();
    let patterns = pattern.into_iter().collect();
    let request = Request::headless(
        options.paths.clone(),
        Criteria::default(),
        Arc::clone(detector),
        Scope::Calls(patterns),
    );
    let mut replay = Replay::start(request).map_err(|error| failed(&error))?;
    let begun = options.alert.to_ascii_lowercase();
    let (mut alerts, mut unread) = (Vec::new(), Vec::new());
    loop {
        match replay.next(std::time::Duration::from_secs(1)) {
            Next::Found(Found::Call(call))
                if call.0.severity.is_some() && call.0.id.0.to_ascii_lowercase().starts_with(&begun) =>
            {
                let record = Record::new(call.1).ok();
                alerts.extend(record.and_then(|record| detector.detect(&record, Timestamp::now()).alert));
            }
            // The second reading tells of what can't be read, where there is one.
            Next::Found(Found::Unread(why, _)) if unread.len() < 100 => unread.push(why),
            Next::Found(_) | Next::Nothing => {}
            Next::End => {
                if alerts.is_empty() {
                    for why in &unread {
                        eprintln!("sentinel-tui: {why}");
                    }
                }
                return Ok(alerts);
            }
        }
    }
}

/// Returns the one alert that is meant.
fn chosen(alerts: Vec<Alert>, id: &str) -> Result<Alert, WrongId> {
    let name = SafeText::new(id);
    let exact = alerts.iter().position(|alert| alert.id.0 == id);
    let count = alerts.len();
    let mut alerts = alerts.into_iter();
    match (exact, count) {
        (Some(at), _) => alerts.nth(at).ok_or(WrongId::Unknown(name)),
        (None, _) if id.chars().count() < SHORT => Err(WrongId::TooShort(name)),
        (None, 0 | 1) => alerts.next().ok_or(WrongId::Unknown(name)),
        (None, count) => Err(WrongId::Several(count, name)),
    }
}

/// Asks, and returns the records in order of time, with whether all could be read.
fn answers(
    options: &cli::Context,
    cli: &Cli,
    question: Question,
    detector: &Arc<Detector>,
) -> Result<(Vec<(Call, Value)>, bool), ExitCode> {
    let runtime = runtime().map_err(|error| failed(&error))?;
    let (steps_in, mut steps) = mpsc::channel(4);
    if options.paths.is_empty() {
        let asked = cli.aws();
        // The alert says in which region to begin, so that none of one's own is needed.
        let region = asked.region.clone().or_else(|| question.regions.first().cloned());
        let connected = runtime.block_on(Aws::connect(&AwsSettings { region, ..asked }));
        let aws = connected.map_err(|error| failed(&error))?;
        let detector = Arc::clone(detector);
        runtime.spawn(async move { context::look_up(question, aws, &detector, steps_in).await });
    } else {
        let (paths, detector) = (options.paths.clone(), Arc::clone(detector));
        runtime.spawn_blocking(move || context::read(&question, paths, detector, &steps_in));
    }
    let (mut all, mut is_whole, mut calls) = (Vec::new(), true, 0);
    while let Some(step) = steps.blocking_recv() {
        match step {
            Step::Calls { found, asked } => {
                all.extend(found);
                calls = asked;
                if all.len() > MOST {
                    is_whole = false;
                    eprintln!("sentinel-tui: more than {MOST} records: use a shorter --span");
                    break;
                }
            }
            Step::Waits { wait, why } => {
                eprintln!("sentinel-tui: {}; retrying in {} s", SafeText::new(&why), wait.as_secs());
            }
            Step::Failed { why, .. } => {
                is_whole = false;
                eprintln!("sentinel-tui: {}", SafeText::new(&why));
            }
        }
    }
    all.sort_by(|(one, _), (other, _)| (one.time, &one.id.0).cmp(&(other.time, &other.id.0)));
    let asked =
        if options.paths.is_empty() { format!(" in {calls} calls to CloudTrail") } else { String::new() };
    eprintln!("{} records{asked}", crate::format::number(u64::try_from(all.len()).unwrap_or(u64::MAX)));
    Ok((all, is_whole))
}

fn write(found: &[(Call, Value)], form: OutputFormat) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    for (call, record) in found {
        output::call(&mut out, form, call, record)?;
    }
    out.flush()
}
