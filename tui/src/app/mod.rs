//! The console's heart: what happened ([`Msg`]), what is so now ([`State`]), what must be done
//! outside ([`Effect`]). [`update`] is pure; [`run`] is the loop around it.

mod detail;
mod history;
mod list;
pub(crate) mod look;
mod run;
mod search;
mod state;
mod triage;
mod update;

pub(crate) use detail::{Detail, Line, NAME_WIDTH};
#[cfg(test)]
pub(crate) use list::Cursor;
pub(crate) use list::List;
pub(crate) use run::start;
pub(crate) use search::Search;
pub(crate) use state::{Focus, State};
pub(crate) use triage::Asks;
#[cfg(test)]
pub(crate) use update::update;

use crossterm::event::KeyEvent;
use detector::AlertId;
use jiff::Timestamp;

use self::look::views::{Change, Views};
use crate::source::Health;
use crate::store::{Content, Deed, Row, Triaged};

/// What happened.
#[derive(Debug)]
pub(crate) enum Msg {
    Key(KeyEvent),
    Resize {
        width: u16,
        height: u16,
    },
    /// New or changed entries are in the store.
    Stored(Vec<Row>),
    /// The newest rows, or those behind what is in the list; `last`: there is nothing behind them.
    Page {
        rows: Vec<Row>,
        last: bool,
    },
    StoreFailed(String),
    /// The source tells how it is doing.
    Health(Health),
    /// An entry that was asked for.
    Loaded(AlertId, Option<Content>),
    /// A signal that ends the process, by its number.
    Signal(u8),
    /// The views as they are saved now.
    Views(Views),
    /// Something on the screen counts.
    Tick,
    /// What was said of some alerts is written; `undo` where it took something back.
    Triaged {
        deeds: Vec<Deed>,
        undo: bool,
        triaged: Triaged,
    },
    /// Something to be read once.
    Notice(String),
}

impl Msg {
    /// A page of which so many rows were asked for.
    pub(crate) fn page(rows: Vec<Row>, asked: usize) -> Self {
        Self::Page { last: rows.len() < asked, rows }
    }
}

/// What must be done outside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Load(AlertId),
    /// Change the saved views.
    View(Change),
    /// End, with this exit code.
    Quit(u8),
    /// Fetch what is behind this place in the list.
    Older(Timestamp, AlertId),
    /// Write what was said of some alerts.
    Triage {
        deeds: Vec<Deed>,
        undo: bool,
    },
}
