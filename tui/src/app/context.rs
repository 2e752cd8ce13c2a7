//! Records around an alert over the screen, also those that are no alerts: the list as it comes, and its keys.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent};
use detector::facts::Verdict;
use detector::{AlertId, Call, SafeText};
use jiff::Timestamp;

use crate::app::effect::{ContextWork, Effect};
use crate::app::msg::ContextNews;
use crate::format;

/// Hours to either side of the alert at first, and at most.
const HOURS: u32 = 1;
const MOST_HOURS: u32 = 64;
/// Most records that are kept: a session that reads all day.
const MOST: usize = 50_000;

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// A record, by its place; first sight of its address or region.
    Call { at: usize, is_new_address: bool, is_new_region: bool },
    /// Reads that follow each other: the place of the first, and how many.
    Reads { at: usize, count: usize },
}

/// Records around an alert.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) alert: AlertId,
    /// Place of the property that the records share with the alert.
    by: usize,
    hours: u32,
    /// Number of the question, so that answers to an earlier one are known.
    turn: u64,
    /// Properties that records can be found by, in words; empty before the first answer.
    pub(crate) ways: Vec<String>,
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    /// Records in order of time.
    pub(crate) calls: Vec<Call>,
    pub(crate) lines: Vec<Line>,
    /// Calls to CloudTrail so far.
    pub(crate) asked: u64,
    /// Reason of the wait before the next call.
    pub(crate) waits: Option<SafeText>,
    /// Part that could not be read, the last one, and how many.
    pub(crate) failed: Option<(SafeText, usize)>,
    pub(crate) is_done: bool,
    /// True while reads that follow each other are one line.
    folds: bool,
    /// True once somebody moved the cursor; until then it is at the alert.
    is_moved: bool,
    /// Line under the cursor.
    pub(crate) line: usize,
    /// Number of lines above the screen.
    pub(crate) top: usize,
}

/// Result of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    Stays,
    Closes,
    /// Go to this alert in the list.
    GoTo(AlertId),
    /// A line that is no alert was chosen.
    NoAlert,
    /// Ask anew.
    Asks(Effect),
    Copy(String),
}

impl Context {
    /// Opens the list around an alert, with the question for it.
    pub(crate) fn around(alert: AlertId, turn: u64) -> (Self, Effect) {
        let this = Self {
            alert,
            by: 0,
            hours: HOURS,
            turn,
            ways: Vec::new(),
            span: None,
            calls: Vec::new(),
            lines: Vec::new(),
            asked: 0,
            waits: None,
            failed: None,
            is_done: false,
            folds: true,
            is_moved: false,
            line: 0,
            top: 0,
        };
        let effect = this.question();
        (this, effect)
    }

    fn question(&self) -> Effect {
        let (alert, by, hours, turn) = (self.alert.clone(), self.by, self.hours, self.turn);
        Effect::Context(ContextWork::Ask { alert, by, hours, turn })
    }

    /// Number of the question whose answers are awaited.
    pub(crate) const fn turn(&self) -> u64 {
        self.turn
    }

    /// The property that the records share, in words.
    pub(crate) fn way(&self) -> &str {
        self.ways.get(self.by).map_or("", String::as_str)
    }

    /// Takes a part of an answer; one to an earlier question is left out.
    pub(crate) fn take(&mut self, turn: u64, news: ContextNews) {
        if turn != self.turn {
            return;
        }
        match news {
            ContextNews::Begun { ways, by, span } => {
                (self.ways, self.by, self.span) = (ways, by, Some(span));
            }
            ContextNews::Found { calls, asked } => {
                let known: HashSet<AlertId> = self.calls.iter().map(|call| call.id.clone()).collect();
                let current = self.current().map(|call| call.id.clone());
                let room = MOST.saturating_sub(self.calls.len());
                if calls.len() > room {
                    let why = format!("more than {MOST} records: the others are left out");
                    self.failed = Some((SafeText::new(&why), 1));
                }
                self.calls.extend(calls.into_iter().filter(|call| !known.contains(&call.id)).take(room));
                self.calls.sort_by(|one, other| (one.time, &one.id.0).cmp(&(other.time, &other.id.0)));
                (self.asked, self.waits) = (asked, None);
                self.arrange(current.as_ref());
            }
            ContextNews::Waits(why) => self.waits = Some(SafeText::new(&why)),
            ContextNews::Failed(why) => {
                let count = self.failed.as_ref().map_or(0, |(_, count)| *count) + 1;
                self.failed = Some((SafeText::new(&why), count));
            }
            ContextNews::Done => (self.is_done, self.waits) = (true, None),
        }
    }

    /// The record under the cursor; of folded reads the first.
    fn current(&self) -> Option<&Call> {
        let (Line::Call { at, .. } | Line::Reads { at, .. }) = *self.lines.get(self.line)?;
        self.calls.get(at)
    }

    /// Makes the lines anew, with the cursor at a record: at first at the alert.
    fn arrange(&mut self, at: Option<&AlertId>) {
        let (mut addresses, mut regions) = (HashSet::new(), HashSet::new());
        self.lines.clear();
        for (at, call) in self.calls.iter().enumerate() {
            let is_new = |seen: &mut HashSet<String>, value: Option<&String>| {
                // The first of all is no news.
                let is_first = seen.is_empty();
                value.is_some_and(|value| seen.insert(value.clone())) && !is_first
            };
            // A service that calls for somebody is no place.
            let address = call.source_ip.as_ref().filter(|text| text.parse::<std::net::IpAddr>().is_ok());
            let is_new_address = is_new(&mut addresses, address);
            let is_new_region = is_new(&mut regions, call.region.as_ref());
            let is_plain = is_plain_read(call) && !is_new_address && !is_new_region;
            match self.lines.last_mut() {
                Some(Line::Reads { count, .. }) if self.folds && is_plain => *count += 1,
                _ if self.folds && is_plain => self.lines.push(Line::Reads { at, count: 1 }),
                _ => self.lines.push(Line::Call { at, is_new_address, is_new_region }),
            }
        }
        let wanted = at.filter(|_| self.is_moved).unwrap_or(&self.alert);
        let place = self.calls.iter().position(|call| call.id == *wanted);
        let line = place.and_then(|place| {
            let has = |line: &Line| match *line {
                Line::Call { at, .. } => at == place,
                Line::Reads { at, count } => (at..at + count).contains(&place),
            };
            self.lines.iter().position(has)
        });
        self.line = line.unwrap_or_else(|| self.line.min(self.lines.len().saturating_sub(1)));
    }

    /// Lines above the screen, of so many rows, so that the one under the cursor is on it.
    pub(crate) fn top_of(&self, rows: usize) -> usize {
        let last_page = self.lines.len().saturating_sub(rows.max(1));
        self.top.min(last_page).clamp((self.line + 1).saturating_sub(rows.max(1)), self.line)
    }

    /// Takes a key. `rows`: those of the list.
    pub(crate) fn key(&mut self, key: KeyEvent, rows: usize) -> Pressed {
        let page = isize::try_from(rows.max(2) - 1).unwrap_or(1);
        let by = match key.code {
            KeyCode::Char('j') | KeyCode::Down => 1,
            KeyCode::Char('k') | KeyCode::Up => -1,
            KeyCode::PageDown | KeyCode::Char(' ') => page,
            KeyCode::PageUp => -page,
            KeyCode::Char('g') | KeyCode::Home => isize::MIN,
            KeyCode::Char('G') | KeyCode::End => isize::MAX,
            KeyCode::Char('f') => {
                self.folds = !self.folds;
                let current = self.current().map(|call| call.id.clone());
                self.arrange(current.as_ref());
                0
            }
            KeyCode::Tab if self.ways.len() > 1 => {
                self.by = (self.by + 1) % self.ways.len();
                return self.anew();
            }
            KeyCode::Char('+' | '=') if self.hours < MOST_HOURS => {
                self.hours *= 2;
                return self.anew();
            }
            KeyCode::Enter => {
                let alert = self.current().filter(|call| call.severity.is_some());
                return alert.map_or(Pressed::NoAlert, |call| Pressed::GoTo(call.id.clone()));
            }
            KeyCode::Char('y') => return Pressed::Copy(self.text()),
            KeyCode::Esc | KeyCode::Char('q' | 'x' | 'h') | KeyCode::Left => return Pressed::Closes,
            _ => 0,
        };
        self.is_moved |= by != 0;
        self.line = self.line.saturating_add_signed(by).min(self.lines.len().saturating_sub(1));
        self.top = self.top_of(rows);
        Pressed::Stays
    }

    /// Asks anew: by another property, or over a longer span.
    fn anew(&mut self) -> Pressed {
        self.turn += 1;
        (self.calls, self.lines) = (Vec::new(), Vec::new());
        (self.line, self.top, self.asked) = (0, 0, 0);
        (self.waits, self.failed, self.is_done, self.is_moved) = (None, None, false, false);
        Pressed::Asks(self.question())
    }

    /// The whole list as text for a ticket; nothing foreign acts in it.
    fn text(&self) -> String {
        let mut out = format!("Records by {}\n", SafeText::new(self.way()));
        for call in &self.calls {
            let time = call.time.map_or_else(|| "no time".to_owned(), format::date_time);
            let place = format!(
                "{} {} {}",
                call.service,
                call.region.as_deref().unwrap_or("-"),
                call.source_ip.as_deref().unwrap_or("-")
            );
            // Writing to a String does not fail.
            let line = format!("- {time} UTC {} {} ({place}) [{}]", mark(call), call.summary, call.id.0);
            // Foreign text makes no line of its own.
            let _ = writeln!(out, "{}", SafeText::new(&line));
        }
        out
    }

    /// Words of folded reads: `31 reads: Describe…, 6 services`.
    pub(crate) fn words_of_reads(&self, at: usize, count: usize) -> String {
        let reads = self.calls.get(at..at + count).unwrap_or_default();
        let services: BTreeSet<&str> = reads.iter().map(|call| call.service.as_str()).collect();
        let mut names: Vec<&str> = Vec::new();
        for call in reads {
            if !names.contains(&call.event.as_str()) && names.len() < 4 {
                names.push(&call.event);
            }
        }
        let all: HashSet<&str> = reads.iter().map(|call| call.event.as_str()).collect();
        let more = if all.len() > names.len() { ", …" } else { "" };
        let services = match services.len() {
            1 => services.first().map_or_else(String::new, |one| (*one).to_owned()),
            many => format!("{many} services"),
        };
        format!("{count} × {}{more} ({services})", names.join(", "))
    }
}

/// True for a read that worked, raises no alert and issues nothing.
fn is_plain_read(call: &Call) -> bool {
    call.read_only
        && call.severity.is_none()
        && call.link.is_none()
        && call.outcome.verdict == Verdict::Success
}

/// Word for what a record is.
pub(crate) fn mark(call: &Call) -> String {
    match (call.severity, call.outcome.verdict) {
        (Some(severity), _) => severity.to_string(),
        (None, Verdict::Denied) => "denied".to_owned(),
        (None, Verdict::Failed) => "failed".to_owned(),
        (None, Verdict::Success) if call.link.is_some() => "→".to_owned(),
        (None, Verdict::Success) => String::new(),
    }
}

/// Rows of the list on a screen of this height.
pub(crate) fn rows(height: u16) -> usize {
    // The frame, the status line, and a line for what went wrong.
    usize::from(height.saturating_sub(4))
}

#[cfg(test)]
mod tests;
