//! Imports run one way: each room of a crate uses only the rooms that its row names, which stand above it, except for
//! the known arrows. A new arrow is a decision, made here. Permissions that nothing uses any more are not found.
//!
//! Read from the sources' tokens, tests left out. `KNOWN` and the circles hold what is still to go: they may only shrink.

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
    ("aws", &["model"]),
    ("respond", &["widget"]),
    ("filter", &["model"]),
    ("settings", &["filter"]),
    ("theme", &["settings"]),
    ("log", &["files"]),
    ("store", &["files", "model"]),
    ("output", &["model"]),
    ("terminal", &["format", "settings"]),
    ("source", &["aws", "format", "model", "filter", "store"]),
    ("export", &["files", "format", "model", "filter", "output", "store"]),
    ("app", &["format", "keymap", "model", "widget", "respond", "filter", "theme"]),
    ("view", &["format", "keymap", "model", "widget", "filter", "theme", "app"]),
    ("cli", &["aws", "model", "filter", "settings"]),
    ("config", &["files", "keymap", "cli"]),
    (
        "console",
        &[
            "files", "keymap", "model", "filter", "output", "settings", "theme", "log", "store", "terminal",
            "source", "export", "app", "view",
        ],
    ),
    (
        "commands",
        &[
            "files", "format", "model", "aws", "widget", "filter", "output", "log", "store", "source", "cli",
            "config",
        ],
    ),
];

/// Arrows of the console that are still to go.
const KNOWN: &[(&str, &str)] = &[];

/// Files of the console's circles today, largest circle first; a module's use of its own children is not counted.
const CONSOLE_CIRCLES: &[usize] = &[];

const DETECTOR: Rooms = &[
    ("safe_text", &[]),
    ("bounded_http", &[]),
    ("aws", &[]),
    ("health", &[]),
    ("probe", &[]),
    ("pattern", &[]),
    ("record", &[]),
    ("policy", &["aws"]),
    ("facts", &["safe_text", "aws", "pattern", "policy", "record"]),
    ("rules", &["safe_text", "aws", "pattern", "record", "facts"]),
    ("alert", &["safe_text", "aws", "record", "facts", "rules"]),
    (
        "lib",
        &[
            "record",
            "facts",
            "rules",
            "alert",
            "safe_text",
            "health",
            "probe",
            "aws",
            "policy",
            "bounded_http",
        ],
    ),
    ("log_file", &["record", "lib"]),
    ("lambda", &["facts", "bounded_http", "health", "probe", "record", "safe_text", "alert", "rules", "lib"]),
];

/// Arrows of the detector that are still to go.
const DETECTOR_KNOWN: &[(&str, &str)] = &[("rules/sheet.rs", "lib")];

/// Files of the detector's circles today, largest circle first; a module's use of its own children is not counted.
const DETECTOR_CIRCLES: &[usize] = &[];

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
    one_way(&read("src/main.rs"), CONSOLE, KNOWN);
}

#[test]
fn the_detector_imports_one_way() {
    one_way(&read("../detector/src/lib.rs"), DETECTOR, DETECTOR_KNOWN);
}

#[test]
fn no_new_circle_of_files() {
    for (root, known) in [("src/main.rs", CONSOLE_CIRCLES), ("../detector/src/lib.rs", DETECTOR_CIRCLES)] {
        let circles = read(root).circles();
        let sizes: Vec<usize> = circles.iter().map(BTreeSet::len).collect();
        assert_eq!(
            sizes, known,
            "the circles of {root} have changed; write down smaller ones, undo larger ones:\n{circles:#?}"
        );
    }
}

fn read(root: &str) -> Crate {
    Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(PathBuf::from(root)))
}

/// Asserts that the arrows against the table are exactly the known ones.
fn one_way(read: &Crate, rooms: Rooms, known: &[(&str, &str)]) {
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
    let known = known.iter().map(|(file, room)| ((*file).to_owned(), (*room).to_owned())).collect();
    let new: Vec<_> = wrong.difference(&known).collect();
    assert!(new.is_empty(), "these files import a room that is not above theirs: {new:#?}");
    let gone: Vec<_> = known.difference(&wrong).collect();
    assert!(gone.is_empty(), "these arrows are gone; take them out of the list: {gone:#?}");
}

/// Returns the room that a file below `src/` belongs to: its first folder, or its own name.
fn room(file: &str) -> String {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs").to_owned()
}
