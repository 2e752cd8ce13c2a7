//! Pieces of the screen that know nothing of alerts.

pub(crate) mod hyperlink;
pub(crate) mod json_tree;
pub(crate) mod text;
