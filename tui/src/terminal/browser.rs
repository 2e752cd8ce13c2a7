//! Opens a link in the browser of this machine, where a person sits before it.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use super::clipboard::{env, is_remote};
/// The program that opens links, where there is a screen for it.
fn opener(env: fn(&str) -> Option<OsString>, macos: bool) -> Option<&'static str> {
    if is_remote(env) {
        None
    } else if macos {
        Some("open")
    } else if env("WSL_DISTRO_NAME").is_some() {
        Some("wslview")
    } else if env("DISPLAY").is_some() || env("WAYLAND_DISPLAY").is_some() {
        Some("xdg-open")
    } else {
        None
    }
}

/// Opens a link. Returns false where no browser took it. May take as long as the browser runs.
pub(crate) fn open(url: &str) -> bool {
    let Some(program) = opener(env, cfg!(target_os = "macos")) else { return false };
    let quiet = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_browser_opens_on_a_machine_that_nobody_sits_at() {
        let display = |name: &str| (name == "DISPLAY").then(|| OsString::from(":0"));
        let both = |name: &str| matches!(name, "DISPLAY" | "SSH_TTY").then(|| OsString::from("x"));
        assert_eq!(opener(display, false), Some("xdg-open"));
        assert_eq!(opener(both, false), None);
        assert_eq!(opener(|_| None, true), Some("open"));
        assert_eq!(opener(|_| None, false), None);
    }
}
