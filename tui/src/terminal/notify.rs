//! Escape sequences of a notification and of a title. The text is safe already: no escape sequence can be
//! hidden in it.

use std::env;

use detector::SafeText;

use crate::settings::Channel;

/// Name that is the title of each notification, or goes before its text.
const NAME: &str = "IAM Sentinel";

/// Signals that a notification sends to the terminal: a bell, a desktop notification, both or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotifyChannel {
    bell: bool,
    desktop: Option<Desktop>,
}

/// The ways to a desktop notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Desktop {
    Osc9,
    Osc777,
    Osc99,
}

impl NotifyChannel {
    /// Returns the signals of a channel. `Auto` takes the bell, and the desktop notification that the
    /// terminal is known to show.
    pub(crate) fn of(channel: Channel) -> Self {
        let only = |desktop| Self { bell: false, desktop: Some(desktop) };
        match channel {
            Channel::Auto => Self { bell: true, desktop: known(|name| env::var(name).ok()) },
            Channel::Bell => Self { bell: true, desktop: None },
            Channel::Osc9 => only(Desktop::Osc9),
            Channel::Osc777 => only(Desktop::Osc777),
            Channel::Osc99 => only(Desktop::Osc99),
            Channel::Off => Self { bell: false, desktop: None },
        }
    }

    /// The bytes that tell it.
    pub(crate) fn bytes(self, text: &SafeText) -> Vec<u8> {
        let bell = if self.bell { "\x07" } else { "" };
        let desktop = match self.desktop {
            None => String::new(),
            Some(Desktop::Osc9) => format!("\x1b]9;{NAME}: {text}\x1b\\"),
            // A semicolon would begin the next field.
            Some(Desktop::Osc777) => {
                format!("\x1b]777;notify;{NAME};{}\x1b\\", text.as_str().replace(';', ","))
            }
            Some(Desktop::Osc99) => format!("\x1b]99;i=1:d=0;{NAME}\x1b\\\x1b]99;i=1:p=body;{text}\x1b\\"),
        };
        format!("{bell}{desktop}").into_bytes()
    }
}

/// Returns the kind of desktop notification that the terminal shows, by the variables that it sets. `None`
/// within tmux and screen: unless they are set up for more, they pass on nothing but the bell.
fn known(variable: impl Fn(&str) -> Option<String>) -> Option<Desktop> {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let term = variable("TERM").unwrap_or_default();
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    if is_set("TMUX") || is_set("STY") || term.starts_with("tmux") || term.starts_with("screen") {
        None
    } else if is_set("KITTY_WINDOW_ID") || term.contains("kitty") {
        Some(Desktop::Osc99)
    } else if ["iTerm.app", "WezTerm", "ghostty"].contains(&program.as_str()) || term.contains("ghostty") {
        Some(Desktop::Osc9)
    } else if term.starts_with("foot") || term.starts_with("rxvt") {
        Some(Desktop::Osc777)
    } else {
        None
    }
}

/// Sets the window's title.
pub(super) fn title(title: &str) -> Vec<u8> {
    if !super::environment::has_title() {
        return Vec::new();
    }
    format!("\x1b]2;{}\x1b\\", SafeText::new(title)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_terminal(variables: &[(&str, &str)]) -> Option<Desktop> {
        known(|name| variables.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn each_terminal_gets_what_it_shows() {
        assert_eq!(in_terminal(&[("TERM", "xterm-256color")]), None);
        assert_eq!(in_terminal(&[("TERM", "xterm-kitty")]), Some(Desktop::Osc99));
        assert_eq!(in_terminal(&[("TERM_PROGRAM", "iTerm.app")]), Some(Desktop::Osc9));
        assert_eq!(in_terminal(&[("TERM", "foot-extra")]), Some(Desktop::Osc777));
        assert_eq!(in_terminal(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux-0/default,1,0")]), None);
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = SafeText::new("by \u{1b}]0;pwned\u{7}\u{9c}; rm -rf");
        for channel in
            [Channel::Auto, Channel::Bell, Channel::Osc9, Channel::Osc777, Channel::Osc99, Channel::Off]
        {
            let text = String::from_utf8(NotifyChannel::of(channel).bytes(&text)).unwrap();
            let inside = text.trim_start_matches('\u{7}').replace("\u{1b}]", "").replace("\u{1b}\\", "");
            assert!(!inside.chars().any(char::is_control), "{channel:?}: {text:?}");
        }
        let osc777 = String::from_utf8(NotifyChannel::of(Channel::Osc777).bytes(&text)).unwrap();
        assert_eq!(osc777.matches(';').count(), 3);
    }

    #[test]
    fn off_is_silent() {
        assert_eq!(NotifyChannel::of(Channel::Off).bytes(&SafeText::new("x")), b"");
        assert_eq!(NotifyChannel::of(Channel::Bell).bytes(&SafeText::new("x")), b"\x07");
    }
}
