//! The real console among shells, sizes, frozen and closed terminals: who has the terminal when, and
//! what goes on all the same.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize};
use support::{Output, Pty};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sentinel-tui");

/// Number of consoles started. It gives each one a state folder of its own, so that no test sees what
/// another keeps.
static CONSOLES: AtomicU32 = AtomicU32::new(0);

fn with_environment(mut command: CommandBuilder) -> CommandBuilder {
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("SENTINEL_THEME", "terminal");
    // The developer's own settings must not change the tests.
    let number = CONSOLES.fetch_add(1, Ordering::Relaxed);
    let state = format!("{}/state-{}-{number}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    command.env("XDG_STATE_HOME", state);
    for name in
        ["NO_COLOR", "LC_ALL", "LC_CTYPE", "SENTINEL_QUEUE_URL", "TERM_PROGRAM", "TMUX", "KITTY_WINDOW_ID"]
    {
        command.env_remove(name);
    }
    command
}

fn command(arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(arguments);
    with_environment(command)
}

fn shell(arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new("sh");
    command.args(arguments);
    command.env("PS1", "$ ");
    command.env_remove("ENV");
    with_environment(command)
}

fn is_up(screen: &str) -> bool {
    screen.contains("IAM Sentinel") && screen.contains("CreateAccessKey")
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

fn count(console: &Pty, bytes: &str) -> usize {
    look(console, |output| String::from_utf8_lossy(&output.bytes).matches(bytes).count())
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(pid: &str, name: &str) {
    assert!(std::process::Command::new("kill").args(["-s", name, pid]).status().unwrap().success());
}

/// A file that is not there yet.
fn fresh_file(name: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("jobs-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    file
}

/// The console as a job of an interactive shell.
fn in_shell() -> Pty {
    let mut shell = Pty::start(shell(&["-i", "-m"]), 100, 30);
    shell.wait_for("a prompt", |screen| screen.contains('$'));
    shell.keys(&format!("{PROGRAM} demo\n"));
    shell.wait_for("the console", is_up);
    shell
}

fn is_stopped(shell: &Pty) {
    shell.wait_for("the shell", |screen| screen.contains("topped") && !screen.contains("IAM Sentinel  "));
    look(shell, |output| {
        let screen = output.parser.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
}

#[test]
fn ctrl_z_goes_back_to_the_shell_and_fg_comes_back() {
    let mut shell = in_shell();
    for _ in 0..2 {
        shell.keys("\x1a");
        is_stopped(&shell);
        shell.keys("echo 6 times 7 is $((6 * 7))\n");
        shell.wait_for("the shell's answer", |screen| screen.contains("6 times 7 is 42"));
        shell.keys("fg\n");
        shell.wait_for("the console", is_up);
        look(&shell, |output| assert!(output.parser.screen().alternate_screen()));
        // Keys are the console's again.
        shell.keys(":");
        shell.wait_for("all actions", |screen| screen.contains("All actions"));
        shell.keys("\x1b");
        shell.wait_for("the list", |screen| !screen.contains("All actions"));
    }
    shell.keys("q");
    shell.wait_for("the shell", |screen| !screen.contains("IAM Sentinel  "));
    shell.keys("exit\n");
    shell.wait_for_end();
}

#[cfg(target_os = "linux")]
#[test]
fn a_stop_from_outside_gives_the_terminal_back_too() {
    let mut shell = in_shell();
    let pid = shell.child.process_id().unwrap();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    signal(children.trim(), "TSTP");
    is_stopped(&shell);
    shell.keys("fg\n");
    shell.wait_for("the console", is_up);
    // This one nobody can catch, so the shell gets the screen as it is; the console takes it again.
    signal(children.trim(), "STOP");
    wait_until("the shell to have noticed", || {
        std::fs::read_to_string(format!("/proc/{}/stat", children.trim())).unwrap().contains(") T ")
    });
    let frames = count(&shell, "\x1b[?1049h");
    shell.keys("fg\n");
    wait_until("the console to take the terminal again", || count(&shell, "\x1b[?1049h") > frames);
    shell.wait_for("the console", is_up);
    shell.keys("q");
    shell.wait_for("the shell", |screen| !screen.contains("IAM Sentinel  "));
    shell.keys("exit\n");
    shell.wait_for_end();
}

#[test]
fn without_a_shell_to_go_back_to_ctrl_z_says_so() {
    let mut console = Pty::start(command(&["demo"]), 100, 30);
    console.wait_for("the console", is_up);
    console.keys("\x1a");
    console.wait_for("a word", |screen| screen.contains("can't suspend: no shell"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_ends_it_though_no_signal_comes() {
    use std::io::Read as _;
    let file = fresh_file("pid");
    // In a session of its own it has the terminal, and none of its signals.
    let script = format!("setsid sh -c 'echo $$ > {}; exec {PROGRAM} demo'", file.display());
    let pair = portable_pty::native_pty_system().openpty(PtySize::default()).unwrap();
    let mut child = pair.slave.spawn_command(shell(&["-c", &script])).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (mut buffer, mut seen) = ([0; 8192], String::new());
    while !seen.contains("CreateAccessKey") {
        let read = reader.read(&mut buffer).unwrap();
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    let pid = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    std::fs::remove_file(&file).unwrap();
    drop((reader, pair.master));
    child.wait().unwrap();
    wait_until("its end", || {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
    });
}

#[test]
fn a_storm_of_resizes_ends_in_one_whole_screen() {
    let mut console = Pty::start(command(&["demo"]), 100, 30);
    console.wait_for("the end of the story", |screen| screen.contains("demo finished"));
    let frames = count(&console, "\x1b[?2026h");
    let storm = 200;
    for step in 1..=storm {
        let (cols, rows) = if step == storm { (130, 40) } else { (30 + step % 90, 6 + step % 30) };
        if step == storm {
            console
                .output
                .0
                .lock()
                .unwrap()
                .parser
                .screen_mut()
                .set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
        }
        console.master.resize(PtySize { rows, cols, ..PtySize::default() }).unwrap();
    }
    console.wait_for("the screen at its last size", |screen| {
        let lines: Vec<_> = screen.lines().collect();
        lines.first().is_some_and(|line| line.starts_with(" IAM Sentinel"))
            && lines.len() == 40
            && lines.last().is_some_and(|line| line.contains("q quit"))
            && lines.get(4).is_some_and(|line| line.contains('│'))
    });
    let drawn = count(&console, "\x1b[?2026h") - frames;
    assert!(drawn < usize::from(storm), "{drawn} frames for {storm} sizes");
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

/// Makes the terminal freeze, and the console draw until nothing more goes in.
fn freeze(console: &mut Pty) {
    // Nobody looks, so it tells.
    console.keys("\x1b[O");
    for _ in 0..300 {
        console.keys("\x0c");
        std::thread::sleep(Duration::from_millis(3));
    }
}

#[test]
fn a_frozen_terminal_stops_neither_intake_nor_notifications() {
    let file = fresh_file("told");
    let tell = format!("cat >> '{}'", file.display());
    let mut console = Pty::start(command(&["demo", "--notify-command", &tell]), 100, 30);
    console.wait_for("the console", is_up);
    let output = std::sync::Arc::clone(&console.output);
    let frozen = output.0.lock().unwrap();
    freeze(&mut console);
    wait_until("the alert that comes late in the story", || {
        std::fs::read_to_string(&file).is_ok_and(|told| told.contains("UpdateAssumeRolePolicy"))
    });
    drop(frozen);
    std::fs::remove_file(&file).unwrap();
    console.wait_for("the newest picture", |screen| screen.contains("UpdateAssumeRolePolicy"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn a_signal_ends_it_though_the_terminal_is_frozen() {
    let mut console = Pty::start(command(&["demo"]), 100, 30);
    console.wait_for("the console", is_up);
    let output = std::sync::Arc::clone(&console.output);
    let frozen = output.0.lock().unwrap();
    freeze(&mut console);
    signal(&console.child.process_id().unwrap().to_string(), "TERM");
    let mut code = None;
    wait_until("its end", || {
        code = console.child.try_wait().unwrap().map(|status| status.exit_code());
        code.is_some()
    });
    assert_eq!(code, Some(143));
    drop(frozen);
}

#[test]
fn nobody_looks_so_it_tells_by_the_way_that_the_terminal_knows() {
    let mut command = command(&["demo"]);
    command.env("TERM", "xterm-kitty");
    let mut console = Pty::start(command, 100, 30);
    console.wait_for("the administrator policy", |screen| screen.contains("AttachUserPolicy"));
    wait_until("a notification", || count(&console, "\x1b]99;i=1:p=body;") > 0);
    assert!(count(&console, "!) IAM Sentinel\x1b\\") > 0, "the title counts");
    console.keys("j");
    wait_until("the title without a count", || {
        look(&console, |output| {
            let text = String::from_utf8_lossy(&output.bytes).into_owned();
            text.rfind("]2;IAM Sentinel") > text.rfind("!) IAM Sentinel")
        })
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    look(&console, |output| {
        let text = String::from_utf8_lossy(&output.bytes).into_owned();
        assert!(text.rfind("\x1b[23;2t") > text.rfind("\x1b[22;2t"), "the title of before is back");
    });
}

#[test]
fn the_mouse_selects_and_opens_and_is_let_go() {
    let mut console = Pty::start(command(&["demo"]), 100, 30);
    console.wait_for("the end of the story", |screen| screen.contains("demo finished"));
    // A terminal counts from one.
    let line = look(&console, |output| line_with(output, "RemoveUserFromGroup")) + 1;
    let click = format!("\x1b[<0;5;{line}M\x1b[<0;5;{line}m");
    console.keys(&click.repeat(2));
    console.wait_for("an open alert", |screen| screen.contains("Actor "));
    console.keys("\x1bOQ");
    console.wait_for("the mouse released", |screen| screen.contains("F2 takes it back"));
    look(&console, |output| {
        assert_eq!(output.parser.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    console.keys("\x1bOQ");
    console.wait_for("the mouse taken", |screen| screen.contains("the mouse is the console's again"));
    look(&console, |output| {
        assert_eq!(output.parser.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::ButtonMotion);
    });
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn the_background_is_asked_for_once_and_answers_are_no_keys() {
    let mut command = command(&["demo"]);
    command.env_remove("COLORTERM");
    command.env_remove("SENTINEL_THEME");
    let mut console = Pty::start(command, 100, 30);
    wait_until("the question", || count(&console, "\x1b]11;?") == 1);
    // Nobody waits for the answer.
    console.keys("?");
    console.wait_for("the keys before any answer", |screen| screen.contains("Keys and actions here"));
    console.keys("\x1b");
    console.wait_for("the list", |screen| !screen.contains("Keys and actions here"));
    console.keys("\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;22c");
    console.wait_for("the console", is_up);
    wait_until("the names of columns in a colour for dark backgrounds", || {
        look(&console, |output| {
            let line = line_with(output, "TIME UTC");
            output.parser.screen().cell(line, 3).unwrap().fgcolor() == vt100::Color::Idx(146)
        })
    });
    assert_eq!(count(&console, "\x1b]11;?"), 1);
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn an_answer_after_quitting_is_not_typed_into_the_shell() {
    let line =
        format!("{PROGRAM} demo; stty -icanon min 0 time 10; echo left=$(od -An -c | tr -d ' \\n')=; exit 0");
    let nothing_is_left = || {
        let mut command = shell(&["-c", &line]);
        command.env_remove("SENTINEL_THEME");
        let mut console = Pty::start(command, 100, 30);
        wait_until("the question", || count(&console, "\x1b]11;?") == 1);
        console.keys("q");
        // As over ssh.
        std::thread::sleep(Duration::from_millis(300));
        console.keys("\x1b]11;rgb:0000/0000/0000\x1b\\");
        let screen = console
            .wait_for("the end", |screen| screen.contains("left=") && screen.matches('=').count() == 2);
        screen.contains("left==")
    };
    // The console waits for a second; on a loaded machine that may be over before the answer.
    assert!((0..5).any(|_| nothing_is_left()));
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    let mut command = command(&["demo"]);
    command.env("LC_ALL", "C");
    let mut console = Pty::start(command, 100, 30);
    let screen = console.wait_for("the console", is_up);
    assert!(screen.is_ascii(), "{screen}");
    console.keys("?");
    let screen =
        console.wait_for("a frame around the actions", |screen| screen.contains("+ Keys and actions here -"));
    assert!(screen.is_ascii(), "{screen}");
    console.keys("\x1b");
    console.wait_for("the list", |screen| !screen.contains("Keys and actions here"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn a_dumb_terminal_is_told_and_not_drawn_on() {
    let mut command = command(&["demo"]);
    command.env("TERM", "dumb");
    let mut console = Pty::start(command, 100, 30);
    assert_eq!(console.wait_for_end(), 2);
    look(&console, |output| {
        assert!(!output.bytes.contains(&b'\x1b'));
        assert!(output.parser.screen().contents().contains("TERM=dumb"));
    });
}
