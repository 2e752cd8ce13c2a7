//! Every rule of the pack against the records beside it: `NAME.test.yml` beside `NAME.yml`. The
//! severity is asserted, not only the match.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use detector::{Detector, Record};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Sheet {
    record: Value,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// `silent`, a severity (and this rule must be among the matches), or `other SEVERITY` (and it
    /// must not).
    expect: String,
    patch: Option<Value>,
}

#[test]
fn every_rule_finds_what_it_should_and_nothing_else() {
    let detector = Detector::default();
    let (mut rules, mut cases) = (0, 0);
    for file in rule_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")) {
        let rule: Value = read(&file);
        let sheet: Sheet = read(&file.with_extension("test.yml"));
        rules += 1;
        for (what, wanted) in [("a hit", false), ("a near miss", true)] {
            let silent = |case: &Case| case.expect == "silent" || case.expect.starts_with("other");
            assert!(
                sheet.tests.iter().any(|case| silent(case) == wanted),
                "{}: {what} is missing",
                file.display()
            );
        }
        let failed = |case: &Case| case.patch.as_ref().is_some_and(|patch| patch.get("errorCode").is_some());
        assert!(sheet.tests.iter().any(failed), "{}: a failed call is missing", file.display());
        for case in sheet.tests {
            cases += 1;
            let mut record = sheet.record.clone();
            merge(&mut record, case.patch.as_ref().unwrap_or(&Value::Object(serde_json::Map::new())));
            let alert = detector.detect(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).alert;
            let found = match &alert {
                None => "silent".to_owned(),
                Some(alert) if alert.rules.iter().any(|hit| rule["id"] == hit.id.as_str()) => {
                    alert.severity.to_string()
                }
                Some(alert) => format!("other {}", alert.severity),
            };
            assert_eq!(found, case.expect, "{}: {}", file.display(), case.name);
            if let Some(alert) = alert {
                assert!(!alert.summary.is_empty() && !alert.summary.contains("[]"), "{}", alert.summary);
            }
        }
    }
    println!("{rules} rules, {cases} records");
}

/// JSON merge patch, RFC 7386: null takes a key away.
fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    for (key, change) in changes {
        if change.is_null() {
            value.as_object_mut().unwrap().remove(key);
        } else {
            merge(value.as_object_mut().unwrap().entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(&text, options)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(rule_files(&path));
        } else if name.ends_with(".yml") && !name.ends_with(".test.yml") {
            files.push(path);
        }
    }
    files.sort();
    files
}
