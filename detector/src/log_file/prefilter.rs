//! The prefilter with a memory: a log has few kinds of calls, and most records are of one that came before.

use std::cell::RefCell;

use super::entry::Entry;
use crate::Detector;

/// Kinds that are kept: each takes the place of an older one that falls on it.
const KEPT: usize = 256;
/// Bytes of the longest name and source that are kept; AWS's own are shorter.
const LONGEST: usize = 128;

/// Tells which entries could raise an alert, for one thread.
#[derive(Debug)]
pub struct Prefilter<'d> {
    detector: &'d Detector,
    kinds: RefCell<Box<[Kind]>>,
}

#[derive(Debug, Clone, Default)]
struct Kind {
    name: Vec<u8>,
    source: Vec<u8>,
    may_alert: bool,
}

impl<'d> Prefilter<'d> {
    /// The prefilter of a detector's rules.
    pub fn new(detector: &'d Detector) -> Self {
        Self { detector, kinds: RefCell::new(vec![Kind::default(); KEPT].into()) }
    }

    /// True where the entry could hold a record that raises an alert. Where this is false, the entry is one
    /// record, and that record raises none.
    pub fn may_alert(&self, entry: &Entry<'_>) -> bool {
        let Some((name, source)) = entry.named() else { return true };
        let mut kinds = self.kinds.borrow_mut();
        let Some(kind) = kinds.get_mut(place(name, source)) else { return true };
        if kind.name == name && kind.source == source {
            return kind.may_alert;
        }
        // A notification of S3 and the like is counted by what it is.
        let may_alert =
            entry.may_be(|name, source| source.starts_with("aws:") || self.detector.may_alert(name, source));
        if name.len() + source.len() <= LONGEST {
            kind.name.clear();
            kind.name.extend_from_slice(name);
            kind.source.clear();
            kind.source.extend_from_slice(source);
            kind.may_alert = may_alert;
        }
        may_alert
    }
}

/// The place of a kind, by the ends of its name and the beginning of its source.
fn place(name: &[u8], source: &[u8]) -> usize {
    let begin =
        |text: &[u8]| text.first_chunk().map_or_else(|| short(text), |word| u64::from_le_bytes(*word));
    let end = name.last_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    let mixed = begin(name).rotate_left(13) ^ end ^ begin(source).rotate_left(29) ^ name.len() as u64;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % KEPT
}

/// A text of fewer than eight bytes as a number.
fn short(text: &[u8]) -> u64 {
    text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log_file::Reader;
    use std::ops::ControlFlow;

    /// Kinds that fall on one place, among them, and twice.
    #[test]
    fn a_kind_that_came_before_is_judged_as_it_was() {
        let detector = Detector::default();
        let long = "a".repeat(LONGEST);
        let names = ["CreateAccessKey", "ListUsers", "GetRole", "StopLogging", "", "é", &long];
        let records: Vec<String> = (0..600)
            .flat_map(|number| {
                let other = format!("GetThing{number}");
                names.map(str::to_owned).into_iter().chain([other])
            })
            .flat_map(|name| {
                ["iam.amazonaws.com", "cloudtrail.amazonaws.com", "aws:s3"]
                    .map(|source| format!(r#"{{"eventName":"{name}","eventSource":"{source}"}}"#))
            })
            .collect();
        let text = records.join("\n");
        let prefilter = Prefilter::new(&detector);
        let (mut seen, mut may) = (0, 0);
        let mut reader = Reader::default();
        let _ = reader.read(text.as_bytes(), Some(text.len() as u64)).unwrap().each(|entry| {
            let entry = entry.unwrap();
            let record: serde_json::Value = serde_json::from_slice(entry.bytes()).unwrap();
            let (name, source) =
                (record["eventName"].as_str().unwrap(), record["eventSource"].as_str().unwrap());
            let expected = name.is_empty() || source == "aws:s3" || detector.may_alert(name, source);
            assert_eq!(prefilter.may_alert(&entry), expected, "{name} {source}");
            (seen, may) = (seen + 1, may + usize::from(expected && source != "aws:s3" && !name.is_empty()));
            ControlFlow::Continue(())
        });
        assert_eq!(seen, records.len());
        // CreateAccessKey of IAM and StopLogging of CloudTrail at least, each time.
        assert!(may >= 1_200 && may < seen / 2, "{may} of {seen}");
    }
}
