//! Path of a field in a record: `requestParameters.tags.value` walks into objects by key and into every
//! element of an array.

use serde_json::Value;

use super::event::{DERIVED, Event};
use crate::json::exact_member;

/// A field's name, split once when the rule is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    name: String,
    /// Offset at which the path begins in the name: behind `sentinel.` for a derived field.
    path: usize,
    segments: Box<[String]>,
}

/// Result of a walk to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The test held for one of the values there.
    Match,
    /// There are values there, and the test held for none.
    NoMatch,
    /// The record has no such field.
    Absent,
}

impl Field {
    pub(super) fn new(name: &str) -> Self {
        let path = if name.starts_with(DERIVED) { DERIVED.len() } else { 0 };
        let segments = name.get(path..).unwrap_or(name).split('.').map(str::to_owned).collect();
        Self { name: name.to_owned(), path, segments }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether `test` holds for any value at this field; arrays count as each of their elements. A key
    /// that holds the whole dotted name wins over the walk.
    pub(super) fn find(&self, event: &Event<'_>, test: &dyn Fn(&Value) -> bool) -> Found {
        let root = if self.path == 0 { event.record() } else { event.derived() };
        if self.segments.len() > 1
            && let Some(flat) = self.name.get(self.path..).and_then(|path| exact_member(root, path))
        {
            return elements(flat, test);
        }
        walk(root, &self.segments, test)
    }

    /// The first scalar at this field, as text.
    pub(super) fn text(&self, event: &Event<'_>) -> Option<String> {
        let text = std::cell::RefCell::new(None);
        self.find(event, &|value| {
            let found = crate::pattern::scalar_text(value).map(std::borrow::Cow::into_owned);
            let hit = found.is_some();
            *text.borrow_mut() = found;
            hit
        });
        text.into_inner()
    }
}

fn walk(value: &Value, segments: &[String], test: &dyn Fn(&Value) -> bool) -> Found {
    match value {
        Value::Array(items) => any(items.iter().map(|item| walk(item, segments, test))),
        _ => match segments.split_first() {
            None => elements(value, test),
            Some((key, rest)) => match exact_member(value, key) {
                Some(inner) if rest.is_empty() => elements(inner, test),
                Some(inner) => walk(inner, rest, test),
                None => Found::Absent,
            },
        },
    }
}

fn elements(value: &Value, test: &dyn Fn(&Value) -> bool) -> Found {
    match value {
        Value::Array(items) if !items.is_empty() => any(items.iter().map(|item| elements(item, test))),
        _ if test(value) => Found::Match,
        _ => Found::NoMatch,
    }
}

fn any(found: impl Iterator<Item = Found>) -> Found {
    let mut all = Found::Absent;
    for one in found {
        match one {
            Found::Match => return Found::Match,
            Found::NoMatch => all = Found::NoMatch,
            Found::Absent => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn has(field: &str, record: &Value, wanted: &str) -> Found {
        Field::new(field).find(&Event::bare(record), &|value| value == wanted)
    }

    #[test]
    fn walks_into_objects_and_arrays() {
        let record = json!({"resources": [{"ARN": "a"}, {"ARN": "b"}, {"tags": [[{"k": "v"}]]}]});
        assert_eq!(has("resources.ARN", &record, "b"), Found::Match);
        assert_eq!(has("resources.ARN", &record, "c"), Found::NoMatch);
        assert_eq!(has("resources.tags.k", &record, "v"), Found::Match);
        assert_eq!(has("resources.nothing", &record, "v"), Found::Absent);
        assert_eq!(
            has("requestParameters.userName", &json!({"requestParameters": null}), "v"),
            Found::Absent
        );
    }

    #[test]
    fn derived_fields_stand_beside_the_record() {
        let record = json!({"sentinel": {"grants": "raw"}, "grants": "raw"});
        let derive = || json!({"grants": "admin", "grants.actions": ["iam:*"], "actor": {"kind": "root"}});
        let event = Event::new(&record, &derive);
        let has = |field: &str, wanted: &str| Field::new(field).find(&event, &|value| value == wanted);
        assert_eq!(has("sentinel.grants", "admin"), Found::Match);
        assert_eq!(has("sentinel.grants", "raw"), Found::NoMatch);
        assert_eq!(has("sentinel.grants.actions", "iam:*"), Found::Match);
        assert_eq!(has("sentinel.actor.kind", "root"), Found::Match);
        assert_eq!(has("grants", "raw"), Found::Match);
    }

    #[test]
    fn a_flat_key_with_dots_wins() {
        let record = json!({"a.b": "flat", "a": {"b": "nested"}});
        assert_eq!(has("a.b", &record, "flat"), Found::Match);
        assert_eq!(has("a.b", &record, "nested"), Found::NoMatch);
    }
}
