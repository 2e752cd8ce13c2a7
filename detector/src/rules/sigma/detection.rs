//! The `detection` part of a rule: selections over fields, joined by the condition.

use std::collections::BTreeSet;

use regex::RegexBuilder;
use serde_json::{Map, Value};

use super::SigmaError;
use super::condition::{self, Selections};
use super::field::{Field, Found};
use super::pattern::{Anchors, Order, Pattern, Test, scalar_text};

/// What a record must be like.
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

/// Which events a rule can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventNames {
    /// The rule does not say, or says it with a wildcard.
    Any,
    /// These `eventName`s only, in lower case.
    Only(BTreeSet<String>),
}

impl Expression {
    pub(super) fn all(mut of: Vec<Self>) -> Self {
        if of.len() == 1 { of.remove(0) } else { Self::All(of) }
    }

    pub(super) fn any(mut of: Vec<Self>) -> Self {
        if of.len() == 1 { of.remove(0) } else { Self::Any(of) }
    }

    /// Reads the `detection` map.
    pub(super) fn parse(detection: &Map<String, Value>) -> Result<Self, SigmaError> {
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

    /// Whether a record is like this.
    pub fn matches(&self, record: &Value) -> bool {
        match self {
            Self::All(of) => of.iter().all(|expression| expression.matches(record)),
            Self::Any(of) => of.iter().any(|expression| expression.matches(record)),
            Self::Not(of) => !of.matches(record),
            Self::Leaf(leaf) => leaf.matches(record),
        }
    }

    /// The only events for which this can hold: what the index is made of.
    pub fn event_names(&self) -> EventNames {
        match self {
            Self::All(of) => of.iter().fold(EventNames::Any, |all, one| all.both(one.event_names())),
            Self::Any(of) => of
                .iter()
                .map(Self::event_names)
                .reduce(EventNames::either)
                .unwrap_or_else(|| EventNames::Only(BTreeSet::new())),
            Self::Not(_) => EventNames::Any,
            Self::Leaf(leaf) => leaf.event_names(),
        }
    }
}

impl EventNames {
    fn both(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, one) | (one, Self::Any) => one,
            (Self::Only(a), Self::Only(b)) => Self::Only(a.intersection(&b).cloned().collect()),
        }
    }

    fn either(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(mut a), Self::Only(b)) => {
                a.extend(b);
                Self::Only(a)
            }
            _ => Self::Any,
        }
    }
}

impl Leaf {
    fn matches(&self, record: &Value) -> bool {
        match &self.0 {
            LeafKind::Is(field, test) => match field.find(record, &|value| test.holds(value)) {
                Found::Match => true,
                Found::NoMatch => false,
                Found::Absent => matches!(test, Test::Null),
            },
            LeafKind::IsNone(field, tests) => {
                let any = |value: &Value| tests.iter().any(|test| test.holds(value));
                field.find(record, &any) == Found::NoMatch
            }
            LeafKind::Exists(field, wanted) => {
                (field.find(record, &|value| !value.is_null()) == Found::Match) == *wanted
            }
            LeafKind::Same { field, other, anchors, cased } => {
                let Some(other) = other.text(record) else { return false };
                let pattern = Pattern::literal(&other, *anchors, *cased);
                field.find(record, &|value| pattern.matches_value(value)) == Found::Match
            }
            LeafKind::Keyword(pattern) => any_text(record, pattern),
        }
    }

    fn event_names(&self) -> EventNames {
        match &self.0 {
            LeafKind::Is(field, Test::Pattern(pattern)) if field.name() == "eventName" => pattern
                .only_text()
                .map_or(EventNames::Any, |name| EventNames::Only(BTreeSet::from([name.to_owned()]))),
            _ => EventNames::Any,
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
