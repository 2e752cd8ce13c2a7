//! Alerts as tables: CSV for spreadsheets, Markdown for tickets. Both are read by programs that act on
//! what stands in them, and much of what stands in them is chosen by whoever made the call.

use std::io::{self, Write};

use detector::facts::Verdict;
use detector::{Alert, AlertId, Call, SafeText};

use crate::model::{Content, Stored};
use crate::output::seconds;

/// Names of the columns for triage: the remarks that people made on an alert.
const TRIAGE: [&str; 4] = ["state", "by", "note", "tags"];

/// State, who had the last word, note, tags.
fn triage_columns(stored: &Stored) -> [String; 4] {
    let remarks = stored.remarks.as_ref();
    [
        stored.state.label().to_owned(),
        remarks.map(|said| said.by.clone()).unwrap_or_default(),
        remarks.and_then(|said| said.note.clone()).unwrap_or_default(),
        remarks.map(|said| said.tags.join(" ")).unwrap_or_default(),
    ]
}

/// A column: its name, whether a narrow table has it, and what stands in it.
struct Column<T> {
    name: &'static str,
    in_markdown: bool,
    of: fn(&T) -> String,
}

const CALLS: &[Column<Call>] = &[
    Column { name: "severity", in_markdown: true, of: |call| of(call.severity) },
    Column { name: "event", in_markdown: true, of: |call| call.event.clone() },
    Column { name: "outcome", in_markdown: true, of: |call| verdict(Some(call.outcome.verdict)) },
    Column { name: "actor", in_markdown: true, of: |call| call.actor.name.clone() },
    Column {
        name: "target",
        in_markdown: true,
        of: |call| of(call.target.as_ref().map(|target| &target.name)),
    },
    Column { name: "source_ip", in_markdown: true, of: |call| of(call.source_ip.as_ref()) },
    Column { name: "account", in_markdown: true, of: |call| of(call.account.as_ref()) },
    Column { name: "region", in_markdown: true, of: |call| of(call.region.as_ref()) },
    Column { name: "service", in_markdown: false, of: |call| call.service.clone() },
    Column { name: "summary", in_markdown: true, of: |call| call.summary.clone() },
    Column { name: "rules", in_markdown: false, of: |call| call.rules.join("; ") },
    Column { name: "read_only", in_markdown: false, of: |call| call.read_only.to_string() },
    Column { name: "session", in_markdown: false, of: |call| of(call.session.as_ref()) },
    Column { name: "access_key", in_markdown: false, of: |call| of(call.access_key.as_ref()) },
    Column { name: "user_agent", in_markdown: false, of: |call| of(call.user_agent.as_ref()) },
];

fn of(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

const COLUMNS: &[Column<Alert>] = &[
    Column { name: "severity", in_markdown: true, of: |alert| alert.severity.to_string() },
    Column { name: "event", in_markdown: true, of: |alert| alert.event.clone() },
    Column { name: "outcome", in_markdown: true, of: outcome },
    Column { name: "actor", in_markdown: true, of: actor },
    Column { name: "target", in_markdown: true, of: target },
    Column { name: "source_ip", in_markdown: true, of: |alert| alert.source_ip.clone().unwrap_or_default() },
    Column { name: "account", in_markdown: true, of: |alert| alert.account.clone().unwrap_or_default() },
    Column { name: "region", in_markdown: false, of: |alert| alert.region.clone().unwrap_or_default() },
    Column { name: "summary", in_markdown: true, of: |alert| alert.summary.clone() },
    Column { name: "reasons", in_markdown: false, of: |alert| alert.reasons.join("; ") },
    Column { name: "rules", in_markdown: false, of: rules },
    Column { name: "user", in_markdown: false, of: |alert| alert.user.clone().unwrap_or_default() },
    Column {
        name: "user_agent",
        in_markdown: false,
        of: |alert| alert.user_agent.clone().unwrap_or_default(),
    },
];

fn outcome(alert: &Alert) -> String {
    verdict(alert.facts.as_ref().map(|facts| facts.outcome.verdict))
}

fn verdict(verdict: Option<Verdict>) -> String {
    match verdict {
        Some(Verdict::Success) => "success",
        Some(Verdict::Denied) => "denied",
        Some(Verdict::Failed) => "failed",
        None => "",
    }
    .to_owned()
}

fn actor(alert: &Alert) -> String {
    let facts = alert.facts.as_ref();
    facts.map(|facts| facts.actor.name.clone()).or_else(|| alert.user.clone()).unwrap_or_default()
}

fn target(alert: &Alert) -> String {
    let target = alert.facts.as_ref().and_then(|facts| facts.target.as_ref());
    target.map(|target| target.name.clone()).unwrap_or_default()
}

fn rules(alert: &Alert) -> String {
    alert.rules.iter().map(|rule| rule.title.as_str()).collect::<Vec<_>>().join("; ")
}

/// A row's cells, safe to look at; of what could not be read only the summary says something.
fn cells<'a>(
    stored: &'a Stored,
    columns: impl Iterator<Item = &'a Column<Alert>> + 'a,
) -> impl Iterator<Item = String> + 'a {
    let rest = columns.map(|column| match &stored.content {
        Content::Alert(alert) => (column.of)(alert),
        Content::Unreadable { why, .. } if column.name == "summary" => {
            format!("unreadable message: {why}")
        }
        Content::Unreadable { .. } => String::new(),
    });
    std::iter::once(seconds(stored.time))
        .chain(rest)
        .chain(triage_columns(stored))
        .map(|cell| SafeText::new(&cell).as_str().to_owned())
}

/// Cells of a record.
fn cells_of_call<'a>(
    call: &'a Call,
    columns: impl Iterator<Item = &'a Column<Call>> + 'a,
) -> impl Iterator<Item = String> + 'a {
    let time = std::iter::once(of(call.time.map(seconds)));
    let cells = time.chain(columns.map(|column| (column.of)(call)));
    cells.map(|cell| SafeText::new(&cell).as_str().to_owned())
}

/// Comma-separated values, with a head; each row ends with the id.
pub(super) struct Csv<W: Write>(csv::Writer<W>);

impl<W: Write> Csv<W> {
    /// A table of alerts.
    pub(super) fn new(out: W) -> io::Result<Self> {
        Self::with(out, COLUMNS.iter().map(|column| column.name).chain(TRIAGE))
    }

    /// A table of records.
    pub(super) fn of_calls(out: W) -> io::Result<Self> {
        Self::with(out, CALLS.iter().map(|column| column.name))
    }

    fn with(out: W, names: impl Iterator<Item = &'static str>) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(std::iter::once("time").chain(names).chain(["id"]))?;
        Ok(Self(out))
    }

    pub(super) fn entry(&mut self, stored: &Stored) -> io::Result<()> {
        self.row(cells(stored, COLUMNS.iter()), &stored.id)
    }

    pub(super) fn call(&mut self, call: &Call) -> io::Result<()> {
        self.row(cells_of_call(call, CALLS.iter()), &call.id)
    }

    fn row(&mut self, cells: impl Iterator<Item = String>, id: &AlertId) -> io::Result<()> {
        let id = SafeText::new(&id.0).as_str().to_owned();
        self.0.write_record(cells.chain([id]).map(no_formula))?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A spreadsheet runs what begins like a formula; behind an apostrophe it is a text
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn no_formula(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell }
}

/// A table as GitHub, GitLab and most others read it.
pub(super) struct Markdown<W: Write>(W);

impl<W: Write> Markdown<W> {
    /// A table of alerts.
    pub(super) fn new(out: W) -> io::Result<Self> {
        let names = COLUMNS.iter().filter(|column| column.in_markdown).map(|column| column.name);
        Self::with(out, names.chain(TRIAGE))
    }

    /// A table of records.
    pub(super) fn of_calls(out: W) -> io::Result<Self> {
        Self::with(out, CALLS.iter().filter(|column| column.in_markdown).map(|column| column.name))
    }

    fn with(mut out: W, names: impl Iterator<Item = &'static str>) -> io::Result<Self> {
        let names: Vec<_> = std::iter::once("time (UTC)").chain(names).collect();
        writeln!(out, "| {} |", names.join(" | "))?;
        writeln!(out, "|{}", " --- |".repeat(names.len()))?;
        Ok(Self(out))
    }

    pub(super) fn entry(&mut self, stored: &Stored) -> io::Result<()> {
        self.row(cells(stored, COLUMNS.iter().filter(|column| column.in_markdown)))
    }

    pub(super) fn call(&mut self, call: &Call) -> io::Result<()> {
        self.row(cells_of_call(call, CALLS.iter().filter(|column| column.in_markdown)))
    }

    fn row(&mut self, cells: impl Iterator<Item = String>) -> io::Result<()> {
        let cells: Vec<_> = cells.map(|cell| inert(&cell)).collect();
        writeln!(self.0, "| {} |", cells.join(" | "))
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// No markup, no link, nobody mentioned.
fn inert(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len() + 8);
    for c in cell.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => text.extend(['\\', c]),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '@' => text.push_str("&#64;"),
            c => text.push(c),
        }
    }
    text.replace("://", "&#58;//").replace("www.", "www&#46;")
}
