//! A filter's text in pieces, each with its place. What a piece means is the parser's matter.

use std::ops::Range;

use super::FilterError;
use super::syntax::{Op, Term, Value};
use crate::model::field::Field;

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    /// The word `not`, or a minus before a term or bracket.
    Not,
    Term(Term),
}

/// A piece and where it stands, in bytes.
pub(super) type Placed = (Token, Range<usize>);

/// The operators, longer ones before those that they begin with.
const OPS: [(&str, Op); 10] = [
    ("==", Op::Is),
    ("!=", Op::IsNot),
    ("!~", Op::MatchesNot),
    ("<=", Op::AtMost),
    (">=", Op::AtLeast),
    (":", Op::Holds),
    ("=", Op::Is),
    ("~", Op::Matches),
    ("<", Op::Less),
    (">", Op::More),
];

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, FilterError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut out = Vec::new();
    while let Some(next) = lexer.next()? {
        out.push(next);
    }
    Ok(out)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Option<Placed>, FilterError> {
        self.at = self.text.len() - self.rest().trim_start().len();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let token = match first {
            '(' => self.skip(1, Token::Open),
            ')' => self.skip(1, Token::Close),
            '-' if self.rest().chars().nth(1).is_some_and(|c| !c.is_whitespace() && c != ')') => {
                self.skip(1, Token::Not)
            }
            _ => {
                let word = self.rest().split([' ', '\t', '(', ')']).next().unwrap_or_default();
                let keyword = match word.to_ascii_lowercase().as_str() {
                    "and" => Some(Token::And),
                    "or" => Some(Token::Or),
                    "not" => Some(Token::Not),
                    _ => None,
                };
                match keyword {
                    Some(token) => self.skip(word.len(), token),
                    None => Token::Term(self.term()?),
                }
            }
        };
        Ok(Some((token, start..self.at)))
    }

    fn skip(&mut self, bytes: usize, token: Token) -> Token {
        self.at += bytes;
        token
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let start = self.at;
        let letters = self.rest().chars().take_while(|c| c.is_ascii_alphabetic() || *c == '_').count();
        let name = self.rest().get(..letters).unwrap_or_default().to_owned();
        let behind = self.rest().get(letters..).unwrap_or_default();
        let op = OPS.iter().find(|(written, _)| behind.starts_with(written)).copied();
        let (field, op, range) = match op {
            // A regular expression over any text: `~^Create`.
            Some((written, op @ Op::Matches)) if letters == 0 => {
                self.at += written.len();
                (None, op, start..self.at)
            }
            // An ARN is text that people paste.
            Some((written, op)) if letters > 0 && name != "arn" => {
                let field = Field::named(&name).ok_or_else(|| no_field(start..start + letters, &name))?;
                self.at += letters + written.len();
                (Some(field), op, start..self.at)
            }
            _ => (None, Op::Holds, start..start),
        };
        let from = self.at;
        let value = self.value(matches!(op, Op::Matches | Op::MatchesNot))?;
        if value.text.is_empty() {
            let written = self.text.get(range.clone()).unwrap_or_default();
            let what = format!("write what to look for behind {written}");
            return Err(FilterError::unfinished(range, what));
        }
        Ok(Term { field, op, value, at: start..self.at, value_at: from..self.at })
    }

    fn value(&mut self, is_regex: bool) -> Result<Value, FilterError> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let mut open = 0_usize;
        let end = |(_, c): &(usize, char)| match c {
            '(' if is_regex => {
                open += 1;
                false
            }
            ')' if is_regex && open > 0 => {
                open -= 1;
                false
            }
            '(' | ')' => true,
            c => c.is_whitespace(),
        };
        let length = self.rest().char_indices().find(end).map_or(self.rest().len(), |(at, _)| at);
        let text = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length;
        Ok(Value { text, quoted: false })
    }

    fn quoted(&mut self) -> Result<Value, FilterError> {
        let mut text = String::new();
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '"' if !escaped => {
                    self.at += at + 1;
                    return Ok(Value { text, quoted: true });
                }
                '\\' if !escaped => escaped = true,
                c => {
                    // Only quotes and backslashes need one; before anything else it stands for itself.
                    if escaped && !matches!(c, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                    escaped = false;
                }
            }
        }
        Err(FilterError::unfinished(
            self.at..self.text.len(),
            "this quote is not closed: add a \" at the end",
        ))
    }
}

fn no_field(at: Range<usize>, name: &str) -> FilterError {
    let instead = match Field::near(name) {
        Some(near) => format!("did you mean {near}?"),
        None => "put quotes round it to look for it as text".to_owned(),
    };
    FilterError::new(at, format!("there is no field {name}: {instead}"))
}
