//! Steps of a path into a value.

/// One step from a value into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
    /// URL-encoding is taken off a string.
    Decoded,
    /// The string is read as JSON.
    Parsed,
}
