//! A filter as it is written: the tree, and the tree as text again. Reading that text gives the
//! same tree.

#[cfg(test)]
use std::fmt;
use std::ops::Range;

use crate::model::field::Field;

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expr {
    /// Everything.
    All,
    Term(Term),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl Expr {
    /// The first question that is of this kind.
    pub(super) fn find(&self, is: fn(&Term) -> bool) -> Option<&Term> {
        match self {
            Self::All => None,
            Self::Term(term) => Some(term).filter(|term| is(term)),
            Self::Not(inner) => inner.find(is),
            Self::And(parts) | Self::Or(parts) => parts.iter().find_map(|part| part.find(is)),
        }
    }
}

/// One question.
#[derive(Debug, Clone, Eq)]
pub(super) struct Term {
    /// None: any text of the alert.
    pub(super) field: Option<Field>,
    pub(super) op: Op,
    pub(super) value: Value,
    /// Place in the filter's text, in bytes.
    pub(super) at: Range<usize>,
    pub(super) value_at: Range<usize>,
}

impl PartialEq for Term {
    /// The same question, wherever it stands.
    fn eq(&self, other: &Self) -> bool {
        (self.field, self.op, &self.value) == (other.field, other.op, &other.value)
    }
}

/// Value that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    /// In quotes, so that `*` and `?` are themselves.
    pub(super) quoted: bool,
}

/// Operator between a field and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Holds,
    Is,
    IsNot,
    Matches,
    MatchesNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Op {
    #[cfg(test)]
    const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => ":",
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Matches => "~",
            Self::MatchesNot => "!~",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// The text as a filter takes it as it is: in quotes where it needs them.
pub(crate) fn quote(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-/@+:".contains(c);
    // A colon at the start would be read as part of the operator.
    let needs_quotes = text.is_empty() || text.starts_with(':') || !text.chars().all(is_plain);
    if needs_quotes { in_quotes(text) } else { text.to_owned() }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            f.write_str(field.name())?;
        }
        if self.field.is_some() || self.op == Op::Matches {
            f.write_str(self.op.as_str())?;
        }
        if self.value.quoted {
            f.write_str(&in_quotes(&self.value.text))
        } else {
            f.write_str(&self.value.text)
        }
    }
}

/// Writes an expression out as a filter, for the tests of the parser.
#[cfg(test)]
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    f.write_str(word)?;
                }
                match part {
                    Self::And(_) | Self::Or(_) => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All => Ok(()),
            Self::Term(term) => write!(f, "{term}"),
            Self::Not(inner) => match **inner {
                Self::And(_) | Self::Or(_) => write!(f, "not ({inner})"),
                _ => write!(f, "not {inner}"),
            },
            Self::And(parts) => list(f, parts, " "),
            Self::Or(parts) => list(f, parts, " or "),
        }
    }
}
