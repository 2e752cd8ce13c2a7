//! Expression of a rule: tests of fields, joined by and, or and not; its meaning for an event.

use std::collections::BTreeSet;

use serde_json::Value;

use super::event::Event;
use super::field::{Field, Found};
use super::scope::{EventKey, EventName, Scope};
use crate::pattern::{Anchors, Pattern, Test, scalar_text};

/// Expression that a record must meet.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Expression {
    /// Every one of these.
    All(Vec<Expression>),
    /// At least one of these.
    Any(Vec<Expression>),
    /// Anything but this.
    Not(Box<Expression>),
    /// A field of the record, or the whole of it, passes a test.
    Leaf(Leaf),
}

/// Question that a rule asks of a field.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The field's name, of a derived one with its prefix.
    pub field: &'a str,
    /// The text that it must have, where that is a single one.
    pub text: Option<&'a str>,
    /// Text that the field must begin with, where there is such a text.
    pub start: Option<&'a str>,
}

/// A test on one field, or on every text in the record.
#[derive(Debug, Clone)]
pub struct Leaf(pub(super) LeafKind);

#[derive(Debug, Clone)]
pub(super) enum LeafKind {
    Is(Field, Test),
    /// `neq`: the field is there, and none of these holds for any of its values.
    IsNone(Field, Vec<Test>),
    Exists(Field, bool),
    Same {
        field: Field,
        other: Field,
        anchors: Anchors,
        cased: bool,
    },
    Keyword(Pattern),
}

impl Expression {
    pub(super) fn all(mut of: Vec<Self>) -> Self {
        if of.len() == 1 { of.remove(0) } else { Self::All(of) }
    }

    pub(super) fn any(mut of: Vec<Self>) -> Self {
        if of.len() == 1 { of.remove(0) } else { Self::Any(of) }
    }

    /// True where an event meets the expression.
    pub fn matches(&self, event: &Event<'_>) -> bool {
        match self {
            Self::All(of) => of.iter().all(|expression| expression.matches(event)),
            Self::Any(of) => of.iter().any(|expression| expression.matches(event)),
            Self::Not(of) => !of.matches(event),
            Self::Leaf(leaf) => leaf.matches(event),
        }
    }

    /// The only events for which this can hold: what the index is made of.
    pub fn scope(&self) -> Scope {
        match self {
            Self::All(of) => of.iter().fold(Scope::any(), |all, one| all.both(&one.scope())),
            Self::Any(of) => of.iter().map(Self::scope).reduce(Scope::either).unwrap_or(Scope::none()),
            Self::Not(_) => Scope::any(),
            Self::Leaf(leaf) => leaf.scope(),
        }
    }

    /// The values of which a field must have one for this to hold, in lower case. `None` where it
    /// can hold without the field, or with others of its values.
    pub fn needs(&self, field: &str) -> Option<BTreeSet<String>> {
        match self {
            Self::All(of) => of.iter().find_map(|one| one.needs(field)),
            Self::Any(of) => {
                let each: Option<Vec<_>> = of.iter().map(|one| one.needs(field)).collect();
                each.map(|each| each.into_iter().flatten().collect())
            }
            Self::Leaf(Leaf(LeafKind::Is(at, Test::Pattern(pattern)))) if at.name() == field => {
                pattern.only_text().map(|text| BTreeSet::from([text.to_lowercase()]))
            }
            Self::Not(_) | Self::Leaf(_) => None,
        }
    }

    /// Calls `see` with everything that this asks of a field.
    pub fn fields<'a>(&'a self, see: &mut dyn FnMut(Question<'a>)) {
        match self {
            Self::All(of) | Self::Any(of) => of.iter().for_each(|one| one.fields(see)),
            Self::Not(of) => of.fields(see),
            Self::Leaf(leaf) => leaf.fields(see),
        }
    }

    /// True where the expression holds only if a field passes a test that `is` accepts. With `wanted` false:
    /// where it fails only if a field passes such a test.
    pub fn rests_on(&self, wanted: bool, is: &dyn Fn(Question<'_>) -> bool) -> bool {
        match self {
            Self::Not(of) => of.rests_on(!wanted, is),
            Self::Leaf(leaf) => {
                let (mut every, mut some) = (true, false);
                leaf.fields(&mut |asked| {
                    every &= is(asked);
                    some = true;
                });
                wanted && some && every
            }
            Self::All(of) if wanted => of.iter().any(|one| one.rests_on(wanted, is)),
            Self::Any(of) if !wanted => of.iter().any(|one| one.rests_on(wanted, is)),
            Self::All(of) | Self::Any(of) => of.iter().all(|one| one.rests_on(wanted, is)),
        }
    }
}

impl Leaf {
    fn matches(&self, event: &Event<'_>) -> bool {
        match &self.0 {
            LeafKind::Is(field, test) => match field.find(event, &|value| test.holds(value)) {
                Found::Match => true,
                Found::NoMatch => false,
                Found::Absent => matches!(test, Test::Null),
            },
            LeafKind::IsNone(field, tests) => {
                let any = |value: &Value| tests.iter().any(|test| test.holds(value));
                field.find(event, &any) == Found::NoMatch
            }
            LeafKind::Exists(field, wanted) => {
                (field.find(event, &|value| !value.is_null()) == Found::Match) == *wanted
            }
            LeafKind::Same { field, other, anchors, cased } => {
                let Some(other) = other.text(event) else { return false };
                let pattern = Pattern::literal(&other, *anchors, *cased);
                field.find(event, &|value| pattern.matches_value(value)) == Found::Match
            }
            LeafKind::Keyword(pattern) => any_text(event.record(), pattern),
        }
    }

    fn scope(&self) -> Scope {
        let LeafKind::Is(field, Test::Pattern(pattern)) = &self.0 else { return Scope::any() };
        match field.name() {
            "eventName" => {
                let name = match (pattern.only_text(), pattern.only_start()) {
                    (Some(name), _) => EventName::Exact(name.to_owned()),
                    (None, Some(start)) => EventName::Prefix(start.to_owned()),
                    (None, None) => EventName::Any,
                };
                Scope::of(EventKey { name, source: None })
            }
            "eventSource" => {
                let source = pattern.only_text().map(str::to_owned);
                Scope::of(EventKey { name: EventName::Any, source })
            }
            _ => Scope::any(),
        }
    }

    fn fields<'a>(&'a self, see: &mut dyn FnMut(Question<'a>)) {
        let of_test = |field: &'a Field, test: &'a Test| {
            let pattern = if let Test::Pattern(pattern) = test { Some(pattern) } else { None };
            Question {
                field: field.name(),
                text: pattern.and_then(Pattern::only_text),
                start: pattern.and_then(|pattern| pattern.only_text().or_else(|| pattern.only_start())),
            }
        };
        let bare = |field: &'a Field| Question { field: field.name(), text: None, start: None };
        match &self.0 {
            LeafKind::Is(field, test) => see(of_test(field, test)),
            LeafKind::IsNone(field, tests) => tests.iter().for_each(|test| see(of_test(field, test))),
            LeafKind::Exists(field, _) => see(bare(field)),
            LeafKind::Same { field, other, .. } => {
                see(bare(field));
                see(bare(other));
            }
            LeafKind::Keyword(_) => {}
        }
    }
}

fn any_text(value: &Value, pattern: &Pattern) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| any_text(item, pattern)),
        Value::Object(map) => map.values().any(|item| any_text(item, pattern)),
        scalar => scalar_text(scalar).is_some_and(|text| pattern.matches(&text)),
    }
}

pub(super) const fn leaf(kind: LeafKind) -> Expression {
    Expression::Leaf(Leaf(kind))
}
