//! From an event's name and source to the rules that could match it: the prefilter that spares
//! most records everything else. The build makes one of the built-in rules; loading a folder makes
//! another.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::sigma::{EventKey, EventName, Scope};

/// Text of an index: baked into the binary, or of a rule that was loaded.
type Text = Cow<'static, str>;

/// `eventName`, `eventSource` (empty for any), the rule's number. All in lower case.
pub(super) type Entry = (Text, Text, usize);

/// An index of rules by event.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Sorted by length of name and then by name: most comparisons look at no text.
    pub(super) exact: Cow<'static, [Entry]>,
    /// The names are beginnings.
    pub(super) prefix: Cow<'static, [Entry]>,
    /// Rules that name no event; the name is empty.
    pub(super) unnamed: Cow<'static, [Entry]>,
}

impl Index {
    pub(super) const fn built_in(
        exact: &'static [Entry],
        prefix: &'static [Entry],
        unnamed: &'static [Entry],
    ) -> Self {
        Self { exact: Cow::Borrowed(exact), prefix: Cow::Borrowed(prefix), unnamed: Cow::Borrowed(unnamed) }
    }

    /// An index of rules by what they can be about, numbered as they come.
    pub(super) fn of<'a>(scopes: impl Iterator<Item = &'a Scope>) -> Self {
        let (mut exact, mut prefix, mut unnamed) = (Vec::new(), Vec::new(), Vec::new());
        for (number, scope) in scopes.enumerate() {
            for EventKey { name, source } in scope.keys() {
                let source = source.as_ref().map(|source| source.to_lowercase()).unwrap_or_default();
                let (list, name) = match name {
                    EventName::Exact(name) => (&mut exact, name.as_str()),
                    EventName::Prefix(start) => (&mut prefix, start.as_str()),
                    EventName::Any => (&mut unnamed, ""),
                };
                list.push((Text::from(name.to_lowercase()), Text::from(source), number));
            }
        }
        exact.sort_by(|(a, ..), (b, ..)| by_length(a, b));
        Self { exact: exact.into(), prefix: prefix.into(), unnamed: unnamed.into() }
    }

    /// Calls `take` with the number of every rule that could match an event; both names in lower
    /// case, an empty source where the record has none that can be read. Stops where `take` says so, and then returns true.
    pub(super) fn find(&self, name: &str, source: &str, mut take: impl FnMut(usize) -> bool) -> bool {
        let fits = |wanted: &Text| wanted.is_empty() || source.is_empty() || wanted == source;
        let from = self.exact.partition_point(|(entry, ..)| by_length(entry, name).is_lt());
        let exact = self.exact.get(from..).unwrap_or_default().iter().take_while(|(entry, ..)| entry == name);
        // The source first: few rules are about the same one, and most differ in length.
        exact.chain(self.unnamed.iter()).any(|(_, wanted, number)| fits(wanted) && take(*number))
            || self.prefix.iter().any(|(start, wanted, number)| {
                fits(wanted) && name.starts_with(start.as_ref()) && take(*number)
            })
    }
}

fn by_length(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sigma::Rule;
    use serde_json::json;

    fn found(detections: &[serde_json::Value], name: &str, source: &str) -> Vec<usize> {
        let scopes: Vec<Scope> = detections
            .iter()
            .map(|detection| {
                let rule = json!({"title": "t", "id": "i", "detection": detection});
                Rule::from_value(&rule).unwrap().detection.scope()
            })
            .collect();
        let mut numbers = Vec::new();
        Index::of(scopes.iter()).find(name, source, |number| {
            numbers.push(number);
            false
        });
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    #[test]
    fn a_rule_is_found_by_what_it_names_and_wherever_it_could_match() {
        let iam = json!({"eventSource": "iam.amazonaws.com", "eventName": ["CreateUser", "DeleteUser"]});
        let rules = [
            json!({"s": iam, "condition": "s"}),
            json!({"s": {"eventName": "AddPermission*", "eventSource": "lambda.amazonaws.com"}, "condition": "s"}),
            json!({"s": {"eventName|startswith": "Create"}, "condition": "s"}),
            json!({"s": {"eventSource": "iam.amazonaws.com"}, "f": {"eventName": "CreateUser"}, "condition": "s and not f"}),
            json!({"a": iam, "b": {"eventName": "StopLogging"}, "condition": "a or b"}),
            json!({"a": iam, "b": {"eventName": "StopLogging"}, "condition": "a and b"}),
            json!({"k": ["word"], "condition": "k"}),
            json!({"s": {"eventName|endswith": "User"}, "condition": "s"}),
        ];
        assert_eq!(found(&rules, "createuser", "iam.amazonaws.com"), [0, 2, 3, 4, 6, 7]);
        assert_eq!(found(&rules, "createuser", "quicksight.amazonaws.com"), [2, 6, 7]);
        assert_eq!(found(&rules, "addpermission20150331v2", "lambda.amazonaws.com"), [1, 6, 7]);
        assert_eq!(found(&rules, "stoplogging", "cloudtrail.amazonaws.com"), [4, 6, 7]);
    }
}
