//! `sentinel-tui incidents`: the incidents of log files or of the stored alerts, as JSON Lines or as a list for
//! people. Log files are read whole, links too; the database holds those that came.

mod list;
mod select;

use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use detector::{AlertId, SafeText};

use super::exit::{failed, failed_usage, written};
use super::inputs;
use crate::cli::{self, Cli};
use crate::files;
use crate::filter::Filter;
use crate::filter::criteria::Criteria;
use crate::incidents::{self, Incident, Record, Records};
use crate::model::{Content, TriageState};
use crate::source::replay::{ENDED_EARLY, Found, Next, Replay, ReplayControls, Request, Scope, Unread};
use crate::store::Reader;

/// Entries of the database read at a time.
const PAGE: usize = 500;
/// Between two looks at what a replay found.
const PACE: Duration = Duration::from_millis(200);

/// Records of the input, and which alerts the filter lets through.
#[derive(Debug, Default)]
struct Input {
    records: Records,
    /// Incidents that were found without looking at all records.
    found: Option<Vec<Incident>>,
    /// `None` without a filter.
    let_through: Option<HashSet<AlertId>>,
    /// True where something could not be read.
    has_gaps: bool,
}

/// Writes the incidents that are asked for.
pub(crate) fn run(options: &cli::Incidents, cli: &Cli) -> ExitCode {
    let (wanted, has_gaps) = match wanted(options, cli) {
        Ok(wanted) => wanted,
        Err(code) => return code,
    };
    let out = BufWriter::new(io::stdout().lock());
    let result = if options.json {
        write_json(out, &wanted)
    } else {
        list::write(out, &wanted, options.incident.is_some())
    };
    written(result.map(|()| !has_gaps))
}

/// Returns the incidents that are asked for, and whether something could not be read.
fn wanted(options: &cli::Incidents, cli: &Cli) -> Result<(Vec<Incident>, bool), ExitCode> {
    let input = if options.paths.is_empty() { of_database(options, cli) } else { of_files(options, cli) }?;
    let incidents = input.found.unwrap_or_else(|| input.records.incidents());
    let wanted = select::wanted(incidents, options, input.let_through.as_ref());
    Ok((wanted.map_err(|error| failed_usage(&error))?, input.has_gaps))
}

/// Writes one incident as Markdown, to standard output or a new file.
pub(crate) fn report(options: cli::Report, cli: &Cli) -> ExitCode {
    let cli::Report { incident, paths, output } = options;
    let asked = cli::Incidents { paths, incident: Some(incident), ..cli::Incidents::default() };
    let (wanted, has_gaps) = match wanted(&asked, cli) {
        Ok(wanted) => wanted,
        Err(code) => return code,
    };
    let Some(incident) = wanted.first() else { return failed(&"no such incident") };
    let people = if asked.paths.is_empty() {
        let opened = inputs::database(cli).map_err(|error| failed(&error));
        let people = opened.and_then(|path| {
            let people = Reader::open(&path).and_then(|reader| reader.said(&incident.alerts));
            people.map_err(|error| failed(&error))
        });
        match people {
            Ok(people) => people,
            Err(code) => return code,
        }
    } else {
        Vec::new()
    };
    let text = incidents::markdown(incident, &people);
    let Some(path) = output.filter(|path| path.as_os_str() != "-") else {
        return written(io::stdout().write_all(text.as_bytes()).map(|()| !has_gaps));
    };
    match files::create(&path).and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            eprintln!("report written to {}", path.display());
            written(Ok(!has_gaps))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            failed(&format!("choose another file: {} is there already", path.display()))
        }
        Err(error) => failed(&format!("can't write {}: {error}", path.display())),
    }
}

fn write_json(mut out: impl Write, incidents: &[Incident]) -> io::Result<()> {
    for incident in incidents {
        crate::output::json_line(&mut out, incident)?;
    }
    out.flush()
}

/// Reads log files as `replay` does, links included.
fn of_files(options: &cli::Incidents, cli: &Cli) -> Result<Input, ExitCode> {
    let (detector, problems) = inputs::detector(cli.rules.as_deref()).map_err(|error| failed(&error))?;
    let mut input = Input { has_gaps: !problems.is_empty(), ..Input::default() };
    let request = Request {
        paths: options.paths.clone(),
        wanted: Criteria::default(),
        detector: Arc::clone(&detector),
        scope: Scope::Links,
        case: None,
        unread: Unread::with(problems),
        speed: None,
        controls: ReplayControls::new(None),
        shows_progress: false,
    };
    let mut replay = Replay::start(request).map_err(|error| failed(&error))?;
    let filter = options.filter.as_ref();
    if filter.is_some_and(Filter::asks_for_stored) {
        return Err(failed_usage(
            &"log files have no state, tag or note; choose an incident with --incident ID",
        ));
    }
    input.let_through = filter.map(|_| HashSet::new());
    loop {
        match replay.next(PACE) {
            Next::Found(Found::Alert(alert)) => {
                input.let_through(filter, &alert.id, |filter| filter.matches(&*alert));
                input.records.add(Record::of_alert(&alert, false));
            }
            Next::Found(Found::Link(link)) => input.records.add(Record::of_link(*link)),
            Next::Found(Found::Unread(what, _)) => {
                input.has_gaps = true;
                eprintln!("sentinel-tui: {what}");
            }
            Next::Found(Found::Call(_) | Found::Sums(_)) | Next::Nothing => {}
            Next::End => break,
        }
    }
    if replay.progress.progress().unfinished > 0 {
        input.has_gaps = true;
        eprintln!("sentinel-tui: {ENDED_EARLY}");
    }
    Ok(input)
}

/// Reads the stored alerts and links.
fn of_database(options: &cli::Incidents, cli: &Cli) -> Result<Input, ExitCode> {
    let path = inputs::database(cli).map_err(|error| failed(&error))?;
    let reader = Reader::open(&path).map_err(|error| failed(&error))?;
    let filter = options.filter.as_ref();
    if filter.cloned().is_some_and(|mut filter| !filter.incidents().is_empty()) {
        return Err(failed_usage(&"use --incident ID to choose an incident: --filter can't"));
    }
    if let (Some(id), None) = (&options.incident, filter) {
        let found = reader.incidents_of(id).map_err(|error| failed(&error))?;
        if found.is_some() {
            return Ok(Input { found, ..Input::default() });
        }
    }
    let mut input = Input { let_through: filter.map(|_| HashSet::new()), ..Input::default() };
    let mut place = (jiff::Timestamp::MIN, 0);
    loop {
        let page =
            reader.happened_after(place, jiff::Timestamp::MAX, PAGE).map_err(|error| failed(&error))?;
        for stored in &page {
            if let Content::Alert(alert) = &stored.content {
                input.let_through(filter, &alert.id, |filter| filter.matches(stored));
                let acknowledged = stored.state == TriageState::Acknowledged;
                input.records.add(Record::of_alert(alert, acknowledged));
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => place = (last.time, last.number),
            _ => break,
        }
    }
    for link in reader.links().map_err(|error| failed(&error))? {
        input.records.add(Record::of_link(link));
    }
    Ok(input)
}

impl Input {
    /// Notes an alert that the filter lets through.
    fn let_through(&mut self, filter: Option<&Filter>, id: &AlertId, matches: impl Fn(&Filter) -> bool) {
        if let (Some(filter), Some(passed)) = (filter, &mut self.let_through)
            && matches(filter)
        {
            passed.insert(id.clone());
        }
    }
}

/// An id as people see it.
fn shown(id: &str) -> SafeText {
    SafeText::new(id)
}
