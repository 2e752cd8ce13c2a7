//! The detector that replay and demo use: the built-in rules, and those of a folder.

use std::path::{Path, PathBuf};

use detector::Detector;

/// Why there is no detector.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RulesError {
    #[error(
        "the rules in {0} can't be loaded: this version only knows its built-in rules; leave --rules out"
    )]
    NotYet(PathBuf),
}

/// The built-in rules, and those of a folder.
pub(crate) fn detector(rules: Option<&Path>) -> Result<Detector, RulesError> {
    match rules {
        None => Ok(Detector::default()),
        Some(folder) => Err(RulesError::NotYet(folder.to_owned())),
    }
}
