//! Our Sigma engine and rsigma on the built-in pack and the records of its tests, in one run:
//!
//! ```text
//! cargo bench -p detector --no-default-features --bench sigma
//! ```
//!
//! The machines are shared, so only the ratios mean anything.
#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a tool for whoever works on the engine"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, hint};

use detector::Rules;
use detector::rules::sigma::{Event, Rule};
use jiff::Timestamp;
use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use serde_json::Value;

const ROUNDS: usize = 2_000;

fn main() {
    let rules: Vec<(String, Value)> = files(".yml").iter().filter(|file| !is_test(file)).map(read).collect();
    let records: Vec<Value> = files(".test.yml")
        .iter()
        .map(|file| read(file).1.get("record").unwrap().clone())
        // As in an account, most events are of no interest.
        .flat_map(|record| [record.clone(), other(&record, "ListUsers"), other(&record, "Decrypt")])
        .collect();

    let engine = |wanted: &dyn Fn(&str) -> bool| {
        let mut engine = Engine::new();
        for (text, _) in rules.iter().filter(|(text, _)| wanted(text)) {
            engine.add_collection(&rsigma_parser::parse_sigma_yaml(text).unwrap()).unwrap();
        }
        engine
    };
    let all = engine(&|_| true);
    let indexed: HashMap<&str, Engine> = records
        .iter()
        .map(name)
        .map(|name| (name, engine(&|text: &str| text.contains(&format!(" {name}\n")))))
        .collect();
    let pack = Rules::default();

    let yaml = time(50, || {
        rules.iter().map(|(text, _)| rsigma_parser::parse_sigma_yaml(text).unwrap().rules.len()).sum()
    });
    let json = time(50, || rules.iter().map(|(_, value)| Rule::from_value(value).unwrap().title.len()).sum());
    let per_record = |run: &dyn Fn(&Value) -> usize| {
        time(ROUNDS, || records.iter().map(run).sum::<usize>()) / records.len() as f64
    };
    let oracle = per_record(&|record| all.evaluate(&JsonEvent::borrow(record)).len());
    let oracle_indexed = per_record(&|record| {
        indexed.get(name(record)).map_or(0, |engine| engine.evaluate(&JsonEvent::borrow(record)).len())
    });
    let ours = per_record(&|record| {
        let source = record.get("eventSource").and_then(Value::as_str).unwrap();
        let event = Event::bare(record);
        pack.matching(name(record), source, &event, Timestamp::UNIX_EPOCH, &|| false).rules.len()
    });

    println!("{} rules, {} records, one third of them of interest", rules.len(), records.len());
    println!("load all rules: rsigma from YAML {:.0} us, ours from JSON {:.0} us", yaml / 1e3, json / 1e3);
    println!(
        "match, ns a record: rsigma {oracle:.0}, rsigma by event name {oracle_indexed:.0}, ours {ours:.0}"
    );
}

/// Nanoseconds a round.
fn time(rounds: usize, mut run: impl FnMut() -> usize) -> f64 {
    let start = Instant::now();
    for _ in 0..rounds {
        hint::black_box(run());
    }
    start.elapsed().as_nanos() as f64 / rounds as f64
}

fn name(record: &Value) -> &str {
    record.get("eventName").and_then(Value::as_str).unwrap()
}

fn other(record: &Value, name: &str) -> Value {
    let mut record = record.as_object().unwrap().clone();
    record.insert("eventName".to_owned(), name.into());
    record.into()
}

fn is_test(file: &Path) -> bool {
    file.to_string_lossy().ends_with(".test.yml")
}

fn read(file: &PathBuf) -> (String, Value) {
    let text = fs::read_to_string(file).unwrap();
    let options = serde_saphyr::options! { strict_booleans: true };
    let value = serde_saphyr::from_str_with_options(&text, options).unwrap();
    (text, value)
}

fn files(ending: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path()).filter(|folder| folder.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|file| file.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}
