//! The request for a replay, which the console takes too; and replay without a screen: one alert a line on
//! standard output, as JSON or in words, all else on standard error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, Stderr, StdoutLock, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use detector::{Detector, SafeText, Severity};

use super::inputs;
use super::rules::RulesError;
use crate::cli;
use crate::format::{number, rate};
use crate::model::ReplayProgress;
use crate::output::{self, OutputFormat};
use crate::source::replay::{ENDED_EARLY, Found, Next, Replay, ReplayControls, Request, Scope, Unread};

/// Between two looks of the progress line.
const PACE: Duration = Duration::from_millis(200);
/// Back to the start of the line, and clear it.
const CLEAR: &str = "\r\x1b[K";

/// Builds the request of the command line.
///
/// # Errors
/// Returns an error where the folder of rules is not there.
pub(crate) fn request(options: cli::Replay, rules: Option<&Path>) -> Result<Request, RulesError> {
    let (detector, problems) = inputs::detector(rules)?;
    Ok(Request {
        paths: options.paths,
        wanted: options.bounds.and(options.filter),
        detector,
        scope: if options.json { Scope::Alerts } else { Scope::Links },
        case: options.case,
        unread: Unread::with(problems),
        speed: options.speed,
        controls: ReplayControls::new(options.speed),
        shows_progress: (!options.json && io::stdout().is_terminal()) || io::stderr().is_terminal(),
    })
}

/// Replays, and writes lines of this form. Whether everything could be read comes back; an error is one of standard output.
pub(crate) fn replay(request: Request, form: OutputFormat) -> io::Result<bool> {
    let detector = Arc::clone(&request.detector);
    // Rules that can't be used have been told.
    let mut unread = request.unread.all().len() as u64;
    let mut replay = Replay::start(request)?;
    let mut output = Output::new(form);
    let mut alerts: BTreeMap<Severity, u64> = BTreeMap::new();
    loop {
        // Results are written at once while no others wait, and else in large pieces.
        let next = match replay.next(Duration::ZERO) {
            Next::Nothing => {
                output.flush()?;
                replay.next(PACE)
            }
            next => next,
        };
        match next {
            Next::Found(Found::Alert(alert)) => {
                output.alert(&alert)?;
                *alerts.entry(alert.severity).or_default() += 1;
            }
            Next::Found(Found::Link(_) | Found::Call(_) | Found::Sums(_)) | Next::Nothing => {}
            Next::Found(Found::Unread(what, count)) => {
                unread += count;
                output.note(&format!("sentinel-tui: {what}"))?;
            }
            Next::End => break,
        }
        output.progress(&replay.progress.progress())?;
    }
    let progress = replay.progress.progress();
    if progress.unfinished > 0 {
        unread += 1;
        output.note(&format!("sentinel-tui: {ENDED_EARLY}"))?;
    }
    output.note(&summary(&progress, &alerts, unread))?;
    if replay.progress.repeated() > 0 {
        let copies = match replay.progress.repeated() {
            1 => "1 duplicate".to_owned(),
            more => format!("{} duplicates", number(more)),
        };
        output.note(&format!("skipped {copies} of these alerts, from other trails or files"))?;
    }
    if let Some(passed) = replay.progress.passed_over() {
        output.note(&passed)?;
    }
    for line in swallowed(&detector) {
        output.note(&line)?;
    }
    output.flush()?;
    Ok(unread == 0)
}

/// `404 files, 1,000,000 records, 10,123 alerts (12 critical, 10,111 high), 1.1 s, 909,090 records/s`.
fn summary(progress: &ReplayProgress, alerts: &BTreeMap<Severity, u64>, unread: u64) -> String {
    let count =
        |count: u64, name: &str| format!("{} {name}{}", number(count), if count == 1 { "" } else { "s" });
    let mut line = format!(
        "{}, {}, {}",
        count(progress.files, "file"),
        count(progress.records, "record"),
        count(alerts.values().sum(), "alert")
    );
    let by_severity: Vec<_> = alerts
        .iter()
        .rev()
        .map(|(severity, count)| format!("{} {}", number(*count), severity.as_str().to_lowercase()))
        .collect();
    // Writing to a String does not fail.
    if !by_severity.is_empty() {
        let _ = write!(line, " ({})", by_severity.join(", "));
    }
    let (seconds, hundredths) = (progress.millis / 1_000, progress.millis % 1_000 / 10);
    let _ = write!(line, ", {seconds}.{hundredths:02} s, {} records/s", number(progress.rate()));
    if unread > 0 {
        let _ = write!(line, "; {} unreadable", number(unread));
    }
    line
}

/// Returns a line for each exception that kept anything silent, with the count.
fn swallowed(detector: &Detector) -> impl Iterator<Item = String> {
    let counted = detector.rules().exceptions().filter(|(_, count)| *count > 0);
    counted.map(|(exception, count)| {
        let (title, id) = (SafeText::new(&exception.title), SafeText::new(&exception.id));
        format!("{} suppressed by the exception \"{title}\" ({id})", number(count))
    })
}

/// Standard output and standard error, which may be one terminal.
struct Output {
    form: OutputFormat,
    alerts: BufWriter<StdoutLock<'static>>,
    /// Not locked: a worker's panic must be able to say what it has to say.
    words: Stderr,
    /// True where standard error is a terminal, so that somebody sees the progress.
    shows_progress: bool,
    on_screen: bool,
    shown: Instant,
}

impl Output {
    fn new(form: OutputFormat) -> Self {
        let words = io::stderr();
        Self {
            form,
            alerts: BufWriter::with_capacity(64 * 1024, io::stdout().lock()),
            shows_progress: words.is_terminal(),
            words,
            on_screen: false,
            shown: Instant::now(),
        }
    }

    fn alert(&mut self, alert: &detector::Alert) -> io::Result<()> {
        self.clear();
        output::alert(&mut self.alerts, self.form, alert)
    }

    fn note(&mut self, line: &str) -> io::Result<()> {
        self.flush()?;
        self.clear();
        // Nothing to do about a closed standard error.
        let _ = writeln!(self.words, "{line}");
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.alerts.flush()
    }

    fn progress(&mut self, progress: &ReplayProgress) -> io::Result<()> {
        if !self.shows_progress || self.shown.elapsed() < PACE {
            return Ok(());
        }
        // On one terminal no alert must come behind the progress on its line.
        self.flush()?;
        self.shown = Instant::now();
        self.on_screen = true;
        let percent = progress.percent().map(|percent| format!("{percent} %, ")).unwrap_or_default();
        let line = format!(
            "{CLEAR}REPLAY  {percent}{} files, {} records, {}",
            number(progress.files),
            number(progress.records),
            rate(progress.rate())
        );
        let _ = self.words.write_all(line.as_bytes());
        let _ = self.words.flush();
        Ok(())
    }

    fn clear(&mut self) {
        if self.on_screen {
            let _ = self.words.write_all(CLEAR.as_bytes());
            self.on_screen = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::replay::*;
    use detector::rules::exception::Exception;
    use detector::{Facts, Record, Rules, Watched};
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn the_summary_says_what_there_was() {
        let progress = ReplayProgress {
            files: 404,
            records: 1_000_000,
            bytes: 1,
            of: None,
            millis: 1_100,
            unfinished: 0,
        };
        let alerts = BTreeMap::from([(Severity::High, 10_111), (Severity::Critical, 12)]);
        assert_eq!(
            summary(&progress, &alerts, 0),
            "404 files, 1,000,000 records, 10,123 alerts (12 critical, 10,111 high), 1.10 s, 909,090 records/s"
        );
        let one = ReplayProgress { files: 1, records: 1, millis: 0, ..progress };
        assert_eq!(
            summary(&one, &BTreeMap::new(), 2),
            "1 file, 1 record, 0 alerts, 0.00 s, 1,000 records/s; 2 unreadable"
        );
    }

    #[test]
    fn exceptions_say_what_they_kept_silent() {
        let exception = Exception::from_value(&json!({
            "title": "our \u{1b}pipeline", "id": "x-1", "owner": "o", "reason": "r", "expires": "2027-01-01",
            "filter": {"rules": "any", "pipeline": {"eventName": "CreateUser"}, "condition": "not pipeline"},
        }));
        let detector = Detector::new(Rules::with(Vec::new(), vec![exception.unwrap()]), Watched::default());
        let record = json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"});
        let record = Record::new(record).unwrap();
        assert!(!Facts::of(&record, &Watched::default()).is_beyond_exceptions(&record));
        assert!(detector.detect(&record, Timestamp::UNIX_EPOCH).alert.is_none());
        let words: Vec<_> = swallowed(&detector).collect();
        assert_eq!(words, ["1 suppressed by the exception \"our ␛pipeline\" (x-1)"]);
    }
}
