//! Text to the words that the search index holds, and a question to the same words.
//!
//! A name is one word (`first.last@example.com`, `203.0.113.7`, `prod-admin`), and its parts are
//! words too; `AttachUserPolicy` is also `attach`, `user` and `policy`. So whoever types `policy` or
//! `203.0.113` finds it by an index look-up, and nothing is ever searched through.

use std::collections::BTreeSet;

/// Of one text no more than this is searched, in bytes; an error message can be 100 KB.
const LONGEST_TEXT: usize = 2_048;
/// Longer words are something encoded, and nobody types them.
const LONGEST_WORD: usize = 128;

/// The words of these texts, each once.
pub(super) fn index(texts: &[&str]) -> String {
    let mut words = BTreeSet::new();
    for text in texts {
        for word in split(cut(text)) {
            if word.contains(is_joint) {
                words.extend(
                    word.split(is_joint)
                        .filter(|part| part.contains(char::is_alphabetic))
                        .map(str::to_lowercase),
                );
            }
            let humps: Vec<_> = humps(word).collect();
            if humps.len() > 1 {
                words.extend(humps.into_iter().map(str::to_lowercase));
            }
            words.insert(word.to_lowercase());
        }
    }
    words
        .into_iter()
        .filter(|word| word.len() > 1 && word.len() <= LONGEST_WORD)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A question in FTS5's language: every word, each as a beginning. None where there is no word in it:
/// a single letter is none, since a twentieth of all words begin with it.
pub(super) fn question(text: &str) -> Option<String> {
    let words: Vec<_> = split(cut(text))
        .filter(|word| word.len() > 1)
        .map(|word| format!("\"{}\" *", word.to_lowercase()))
        .collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

const fn is_joint(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | '@')
}

/// The index takes every character outside ASCII for a letter, so this does too.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !is_joint(c))
        .map(|word| word.trim_matches(is_joint))
        .filter(|word| !word.is_empty())
}

/// `AttachUserPolicy` to `Attach`, `User`, `Policy`; `DBCluster` to `DBCluster`.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let mut previous = ' ';
    let mut start = 0;
    let mut ends: Vec<usize> = Vec::new();
    for (at, c) in word.char_indices() {
        if c.is_uppercase() && previous.is_lowercase() {
            ends.push(at);
        }
        previous = c;
    }
    ends.push(word.len());
    ends.into_iter().filter_map(move |end| word.get(std::mem::replace(&mut start, end)..end))
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_words_and_so_are_their_parts() {
        assert_eq!(index(&["AttachUserPolicy"]), "attach attachuserpolicy policy user");
        assert_eq!(
            index(&["arn:aws:iam::111122223333:user/first.last@example.com"]),
            "111122223333 arn aws com example first first.last@example.com iam last user"
        );
        assert_eq!(index(&["from 203.0.113.7."]), "203.0.113.7 from");
        assert_eq!(index(&["", "--", "a"]), "");
    }

    #[test]
    fn a_question_asks_for_every_word_by_its_beginning() {
        assert_eq!(question("Alice  203.0.113").as_deref(), Some("\"alice\" * AND \"203.0.113\" *"));
        assert_eq!((question(" \"*() "), question("a ")), (None, None));
    }

    proptest! {
        #[test]
        fn a_question_holds_no_syntax(text in any::<String>()) {
            if let Some(question) = question(&text) {
                let words = question.split(" AND ").map(|word| word.trim_start_matches('"').trim_end_matches("\" *"));
                for word in words {
                    prop_assert!(!word.contains(['"', ' ', '*', '\0']));
                }
            }
        }
    }
}
