//! Tells the program which commit it is built from, for which target and how: what `--version` says.
//!
//! Git's own files are read, so no git is needed. Where there is none (an archive), the commit is
//! `unknown`, and nothing that could change is watched.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    // Of the workspace's folder only: further up may be somebody else's repository.
    let workspace = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let commit = commit(&workspace.join(".git")).unwrap_or_else(|| "unknown".to_owned());
    let mut features: Vec<String> = env::vars()
        .filter_map(|(name, _)| name.strip_prefix("CARGO_FEATURE_").map(str::to_lowercase))
        .filter(|name| name != "default")
        .collect();
    features.sort();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    for (name, value) in [
        ("COMMIT", commit),
        ("TARGET", variable("TARGET")),
        ("PROFILE", variable("PROFILE")),
        ("FEATURES", features),
    ] {
        println!("cargo:rustc-env=SENTINEL_BUILD_{name}={value}");
    }
}

/// The commit that is checked out, in twelve digits.
fn commit(git: &Path) -> Option<String> {
    // In a worktree of its own it is a file that says where the rest is.
    let folder = match fs::read_to_string(git) {
        Ok(file) => git.with_file_name(file.trim().strip_prefix("gitdir: ")?),
        Err(_) => git.to_owned(),
    };
    let head = watched(&folder.join("HEAD"))?;
    // A line more with each commit, also where the branch has no file of its own yet.
    watched(&folder.join("logs/HEAD"));
    let Some(name) = head.trim().strip_prefix("ref: ") else { return short(&head) };
    let common = fs::read_to_string(folder.join("commondir")).map(|common| folder.join(common.trim()));
    let common = common.unwrap_or(folder);
    // A branch is a file of its own once something was committed to it here, and a line before that.
    let line = || {
        let packed = watched(&common.join("packed-refs"))?;
        packed.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' ').and_then(short))
    };
    watched(&common.join(name)).and_then(|branch| short(&branch)).or_else(line)
}

/// Reads a file, and lets the build run again when it changes. A file that is not there is not watched:
/// that would build each time.
fn watched(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo:rerun-if-changed={}", path.display());
    Some(text)
}

fn short(commit: &str) -> Option<String> {
    let digits = commit.trim().get(..12)?;
    digits.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| digits.to_owned())
}
