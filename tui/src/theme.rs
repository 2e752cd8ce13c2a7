//! Styles of things, by their meaning. The default takes only the terminal's own colours, on its own
//! background, and never a colour that is the background of some terminal; the purpose of each other theme
//! is stated at its palette. Without colours (`NO_COLOR`, <https://no-color.org>) there is only weight. The
//! selection is reverse video, so it shows everywhere.

use detector::Severity;
use ratatui::style::{Color, Modifier, Style};

use crate::settings::ThemeChoice;

/// The styles, by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    palette: Palette,
}

/// Set of colours that the styles are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Palette {
    /// The terminal's eight, which it shows on its own background.
    Terminal,
    /// The bright eight.
    Dark,
    /// The eight without those that pale on white: yellow, cyan, green.
    Light,
    /// Weight only.
    Mono,
    /// Weight only, and what is bad reversed.
    HighContrast,
    /// Vermilion, purple and blue of Okabe and Ito's palette, which people tell apart who do not tell
    /// red from green (<https://jfly.uni-koeln.de/color/>); each is legible on black and on white.
    ColourBlind,
}

/// All, in the order in which the key goes through them.
const PALETTES: [(Palette, &str); 6] = [
    (Palette::Terminal, "terminal"),
    (Palette::Dark, "dark"),
    (Palette::Light, "light"),
    (Palette::Mono, "mono"),
    (Palette::HighContrast, "high-contrast"),
    (Palette::ColourBlind, "colour-blind"),
];

/// In xterm's 256 colours: #d75f00, #af5faf, #0087ff, #808080.
const VERMILION: Color = Color::Indexed(166);
const PURPLE: Color = Color::Indexed(133);
const BLUE: Color = Color::Indexed(33);
const GREY: Color = Color::Indexed(244);

impl Theme {
    /// Returns the theme that was chosen. For `Auto`, `no_color` and the background decide (`light` is
    /// `None` where the background is not known).
    pub(crate) const fn chosen(choice: ThemeChoice, no_color: bool, light: Option<bool>) -> Self {
        let palette = match (choice, no_color, light) {
            (ThemeChoice::Auto, true, _) | (ThemeChoice::Mono, ..) => Palette::Mono,
            (ThemeChoice::Auto, false, Some(true)) | (ThemeChoice::Light, ..) => Palette::Light,
            (ThemeChoice::Auto, false, Some(false)) | (ThemeChoice::Dark, ..) => Palette::Dark,
            (ThemeChoice::Auto, false, None) | (ThemeChoice::Terminal, ..) => Palette::Terminal,
            (ThemeChoice::HighContrast, ..) => Palette::HighContrast,
            (ThemeChoice::ColourBlind, ..) => Palette::ColourBlind,
        };
        Self { palette }
    }

    /// The terminal's own colours, or none.
    pub(crate) const fn new(colours: bool) -> Self {
        Self { palette: if colours { Palette::Terminal } else { Palette::Mono } }
    }

    /// The next one, for a key that goes through them.
    pub(crate) fn next(self) -> Self {
        let at = PALETTES.iter().position(|(palette, _)| *palette == self.palette).unwrap_or(0);
        let next = PALETTES.iter().cycle().nth(at + 1);
        next.map_or(self, |(palette, _)| Self { palette: *palette })
    }

    /// As one asks for it.
    pub(crate) fn name(self) -> &'static str {
        PALETTES.iter().find(|(palette, _)| *palette == self.palette).map_or("", |(_, name)| *name)
    }

    /// A style in the colour that this palette has for it, where it has colours.
    const fn colour(self, terminal: Color, dark: Color, light: Color, blind: Color) -> Style {
        match self.palette {
            Palette::Terminal => Style::new().fg(terminal),
            Palette::Dark => Style::new().fg(dark),
            Palette::Light => Style::new().fg(light),
            Palette::ColourBlind => Style::new().fg(blind),
            Palette::Mono | Palette::HighContrast => Style::new(),
        }
    }

    pub(crate) const fn severity(self, severity: Option<Severity>) -> Style {
        use Color::{
            Blue, Cyan, LightCyan, LightMagenta, LightRed, LightYellow, Magenta, Red, Reset, Yellow,
        };
        let high_contrast = matches!(self.palette, Palette::HighContrast);
        match severity {
            Some(Severity::Critical) if high_contrast => {
                Style::new().add_modifier(Modifier::BOLD.union(Modifier::REVERSED))
            }
            Some(Severity::High) if high_contrast => {
                Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
            }
            Some(Severity::Medium) if high_contrast => Theme::strong(),
            Some(Severity::Critical) => {
                self.colour(Red, LightRed, Red, VERMILION).add_modifier(Modifier::BOLD)
            }
            Some(Severity::High) => {
                self.colour(Magenta, LightMagenta, Magenta, PURPLE).add_modifier(Modifier::BOLD)
            }
            Some(Severity::Medium) => self.colour(Yellow, LightYellow, Blue, BLUE),
            Some(Severity::Low) => self.colour(Cyan, LightCyan, Reset, GREY),
            None => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    pub(crate) const fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Style of things that are done with.
    pub(crate) const fn faded() -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(crate) const fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Style of a search's hits.
    pub(crate) const fn hit() -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED.union(Modifier::BOLD))
    }

    /// Names of things, as against the things.
    pub(crate) const fn label(self) -> Style {
        self.colour(Color::Blue, Color::LightBlue, Color::Blue, BLUE)
    }

    pub(crate) const fn good(self) -> Style {
        self.colour(Color::Green, Color::LightGreen, Color::Blue, BLUE)
    }

    pub(crate) const fn bad(self) -> Style {
        if matches!(self.palette, Palette::HighContrast) {
            return self.severity(Some(Severity::Critical));
        }
        self.colour(Color::Red, Color::LightRed, Color::Red, VERMILION).add_modifier(Modifier::BOLD)
    }
}

/// Four letters and a glyph, so that colour is never the only sign.
pub(crate) const fn severity_label(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "▲ CRIT",
        Some(Severity::High) => "● HIGH",
        Some(Severity::Medium) => "◆ MED ",
        Some(Severity::Low) => "· LOW ",
        None => "? ----",
    }
}

#[cfg(test)]
mod tests {
    use crate::theme::*;

    const ALL: [Option<Severity>; 5] =
        [Some(Severity::Critical), Some(Severity::High), Some(Severity::Medium), Some(Severity::Low), None];

    #[test]
    fn what_is_asked_for_wins_and_no_color_wins_over_the_terminal() {
        let chosen = |choice, no_color, light| Theme::chosen(choice, no_color, light).name();
        assert_eq!(chosen(ThemeChoice::Auto, false, None), "terminal");
        assert_eq!(chosen(ThemeChoice::Auto, false, Some(true)), "light");
        assert_eq!(chosen(ThemeChoice::Auto, false, Some(false)), "dark");
        assert_eq!(chosen(ThemeChoice::Auto, true, Some(false)), "mono");
        assert_eq!(chosen(ThemeChoice::Dark, true, Some(true)), "dark");
        assert_eq!(chosen(ThemeChoice::Terminal, false, Some(true)), "terminal");
    }

    #[test]
    fn the_key_goes_through_all_of_them() {
        let names: Vec<_> = std::iter::successors(Some(Theme::new(true)), |theme| Some(theme.next()))
            .take(7)
            .map(Theme::name)
            .collect();
        assert_eq!(names, ["terminal", "dark", "light", "mono", "high-contrast", "colour-blind", "terminal"]);
    }

    #[test]
    fn no_theme_paints_a_background_or_takes_a_colour_that_may_be_one() {
        for (palette, name) in PALETTES {
            let theme = Theme { palette };
            for style in
                ALL.map(|severity| theme.severity(severity)).into_iter().chain([theme.label(), theme.good()])
            {
                assert_eq!(style.bg, None, "{name}");
                let backgrounds = [Color::Black, Color::White, Color::DarkGray, Color::Gray];
                assert!(!style.fg.is_some_and(|colour| backgrounds.contains(&colour)), "{name}");
            }
        }
    }

    #[test]
    fn the_severities_look_different_in_each_theme() {
        for (palette, name) in PALETTES {
            let styles = ALL.map(|severity| Theme { palette }.severity(severity));
            for (at, style) in styles.iter().enumerate() {
                // Without colours the word and its sign tell the rest.
                let same = styles[..at].contains(style);
                assert!(!same || palette == Palette::Mono, "{name}: {style:?}");
            }
        }
    }

    /// WCAG 2.1's contrast ratio; 3 is its least for large and bold text and for signs.
    #[test]
    fn the_colour_blind_palette_is_legible_on_black_and_on_white() {
        let linear = |value: f64| {
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let light = |rgb: [u8; 3]| {
            let [r, g, b] = rgb.map(|value| linear(f64::from(value) / 255.0));
            0.2126f64.mul_add(r, 0.7152f64.mul_add(g, 0.0722 * b))
        };
        for rgb in [[0xd7, 0x5f, 0], [0xaf, 0x5f, 0xaf], [0, 0x87, 0xff], [0x80, 0x80, 0x80]] {
            let light = light(rgb);
            assert!(1.05 / (light + 0.05) >= 3.0 && (light + 0.05) / 0.05 >= 3.0, "{rgb:?}");
        }
    }
}
