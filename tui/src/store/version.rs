//! Version of the schema.

/// The schema's version, kept in `user_version`.
pub(super) const SCHEMA: i64 = 8;
