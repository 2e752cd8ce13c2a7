//! The two fields of the cheap test, read without building anything.
//!
//! It refuses whatever could be read in more than one way, so that no record can look harmless here
//! and be something else when it is parsed whole: a field that stands twice, an escape in a name, a
//! name that is no text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// What the cheap test needs of a record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Head<'a> {
    pub(super) event_name: Option<&'a str>,
    pub(super) event_source: Option<&'a str>,
}

/// A key of a record. As bytes: serde's own derive would check each as UTF-8, which alone takes a
/// tenth of all time.
enum Key {
    EventName,
    EventSource,
    Other,
}

impl<'de> Deserialize<'de> for Head<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Head<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CloudTrail record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head<'de>, A::Error> {
                let (mut name, mut source) = (None, None);
                while let Some(key) = map.next_key()? {
                    let field = match key {
                        Key::EventName => &mut name,
                        Key::EventSource => &mut source,
                        Key::Other => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    // Borrowed, so a text with an escape in it is refused.
                    if field.replace(map.next_value::<Option<&str>>()?).is_some() {
                        return Err(A::Error::custom("a field stands twice"));
                    }
                }
                Ok(Head { event_name: name.flatten(), event_source: source.flatten() })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Key, E> {
                Ok(match name {
                    b"eventName" => Key::EventName,
                    b"eventSource" => Key::EventSource,
                    _ => Key::Other,
                })
            }
        }

        deserializer.deserialize_bytes(Name)
    }
}
