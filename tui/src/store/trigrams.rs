//! The search index: of each alert the three letters from every place of the texts that filters look
//! into. What has a text has all three letters of it in a row, so the index gives all that may have it,
//! wherever in a word that is, and only these have to be looked at.
//!
//! Letters are small ones here. What is not ASCII is not asked for, since which of those letters are one
//! in small and capital is the business of whoever looks; the two that are a capital of an ASCII letter
//! to a regular expression are that letter.

use std::collections::BTreeSet;

use super::Row;
use crate::filter::Field;

/// Between two texts, and for any letter that is not asked for. No safe text has it.
const NONE: char = '\n';
/// Of one text no more than this is kept, in letters; a reason why something is unreadable can be long.
const LONGEST_TEXT: usize = 2_048;
/// More than so many make a question longer and its answer hardly shorter.
const MOST: usize = 12;

fn small(letter: char) -> char {
    match letter {
        // The long s and the Kelvin sign.
        'ſ' => 's',
        '\u{212a}' => 'k',
        letter if letter.is_ascii() => letter.to_ascii_lowercase(),
        _ => NONE,
    }
}

/// What the index holds of a row; it cuts it into threes itself.
pub(super) fn index(row: &Row) -> String {
    let mut texts = String::with_capacity(256);
    for field in Field::TEXTS {
        texts.extend(row.text(field).chars().take(LONGEST_TEXT).map(small));
        texts.push(NONE);
    }
    texts
}

/// What to ask the index for, in FTS5's language, where all of these texts are to be there. None where
/// they are too short for it, or in other letters.
pub(super) fn question(texts: &[String]) -> Option<String> {
    let mut all = BTreeSet::new();
    for text in texts {
        let letters: Vec<char> = text.chars().take(LONGEST_TEXT).map(small).collect();
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
