//! Records around an alert or an incident over the screen, also those that are no alerts: the list as it comes, and its
//! keys.

pub(crate) mod around;
pub(crate) mod finding;
pub(crate) mod lines;

use std::collections::HashSet;
use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent};
use detector::{AlertId, Call, SafeText};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::effect::{ContextWork, Effect};
use crate::app::msg::ContextNews;
use crate::app::query::prompt::PromptKind;
use crate::filter::Clock;
use crate::format;
use crate::model::ExportFormat;
use around::Around;
use finding::Finding;
use lines::{Line, mark};

/// Hours to either side at first, and at most.
const HOURS: u32 = 1;
const MOST_HOURS: u32 = 64;
/// Most records that are kept: a session that reads all day.
const MOST: usize = 50_000;

/// Keys of the list, as the help shows them.
pub(crate) const KEYS: &str = "\
j k g G      down, up, first, last
Enter        go to the alert
Tab          by another property: access key, session, user, source IP, incident
+ -          twice, half the time to either side
f            filter, as in the list: outcome:denied, event:Get*, -source:sts
/ n N        search, next hit, hit before
l h          unfold, fold reads that follow each other
y            copy what is shown, for a ticket
w            write what is shown to a new file: .jsonl, .csv or .md
Esc          end the search, the filter; close";

/// Records around an alert.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) around: Around,
    /// Place of the property that the records share with the alert; `None`: the incident's.
    by: Option<usize>,
    hours: u32,
    /// Number of the question, so that answers to an earlier one are known.
    turn: u64,
    /// Properties that records can be found by, in words; empty before the first answer.
    pub(crate) ways: Vec<String>,
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    /// Records in order of time.
    pub(crate) calls: Vec<Call>,
    /// Their ids.
    known: HashSet<AlertId>,
    /// Places of those that the filter lets through.
    shown: Vec<usize>,
    pub(crate) lines: Vec<Line>,
    /// By line: true where the search finds a record of it.
    hits: Vec<bool>,
    /// By line: words of reads that are folded; empty for others.
    words: Vec<String>,
    pub(crate) finding: Finding,
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
    /// Number of files that were written.
    files: u32,
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
    /// Say this, which goes away by itself.
    Says(&'static str),
    /// Ask anew.
    Asks(Effect),
    Copy(String),
    /// Write the records that are shown into a new file of this path.
    Write(String, Vec<Call>),
    /// Show the keys.
    Help,
}

impl Context {
    /// Opens the list, with the question for it.
    pub(crate) fn around(around: Around, turn: u64) -> (Self, Effect) {
        let this = Self {
            by: (!around.is_incident).then_some(0),
            around,
            hours: HOURS,
            turn,
            ways: Vec::new(),
            span: None,
            calls: Vec::new(),
            known: HashSet::new(),
            shown: Vec::new(),
            lines: Vec::new(),
            hits: Vec::new(),
            words: Vec::new(),
            finding: Finding::default(),
            asked: 0,
            waits: None,
            failed: None,
            is_done: false,
            folds: true,
            is_moved: false,
            files: 0,
            line: 0,
            top: 0,
        };
        let effect = this.question();
        (this, effect)
    }

    fn question(&self) -> Effect {
        let (around, by, hours, turn) = (self.around.clone(), self.by, self.hours, self.turn);
        Effect::Context(ContextWork::Ask { around, by, hours, turn })
    }

    /// Number of the question whose answers are awaited.
    pub(crate) const fn turn(&self) -> u64 {
        self.turn
    }

    /// The property that the records share, in words.
    pub(crate) fn way(&self) -> &str {
        self.ways.get(self.by.unwrap_or(0)).map_or("", String::as_str)
    }

    /// Takes a part of an answer; one to an earlier question is left out.
    pub(crate) fn take(&mut self, turn: u64, news: ContextNews) {
        if turn != self.turn {
            return;
        }
        match news {
            ContextNews::Begun { ways, by, span } => {
                (self.ways, self.by, self.span) = (ways, Some(by), Some(span));
            }
            ContextNews::Found { calls, asked } => {
                let current = self.current().map(|call| call.id.clone());
                let mut new: Vec<Call> =
                    calls.into_iter().filter(|call| self.known.insert(call.id.clone())).collect();
                if new.len() > MOST.saturating_sub(self.calls.len()) {
                    let why = format!("more than {MOST} records: the others are left out");
                    self.failed = Some((SafeText::new(&why), 1));
                    new.truncate(MOST.saturating_sub(self.calls.len()));
                }
                self.calls.extend(new);
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

    /// Records that the filter lets through, in order of time.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Call> {
        self.shown.iter().filter_map(|at| self.calls.get(*at))
    }

    /// Records of a line.
    pub(crate) fn calls_of(&self, line: Line) -> Vec<&Call> {
        let places = self.shown.get(line.at()..line.at() + line.count()).unwrap_or_default();
        places.iter().filter_map(|at| self.calls.get(*at)).collect()
    }

    /// The record under the cursor; of folded reads the first.
    fn current(&self) -> Option<&Call> {
        self.calls_of(*self.lines.get(self.line)?).first().copied()
    }

    /// Makes the lines anew, with the cursor at a record: at first at the alert.
    fn arrange(&mut self, at: Option<&AlertId>) {
        let passes = |(at, call)| self.finding.lets_through(call).then_some(at);
        self.shown = self.calls.iter().enumerate().filter_map(passes).collect();
        self.lines = lines::lines(self.shown(), self.folds);
        let is_hit = |line: &Line| self.calls_of(*line).into_iter().any(|call| self.finding.is_hit(call));
        self.hits = self.lines.iter().map(is_hit).collect();
        let words = |line: &Line| match line {
            Line::Reads { count: 2.., .. } => lines::words_of_reads(&self.calls_of(*line)),
            _ => String::new(),
        };
        self.words = self.lines.iter().map(words).collect();
        let wanted = at.filter(|_| self.is_moved).unwrap_or(&self.around.alert);
        let line = lines::line_of(&self.lines, self.shown(), wanted);
        self.line = line.unwrap_or_else(|| self.line.min(self.lines.len().saturating_sub(1)));
    }

    /// Makes the lines anew, with the cursor where it is.
    fn rearrange(&mut self) {
        let current = self.current().map(|call| call.id.clone());
        self.arrange(current.as_ref());
    }

    /// Lines above the screen, of so many rows, so that the one under the cursor is on it.
    pub(crate) fn top_of(&self, rows: usize) -> usize {
        let last_page = self.lines.len().saturating_sub(rows.max(1));
        self.top.min(last_page).clamp((self.line + 1).saturating_sub(rows.max(1)), self.line)
    }

    /// The clock of times in a filter: UTC, as the list shows them; times of a day are of the alert's day.
    fn clock(&self, now: Timestamp) -> Clock {
        let day = self.span.map(|(since, _)| TimeZone::UTC.to_datetime(since).date());
        Clock { now, zone: TimeZone::UTC, day }
    }

    /// Takes a key. `rows`: those of the list.
    pub(crate) fn key(&mut self, key: KeyEvent, rows: usize, now: Timestamp) -> Pressed {
        if key.code == KeyCode::Enter
            && let Some(path) = self.finding.take_path()
        {
            if path.is_empty() {
                return Pressed::Stays;
            }
            return Pressed::Write(path, self.shown().cloned().collect());
        }
        if let Some(is_changed) = self.finding.key(key, &self.clock(now), &self.calls) {
            if is_changed {
                self.rearrange();
            }
            self.top = self.top_of(rows);
            return Pressed::Stays;
        }
        let page = isize::try_from(rows.max(2) - 1).unwrap_or(1);
        let by = match key.code {
            KeyCode::Char('j') | KeyCode::Down => 1,
            KeyCode::Char('k') | KeyCode::Up => -1,
            KeyCode::PageDown | KeyCode::Char(' ') => page,
            KeyCode::PageUp => -page,
            KeyCode::Char('g') | KeyCode::Home => isize::MIN,
            KeyCode::Char('G') | KeyCode::End => isize::MAX,
            _ => return self.act(key, rows),
        };
        self.is_moved = true;
        self.line = self.line.saturating_add_signed(by).min(self.lines.len().saturating_sub(1));
        self.top = self.top_of(rows);
        Pressed::Stays
    }

    /// Takes a key that moves nothing.
    fn act(&mut self, key: KeyEvent, rows: usize) -> Pressed {
        match key.code {
            KeyCode::Char('f') => self.finding.open(PromptKind::Filter(None)),
            KeyCode::Char('/') => self.finding.open(PromptKind::Search),
            KeyCode::Char('n') => return self.next_hit(true, rows),
            KeyCode::Char('N') => return self.next_hit(false, rows),
            KeyCode::Char('l') | KeyCode::Right if self.folds => self.fold(false, rows),
            KeyCode::Char('h') | KeyCode::Left if !self.folds => self.fold(true, rows),
            KeyCode::Tab if self.ways.len() > 1 => return self.by_other(1),
            KeyCode::BackTab if self.ways.len() > 1 => return self.by_other(self.ways.len() - 1),
            KeyCode::Char('+' | '=') if self.hours < MOST_HOURS => {
                self.hours *= 2;
                return self.anew();
            }
            KeyCode::Char('+' | '=') => return Pressed::Says("64 hours to either side is the most"),
            KeyCode::Char('-') if self.hours > HOURS => {
                self.hours /= 2;
                return self.anew();
            }
            KeyCode::Char('-') => return Pressed::Says("an hour to either side is the least"),
            KeyCode::Enter => {
                let alert = self.current().filter(|call| call.severity.is_some());
                let none = Pressed::Says("no alert on this line");
                return alert.map_or(none, |call| Pressed::GoTo(call.id.clone()));
            }
            KeyCode::Char('y') => return Pressed::Copy(self.text()),
            KeyCode::Char('w') => self.finding.open_path(&self.file_name()),
            KeyCode::Char('?') | KeyCode::F(1) => return Pressed::Help,
            KeyCode::Esc if self.finding.end() => self.rearrange(),
            KeyCode::Esc | KeyCode::Char('q' | 'x' | 'h') | KeyCode::Left => return Pressed::Closes,
            _ => {}
        }
        Pressed::Stays
    }

    fn fold(&mut self, folds: bool, rows: usize) {
        self.folds = folds;
        self.rearrange();
        self.top = self.top_of(rows);
    }

    /// Goes to the next line with a hit of the search, or the one before, round the ends.
    fn next_hit(&mut self, forward: bool, rows: usize) -> Pressed {
        if self.finding.search().is_none() {
            return Pressed::Says("nothing is searched for: / searches");
        }
        let count = self.lines.len();
        let steps = (1..=count).map(|step| if forward { step } else { count - step });
        let mut places = steps.map(|step| (self.line + step) % count);
        let Some(hit) = places.find(|at| self.is_hit(*at)) else {
            return Pressed::Says("no hit among the records shown");
        };
        (self.line, self.is_moved) = (hit, true);
        self.top = self.top_of(rows);
        Pressed::Stays
    }

    /// True where the search finds a record of a line.
    pub(crate) fn is_hit(&self, line: usize) -> bool {
        self.hits.get(line).copied().unwrap_or(false)
    }

    /// Words of reads that are folded into a line; empty for other lines.
    pub(crate) fn words(&self, line: usize) -> &str {
        self.words.get(line).map_or("", String::as_str)
    }

    /// Asks by the property that stands so many places further on.
    fn by_other(&mut self, on: usize) -> Pressed {
        self.by = Some((self.by.unwrap_or(0) + on) % self.ways.len().max(1));
        self.anew()
    }

    /// Asks anew: by another property, or over another span.
    fn anew(&mut self) -> Pressed {
        self.turn += 1;
        (self.calls, self.lines, self.shown) = (Vec::new(), Vec::new(), Vec::new());
        (self.hits, self.words, self.known) = (Vec::new(), Vec::new(), HashSet::new());
        (self.line, self.top, self.asked) = (0, 0, 0);
        (self.waits, self.failed, self.is_done, self.is_moved) = (None, None, false, false);
        Pressed::Asks(self.question())
    }

    /// Counts a file, so that another name is proposed for the next.
    pub(crate) const fn is_written(&mut self) {
        self.files += 1;
    }

    /// Name that is proposed for a file: `records-1b2c3d4e.jsonl`, then `records-1b2c3d4e-2.jsonl`. An id is foreign text: nothing of it may lead out of
    /// the folder.
    fn file_name(&self) -> String {
        let id: String = self.around.alert.0.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let number = if self.files == 0 { String::new() } else { format!("-{}", self.files + 1) };
        format!("records-{id}{number}.{}", ExportFormat::Jsonl.extension())
    }

    /// The records that are shown as text for a ticket; nothing foreign acts in it.
    fn text(&self) -> String {
        let mut out = format!("Records by {}\n", SafeText::new(self.way()));
        if let Some(filter) = self.finding.filter() {
            // Writing to a String does not fail.
            let _ = writeln!(out, "Filter: {}", SafeText::new(filter));
        }
        for call in self.shown() {
            let time = call.time.map_or_else(|| "no time".to_owned(), format::date_time);
            let place = format!(
                "{} {} {}",
                call.service,
                call.region.as_deref().unwrap_or("-"),
                call.source_ip.as_deref().unwrap_or("-")
            );
            let line = format!("- {time} UTC {} {} ({place}) [{}]", mark(call), call.summary, call.id.0);
            // Foreign text makes no line of its own.
            let _ = writeln!(out, "{}", SafeText::new(&line));
        }
        out
    }
}

/// Rows of the list on a screen of this height.
pub(crate) fn rows(height: u16) -> usize {
    // The frame, the status line, and a line for a filter or for what went wrong.
    usize::from(height.saturating_sub(4))
}

#[cfg(test)]
mod tests;
