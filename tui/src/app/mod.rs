//! The console's core: messages in ([`Msg`](msg::Msg)), the state that the screen is drawn from ([`State`]), and the
//! work that must be done outside out ([`Effect`](effect::Effect)). Pure: no files, no network, no clock.
//!
//! ```text
//!  Msg ──► update ──► keys, mouse ──► actions ──► list, query, paging, timeline, detail, triage, pipeline, shell
//!                                                 └─ each works on the parts that it names; overlay and status are common
//! ```

mod actions;
pub(crate) mod context;
pub(crate) mod copy;
pub(crate) mod detail;
pub(crate) mod effect;
pub(crate) mod hit;
pub(crate) mod incidents;
mod jumps;
mod keys;
pub(crate) mod layout;
pub(crate) mod list;
mod mouse;
pub(crate) mod msg;
pub(crate) mod notice;
pub(crate) mod notifications;
pub(crate) mod overlay;
pub(crate) mod paging;
pub(crate) mod palette;
mod panes;
pub(crate) mod pipeline;
pub(crate) mod preferences;
pub(crate) mod query;
pub(crate) mod shell;
mod state;
pub(crate) mod status;
pub(crate) mod timeline;
pub(crate) mod triage;
mod update;

pub(crate) use state::{Setup, State};
pub(crate) use update::update;
