//! Settings of the console on this terminal: its looks and behaviour, from the command line or in the
//! environment. Where alerts come from is not here.

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use detector::Severity;

use crate::filter::{Filter, criteria};

/// Settings of the console on this terminal.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Screen")]
pub(crate) struct Settings {
    /// Colour theme.
    #[arg(long, env = "SENTINEL_THEME", value_name = "THEME", default_value = "auto", global = true)]
    pub(crate) theme: ThemeChoice,

    /// ASCII characters only. Automatic if the locale is not UTF-8.
    #[arg(long, env = "SENTINEL_ASCII", value_parser = FalseyValueParser::new(), global = true)]
    pub(crate) ascii: bool,

    /// Disable mouse capture.
    #[arg(long, env = "SENTINEL_NO_MOUSE", value_parser = FalseyValueParser::new(), global = true)]
    pub(crate) no_mouse: bool,

    /// Notification channel while unfocused.
    #[arg(long, env = "SENTINEL_NOTIFY", value_name = "HOW", default_value = "auto", global = true)]
    pub(crate) notify: Channel,

    /// Minimum severity to notify.
    #[arg(
        long,
        env = "SENTINEL_NOTIFY_LEVEL",
        value_name = "SEVERITY",
        default_value = "high",
        ignore_case = true,
        value_parser = criteria::severity(),
        global = true
    )]
    pub(crate) notify_level: Severity,

    /// Notify only for alerts matching this filter, such as "account:111122223333 -actor:ci".
    #[arg(long, env = "SENTINEL_NOTIFY_FILTER", value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::untriaged, global = true)]
    pub(crate) notify_filter: Option<Filter>,

    /// Shell command to run on notification; gets the alerts as JSON Lines on standard input, pipeline alarms
    /// with "kind": "health".
    #[arg(long, env = "SENTINEL_NOTIFY_COMMAND", value_name = "COMMAND", global = true)]
    pub(crate) notify_command: Option<String>,

    /// Keys by the names of their actions, from the configuration.
    #[arg(skip)]
    pub(crate) keys: Vec<(String, Vec<String>)>,
}

/// The themes one can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeChoice {
    /// `dark` or `light` by the terminal's background, `terminal` if unknown, `mono` with `NO_COLOR`.
    Auto,
    /// Terminal palette, works on any background.
    Terminal,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Bold, underline and reverse video only.
    Mono,
    /// No colour, critical in reverse video.
    HighContrast,
    /// Safe for red-green colour blindness.
    ColourBlind,
}

/// Number of colours that the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColourDepth {
    /// The terminal's own sixteen.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// Any, in red, green and blue.
    True,
}

/// Ways to notify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Channel {
    /// Bell, and a desktop notification if the terminal supports it.
    Auto,
    /// Bell only.
    Bell,
    /// `OSC 9`: iTerm2, `WezTerm`, Ghostty.
    Osc9,
    /// `OSC 777`: foot, urxvt, Ghostty.
    Osc777,
    /// `OSC 99`: kitty.
    Osc99,
    /// No notifications; the notify command still runs.
    Off,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::Auto,
            ascii: false,
            no_mouse: false,
            notify: Channel::Auto,
            notify_level: Severity::High,
            notify_filter: None,
            notify_command: None,
            keys: Vec::new(),
        }
    }
}
