//! A key with what is held down with it: as it comes from the terminal, as people write it.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chord {
    code: KeyCode,
    control: bool,
    alt: bool,
}

/// Keys that have a name: the one that is shown, and others that are understood.
const NAMED: &[(KeyCode, &[&str])] = &[
    (KeyCode::Char(' '), &["Space"]),
    (KeyCode::Enter, &["Enter", "Return"]),
    (KeyCode::Esc, &["Esc", "Escape"]),
    (KeyCode::Tab, &["Tab"]),
    (KeyCode::BackTab, &["Shift-Tab", "BackTab"]),
    (KeyCode::Backspace, &["Backspace"]),
    (KeyCode::Delete, &["Del", "Delete"]),
    (KeyCode::Insert, &["Ins", "Insert"]),
    (KeyCode::Home, &["Home"]),
    (KeyCode::End, &["End"]),
    (KeyCode::PageUp, &["PgUp", "PageUp"]),
    (KeyCode::PageDown, &["PgDn", "PageDown"]),
    (KeyCode::Up, &["↑", "Up"]),
    (KeyCode::Down, &["↓", "Down"]),
    (KeyCode::Left, &["←", "Left"]),
    (KeyCode::Right, &["→", "Right"]),
];

impl Chord {
    pub(super) const fn new(code: KeyCode) -> Self {
        Self { code, control: false, alt: false }
    }

    /// The same with Ctrl held down.
    pub(super) const fn control(self) -> Self {
        Self { control: true, ..self }
    }

    /// The same with Alt held down.
    pub(super) const fn alt(self) -> Self {
        Self { alt: true, ..self }
    }

    /// `j`, `G`, `Ctrl-D`, `Alt-x`, `PgDn`, `F2`; upper and lower case differ in single letters only.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut control, mut alt) = (text, false, false);
        loop {
            if let Some(behind) = behind(rest, "ctrl") {
                (rest, control) = (behind, true);
            } else if let Some(behind) = behind(rest, "alt") {
                (rest, alt) = (behind, true);
            } else {
                break;
            }
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(letter), None) if !letter.is_control() && named(rest).is_none() => {
                // The terminal sends the same for both cases.
                KeyCode::Char(if control { letter.to_ascii_lowercase() } else { letter })
            }
            _ => named(rest)?,
        };
        Some(Self { code, control, alt })
    }
}

/// Returns the text behind a modifier's name and its `-` or `+`, such as `ctrl-`; `None` where the text
/// does not begin so, or nothing follows.
fn behind<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(name.len())?;
    let rest = rest.strip_prefix(['-', '+']).filter(|rest| !rest.is_empty())?;
    head.eq_ignore_ascii_case(name).then_some(rest)
}

fn named(text: &str) -> Option<KeyCode> {
    let known = NAMED.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(text)));
    let function = || {
        let number = text.strip_prefix(['F', 'f'])?.parse().ok()?;
        (1..=24).contains(&number).then_some(KeyCode::F(number))
    };
    known.map(|(code, _)| *code).or_else(function)
}

impl From<KeyEvent> for Chord {
    fn from(event: KeyEvent) -> Self {
        let held = |key| event.modifiers.contains(key);
        Self { code: event.code, control: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT) }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.control {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        let name = NAMED.iter().find(|(code, _)| *code == self.code).and_then(|(_, names)| names.first());
        match (self.code, name) {
            (_, Some(name)) => f.write_str(name),
            (KeyCode::Char(letter), None) if self.control => write!(f, "{}", letter.to_uppercase()),
            (KeyCode::Char(letter), None) => write!(f, "{letter}"),
            (KeyCode::F(number), None) => write!(f, "F{number}"),
            (other, None) => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for name in
            ["j", "G", "Ctrl-D", "Alt-x", "Ctrl-Alt-K", "Space", "PgDn", "↓", "F2", "-", "Shift-Tab", ":"]
        {
            assert_eq!(Chord::parse(name).unwrap().to_string(), name);
        }
        for (written, shown) in
            [("ctrl+d", "Ctrl-D"), ("pagedown", "PgDn"), ("ctrl--", "Ctrl--"), ("f12", "F12")]
        {
            assert_eq!(Chord::parse(written).unwrap().to_string(), shown);
        }
        for nonsense in ["", "jj", "ctrl-", "F25", "f0", "hyper-x", "\u{1b}", "ctrl-\u{1b}"] {
            assert_eq!(Chord::parse(nonsense), None, "{nonsense:?}");
        }
    }
}
