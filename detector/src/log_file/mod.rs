//! Log files: from bytes, as CloudTrail stores them or as people save them, to records.
//!
//! ```text
//!  bytes ──► Reader ── gzip? whole file at once, or a stream ──► Window ──► Records ──► Entry
//!                                                                  prefilter: Prefilter::may_alert
//!                                                                  the rest:   Entry::records
//! ```
//!
//! It takes `{"Records":[…]}`, an array of records, and records one after another (NDJSON or any
//! white space between), each of them bare or inside what other tools put around it (`wrapped.rs`); all of it
//! gzip or not, in UTF-8 or UTF-16. What is no JSON is named (`foreign.rs`).
//! Memory does not grow with the input. It knows no files, no threads and no terminal; the console's
//! replay calls it.

mod entry;
mod foreign;
mod marks;
mod not_a_record;
mod outline;
mod prefilter;
mod reader;
mod records;
mod scan;
mod utf16;
mod window;
mod wrapped;

pub use entry::Entry;
pub use not_a_record::{NotARecord, Passed};
pub use prefilter::Prefilter;
pub use reader::{Reader, WHOLE, unpacked};
pub use records::{Records, Unread};

#[cfg(test)]
mod tests;
