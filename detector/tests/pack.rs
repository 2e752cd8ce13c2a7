//! Every rule of the pack against the records beside it, and what every rule must have.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use detector::rule_tests::{Case, RuleTests, beside};
use detector::rules::folder::Folder;
use detector::{Detector, Rules, Watched};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn rule_tests(file: &Path) -> RuleTests {
    RuleTests::load(file).unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn every_rule_finds_what_it_should_and_nothing_else() {
    let (mut rules, mut cases, mut problems) = (0, 0, Vec::new());
    for rule in Rules::default().all() {
        let file = beside(&root().join(&rule.file));
        let rule_tests = rule_tests(&file);
        let watched: Watched = serde_json::from_value(rule_tests.watched.clone()).unwrap_or_default();
        let detector = Detector::new(Rules::default(), watched);
        problems.extend(rule_tests.run(&file, Some(&rule.id), &detector));
        for (what, there) in [
            ("a hit", rule_tests.tests.iter().any(Case::is_hit)),
            ("a near miss", rule_tests.tests.iter().any(|case| !case.is_hit())),
            ("a failed call", rule_tests.tests.iter().any(Case::is_failed_call)),
        ] {
            assert!(there, "{}: {what} is missing", file.display());
        }
        rules += 1;
        cases += rule_tests.tests.len();
    }
    println!("{rules} rules, {cases} tests");
    let list: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{} of {cases} tests:\n{}", list.len(), list.join("\n"));
}

#[test]
fn every_rule_tells_a_person_what_they_need() {
    for rule in Rules::default().all() {
        let file = &rule.file;
        assert!(!rule.description.trim().is_empty(), "{file}: description");
        assert!(!rule.respond.is_empty(), "{file}: respond");
        assert!(!rule.falsepositives.is_empty(), "{file}: falsepositives");
        assert!(!rule.references.is_empty(), "{file}: references");
        assert!(rule.tags.iter().any(|tag| tag.starts_with("attack.t")), "{file}: an ATT&CK technique");
        assert!(rule.title.chars().count() <= 90 && !rule.title.ends_with('.'), "{file}: {}", rule.title);
    }
}

#[test]
fn no_two_rules_say_the_same() {
    let mut titles = HashMap::new();
    for rule in Rules::default().all() {
        if let Some(other) = titles.insert(rule.title.to_lowercase(), rule.file.clone()) {
            panic!("{other} and {} have one title: {}", rule.file, rule.title);
        }
    }
}

#[test]
fn the_folder_loads_as_what_is_built_in() {
    let folder = Folder::load(&root());
    assert_eq!(folder.problems, Vec::new());
    let ids = |rules: &mut dyn Iterator<Item = &detector::rules::sigma::Rule>| {
        let mut ids: Vec<_> = rules.map(|rule| rule.id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&mut folder.rules.iter()), ids(&mut Rules::default().all()));
}
