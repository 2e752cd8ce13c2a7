//! The clipboard: by a program of this machine where there is a desktop, else by the terminal (OSC 52),
//! which works over ssh and in tmux. It is only ever written: asking a terminal for its clipboard can
//! hang. In tmux, `tmux load-buffer -w` does it, which fills tmux's own buffer and the outer clipboard.
//!
//! `SENTINEL_CLIPBOARD` says otherwise: `native`, `osc52`, or `osc52-passthrough` for a tmux with
//! `allow-passthrough`. In tmux the plain form is right: tmux takes it itself (`set-clipboard on`).

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

use crate::format;

/// The environment.
pub(crate) fn env(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

type Env = fn(&str) -> Option<OsString>;

/// Bytes of base64 that terminals are known to take, all told with the sequence around them: 100,000
/// in hterm and tmux, less in others.
const LONGEST: usize = 74_994;

/// Programs that take text on standard input, each with its arguments.
type Program = (&'static str, &'static [&'static str]);

fn programs(env: Env, macos: bool) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    // tmux drops a program's OSC 52 by default (`set-clipboard external`), and sends its own buffer on itself: over
    // ssh too, where the outer terminal has the clipboard.
    if env("TMUX").is_some() {
        programs.push(("tmux", &["load-buffer", "-w", "-"]));
    }
    if is_remote(env) {
        return programs;
    }
    if macos {
        programs.push(("pbcopy", &[]));
    }
    if env("WAYLAND_DISPLAY").is_some() {
        programs.push(("wl-copy", &[]));
    }
    if env("DISPLAY").is_some() {
        programs.push(("xclip", &["-selection", "clipboard", "-in"]));
        programs.push(("xsel", &["--clipboard", "--input"]));
    }
    if env("WSL_DISTRO_NAME").is_some() {
        programs.push(("clip.exe", &[]));
    }
    programs
}

/// True where the person's screen belongs to another machine, as over ssh.
pub(super) fn is_remote(env: Env) -> bool {
    ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"].iter().any(|name| env(name).is_some())
}

/// Result of copying by a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Copied {
    /// This program took the text.
    By(&'static str),
    /// No program took it; the terminal may.
    ByNone,
    /// No program took it, and the terminal must not be asked.
    Failed(&'static str),
}

/// Copies by the first program that ends cleanly. May take a while.
pub(crate) fn copy(text: &str) -> Copied {
    let way = env("SENTINEL_CLIPBOARD");
    let way = way.as_ref().and_then(|way| way.to_str()).unwrap_or("auto");
    if !way.starts_with("osc52") {
        for (program, arguments) in programs(env, cfg!(target_os = "macos")) {
            if pipe(program, arguments, text).is_ok_and(|worked| worked) {
                return Copied::By(program);
            }
        }
    }
    if way == "native" {
        return Copied::Failed(
            "not copied: none of wl-copy, xclip, xsel, pbcopy works here (SENTINEL_CLIPBOARD=native)",
        );
    }
    Copied::ByNone
}

fn pipe(program: &str, arguments: &[&str], text: &str) -> std::io::Result<bool> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    Ok(child.wait()?.success())
}

/// Returns the bytes that copy through the terminal, and the means by which it does.
///
/// # Errors
/// Returns a message where the terminal has no clipboard, or the text is too long for it.
pub(super) fn by_terminal(copied: &str, env: Env) -> Result<(String, &'static str), String> {
    let term = env("TERM");
    if term.as_ref().is_some_and(|term| term == "linux" || term == "dumb") {
        return Err("not copied: this terminal has no clipboard".to_owned());
    }
    // base64 makes four of three.
    if copied.len().div_ceil(3) * 4 > LONGEST {
        let most = u64::try_from(LONGEST / 4 * 3).unwrap_or_default();
        let bytes = u64::try_from(copied.len()).unwrap_or_default();
        return Err(format!(
            "not copied: {} bytes are too many for a terminal's clipboard ({} at most)",
            format::number(bytes),
            format::number(most)
        ));
    }
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(copied)
        .write_ansi(&mut sequence)
        .map_err(|error| format!("not copied: {error}"))?;
    let (sequence, how) = if env("TMUX").is_some() {
        if env("SENTINEL_CLIPBOARD").is_some_and(|way| way == "osc52-passthrough") {
            let inner = sequence.replace('\x1b', "\x1b\x1b");
            (format!("\x1bPtmux;{inner}\x1b\\"), "OSC 52 through tmux, which needs allow-passthrough on")
        } else {
            (sequence, "OSC 52; tmux needs set-clipboard on")
        }
    } else if env("STY").is_some() {
        // screen ends its own sequence where the inner one would end with ST.
        let inner = sequence.replace("\x1b\\", "\x07");
        (format!("\x1bP{inner}\x1b\\"), "OSC 52 through screen")
    } else {
        (sequence, "OSC 52, by the terminal")
    };
    Ok((sequence, how))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str], name: &str) -> Option<OsString> {
        names.contains(&name).then(|| "1".into())
    }

    #[test]
    fn over_ssh_the_terminal_does_it() {
        assert!(programs(|name| set(&["SSH_TTY", "DISPLAY"], name), true).is_empty());
        let names = |env, macos| programs(env, macos).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(
            names(|name| set(&["WAYLAND_DISPLAY", "DISPLAY"], name), false),
            ["wl-copy", "xclip", "xsel"]
        );
        assert_eq!(names(|_| None, true), ["pbcopy"]);
        assert!(names(|_| None, false).is_empty());
        assert_eq!(names(|name| set(&["TMUX", "SSH_TTY"], name), false), ["tmux"], "over ssh too");
    }

    #[test]
    fn the_sequence_fits_what_is_around_it() {
        let (plain, by) = by_terminal("bob", |_| None).unwrap();
        assert_eq!(plain, "\x1b]52;c;Ym9i\x1b\\");
        assert_eq!(by, "OSC 52, by the terminal");
        let (tmux, by) = by_terminal("bob", |name| set(&["TMUX"], name)).unwrap();
        assert_eq!(tmux, plain);
        assert!(by.contains("set-clipboard"));
        let through = by_terminal("bob", |name| match name {
            "SENTINEL_CLIPBOARD" => Some("osc52-passthrough".into()),
            name => set(&["TMUX"], name),
        });
        assert_eq!(through.unwrap().0, "\x1bPtmux;\x1b\x1b]52;c;Ym9i\x1b\x1b\\\x1b\\");
        assert_eq!(
            by_terminal("bob", |name| set(&["STY"], name)).unwrap().0,
            "\x1bP\x1b]52;c;Ym9i\x07\x1b\\"
        );
    }

    #[test]
    fn what_a_terminal_can_not_take_is_said() {
        let long = "x".repeat(60_000);
        assert!(by_terminal(&long, |_| None).unwrap_err().contains("60,000 bytes are too many"));
        let linux = |name: &str| (name == "TERM").then(|| OsString::from("linux"));
        assert!(by_terminal("x", linux).unwrap_err().contains("no clipboard"));
    }
}
