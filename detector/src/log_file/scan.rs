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

/// A field that was found: its text, or null.
type Field<'a> = Option<Option<&'a [u8]>>;

/// The fields of the object that begins here, and its length.
pub(super) fn head(bytes: &[u8]) -> Option<(Head<'_>, usize)> {
    let mut scan = Scan { bytes, at: 0, marks: Marks::default(), in_object: false, outer: 0, depth: 0 };
    let (mut name, mut source) = (None, None);
    (scan.next()? == b'{').then_some(())?;
    let mut has_more = scan.enter(true)?;
    // Each turn reads one member or element, or the opening of a nested one. Most members have a text as their value and
    // another member behind them: the branches for these come first.
    while has_more || scan.close()? {
        has_more = false;
        let mut field = None;
        let first = if scan.in_object {
            if scan.depth == 1 {
                field = match eight(bytes, scan.at) {
                    NAME if starts_with(bytes, scan.at, b"eventName\"") => Some(&mut name),
                    SOURCE if starts_with(bytes, scan.at, b"eventSource\"") => Some(&mut source),
                    _ => None,
                };
            }
            let mark = scan.mark()?;
            if three(bytes, mark)? == BEFORE_TEXT {
                scan.at = mark + 3;
                b'"'
            } else {
                scan.end_text(mark, scan.depth > 1)?;
                scan.colon()?
            }
        } else {
            scan.next()?
        };
        match (first, field) {
            (b'"', field) => {
                let (start, mark) = (scan.at, scan.mark()?);
                has_more = scan.in_object && three(bytes, mark)? == BEFORE_KEY;
                if has_more {
                    scan.at = mark + 3;
                } else {
                    scan.end_text(mark, field.is_none())?;
                }
                if let Some(field) = field {
                    keep(field, Some(bytes.get(start..mark)?))?;
                }
            }
            (b'{' | b'[', None) => has_more = scan.enter(first == b'{')?,
            (b'n', Some(field)) => {
                scan.at = word(bytes, scan.at - 1)?;
                keep(field, None)?;
            }
            (_, None) => scan.at = word(bytes, scan.at - 1)?,
            (_, Some(_)) => return None,
        }
    }
    Some((Head { event_name: name.flatten(), event_source: source.flatten() }, scan.at))
}

/// Keeps a field's value. Returns `None` for a second occurrence of the field.
fn keep<'a>(field: &mut Field<'a>, value: Option<&'a [u8]>) -> Option<()> {
    field.replace(value).is_none().then_some(())
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

impl Scan<'_> {
    /// The next byte that is not white space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        let mut byte = *self.bytes.get(self.at)?;
        // CloudTrail writes no white space, others do.
        if byte <= b' ' {
            (self.at, byte) = behind_space(self.bytes, self.at)?;
        }
        self.at += 1;
        Some(byte)
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
        if self.in_object && starts_with(self.bytes, self.at, b",\"") {
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
        (self.next()? == b':').then_some(())?;
        self.next()
    }

    /// Returns the offset of the first quote, backslash or control character at or behind the scan's place.
    #[inline]
    fn mark(&mut self) -> Option<usize> {
        self.marks.next(self.bytes, self.at)
    }

    /// Reads a text from its first mark up to behind its closing quote. Returns `None` for an escape that is not allowed.
    #[inline]
    fn end_text(&mut self, mark: usize, may_have_escapes: bool) -> Option<()> {
        if *self.bytes.get(mark)? == b'"' {
            self.at = mark + 1;
            return Some(());
        }
        may_have_escapes.then_some(())?;
        (self.at, self.marks) = end_escaped(self.bytes, mark, self.marks)?;
        Some(())
    }
}

/// End of a key and beginning of its text, as [`three`] reads them: comparing them together saves a tenth of the scan's
/// instructions.
const BEFORE_TEXT: u32 = u32::from_le_bytes(*b"\":\"\0");
/// End of a text and beginning of the next key.
const BEFORE_KEY: u32 = u32::from_le_bytes(*b"\",\"\0");
/// First eight bytes of `eventName`, as [`eight`] reads them.
const NAME: u64 = u64::from_le_bytes(*b"eventNam");
/// First eight bytes of `eventSource`.
const SOURCE: u64 = u64::from_le_bytes(*b"eventSou");

// Functions of a place in the text, and no methods: a `Scan` that is passed to a function which is not inlined stays in
// memory, for a seventh more instructions.

/// Returns three bytes at a place as a number; 0 where the text ends within four. `None` for a place behind its end.
#[inline]
fn three(bytes: &[u8], at: usize) -> Option<u32> {
    Some(bytes.get(at..)?.first_chunk().map_or(0, |four| u32::from_le_bytes(*four) & 0xff_ffff))
}

/// Returns eight bytes at a place as a number; 0 where there are fewer.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// Passes over white space. Returns the place of the first byte behind it, and the byte.
#[inline(never)]
fn behind_space(bytes: &[u8], mut at: usize) -> Option<(usize, u8)> {
    loop {
        // Pretty-printed files indent their lines by many spaces.
        while eight(bytes, at) == u64::from_le_bytes([b' '; 8]) {
            at += 8;
        }
        match *bytes.get(at)? {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            byte => return (byte > b' ').then_some((at, byte)),
        }
    }
}

#[inline]
fn starts_with(bytes: &[u8], at: usize, start: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(start))
}

/// Reads a text that has an escape or a control character, from its first mark on. Returns the offset behind its closing
/// quote, and the marks.
#[cold]
#[inline(never)]
fn end_escaped(bytes: &[u8], mut mark: usize, mut marks: Marks) -> Option<(usize, Marks)> {
    loop {
        match bytes.get(mark)? {
            b'"' => return Some((mark + 1, marks)),
            b'\\' => mark = marks.next(bytes, escape(bytes, mark + 1)?)?,
            // A control character.
            _ => return None,
        }
    }
}

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
            r#"{"eventName\\":"A"}"#,
            r#"{"a":"b","c"}"#,
            r#"{"a":"b",}"#,
            "{\"a\":\u{b}1}",
            "{        \0\"a\":1}",
            "{\"a\":1        \u{c}}",
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

    /// Texts of each length around the edges of blocks, with each kind of escape: taken whole, and never cut.
    #[test]
    fn a_record_is_taken_wherever_a_block_ends() {
        let escapes = ["", r"\\", r#"\""#, r"\u00e9"];
        for (length, escape) in (0..140).flat_map(|length| escapes.map(|escape| (length, escape))) {
            let pad = "x".repeat(length);
            let compact = format!(
                r#"{{"eventSource":"s","{pad}":{{"{escape}{pad}":"{pad}{escape}","k":"","":"v"}},"l":["{escape}","b"],"eventName":"A"}}"#
            );
            let value: Value = serde_json::from_str(&compact).unwrap();
            let pretty = format!("{value:#}").replace('\n', "\r\n\t      ");
            for text in [compact.as_bytes(), pretty.as_bytes()] {
                let expected = (Head { event_name: Some(b"A"), event_source: Some(b"s") }, text.len());
                assert_eq!(agrees(text), Some(expected), "{length} {escape}");
                for cut in (0..text.len()).step_by(13) {
                    assert_eq!(head(&text[..cut]), None, "{length} {escape} {cut}");
                }
                for behind in [",", "\"", ",\"eventName\":\"B\"}", "}        "] {
                    assert_eq!(
                        head(&[text, behind.as_bytes()].concat()),
                        Some(expected),
                        "{length} {escape} {behind}"
                    );
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn whatever_it_takes_serde_takes_alike(tokens in prop::collection::vec(prop::sample::select(&[
            "{", "}", "[", "]", ",", ":", "\"eventName\"", "\"eventSource\"", "\"x\"", "\"\\\"\"", "\"é\"", " ", "\n",
            "null", "true", "1", "-2.5", "0", "1e5", "\"eventName\":\"A\"", "\"x\":{", "\"y\":[", "},", "],", "\\", "\"",
            "\"x\":\"y\",\"eventSource\":\"s\",", "\"a\",\"b\"", "\"eventName\\\\\":\"A\"", "          ",
        ][..]), 0..24)) {
            agrees(format!("{{{}", tokens.concat()).as_bytes());
        }
    }
}
