//! Rules on the command line: the detector that goes by them, and `sentinel-tui rules`.

mod check;
mod list;
mod show;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use detector::rules::exception::Exception;
use detector::rules::folder::Folder;
use detector::rules::{built_in_watched, event_patterns};
use detector::{Detector, Rules, SafeText};
use jiff::Timestamp;

use crate::cli;

/// Reason why there is no detector.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RulesError {
    #[error("no such file or folder: {} (--rules takes a folder of Sigma rules, or one file)", .0.display())]
    NoFolder(PathBuf),
}

/// A detector, and what must be said about the rules that it goes by.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) detector: Detector,
    /// Problems of the folder: each names something that can't be used, and so is missing from the detector.
    pub(crate) problems: Vec<String>,
    /// Notes on things that are in order but worth knowing.
    pub(crate) notes: Vec<String>,
}

/// The detector with the built-in rules and those of a folder.
pub(crate) fn detector(folder: Option<&Path>) -> Result<Ready, RulesError> {
    let folder = match folder {
        None => Folder::default(),
        Some(path) if path.exists() => Folder::load(path),
        Some(path) => return Err(RulesError::NoFolder(path.to_owned())),
    };
    let problems = folder.problems.iter().map(|problem| safe(&problem.to_string())).collect();
    let mut notes = Vec::new();
    if folder.other_log_sources > 0 {
        notes.push(format!(
            "skipped {} rules for other log sources than AWS CloudTrail",
            folder.other_log_sources
        ));
    }
    let detector =
        Detector::new(Rules::with(folder.rules, folder.exceptions), built_in_watched().and(folder.watched));
    notes.extend(ended(detector.rules().exceptions().map(|(exception, _)| exception)));
    Ok(Ready { detector, problems, notes })
}

/// Returns a note for each exception that has ended.
fn ended<'a>(exceptions: impl IntoIterator<Item = &'a Exception>) -> Vec<String> {
    let now = Timestamp::now();
    let ended = exceptions.into_iter().filter(|exception| !exception.holds_at(now));
    let words = ended.map(|exception| {
        safe(&format!(
            "the exception \"{}\" of {} ended on {} and no longer applies ({})",
            exception.title, exception.owner, exception.expires, exception.file
        ))
    });
    words.collect()
}

/// Runs `sentinel-tui rules`. Whether all is well comes back.
pub(crate) fn run(command: cli::Rules, folder: Option<&Path>) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    match command.command.unwrap_or(cli::RulesCommand::List { words: Vec::new() }) {
        cli::RulesCommand::List { words } => {
            with_rules(folder, |detector| list::write(&mut out, detector.rules(), &words))
        }
        cli::RulesCommand::Show { id } => {
            with_rules(folder, |detector| show::write(&mut out, detector.rules(), &id))
        }
        cli::RulesCommand::Check { dir } => check::write(&mut out, &dir),
        cli::RulesCommand::EventPatterns => {
            let patterns = serde_json::to_string_pretty(&event_patterns())?;
            writeln!(out, "{patterns}")?;
            Ok(true)
        }
    }
}

fn with_rules(folder: Option<&Path>, run: impl FnOnce(&Detector) -> io::Result<bool>) -> io::Result<bool> {
    match detector(folder) {
        Ok(ready) => {
            for word in ready.problems.iter().chain(&ready.notes) {
                eprintln!("sentinel-tui: {word}");
            }
            run(&ready.detector)
        }
        Err(error) => {
            eprintln!("sentinel-tui: {error}");
            Ok(false)
        }
    }
}

/// Texts of a rule are somebody else's.
fn safe(text: &str) -> String {
    SafeText::new(text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::commands::rules::*;

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<bool>) -> (String, bool) {
        let mut out = Vec::new();
        let well = write(&mut out).unwrap();
        (String::from_utf8(out).unwrap(), well)
    }

    #[test]
    fn rules_are_found_by_title_id_level_and_event() {
        let rules = Rules::default();
        let count = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            text(|out| list::write(out, &rules, &words)).0.lines().count()
        };
        let all = rules.all().count();
        assert_eq!(count(&[]), all);
        assert!((1..all).contains(&count(&["createuser"])));
        assert!((1..all).contains(&count(&["critical"])));
        assert!(count(&["critical", "trail"]) < count(&["trail"]));
        assert_eq!(count(&["no-such-word"]), 0);
        assert!((1..all).contains(&count(&["T1098"])), "a technique");
        assert!((1..all).contains(&count(&["audit/"])), "a folder");
        let id = rules.all().next().unwrap().id.clone();
        assert_eq!(count(&[&id]), 1);
        let (lines, _) = text(|out| list::write(out, &rules, &[]));
        let longest = lines.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest < 300 && lines.contains(" more\n"), "{longest}: a line is one to read");
    }

    #[test]
    fn a_rule_is_shown_by_a_part_of_its_id_and_an_unknown_one_is_said() {
        let rules = Rules::default();
        let rule = rules.all().next().unwrap();
        let (shown, well) = text(|out| show::write(out, &rules, &rule.id[..8]));
        assert!(well);
        for part in [rule.title.as_str(), &rule.id, "Response", "Events", &rule.file, "condition: "] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
        assert!(!text(|out| show::write(out, &rules, "ffffffff-none")).1);
    }

    #[test]
    fn the_built_in_rules_pass_the_check_that_users_run() {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../detector/rules");
        let (words, well) = text(|out| check::write(out, &pack));
        assert!(well, "{words}");
        assert!(words.contains("no problems"), "{words}");
    }

    #[test]
    fn terraforms_event_patterns_are_those_of_the_rules() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terraform/event_patterns.json");
        let made = serde_json::to_string_pretty(&event_patterns()).unwrap() + "\n";
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            kept == made,
            "terraform/event_patterns.json is stale. Make it again:\n\n  cargo run -- rules event-patterns > terraform/event_patterns.json\n"
        );
    }
}
