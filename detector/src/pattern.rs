//! Patterns that a value is compared with: Sigma's strings with wildcards, regular expressions, networks,
//! numbers.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;
use serde_json::Value;

/// A Sigma string. `*` stands for any text, `?` for one character; a backslash before one of them
/// takes that away. Case is ignored unless the rule says `cased`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    shape: Shape,
    cased: bool,
    /// As the rule writes it.
    written: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
    Glob(Box<[Token]>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    One,
    Any,
}

/// Place that a pattern must have in the value: `contains`, `startswith`, `endswith`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Anchors {
    pub(crate) open_start: bool,
    pub(crate) open_end: bool,
}

impl Pattern {
    /// A text with `*` and `?`; case does not count. IAM's policies write wildcards the same way, but
    /// know no backslash, which no action or ARN has.
    pub(crate) fn wildcard(text: &str) -> Self {
        Self::sigma(text, Anchors::default(), false)
    }

    /// Reads a Sigma string.
    pub(crate) fn sigma(text: &str, anchors: Anchors, cased: bool) -> Self {
        let mut tokens = tokens(text);
        if anchors.open_start && tokens.first() != Some(&Token::Any) {
            tokens.insert(0, Token::Any);
        }
        if anchors.open_end && tokens.last() != Some(&Token::Any) {
            tokens.push(Token::Any);
        }
        Self { shape: Shape::of(tokens, cased), cased, written: text.into() }
    }

    /// A string in which nothing is a wildcard.
    pub(crate) fn literal(text: &str, anchors: Anchors, cased: bool) -> Self {
        let written = text.into();
        let text = if cased { text.to_owned() } else { text.to_lowercase() };
        let shape = match (anchors.open_start, anchors.open_end) {
            (false, false) => Shape::Exact(text),
            (false, true) => Shape::Prefix(text),
            (true, false) => Shape::Suffix(text),
            (true, true) => Shape::Contains(text),
        };
        Self { shape, cased, written }
    }

    /// The one text that this matches (case aside), as the rule writes it, where it matches one only.
    pub(crate) fn only_text(&self) -> Option<&str> {
        (matches!(self.shape, Shape::Exact(_)) && self.is_plain()).then_some(&*self.written)
    }

    /// Returns the text that every match of this pattern begins with, as the rule writes it, where the
    /// pattern asks for nothing more.
    pub(crate) fn only_start(&self) -> Option<&str> {
        (matches!(self.shape, Shape::Prefix(_)) && self.is_plain())
            .then(|| self.written.trim_end_matches('*'))
    }

    /// True where the pattern is meant as it is written: nothing is escaped.
    fn is_plain(&self) -> bool {
        !self.written.contains('\\')
    }

    /// True where a text matches the pattern.
    pub(crate) fn matches(&self, text: &str) -> bool {
        if let (Shape::Exact(wanted), false) = (&self.shape, self.cased)
            && text.is_ascii()
            && wanted.is_ascii()
        {
            return text.eq_ignore_ascii_case(wanted);
        }
        let text = if self.cased { Cow::Borrowed(text) } else { lower(text) };
        match &self.shape {
            Shape::Exact(wanted) => text == wanted.as_str(),
            Shape::Prefix(wanted) => text.starts_with(wanted),
            Shape::Suffix(wanted) => text.ends_with(wanted),
            Shape::Contains(wanted) => text.contains(wanted),
            Shape::Glob(tokens) => glob(tokens, &text),
        }
    }

    /// As [`Self::matches`], on a value of a record. An object counts as its text for a pattern
    /// that needs a part of it only: SigmaHQ's rules ask `requestParameters|contains`.
    pub(crate) fn matches_value(&self, value: &Value) -> bool {
        match value {
            Value::Object(_) if !matches!(self.shape, Shape::Exact(_)) => {
                let mut text = String::new();
                write_plain(value, &mut text);
                self.matches(&text)
            }
            _ => scalar_text(value).is_some_and(|text| self.matches(&text)),
        }
    }
}

impl Shape {
    fn of(tokens: Vec<Token>, cased: bool) -> Self {
        let literal = |tokens: &[Token]| -> Option<String> {
            let text: Option<String> = tokens
                .iter()
                .map(|token| match token {
                    Token::Literal(c) => Some(*c),
                    Token::One | Token::Any => None,
                })
                .collect();
            text.map(|text| if cased { text } else { text.to_lowercase() })
        };
        let shape = match tokens.as_slice() {
            [Token::Any] => Some(Self::Contains(String::new())),
            [Token::Any, middle @ .., Token::Any] => literal(middle).map(Self::Contains),
            [Token::Any, rest @ ..] => literal(rest).map(Self::Suffix),
            [rest @ .., Token::Any] => literal(rest).map(Self::Prefix),
            all => literal(all).map(Self::Exact),
        };
        shape.unwrap_or_else(|| {
            let fold = |token| match token {
                Token::Literal(c) if !cased => c.to_lowercase().map(Token::Literal).collect(),
                other => vec![other],
            };
            Self::Glob(tokens.into_iter().flat_map(fold).collect())
        })
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match (c, chars.peek()) {
            ('\\', Some(&escaped @ ('*' | '?' | '\\'))) => {
                chars.next();
                Token::Literal(escaped)
            }
            ('*', _) if tokens.last() == Some(&Token::Any) => continue,
            ('*', _) => Token::Any,
            ('?', _) => Token::One,
            (c, _) => Token::Literal(c),
        });
    }
    tokens
}

/// Greedy match that goes back to the last `*` only: linear in most texts, never exponential.
fn glob(tokens: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut token) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(at) {
        match tokens.get(token) {
            Some(Token::Any) => {
                back = Some((token, at));
                token += 1;
                continue;
            }
            Some(Token::One) => {
                at += 1;
                token += 1;
                continue;
            }
            Some(Token::Literal(wanted)) if *wanted == c => {
                at += 1;
                token += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, from)) = back else { return false };
        back = Some((star, from + 1));
        at = from + 1;
        token = star + 1;
    }
    tokens.get(token..).is_none_or(|rest| rest.iter().all(|token| *token == Token::Any))
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// A scalar as text: CloudTrail writes some booleans and numbers as strings and others not, and
/// rules are written either way.
pub(crate) fn scalar_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// JSON with the strings inside left as they are, so that a policy document inside a string reads
/// `"Action":"*"` and not `\"Action\":\"*\"`.
fn write_plain(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (at, (key, inner)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push('"');
                out.push_str(key);
                out.push_str("\":");
                write_plain(inner, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, inner) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_plain(inner, out);
            }
            out.push(']');
        }
        Value::String(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// One thing that a value may be.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Pattern(Pattern),
    Regex(Regex),
    Network(IpNet),
    Number(Order, f64),
    Null,
}

/// Comparison of a number with a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Test {
    pub(crate) fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.matches_value(value),
            Self::Regex(regex) => scalar_text(value).is_some_and(|text| regex.is_match(&text)),
            // Behind a proxy `sourceIPAddress` holds several, with commas between.
            Self::Network(network) => value.as_str().is_some_and(|text| {
                text.split(',')
                    .filter_map(|one| one.trim().parse::<IpAddr>().ok())
                    .any(|address| network.contains(&address))
            }),
            Self::Number(order, bound) => number(value).is_some_and(|number| match order {
                Order::Less => number < *bound,
                Order::LessOrEqual => number <= *bound,
                Order::Greater => number > *bound,
                Order::GreaterOrEqual => number >= *bound,
            }),
            Self::Null => value.is_null(),
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sigma(text: &str) -> Pattern {
        Pattern::sigma(text, Anchors::default(), false)
    }

    #[test]
    fn wildcards_need_backtracking() {
        assert!(sigma("*a?b").matches("xxaaabab-ayb"));
        assert!(!sigma("*a?b").matches("ab"));
        assert!(
            sigma("arn:aws:iam::*:policy/*Admin*").matches("arn:aws:iam::aws:policy/AdministratorAccess")
        );
        assert!(sigma("*").matches(""));
        assert!(!sigma("?").matches(""));
    }

    #[test]
    fn a_backslash_takes_the_wildcard_away() {
        assert!(sigma(r"arn:aws:s3:::x/\*").matches("arn:aws:s3:::x/*"));
        assert!(!sigma(r"arn:aws:s3:::x/\*").matches("arn:aws:s3:::x/y"));
        assert!(sigma(r"a\\*").matches(r"a\anything"));
    }

    #[test]
    fn case_is_ignored_unless_asked_for() {
        assert!(sigma("createuser").matches("CreateUser"));
        assert!(!Pattern::sigma("createuser", Anchors::default(), true).matches("CreateUser"));
        assert!(sigma("STRASSE-Ä*").matches("strasse-ä1"));
    }

    #[test]
    fn each_of_several_addresses_counts() {
        let network = Test::Network("203.0.113.0/24".parse().unwrap());
        assert!(network.holds(&json!("203.0.113.7")));
        assert!(network.holds(&json!("10.0.0.1, 203.0.113.7")));
        assert!(
            !network.holds(&json!("10.0.0.1,198.51.100.1")) && !network.holds(&json!("ec2.amazonaws.com"))
        );
    }

    #[test]
    fn scalars_compare_as_text_and_objects_by_part() {
        assert!(sigma("false").matches_value(&json!(false)));
        assert!(sigma("5").matches_value(&json!(5)));
        assert!(!sigma("{*").matches_value(&json!(null)));
        let open = Anchors { open_start: true, open_end: true };
        let inside = Pattern::sigma(r#""s3:GetObject""#, open, false);
        assert!(inside.matches_value(&json!({"policyDocument": r#"{"Action":"s3:GetObject"}"#})));
    }
}
