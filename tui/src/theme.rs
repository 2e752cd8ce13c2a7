//! Styles of things, by their meaning. Where the terminal's background is known, a theme has colours of its own
//! for it: in truecolor, in xterm's 256, or from the terminal's sixteen. Where it is not, `terminal` takes only
//! colours that are legible on any background; none of the themes takes blue (4), which is legible on few. A
//! theme paints no background but that of the selection. Without colours (`NO_COLOR`, <https://no-color.org>)
//! there is only weight.

use detector::Severity;
use ratatui::style::{Color, Modifier, Style};

use crate::settings::{ColourDepth, ThemeChoice};

/// The styles, by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    palette: Palette,
    depth: ColourDepth,
    /// True for the variant of the palette that is made for light backgrounds.
    light: bool,
    /// True until somebody chooses a palette: the background may still choose one.
    auto: bool,
}

/// Set of colours that the styles are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Palette {
    /// The terminal's own colours, on a background that is not known.
    Terminal,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Weight only.
    Mono,
    /// Weight only, and what is bad reversed.
    HighContrast,
    /// Orange, pink and yellow, or brown, purple and blue: told apart without telling red from green, after
    /// Okabe and Ito (<https://jfly.uni-koeln.de/color/>).
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

/// Colour of one meaning: in truecolor, in xterm's 256, and the style where there are sixteen.
struct Tint(u32, u8, Style);

/// Colours of a palette. Each text is legible, 4.5 to 1 (WCAG 2.1, AA), on the backgrounds that the palette is
/// made for and on its selection.
struct Tints {
    critical: Tint,
    high: Tint,
    medium: Tint,
    low: Tint,
    /// Keys, the current tab, the border of the focused pane.
    accent: Tint,
    /// Names of actors and targets.
    identity: Tint,
    /// Names of fields and columns, borders.
    label: Tint,
    /// Background of the selection, in truecolor and in xterm's 256.
    selection: (u32, u8),
}

const fn plain(colour: Color) -> Style {
    Style::new().fg(colour)
}

const DIM: Style = Style::new().add_modifier(Modifier::DIM);
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

/// For a background that is not known: sixteen colours only, so the others stand unused.
const TERMINAL: Tints = Tints {
    critical: Tint(0, 0, plain(Color::Red)),
    high: Tint(0, 0, plain(Color::Magenta)),
    medium: Tint(0, 0, plain(Color::Yellow)),
    low: Tint(0, 0, DIM),
    accent: Tint(0, 0, BOLD),
    identity: Tint(0, 0, Style::new()),
    label: Tint(0, 0, DIM),
    selection: (0, 0),
};

const DARK: Tints = Tints {
    critical: Tint(0xf7_768e, 210, plain(Color::LightRed)),
    high: Tint(0xff_9e64, 215, plain(Color::LightYellow)),
    medium: Tint(0xe0_af68, 179, plain(Color::Yellow)),
    low: Tint(0x9a_a3af, 248, DIM),
    accent: Tint(0x7d_cfff, 117, plain(Color::LightCyan)),
    identity: Tint(0x9e_ce6a, 149, plain(Color::LightGreen)),
    label: Tint(0x9a_a2c4, 146, DIM),
    selection: (0x28_3457, 236),
};

const LIGHT: Tints = Tints {
    critical: Tint(0xb4_233c, 124, plain(Color::Red)),
    high: Tint(0x94_4800, 94, plain(Color::Magenta)),
    medium: Tint(0x6b_5500, 58, Style::new()),
    low: Tint(0x59_616a, 240, DIM),
    accent: Tint(0x07_57b8, 25, BOLD),
    identity: Tint(0x17_6b2c, 22, Style::new()),
    label: Tint(0x4f_5861, 239, DIM),
    selection: (0xdb_e7f5, 254),
};

const BLIND_DARK: Tints = Tints {
    critical: Tint(0xff_7f32, 209, plain(Color::LightRed)),
    high: Tint(0xe6_9ae0, 176, plain(Color::LightMagenta)),
    medium: Tint(0xf0_e442, 221, plain(Color::LightYellow)),
    low: Tint(0xa8_a8a8, 248, DIM),
    accent: Tint(0x56_b4e9, 74, plain(Color::LightCyan)),
    identity: Tint(0x56_b4e9, 74, plain(Color::LightCyan)),
    label: Tint(0xa0_a0b8, 146, DIM),
    selection: (0x28_3457, 236),
};

const BLIND_LIGHT: Tints = Tints {
    critical: Tint(0xa0_3f00, 88, plain(Color::Red)),
    high: Tint(0x8f_3f78, 90, plain(Color::Magenta)),
    medium: Tint(0x00_5f99, 24, Style::new()),
    low: Tint(0x59_616a, 240, DIM),
    accent: Tint(0x07_57b8, 25, BOLD),
    identity: Tint(0x07_57b8, 25, Style::new()),
    label: Tint(0x4f_5861, 239, DIM),
    selection: (0xdb_e7f5, 254),
};

impl Theme {
    /// Returns the theme that was chosen. For `Auto`, `no_color` decides, and the background once that is known.
    pub(crate) fn chosen(choice: ThemeChoice, no_color: bool, depth: ColourDepth) -> Self {
        let palette = match (choice, no_color) {
            (ThemeChoice::Auto, true) | (ThemeChoice::Mono, _) => Palette::Mono,
            (ThemeChoice::Auto, false) | (ThemeChoice::Terminal, _) => Palette::Terminal,
            (ThemeChoice::Dark, _) => Palette::Dark,
            (ThemeChoice::Light, _) => Palette::Light,
            (ThemeChoice::HighContrast, _) => Palette::HighContrast,
            (ThemeChoice::ColourBlind, _) => Palette::ColourBlind,
        };
        Self { palette, depth, light: false, auto: choice == ThemeChoice::Auto && !no_color }
    }

    /// The theme for a background that is known now. A palette that somebody has chosen stays.
    pub(crate) const fn on_background(self, light: bool) -> Self {
        let palette = match (self.auto, light) {
            (true, true) => Palette::Light,
            (true, false) => Palette::Dark,
            (false, _) => self.palette,
        };
        Self { palette, light, ..self }
    }

    /// The terminal's own colours, or none.
    pub(crate) const fn new(colours: bool) -> Self {
        let palette = if colours { Palette::Terminal } else { Palette::Mono };
        Self { palette, depth: ColourDepth::Sixteen, light: false, auto: false }
    }

    /// The next one, for a key that goes through them.
    pub(crate) fn next(self) -> Self {
        let at = PALETTES.iter().position(|(palette, _)| *palette == self.palette).unwrap_or(0);
        let next = PALETTES.iter().cycle().nth(at + 1);
        next.map_or(self, |(palette, _)| Self { palette: *palette, auto: false, ..self })
    }

    /// Name of the theme, as in the settings.
    pub(crate) fn name(self) -> &'static str {
        PALETTES.iter().find(|(palette, _)| *palette == self.palette).map_or("", |(_, name)| *name)
    }

    /// The palette's colours; `None` where there is only weight.
    const fn tints(self) -> Option<&'static Tints> {
        match self.palette {
            Palette::Terminal => Some(&TERMINAL),
            Palette::Dark => Some(&DARK),
            Palette::Light => Some(&LIGHT),
            Palette::ColourBlind if self.light => Some(&BLIND_LIGHT),
            Palette::ColourBlind => Some(&BLIND_DARK),
            Palette::Mono | Palette::HighContrast => None,
        }
    }

    /// Number of colours that the palette may take from.
    fn depth(self) -> ColourDepth {
        if self.palette == Palette::Terminal { ColourDepth::Sixteen } else { self.depth }
    }

    /// The style of a meaning; `weight` where there are no colours.
    fn tint(self, of: fn(&Tints) -> &Tint, weight: Style) -> Style {
        let Some(Tint(rgb, index, sixteen)) = self.tints().map(of) else { return weight };
        match self.depth() {
            ColourDepth::True => Style::new().fg(Color::from_u32(*rgb)),
            ColourDepth::Indexed => Style::new().fg(Color::Indexed(*index)),
            ColourDepth::Sixteen => *sixteen,
        }
    }

    /// True where colours tell things apart.
    pub(crate) const fn has_colours(self) -> bool {
        !matches!(self.palette, Palette::Mono | Palette::HighContrast)
    }

    pub(crate) fn severity(self, severity: Option<Severity>) -> Style {
        let high_contrast = self.palette == Palette::HighContrast;
        match severity {
            Some(Severity::Critical) if high_contrast => {
                Style::new().add_modifier(Modifier::BOLD.union(Modifier::REVERSED))
            }
            Some(Severity::High) if high_contrast => {
                Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
            }
            Some(Severity::Medium) if high_contrast => BOLD,
            Some(Severity::Critical) => self.tint(|tints| &tints.critical, BOLD).add_modifier(Modifier::BOLD),
            Some(Severity::High) => self.tint(|tints| &tints.high, BOLD),
            Some(Severity::Medium) => self.tint(|tints| &tints.medium, Style::new()),
            Some(Severity::Low) => self.tint(|tints| &tints.low, Style::new()),
            None => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    /// Style that is put over the selected row: a background under the row's own colours, or, where the sixteen
    /// colours have none for it, the row reversed without its colours, which would become blocks.
    pub(crate) fn selected(self) -> Style {
        match (self.tints(), self.depth()) {
            (Some(tints), ColourDepth::True) => Style::new().bg(Color::from_u32(tints.selection.0)),
            (Some(tints), ColourDepth::Indexed) => Style::new().bg(Color::Indexed(tints.selection.1)),
            _ => {
                Style::new().fg(Color::Reset).remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED)
            }
        }
    }

    /// Style of things that are done with.
    pub(crate) const fn faded() -> Style {
        DIM
    }

    pub(crate) const fn strong() -> Style {
        BOLD
    }

    /// Style of a search's hits.
    pub(crate) const fn hit() -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED.union(Modifier::BOLD))
    }

    /// Names of fields and columns, as against their values.
    pub(crate) fn label(self) -> Style {
        let weight = if self.palette == Palette::HighContrast { Style::new() } else { DIM };
        self.tint(|tints| &tints.label, weight)
    }

    /// Keys that can be pressed, the current tab, and the border of the focused pane.
    pub(crate) fn accent(self) -> Style {
        self.tint(|tints| &tints.accent, BOLD)
    }

    /// Names of actors and targets.
    pub(crate) fn identity(self) -> Style {
        self.tint(|tints| &tints.identity, Style::new())
    }

    pub(crate) fn good(self) -> Style {
        match (self.palette, self.depth()) {
            (Palette::Terminal, _) => plain(Color::Green),
            _ => self.identity(),
        }
    }

    pub(crate) fn bad(self) -> Style {
        self.severity(Some(Severity::Critical))
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
        let chosen = |choice, no_color, light: Option<bool>| {
            let theme = Theme::chosen(choice, no_color, ColourDepth::True);
            light.map_or(theme, |light| theme.on_background(light)).name()
        };
        assert_eq!(chosen(ThemeChoice::Auto, false, None), "terminal");
        assert_eq!(chosen(ThemeChoice::Auto, false, Some(true)), "light");
        assert_eq!(chosen(ThemeChoice::Auto, false, Some(false)), "dark");
        assert_eq!(chosen(ThemeChoice::Auto, true, Some(false)), "mono");
        assert_eq!(chosen(ThemeChoice::Dark, true, Some(true)), "dark");
        assert_eq!(chosen(ThemeChoice::Terminal, false, Some(true)), "terminal");
        // Once round with the key, before the answer.
        let round = std::iter::successors(
            Some(Theme::chosen(ThemeChoice::Auto, false, ColourDepth::True)),
            |theme| Some(theme.next()),
        );
        assert_eq!(round.skip(1).map(|theme| theme.on_background(true).name()).nth(5), Some("terminal"));
    }

    #[test]
    fn the_key_goes_through_all_of_them() {
        let names: Vec<_> = std::iter::successors(Some(Theme::new(true)), |theme| Some(theme.next()))
            .take(7)
            .map(Theme::name)
            .collect();
        assert_eq!(names, ["terminal", "dark", "light", "mono", "high-contrast", "colour-blind", "terminal"]);
    }

    const DEPTHS: [ColourDepth; 3] = [ColourDepth::Sixteen, ColourDepth::Indexed, ColourDepth::True];

    /// Each theme with its name, its variants and numbers of colours.
    fn themes() -> impl Iterator<Item = (Theme, &'static str)> {
        PALETTES.into_iter().flat_map(|(palette, name)| {
            let variants =
                [false, true].into_iter().flat_map(move |light| DEPTHS.map(|depth| (light, depth)));
            variants.map(move |(light, depth)| (Theme { palette, depth, light, auto: false }, name))
        })
    }

    #[test]
    fn no_theme_paints_a_background_or_takes_a_colour_that_may_be_one_or_blue() {
        for (theme, name) in themes() {
            let severities = ALL.map(|severity| theme.severity(severity));
            let others = [theme.label(), theme.good(), theme.accent(), theme.identity(), theme.bad()];
            for style in severities.into_iter().chain(others) {
                assert_eq!(style.bg, None, "{name}");
                let never = [
                    Color::Black,
                    Color::White,
                    Color::DarkGray,
                    Color::Gray,
                    Color::Blue,
                    Color::LightBlue,
                    Color::Indexed(4),
                ];
                assert!(!style.fg.is_some_and(|colour| never.contains(&colour)), "{name}");
            }
        }
    }

    #[test]
    fn the_severities_look_different_in_each_theme() {
        for (theme, name) in themes() {
            let styles = ALL.map(|severity| theme.severity(severity));
            for (at, style) in styles.iter().enumerate() {
                // Without colours the word and its sign tell the rest.
                let same = styles[..at].contains(style);
                assert!(!same || theme.palette == Palette::Mono, "{name}: {style:?}");
            }
        }
    }

    fn rgb(colour: Color) -> [u8; 3] {
        match colour {
            Color::Rgb(r, g, b) => [r, g, b],
            Color::Indexed(grey @ 232..) => [8 + 10 * (grey - 232); 3],
            Color::Indexed(cube @ 16..) => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                [(cube - 16) / 36, (cube - 16) / 6 % 6, (cube - 16) % 6].map(level)
            }
            other => panic!("{other:?} is the terminal's own"),
        }
    }

    /// WCAG 2.1's contrast ratio.
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let linear = |value: f64| {
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let light = |colour: [u8; 3]| {
            let [r, g, b] = colour.map(|value| linear(f64::from(value) / 255.0));
            0.2126f64.mul_add(r, 0.7152f64.mul_add(g, 0.0722 * b)) + 0.05
        };
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_text_is_legible_on_the_backgrounds_of_its_theme_and_on_the_selection() {
        let (dark, light) = ([[0; 3], [0x1e; 3]], [[0xff; 3], [0xfd, 0xf6, 0xe3]]);
        let designed = [Palette::Dark, Palette::Light, Palette::ColourBlind];
        for (theme, name) in themes() {
            if !designed.contains(&theme.palette) || theme.depth == ColourDepth::Sixteen {
                continue;
            }
            let is_light =
                theme.palette == Palette::Light || theme.palette == Palette::ColourBlind && theme.light;
            let mut backgrounds = if is_light { light } else { dark }.to_vec();
            backgrounds.push(rgb(theme.selected().bg.unwrap()));
            let severities = ALL[..4].iter().map(|severity| theme.severity(*severity));
            for style in severities.chain([theme.label(), theme.good(), theme.accent(), theme.identity()]) {
                for background in &backgrounds {
                    let ratio = contrast(rgb(style.fg.unwrap()), *background);
                    assert!(
                        ratio >= 4.5,
                        "{name}, {:?}: {style:?} on {background:?} is {ratio:.2}",
                        theme.depth
                    );
                }
            }
        }
    }
}
