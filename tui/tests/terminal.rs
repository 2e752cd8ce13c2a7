//! The real console in a real terminal: what it draws, and how it leaves the terminal behind.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

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
    // What whoever runs the tests has kept must not change what they see.
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
        screen.contains("Keys and actions here") && screen.contains("Ctrl-C")
    });
    console.keys("newest");
    console.wait_for("what was typed finds it", |screen| {
        screen.contains("> newest") && screen.contains("the newest alert") && !screen.contains("Ctrl-C")
    });
    console.keys("\r");
    console.wait_for("the administrator policy", |screen| {
        screen.contains("CRIT") && screen.contains("AttachUserPolicy") && screen.contains("203.0.113.66")
    });
    console.wait_for("the end of the story", |screen| screen.contains("the story is told: 32 records read"));
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
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
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
        let cells: Vec<_> = (0..99).filter_map(|column| screen.cell(line, column)).collect();
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
    console.wait_for("the end of the story", |screen| screen.contains("the story is told"));
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
fn replay_shows_what_is_in_log_files_and_what_could_not_be_read() {
    let folder = log_files("replay");
    let mut console = Pty::start(command(&["replay", folder.to_str().unwrap()]), 100, 30);
    console.wait_for("both alerts, the mark and the trouble", |screen| {
        screen.contains("REPLAY  done: 2 records, 2 alerts")
            && screen.contains("CreateUser")
            && screen.contains("mallory")
            && screen.contains("1 could not be read: ")
            && screen.contains("2.json: record 2 is broken JSON")
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 1, "not everything could be read");
    assert_terminal_is_whole(&console);
    look(&console, |output| {
        let left = output.parser.screen().contents();
        assert!(left.contains("2.json: record 2 is broken JSON"), "{left}");
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

/// A console that shows one alert from 203.0.113.7, with these variables and no desktop but what they say.
fn replay_with(test: &str, variables: &[(&str, &str)]) -> Pty {
    let folder = log_files(test);
    let mut command = command(&["replay", folder.join("1.json").to_str().unwrap()]);
    for name in [
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "WSL_DISTRO_NAME",
        "SSH_TTY",
        "SSH_CONNECTION",
        "SSH_CLIENT",
        "TMUX",
        "STY",
    ] {
        command.env_remove(name);
    }
    for (name, value) in variables {
        command.env(name, value);
    }
    let console = Pty::start(command, 100, 30);
    console.wait_for("the alert", |screen| screen.contains("alice") && screen.contains("done: 1 record"));
    console
}

#[test]
fn copying_asks_the_terminal_where_there_is_no_desktop() {
    let mut console = replay_with("osc52", &[]);
    console.keys("y");
    console
        .wait_for("the menu", |screen| screen.contains("Copy: a letter") && screen.contains("203.0.113.7"));
    console.keys("i");
    console
        .wait_for("the word", |screen| screen.contains("copied address, 11 bytes (OSC 52, by the terminal)"));
    look(&console, |output| {
        let text = String::from_utf8_lossy(&output.bytes);
        assert!(text.contains("\x1b]52;c;MjAzLjAuMTEzLjc=\x1b\\"), "base64 of the address, ended by ST");
    });
    console.keys("o");
    console.wait_for("the link", |screen| {
        screen.contains("No browser here")
            && screen.contains("/events/CreateUser")
            && screen.contains("copied link")
    });
    console.keys("q");
    console.wait_for("the link gone", |screen| !screen.contains("No browser here"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_terminal_is_whole(&console);
}

#[test]
#[cfg(unix)]
fn copying_uses_the_desktops_program_where_there_is_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = log_files("native");
    let (program, clipboard) = (folder.join("xclip"), folder.join("clipboard"));
    std::fs::write(&program, format!("#!/bin/sh\ncat > '{}'\n", clipboard.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut console = replay_with("native", &[("DISPLAY", ":0"), ("PATH", &path)]);
    console.keys("y");
    console.wait_for("the menu", |screen| screen.contains("Copy: a letter"));
    console.keys("i");
    console.wait_for("the word", |screen| screen.contains("copied address, 11 bytes (xclip)"));
    assert_eq!(std::fs::read_to_string(clipboard).unwrap(), "203.0.113.7");
    look(&console, |output| assert!(!String::from_utf8_lossy(&output.bytes).contains("\x1b]52;")));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn an_acknowledged_alert_fades_and_a_note_is_typed() {
    let mut console = demo();
    console.wait_for("the end of the story", |screen| screen.contains("the story is told"));
    console.keys("ja");
    console.wait_for("the word of it", |screen| screen.contains("1 alert: acknowledged; z undoes"));
    look(&console, |output| {
        let line = line_with(output, "RemoveUserFromGroup");
        let cell = |column| output.parser.screen().cell(line, column).map(|cell| cell.contents().to_owned());
        assert_eq!((cell(0).as_deref(), cell(1).as_deref()), (Some("▌"), Some("✓")));
    });
    console.keys("cquite expected\r");
    console.wait_for("the note", |screen| screen.contains("1 alert: note written"));
    console.keys("k");
    console.keys("j");
    console.wait_for("who and what", |screen| {
        screen.contains("acknowledged; last word by") && screen.contains("note: quite expected")
    });
    console.keys("zz");
    console.wait_for("it undone", |screen| screen.contains("undone. 1 alert: reopened"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_terminal_is_whole(&console);
}

#[test]
fn the_list_is_filtered_searched_pivoted_and_sorted_by_keys() {
    let mut console = demo();
    console.wait_for("the end of the story", |screen| screen.contains("the story is told"));
    console.keys("fseverity>=high actor:pri");
    console.wait_for("the preview", |screen| screen.contains("3 of all 12 shown, 9 hidden"));
    console.keys(" acto:x");
    console.wait_for("the error under its place", |screen| {
        screen.contains("^^^^ there is no field acto: did you mean actor?") && screen.contains("3 of all 12")
    });
    console.keys("\u{17}\r");
    console.wait_for("the filter kept", |screen| {
        screen.contains(" 1 severity>=high actor:pri  3 of all 12 shown") && !screen.contains("filter ▸")
    });
    console.keys("/attach\r");
    console.wait_for("the hit", |screen| {
        screen.contains("search attach: 1 of 1")
            && screen.contains("▌ ")
            && screen.contains("AttachUserPolicy")
    });
    console.keys("\u{1b}");
    console.wait_for("the search gone", |screen| !screen.contains("search attach"));
    console.keys("pt");
    console.wait_for("all of the target", |screen| {
        screen.contains("all › target=\"user svc-backup\" (Esc back)")
    });
    console.keys("\u{1b}");
    console
        .wait_for("back again", |screen| screen.contains(" 1 severity>=high actor:pri  3 of all 12 shown"));
    console.keys("F");
    console.wait_for("all filters off", |screen| {
        screen.contains("(off)") && screen.contains("12 of all 12 shown")
    });
    console.keys("seT");
    console.wait_for("another order, and times here", |screen| {
        screen.contains("EVENT▼") && screen.contains("LOCAL ") && !screen.contains("TIME UTC")
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_terminal_is_whole(&console);
}

#[test]
fn a_view_that_was_saved_is_there_the_next_time_and_a_replay_keeps_no_sort() {
    let folder = log_files("views");
    let state = folder.join("state");
    let _ = std::fs::remove_dir_all(&state);
    // One record of these files is broken, and the exit code says so each time.
    let start = || {
        let mut command = command(&[
            "replay",
            folder.join("1.json").to_str().unwrap(),
            folder.join("2.json").to_str().unwrap(),
        ]);
        command.env("XDG_STATE_HOME", &state);
        let console = Pty::start(command, 100, 30);
        console.wait_for("both alerts", |screen| screen.contains("CreateUser") && screen.contains("mallory"));
        console
    };
    let mut console = start();
    console.keys("factor:mal\r");
    console.wait_for("one of them", |screen| screen.contains("1 of all 2 shown"));
    console.keys("&wby mallory\r");
    console.wait_for("the word that it is saved", |screen| screen.contains("saved as a view"));
    console.keys("sa");
    console.wait_for("the order", |screen| screen.contains("ACTOR▼"));
    let (saved, kept) = (state.join("sentinel-tui/views.json"), state.join("sentinel-tui/columns.json"));
    while !saved.exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    console.keys("q");
    assert_eq!(console.wait_for_end(), 1);
    assert!(!kept.exists(), "a replay leaves the list as it was");
    let mut console = start();
    console.wait_for("the first order", |screen| screen.contains("ACTOR ") && !screen.contains("ACTOR▼"));
    console.keys("V");
    console.wait_for("the view", |screen| screen.contains("by mallory        actor:mal"));
    console.keys("\r");
    console.wait_for("what it shows", |screen| {
        screen.contains("1 of all 2 shown") && !screen.contains("CreateUser")
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 1);
    std::fs::write(&saved, "{").unwrap();
    let mut console = start();
    console.keys("V");
    console.wait_for("why there are none", |screen| screen.contains("the saved views in"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 1);
}

#[test]
fn how_times_are_written_whose_the_mouse_is_and_what_was_run_are_kept_by_a_live_console() {
    let state = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal-kept");
    let _ = std::fs::remove_dir_all(&state);
    // Nobody answers there: the console tries again and again, and takes keys.
    let start = |extra: &[&str]| {
        let mut command = command(&["--queue-url", "http://127.0.0.1:9/1/q", "--region", "us-east-1"]);
        command.args(extra);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        command.env("AWS_ACCESS_KEY_ID", "x");
        command.env("AWS_SECRET_ACCESS_KEY", "x");
        command.env("XDG_STATE_HOME", &state);
        Pty::start(command, 120, 30)
    };
    let mut console = start(&[]);
    console.wait_for("who was asked in vain", |screen| screen.contains("SQS at 127.0.0.1:9"));
    console.keys("T");
    console.wait_for("that it is said once", |screen| {
        screen.contains("LOCAL ") && screen.contains("retry in") && !screen.contains("SQS at")
    });
    console.keys("W");
    console.wait_for("and again when asked", |screen| screen.contains("SQS at"));
    console.keys("\u{1b}OQ");
    console.wait_for("the mouse let go", |screen| screen.contains("mouse off"));
    console.keys(":filter actor:mal\r");
    console.wait_for("the filter", |screen| screen.contains("1 actor:mal"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    let mut console = start(&[]);
    console.wait_for("times and mouse as they were", |screen| {
        screen.contains("LOCAL ") && screen.contains("mouse off")
    });
    look(&console, |output| {
        let bytes = String::from_utf8_lossy(&output.bytes).into_owned();
        assert!(bytes.rfind("\u{1b}[?1000l") > bytes.rfind("\u{1b}[?1000h"), "the terminal has it");
    });
    console.keys(":");
    console.wait_for("what was run", |screen| screen.contains("filter            actor:mal"));
    console.keys("\u{1b}");
    console.wait_for("the list of actions gone", |screen| !screen.contains("All actions"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn a_replay_that_is_played_stands_still_steps_and_goes_faster() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal-played");
    std::fs::create_dir_all(&folder).unwrap();
    let record = |event: &str, time: &str| {
        format!(
            r#"{{"eventName":"{event}","eventSource":"iam.amazonaws.com","eventTime":"2026-11-24T{time}Z","eventID":"{event}","sourceIPAddress":"203.0.113.7","userIdentity":{{"type":"IAMUser","userName":"alice"}},"requestParameters":{{"userName":"bob"}}}}"#
        )
    };
    let records = [
        record("CreateUser", "02:00:00"),
        record("DeleteUser", "03:00:00"),
        record("CreateAccessKey", "04:00:00"),
    ];
    std::fs::write(folder.join("1.json"), format!("[{}]", records.join(","))).unwrap();
    let mut console = Pty::start(command(&["replay", "--speed", "1", folder.to_str().unwrap()]), 120, 30);
    console.wait_for("the first alert, and the keys", |screen| {
        screen.contains("▶ REPLAY x1 ") && screen.contains("CreateUser") && screen.contains("P pause")
    });
    console.keys("S");
    console.wait_for("the second at once, and a stop", |screen| {
        screen.contains("‖ REPLAY x1 paused  2026-11-24 03:00:00 UTC") && screen.contains("DeleteUser")
    });
    console.keys("))P");
    let screen = console.wait_for("faster", |screen| screen.contains("▶ REPLAY x5  2026-11-24 03:"));
    assert!(!screen.contains("CreateAccessKey"), "{screen}");
    console.keys(":slower\r");
    console.wait_for("slower, by name", |screen| screen.contains("▶ REPLAY x2 "));
    console.keys("S");
    console.wait_for("the last, and the end", |screen| {
        screen.contains("CreateAccessKey") && screen.contains("REPLAY  done: 3 records, 3 alerts")
    });
    console.keys("P");
    console.wait_for("that it is over", |screen| screen.contains("the replay is over"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}
