//! Imports run one way: each room of a crate uses only the rooms that its row names, which stand above it, and no files
//! import each other in a circle. A new arrow is a decision, made here and in ARCHITECTURE.md. Permissions that nothing
//! uses any more are not found.
//!
//! Read from the sources' tokens, tests left out.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[path = "layers/imports.rs"]
mod imports;

use imports::Crate;

/// A room, a file or a folder below `src/`, and the rooms that it may use: all stand above it.
type Rooms = &'static [(&'static str, &'static [&'static str])];

const CONSOLE: Rooms = &[
    ("files", &[]),
    ("format", &[]),
    ("keymap", &[]),
    ("model", &[]),
    ("widget", &[]),
    ("child", &[]),
    ("aws", &["child", "model"]),
    ("respond", &["widget"]),
    ("filter", &["model"]),
    ("incidents", &["model"]),
    ("settings", &["filter"]),
    ("theme", &["settings"]),
    ("log", &["files"]),
    ("store", &["files", "model", "incidents"]),
    ("output", &["model"]),
    ("terminal", &["format", "widget", "settings"]),
    ("source", &["aws", "format", "model", "filter", "store"]),
    ("export", &["files", "format", "model", "filter", "output", "store"]),
    ("app", &["format", "keymap", "model", "widget", "respond", "filter", "incidents", "theme"]),
    ("view", &["format", "keymap", "model", "widget", "filter", "incidents", "theme", "app"]),
    ("cli", &["aws", "model", "filter", "settings"]),
    ("config", &["files", "keymap", "cli"]),
    (
        "console",
        &[
            "files",
            "child",
            "keymap",
            "model",
            "aws",
            "filter",
            "incidents",
            "output",
            "settings",
            "theme",
            "log",
            "store",
            "terminal",
            "source",
            "export",
            "app",
            "view",
        ],
    ),
    (
        "commands",
        &[
            "files",
            "format",
            "model",
            "aws",
            "widget",
            "filter",
            "incidents",
            "output",
            "log",
            "store",
            "source",
            "cli",
            "export",
            "config",
        ],
    ),
];

const DETECTOR: Rooms = &[
    ("safe_text", &[]),
    ("bounded_http", &[]),
    ("aws", &[]),
    ("health", &[]),
    ("probe", &[]),
    ("pattern", &[]),
    ("json", &[]),
    ("record", &["json"]),
    ("policy", &["json", "aws"]),
    ("facts", &["safe_text", "aws", "pattern", "policy", "record"]),
    ("rules", &["safe_text", "json", "aws", "pattern", "record", "facts"]),
    ("joins", &["json", "aws", "policy", "record", "facts"]),
    ("alert", &["safe_text", "json", "aws", "record", "facts", "joins", "rules"]),
    ("link", &["record", "facts", "joins", "alert"]),
    ("call", &["record", "facts", "alert", "link"]),
    (
        "lib",
        &[
            "record",
            "facts",
            "rules",
            "link",
            "call",
            "alert",
            "safe_text",
            "health",
            "probe",
            "aws",
            "policy",
            "bounded_http",
            "json",
        ],
    ),
    ("log_file", &["json", "record", "link", "lib"]),
    ("rule_tests", &["record", "rules", "lib"]),
    (
        "lambda",
        &[
            "json",
            "facts",
            "bounded_http",
            "health",
            "probe",
            "record",
            "safe_text",
            "alert",
            "link",
            "rules",
            "lib",
        ],
    ),
];

#[test]
fn the_tables_have_no_circle() {
    for rooms in [CONSOLE, DETECTOR] {
        for (at, (room, uses)) in rooms.iter().enumerate() {
            for used in *uses {
                assert!(
                    rooms[..at].iter().any(|(above, _)| above == used),
                    "{room} uses {used}, which is not above it"
                );
            }
        }
    }
}

#[test]
fn the_console_imports_one_way() {
    one_way(&read("src/main.rs"), CONSOLE);
}

#[test]
fn the_detector_imports_one_way() {
    one_way(&read("../detector/src/lib.rs"), DETECTOR);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for root in ["src/main.rs", "../detector/src/lib.rs"] {
        let circles = read(root).circles();
        assert!(circles.is_empty(), "circles of {root}: {circles:#?}");
    }
}

/// Files of the console's core that see its whole state; every other part sees the parts that it works on.
const SEE_THE_STATE: &[&str] =
    &["actions.rs", "keys.rs", "mod.rs", "mouse.rs", "panes.rs", "state.rs", "update.rs"];

#[test]
fn only_the_core_s_hubs_see_the_whole_state() {
    let mut seeing: Vec<_> = read("src/main.rs")
        .imports()
        .into_iter()
        .filter(|import| import.to == "app/state.rs")
        .filter_map(|import| import.from.strip_prefix("app/").map(str::to_owned))
        .filter(|file| !SEE_THE_STATE.contains(&file.as_str()))
        .collect();
    seeing.sort();
    assert!(seeing.is_empty(), "these files see the whole state: {seeing:?}");
}

#[test]
fn the_document_has_the_same_table() {
    let document = include_str!("../../ARCHITECTURE.md");
    let rows: Vec<&str> =
        document.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 4).collect();
    let rows: Vec<(String, Vec<String>)> = rows.into_iter().map(row).collect();
    let rooms: Vec<(String, Vec<String>)> = CONSOLE
        .iter()
        .map(|(room, uses)| ((*room).to_owned(), uses.iter().map(|used| (*used).to_owned()).collect()))
        .collect();
    assert_eq!(rows, rooms, "the table of ARCHITECTURE.md (left) is not that of this test");
}

/// Reads a row of the document: the room, and the rooms that it may use.
fn row(line: &str) -> (String, Vec<String>) {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let uses = cells[3].split(", ").filter(|used| *used != "–").map(str::to_owned).collect();
    (cells[1].trim_matches('`').to_owned(), uses)
}

fn read(root: &str) -> Crate {
    Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(PathBuf::from(root)))
}

/// Asserts that no arrow goes against the table.
fn one_way(read: &Crate, rooms: Rooms) {
    let mut wrong = BTreeSet::new();
    for import in read.imports() {
        let from = room(&import.from);
        // The program's root may use every room.
        if from == "main" {
            continue;
        }
        let (_, uses) =
            rooms.iter().find(|(name, _)| *name == from).unwrap_or_else(|| panic!("no row for {from}"));
        // The room that is named, and the one that a re-export leads to. Names in a library's root are no rooms.
        let named = Some(import.room).filter(|named| rooms.iter().any(|(room, _)| room == named));
        for used in [Some(room(&import.to)), named].into_iter().flatten() {
            if used != from && !uses.contains(&used.as_str()) {
                wrong.insert((import.from.clone(), used));
            }
        }
    }
    assert!(wrong.is_empty(), "these files import a room that is not above theirs: {wrong:#?}");
}

/// Returns the room that a file below `src/` belongs to: its first folder, or its own name.
fn room(file: &str) -> String {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs").to_owned()
}
