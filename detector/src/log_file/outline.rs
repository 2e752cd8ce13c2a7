//! A record without its largest parts, which few questions need: they are checked to be JSON and passed over.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Fields that are passed over.
const LEFT_OUT: [&str; 9] = [
    "requestParameters",
    "responseElements",
    "resources",
    "serviceEventDetails",
    "tlsDetails",
    "userAgent",
    "requestID",
    "eventVersion",
    "managementEvent",
];

/// Reads an object without these fields. `None` where it is none, has no `eventID`, or needs a reader that repairs it.
pub(super) fn read(text: &[u8]) -> Option<Map<String, Value>> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let outline = json.deserialize_map(Outline).ok()?;
    json.end().ok()?;
    // A record without an id is told apart from others by all of its text.
    outline.get("eventID").and_then(Value::as_str).is_some_and(|id| !id.is_empty()).then_some(outline)
}

struct Outline;

impl<'de> Visitor<'de> for Outline {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut outline = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if LEFT_OUT.contains(&key.as_str()) {
                map.next_value::<IgnoredAny>()?;
            } else {
                outline.insert(key, map.next_value()?);
            }
        }
        Ok(outline)
    }
}
