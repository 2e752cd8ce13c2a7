//! The configuration as it is written out: the commented default, what holds now, the JSON schema.

use std::io::{self, Write};

use clap::Command;
use detector::SafeText;
use serde_json::{Map, Value, json};

use super::file::KEYS;
use super::setting::{self, Kind, default, key, kind, meaning, settings};
use super::{Configured, Origin, Setting};
use crate::keymap::Keymap;

const HEAD: &str = "\
# sentinel-tui configuration (TOML). Remove the # before a setting to set it.
# Each setting is also a flag and an environment variable. Precedence: flag, environment, this file.
# Paths may start with ~/; other paths are relative to this file's folder.
# `sentinel-tui config show --origin` shows effective values and their source.
";

const KEYS_HEAD: &str = "
# Custom keys, by action name; they replace the default keys of the action. [] unbinds it.
# [keys]
";

/// The commented default: every setting, its meaning, and how else it is set.
pub(super) fn template(out: &mut impl Write, command: &Command) -> io::Result<bool> {
    out.write_all(HEAD.as_bytes())?;
    for arg in settings(command) {
        writeln!(out)?;
        for line in meaning(arg).lines() {
            writeln!(out, "# {line}")?;
        }
        if let Kind::Choice(words) = kind(arg) {
            writeln!(out, "# One of: {}.", words.join(", "))?;
        }
        let variable = arg.get_env().unwrap_or_default().to_string_lossy();
        writeln!(out, "# Flag --{}, environment {variable}.", key(arg))?;
        writeln!(out, "# {} = {}", key(arg), toml_value(&kind(arg), &example(arg)))?;
    }
    out.write_all(KEYS_HEAD.as_bytes())?;
    for bound in Keymap::default().all() {
        writeln!(out, "# {} = {}", bound.action.name(), list(&bound.names()))?;
    }
    Ok(true)
}

/// Writes the settings in force as TOML; the problems of the file go to standard error.
pub(super) fn show(out: &mut impl Write, configured: &Configured, with_origin: bool) -> io::Result<bool> {
    if let Some(path) = &configured.path {
        let there = if configured.found { "" } else { " (does not exist)" };
        writeln!(out, "# {}{there}", SafeText::new(&path.display().to_string()))?;
    }
    let lines: Vec<(String, String)> =
        configured.settings.iter().map(|setting| (line(setting), origin(setting))).collect();
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or_default();
    for (line, origin) in &lines {
        if with_origin {
            writeln!(out, "{line:width$}  # {origin}")?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    if !configured.keys.is_empty() {
        writeln!(out, "\n[keys]")?;
    }
    for (action, keys, at) in &configured.keys {
        let line = format!("{action} = {}", list(keys));
        if with_origin {
            writeln!(out, "{line:width$}  # file, line {at}")?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    for problem in &configured.problems {
        eprintln!("{problem}");
    }
    if !configured.problems.is_empty() {
        eprintln!("sentinel-tui: configuration file ignored until fixed");
    }
    Ok(configured.problems.is_empty())
}

fn line(setting: &Setting) -> String {
    let command = <crate::cli::Cli as clap::CommandFactory>::command();
    let kind = settings(&command).find(|arg| key(arg) == setting.key).map_or(Kind::Text, kind);
    match &setting.value {
        Some(value) => format!("{} = {}", setting.key, toml_value(&kind, value)),
        None => format!("# {} is not set", setting.key),
    }
}

fn origin(setting: &Setting) -> String {
    match &setting.origin {
        Origin::Flag(flag) => format!("flag {flag}"),
        Origin::Environment(name) => format!("environment {name}"),
        Origin::File(line) => format!("file, line {line}"),
        Origin::Default => "default".to_owned(),
    }
}

/// The schema, in the draft that editors know (2020-12).
pub(super) fn schema(out: &mut impl Write, command: &Command) -> io::Result<bool> {
    let mut properties = Map::new();
    for arg in settings(command) {
        let mut property = match kind(arg) {
            Kind::Text | Kind::Path => json!({"type": "string", "minLength": 1}),
            Kind::Number => json!({"type": "integer"}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Choice(words) => json!({"enum": words}),
        };
        if let Some(property) = property.as_object_mut() {
            property.insert("description".to_owned(), meaning(arg).into());
            if let Some(default) = default(arg) {
                property.insert("default".to_owned(), json_value(&kind(arg), default));
            }
        }
        properties.insert(key(arg).to_owned(), property);
    }
    let keys = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    let actions: Map<String, Value> =
        Keymap::default().all().map(|bound| (bound.action.name(), keys.clone())).collect();
    properties.insert(
        KEYS.to_owned(),
        json!({
            "type": "object",
            "description": "Custom keys by action name; they replace the default keys of the action.",
            "additionalProperties": false,
            "properties": actions,
        }),
    );
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sentinel-tui configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    writeln!(out, "{}", serde_json::to_string_pretty(&schema)?)?;
    Ok(true)
}

fn example(arg: &clap::Arg) -> String {
    let name = || arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    match (default(arg), setting::kind(arg)) {
        (Some(default), _) => default,
        (None, Kind::Choice(words)) => words.first().cloned().unwrap_or_default(),
        (None, Kind::Boolean) => "true".to_owned(),
        (None, Kind::Number) => "1".to_owned(),
        (None, Kind::Text | Kind::Path) => name().unwrap_or_default(),
    }
}

fn toml_value(kind: &Kind, value: &str) -> String {
    match kind {
        Kind::Number | Kind::Boolean => value.to_owned(),
        // A JSON string is a TOML string: their escapes are the same, but for \/ which serde never writes.
        Kind::Text | Kind::Path | Kind::Choice(_) => Value::from(value).to_string(),
    }
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
    format!("[{}]", names.join(", "))
}

fn json_value(kind: &Kind, value: String) -> Value {
    match kind {
        Kind::Number | Kind::Boolean => serde_json::from_str(&value).unwrap_or(Value::String(value)),
        Kind::Text | Kind::Path | Kind::Choice(_) => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    use crate::cli::Cli;
    use crate::config::file::File;

    fn text(write: impl FnOnce(&mut Vec<u8>, &Command) -> io::Result<bool>) -> String {
        let mut out = Vec::new();
        write(&mut out, &Cli::command()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_default_is_all_comments_and_every_line_of_it_can_be_used() {
        let default = text(template);
        assert!(default.lines().all(|line| line.is_empty() || line.starts_with('#')), "{default}");
        let used: String = default
            .lines()
            .filter_map(|line| {
                line.strip_prefix("# ").filter(|line| line.contains(" = ") || *line == "[keys]")
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let file = File::read(std::path::Path::new("c.toml"), &used, &Cli::command());
        assert_eq!(file.problems, []);
        assert_eq!(file.entries.len(), settings(&Cli::command()).count());
        assert_eq!(file.keys.len(), Keymap::default().all().count());
        insta::assert_snapshot!("default", default);
    }

    #[test]
    fn the_schema_knows_every_setting() {
        let schema: Value = serde_json::from_str(&text(schema)).unwrap();
        for arg in settings(&Cli::command()) {
            assert!(schema["properties"][key(arg)]["description"].is_string(), "{}", key(arg));
        }
        assert_eq!(schema["properties"]["log"]["default"], "sentinel_tui=info");
    }

    #[test]
    fn what_is_shown_is_toml_again() {
        let setting = |key: &str, value: Option<&str>, origin| Setting {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            origin,
        };
        let configured = Configured {
            cli: <Cli as clap::Parser>::parse_from(["sentinel-tui"]),
            settings: vec![
                setting("queue-url", Some("https://q/\"x\""), Origin::Flag("--queue-url".to_owned())),
                setting("db", Some("/a\\b"), Origin::File(3)),
                setting("region", None, Origin::Default),
            ],
            keys: vec![("quit".to_owned(), vec!["Q".to_owned(), "\\".to_owned()], 4)],
            path: None,
            found: false,
            problems: Vec::new(),
        };
        let shown = text(|out, _| show(out, &configured, true));
        assert_eq!(
            shown,
            "queue-url = \"https://q/\\\"x\\\"\"  # flag --queue-url\n\
             db = \"/a\\\\b\"                   # file, line 3\n\
             # region is not set            # default\n\n[keys]\n\
             quit = [\"Q\", \"\\\\\"]             # file, line 4\n"
        );
        let file = File::read(std::path::Path::new("c.toml"), &shown, &Cli::command());
        assert_eq!(file.problems, []);
    }

    /// `docs/settings.md`: a table of all settings, made from the command line.
    fn document(command: &Command) -> String {
        let mut out = "# Settings\n\n\
            Each setting is a flag, an environment variable and a line of the configuration file under the flag's\n\
            long name. A flag beats the environment, and the environment beats the file. `sentinel-tui config init`\n\
            writes a file with all settings commented out, `config show --origin` prints the settings in force and\n\
            their origin, and `config schema` prints a JSON schema for editors. Paths in the file may begin with\n\
            `~/`, and else are relative to the file's folder. Keys of your own stand in the section `[keys]`, by the\n\
            names of their actions ([console.md](console.md#keys)).\n\n\
            A test writes this page from the command line's definition:\n\
            `UPDATE_DOCS=1 cargo test -p sentinel-tui settings`.\n\n\
            | setting | environment | default | meaning |\n| --- | --- | --- | --- |\n"
            .to_owned();
        for arg in settings(command) {
            let variable = arg.get_env().unwrap_or_default().to_string_lossy();
            let default = default(arg).map_or_else(|| "–".to_owned(), |default| format!("`{default}`"));
            let mut words = meaning(arg).replace('\n', " ").replace('|', "\\|");
            if let Kind::Choice(choices) = kind(arg) {
                let choices: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
                words += " One of ";
                words += &choices.join(", ");
                words.push('.');
            }
            writeln_to(&mut out, &format!("| `--{}` | `{variable}` | {default} | {words} |", key(arg)));
        }
        out
    }

    fn writeln_to(out: &mut String, line: &str) {
        out.push_str(line);
        out.push('\n');
    }

    #[test]
    fn the_document_of_settings_is_what_the_command_line_defines() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
        let wanted = document(&<crate::cli::Cli as clap::CommandFactory>::command());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            found == wanted,
            "docs/settings.md is out of date: UPDATE_DOCS=1 cargo test -p sentinel-tui settings"
        );
    }
}
