//! The Sigma detection language: a rule's text in, yes or no for a record out.
//!
//! It knows the language and JSON, and nothing of CloudTrail or AWS. The build script compiles it
//! too, to check every built-in rule and to index the pack, so of the rest of the crate this folder uses
//! `json.rs` and `pattern.rs` alone, which the build script includes as well.
//!
//! Reference: the Sigma specification 2.1, <https://sigmahq.io/sigma-specification/>. Where the
//! specification is silent, rsigma decides: a differential test (`tests/sigma_oracle.rs`) compares
//! the two on the pack and on random rules and records.

mod condition;
mod detection;
mod event;
mod expression;
mod field;
mod modifier;
mod rule;
mod scope;

pub use detection::parse as parse_detection;
pub use event::{DERIVED, Event, WATCHED};
pub use expression::{Expression, Question};
pub use rule::{Level, Rule};
pub use scope::{EventKey, EventName, Scope};

/// Reason why a rule can't be loaded, in words for the person who wrote it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SigmaError {
    /// A part that every rule must have is missing or is of the wrong kind.
    #[error("`{0}` is missing or is not {1}")]
    Missing(&'static str, &'static str),
    /// A kind of document that can't be judged by one record.
    #[error("{0} are not supported: rules match single records")]
    Unsupported(&'static str),
    /// A level that Sigma does not know.
    #[error("unknown level `{0}`: use informational, low, medium, high or critical")]
    Level(String),
    /// A field modifier that does not exist, or has no use for CloudTrail records.
    #[error("modifier `{modifier}` of `{field}` is not supported{}", modifier::instead(.modifier))]
    Modifier {
        /// The field as the rule writes it.
        field: String,
        /// The modifier that is not known.
        modifier: String,
    },
    /// A value that its modifier can't use: a broken regular expression, network or number.
    #[error("invalid value `{value}` of `{field}`: {why}")]
    Value {
        /// The field as the rule writes it.
        field: String,
        /// The value as text.
        value: String,
        /// Reason why the value can't be used.
        why: String,
    },
    /// The condition can't be read.
    #[error("condition `{condition}`: {why}")]
    Condition {
        /// The condition as the rule writes it.
        condition: String,
        /// Reason why the condition can't be read.
        why: String,
    },
}
