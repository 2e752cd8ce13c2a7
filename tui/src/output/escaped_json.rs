//! JSON that is inert on a terminal: the same values, with every character that [`SafeText`] would
//! mark written as an escape. JSON itself only asks that of the first 32.

use std::fmt::Write as _;
use std::io::{self, Write};

use detector::SafeText;
use serde::Serialize;

/// Writes one value, an alert for instance, without a line's end.
pub(crate) fn write(mut out: impl Write, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string(value)?;
    // Printable ASCII needs no escape, and nearly every line holds nothing else: serde_json escapes the first 32
    // characters. The fold reads every byte, without an early end, so that the compiler tests many at once.
    if json.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~')) {
        return out.write_all(json.as_bytes());
    }
    // Characters to be escaped stand in strings: the rest of JSON is plain ASCII.
    let mut escaped = String::with_capacity(json.len() + json.len() / 8);
    for character in json.chars() {
        let mut buffer = [0; 4];
        let text = &*character.encode_utf8(&mut buffer);
        if matches!(character, ' '..='~') || SafeText::new(text).as_str() == text {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    out.write_all(escaped.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Content;
    use crate::model::testing::alert;
    use detector::Alert;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn hostile_text_is_escaped_and_is_the_same_when_it_is_read() {
        let Content::Alert(mut alert) = alert("a", 0).content else { panic!() };
        let hostile = "é\u{202e}\u{9b}31m\u{7f}\u{1b}[2J\u{e0041}\n";
        alert.user_agent = Some(hostile.to_owned());
        let mut line = Vec::new();
        write(&mut line, &*alert).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert!(line.contains(r"é\u202e\u009b31m\u007f\u001b[2J\udb40\udc41\n"), "{line}");
        assert_eq!(serde_json::from_str::<Alert>(&line).unwrap(), *alert);
    }

    #[test]
    fn ascii_is_as_it_was_but_for_its_last_character() {
        let line = |text: &str| {
            let mut line = Vec::new();
            write(&mut line, &text).unwrap();
            String::from_utf8(line).unwrap()
        };
        assert_eq!(line(r#"a "b" \ ~"#), r#""a \"b\" \\ ~""#);
        assert_eq!(line("~\u{7f}"), r#""~\u007f""#);
        assert_eq!(line("\\\u{202e}\"\u{202e}"), r#""\\\u202e\"\u202e""#);
    }

    proptest! {
        #[test]
        fn any_text_is_inert_and_is_the_same_when_it_is_read(key: String, text: String) {
            let value = json!({key: text});
            let mut line = Vec::new();
            write(&mut line, &value).unwrap();
            let line = String::from_utf8(line).unwrap();
            prop_assert_eq!(SafeText::new(&line).to_string(), line.clone());
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        }
    }
}
