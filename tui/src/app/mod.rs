//! The console's heart: what happened ([`Msg`]), what is so now ([`State`]), what must be done
//! outside ([`Effect`]). [`update`] is pure; [`run`] is the loop around it.

mod copy;
mod desk;
mod detail;
mod list;
mod run;
mod state;
mod update;

pub(crate) use copy::{Copy, Item};
pub(crate) use desk::{Desk, Menu, Over};
pub(crate) use detail::{Detail, Line, NAME_WIDTH, Steps, Tab};
#[cfg(test)]
pub(crate) use list::Cursor;
pub(crate) use list::List;
pub(crate) use run::start;
#[cfg(test)]
pub(crate) use run::steps;
pub(crate) use state::{Focus, State};
#[cfg(test)]
pub(crate) use update::update;

use crossterm::event::KeyEvent;
use detector::AlertId;

use crate::source::Health;
use crate::store::{Content, Row};

/// What happened.
#[derive(Debug)]
pub(crate) enum Msg {
    Key(KeyEvent),
    Resize {
        width: u16,
        height: u16,
    },
    /// New entries are in the store.
    Stored(Vec<Row>),
    StoreFailed(String),
    /// The source tells how it is doing.
    Health(Health),
    /// An entry that was asked for.
    Loaded(AlertId, Option<Content>),
    /// A signal that ends the process, by its number.
    Signal(u8),
    /// Something on the screen counts.
    Tick,
    /// What the rules of an alert say to do.
    Steps(AlertId, Vec<Steps>),
    /// Alerts that have something in common with one, by what that is.
    Related(AlertId, Vec<(String, Vec<Row>)>),
    /// A word about what was asked for; `bad` where it did not work.
    Told {
        words: String,
        bad: bool,
    },
    /// No program took it; the terminal may.
    CopyByTerminal(Copy),
    /// No browser took this link.
    NoBrowser(String),
}

/// What must be done outside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Load(AlertId),
    /// End, with this exit code.
    Quit(u8),
    /// Find what these rules say to do, by their ids.
    Steps(AlertId, Vec<String>),
    /// Find what is related to an alert.
    Related(AlertId),
    /// Put it on the clipboard.
    Copy(Copy),
    /// Put it on the clipboard of the terminal, whatever else there is.
    CopyByTerminal(Copy),
    /// Open a link.
    Open(String),
}
