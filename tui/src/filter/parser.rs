//! From pieces to a tree: `or` binds least, then `and` (which may be left out), then `not` and `-`.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::FilterError;
use super::lexer::{self, Placed, Token};
use super::syntax::Expr;

/// Brackets and negations in each other, so that no text can exhaust the stack.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expr, FilterError> {
    let mut parser =
        Parser { tokens: lexer::tokens(text)?.into_iter().peekable(), end: text.len(), depth: 0 };
    if parser.tokens.peek().is_none() {
        return Ok(Expr::All);
    }
    let expr = parser.any()?;
    match parser.tokens.next() {
        None => Ok(expr),
        Some((_, at)) => Err(FilterError::new(at, "this bracket was not opened: take it away")),
    }
}

struct Parser {
    tokens: Peekable<IntoIter<Placed>>,
    /// Bytes of the whole text: where an error is that is about what is missing.
    end: usize,
    depth: usize,
}

impl Parser {
    fn take(&mut self, wanted: &Token) -> Option<Range<usize>> {
        self.tokens.next_if(|(token, _)| token == wanted).map(|(_, at)| at)
    }

    fn any(&mut self) -> Result<Expr, FilterError> {
        let first = self.all()?;
        let mut parts = vec![first];
        while self.take(&Token::Or).is_some() {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expr::Or))
    }

    fn all(&mut self) -> Result<Expr, FilterError> {
        let first = self.one()?;
        let mut parts = vec![first];
        loop {
            let joined = self.take(&Token::And).is_some();
            let goes_on = matches!(self.tokens.peek(), Some((Token::Open | Token::Not | Token::Term(_), _)));
            if !joined && !goes_on {
                return Ok(one_or(parts, Expr::And));
            }
            parts.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Expr, FilterError> {
        let missing = |at| FilterError::new(at, "something is missing here: a word, a field, or a bracket");
        let Some((token, at)) = self.tokens.next() else {
            return Err(FilterError { unfinished: true, ..missing(self.end..self.end) });
        };
        if self.depth >= DEEPEST {
            return Err(FilterError::new(at, "too many brackets in each other: write it shorter"));
        }
        self.depth += 1;
        let expr = match token {
            Token::Term(term) => Expr::Term(term),
            Token::Not => Expr::Not(Box::new(self.one()?)),
            Token::Open => {
                let inner = self.any()?;
                if self.take(&Token::Close).is_none() {
                    let what = "this bracket is not closed: add a ) at the end";
                    return Err(FilterError::unfinished(at, what));
                }
                inner
            }
            Token::Close | Token::And | Token::Or => return Err(missing(at)),
        };
        self.depth -= 1;
        Ok(expr)
    }
}

/// A list of one is that one.
fn one_or(mut parts: Vec<Expr>, list: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (popped, _) => {
            parts.extend(popped);
            list(parts)
        }
    }
}
