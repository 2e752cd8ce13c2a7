//! Properties of a setting, taken from its option on the command line: name, kind, meaning, default. Used
//! by all code that reads or writes the file.

use clap::builder::ValueRange;
use clap::error::ContextKind;
use clap::{Arg, ArgAction, Command, ValueHint};

/// Kind of a setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text that names a file or a folder.
    Path,
    Number,
    Boolean,
    /// One of these words.
    Choice(Vec<String>),
}

/// The options of the command itself that have an environment variable, but for the one that names
/// the file.
pub(super) fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_env().is_some() && arg.get_id() != "config")
}

/// Its name in the file: that of the flag.
pub(super) fn key(arg: &Arg) -> &str {
    arg.get_long().unwrap_or_else(|| arg.get_id().as_str())
}

/// Its meaning, in sentences.
pub(super) fn meaning(arg: &Arg) -> String {
    let text = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    // Clap takes the full stop away.
    if text.ends_with(['.', '…']) { text } else { text + "." }
}

/// Its built-in default, if it has one.
pub(super) fn default(arg: &Arg) -> Option<String> {
    arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned())
}

/// Returns the kind of an option's value, as far as the option's own parser tells.
pub(super) fn kind(arg: &Arg) -> Kind {
    if !takes_value(arg) {
        return Kind::Boolean;
    }
    let words: Vec<String> =
        arg.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect();
    if words == ["true", "false"] {
        Kind::Boolean
    } else if !words.is_empty() {
        Kind::Choice(words)
    } else if matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath) {
        Kind::Path
    } else if check(arg, "1").is_ok() && check(arg, "a word").is_err() {
        Kind::Number
    } else {
        Kind::Text
    }
}

/// Checks a value for an option. The error is in the words of the option's own parser.
pub(super) fn check(arg: &Arg, value: &str) -> Result<(), String> {
    if !takes_value(arg) {
        return Ok(());
    }
    let alone = arg.clone().env(None::<&'static str>).long("it").num_args(1).action(ArgAction::Set);
    let command = Command::new("").no_binary_name(true).arg(alone);
    let Err(error) = command.try_get_matches_from([format!("--it={value}")]) else { return Ok(()) };
    if let Some(source) = std::error::Error::source(&error) {
        return Err(source.to_string());
    }
    match error.get(ContextKind::ValidValue) {
        Some(words) => Err(format!("use one of: {words}")),
        None => Err("invalid value".to_owned()),
    }
}

fn takes_value(arg: &Arg) -> bool {
    !matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count)
        && arg.get_num_args() != Some(ValueRange::EMPTY)
}
