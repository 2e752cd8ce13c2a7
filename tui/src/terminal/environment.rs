//! Properties of the terminal that the environment tells.

use std::env;

use crate::settings::ColourDepth;

fn term() -> String {
    env::var("TERM").unwrap_or_default()
}

/// A terminal that can't move its cursor, so no screen can be drawn on it.
pub(crate) fn is_dumb() -> bool {
    term() == "dumb"
}

/// `NO_COLOR`, <https://no-color.org>.
pub(crate) fn is_without_colours() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Number of the terminal's colours, from `COLORTERM` and `TERM`; sixteen where they do not tell.
pub(crate) fn colour_depth() -> ColourDepth {
    depth(&env::var("COLORTERM").unwrap_or_default(), &term())
}

fn depth(colorterm: &str, term: &str) -> ColourDepth {
    if matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct") {
        ColourDepth::True
    } else if term.contains("256color") {
        ColourDepth::Indexed
    } else {
        ColourDepth::Sixteen
    }
}

/// True where the window has a title; the Linux console has no window.
pub(super) fn has_title() -> bool {
    term() != "linux"
}

/// True where the locale is not UTF-8, so that only ASCII may be drawn. With no locale set, UTF-8 is assumed.
pub(crate) fn is_ascii() -> bool {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    locale.is_some_and(|locale| !is_utf8(&locale))
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_colours_is_of_the_environment() {
        assert_eq!(depth("truecolor", "xterm-256color"), ColourDepth::True);
        assert_eq!(depth("24bit", "tmux-256color"), ColourDepth::True);
        assert_eq!(depth("", "xterm-direct"), ColourDepth::True);
        assert_eq!(depth("", "screen-256color"), ColourDepth::Indexed);
        assert_eq!(depth("", "linux"), ColourDepth::Sixteen);
    }

    #[test]
    fn locales_say_their_charset_at_the_end() {
        for locale in ["de_DE.UTF-8", "C.utf8", "en_US.UTF8"] {
            assert!(is_utf8(locale), "{locale}");
        }
        for locale in ["C", "POSIX", "de_DE.ISO-8859-1", "de_DE@euro"] {
            assert!(!is_utf8(locale), "{locale}");
        }
    }
}
