//! The `detection` part of a rule, read: selections over fields, joined by the condition.

use regex::RegexBuilder;
use serde_json::{Map, Value};

use super::SigmaError;
use super::condition::{self, Selections};
use super::expression::{Expression, Leaf, LeafKind, leaf};
use super::field::Field;
use crate::pattern::{Anchors, Order, Pattern, Test, scalar_text};

/// Reads the `detection` map.
///
/// # Errors
/// Returns an error where a selection or the condition asks for something that this engine does not do.
pub fn parse(detection: &Map<String, Value>) -> Result<Expression, SigmaError> {
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
                _ => Err(SigmaError::Missing("detection.condition", "a string")),
            })
            .collect::<Result<_, _>>()
            .map(Expression::any),
        _ => Err(SigmaError::Missing("detection.condition", "a string")),
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
        let text = scalar_text(value).ok_or_else(|| bad("must be a string, number or boolean"))?;
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
                let wanted = text.parse().map_err(|_| bad("must be true or false"))?;
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
                why: "empty list".to_owned(),
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
