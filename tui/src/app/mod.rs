//! The console's heart: what happened ([`Msg`]), what is so now ([`State`]), what must be done
//! outside ([`Effect`]). [`update`] is pure; [`run`] is the loop around it.

mod detail;
mod list;
pub(crate) mod look;
mod run;
mod search;
mod state;
mod update;

pub(crate) use detail::{Detail, Line, NAME_WIDTH};
#[cfg(test)]
pub(crate) use list::Cursor;
pub(crate) use list::List;
pub(crate) use run::start;
pub(crate) use search::Search;
pub(crate) use state::{Focus, State};
#[cfg(test)]
pub(crate) use update::update;

use crossterm::event::KeyEvent;
use detector::AlertId;

use self::look::views::{Change, Views};
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
    /// The views as they are saved now.
    Views(Views),
    /// Something on the screen counts.
    Tick,
}

/// What must be done outside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Load(AlertId),
    /// Change the saved views.
    View(Change),
    /// End, with this exit code.
    Quit(u8),
}
