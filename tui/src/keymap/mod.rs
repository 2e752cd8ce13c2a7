//! Keys: the actions that there are, the table of their keys, and the table with the user's own keys in it
//! ([`Keymap`]).

mod action;
mod bindings;
mod bound;
mod chord;

pub(crate) use action::{Action, Pane};
#[cfg(test)]
pub(crate) use bindings::BINDINGS;
pub(crate) use bound::{Bound, Keymap, KeymapError};
