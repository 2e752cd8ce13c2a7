//! Alerts as a file: `sentinel-tui export` writes the database's, in the order in which they happened,
//! the console those that it shows (`shown.rs`).

mod shown;
mod table;

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use detector::{Call, SafeText};

pub(crate) use shown::shown;

use crate::filter::Filter;
use crate::filter::criteria::Criteria;
use crate::format::number;
use crate::model::{Content, ExportFormat, Stored};
use crate::output::{self, OutputFormat};
use crate::store::{Reader, StoreError};

/// Entries read at a time.
const PAGE: usize = 500;

/// Reason why there is no export, or only a part of one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} exists: choose another name")]
    Exists(String),
    #[error("folder {0} does not exist: choose another, or make it")]
    NoFolder(String),
    #[error("{path} can't be written: {source}; choose another name or folder")]
    File { path: String, source: io::Error },
    #[error("export cancelled after {0} alerts, no file written")]
    Stopped(u64),
    #[error("can't write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl ExportError {
    fn of(path: &Path, source: io::Error) -> Self {
        let path = path.display().to_string();
        match source.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path),
            io::ErrorKind::NotFound => match Path::new(&path).parent() {
                Some(folder) if !folder.exists() => Self::NoFolder(folder.display().to_string()),
                _ => Self::File { path, source },
            },
            _ => Self::File { path, source },
        }
    }
}

/// Writes the alerts that are wanted to a new file, or to standard output.
pub(crate) fn run(
    database: &Path,
    output: Option<&Path>,
    format: Option<ExportFormat>,
    wanted: &mut Criteria,
) -> Result<(), ExportError> {
    let reader = Reader::open(database)?;
    if let Some(filter) = &mut wanted.filter {
        bind(filter, &reader)?;
    }
    let named = format.or_else(|| output.and_then(ExportFormat::of_name));
    if let Some(ending) = output.and_then(Path::extension).filter(|_| named.is_none()) {
        eprintln!("sentinel-tui: {}", no_format(&ending.to_string_lossy()));
    }
    let format = named.unwrap_or(ExportFormat::Jsonl);
    let Some(path) = output else {
        let written = write(&reader, BufWriter::new(io::stdout().lock()), format, wanted)?;
        if written == 0 {
            eprintln!("sentinel-tui: no alert of {} is wanted", database.display());
        }
        return Ok(());
    };
    let failed = |source| ExportError::of(path, source);
    let file = crate::files::create(path).map_err(failed)?;
    let written = write(&reader, BufWriter::new(file), format, wanted).map_err(|error| match error {
        ExportError::Output(source) => failed(source),
        other => other,
    })?;
    let plural = if written == 1 { "" } else { "s" };
    eprintln!("{} alert{plural} in {}", number(written), path.display());
    Ok(())
}

/// Gives a filter the alerts of the incidents that it names.
fn bind(filter: &mut Filter, reader: &Reader) -> Result<(), ExportError> {
    let mut named = HashMap::new();
    for id in filter.incidents() {
        let members = reader.members(&id)?;
        named.insert(id, Arc::new(members));
    }
    filter.bind(0, &|id| named.get(id).cloned());
    Ok(())
}

/// Returns the message for an extension that stands for no format.
fn no_format(ending: &str) -> String {
    format!(
        "unknown extension .{}, writing {}; use --format for another format (jsonl, csv, markdown)",
        SafeText::new(ending),
        ExportFormat::Jsonl.name()
    )
}

/// Writes what is wanted, and says how many that were.
fn write(
    reader: &Reader,
    out: impl Write,
    format: ExportFormat,
    wanted: &Criteria,
) -> Result<u64, ExportError> {
    let mut out = Writer::new(out, format)?;
    let (from, until) = wanted.span();
    let mut place = (from, 0);
    let mut written = 0;
    loop {
        let page = reader.happened_after(place, until, PAGE)?;
        for stored in page.iter().filter(|stored| is_wanted(stored, wanted)) {
            out.entry(stored)?;
            written += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => place = (last.time, last.number),
            _ => break,
        }
    }
    out.finish()?;
    Ok(written)
}

/// True where an entry is to be exported. An unreadable message may be any alert, so it is exported; only a
/// filter on triage can leave it out, since its triage is known all the same.
fn is_wanted(stored: &Stored, wanted: &Criteria) -> bool {
    match &stored.content {
        Content::Alert(alert) => wanted.takes_known(alert, stored),
        Content::Unreadable { .. } => {
            let filter = wanted.filter.as_ref().filter(|filter| filter.asks_for_stored());
            filter.is_none_or(|filter| filter.matches(stored))
        }
    }
}

/// Writes records around an alert to a new file, in the format of its name, else as JSON Lines, one record a line with
/// what the detector makes of it. Returns what came of it, in words.
pub(crate) fn records(path: &str, calls: &[Call]) -> Result<String, ExportError> {
    let path = shown::place(path);
    let failed = |source| ExportError::of(&path, source);
    let format = ExportFormat::of_name(&path).unwrap_or(ExportFormat::Jsonl);
    shown::new_file(&path, |file| {
        let mut out = Writer::of_calls(BufWriter::new(file), format).map_err(failed)?;
        calls.iter().try_for_each(|call| out.call(call)).and_then(|()| out.finish()).map_err(failed)
    })?;
    let plural = if calls.len() == 1 { "" } else { "s" };
    Ok(format!("{} record{plural} in {}", number(calls.len() as u64), path.display()))
}

enum Writer<W: Write> {
    Json(W),
    Csv(Box<table::Csv<W>>),
    Markdown(table::Markdown<W>),
}

impl<W: Write> Writer<W> {
    fn new(out: W, format: ExportFormat) -> io::Result<Self> {
        Ok(match format {
            ExportFormat::Jsonl => Self::Json(out),
            ExportFormat::Csv => Self::Csv(Box::new(table::Csv::new(out)?)),
            ExportFormat::Markdown => Self::Markdown(table::Markdown::new(out)?),
        })
    }

    /// Writes records in place of alerts.
    fn of_calls(out: W, format: ExportFormat) -> io::Result<Self> {
        Ok(match format {
            ExportFormat::Jsonl => Self::Json(out),
            ExportFormat::Csv => Self::Csv(Box::new(table::Csv::of_calls(out)?)),
            ExportFormat::Markdown => Self::Markdown(table::Markdown::of_calls(out)?),
        })
    }

    fn call(&mut self, call: &Call) -> io::Result<()> {
        match self {
            Self::Json(out) => output::json_line(out, call),
            Self::Csv(out) => out.call(call),
            Self::Markdown(out) => out.call(call),
        }
    }

    fn entry(&mut self, stored: &Stored) -> io::Result<()> {
        match self {
            Self::Json(out) => output::entry(out, OutputFormat::Json, stored),
            Self::Csv(out) => out.entry(stored),
            Self::Markdown(out) => out.entry(stored),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Json(mut out) => out.flush(),
            Self::Csv(out) => out.finish(),
            Self::Markdown(out) => out.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Incoming;
    use crate::model::testing::alert;
    use crate::store::{Retention, Store};
    use detector::{AlertId, Severity};

    #[test]
    fn of_an_ending_that_tells_no_format_it_is_said_what_is_written() {
        let said = no_format("xlsx");
        assert!(said.contains(".xlsx") && said.contains("writing JSON Lines"), "{said}");
        assert!(said.contains("(jsonl, csv, markdown)"), "{said}");
    }

    /// Returns the export of a database with three alerts and a message that can't be read.
    fn exported(format: ExportFormat, wanted: &Criteria) -> String {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (app, _inbox) = tokio::sync::mpsc::channel(8);
            let store = Store::open(Some(path.clone()), Retention::new(400, 8_192), app).unwrap();
            let content = Content::Unreadable { why: "not JSON".to_owned(), raw: "{".to_owned() };
            let received = "2026-11-24T02:00:02Z".parse().unwrap();
            let unread = Incoming { id: AlertId("unreadable-m".to_owned()), received, content };
            let mut hostile = alert("b", 1);
            let Content::Alert(inner) = &mut hostile.content else { unreachable!() };
            inner.summary = "=cmd|' /C calc'!A0, \"quoted\" @here [x](https://evil.example) <b>".to_owned();
            inner.source_ip = Some("-1+1\n\x1b[2J".to_owned());
            store.insert(vec![alert("c", 4), unread, hostile, alert("a", 0)]).await.unwrap();
            let said = |ids: [&str; 2], change| {
                let alerts = ids.map(|id| AlertId(id.to_owned())).to_vec();
                crate::model::TriageCommand { alerts, action: change }
            };
            let commands = vec![
                said(["c", "unreadable-m"], crate::model::TriageAction::Acknowledge),
                said(["a", "c"], crate::model::TriageAction::Tag("drill".to_owned())),
            ];
            store.triage(commands).await.unwrap();
        });
        let mut out = Vec::new();
        write(&Reader::open(&path).unwrap(), &mut out, format, wanted).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_ending_of_a_name_tells_the_format() {
        let of = |name: &str| ExportFormat::of_name(Path::new(name));
        for format in ExportFormat::ALL {
            assert_eq!(of(&format!("x.{}", format.extension())), Some(format));
        }
        assert_eq!(
            (of("~/a.b/x.NDJSON"), of("x.json")),
            (Some(ExportFormat::Jsonl), Some(ExportFormat::Jsonl))
        );
        assert_eq!((of("week.2026-11"), of("week"), of(".csv"), of("")), (None, None, None, None));
    }

    #[test]
    fn tables_are_in_order_and_inert() {
        insta::assert_snapshot!("csv", exported(ExportFormat::Csv, &Criteria::default()));
        insta::assert_snapshot!("markdown", exported(ExportFormat::Markdown, &Criteria::default()));
    }

    #[test]
    fn json_lines_are_the_alerts_and_only_what_is_wanted_is_written() {
        let ids = |wanted: &Criteria| -> Vec<String> {
            let text = exported(ExportFormat::Jsonl, wanted);
            text.lines()
                .map(|line| {
                    serde_json::from_str::<serde_json::Value>(line).unwrap()["id"]
                        .as_str()
                        .unwrap()
                        .to_owned()
                })
                .collect()
        };
        assert_eq!(ids(&Criteria::default()), ["a", "b", "unreadable-m", "c"]);
        let at = |second: &str| Some(format!("2026-11-24T02:00:{second}Z").parse().unwrap());
        assert_eq!(
            ids(&Criteria { since: at("01"), until: at("04"), ..Criteria::default() }),
            ["b", "unreadable-m"]
        );
        let of = |severity| Criteria { severity: Some(severity), ..Criteria::default() };
        assert!(ids(&of(Severity::Critical)).contains(&"unreadable-m".to_owned()), "it may be anything");
        let filter = |text: &str| Criteria {
            filter: crate::filter::criteria::untriaged(text).ok(),
            ..Criteria::default()
        };
        assert_eq!(ids(&filter("target:bob")), ["b", "unreadable-m"]);
        let filter = |text: &str| Criteria {
            filter: crate::filter::criteria::stored(text).ok(),
            ..Criteria::default()
        };
        assert_eq!(ids(&filter("state:acknowledged")), ["unreadable-m", "c"]);
        assert_eq!(ids(&filter("state:open tag:drill")), ["a"]);
    }

    #[test]
    fn records_are_tables_too_and_inert() {
        let temp = tempfile::tempdir().unwrap();
        let record = serde_json::json!({"eventID": "e1", "eventName": "GetSecretValue",
            "eventSource": "secretsmanager.amazonaws.com", "eventTime": "2026-11-24T02:00:00Z",
            "errorCode": "AccessDenied", "sourceIPAddress": "=cmd()", "userAgent": "a|b\u{1b}[2J",
            "userIdentity": {"type": "IAMUser", "userName": "[eve](http://evil)", "accessKeyId": "AKIA1",
                "arn": "arn:aws:iam::111122223333:user/eve"}});
        let record = detector::Record::new(record).unwrap();
        let call = detector::Detector::default().call(&record, jiff::Timestamp::UNIX_EPOCH).0;
        let calls = [call.clone(), call];
        let written = |name: &str| {
            let path = temp.path().join(name);
            let words = records(&path.to_string_lossy(), &calls).unwrap();
            assert!(words.starts_with("2 records in "), "{words}");
            assert!(matches!(records(&path.to_string_lossy(), &calls), Err(ExportError::Exists(_))));
            std::fs::read_to_string(path).unwrap()
        };
        let csv = written("r.csv");
        assert!(csv.contains("2026-11-24T02:00:00Z,,GetSecretValue,denied,[eve](http://evil),"), "{csv}");
        assert!(csv.contains(",'=cmd(),") && csv.ends_with(",AKIA1,a|b␛[2J,e1\n"), "{csv}");
        let markdown = written("r.md");
        assert_eq!(markdown.lines().count(), 4);
        assert!(markdown.contains("| GetSecretValue | denied | \\[eve\\](http&#58;//evil) |"), "{markdown}");
        let json = written("r.jsonl");
        assert!(json.lines().count() == 2 && json.contains("\"outcome\":\"denied\""), "{json}");
    }
}
