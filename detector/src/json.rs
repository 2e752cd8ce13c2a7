//! JSON as it comes from others. A record is foreign text: half of a surrogate pair, a number of 400 digits or lists in
//! lists a thousand deep are JSON by its grammar, and the parser refuses each of them. A record that holds one must
//! raise its alert all the same, so what can't be taken is replaced, and the rest is read.

use std::borrow::Cow;

use serde_json::{Error, Map, Value};

/// Lists and objects within each other that are kept. The parser takes 127, and an alert puts its record one level
/// deeper.
pub const DEEPEST: usize = 100;
/// Stands in the place of what lies deeper.
const TOO_DEEP: &str = "\"…[nested too deep]\"";
/// Bytes that are kept of a number that is none.
const MOST_OF_NUMBER: usize = 64;
/// Objects with more members than this are searched by their hash.
const FEW: usize = 32;

/// Reads JSON. Where the parser refuses it, half surrogate pairs and bytes that are no UTF-8 become U+FFFD, numbers
/// out of range become texts, and what is nested deeper than [`DEEPEST`] becomes a mark.
///
/// # Errors
/// Returns the parser's first error where the text is no JSON by its grammar either.
pub fn read(text: &[u8]) -> Result<Value, Error> {
    // UTF-8 is checked once for the whole text: `from_slice` would check each string by itself.
    let value = str::from_utf8(text).map_or_else(|_| serde_json::from_slice(text), serde_json::from_str);
    value.or_else(|error| {
        let text = String::from_utf8_lossy(text);
        serde_json::from_str(&repaired(&text)).map_err(|_| error)
    })
}

/// Returns the member of exactly this name, null too. `None` where the value is no object or has no such member.
pub(crate) fn exact_member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    exact_member_of(value.as_object()?, key)
}

/// Returns an object's member of exactly this name. Names of a small object are compared one by one: most differ in
/// length, and that costs less than a hash that is safe from hostile keys.
pub(crate) fn exact_member_of<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    if map.len() > FEW {
        return map.get(key);
    }
    map.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// Replaces what lies deeper than [`DEEPEST`] in a value that was read: text in it may have been JSON of its own.
#[must_use]
pub fn limited(mut value: Value) -> Value {
    if is_deeper(&value, DEEPEST) {
        cut(&mut value, DEEPEST);
    }
    value
}

/// True where lists and objects lie more than `room` deep in each other.
pub(crate) fn is_deeper(value: &Value, room: usize) -> bool {
    match value {
        Value::Array(items) => room == 0 || items.iter().any(|item| is_deeper(item, room - 1)),
        Value::Object(map) => room == 0 || map.values().any(|item| is_deeper(item, room - 1)),
        _ => false,
    }
}

fn cut(value: &mut Value, room: usize) {
    match value {
        Value::Array(_) | Value::Object(_) if room == 0 => {
            *value = Value::String(TOO_DEEP.trim_matches('"').to_owned());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| cut(item, room - 1)),
        Value::Object(map) => map.values_mut().for_each(|item| cut(item, room - 1)),
        _ => {}
    }
}

/// Returns a text with all that the parser refuses replaced. Of a text that is no JSON it makes some other text that is
/// none.
fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        let (piece, behind): (Cow<'_, str>, &str) = match first {
            '"' => {
                let end = end_of_string(rest);
                let (string, behind) = rest.split_at(end);
                (whole_pairs(string), behind)
            }
            '-' | '0'..='9' => {
                let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let (number, behind) = rest.split_at(end);
                (in_range(number), behind)
            }
            '{' | '[' if depth == DEEPEST => (TOO_DEEP.into(), behind_nested(rest)),
            other => {
                match other {
                    '{' | '[' => depth += 1,
                    '}' | ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                let (one, behind) = rest.split_at(other.len_utf8());
                (one.into(), behind)
            }
        };
        out.push_str(&piece);
        rest = behind;
    }
    out
}

/// Returns the number of bytes of the string that a text begins with, both quotes included.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns what stands behind the list or object that a text begins with.
fn behind_nested(text: &str) -> &str {
    let (mut rest, mut depth) = (text, 0_usize);
    while let Some(first) = rest.chars().next() {
        let size = if first == '"' { end_of_string(rest) } else { first.len_utf8() };
        rest = rest.get(size..).unwrap_or_default();
        match first {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    rest
}

/// Replaces each half of a surrogate pair in a string by U+FFFD.
fn whole_pairs(string: &str) -> Cow<'_, str> {
    if !string.contains("\\u") {
        return string.into();
    }
    let mut out = String::with_capacity(string.len());
    let mut rest = string;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let size = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push('\u{FFFD}');
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            // A backslash and the sign that it escapes.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, behind) = escape.split_at(size.min(escape.len()));
        out.push_str(kept);
        rest = behind;
    }
    out.push_str(rest);
    out.into()
}

/// Returns the UTF-16 unit that an escape at the beginning of a text stands for.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// Returns a number, or the beginning of it as a text where it is out of range.
fn in_range(number: &str) -> Cow<'_, str> {
    // By the parser's own word: it rounds some of the largest numbers up.
    if number.parse::<f64>().is_ok() && serde_json::from_str::<f64>(number).is_err() {
        let start = number.get(..MOST_OF_NUMBER).unwrap_or(number);
        let more = if start.len() < number.len() { "…" } else { "" };
        return format!("\"{start}{more}\"").into();
    }
    number.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_the_parser_refuses_is_replaced_and_the_rest_is_read() {
        let read = |text: &str| super::read(text.as_bytes()).unwrap();
        assert_eq!(read(r#"{"a":"x\ud800y","b":1}"#), json!({"a": "x\u{FFFD}y", "b": 1}));
        assert_eq!(read(r#"["\udc00\ud83d\ude00\\ud800\ud800\n"]"#), json!(["\u{FFFD}😀\\ud800\u{FFFD}\n"]));
        assert_eq!(read(r#"{"\ud800": [1e999, -1e999, 2]}"#), json!({"\u{FFFD}": ["1e999", "-1e999", 2]}));
        assert_eq!(read("[1.7976931348623158e308]"), json!(["1.7976931348623158e308"]));
        assert_eq!(read("[1e308,\"\\ud800\"]"), json!([1e308, "\u{FFFD}"]));
        let number = "7".repeat(500);
        assert_eq!(read(&format!("[{number}]")), json!([format!("{}…", "7".repeat(64))]));
        assert_eq!(super::read(b"[\"\xff\"]").unwrap(), json!(["\u{FFFD}"]));
    }

    #[test]
    fn what_is_nested_too_deep_is_a_mark_and_what_stands_behind_is_read() {
        for size in [128, 1_000, 1_000_000] {
            let deep = format!("{}\"]\"{}", "[".repeat(size), "]".repeat(size));
            let value = super::read(format!("{{\"a\":{deep},\"b\":[{deep},2]}}").as_bytes()).unwrap();
            assert_eq!(value["b"][1], 2, "{size}");
            assert!(!is_deeper(&value, DEEPEST), "{size}");
            // An alert puts its record one level deeper, and SNS's envelope once more.
            let text = json!([[[value]]]).to_string();
            assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
        let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
        assert!(!is_deeper(&limited(deep), DEEPEST));
        let shallow = json!({"a": [1, {"b": 2}]});
        assert_eq!(limited(shallow.clone()), shallow);
    }

    #[test]
    fn members_are_found_however_many_there_are() {
        for count in [1, FEW, FEW + 1, 1_000] {
            let value: Value = (0..count).map(|number| (format!("key{number}"), json!(number))).collect();
            assert_eq!(exact_member(&value, "key0"), Some(&json!(0)));
            assert_eq!(exact_member(&value, &format!("key{}", count - 1)), Some(&json!(count - 1)));
            assert_eq!(exact_member(&value, &format!("key{count}")), None);
        }
        assert_eq!(exact_member(&json!(["key0"]), "key0"), None);
    }

    #[test]
    fn what_is_no_json_stays_an_error() {
        for text in
            ["", "{", "[1", "\"", "\"\\", "{\"a\":}", "[\"\\u12\"]", "nul", "]", "[--1]", "[1e999", "\\ud800"]
        {
            let first = serde_json::from_str::<Value>(text).unwrap_err().to_string();
            assert_eq!(super::read(text.as_bytes()).unwrap_err().to_string(), first, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"([\[\]{}",:\\u0-9eE+.\-dD ]|\\ud[89a-f][0-9a-f]{2}){0,60}"#) {
            let _ = super::read(text.as_bytes());
        }

        #[test]
        fn what_the_parser_takes_is_the_same(text in r#"\["([a-z]|\\u[0-9a-c][0-9a-f]{3}|\\n){0,20}",-?[1-9][0-9]{0,12}(\.[0-9]{1,5})?\]"#) {
            let value: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&repaired(&text)).unwrap(), value);
        }
    }
}
