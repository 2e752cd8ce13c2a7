//! Faults, on purpose and at random: the real console and the real commands, killed, cut off and fed with rubbish. Each
//! test prints its seed; `SENTINEL_SEED` gives it again. CI runs a few of each; `docs/reliability.md` has the commands
//! for many.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../detector/tests/faults/dice.rs"]
mod dice;
mod disk;
mod environment;
mod files;
mod kills;
mod load;
mod messages;
mod queue;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(crate) use dice::Dice;
use portable_pty::CommandBuilder;
use serde_json::Value;
use support::Pty;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sentinel-tui");

/// Number of rounds: from the environment, else so few that CI can wait for them.
pub(crate) fn rounds(few: u64) -> u64 {
    std::env::var("SENTINEL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(few)
}

/// A new folder for one test.
pub(crate) fn folder(test: &str) -> PathBuf {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{test}-{}-{number}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The console on a queue and a database, in a terminal.
pub(crate) fn console(queue: &queue::Queue, database: &Path) -> Pty {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--queue-url", &queue.url(), "--db", &database.to_string_lossy()]);
    let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    start(command, queue, database.parent().unwrap(), &keys)
}

/// A command that starts the console, in a terminal and at home in this folder, with more in its environment.
pub(crate) fn start(
    mut command: CommandBuilder,
    queue: &queue::Queue,
    home: &Path,
    more: &[(&str, &str)],
) -> Pty {
    command.env_clear();
    let (home, endpoint) = (home.to_string_lossy(), queue.endpoint());
    let known = [
        ("HOME", home.as_ref()),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("SENTINEL_THEME", "terminal"),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    for (name, value) in known.iter().chain(more) {
        command.env(name, value);
    }
    Pty::start(command, 120, 30)
}

/// Waits until something is so, whatever else the machine does.
pub(crate) fn wait_until(what: &str, patience: Duration, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + patience;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ids of all entries of a database, sorted; each as often as it is there.
pub(crate) fn stored(database: &Path) -> Vec<String> {
    let output = Command::new(PROGRAM).args(["export", "--db"]).arg(database).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let id = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut ids: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(id).collect();
    ids.sort();
    ids
}
