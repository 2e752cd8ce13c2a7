//! Incidents: alerts that are one attack, told by a chain of identities: one creates, opens or assumes the next, and
//! that one acts. What alerts merely share (an address, a user agent, a role's name) joins nothing.
//!
//! ```text
//!  records (alerts, links) ─► joins of each ─► node by node: table.rs, with guards.rs ─► edges
//!  edges ─► connected parts with an alert: group.rs ─► one incident each, told by story.rs
//!  one alert of a store ─► walk.rs, over the touches that the store keeps (kept.rs) ─► its incident, the same
//! ```
//!
//! Every step is a function of the set of records: their order, repeats and delays change nothing.

mod from_records;
mod group;
mod guards;
mod incident;
mod kept;
mod record;
mod related;
mod report;
mod revoke;
mod sentences;
mod story;
mod table;
mod teller;
mod walk;

pub(crate) use from_records::Records;
pub(crate) use guards::{BULK, DAY, GIVING, Guarded, ROUTINE_DAYS, ROUTINE_SPAN};
#[cfg(test)]
pub(crate) use incident::Related;
pub(crate) use incident::{Incident, Overview, State, Step, TACTICS};
pub(crate) use kept::{Issued, Kept, Lane, Node, PARTS};
pub(crate) use record::Record;
pub(crate) use related::{network, relate};
pub(crate) use report::{Said, markdown};
pub(crate) use walk::{Source, Stored as StoredTouch, Touches, Walk};

#[cfg(test)]
mod tests;
