//! Turns the rules under `rules/` into what the binary carries: each rule as JSON, and an index from
//! event to rules. A rule that can't be read stops the build, so the detector never meets a broken
//! rule, and its start never pays for YAML.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

// The build script and the library read rules with the same code.
#[expect(dead_code, unreachable_pub, reason = "the build reads exceptions and does not ask them")]
#[path = "src/rules/exception.rs"]
mod exception;
#[expect(dead_code, reason = "the build makes the index and does not ask it")]
#[path = "src/rules/index.rs"]
mod index;
#[expect(dead_code, unreachable_pub, reason = "the build reads rules and no records")]
#[path = "src/json.rs"]
mod json;
#[expect(dead_code, reason = "the build reads patterns and matches nothing")]
#[path = "src/pattern.rs"]
mod pattern;
#[expect(dead_code, unreachable_pub, unused_imports, reason = "the build asks for the index only")]
#[path = "src/rules/sigma/mod.rs"]
mod sigma;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// File that lists the watched names. It stands beside the rules, and is no rule itself.
const WATCHED: &str = "watched.yml";

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("rules");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=src/json.rs");
    println!("cargo::rerun-if-changed=src/pattern.rs");
    println!("cargo::rerun-if-changed=src/rules/sigma");
    println!("cargo::rerun-if-changed=src/rules/index.rs");
    println!("cargo::rerun-if-changed=src/rules/exception.rs");

    let mut files = Vec::new();
    rule_files(&root, &mut files)?;
    files.sort();

    let (mut rules, mut exceptions, mut watched) = (String::new(), String::new(), "{}".to_owned());
    let mut needs = String::new();
    let mut scopes = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&root)?.display().to_string().replace('\\', "/");
        let document: serde_json::Value = serde_saphyr::from_str_with_options(
            &fs::read_to_string(file)?,
            // `on` and `yes` are texts, as in YAML 1.2.
            serde_saphyr::options! { strict_booleans: true },
        )
        .map_err(|error| format!("rules/{name}: {error}"))?;
        if name == WATCHED {
            check_watched(&document).map_err(|why| format!("rules/{name}: {why}"))?;
            watched = document.to_string();
            continue;
        }
        if document.get("filter").is_some() {
            exception::Exception::from_value(&document).map_err(|error| format!("rules/{name}: {error}"))?;
            writeln!(exceptions, "    ({name:?}, {:?}),", document.to_string())?;
            continue;
        }
        let rule = sigma::Rule::from_value(&document).map_err(|error| format!("rules/{name}: {error}"))?;
        if let Some(lists) = rule.detection.needs(sigma::WATCHED) {
            writeln!(needs, "    ({}, &{:?}),", scopes.len(), lists.iter().collect::<Vec<_>>())?;
        }
        scopes.push(rule.detection.scope());
        writeln!(rules, "    ({name:?}, {:?}),", document.to_string())?;
    }
    let index = index::Index::of(scopes.iter());

    let mut code = format!(
        "use std::borrow::Cow;\nuse super::super::index::Entry;\n\
         pub(super) static RULES: &[(&str, &str)] = &[\n{rules}];\n\
         pub(super) static EXCEPTIONS: &[(&str, &str)] = &[\n{exceptions}];\n\
         pub(super) static NEEDS_WATCHED: &[(usize, &[&str])] = &[\n{needs}];\n\
         pub(super) static WATCHED: &str = {watched:?};\n"
    );
    for (name, entries) in [("EXACT", index.exact), ("PREFIX", index.prefix), ("UNNAMED", index.unnamed)] {
        writeln!(code, "pub(super) static {name}: &[Entry] = &[")?;
        for (event, source, number) in entries.iter() {
            writeln!(code, "    (Cow::Borrowed({event:?}), Cow::Borrowed({source:?}), {number}),")?;
        }
        writeln!(code, "];")?;
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("pack.rs"), code)?;
    Ok(())
}

/// The lists of `facts::Watched`; a test there holds that these are all.
const LISTS: [&str; 10] = [
    "actors",
    "targets",
    "roles",
    "policies",
    "groups",
    "accounts",
    "detector",
    "trusted_accounts",
    "organizations",
    "identities",
];

fn check_watched(document: &serde_json::Value) -> Result<()> {
    for (list, names) in document.as_object().ok_or("lists of names are needed")? {
        if !LISTS.contains(&list.as_str()) {
            return Err(format!("there is no list `{list}`: use {}", LISTS.join(", ")).into());
        }
        let texts = names.as_array().is_some_and(|names| names.iter().all(serde_json::Value::is_string));
        if !texts {
            return Err(format!("`{list}` must be a list of texts; quote account ids").into());
        }
    }
    Ok(())
}

/// Every `NAME.yml` below a folder but the tests beside them, `NAME.test.yml`.
fn rule_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            rule_files(&path, files)?;
        } else if name.ends_with(".yml") && !name.ends_with(".test.yml") {
            files.push(path);
        }
    }
    Ok(())
}
