//! The condition line: `selection and not 1 of filter_*`.

use super::SigmaError;
use super::expression::Expression;
use crate::pattern::{Anchors, Pattern};

/// Names under `detection`, each with what it selects, in the rule's order.
pub(super) type Selections = Vec<(String, Expression)>;

/// Reads a condition over the named selections.
pub(super) fn parse(text: &str, selections: &Selections) -> Result<Expression, SigmaError> {
    let mut parser = Parser { text, tokens: tokens(text), at: 0, selections, depth: 0 };
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(expression),
        Some("|") => Err(parser.error("aggregations after `|` are not supported")),
        Some(token) => Err(parser.error(&format!("unexpected `{token}`"))),
    }
}

/// Brackets nest no deeper than this: a rule is written by people.
const MAX_DEPTH: usize = 64;

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<&'a str>,
    at: usize,
    selections: &'a Selections,
    depth: usize,
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['(', ')', '|']) {
            let (before, tail) = rest.split_at(at);
            let (mark, after) = tail.split_at(1);
            if !before.is_empty() {
                tokens.push(before);
            }
            tokens.push(mark);
            rest = after;
        }
        if !rest.is_empty() {
            tokens.push(rest);
        }
    }
    tokens
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let hit = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(hit);
        hit
    }

    fn error(&self, why: &str) -> SigmaError {
        SigmaError::Condition { condition: self.text.to_owned(), why: why.to_owned() }
    }

    fn either(&mut self) -> Result<Expression, SigmaError> {
        let mut any = vec![self.both()?];
        while self.take("or") {
            any.push(self.both()?);
        }
        Ok(Expression::any(any))
    }

    fn both(&mut self) -> Result<Expression, SigmaError> {
        let mut all = vec![self.unary()?];
        while self.take("and") {
            all.push(self.unary()?);
        }
        Ok(Expression::all(all))
    }

    fn unary(&mut self) -> Result<Expression, SigmaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("nested too deep"));
        }
        let expression = if self.take("not") {
            Expression::Not(Box::new(self.unary()?))
        } else if self.take("(") {
            let inner = self.either()?;
            if !self.take(")") {
                return Err(self.error("missing closing bracket"));
            }
            inner
        } else {
            self.selection()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn selection(&mut self) -> Result<Expression, SigmaError> {
        let Some(first) = self.peek() else { return Err(self.error("unexpected end")) };
        self.at += 1;
        let quantified = self.peek().is_some_and(|token| token.eq_ignore_ascii_case("of"));
        if !quantified {
            return self
                .selections
                .iter()
                .find(|(name, _)| name == first)
                .map(|(_, expression)| expression.clone())
                .ok_or_else(|| self.error(&format!("unknown selection `{first}`")));
        }
        self.at += 1;
        let Some(which) = self.peek() else { return Err(self.error("`of` needs a name or `them`")) };
        self.at += 1;
        let named = self.named(which);
        if named.is_empty() {
            return Err(self.error(&format!("no selection matches `{which}`")));
        }
        match first.to_ascii_lowercase().as_str() {
            "1" | "any" => Ok(Expression::any(named)),
            "all" => Ok(Expression::all(named)),
            _ => Err(self.error(&format!("`{first} of` is not supported: use `1 of` or `all of`"))),
        }
    }

    /// `them` leaves out names that begin with an underscore, as the specification says.
    fn named(&self, which: &str) -> Vec<Expression> {
        let pattern = Pattern::sigma(which, Anchors::default(), true);
        let wanted = |name: &str| {
            if which.eq_ignore_ascii_case("them") { !name.starts_with('_') } else { pattern.matches(name) }
        };
        let hits = self.selections.iter().filter(|(name, _)| wanted(name));
        hits.map(|(_, expression)| expression.clone()).collect()
    }
}
