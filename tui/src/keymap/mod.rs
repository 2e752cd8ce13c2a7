//! Keys: the actions that there are, the table of their keys, the table with the user's own keys in it
//! ([`Keymap`]), and the keys that the footer names.

mod action;
mod bindings;
mod bound;
mod chord;
mod hints;

pub(crate) use action::{Action, Pane};
#[cfg(test)]
pub(crate) use bindings::BINDINGS;

pub(crate) use bound::{Bound, Keymap, KeymapError};
pub(crate) use hints::{Situation, hints};
