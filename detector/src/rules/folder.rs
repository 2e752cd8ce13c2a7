//! Rules of one's own: a folder of Sigma files, read when the program starts.
//!
//! Parts that can't be used are reported with file, line and reason, and the rest works. Files beside the
//! rules: `watched.yml` (watched names), exceptions (Sigma filters), and `NAME.test.yml` ([`crate::rule_tests`]),
//! which are for checking only.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::exception::Exception;
use super::sigma::{DERIVED, Expression, Question, Rule, SigmaError};
use super::{Document, Rules, built_in};
use crate::facts::{Watched, vocabulary};
use crate::record::Kind;

/// Contents of a folder.
#[derive(Debug, Default)]
pub struct Folder {
    /// The rules, in the order of their files.
    pub rules: Vec<Rule>,
    /// Exceptions to rules, of this folder and built in.
    pub exceptions: Vec<Exception>,
    /// Watched names.
    pub watched: Watched,
    /// True where a file of the folder lists watched names.
    has_watched: bool,
    /// Problems of the parts that can't be used.
    pub problems: Vec<Problem>,
    /// Tests ([`crate::rule_tests`]), each for what is in the file beside it.
    pub tests: Vec<PathBuf>,
    /// Rules for other log sources than CloudTrail: a whole checkout of `SigmaHQ` may be given.
    pub other_log_sources: usize,
}

/// Something that can't be used, in words for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from one, where it can be told.
    pub line: Option<u64>,
    /// Reason why it can't be used.
    pub why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// The name of the file that says what is watched.
pub const WATCHED: &str = "watched.yml";

/// Larger files are no rules.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Folders in folders; a link that goes round in a circle ends here.
const DEEPEST: usize = 24;

impl Folder {
    /// Reads a folder, or a single file. Nothing in it is an error: see [`Self::problems`].
    pub fn load(root: &Path) -> Self {
        let mut folder = Self::default();
        let mut files = Vec::new();
        if root.is_dir() {
            folder.walk(root, 0, &mut files, &mut HashSet::new());
        } else {
            files.push(root.to_owned());
        }
        let mut ids = HashSet::new();
        for file in files {
            folder.read(&file, &mut ids);
        }
        folder.check_ids_in_exceptions();
        folder
    }

    /// An exception to a rule that is not there keeps nothing silent, and its owner believes it does.
    fn check_ids_in_exceptions(&mut self) {
        let rules = Rules::with(self.rules.clone(), Vec::new());
        let known: HashSet<&str> = rules.all().map(|rule| rule.id.as_str()).collect();
        let unknown = self.exceptions.iter().flat_map(|exception| {
            let ids = exception.rules.iter().filter(|id| !known.contains(id.as_str()));
            ids.map(|id| {
                let why = format!(
                    "filter.rules: unknown rule ID {id} (use full IDs; list them with `sentinel-tui rules`)"
                );
                let file = PathBuf::from(&exception.file);
                let line = text(&file).ok().and_then(|text| line_of(&text, &[id]));
                Problem { file, line, why }
            })
        });
        let unknown: Vec<Problem> = unknown.collect();
        self.problems.extend(unknown);
    }

    /// True where the folder holds nothing that the detector could go by.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.exceptions.is_empty() && !self.has_watched
    }

    fn problem(&mut self, file: &Path, line: Option<u64>, why: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), line, why: why.into() });
    }

    /// Finds the files of a folder; each folder is read once, by however many links it can be reached.
    fn walk(&mut self, folder: &Path, depth: usize, files: &mut Vec<PathBuf>, known: &mut HashSet<PathBuf>) {
        if folder.canonicalize().is_ok_and(|folder| !known.insert(folder)) {
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.problem(folder, None, format!("can't read the folder: {error}")),
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                if depth < DEEPEST {
                    self.walk(&path, depth + 1, files, known);
                }
            } else if is_rule_tests(&path) {
                self.tests.push(path);
            } else if is_yaml(&name) {
                files.push(path);
            }
        }
    }

    fn read(&mut self, file: &Path, ids: &mut HashSet<String>) {
        let text = match text(file) {
            Ok(text) => text,
            Err(why) => return self.problem(file, None, why),
        };
        if file.file_name().is_some_and(|name| name == WATCHED) {
            self.has_watched = true;
            match parse::<Watched>(&text) {
                Ok(watched) => self.watched = std::mem::take(&mut self.watched).and(watched),
                Err((line, why)) => self.problem(file, line, why),
            }
            return;
        }
        let documents: Vec<Value> = match serde_saphyr::from_multiple_with_options(&text, options()) {
            Ok(documents) => documents,
            Err(error) => {
                let (line, why) = words(&error);
                return self.problem(file, line, why);
            }
        };
        if let Some((line, number)) = leading_zero(&text) {
            let why = format!(
                "`{number}` is a number in YAML and loses its leading zero, so it never matches: quote it, '{number}'"
            );
            return self.problem(file, Some(line), why);
        }
        if let Some(action) = documents.iter().find_map(|document| document.get("action")?.as_str()) {
            let why = format!(
                "`action: {action}` (Sigma rule collections) is not supported: repeat the shared parts in each rule"
            );
            return self.problem(file, line_of(&text, &["action"]), why);
        }
        for document in documents {
            self.take(file, &text, &document, ids);
        }
    }

    fn take(&mut self, file: &Path, text: &str, document: &Value, ids: &mut HashSet<String>) {
        if !is_about_cloudtrail(document) {
            self.other_log_sources += 1;
            return;
        }
        let problem = match Document::from_value(document) {
            Ok(Document::Rule(rule)) => fit(&rule.id, &asked(&rule.detection)).and_then(|()| {
                if !ids.insert(rule.id.clone()) {
                    let why = format!("duplicate rule ID {}: use a unique one", rule.id);
                    return Err((rule.id.clone(), why));
                }
                self.rules.push(Rule { file: file.display().to_string(), ..*rule });
                Ok(())
            }),
            Ok(Document::Exception(mut exception)) => {
                fit(&exception.id, &asked(exception.detection())).map(|()| {
                    exception.file = file.display().to_string();
                    self.exceptions.push(*exception);
                })
            }
            Err(error) => return self.problem(file, line_of(text, &error.names()), error.to_string()),
        };
        if let Err((part, why)) = problem {
            self.problem(file, line_of(text, &[&part]), why);
        }
    }
}

/// Finds the first number with a leading zero in what a rule looks for: an account's id without quotes. Its line,
/// counted from one.
fn leading_zero(text: &str) -> Option<(u64, String)> {
    let mut looks = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            looks = ["detection:", "filter:"].iter().any(|section| line.starts_with(section));
        }
        if !looks {
            continue;
        }
        let bare = unquoted(line);
        let mut words = bare.split([' ', ',', '[', ']', '{', '}']).filter(|word| word.len() > 1);
        let is_number = |word: &&str| word.starts_with('0') && word.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(word) = words.find(is_number) {
            return Some((number, word.to_owned()));
        }
    }
    None
}

/// A line of YAML without its comment, and with a space in the place of each quoted text.
fn unquoted(line: &str) -> String {
    let (mut out, mut quote, mut before) = (String::with_capacity(line.len()), None, ' ');
    for character in line.chars() {
        match quote {
            Some(end) if character == end => quote = None,
            Some(_) => {}
            None if character == '#' && before == ' ' => break,
            None if matches!(character, '\'' | '"') && !before.is_alphanumeric() => {
                quote = Some(character);
                out.push(' ');
            }
            None => out.push(character),
        }
        before = character;
    }
    out
}

/// Refuses an id that is none, and facts that there are not. The part of the text that is wrong comes
/// back, and why.
fn fit(id: &str, asked: &[Question<'_>]) -> Result<(), (String, String)> {
    if !is_uuid(id) {
        let why = format!("`id: {id}` is not a UUID, such as 3f1d7a52-0c5e-4c83-9a55-5d1f0c1b7a10");
        return Err((id.to_owned(), why));
    }
    let passed_over = asked.iter().find_map(|asked| {
        let value = asked.text?;
        let is_kind = match asked.field {
            "eventCategory" => Kind::of(Some(value), None),
            "eventType" => Kind::of(None, Some(value)),
            _ => Kind::Event,
        };
        let why = format!("{} are not evaluated, so this can't match", is_kind.words());
        (is_kind != Kind::Event).then(|| (value.to_owned(), why))
    });
    if let Some(passed_over) = passed_over {
        return Err(passed_over);
    }
    let wrong = asked.iter().find_map(|asked| {
        let why = vocabulary::check(asked.field.strip_prefix(DERIVED)?, asked.text).err()?;
        Some((asked.field.to_owned(), why))
    });
    wrong.map_or(Ok(()), Err)
}

/// Everything that a detection asks of a field.
fn asked(detection: &Expression) -> Vec<Question<'_>> {
    let mut all = Vec::new();
    detection.fields(&mut |asked| all.push(asked));
    all
}

fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.chars().enumerate().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

/// Rules for AWS say so; those that say nothing about where they belong are taken.
fn is_about_cloudtrail(document: &Value) -> bool {
    let Some(source) = document.get("logsource") else { return true };
    let is = |key: &str, wanted: &str| {
        source
            .get(key)
            .is_none_or(|value| value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(wanted)))
    };
    is("product", "aws") && is("service", "cloudtrail")
}

/// Returns the detection of a rule, as YAML. `None` where its file can't be read any more.
pub fn detection(rule: &Rule) -> Option<String> {
    let document = built_in::document(&rule.file).filter(|document| is_rule(document, rule));
    let document = document.or_else(|| {
        let text = text(Path::new(&rule.file)).ok()?;
        let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(&text, options()).ok()?;
        documents.into_iter().find(|document| is_rule(document, rule))
    })?;
    serde_saphyr::to_string(document.get("detection")?).ok()
}

fn is_rule(document: &Value, rule: &Rule) -> bool {
    document.get("id").and_then(Value::as_str) == Some(&rule.id)
}

/// The first line that holds all of these.
pub(crate) fn line_of(text: &str, parts: &[&str]) -> Option<u64> {
    if parts.is_empty() {
        return None;
    }
    let at = text.lines().position(|line| parts.iter().all(|part| line.contains(part)))?;
    u64::try_from(at + 1).ok()
}

impl SigmaError {
    /// Returns the words of the file that the error is about, to find its line by.
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Missing(part, _) => vec![part.rsplit('.').next().unwrap_or(part)],
            Self::Unsupported(_) => vec!["correlation"],
            Self::Level(level) => vec!["level", level],
            Self::Modifier { modifier, field } if field == "detection" => vec![modifier],
            // `contains, startswith, … with another` is no text of the file.
            Self::Modifier { modifier, field } if modifier.contains(' ') => vec![field],
            Self::Modifier { modifier, field } => vec![field, modifier],
            Self::Value { field, .. } => vec![field],
            Self::Condition { condition, .. } => {
                std::iter::once("condition").chain(condition.lines().next()).collect()
            }
        }
    }
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

/// True where a file holds tests of the rule beside it.
pub(crate) fn is_rule_tests(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".test.yml")
}

/// The text of a file that may be a rule.
pub(crate) fn text(file: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("can't read the file: {error}");
    let metadata = fs::metadata(file).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("no regular file: rules are read from files and folders".to_owned());
    }
    if metadata.len() > LARGEST {
        return Err("file too large for a rule (limit 4 MiB)".to_owned());
    }
    // It may grow meanwhile.
    let mut text = String::new();
    fs::File::open(file).map_err(unreadable)?.take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// `on` and `yes` are texts, as in YAML 1.2.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}

/// Reads YAML; where that fails, the line and why.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, (Option<u64>, String)> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| words(&error))
}

fn words(error: &serde_saphyr::Error) -> (Option<u64>, String) {
    let line = error.location().map(|location| location.line()).filter(|line| *line > 0);
    // The first line says it; the rest draws the place.
    let text = error.to_string();
    let why = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("unknown error").trim();
    let why = why.strip_prefix("error: ").unwrap_or(why);
    // `line 23 column 1: …`: the line is said before.
    let why = match why.split_once(": ") {
        Some((place, why)) if line.is_some() && place.starts_with("line ") => why,
        _ => why,
    };
    // Options of the YAML library are no help to the author of a rule.
    let why = why.split_once(", set DuplicateKeyPolicy").map_or(why, |(why, _)| why);
    (line, format!("invalid YAML: {why}"))
}

#[cfg(test)]
mod tests;
