//! Texts that many rows share, each held once: a hundred thousand alerts are of a few hundred events,
//! people, addresses and accounts. A row is then of one size, what is equal is in one place, and a filter
//! has to look at each text once and not at each row.
//!
//! A text goes with the last row that has it, so that whoever floods the console with names of their own
//! fills no memory for good.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use detector::SafeText;

/// A safe text, shared by all who have the same. Equal texts are one, so comparing and hashing look at
/// no letter; the order is that of the texts.
#[derive(Clone)]
pub(crate) struct SharedText(Arc<SafeText>);

/// Every text that some row has, found by its letters.
static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);

/// Below so many, no text is looked for that nobody has any more.
const FEW: usize = 4_096;

#[derive(Default)]
struct Texts {
    held: HashSet<ByLetters, foldhash::fast::RandomState>,
    /// Number of texts in use after the unused ones were last dropped.
    used: usize,
}

struct ByLetters(SharedText);

impl SharedText {
    /// Makes any text safe, and one with all that are the same.
    pub(crate) fn new(text: &str) -> Self {
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        // Texts that are held are safe already.
        if let Some(ByLetters(known)) = texts.held.get(text) {
            return known.clone();
        }
        let safe = SafeText::new(text);
        if let Some(ByLetters(known)) = texts.held.get(safe.as_str()) {
            return known.clone();
        }
        if texts.held.len() >= FEW.max(2 * texts.used) {
            // A text without another owner can get one only here, under the lock.
            texts.held.retain(|ByLetters(text)| Arc::strong_count(&text.0) > 1);
            texts.used = texts.held.len();
        }
        let new = Self(Arc::new(safe));
        texts.held.insert(ByLetters(new.clone()));
        new
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SharedText {}

impl Hash for SharedText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Borrow<str> for ByLetters {
    fn borrow(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for ByLetters {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for ByLetters {}

impl Hash for ByLetters {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_is_one_and_safe() {
        let text = SharedText::new("shared-text-\x1b[2J");
        assert_eq!(text.as_str(), "shared-text-␛[2J");
        assert_eq!(text, SharedText::new("shared-text-\x1b[2J"));
        assert_eq!(text, SharedText::new(text.as_str()), "safe already");
        assert_ne!(text, SharedText::new("shared-text-"));
    }

    #[test]
    fn a_text_goes_with_the_last_who_has_it() {
        let kept = SharedText::new("one that is kept");
        for number in 0..20_000 {
            let _ = SharedText::new(&format!("one that goes {number}"));
        }
        let texts = TEXTS.lock().unwrap();
        let left = texts.held.iter().filter(|ByLetters(text)| text.as_str().starts_with("one that ")).count();
        assert!(left < 10_000, "{left}");
        drop(texts);
        assert_eq!(kept, SharedText::new("one that is kept"));
    }
}
