//! How the console looks and behaves on this terminal: what can be set on the command line or in the
//! environment. Where alerts come from is not here.

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use detector::Severity;

use crate::filter::{Filter, criteria};

/// Settings of the console on this terminal.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Screen")]
pub(crate) struct Settings {
    /// The colours: by the terminal's background, or these.
    #[arg(long, env = "SENTINEL_THEME", value_name = "THEME", default_value = "auto", global = true)]
    pub(crate) theme: ThemeChoice,

    /// Draw with ASCII only. By itself where the locale is not UTF-8.
    #[arg(long, env = "SENTINEL_ASCII", value_parser = FalseyValueParser::new(), global = true)]
    pub(crate) ascii: bool,

    /// Leave the mouse to the terminal.
    #[arg(long, env = "SENTINEL_NO_MOUSE", value_parser = FalseyValueParser::new(), global = true)]
    pub(crate) no_mouse: bool,

    /// How to tell of alerts while nobody looks.
    #[arg(long, env = "SENTINEL_NOTIFY", value_name = "HOW", default_value = "auto", global = true)]
    pub(crate) notify: Channel,

    /// Tell of alerts at least as bad as this: low, medium, high or critical.
    #[arg(
        long,
        env = "SENTINEL_NOTIFY_LEVEL",
        value_name = "SEVERITY",
        default_value = "high",
        global = true
    )]
    pub(crate) notify_level: Severity,

    /// Tell only of alerts that this filter lets through as well, such as "account:111122223333 -actor:ci".
    #[arg(long, env = "SENTINEL_NOTIFY_FILTER", value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::untriaged, global = true)]
    pub(crate) notify_filter: Option<Filter>,

    /// Also run this with sh; it gets the alerts on standard input, one a line, as JSON, and alarms of the pipeline with "kind": "health".
    #[arg(long, env = "SENTINEL_NOTIFY_COMMAND", value_name = "COMMAND", global = true)]
    pub(crate) notify_command: Option<String>,

    /// Keys by the names of their actions, from the configuration.
    #[arg(skip)]
    pub(crate) keys: Vec<(String, Vec<String>)>,
}

/// The themes one can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeChoice {
    /// `dark` or `light`, as the terminal says; `terminal` where it does not; `mono` with `NO_COLOR`.
    Auto,
    /// The terminal's own colours, right on any background.
    Terminal,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Bold, underlined and reversed only.
    Mono,
    /// No colours, and what is bad reversed.
    HighContrast,
    /// Colours that are told apart without telling red from green.
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

/// How a notification goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Channel {
    /// The bell, and a desktop notification where the terminal is known to show them.
    Auto,
    /// The bell only.
    Bell,
    /// `OSC 9`: iTerm2, `WezTerm`, Ghostty.
    Osc9,
    /// `OSC 777`: foot, urxvt, Ghostty.
    Osc777,
    /// `OSC 99`: kitty.
    Osc99,
    /// Not at all; the command still runs.
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
