//! The terminal and the clipboard, judged by what the environment says. The terminal itself is asked
//! for nothing but its size: an answer that comes late would be taken for keys.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::commands::doctor::Finding;

/// The environment; what is set to nothing is not set.
pub(crate) type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Columns and rows; none where standard output is no terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size(Option<(u16, u16)>);

impl Size {
    pub(crate) fn now() -> Self {
        use std::io::IsTerminal as _;
        Self(std::io::stdout().is_terminal().then(|| crossterm::terminal::size().ok()).flatten())
    }
}

/// Below this there is only a line that says so.
const SMALLEST: (u16, u16) = (40, 8);

/// Reports whether a screen can be drawn, with which characters and in which colours.
pub(crate) fn screen(environment: &Environment<'_>, size: Size) -> Vec<Finding> {
    let term = environment("TERM");
    let whole = match (term.as_deref(), size.0) {
        (_, None) => Finding::note(
            "standard output is not a terminal: size unknown",
            "run doctor in the console's terminal; without a terminal, use `sentinel-tui tail`",
        ),
        (None | Some("dumb"), Some(_)) => Finding::wrong(
            format!("TERM is {}: can't draw a screen", term.as_deref().unwrap_or("not set")),
            "set TERM to the terminal's type, usually xterm-256color; or use `sentinel-tui tail`",
        ),
        (Some(_), Some((columns, rows))) if columns < SMALLEST.0 || rows < SMALLEST.1 => Finding::wrong(
            format!("{columns}x{rows} is too small"),
            format!("use at least {}x{}; 120x40 shows list and detail side by side", SMALLEST.0, SMALLEST.1),
        ),
        (Some(term), Some((columns, rows))) => {
            Finding::well(format!("{term}, {columns}x{rows}{}", around(environment)))
        }
    };
    vec![whole, characters(environment), colours(environment, term.as_deref())]
}

fn characters(environment: &Environment<'_>) -> Finding {
    let Some(locale) = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(environment) else {
        return Finding::note(
            "no locale set, UTF-8 assumed",
            "if symbols look wrong, set LANG, for example to C.UTF-8",
        );
    };
    if locale.to_lowercase().replace('-', "").contains("utf8") {
        return Finding::well(format!("characters: {locale}"));
    }
    Finding::note(
        format!("locale {locale} is not UTF-8: lines and symbols may look wrong"),
        "set LC_CTYPE, for example to C.UTF-8",
    )
}

fn colours(environment: &Environment<'_>, term: Option<&str>) -> Finding {
    if environment("NO_COLOR").is_some() {
        return Finding::well("colours: off (NO_COLOR)");
    }
    Finding::well(match environment("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => "colours: 24-bit",
        _ if term.is_some_and(|term| term.contains("256color")) => "colours: 256",
        _ => "colours: 16 (terminal palette)",
    })
}

/// Returns the programs between this one and the screen, as in `, in tmux, in ssh`; empty for none.
fn around(environment: &Environment<'_>) -> String {
    let mut around = String::new();
    for (name, word) in [("TMUX", "tmux"), ("STY", "screen"), ("SSH_CONNECTION", "ssh")] {
        if environment(name).is_some() {
            around.push_str(", in ");
            around.push_str(word);
        }
    }
    around
}

/// Other programs that take part in copying, as far as they can be found without making a copy.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    /// The first program on the path that fills the desktop's clipboard.
    native: Option<&'static str>,
    /// tmux's option `set-clipboard`, inside tmux.
    tmux: Option<String>,
}

impl Programs {
    pub(crate) fn here(environment: &Environment<'_>) -> Self {
        let folders: Vec<PathBuf> =
            environment("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
        let there = |name: &&str| folders.iter().any(|folder| folder.join(name).is_file());
        let tmux = environment("TMUX").and_then(|_| {
            let asked = Command::new("tmux")
                .args(["show-options", "-s", "-v", "set-clipboard"])
                .stdin(Stdio::null())
                .output()
                .ok()?;
            Some(String::from_utf8_lossy(&asked.stdout).trim().to_owned())
        });
        Self { native: candidates(environment).into_iter().find(there), tmux }
    }
}

/// Programs that fill the clipboard of this desktop; over ssh it is another machine's.
fn candidates(environment: &Environment<'_>) -> Vec<&'static str> {
    let set = |name: &str| environment(name).is_some();
    if ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"].into_iter().any(set) {
        return Vec::new();
    }
    let mut programs = Vec::new();
    if cfg!(target_os = "macos") {
        programs.push("pbcopy");
    }
    if set("WAYLAND_DISPLAY") {
        programs.push("wl-copy");
    }
    if set("DISPLAY") {
        programs.extend(["xclip", "xsel"]);
    }
    if set("WSL_DISTRO_NAME") {
        programs.push("clip.exe");
    }
    programs
}

/// Reports the way by which a copy reaches the clipboard of the person at the screen.
pub(crate) fn clipboard(environment: &Environment<'_>, programs: &Programs) -> Vec<Finding> {
    if let Some(program) = programs.native {
        return vec![Finding::well(format!("desktop clipboard ({program})"))];
    }
    if matches!(environment("TERM").as_deref(), Some("linux" | "dumb")) {
        return vec![Finding::note(
            "no clipboard in this terminal",
            "use a desktop terminal, or ssh from one",
        )];
    }
    let missing = candidates(environment);
    let install = |otherwise: &str| match missing.first() {
        Some(first) => format!("install {first}, or {otherwise}"),
        None => otherwise.to_owned(),
    };
    vec![match programs.tmux.as_deref() {
        Some("on") => Finding::well("terminal clipboard (OSC 52), through tmux"),
        Some(other) => Finding::note(
            format!("tmux blocks copies: set-clipboard is {other}"),
            install("run `tmux set -s set-clipboard on`, and add it to ~/.tmux.conf"),
        ),
        None => Finding {
            remedy: Some(install("if copying fails, allow OSC 52 in the terminal's settings")),
            ..Finding::well("terminal clipboard (OSC 52)")
        },
    }]
}

#[cfg(test)]
mod tests {
    use crate::commands::doctor::Verdict;
    use crate::commands::doctor::terminal::*;

    fn of<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn words(findings: &[Finding]) -> Vec<(Verdict, &str)> {
        findings.iter().map(|finding| (finding.verdict, finding.what.as_str())).collect()
    }

    #[test]
    fn a_screen_is_judged_by_kind_size_locale_and_colours() {
        let usual = [
            ("TERM", "xterm-256color"),
            ("LANG", "en_US.UTF-8"),
            ("TMUX", "/tmp/x"),
            ("SSH_CONNECTION", "y"),
        ];
        assert_eq!(
            words(&screen(&of(&usual), Size(Some((120, 40))))),
            [
                (Verdict::Well, "xterm-256color, 120x40, in tmux, in ssh"),
                (Verdict::Well, "characters: en_US.UTF-8"),
                (Verdict::Well, "colours: 256"),
            ]
        );
        let first = |set: &[_], size| screen(&of(set), Size(size)).remove(0).verdict;
        assert_eq!(first(&usual, Some((39, 20))), Verdict::Wrong);
        assert_eq!(first(&usual, None), Verdict::Note);
        assert_eq!(first(&[("TERM", "dumb")], Some((80, 24))), Verdict::Wrong);
        assert_eq!(first(&[], Some((80, 24))), Verdict::Wrong);
        let latin = screen(
            &of(&[("LC_ALL", "de_DE.ISO-8859-1"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")]),
            Size(None),
        );
        assert_eq!(latin[1].verdict, Verdict::Note, "LC_ALL is above LANG");
        assert_eq!(latin[2].what, "colours: off (NO_COLOR)");
    }

    #[test]
    fn copies_go_the_way_that_works() {
        let judged = |set: &[_], programs: Programs| {
            let finding = clipboard(&of(set), &programs).remove(0);
            (finding.verdict, finding.what, finding.remedy.unwrap_or_default())
        };
        let native = Programs { native: Some("wl-copy"), tmux: Some("off".to_owned()) };
        assert_eq!(judged(&[], native).1, "desktop clipboard (wl-copy)");
        let tmux = |option: &str| Programs { native: None, tmux: Some(option.to_owned()) };
        assert_eq!(judged(&[("TMUX", "x")], tmux("on")).0, Verdict::Well);
        let external = judged(&[("TMUX", "x"), ("DISPLAY", ":0")], tmux("external"));
        assert_eq!(external.0, Verdict::Note);
        if cfg!(target_os = "linux") {
            assert!(
                external.2.starts_with("install xclip, or run `tmux set -s set-clipboard on`"),
                "{}",
                external.2
            );
        }
        assert!(candidates(&of(&[("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/1")])).is_empty());
        assert_eq!(judged(&[("TERM", "linux")], Programs::default()).0, Verdict::Note);
    }
}
