//! Themes, the list of actions and what is switched off, as snapshots; and what holds of every theme.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::app::State;
use crate::app::detail::Tab;
use crate::settings::{ColourDepth, ThemeChoice};
use crate::theme::Theme;
use crate::view::testing::{press, screen, screen_in, state_with, type_in};

/// Every theme once.
fn themes() -> impl Iterator<Item = Theme> {
    std::iter::successors(Some(Theme::new(true)), |theme| Some(theme.next())).take(6)
}

/// A screen's text and the map of its styles.
fn parts(state: &State, theme: Theme) -> (String, String) {
    let screen = screen_in(state, theme);
    let (text, map) = screen.split_once("\n\n").unwrap();
    (text.to_owned(), map.to_owned())
}

#[test]
fn nothing_is_said_by_colour_alone_and_the_selection_shows_in_every_theme() {
    for (width, height) in [(40, 8), (80, 24), (120, 40), (200, 60)] {
        let mut state = state_with(width, height, 90);
        press(&mut state, KeyCode::Char('j'));
        let (text, _) = parts(&state, Theme::new(false));
        for theme in themes() {
            let (same, map) = parts(&state, theme);
            assert_eq!(text, same, "{} at {width}x{height}", theme.name());
            assert!(map.contains("REVERSED"), "{} at {width}x{height}", theme.name());
        }
    }
}

#[test]
fn a_long_list_at_200x60() {
    let mut state = state_with(200, 60, 300);
    press(&mut state, KeyCode::Char('G'));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn light_high_contrast_and_colour_blind_at_80x24() {
    let mut state = state_with(80, 24, 30);
    press(&mut state, KeyCode::Char('j'));
    for (name, choice) in [
        ("light", ThemeChoice::Light),
        ("dark", ThemeChoice::Dark),
        ("high-contrast", ThemeChoice::HighContrast),
        ("colour-blind", ThemeChoice::ColourBlind),
    ] {
        assert_snapshot!(name, screen_in(&state, Theme::chosen(choice, false, ColourDepth::Sixteen)));
    }
}

/// List and detail at each size: one text, and a map of its styles for each look.
#[test]
fn each_size_on_light_without_colours_and_in_the_terminals_16() {
    let looks = [("light", ThemeChoice::Light), ("mono", ThemeChoice::Mono), ("16", ThemeChoice::Terminal)];
    for (width, height) in [(40, 8), (80, 24), (120, 40), (200, 60)] {
        let mut state = state_with(width, height, 30);
        type_in(&mut state, "jmja");
        for (place, key) in [("list", None), ("detail", Some(KeyCode::Enter))] {
            if let Some(key) = key {
                press(&mut state, key);
            }
            let (text, _) = parts(&state, Theme::new(false));
            let maps = looks.map(|(name, choice)| {
                let (same, map) = parts(&state, Theme::chosen(choice, false, ColourDepth::Sixteen));
                assert_eq!(text, same, "{name} at {width}x{height}");
                format!("{name}:\n{map}")
            });
            assert_snapshot!(format!("{place}_{width}x{height}"), format!("{text}\n\n{}", maps.join("\n")));
        }
    }
}

/// One text a tab, and a map of its styles for each look: what the maps tell apart, the text must too.
#[test]
fn each_tab_on_light_without_colours_and_in_the_terminals_16_at_120x40() {
    let looks = [("light", ThemeChoice::Light), ("mono", ThemeChoice::Mono), ("16", ThemeChoice::Terminal)];
    let mut state = state_with(120, 40, 3);
    press(&mut state, KeyCode::Enter);
    for tab in Tab::ALL {
        let (text, _) = parts(&state, Theme::new(false));
        let maps = looks.map(|(name, choice)| {
            let (same, map) = parts(&state, Theme::chosen(choice, false, ColourDepth::Sixteen));
            assert_eq!(text, same, "{name}");
            format!("{name}:\n{map}")
        });
        assert_snapshot!(
            format!("tab_{}", tab.name().to_lowercase()),
            format!("{text}\n\n{}", maps.join("\n"))
        );
        press(&mut state, KeyCode::Char(']'));
    }
}

#[test]
fn what_is_typed_finds_actions_at_80x24() {
    let mut state = state_with(80, 24, 3);
    for key in ":page".chars() {
        press(&mut state, KeyCode::Char(key));
    }
    press(&mut state, KeyCode::Down);
    assert_snapshot!(screen(&state, true));
}

#[test]
fn the_list_of_actions_on_the_smallest_screen_follows_the_cursor() {
    let mut state = state_with(40, 8, 3);
    press(&mut state, KeyCode::Char('?'));
    for _ in 0..7 {
        press(&mut state, KeyCode::Down);
    }
    assert_snapshot!(screen(&state, true));
}

#[test]
fn what_is_switched_off_is_said_in_ascii_too() {
    let mut state = state_with(100, 12, 30);
    state.shell_mut().ascii = true;
    press(&mut state, KeyCode::F(3));
    press(&mut state, KeyCode::F(2));
    let screen = screen(&state, true);
    assert!(screen.is_ascii(), "{screen}");
    assert_snapshot!(screen);
}
