//! Foreign text made harmless: user names, session names, user agents, tags, error messages are
//! chosen by whoever made the call, an attacker included.

use std::fmt;

/// Text that can be put on a screen, into a title, a message or a log line. What would move the
/// cursor, hide, reorder or break a line is there as a visible mark instead.
///
/// Control characters become their pictures (`␛`, U+2400 block), line ends `⏎`, tabs a space, and
/// what has no picture (C1 controls, bidirectional and zero-width characters, tags, private and
/// unassigned formats) its code point: `⟨U+202E⟩`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SafeText(String);

impl SafeText {
    /// Makes any text safe. Most texts are already, and then nothing is changed.
    pub fn new(text: &str) -> Self {
        if text.chars().all(|c| mark(c).is_none()) {
            return Self(text.to_owned());
        }
        let mut safe = String::with_capacity(text.len() + 16);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            // One mark for the pair that Windows writes.
            if c == '\r' && chars.peek() == Some(&'\n') {
                continue;
            }
            match mark(c) {
                None => safe.push(c),
                Some(Mark::As(picture)) => safe.push(picture),
                Some(Mark::CodePoint) => {
                    use fmt::Write as _;
                    // Writing to a String does not fail.
                    let _ = write!(safe, "⟨U+{:04X}⟩", u32::from(c));
                }
            }
        }
        Self(safe)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

enum Mark {
    As(char),
    CodePoint,
}

fn mark(c: char) -> Option<Mark> {
    match c {
        '\n' | '\r' => Some(Mark::As('⏎')),
        '\t' => Some(Mark::As(' ')),
        // U+2400 is the picture of U+0000, and so on for all 32.
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).map(Mark::As),
        '\x7f' => Some(Mark::As('␡')),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        // Private use: terminal fonts draw icons there.
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}' => Some(Mark::CodePoint),
        _ => None,
    }
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SafeText {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_seen_and_do_nothing() {
        assert_eq!(SafeText::new("\x1b]0;pwned\x07").as_str(), "␛]0;pwned␇");
        assert_eq!(SafeText::new("admin\u{202e}nimda").as_str(), "admin⟨U+202E⟩nimda");
        assert_eq!(SafeText::new("a\r\nb\tc\nd").as_str(), "a⏎b c⏎d");
        assert_eq!(SafeText::new("\u{9b}31m").as_str(), "⟨U+009B⟩31m");
        assert_eq!(SafeText::new("Žofie 東京 alice@example.com").as_str(), "Žofie 東京 alice@example.com");
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left_and_twice_is_once(text in any::<String>()) {
            let safe = SafeText::new(&text);
            prop_assert!(safe.as_str().chars().all(|c| !c.is_control() && mark(c).is_none()));
            prop_assert_eq!(SafeText::new(safe.as_str()), safe);
        }
    }
}
