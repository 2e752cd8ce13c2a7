//! `rules check`: reads somebody's own rules as the detector would, and runs the tests beside them.

use std::io::{self, Write};
use std::path::Path;

use detector::rules::built_in_watched;
use detector::rules::folder::{Folder, Problem};
use detector::rules::sheet::{Sheet, beside};
use detector::{Detector, Rules, Watched};

use super::safe;

/// Writes what is wrong with a folder of rules; whether nothing is comes back.
pub(super) fn write(out: &mut impl Write, dir: &Path) -> io::Result<bool> {
    if !dir.exists() {
        eprintln!("sentinel-tui: there is no folder {}", dir.display());
        return Ok(false);
    }
    let folder = Folder::load(dir);
    let mut problems = folder.problems.clone();
    let (mut tests, mut untested) = (0, Vec::new());
    for rule in &folder.rules {
        let file = beside(Path::new(&rule.file));
        if !file.exists() {
            untested.push(&rule.file);
            continue;
        }
        match Sheet::load(&file) {
            Ok(sheet) => {
                tests += sheet.tests.len();
                problems.extend(match detector(&folder, &sheet) {
                    Ok(detector) => sheet.run(&file, &rule.id, &detector),
                    Err(why) => vec![Problem { file, line: None, why }],
                });
            }
            Err(problem) => problems.push(problem),
        }
    }
    for problem in &problems {
        writeln!(out, "{}", safe(&problem.to_string()))?;
    }
    for file in &untested {
        writeln!(out, "{}: has no tests beside it (NAME.test.yml)", safe(file))?;
    }
    if folder.other_log_sources > 0 {
        writeln!(out, "{} rules are for other log sources than AWS CloudTrail", folder.other_log_sources)?;
    }
    let verdict = match problems.len() {
        0 => "all as expected".to_owned(),
        1 => "1 problem".to_owned(),
        more => format!("{more} problems"),
    };
    let (rules, exceptions) = (folder.rules.len(), folder.exceptions.len());
    writeln!(out, "{rules} rules, {exceptions} exceptions, {tests} tests: {verdict}")?;
    Ok(problems.is_empty())
}

/// The tests say what the whole pack makes of a record, without exceptions: those are about an
/// account, and the tests about the rules.
fn detector(folder: &Folder, sheet: &Sheet) -> Result<Detector, String> {
    let also = if sheet.watched.is_null() {
        Watched::default()
    } else {
        serde_json::from_value(sheet.watched.clone()).map_err(|error| format!("`watched`: {error}"))?
    };
    let watched = built_in_watched().and(folder.watched.clone()).and(also);
    Ok(Detector::new(Rules::with(folder.rules.clone(), Vec::new()), watched))
}
