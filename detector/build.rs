//! Turns the rules under `rules/` into what the binary carries: each rule as JSON, and an index from
//! `eventName` to the rules that can match it. A rule that can't be read stops the build, so
//! the detector never meets a broken rule, and its start never pays for YAML.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

// The build script and the library read rules with the same code.
#[expect(dead_code, unreachable_pub, unused_imports, reason = "the build asks for the index only")]
#[path = "src/rules/sigma/mod.rs"]
mod sigma;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("rules");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=src/rules/sigma");

    let mut files = Vec::new();
    rule_files(&root, &mut files)?;
    files.sort();

    let mut rules = String::new();
    let mut by_event: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut any_event = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let name = file.strip_prefix(&root)?.display().to_string();
        let document: serde_json::Value = serde_saphyr::from_str_with_options(
            &fs::read_to_string(file)?,
            // `on` and `yes` are texts, as in YAML 1.2.
            serde_saphyr::options! { strict_booleans: true },
        )
        .map_err(|error| format!("rules/{name}: {error}"))?;
        let rule = sigma::Rule::from_value(&document).map_err(|error| format!("rules/{name}: {error}"))?;
        match rule.detection.event_names() {
            sigma::EventNames::Any => any_event.push(number),
            sigma::EventNames::Only(events) => {
                for event in events {
                    by_event.entry(event).or_default().push(number);
                }
            }
        }
        writeln!(rules, "    ({name:?}, {:?}),", document.to_string())?;
    }

    let mut code = format!("pub(super) static RULES: &[(&str, &str)] = &[\n{rules}];\n");
    writeln!(code, "pub(super) static BY_EVENT: &[(&str, &[usize])] = &[")?;
    for (event, numbers) in &by_event {
        writeln!(code, "    ({event:?}, &{numbers:?}),")?;
    }
    writeln!(code, "];\npub(super) static ANY_EVENT: &[usize] = &{any_event:?};")?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("pack.rs"), code)?;
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
