//! `rules check`: reads somebody's own rules as the detector would, and runs the tests beside them.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use detector::rule_tests::{RuleTests, beside};
use detector::rules::built_in_watched;
use detector::rules::folder::{Folder, Problem};
use detector::{Detector, Rules, Watched};

use crate::commands::rules::{ended, safe};

/// Writes what is wrong with a folder of rules; whether nothing is comes back.
pub(crate) fn write(out: &mut impl Write, dir: &Path) -> io::Result<bool> {
    if !dir.exists() {
        eprintln!("sentinel-tui: no such file or folder: {}", dir.display());
        return Ok(false);
    }
    let folder = Folder::load(dir);
    let mut problems = folder.problems.clone();
    let (mut tests, mut tested) = (0, BTreeSet::new());
    let rules = folder.rules.iter().map(|rule| (rule.file.as_str(), Some(rule.id.as_str())));
    let exceptions = folder.exceptions.iter().map(|exception| (exception.file.as_str(), None));
    for (of, rule_id) in rules.chain(exceptions) {
        let file = beside(Path::new(of));
        if !file.exists() {
            continue;
        }
        tested.insert(file.clone());
        match RuleTests::load(&file) {
            Ok(rule_tests) => {
                tests += rule_tests.tests.len();
                problems.extend(match detector(&folder, &rule_tests, rule_id.is_none()) {
                    Ok(detector) => rule_tests.run(&file, rule_id, &detector),
                    Err(why) => vec![Problem { file, line: None, why }],
                });
            }
            Err(problem) => problems.push(problem),
        }
    }
    // A rule that can't be read has been reported; its tests are not lost.
    let broken = |rule_tests: &Path| problems.iter().any(|problem| beside(&problem.file) == *rule_tests);
    let lost: Vec<_> = folder
        .tests
        .iter()
        .filter(|rule_tests| !tested.contains(*rule_tests) && !broken(rule_tests))
        .cloned()
        .collect();
    problems.extend(lost.into_iter().map(|file| {
        let why = "tests not run: no rule file with the same name";
        Problem { file, line: None, why: why.to_owned() }
    }));
    if problems.is_empty() && folder.is_empty() {
        let why = "no rules, exceptions or watched.yml found (*.yml, *.yaml)".to_owned();
        problems.push(Problem { file: dir.to_owned(), line: None, why });
    }
    for problem in &problems {
        writeln!(out, "{}", safe(&problem.to_string()))?;
    }
    let untested: BTreeSet<&str> = folder
        .rules
        .iter()
        .map(|rule| rule.file.as_str())
        .filter(|file| !tested.contains(&beside(Path::new(file))))
        .collect();
    for file in &untested {
        writeln!(out, "{}: no tests (NAME.test.yml)", safe(file))?;
    }
    for exception in ended(&folder.exceptions) {
        writeln!(out, "{}", safe(&exception))?;
    }
    if folder.other_log_sources > 0 {
        let rules = plural(folder.other_log_sources, "rule");
        writeln!(out, "skipped: {rules} for other log sources than AWS CloudTrail")?;
    }
    let verdict = match (problems.len(), untested.len()) {
        (0, 0) => "no problems".to_owned(),
        (0, untested) => format!("no problems, {} without tests", plural(untested, "file")),
        (problems, _) => plural(problems, "problem"),
    };
    let counts = [(folder.rules.len(), "rule"), (folder.exceptions.len(), "exception"), (tests, "test")];
    let counts: Vec<String> = counts.iter().map(|(count, name)| plural(*count, name)).collect();
    writeln!(out, "{}: {verdict}", counts.join(", "))?;
    Ok(problems.is_empty())
}

fn plural(count: usize, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// Tests of a rule say what the whole pack makes of a record, without exceptions: those are about an
/// account. Tests of exceptions are run with them.
fn detector(folder: &Folder, rule_tests: &RuleTests, with_exceptions: bool) -> Result<Detector, String> {
    let also = if rule_tests.watched.is_null() {
        Watched::default()
    } else {
        serde_json::from_value(rule_tests.watched.clone()).map_err(|error| format!("`watched`: {error}"))?
    };
    let watched = built_in_watched().and(folder.watched.clone()).and(also);
    let exceptions = if with_exceptions { folder.exceptions.clone() } else { Vec::new() };
    Ok(Detector::new(Rules::with(folder.rules.clone(), exceptions), watched))
}
