//! How things look. Only the terminal's own colours, on its own background, and never a colour that
//! is the background of some theme; without colours (`NO_COLOR`, <https://no-color.org>) only
//! weight. The selection is reverse video, so it shows everywhere.

use detector::Severity;
use ratatui::style::{Color, Modifier, Style};

/// The styles, by what they mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Theme {
    colours: bool,
}

impl Theme {
    /// What the environment asks for.
    pub(super) fn from_env() -> Self {
        let set = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self::new(!set && !dumb)
    }

    pub(super) const fn new(colours: bool) -> Self {
        Self { colours }
    }

    const fn colour(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    pub(super) const fn severity(self, severity: Option<Severity>) -> Style {
        match severity {
            Some(Severity::Critical) => self.colour(Color::Red).add_modifier(Modifier::BOLD),
            Some(Severity::High) => self.colour(Color::Magenta).add_modifier(Modifier::BOLD),
            Some(Severity::Medium) => self.colour(Color::Yellow),
            Some(Severity::Low) => self.colour(Color::Cyan),
            None => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    pub(super) const fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What is done with.
    pub(super) const fn faded() -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(super) const fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What a search has found.
    pub(super) const fn hit() -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED.union(Modifier::BOLD))
    }

    /// Names of things, as against the things.
    pub(super) const fn label(self) -> Style {
        self.colour(Color::Blue)
    }

    pub(super) const fn good(self) -> Style {
        self.colour(Color::Green)
    }

    pub(super) const fn bad(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }
}

/// Four letters and a glyph, so that colour is never the only sign.
pub(super) const fn word(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "▲ CRIT",
        Some(Severity::High) => "● HIGH",
        Some(Severity::Medium) => "◆ MED ",
        Some(Severity::Low) => "· LOW ",
        None => "? ----",
    }
}
