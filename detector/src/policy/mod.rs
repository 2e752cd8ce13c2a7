//! IAM policy documents: what stands in them, statement by statement, whatever form they came in.
//!
//! It knows the grammar and nothing of CloudTrail; what a document means for an account is read in
//! [`crate::facts`].
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod dangers;
mod decode;
mod managed;
mod statement;
mod words;

pub use dangers::{Danger, Element};
pub use decode::{DocumentError, decode};
pub use managed::ManagedPolicy;
pub use statement::{Condition, Document, Effect, Listed, Principal, Statement};
