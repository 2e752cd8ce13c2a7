//! Work by keys: copying, triage, filters, views, and a replay that is played.

use super::*;

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
    console.wait_for("the menu", |screen| screen.contains("Esc cancel") && screen.contains("203.0.113.7"));
    console.keys("i");
    console.wait_for("the word", |screen| {
        screen.contains("copied source IP 203.0.113.7 (OSC 52, by the terminal)")
    });
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
    console.wait_for("the menu", |screen| screen.contains("Esc cancel"));
    console.keys("i");
    console.wait_for("the word", |screen| screen.contains("copied source IP 203.0.113.7 (xclip)"));
    assert_eq!(std::fs::read_to_string(clipboard).unwrap(), "203.0.113.7");
    look(&console, |output| assert!(!String::from_utf8_lossy(&output.bytes).contains("\x1b]52;")));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn an_acknowledged_alert_fades_and_a_note_is_typed() {
    let mut console = demo();
    console.wait_for("the end of the story", |screen| screen.contains("demo finished"));
    console.keys("ja");
    console.wait_for("the word of it", |screen| screen.contains("1 alert: acknowledged; z undoes"));
    look(&console, |output| {
        let line = line_with(output, "RemoveUserFromGroup");
        let cell = |column| output.parser.screen().cell(line, column).map(|cell| cell.contents().to_owned());
        // Behind the frame.
        assert_eq!((cell(1).as_deref(), cell(2).as_deref()), (Some("▌"), Some("✓")));
    });
    console.keys("cquite expected\r");
    console.wait_for("the note", |screen| screen.contains("1 alert: note saved"));
    console.keys("k");
    console.keys("j");
    console.wait_for("who and what", |screen| screen.contains("✓ acked by ") && screen.contains("quite ex"));
    console.keys("zz");
    console.wait_for("it undone", |screen| screen.contains("undid: reopened (1 alert)"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_terminal_is_whole(&console);
}

#[test]
fn the_list_is_filtered_searched_pivoted_and_sorted_by_keys() {
    let mut console = demo();
    console.wait_for("the end of the story", |screen| screen.contains("demo finished"));
    console.keys("fseverity>=high actor:pri");
    console.wait_for("the preview", |screen| screen.contains("3 of 12"));
    console.keys(" acto:x");
    console.wait_for("the error under its place", |screen| {
        screen.contains("^^^^ there is no field acto: did you mean actor?") && screen.contains("3 of 12")
    });
    console.keys("\u{17}\r");
    console.wait_for("the filter kept", |screen| {
        screen.contains(" 1 severity>=high actor:pri")
            && screen.contains("3 of 12")
            && !screen.contains("filter >")
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
    console.wait_for("back again", |screen| {
        screen.contains(" 1 severity>=high actor:pri")
            && screen.contains("3 of 12")
            && !screen.contains("all ›")
    });
    console.keys("F");
    console.wait_for("all filters off", |screen| screen.contains("(off)") && screen.contains("12 of 12"));
    console.keys("seT");
    console.wait_for("another order, and times here", |screen| {
        screen.contains("by EVENT") && screen.contains("LOCAL ") && !screen.contains("TIME UTC")
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
    console.wait_for("one of them", |screen| screen.contains("1 of 2"));
    console.keys("&wby mallory\r");
    console.wait_for("the word that it is saved", |screen| screen.contains("view saved"));
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
    console.wait_for("what it shows", |screen| screen.contains("1 of 2") && !screen.contains("CreateUser"));
    console.keys("q");
    assert_eq!(console.wait_for_end(), 1);
    std::fs::write(&saved, "{").unwrap();
    let mut console = start();
    console.keys("V");
    console.wait_for("why there are none", |screen| screen.contains("can't read the saved views in"));
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
    console.wait_for("who was asked in vain", |screen| screen.contains("DISCONNECTED"));
    console.keys("T");
    console.wait_for("that keys are taken meanwhile", |screen| {
        screen.contains("LOCAL ") && screen.contains("Ctrl-R now")
    });
    console.keys("W");
    console.wait_for("all of it", |screen| screen.contains("Last error") && screen.contains("127.0.0.1:9"));
    console.keys("\u{1b}");
    console.wait_for("the list again", |screen| !screen.contains("Last error"));
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

#[test]
fn an_attached_managed_policy_is_a_table_and_techniques_are_links() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal-managed");
    std::fs::create_dir_all(&folder).unwrap();
    let record = r#"[{"eventName":"AttachUserPolicy","eventSource":"iam.amazonaws.com","eventTime":"2026-11-24T02:00:00Z","awsRegion":"us-east-1","eventID":"e-1","sourceIPAddress":"203.0.113.7","userIdentity":{"type":"IAMUser","userName":"alice"},"requestParameters":{"userName":"bob","policyArn":"arn:aws:iam::aws:policy/IAMFullAccess"}}]"#;
    std::fs::write(folder.join("1.json"), record).unwrap();
    let mut command = command(&["replay", folder.to_str().unwrap()]);
    command.env("TERM", "xterm-256color");
    let mut console = Pty::start(command, 140, 40);
    console.wait_for("the alert", |screen| screen.contains("done: 1 record"));
    console.keys("\r");
    console.wait_for("the detail", |screen| screen.contains("T1098.003 Additional Cloud Roles"));
    look(&console, |output| {
        let text = String::from_utf8_lossy(&output.bytes);
        let after = |start: &str| {
            let (_, linked) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?}"));
            linked.split("\x1b]8;;\x1b\\").next().unwrap().to_owned()
        };
        assert!(after("\x1b]8;;https://attack.mitre.org/techniques/T1098/003/\x1b\\").contains("T1098.003"));
        let event = "https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/e-1";
        assert!(after(&format!("\x1b]8;;{event}\x1b\\")).contains("e-1"));
    });
    console.keys("\r\x1b3");
    let screen = console.wait_for("the statements of the policy", |screen| {
        screen.contains("policyArn: AWS managed policy IAMFullAccess") && screen.contains("iam:*")
    });
    assert!(screen.contains("EFFECT") && screen.contains("ACTION"), "a table: {screen}");
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
}

#[test]
fn the_console_opens_at_the_incident_of_an_alert() {
    let folder = log_files("incident");
    let arguments = ["--incident", "CreateUs", "replay", folder.to_str().unwrap()];
    let mut console = Pty::start(command(&arguments), 120, 30);
    console.wait_for("the incident and its timeline", |screen| {
        screen.contains("Incidents · 0 open · 2 single alerts")
            && screen.lines().any(|line| line.contains("MED") && line.contains("alice created user bob"))
    });
    console.keys("\x1b");
    console.wait_for("the list", |screen| screen.contains("done: 2 records"));
    console.keys("q");
    console.wait_for_end();

    let mut console =
        Pty::start(command(&["--incident", "nosuchid", "replay", folder.to_str().unwrap()]), 120, 30);
    console.wait_for("that there is none", |screen| screen.contains("no alert with ID nosuchid"));
    // The first closes the board.
    console.keys("qq");
    console.wait_for_end();
}
