//! Alerts and everything that is known of them: types that rooms share, without files, network or screen.

mod alarm;
mod answers;
mod entry;
mod facet;
pub(crate) mod field;
mod row;
mod shared_text;
mod triage;

pub(crate) use alarm::{Alarm, AlarmKey, word as alarm_word};
pub(crate) use answers::{Sought, Triaged};
pub(crate) use entry::{Content, Incoming, Stored};
pub(crate) use facet::{Facet, keys as facet_keys};
pub(crate) use field::Field;
pub(crate) use row::{BACK_FILLED, Row, TEST};
pub(crate) use shared_text::SharedText;
pub(crate) use triage::{Change, Deed, Remarks, Said, TriageState};
