//! Alerts and everything that is known of them: types that rooms share, without files, network or screen.

mod alarm;
mod answers;
mod entry;
mod event;
mod export_format;
mod facet;
pub(crate) mod field;
mod identity;
mod intake;
mod members;
mod replay;
mod row;
pub(crate) mod rule_names;
mod shared_text;
mod sums;
#[cfg(test)]
pub(crate) mod testing;
mod triage;
mod what;

pub(crate) use alarm::{Alarm, AlarmKey, label as alarm_label};
pub(crate) use answers::{SearchPage, TriageOutcome};
pub(crate) use entry::{Content, Incoming, Stored};
pub(crate) use event::Event;
pub(crate) use export_format::ExportFormat;
pub(crate) use facet::{Facet, hash, keys as facet_keys};
pub(crate) use field::Field;
pub(crate) use identity::Identity;
pub(crate) use intake::{Backlog, DEMO_SPEED, ProbeStatus, ReplayProgress, ReplayStatus, SourceStatus};
pub(crate) use members::Members;
pub(crate) use replay::{ReplayCommand, ReplaySpeed};
pub(crate) use row::{BACK_FILLED, Position, Row, TEST};
pub(crate) use shared_text::SharedText;
pub(crate) use sums::{MOST_LISTED, Sum, Sums};
pub(crate) use triage::{Remarks, TriageAction, TriageCommand, TriageEvent, TriageState, TriageStep};
pub(crate) use what::what;
