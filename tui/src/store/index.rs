//! The search index: of each alert the three letters from every place of the texts that filters look
//! into. What has a text has all three letters of it in a row, so the index gives all that may have it,
//! wherever in a word that is, and only these have to be looked at.
//!
//! It is filled behind the alerts, many at a time, when nothing else is to be done: with each batch it
//! would take longer than all the rest. What it does not have yet is looked at as well.
//!
//! Letters are small ones here. What is not ASCII is not asked for, since which of those letters are one
//! in small and capital is the business of whoever looks; the two that are a capital of an ASCII letter
//! to a regular expression are that letter.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, read};
use crate::model::{Field, Row};

/// Letters are made small before they come here. Where in a text three letters stand is not kept.
pub(super) const CREATE: &str = "
    CREATE VIRTUAL TABLE search USING fts5 (
        texts, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
    );
";

/// Selects the number of the last alert in the index; numbers of alerts only grow.
pub(super) const FILLED: &str = "SELECT rowid FROM search ORDER BY rowid DESC LIMIT 1";
/// In no order: by time would mean to look at every hit, and there may be a million.
pub(super) const HITS: &str = "SELECT rowid FROM search WHERE search MATCH ?1 LIMIT ?2";
pub(super) const BEHIND: &str = "SELECT number FROM alert WHERE number > ?1 ORDER BY number LIMIT ?2";
/// Alerts that are indexed in one transaction, with their properties (`related.rs`): a batch that comes waits for it.
pub(super) const STEP: i64 = 200;

/// Between two texts, and for any letter that is not asked for. No safe text has it.
const NONE: char = '\n';
/// More than so many make a question longer and its answer hardly shorter.
const MOST: usize = 12;

/// Takes in some of what is stored and not in it yet. True where there may be more.
pub(super) fn fill(connection: &Connection) -> Result<bool, StoreError> {
    let step = usize::try_from(STEP).unwrap_or_default();
    let rows = read::above(connection, filled(connection)?, step)?;
    let mut insert = connection.prepare_cached("INSERT INTO search (rowid, texts) VALUES (?1, ?2)")?;
    for (number, row) in &rows {
        insert.execute(params![number, texts(row)])?;
    }
    Ok(rows.len() == step)
}

fn filled(connection: &Connection) -> Result<i64, StoreError> {
    let last = connection.prepare_cached(FILLED)?.query_row([], |row| row.get(0)).optional()?;
    Ok(last.unwrap_or_default())
}

/// The numbers of all alerts that may have these texts, at most so many; none where there are more, or
/// it can't be asked.
pub(super) fn hits(connection: &Connection, literals: &[String], most: usize) -> Option<Vec<i64>> {
    let question = question(literals)?;
    ask(connection, &question, most).unwrap_or_else(|error| {
        // One can do without it.
        tracing::error!(%error, "the search index does not answer");
        None
    })
}

fn ask(connection: &Connection, question: &str, most: usize) -> Result<Option<Vec<i64>>, StoreError> {
    let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
    let numbers = |sql, values: &[&dyn rusqlite::ToSql]| {
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_map(values, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()
    };
    // In this order: what is filled in between comes twice, and not never.
    let mut found = numbers(BEHIND, &[&filled(connection)?, &limit])?;
    if found.len() <= most {
        found.extend(numbers(HITS, &[&question, &limit])?);
    }
    found.sort_unstable();
    found.dedup();
    Ok((found.len() <= most).then_some(found))
}

fn small(letter: char) -> char {
    match letter {
        // The long s and the Kelvin sign.
        'ſ' => 's',
        '\u{212a}' => 'k',
        ' '..='~' => letter.to_ascii_lowercase(),
        _ => NONE,
    }
}

/// Returns the text that the index gets of a row; the index cuts it into threes itself.
fn texts(row: &Row) -> String {
    let mut texts = String::with_capacity(256);
    for field in Field::TEXTS {
        texts.extend(row.text(field).chars().map(small));
        texts.push(NONE);
    }
    texts
}

/// Returns the query to the index, in FTS5's language, for rows that may have all of these texts. `None`
/// where no text has three characters in a row that the index knows: printable ASCII, `ſ` and the Kelvin sign.
fn question(texts: &[String]) -> Option<String> {
    let mut all = BTreeSet::new();
    for text in texts {
        let letters: Vec<char> = text.chars().map(small).collect();
        let known = letters.windows(3).filter(|three| !three.contains(&NONE));
        all.extend(known.map(|three| three.iter().collect::<String>()));
    }
    // Whatever has all of them has these.
    let each = all.len().div_ceil(MOST).max(1);
    let quoted: Vec<_> =
        all.iter().step_by(each).map(|three| format!("\"{}\"", three.replace('"', "\"\""))).collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}

#[cfg(test)]
mod tests {
    fn question(text: &str) -> Option<String> {
        super::question(&[text.to_owned()])
    }

    #[test]
    fn three_letters_at_a_time_are_asked_for_and_what_is_shorter_is_not() {
        assert_eq!(question("Role").as_deref(), Some("\"ole\" AND \"rol\""));
        assert_eq!(question("\"a\"").as_deref(), Some("\"\"\"a\"\"\""));
        assert_eq!((question("ro"), question("rôle"), question("")), (None, None, None));
        assert_eq!(question("rôles").as_deref(), Some("\"les\""), "as far as it can be asked for");
        assert_eq!(question("roleſ").map(|all| all.contains("\"les\"")), Some(true));
        let long: String = ('a'..='z').collect();
        assert_eq!(question(&long).map(|all| all.matches("AND").count() + 1), Some(12));
    }
}
