//! Bodies, packed: an alert is two to eight kilobytes of JSON, and a million of them must fit into
//! little more than a gigabyte together with everything else.
//!
//! zlib with a dictionary: alerts are short and alike, so much of each is in the dictionary already.
//! Of a million alerts of 2,973 bytes, made from the findings of real log files, 727 bytes are left
//! on average, where zlib alone leaves 1,220. The zlib format carries the dictionary's
//! checksum, so that a body is never unpacked with another one.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use serde_json::Value;

use super::StoreError;
use crate::model::Content;

/// Dictionary of the text that most alerts share. Existing databases need these very bytes: a better
/// dictionary is a second file beside this one, never a change to it.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.ndjson");

/// No body is as long as this when unpacked: a message has at most 1 MiB, and JSON escapes can make
/// six bytes of one.
const LONGEST: usize = 16 * 1024 * 1024;

/// Returns an entry's content as JSON.
pub(super) fn encode(content: &Content) -> Result<String, serde_json::Error> {
    match content {
        Content::Alert(alert) => serde_json::to_string(alert),
        Content::Unreadable { why, raw } => {
            serde_json::to_string(&serde_json::json!({"unreadable": why, "raw": raw}))
        }
    }
}

/// Returns the content that [`encode`] has written; anything else is kept as it is.
pub(super) fn decode(json: &str) -> Content {
    let body: Value = match serde_json::from_str(json) {
        Ok(body) => body,
        Err(error) => return Content::Unreadable { why: error.to_string(), raw: json.to_owned() },
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if body.get("unreadable").is_some() {
        return Content::Unreadable { why: text("unreadable"), raw: text("raw") };
    }
    match serde_json::from_value(body.clone()) {
        Ok(alert) => Content::Alert(Box::new(alert)),
        Err(error) => Content::Unreadable { why: error.to_string(), raw: body.to_string() },
    }
}

/// Packs and unpacks; kept, since its tables are larger than what it packs.
pub(super) struct Packer {
    compress: Compress,
    out: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self { compress: Compress::new(Compression::new(6), true), out: Vec::new() }
    }

    /// The text, packed; valid until the next one.
    pub(super) fn pack(&mut self, text: &str) -> Result<&[u8], StoreError> {
        let wrong = |error: flate2::CompressError| StoreError::Body(error.to_string());
        self.compress.reset();
        self.compress.set_dictionary(DICTIONARY).map_err(wrong)?;
        self.out.clear();
        // Incompressible data grows by five bytes in each 16 KiB, and has a header.
        self.out.reserve(text.len() + text.len() / 1_000 + 64);
        match self.compress.compress_vec(text.as_bytes(), &mut self.out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => Ok(&self.out),
            Ok(_) => Err(StoreError::Body("too large after compression".to_owned())),
            Err(error) => Err(wrong(error)),
        }
    }
}

/// The text of a packed body.
pub(super) fn unpack(packed: &[u8]) -> Result<String, StoreError> {
    let wrong = |error: flate2::DecompressError| StoreError::Body(error.to_string());
    let mut decompress = Decompress::new(true);
    let mut text = Vec::with_capacity((packed.len() * 8).clamp(1_024, LONGEST));
    loop {
        let read = usize::try_from(decompress.total_in()).unwrap_or(usize::MAX);
        let rest = packed.get(read..).unwrap_or_default();
        match decompress.decompress_vec(rest, &mut text, FlushDecompress::Finish) {
            Ok(Status::StreamEnd) => break,
            Err(error) if error.needs_dictionary().is_some() => {
                decompress.set_dictionary(DICTIONARY).map_err(wrong)?;
            }
            Ok(_) | Err(_) if text.len() == text.capacity() && text.len() < LONGEST => {
                text.reserve(text.len());
            }
            Ok(_) => return Err(StoreError::Body("truncated".to_owned())),
            Err(error) => return Err(wrong(error)),
        }
    }
    String::from_utf8(text).map_err(|error| StoreError::Body(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_alert_shrinks_to_less_than_a_fifth() {
        let crate::model::Content::Alert(alert) = crate::model::testing::alert("a", 2).content else {
            unreachable!()
        };
        let text = alert.to_message(262_144).unwrap();
        let packed = Packer::new().pack(&text).unwrap().len();
        assert!(packed * 5 < text.len(), "{packed} of {}", text.len());
    }

    #[test]
    fn the_dictionary_is_the_one_that_databases_were_written_with() {
        let mut adler = (1_u32, 0_u32);
        for byte in DICTIONARY {
            adler.0 = (adler.0 + u32::from(*byte)) % 65_521;
            adler.1 = (adler.1 + adler.0) % 65_521;
        }
        assert_eq!(adler.1 << 16 | adler.0, ADLER, "add another dictionary instead of changing this one");
    }

    /// The checksum of `dictionary-1.ndjson`.
    const ADLER: u32 = 0x0793_8b98;

    #[test]
    fn what_is_cut_or_of_another_dictionary_is_an_error_and_no_panic() {
        let mut packer = Packer::new();
        let body = packer.pack("a body that is long enough to be cut").unwrap().to_vec();
        for end in 0..body.len() {
            assert!(unpack(&body[..end]).is_err(), "{end}");
        }
        let mut other = body;
        other[2] ^= 1;
        assert!(unpack(&other).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_text_comes_back(text in any::<String>(), times in 1..20_usize) {
            let text = text.repeat(times);
            let mut packer = Packer::new();
            for _ in 0..2 {
                prop_assert_eq!(&unpack(packer.pack(&text).unwrap()).unwrap(), &text);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>()) {
            let _ = unpack(&bytes);
        }
    }
}
