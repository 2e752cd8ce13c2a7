//! One pass over a record: where it ends, and the two fields of the prefilter.
//!
//! It takes strict JSON (RFC 8259) and gives up on everything else, and on whatever could be read in
//! more than one way: one of the two fields standing twice, an escape in a key or in their text, a
//! text that is none. What it gives up on, serde looks at. So it may be simple, and no record can look
//! harmless here and be something else when it is parsed whole. serde alone would do, more slowly; tests hold
//! that both agree.

use super::marks::Marks;

/// Fields of a record that the prefilter needs, as they stand there: maybe no UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) event_name: Option<&'a [u8]>,
    pub(super) event_source: Option<&'a [u8]>,
}

/// Greatest depth, the record itself included; CloudTrail's are about ten deep. `Scan::outer` has room for it.
const DEEPEST: u32 = 1 + u64::BITS;

/// The fields of the object that begins here, and its length.
pub(super) fn head(bytes: &[u8]) -> Option<(Head<'_>, usize)> {
    let mut scan = Scan { bytes, at: 0, marks: Marks::default(), in_object: false, outer: 0, depth: 0 };
    let (mut name, mut source) = (None, None);
    (scan.next()? == b'{').then_some(())?;
    let mut has_more = scan.enter(true)? || scan.close()?;
    // Each turn is a value with its key, or the beginning of one, and what closes behind it.
    while has_more {
        let mut field = None;
        let first = if scan.in_object {
            let key = scan.text()?;
            if scan.depth == 1 {
                field = match scan.plain(key)? {
                    b"eventName" => Some(&mut name),
                    b"eventSource" => Some(&mut source),
                    _ => None,
                };
            }
            scan.colon()?
        } else {
            scan.next()?
        };
        let has_first = match (first, field) {
            (b'"', field) => {
                let text = scan.text()?;
                if let Some(field) = field {
                    field.replace(Some(scan.plain(text)?)).is_none().then_some(())?;
                }
                false
            }
            (b'{' | b'[', None) => scan.enter(first == b'{')?,
            (b'n', Some(field)) => {
                scan.at = word(bytes, scan.at - 1)?;
                field.replace(None).is_none().then_some(())?;
                false
            }
            (_, None) => {
                scan.at = word(bytes, scan.at - 1)?;
                false
            }
            (_, Some(_)) => return None,
        };
        has_more = has_first || scan.close()?;
    }
    Some((Head { event_name: name.flatten(), event_source: source.flatten() }, scan.at))
}

/// Text between two quotes.
#[derive(Clone, Copy)]
struct Text {
    start: usize,
    end: usize,
    escaped: bool,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    marks: Marks,
    /// True in an object, false in an array.
    in_object: bool,
    /// Bits that tell the same of what is around it, the nearest in the lowest.
    outer: u64,
    /// Number of objects and arrays that are open.
    depth: u32,
}

impl<'a> Scan<'a> {
    /// The next byte that is not white space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            // Nearly always: CloudTrail writes no white space.
            if byte > b' ' {
                return Some(byte);
            }
            matches!(byte, b' ' | b'\t' | b'\n' | b'\r').then_some(())?;
        }
    }

    /// Goes into an object or an array from behind its bracket, and behind the first quote of an object's first key.
    /// False where it is empty.
    #[inline]
    fn enter(&mut self, is_object: bool) -> Option<bool> {
        self.outer = self.outer << 1 | u64::from(self.in_object);
        self.in_object = is_object;
        self.depth += 1;
        (self.depth <= DEEPEST).then_some(())?;
        match (self.next()?, is_object) {
            (b'"', true) => Some(true),
            (b'}', true) | (b']', false) => {
                self.at -= 1;
                Some(false)
            }
            (_, true) => None,
            (_, false) => {
                self.at -= 1;
                Some(true)
            }
        }
    }

    /// Reads what is behind a value: the ends of what it is in, up to the comma before the next value, and behind the
    /// first quote of its key. False where the record has ended.
    #[inline]
    fn close(&mut self) -> Option<bool> {
        if self.in_object && self.two() == Some([b',', b'"']) {
            self.at += 2;
            return Some(true);
        }
        loop {
            match self.next()? {
                b',' => {
                    return if self.in_object { (self.next()? == b'"').then_some(true) } else { Some(true) };
                }
                b'}' if self.in_object => {}
                b']' if !self.in_object => {}
                _ => return None,
            }
            self.in_object = self.outer & 1 == 1;
            self.outer >>= 1;
            self.depth -= 1;
            if self.depth == 0 {
                return Some(false);
            }
        }
    }

    /// Reads the colon behind a key, and the first byte of the value.
    #[inline]
    fn colon(&mut self) -> Option<u8> {
        if self.two() == Some([b':', b'"']) {
            self.at += 2;
            return Some(b'"');
        }
        (self.next()? == b':').then_some(())?;
        self.next()
    }

    #[inline]
    fn two(&self) -> Option<[u8; 2]> {
        self.bytes.get(self.at..)?.first_chunk().copied()
    }

    /// Reads a text from behind its first quote up to the next quote that no escape stands before.
    #[inline]
    fn text(&mut self) -> Option<Text> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let end = self.marks.next(self.bytes, self.at)?;
            self.at = end + 1;
            match self.bytes.get(end)? {
                b'"' => return Some(Text { start, end, escaped }),
                b'\\' => self.at = escape(self.bytes, self.at)?,
                // A control character.
                _ => return None,
            }
            escaped = true;
        }
    }

    /// The bytes of a text that has no escapes.
    fn plain(&self, text: Text) -> Option<&'a [u8]> {
        self.bytes.get(text.start..text.end).filter(|_| !text.escaped)
    }
}

// Functions of a place in the text, and no methods: a `Scan` that is passed to a function which is not inlined stays in
// memory, for a seventh more instructions.

/// Passes over a number, or one of JSON's three words. Returns the place behind it.
fn word(bytes: &[u8], first: usize) -> Option<usize> {
    match bytes.get(first)? {
        b't' => rest_of_word(bytes, first + 1, b"rue"),
        b'f' => rest_of_word(bytes, first + 1, b"alse"),
        b'n' => rest_of_word(bytes, first + 1, b"ull"),
        b'-' => number(bytes, first + 1),
        b'0'..=b'9' => number(bytes, first),
        _ => None,
    }
}

fn rest_of_word(bytes: &[u8], at: usize, rest: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(rest).then_some(at + rest.len())
}

/// Digits, with a fraction or not. Exponents are left to serde, which knows which are too large.
fn number(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = digits(bytes, start)?;
    let zero_leads = bytes.get(start) == Some(&b'0') && at > start + 1;
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    (!zero_leads && !matches!(bytes.get(at)?, b'e' | b'E')).then_some(at)
}

fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then_some(at + digits)
}

/// Reads an escape from behind its backslash. Returns the place behind it.
#[cold]
fn escape(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => {
            let digits = bytes.get(at + 1..)?.first_chunk::<4>()?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 1 + digits.len())
        }
        _ => None,
    }
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
                let (name, source) = (text("eventName"), text("eventSource"));
                assert_eq!(head.event_name, name.map(str::as_bytes));
                assert_eq!(head.event_source, source.map(str::as_bytes));
            }
        }
        found
    }

    #[test]
    fn a_record_gives_its_fields_and_its_length() {
        let text = r#"{ "a" : [1, -0.5, {"eventName":"inner"}, []], "eventName":"CreateUser" ,"b":{"\"":"\\\u00e9"},
            "eventSource":"iam.amazonaws.com","n":null,"t":true,"f":false,"e":{}} more"#;
        let head = Head { event_name: Some(b"CreateUser"), event_source: Some(b"iam.amazonaws.com") };
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
        fn whatever_it_takes_serde_takes_alike(tokens in prop::collection::vec(prop::sample::select(&[
            "{", "}", "[", "]", ",", ":", "\"eventName\"", "\"eventSource\"", "\"x\"", "\"\\\"\"", "\"é\"", " ", "\n",
            "null", "true", "1", "-2.5", "0", "1e5", "\"eventName\":\"A\"", "\"x\":{", "\"y\":[", "},", "],", "\\", "\"",
        ][..]), 0..24)) {
            agrees(format!("{{{}", tokens.concat()).as_bytes());
        }
    }
}
