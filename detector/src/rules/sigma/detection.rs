//! The `detection` part of a rule: selections over fields, joined by the condition.

use std::collections::BTreeSet;

use regex::RegexBuilder;
use serde_json::{Map, Value};

use super::SigmaError;
use super::condition::{self, Selections};
use super::event::Event;
use super::field::{Field, Found};
use super::scope::{EventKey, EventName, Scope};
use crate::pattern::{Anchors, Order, Pattern, Test, scalar_text};

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
pub struct Asked<'a> {
    /// The field's name, of a derived one with its prefix.
    pub field: &'a str,
    /// The text that it must have, where that is a single one.
    pub text: Option<&'a str>,
    /// Text that the field must begin with, where there is such a text.
    pub start: Option<&'a str>,
}

/// A test on one field, or on every text in the record.
#[derive(Debug, Clone)]
pub struct Leaf(LeafKind);

#[derive(Debug, Clone)]
enum LeafKind {
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

    /// Reads the `detection` map.
    ///
    /// # Errors
    /// Returns an error where a selection or the condition asks for something that this engine does not do.
    pub fn parse(detection: &Map<String, Value>) -> Result<Self, SigmaError> {
        let mut selections = Selections::new();
        for (name, body) in detection {
            if name == "timeframe" {
                return Err(SigmaError::Modifier { field: "detection".into(), modifier: name.clone() });
            }
            if name != "condition" {
                selections.push((name.clone(), selection(body)?));
            }
        }
        match detection.get("condition") {
            Some(Value::String(text)) => condition::parse(text, &selections),
            Some(Value::Array(texts)) if !texts.is_empty() => texts
                .iter()
                .map(|text| match text {
                    Value::String(text) => condition::parse(text, &selections),
                    _ => Err(SigmaError::Missing("detection.condition", "a text")),
                })
                .collect::<Result<_, _>>()
                .map(Self::any),
            _ => Err(SigmaError::Missing("detection.condition", "a text")),
        }
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
    pub fn fields<'a>(&'a self, see: &mut dyn FnMut(Asked<'a>)) {
        match self {
            Self::All(of) | Self::Any(of) => of.iter().for_each(|one| one.fields(see)),
            Self::Not(of) => of.fields(see),
            Self::Leaf(leaf) => leaf.fields(see),
        }
    }

    /// True where the expression holds only if a field passes a test that `is` accepts. With `wanted` false:
    /// where it fails only if a field passes such a test.
    pub fn rests_on(&self, wanted: bool, is: &dyn Fn(Asked<'_>) -> bool) -> bool {
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

    fn fields<'a>(&'a self, see: &mut dyn FnMut(Asked<'a>)) {
        let of_test = |field: &'a Field, test: &'a Test| {
            let pattern = if let Test::Pattern(pattern) = test { Some(pattern) } else { None };
            Asked {
                field: field.name(),
                text: pattern.and_then(Pattern::only_text),
                start: pattern.and_then(|pattern| pattern.only_text().or_else(|| pattern.only_start())),
            }
        };
        let bare = |field: &'a Field| Asked { field: field.name(), text: None, start: None };
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

fn selection(body: &Value) -> Result<Expression, SigmaError> {
    match body {
        Value::Object(fields) if fields.is_empty() => {
            Err(SigmaError::Missing("a selection", "a map with fields in it"))
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| field_test(key, value))
            .collect::<Result<_, _>>()
            .map(Expression::all),
        Value::Array(items) => items.iter().map(selection).collect::<Result<_, _>>().map(Expression::any),
        scalar => {
            let text = scalar_text(scalar).ok_or(SigmaError::Missing("detection", "a map of selections"))?;
            Ok(leaf(LeafKind::Keyword(Pattern::sigma(&text, Anchors::default(), false))))
        }
    }
}

const fn leaf(kind: LeafKind) -> Expression {
    Expression::Leaf(Leaf(kind))
}

/// The modifiers behind a field's name, `userAgent|contains|all`.
#[derive(Debug, Default)]
struct Modifiers {
    anchors: Anchors,
    kind: Kind,
    all: bool,
    cased: bool,
    negated: bool,
    regex_flags: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Text,
    Regex,
    Network,
    Number(Order),
    Exists,
    Field,
}

impl Modifiers {
    fn parse<'a>(field: &str, names: impl Iterator<Item = &'a str>) -> Result<Self, SigmaError> {
        let mut modifiers = Self::default();
        for name in names {
            match name {
                "contains" => modifiers.anchors = Anchors { open_start: true, open_end: true },
                "startswith" => modifiers.anchors.open_end = true,
                "endswith" => modifiers.anchors.open_start = true,
                "all" => modifiers.all = true,
                "cased" => modifiers.cased = true,
                "neq" => modifiers.negated = true,
                "re" => modifiers.kind = Kind::Regex,
                "i" | "m" | "s" if modifiers.kind == Kind::Regex => modifiers.regex_flags += name,
                "cidr" => modifiers.kind = Kind::Network,
                "lt" => modifiers.kind = Kind::Number(Order::Less),
                "lte" => modifiers.kind = Kind::Number(Order::LessOrEqual),
                "gt" => modifiers.kind = Kind::Number(Order::Greater),
                "gte" => modifiers.kind = Kind::Number(Order::GreaterOrEqual),
                "exists" => modifiers.kind = Kind::Exists,
                "fieldref" => modifiers.kind = Kind::Field,
                _ => {
                    return Err(SigmaError::Modifier { field: field.to_owned(), modifier: name.to_owned() });
                }
            }
        }
        let anchored = modifiers.anchors != Anchors::default() || modifiers.cased;
        if anchored && !matches!(modifiers.kind, Kind::Text | Kind::Field) {
            let modifier = "contains, startswith, endswith or cased with another".to_owned();
            return Err(SigmaError::Modifier { field: field.to_owned(), modifier });
        }
        Ok(modifiers)
    }

    fn test(&self, field: &str, value: &Value) -> Result<Expression, SigmaError> {
        let bad = |why: &str| SigmaError::Value {
            field: field.to_owned(),
            value: value.to_string(),
            why: why.to_owned(),
        };
        let at = Field::new(field);
        if value.is_null() {
            return Ok(leaf(LeafKind::Is(at, Test::Null)));
        }
        let text = scalar_text(value).ok_or_else(|| bad("a text, number or boolean is needed"))?;
        let matcher = match self.kind {
            Kind::Text => Test::Pattern(Pattern::sigma(&text, self.anchors, self.cased)),
            Kind::Regex => Test::Regex(
                RegexBuilder::new(&text)
                    .case_insensitive(self.regex_flags.contains('i'))
                    .multi_line(self.regex_flags.contains('m'))
                    .dot_matches_new_line(self.regex_flags.contains('s'))
                    .build()
                    .map_err(|error| bad(&error.to_string()))?,
            ),
            Kind::Network => Test::Network(text.parse().map_err(|_| bad("not a network in CIDR notation"))?),
            Kind::Number(order) => Test::Number(order, text.parse().map_err(|_| bad("not a number"))?),
            Kind::Exists => {
                let wanted = text.parse().map_err(|_| bad("true or false is needed"))?;
                return Ok(leaf(LeafKind::Exists(at, wanted)));
            }
            Kind::Field => {
                let (anchors, cased) = (self.anchors, self.cased);
                let other = Field::new(&text);
                return Ok(leaf(LeafKind::Same { field: at, other, anchors, cased }));
            }
        };
        Ok(leaf(LeafKind::Is(at, matcher)))
    }
}

fn field_test(key: &str, value: &Value) -> Result<Expression, SigmaError> {
    let mut parts = key.split('|');
    let field = parts.next().unwrap_or_default();
    let modifiers = Modifiers::parse(field, parts)?;
    let expression = match value {
        Value::Array(values) if values.is_empty() => {
            return Err(SigmaError::Value {
                field: field.to_owned(),
                value: "[]".to_owned(),
                why: "an empty list says nothing".to_owned(),
            });
        }
        Value::Array(values) => {
            let tests: Vec<_> =
                values.iter().map(|value| modifiers.test(field, value)).collect::<Result<_, _>>()?;
            if modifiers.all { Expression::all(tests) } else { Expression::any(tests) }
        }
        one => modifiers.test(field, one)?,
    };
    if modifiers.negated { negated(field, expression) } else { Ok(expression) }
}

fn negated(field: &str, expression: Expression) -> Result<Expression, SigmaError> {
    let leaves = match expression {
        Expression::Any(of) => of,
        one => vec![one],
    };
    let tests = leaves.into_iter().map(|one| match one {
        Expression::Leaf(Leaf(LeafKind::Is(_, test))) => Ok(test),
        _ => Err(SigmaError::Modifier { field: field.to_owned(), modifier: "neq".to_owned() }),
    });
    Ok(leaf(LeafKind::IsNone(Field::new(field), tests.collect::<Result<_, _>>()?)))
}
