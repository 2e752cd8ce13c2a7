//! The one question that is asked of the terminal: the colour of its background (OSC 11, in xterm's `ctlseqs`).
//!
//! The answer comes among the keys, and the theme changes then. Only quitting and Ctrl-Z wait for it, a second at most.

use std::env;

use xterm_color::Color;

/// The question. It ends with BEL, since rxvt-unicode ends an answer to ST with half of one.
pub(crate) const QUESTION: &[u8] = b"\x1b]11;?\x07";

/// True where the terminal may answer, and shows nothing of the question: not the Linux console, GNU Screen or Eterm.
pub(crate) fn may_answer() -> bool {
    env::var("TERM").is_ok_and(|term| {
        !matches!(term.as_str(), "" | "dumb" | "linux" | "screen" | "Eterm") && !term.starts_with("screen.")
    })
}

/// Tells from an answer, without what begins and ends it, whether the background is light: `11;rgb:ffff/ffff/ffff`.
/// `None` where it is the answer to another question. Lightness is that of CIE L*: the middle is `#777777`.
pub(crate) fn is_light(answer: &str) -> Option<bool> {
    let colour = Color::parse(answer.strip_prefix("11;")?.as_bytes()).ok()?;
    Some(colour.perceived_lightness() > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_tells_whether_the_background_is_light() {
        for (answer, light) in [
            ("11;rgb:ffff/ffff/ffff", Some(true)),
            ("11;rgb:fdfd/f6f6/e3e3", Some(true)),
            ("11;rgba:ffff/ffff/ffff/ffff", Some(true)),
            ("11;#fdf6e3", Some(true)),
            ("11;rgb:0000/2b2b/3636", Some(false)),
            ("11;rgb:00/00/00", Some(false)),
            ("10;rgb:ffff/ffff/ffff", None),
            ("11;?", None),
            ("", None),
        ] {
            assert_eq!(is_light(answer), light, "{answer}");
        }
    }
}
