//! One pass over a record: where it ends, and the two fields of the prefilter.
//!
//! It takes strict JSON (RFC 8259) and gives up on everything else, and on whatever could be read in
//! more than one way: one of the two fields standing twice, an escape in a key or in their text, a
//! text that is none. What it gives up on, serde looks at. So it may be simple, and no record can look
//! harmless here and be something else when it is parsed whole. serde alone would do, with
//! nearly a third more instructions for the whole of replay; tests hold that both agree.

/// Fields of a record that the prefilter needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) event_name: Option<&'a str>,
    pub(super) event_source: Option<&'a str>,
}

/// Greatest depth that a record may have; CloudTrail's are about ten deep.
const DEEPEST: u8 = 64;

/// The fields of the object that begins here, and its length.
pub(super) fn head(bytes: &[u8]) -> Option<(Head<'_>, usize)> {
    let mut scan = Scan { bytes, at: 0 };
    let (mut name, mut source) = (None, None);
    (scan.byte()? == b'{').then_some(())?;
    scan.object(|scan, key| {
        let field = match key.plain()? {
            b"eventName" => &mut name,
            b"eventSource" => &mut source,
            _ => return scan.value(DEEPEST),
        };
        let text = match scan.next()? {
            b'"' => Some(std::str::from_utf8(scan.string()?.plain()?).ok()?),
            b'n' => scan.literal(b"ull").map(|()| None)?,
            _ => return None,
        };
        field.replace(text).is_none().then_some(())
    })?;
    Some((Head { event_name: name.flatten(), event_source: source.flatten() }, scan.at))
}

/// Text between two quotes.
struct Text<'a> {
    bytes: &'a [u8],
    escaped: bool,
}

impl<'a> Text<'a> {
    fn plain(&self) -> Option<&'a [u8]> {
        (!self.escaped).then_some(self.bytes)
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    /// The next byte that is not white space.
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                byte => return Some(byte),
            }
        }
    }

    /// Reads an object from behind `{` to its end. `field` is called behind each key's colon.
    fn object(&mut self, mut field: impl FnMut(&mut Self, Text<'a>) -> Option<()>) -> Option<()> {
        let mut next = self.next()?;
        if next == b'}' {
            return Some(());
        }
        loop {
            (next == b'"').then_some(())?;
            let key = self.string()?;
            (self.next()? == b':').then_some(())?;
            field(self, key)?;
            match self.next()? {
                b',' => next = self.next()?,
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    fn array(&mut self, deeper: u8) -> Option<()> {
        if self.next()? == b']' {
            return Some(());
        }
        self.at -= 1;
        loop {
            self.value(deeper)?;
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    fn value(&mut self, deepest: u8) -> Option<()> {
        match self.next()? {
            b'"' => self.pass_string().map(drop),
            b'{' => {
                let deeper = deepest.checked_sub(1)?;
                self.object(|scan, _| scan.value(deeper))
            }
            b'[' => self.array(deepest.checked_sub(1)?),
            b't' => self.literal(b"rue"),
            b'f' => self.literal(b"alse"),
            b'n' => self.literal(b"ull"),
            b'-' => self.number(),
            b'0'..=b'9' => {
                self.at -= 1;
                self.number()
            }
            _ => None,
        }
    }

    fn literal(&mut self, rest: &[u8]) -> Option<()> {
        let matches = self.bytes.get(self.at..)?.starts_with(rest);
        self.at += rest.len();
        matches.then_some(())
    }

    /// Digits, with a fraction or not. Exponents are left to serde, which knows which are too large.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.digits()?;
        let zero_leads = self.bytes.get(start) == Some(&b'0') && self.at > start + 1;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        (!zero_leads && !matches!(self.bytes.get(self.at)?, b'e' | b'E')).then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let digits = self.bytes.get(self.at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        (digits > 0).then_some(())
    }

    /// Reads a text from behind its first quote up to the next quote that no escape stands before.
    #[inline]
    fn string(&mut self) -> Option<Text<'a>> {
        let start = self.at;
        let escaped = self.pass_string()?;
        Some(Text { bytes: self.bytes.get(start..self.at - 1)?, escaped })
    }

    /// Passes over it; says whether there are escapes in it. Half of what replay does is done here: it
    /// must become part of its callers.
    #[inline]
    fn pass_string(&mut self) -> Option<bool> {
        let mut escaped = false;
        loop {
            self.at += plain_bytes(self.bytes.get(self.at..)?);
            match self.byte()? {
                b'"' => return Some(escaped),
                b'\\' => self.escape()?,
                // A control character.
                _ => return None,
            }
            escaped = true;
        }
    }

    /// Reads an escape from behind its backslash.
    #[cold]
    fn escape(&mut self) -> Option<()> {
        match self.byte()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..)?.first_chunk::<4>()?;
                self.at += digits.len();
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }
}

/// Returns the number of bytes at the beginning that are neither a quote, a backslash nor a control
/// character.
#[inline]
fn plain_bytes(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    bytes.len() - rest.len() + plain_end(rest)
}

/// The same for the last few bytes of all.
#[cold]
fn plain_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(bytes.len())
}

/// Sets the highest bit of the first of eight bytes that is special. Of those behind it, some may be
/// marked in error: a borrow goes through them.
const fn special(word: u64) -> u64 {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // With this bit turned, a quote (0x22) stands right behind the control characters, and a space does
    // not: one comparison finds both.
    let turned = word ^ each(0x02);
    let quote_or_control = turned.wrapping_sub(each(0x21)) & !turned;
    let slashed = word ^ each(b'\\');
    let backslash = slashed.wrapping_sub(each(0x01)) & !slashed;
    (quote_or_control | backslash) & each(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    /// Returns what serde says of the same bytes: the length of the first value, and the value.
    fn serde(bytes: &[u8]) -> Option<(usize, Option<Value>)> {
        let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let length = values.byte_offset();
        Some((length, serde_json::from_slice(&bytes[..length]).ok()))
    }

    fn agrees(bytes: &[u8]) -> Option<(Head<'_>, usize)> {
        let found = head(bytes);
        if let Some((head, length)) = found {
            let (expected, value) = serde(bytes).expect("serde takes what the scan takes");
            assert_eq!(length, expected);
            if let Some(value) = value {
                let text = |key: &str| value.get(key).and_then(Value::as_str);
                assert_eq!((head.event_name, head.event_source), (text("eventName"), text("eventSource")));
            }
        }
        found
    }

    #[test]
    fn a_record_gives_its_fields_and_its_length() {
        let text = r#"{ "a" : [1, -0.5, {"eventName":"inner"}, []], "eventName":"CreateUser" ,"b":{"\"":"\\\u00e9"},
            "eventSource":"iam.amazonaws.com","n":null,"t":true,"f":false,"e":{}} more"#;
        let head = Head { event_name: Some("CreateUser"), event_source: Some("iam.amazonaws.com") };
        assert_eq!(agrees(text.as_bytes()), Some((head, text.len() - 5)));
        let none = Head { event_name: None, event_source: None };
        assert_eq!(agrees(b"{}"), Some((none, 2)));
        assert_eq!(agrees(br#"{"eventName":null}"#), Some((none, 18)));
    }

    #[test]
    fn it_gives_up_on_what_could_be_read_in_two_ways_and_on_what_is_no_json() {
        for text in [
            r#"{"eventName":"A","eventName":"B"}"#,
            r#"{"eventName":null,"eventName":"B"}"#,
            r#"{"event\u004eame":"A"}"#,
            r#"{"eventName":"\u0041"}"#,
            r#"{"eventName":7}"#,
            r#"{"eventName":["A"]}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":-}"#,
            r#"{"a":1e999}"#,
            r#"{"a":tru}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u00g0"}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[1}"#,
            r#"{"a":{]}"#,
            r#"{"a":"#,
            "[]",
            "",
        ] {
            assert_eq!(agrees(text.as_bytes()), None, "{text}");
        }
        let deep = |levels| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(agrees(deep(64).as_bytes()).is_some());
        assert_eq!(agrees(deep(65).as_bytes()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn special_bytes_are_found_wherever_they_are(bytes in prop::collection::vec(
            prop_oneof![3 => any::<u8>(), 1 => prop::sample::select(&b"\"\\\x1f\x20!#[]\x00\xa2\xdc\x80"[..])], 0..40)) {
            let expected = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(plain_bytes(&bytes), expected.unwrap_or(bytes.len()));
        }

        #[test]
        fn whatever_it_takes_serde_takes_alike(tokens in prop::collection::vec(prop::sample::select(&[
            "{", "}", "[", "]", ",", ":", "\"eventName\"", "\"eventSource\"", "\"x\"", "\"\\\"\"", "\"é\"", " ", "\n",
            "null", "true", "1", "-2.5", "0", "1e5", "\"eventName\":\"A\"", "\"x\":{", "\"y\":[", "},", "],", "\\", "\"",
        ][..]), 0..24)) {
            agrees(format!("{{{}", tokens.concat()).as_bytes());
        }
    }
}
