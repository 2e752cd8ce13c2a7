//! The board of incidents over the screen: a list of them and the timeline of the one under the cursor; its keys.

use crossterm::event::{KeyCode, KeyEvent};
use detector::AlertId;

use super::Incidents;
use super::page::Page;
use crate::filter::quote;
use crate::incidents::{Incident, State};
use crate::model::Members;

/// Keys of the board, as the help shows them.
pub(crate) const KEYS: &str = "\
Enter, Tab   timeline of the incident; there Enter goes to the alert
j k g G      down, up, first, last
a            acknowledge all alerts of the incident
z            undo the last change
c            note on its first alert
y            copy the whole incident
w            write a report, Markdown, into the working folder
x            records of all its identities, also those that are no alerts
p            pivot: its alerts alone in the list
1            incidents of one alert too
A            acknowledged incidents too
Esc          back to the list of incidents, then close";

/// The board.
#[derive(Debug, Default, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property by itself")]
pub(crate) struct Board {
    /// An alert of the incident under the cursor; `None` before anything was known.
    pub(crate) at: Option<AlertId>,
    /// Number of incidents above the screen.
    pub(crate) top: usize,
    /// True while keys go to the timeline.
    pub(crate) is_open: bool,
    /// Line under the cursor in the timeline.
    pub(crate) line: usize,
    /// Lines of the timeline above the screen.
    pub(crate) line_top: usize,
    /// True where incidents of one alert are shown too.
    pub(crate) singles: bool,
    /// True where acknowledged incidents are shown too.
    pub(crate) acknowledged: bool,
    /// True where the alert was asked for by an id, which may be none.
    pub(crate) is_asked: bool,
}

/// Result of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    Stays,
    Closes,
    /// Go to this alert in the list.
    GoTo(AlertId),
    /// Acknowledge all alerts of the incident.
    Acknowledge(Vec<AlertId>),
    /// Undo the last change.
    Undo,
    /// Show the incident's alerts in the list, by this filter.
    Pivot(String),
    /// Write a note on the incident's first alert.
    Note(AlertId),
    /// Copy the whole incident.
    Copy(String),
    /// Show the records around this alert.
    Context(AlertId),
    /// Write a report on the incident.
    Report(Box<Incident>),
    /// A line that is no alert was chosen.
    NoAlert,
    /// Show the keys.
    Help,
}

impl Board {
    /// Opens the board at the incident of an alert.
    pub(crate) fn at(alert: Option<AlertId>) -> Self {
        Self { at: alert, ..Self::default() }
    }

    /// Opens the board at the incident of an alert that was asked for by its id, or the beginning of it.
    pub(crate) fn asked(id: String) -> Self {
        Self { at: Some(AlertId(id)), is_asked: true, ..Self::default() }
    }

    /// True for an incident that the board shows.
    pub(crate) fn shows(&self, incident: &Incident) -> bool {
        let is_here = self.at.as_ref().is_some_and(|at| incident.alerts.contains(&at.0));
        let is_shown = (self.singles || incident.alerts.len() > 1)
            && (self.acknowledged || incident.state == State::Open);
        is_here || is_shown
    }

    /// Returns the place of the incident under the cursor among those that are shown; `None` while the alert at which
    /// the board should be is in none of them.
    pub(crate) fn cursor(&self, shown: &[&Incident]) -> Option<usize> {
        match &self.at {
            Some(at) => shown.iter().position(|incident| incident.alerts.contains(&at.0)),
            None => (!shown.is_empty()).then_some(0),
        }
    }

    /// Returns the number of incidents above the screen, of so many rows, so that the one under the cursor is on it.
    pub(crate) fn top_of(&self, cursor: usize, rows: usize) -> usize {
        self.top.clamp((cursor + 1).saturating_sub(rows.max(1)), cursor)
    }

    /// Takes a key. `rows`: those of the list and of the timeline; `width`: cells of a line.
    pub(crate) fn key(
        &mut self,
        key: KeyEvent,
        known: &Incidents,
        (list_rows, page_rows): (usize, usize),
        width: usize,
    ) -> Pressed {
        let shown = known.shown(self);
        let cursor = self.cursor(&shown);
        let chosen = cursor.and_then(|at| shown.get(at)).copied();
        let rows = if self.is_open { page_rows } else { list_rows };
        let page_rows_step = isize::try_from(rows.max(2) - 1).unwrap_or(1);
        match key.code {
            KeyCode::Char('j') | KeyCode::Down => self.step(1, &shown, width),
            KeyCode::Char('k') | KeyCode::Up => self.step(-1, &shown, width),
            KeyCode::PageDown | KeyCode::Char(' ') => self.step(page_rows_step, &shown, width),
            KeyCode::PageUp => self.step(-page_rows_step, &shown, width),
            KeyCode::Char('g') | KeyCode::Home => self.step(isize::MIN, &shown, width),
            KeyCode::Char('G') | KeyCode::End => self.step(isize::MAX, &shown, width),
            KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') if !self.is_open => {
                self.is_open = chosen.is_some();
            }
            KeyCode::Enter => {
                let page = chosen.map(|incident| Page::of(incident, width));
                let alert = page.as_ref().and_then(|page| page.alert(self.line)).map(str::to_owned);
                return alert.map_or(Pressed::NoAlert, |id| Pressed::GoTo(AlertId(id)));
            }
            KeyCode::Tab => self.is_open = !self.is_open && chosen.is_some(),
            KeyCode::Esc | KeyCode::Left | KeyCode::Char('h') if self.is_open => self.is_open = false,
            KeyCode::Char('1') => self.singles = !self.singles,
            KeyCode::Char('A') => self.acknowledged = !self.acknowledged,
            KeyCode::Char('a') => {
                let alerts = chosen.map(|incident| incident.alerts.iter().cloned().map(AlertId).collect());
                return alerts.map_or(Pressed::Stays, Pressed::Acknowledge);
            }
            KeyCode::Char('x') => {
                let page = chosen.map(|incident| Page::of(incident, width));
                let line = page.as_ref().and_then(|page| page.alert(self.line)).filter(|_| self.is_open);
                let first = chosen.and_then(|incident| incident.alerts.first()).map(String::as_str);
                let id = line.or(first).map(|id| AlertId(id.to_owned()));
                return id.map_or(Pressed::Stays, Pressed::Context);
            }
            KeyCode::Char('w') => {
                let report = chosen.map(|incident| Pressed::Report(Box::new(incident.clone())));
                return report.unwrap_or(Pressed::Stays);
            }
            KeyCode::Char('z') => return Pressed::Undo,
            KeyCode::Char('?') | KeyCode::F(1) => return Pressed::Help,
            KeyCode::Char('p') => {
                return chosen.map_or(Pressed::Stays, |incident| Pressed::Pivot(filter_of(incident)));
            }
            KeyCode::Char('c') => {
                let first = chosen.and_then(|incident| incident.alerts.first());
                return first.map_or(Pressed::Stays, |id| Pressed::Note(AlertId(id.clone())));
            }
            KeyCode::Char('y') => {
                return chosen.map_or(Pressed::Stays, |incident| Pressed::Copy(super::page::text(incident)));
            }
            KeyCode::Esc | KeyCode::Char('q' | 'i' | 'h') | KeyCode::Left => return Pressed::Closes,
            _ => {}
        }
        let shown = known.shown(self);
        let Some(cursor) = self.cursor(&shown) else { return Pressed::Stays };
        self.top = self.top_of(cursor, list_rows);
        let lines = shown.get(cursor).map_or(0, |incident| Page::of(incident, width).lines.len());
        self.line = self.line.min(lines.saturating_sub(1));
        self.line_top = self.line_top.clamp((self.line + 1).saturating_sub(page_rows.max(1)), self.line);
        Pressed::Stays
    }

    /// Moves the cursor, in the list or in the timeline.
    fn step(&mut self, by: isize, shown: &[&Incident], width: usize) {
        let cursor = self.cursor(shown);
        if self.is_open {
            let lines = cursor
                .and_then(|at| shown.get(at))
                .map_or(0, |incident| Page::of(incident, width).lines.len());
            self.line = self.line.saturating_add_signed(by).min(lines.saturating_sub(1));
            return;
        }
        // From an alert that is in no incident one goes to the first.
        let to = cursor.map_or(0, |at| at.saturating_add_signed(by).min(shown.len().saturating_sub(1)));
        if Some(to) != cursor || self.at.is_none() {
            (self.line, self.line_top) = (0, 0);
        }
        self.at = shown.get(to).and_then(|one| one.alerts.first()).map(|id| AlertId(id.clone()));
    }
}

/// Returns the filter that lets through the alerts of an incident.
fn filter_of(incident: &Incident) -> String {
    // Beginnings are told apart in UUIDs only.
    let id = super::short(&incident.id);
    // Of an id as short as no event's is, a filter can't name the incident.
    if id.chars().count() < Members::LEAST {
        let ids: Vec<String> = incident.alerts.iter().map(|id| regex::escape(id)).collect();
        return format!("id~{}", quote(&format!("^({})$", ids.join("|"))));
    }
    format!("incident:{}", quote(&id))
}

/// Places of the board on a screen: a list above, a timeline below.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoardLayout {
    width: u16,
    height: u16,
    /// Incidents in the list.
    count: usize,
}

impl BoardLayout {
    /// Fewest rows of a long list.
    const LEAST: u16 = 3;

    pub(crate) const fn new(width: u16, height: u16, count: usize) -> Self {
        Self { width, height, count }
    }

    /// Cells of a line within the frame.
    pub(crate) fn width(self) -> usize {
        usize::from(self.width.saturating_sub(4))
    }

    /// Rows of the list: as many as it has, at most two fifths of what is within the frame.
    pub(crate) fn list_rows(self) -> usize {
        let rows = self.height.saturating_sub(3 + u16::from(self.has_names()));
        usize::from((rows * 2 / 5).max(Self::LEAST).min(rows)).min(self.count.max(1))
    }

    /// True where there is room for the names of the list's columns.
    pub(crate) const fn has_names(self) -> bool {
        self.height >= 16
    }

    /// Rows of the timeline, below the names of the columns, the list and the line between.
    pub(crate) fn page_rows(self) -> usize {
        let above = self.list_rows() + 1 + usize::from(self.has_names());
        usize::from(self.height.saturating_sub(3)).saturating_sub(above)
    }
}
