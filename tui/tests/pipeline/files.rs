//! Paths of the tools and the programs, and of a folder for this run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

/// The tools that are not Rust.
pub(crate) struct Tools {
    /// The virtual environment's python, with moto.
    pub(crate) python: PathBuf,
    pub(crate) terraform: PathBuf,
}

impl Tools {
    /// Finds the tools and installs moto. None, with a word, where one is missing.
    pub(crate) fn find() -> Option<Self> {
        let missing = |tool: &str| {
            let text = format!("{tool} is not installed: the pipeline test needs it, and was SKIPPED");
            assert!(env::var_os("CI").is_none(), "{text} (CI is set, so that is a failure)");
            eprintln!("{text}");
        };
        let Some(python) = on_path("python3") else {
            missing("python3");
            return None;
        };
        let Some(terraform) = on_path("terraform") else {
            missing("terraform");
            return None;
        };
        Some(Self { python: virtual_environment(&python), terraform })
    }
}

fn on_path(tool: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths).map(|folder| folder.join(tool)).find(|file| file.is_file())
}

/// Python with what `requirements.txt` names, made once and again when that changes.
fn virtual_environment(python: &Path) -> PathBuf {
    let requirements = here().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements).unwrap();
    let folder = target().join("pipeline-venv");
    let (program, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return program;
    }
    let _ = fs::remove_dir_all(&folder);
    run(Command::new(python).args(["-m", "venv"]).arg(&folder));
    run(Command::new(&program).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&requirements));
    fs::write(stamp, wanted).unwrap();
    program
}

/// Runs a command to its end; its output only where it fails.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The folder of this test's sources.
pub(crate) fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipeline")
}

pub(crate) fn console() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sentinel-tui"))
}

/// The function's program. `cargo test --workspace` has built it beside the console.
pub(crate) fn detector() -> PathBuf {
    let program = console().with_file_name("detector");
    let built = program.metadata().and_then(|file| file.modified()).ok();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../detector");
    if built.is_none_or(|built| newest(&sources) > built) {
        run(Command::new(env!("CARGO")).args(["build", "--workspace", "--bins"]));
    }
    program
}

fn newest(path: &Path) -> SystemTime {
    let own = path.metadata().unwrap().modified().unwrap();
    if path.is_file() {
        return own;
    }
    fs::read_dir(path).unwrap().map(|entry| newest(&entry.unwrap().path())).max().unwrap_or(own)
}

fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// An empty folder for one run. It stays, for looking into what went wrong.
pub(crate) fn fresh_folder() -> PathBuf {
    let folder = target().join("pipeline");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
