//! The real console in a real terminal: what it draws, and how it leaves the terminal behind.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod completions;
mod keys;
#[path = "../support/mod.rs"]
mod support;

use std::io::Read as _;
use std::sync::atomic::{AtomicU32, Ordering};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use support::{Output, Pty};

/// Number of consoles started. It gives each one a state folder of its own, so that no test sees what
/// another keeps.
static CONSOLES: AtomicU32 = AtomicU32::new(0);

fn command(arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sentinel-tui"));
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR");
    command.env_remove("LC_ALL");
    command.env("LANG", "C.UTF-8");
    // Nobody answers the question for the background here.
    command.env("SENTINEL_THEME", "terminal");
    command.env_remove("SENTINEL_QUEUE_URL");
    // A local time that is not UTC, without a database of zones.
    command.env("TZ", "IST-5:30");
    // The developer's own settings must not change the tests.
    let number = CONSOLES.fetch_add(1, Ordering::Relaxed);
    let state = format!("{}/state-{}-{number}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    command.env("XDG_STATE_HOME", state);
    command
}

fn demo() -> Pty {
    let console = Pty::start(command(&["demo"]), 100, 30);
    console
        .wait_for("the first alert", |screen| screen.contains("CreateAccessKey") && screen.contains("priya"));
    console
}

/// Starts a program in a terminal, and closes that once the program has written some text.
fn hang_up_after(command: CommandBuilder, text: &str) -> Box<dyn Child + Send + Sync> {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (mut buffer, mut seen) = ([0; 8192], String::new());
    while !seen.contains(text) {
        let read = reader.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "it ended: {seen}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    child
}

/// The first line of the screen in which these words are.
fn line_with(output: &Output, words: &str) -> u16 {
    let screen = output.parser.screen();
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).position(|line| line.contains(words)).unwrap().try_into().unwrap()
}

fn look<T>(console: &Pty, at: impl FnOnce(&Output) -> T) -> T {
    at(&console.output.0.lock().unwrap())
}

fn signal(console: &Pty, name: &str) {
    let pid = console.child.process_id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

/// Returns the number of times that threads of the console have gone to sleep so far, and so were woken, as
/// Linux counts them; 0 where there is no `/proc`.
fn wake_ups(console: &Pty) -> u64 {
    let tasks = format!("/proc/{}/task", console.child.process_id().unwrap());
    let Ok(tasks) = std::fs::read_dir(tasks) else { return 0 };
    let slept = |status: String| {
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.unwrap().trim().parse::<u64>().unwrap()
    };
    tasks.map(|task| slept(std::fs::read_to_string(task.unwrap().path().join("status")).unwrap())).sum()
}

/// Every mode that was set is unset again, in the end the cursor shows, and what was there is back.
fn assert_terminal_is_whole(console: &Pty) {
    look(console, |output| {
        let screen = output.parser.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        let text = String::from_utf8_lossy(&output.bytes);
        for mode in ["?1049", "?2026", "?1000", "?1002", "?1006", "?1004", "?2004"] {
            // A panic may come before the first frame, and so before the mouse was asked for.
            let (set, unset) = (text.rfind(&format!("\x1b[{mode}h")), text.rfind(&format!("\x1b[{mode}l")));
            assert!((set.is_some() || mode != "?1049") && unset >= set, "{mode}");
        }
    });
}

#[test]
fn the_demo_tells_its_story_and_q_leaves() {
    let mut console = demo();
    console.keys("?");
    console.wait_for("what can be done here", |screen| {
        screen.contains("Keys and actions here") && screen.contains("Ctrl-O")
    });
    console.keys("newest");
    console.wait_for("what was typed finds it", |screen| {
        screen.contains("> newest") && screen.contains("newest alert") && !screen.contains("Ctrl-O")
    });
    console.keys("\r");
    console.wait_for("the administrator policy", |screen| {
        screen.contains("CRIT") && screen.contains("AttachUserPolicy") && screen.contains("203.0.113.66")
    });
    console.wait_for("the end of the story", |screen| screen.contains("demo finished (32 events)"));
    console.keys("i");
    console.wait_for("the incidents", |screen| screen.contains("Incidents · 2 open"));
    console.keys("g");
    console.wait_for("the attack as one incident", |screen| {
        screen.contains("Incidents · ")
            && screen.contains("priya created an access key for svc-backup")
            && screen.contains("9 alerts")
    });
    console.keys("\r\r");
    console.wait_for("its first alert, which names it", |screen| {
        screen.contains("ConsoleLogin (signin")
            && screen.contains("Incident   ")
            && screen.contains("9 alerts: ")
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_terminal_is_whole(&console);
}

#[test]
fn signals_give_the_terminal_back_and_say_so_in_the_exit_code() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("QUIT", 131), ("HUP", 129)] {
        let mut console = demo();
        signal(&console, name);
        assert_eq!(console.wait_for_end(), code, "{name}");
        assert_terminal_is_whole(&console);
    }
}

#[test]
fn a_panic_anywhere_gives_the_terminal_back_and_is_told() {
    let mut command = command(&["demo"]);
    command.env("SENTINEL_TEST_PANIC", "1");
    command.env("RUST_BACKTRACE", "0");
    let mut console = Pty::start(command, 100, 30);
    assert_eq!(console.wait_for_end(), 101);
    assert_terminal_is_whole(&console);
    look(&console, |output| {
        assert!(output.parser.screen().contents().contains("asked for by SENTINEL_TEST_PANIC"));
    });
}

#[test]
fn a_terminal_that_is_gone_ends_it() {
    let mut child = hang_up_after(command(&["demo"]), "CreateAccessKey");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(std::time::Instant::now() < end, "it goes on without a terminal");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_ne!(status.exit_code(), 0);
}

#[test]
fn without_colours_the_selection_is_still_there() {
    let mut command = command(&["demo"]);
    command.env("NO_COLOR", "1");
    command.env("SENTINEL_THEME", "auto");
    let mut console = Pty::start(command, 100, 30);
    console.wait_for("the first alert", |screen| screen.contains("CreateAccessKey"));
    look(&console, |output| {
        let screen = output.parser.screen();
        let line = line_with(output, "▌");
        // Between the lines of the frame.
        let cells: Vec<_> = (1..99).filter_map(|column| screen.cell(line, column)).collect();
        assert!(cells.iter().all(|cell| cell.inverse()), "the selected row is reversed from end to end");
        let all = (0..30).flat_map(|row| (0..100).map(move |column| (row, column)));
        assert!(
            all.filter_map(|(row, column)| screen.cell(row, column))
                .all(|cell| cell.fgcolor() == vt100::Color::Default)
        );
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn an_idle_console_writes_nothing() {
    let mut console = demo();
    console.wait_for("the end of the story", |screen| screen.contains("demo finished"));
    // The text may be there before the last bytes of its frame are.
    while !look(&console, |output| output.bytes.ends_with(b"\x1b[?2026l")) {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // The key is answered, and the word about it is gone by itself some seconds later.
    console.keys("\x1bOR");
    console.wait_for("a word", |screen| screen.contains("no notifications until"));
    console.wait_for("the word gone", |screen| !screen.contains("no notifications until"));
    // The frame is out before its threads are back at rest.
    let mut awake = wake_ups(&console);
    loop {
        std::thread::sleep(std::time::Duration::from_millis(200));
        let now = wake_ups(&console);
        if std::mem::replace(&mut awake, now) == now {
            break;
        }
    }
    let before = (look(&console, |output| output.bytes.len()), wake_ups(&console));
    // The one test that must wait for time to pass: for nothing there is nothing else to wait for.
    std::thread::sleep(std::time::Duration::from_secs(5));
    let after = (look(&console, |output| output.bytes.len()), wake_ups(&console));
    assert_eq!(after, before, "nothing happened: nothing is written, and no thread is woken");
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn without_a_source_it_says_what_there_is() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sentinel-tui"))
        .env_remove("SENTINEL_QUEUE_URL")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    for way in ["sentinel-tui demo", "--queue-url URL", "SENTINEL_QUEUE_URL=URL"] {
        assert!(text.contains(way), "{text}");
    }
}

/// Two log files in a folder of this test: an alert in each, and in the second something broken.
fn log_files(test: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("terminal-{test}"));
    std::fs::create_dir_all(&folder).unwrap();
    let record = |event: &str, actor: &str| {
        format!(
            r#"{{"eventName":"{event}","eventSource":"iam.amazonaws.com","eventTime":"2026-11-24T02:00:00Z","eventID":"{event}","sourceIPAddress":"203.0.113.7","userIdentity":{{"type":"IAMUser","userName":"{actor}"}},"requestParameters":{{"userName":"bob"}}}}"#
        )
    };
    std::fs::write(folder.join("1.json"), format!("[{}]", record("CreateUser", "alice"))).unwrap();
    std::fs::write(folder.join("2.json"), format!("{}\n{{broken\n", record("DeleteUser", "mallory")))
        .unwrap();
    folder
}

#[test]
fn a_path_that_is_not_there_is_told_before_there_is_a_screen() {
    let folder = log_files("missing");
    let missing = folder.join("typo");
    let paths = ["replay", folder.to_str().unwrap(), missing.to_str().unwrap()];
    let mut console = Pty::start(command(&paths), 200, 10);
    assert_eq!(console.wait_for_end(), 2);
    look(&console, |output| {
        let screen = output.parser.screen();
        let words = format!("sentinel-tui: can't read {}: No such file or directory", missing.display());
        assert!(screen.contents().contains(&words) && !screen.alternate_screen(), "{}", screen.contents());
    });
}

#[test]
fn replay_shows_what_is_in_log_files_and_what_could_not_be_read() {
    let folder = log_files("replay");
    let mut console = Pty::start(command(&["replay", folder.to_str().unwrap()]), 100, 30);
    console.wait_for("both alerts, the mark and the trouble", |screen| {
        screen.contains("REPLAY  done: 2 records, 2 alerts")
            && screen.contains("CreateUser")
            && screen.contains("mallory")
            && screen.contains("1 unreadable: ")
            && screen.contains("2.json: record 2: invalid JSON")
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 1, "not everything could be read");
    assert_terminal_is_whole(&console);
    look(&console, |output| {
        let left = output.parser.screen().contents();
        assert!(left.contains("2.json: record 2: invalid JSON"), "{left}");
    });
}

#[test]
fn replay_of_standard_input_takes_its_keys_from_the_terminal() {
    let folder = log_files("stdin");
    let mut command = CommandBuilder::new("sh");
    // The pipe stays open, as an endless stream's does.
    command.args(["-c", r#"(cat "$1"; sleep 60) | "$0" replay -"#, env!("CARGO_BIN_EXE_sentinel-tui")]);
    command.arg(folder.join("1.json"));
    command.env("TERM", "xterm-256color");
    command.env("SENTINEL_THEME", "terminal");
    let mut console = Pty::start(command, 100, 30);
    console.wait_for("an alert while it reads", |screen| {
        screen.contains("CreateUser") && screen.contains("▶ REPLAY  1 record")
    });
    console.keys("?");
    console.wait_for("the help", |screen| screen.contains("Keys and actions here"));
    console.keys("?");
    console.wait_for("the help gone", |screen| !screen.contains("Keys and actions here"));
    console.keys("q");
    console.wait_for("the console gone", |screen| !screen.contains("REPLAY"));
    assert_terminal_is_whole(&console);
}
