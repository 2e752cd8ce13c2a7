//! The rules that are compiled in. The build has read each of them once, and made an index; here a
//! rule is made from its JSON when its event first comes, so that starting costs nothing.

use std::sync::OnceLock;

use super::exception::Exception;
use super::index::Index;
use super::sigma::Rule;
use crate::facts::Watched;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/pack.rs"));
}

pub(super) static INDEX: Index = Index::built_in(generated::EXACT, generated::PREFIX, generated::UNNAMED);

/// The built-in rules, each loaded when first needed.
#[derive(Debug)]
pub(super) struct Pack {
    loaded: Box<[OnceLock<Option<Rule>>]>,
}

impl Default for Pack {
    fn default() -> Self {
        Self { loaded: generated::RULES.iter().map(|_| OnceLock::new()).collect() }
    }
}

impl Pack {
    pub(super) const fn len(&self) -> usize {
        self.loaded.len()
    }

    pub(super) fn rule(&self, number: usize) -> Option<&Rule> {
        let load = || {
            let (file, json) = generated::RULES.get(number)?;
            let document = serde_json::from_str(json).ok()?;
            Rule::from_value(&document).ok().map(|rule| Rule { file: (*file).to_owned(), ..rule })
        };
        self.loaded.get(number)?.get_or_init(load).as_ref()
    }
}

/// A built-in rule as it is written, by its file.
#[cfg(feature = "folder")]
pub(super) fn document(file: &str) -> Option<serde_json::Value> {
    let (_, json) = generated::RULES.iter().find(|(name, _)| *name == file)?;
    serde_json::from_str(json).ok()
}

/// Rules that need a list of watched names, by number, with the lists of which they need one.
pub(super) const fn need_watched() -> &'static [(usize, &'static [&'static str])] {
    generated::NEEDS_WATCHED
}

/// The built-in exceptions.
pub(super) fn exceptions() -> Vec<Exception> {
    let read = |(file, json): &(&str, &str)| {
        let document = serde_json::from_str(json).ok()?;
        let mut exception = Exception::from_value(&document).ok()?;
        (*file).clone_into(&mut exception.file);
        Some(exception)
    };
    generated::EXCEPTIONS.iter().filter_map(read).collect()
}

/// Returns the names that `rules/watched.yml` lists; the build has read that file once.
pub(super) fn watched() -> Watched {
    serde_json::from_str(generated::WATCHED).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_loads() {
        assert!(!generated::RULES.is_empty());
        let pack = Pack::default();
        assert!((0..pack.len()).all(|number| pack.rule(number).is_some()));
        assert_eq!(exceptions().len(), generated::EXCEPTIONS.len());
        assert!(serde_json::from_str::<Watched>(generated::WATCHED).is_ok());
    }
}
