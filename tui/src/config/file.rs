//! The file as it was written: which settings it holds, at which line, and what is wrong with it.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use detector::SafeText;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::{self, Kind, settings};
use crate::keymap::{Keymap, KeymapError};

/// The one table of the file.
pub(super) const KEYS: &str = "keys";

/// Contents of the configuration file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Settings in the file. Empty where the file has any problem: half a configuration would be a surprise.
    pub(super) entries: Vec<Entry>,
    /// Actions with keys of the user's own, each with its line in the file. Empty where there is a problem.
    pub(super) keys: Vec<(String, Vec<String>, usize)>,
    pub(super) problems: Vec<Problem>,
}

/// A setting in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The option's id.
    pub(super) id: String,
    /// As it would stand on the command line.
    pub(super) value: String,
    pub(super) line: usize,
}

/// Problem of the configuration file, and its place there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(super) path: PathBuf,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.what.lines();
        let first = SafeText::new(lines.next().unwrap_or_default());
        write!(f, "{}:{}:{}: {first}", self.path.display(), self.line, self.column)?;
        // A filter's error stands below the filter.
        lines.try_for_each(|line| write!(f, "\n{}", SafeText::new(line)))
    }
}

impl File {
    /// Reads the text of the file at this path.
    pub(super) fn read(path: &Path, text: &str, command: &Command) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let problem = |at: usize, what: String| {
            let (line, column) = position(text, at);
            Problem { path: path.to_owned(), line, column, what }
        };
        let mut problems: Vec<Problem> = errors
            .iter()
            .map(|error| problem(error.span().map_or(0, |span| span.start), error.message().to_owned()))
            .collect();
        let (mut entries, mut keys) = (Vec::new(), Vec::new());
        for (key, value) in table.get_ref() {
            let at = key.span().start;
            if key.get_ref() == KEYS {
                match read_keys(value) {
                    Ok(read) => keys = read,
                    Err(wrong) => problems.extend(wrong.into_iter().map(|(at, what)| problem(at, what))),
                }
                continue;
            }
            let arg = settings(command).find(|arg| setting::key(arg) == key.get_ref().as_ref());
            let read = arg.ok_or_else(|| (at, unknown(key.get_ref(), command))).and_then(|arg| {
                let value = read(arg, value, path).map_err(|what| (value_at(value), what))?;
                Ok(Entry { id: arg.get_id().to_string(), value, line: position(text, at).0 })
            });
            match read {
                Ok(entry) => entries.push(entry),
                Err((at, what)) => problems.push(problem(at, what)),
            }
        }
        problems.sort_by_key(|problem| (problem.line, problem.column));
        if !problems.is_empty() {
            entries.clear();
            keys.clear();
        }
        keys.sort_by_key(|(_, _, at)| *at);
        let keys = keys.into_iter().map(|(action, keys, at)| (action, keys, position(text, at).0)).collect();
        Self { entries, keys, problems }
    }
}

/// An action, its keys, and the place of it in the file.
type Keys = (String, Vec<String>, usize);

/// The keys of actions, each with its place in the file, or all that is wrong with them.
fn read_keys(value: &Spanned<DeValue<'_>>) -> Result<Vec<Keys>, Vec<(usize, String)>> {
    let Some(table) = value.get_ref().as_table() else {
        return Err(vec![(
            value_at(value),
            "`keys` must be a table: [keys], one line per action".to_owned(),
        )]);
    };
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for (action, value) in table {
        let names = match value.get_ref() {
            DeValue::String(key) => Some(vec![key.to_string()]),
            DeValue::Array(keys) => {
                keys.iter().map(|key| key.get_ref().as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        let Some(names) = names else {
            wrong.push((
                value_at(value),
                format!("the keys of `{}` must be a string or a list of strings", action.get_ref()),
            ));
            continue;
        };
        let one = (action.get_ref().to_string(), names);
        match Keymap::with(std::slice::from_ref(&one)) {
            Err(error @ KeymapError::NoSuchAction { .. }) => {
                wrong.push((action.span().start, error.to_string()));
            }
            Err(error @ KeymapError::NoSuchKey { .. }) => wrong.push((value_at(value), error.to_string())),
            // Conflicts between keys show only once all of them are known.
            Ok(_) | Err(_) => all.push((one.0, one.1, action.span().start)),
        }
    }
    let pairs: Vec<_> = all.iter().map(|(action, keys, _)| (action.clone(), keys.clone())).collect();
    match Keymap::with(&pairs) {
        Err(error) if wrong.is_empty() => Err(vec![(value_at(value), error.to_string())]),
        _ if wrong.is_empty() => Ok(all),
        _ => Err(wrong),
    }
}

fn value_at(value: &Spanned<DeValue<'_>>) -> usize {
    value.span().start
}

/// The value as it would stand on the command line, or what is wrong with it.
fn read(arg: &Arg, value: &Spanned<DeValue<'_>>, path: &Path) -> Result<String, String> {
    let key = setting::key(arg);
    if value.get_ref().as_str() == Some("") {
        return Err(format!("`{key}` is empty; remove the line or comment it out with #"));
    }
    let text = match (setting::kind(arg), value.get_ref()) {
        (Kind::Text | Kind::Choice(_), DeValue::String(text)) => text.to_string(),
        (Kind::Path, DeValue::String(text)) => in_folder_of(path, text),
        (Kind::Number, DeValue::Integer(number)) => number.as_str().replace('_', ""),
        (Kind::Boolean, DeValue::Boolean(truth)) => truth.to_string(),
        (kind, other) => {
            let wanted = match kind {
                Kind::Text | Kind::Path => "a string in quotes".to_owned(),
                Kind::Choice(words) => format!("a string in quotes, one of: {}", words.join(", ")),
                Kind::Number => "a number".to_owned(),
                Kind::Boolean => "true or false".to_owned(),
            };
            return Err(format!("`{key}` must be {wanted}; this is a TOML {}", other.type_str()));
        }
    };
    setting::check(arg, &text).map_err(|what| format!("invalid value \"{text}\" for `{key}`: {what}"))?;
    Ok(text)
}

/// A path in the file is meant from where the file is, and `~/` is the home directory: no shell is
/// there to say so.
fn in_folder_of(file: &Path, text: &str) -> String {
    let home = || etcetera::home_dir().ok();
    let path = match text.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
        Some(path) => path,
        // Joined with an absolute path, it is that path.
        None => file.parent().unwrap_or(Path::new("")).join(text),
    };
    path.to_string_lossy().into_owned()
}

fn unknown(key: &str, command: &Command) -> String {
    let near = settings(command)
        .map(|arg| (strsim::damerau_levenshtein(setting::key(arg), key), setting::key(arg)))
        // Half of it wrong is another word.
        .filter(|(distance, known)| distance * 2 <= known.len())
        .min();
    match near {
        Some((_, known)) => format!("there is no setting `{key}`; did you mean `{known}`?"),
        None => format!("there is no setting `{key}`; list them with `sentinel-tui config init --print`"),
    }
}

/// Line and column of a byte, from 1, the column in characters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    use crate::cli::Cli;

    fn file(text: &str) -> File {
        File::read(Path::new("/etc/s/config.toml"), text, &Cli::command())
    }

    fn problems(text: &str) -> Vec<String> {
        file(text).problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn settings_are_known_by_their_flags_names() {
        let file = file("# a comment\nqueue-url = \"https://q\"\n\ndb = \"alerts.db\"\nrules = '/rules'\n");
        assert_eq!(file.problems, []);
        let entry = |id: &str, value: &str, line| Entry { id: id.to_owned(), value: value.to_owned(), line };
        let mut entries = file.entries;
        entries.sort_by_key(|entry| entry.line);
        assert_eq!(
            entries,
            [
                entry("queue_url", "https://q", 2),
                entry("db", "/etc/s/alerts.db", 4),
                entry("rules", "/rules", 5)
            ],
            "a path is meant from the file's folder"
        );
    }

    #[test]
    fn keys_are_given_to_actions_by_name() {
        let file = file("log = \"info\"\n[keys]\nquit = [\"Q\", \"Ctrl-C\"]\nhelp = \"F9\"\n");
        assert_eq!(file.problems, []);
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            file.keys,
            [("quit".to_owned(), keys(&["Q", "Ctrl-C"]), 3), ("help".to_owned(), keys(&["F9"]), 4)]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_what_helps() {
        assert_eq!(
            problems("db = \"x\"\nqueue_url = \"x\"\nprofil = \"y\"\n[screen]\nbell = true\n"),
            [
                "/etc/s/config.toml:2:1: there is no setting `queue_url`; did you mean `queue-url`?",
                "/etc/s/config.toml:3:1: there is no setting `profil`; did you mean `profile`?",
                "/etc/s/config.toml:4:2: there is no setting `screen`; list them with `sentinel-tui config init --print`",
            ]
        );
        assert_eq!(
            problems("region = 3\ndb = \"\"\n"),
            [
                "/etc/s/config.toml:1:10: `region` must be a string in quotes; this is a TOML integer",
                "/etc/s/config.toml:2:6: `db` is empty; remove the line or comment it out with #",
            ]
        );
        let log = problems("log = \"sentinel_tui=loud\"").join("");
        assert!(
            log.contains(":1:7: invalid value \"sentinel_tui=loud\" for `log`: ")
                && log.contains("use error, warn"),
            "{log}"
        );
        assert_eq!(
            problems("notify-filter = \"ip:10.0.0.0/8 acto:ci\""),
            ["/etc/s/config.toml:1:17: invalid value \"ip:10.0.0.0/8 acto:ci\" for `notify-filter`: \
              there is no field acto: did you mean actor?\n  ip:10.0.0.0/8 acto:ci\n                ^^^^"]
        );
        let keys = problems("[keys]\nqiut = \"q\"\ndown = 3\nup = [\"Hyper-x\"]\n");
        assert_eq!(keys.len(), 3, "{keys:?}");
        assert!(keys[0].contains(":2:1: keys: unknown action \"qiut\", but there is \"quit\""), "{keys:?}");
        assert!(
            keys[1].contains(":3:8: the keys of `down` must be a string or a list of strings"),
            "{keys:?}"
        );
        assert!(keys[2].contains(":4:6: keys: unknown key \"Hyper-x\" for up"), "{keys:?}");
        assert!(problems("[keys]\nquit = []\n")[0].contains("quit"));
        let broken = problems("ärger = \"ü\" x\ndb = \"fine\"\n");
        assert!(broken[0].starts_with("/etc/s/config.toml:1:"), "{broken:?}");
        assert!(file("db = \"fine\"\nx = 1\n").entries.is_empty(), "half a configuration is none");
    }
}
