//! Text on a grid of cells: how wide it is, where it is cut, how it is wrapped. Only [`SafeText`]
//! and our own words come here, so no character moves anything.

use std::fmt::Write as _;

use detector::SafeText;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Cells that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in exactly so many cells: cut with a mark, or filled up.
pub(crate) fn fit(text: &str, cells: usize) -> String {
    let whole = width(text);
    if whole <= cells {
        return format!("{text}{}", " ".repeat(cells - whole));
    }
    let (mut out, mut used) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        let next = used + width(grapheme);
        // One cell is for the mark.
        if next + 1 > cells {
            break;
        }
        out.push_str(grapheme);
        used = next;
    }
    if cells > 0 {
        out.push('…');
        used += 1;
    }
    out.push_str(&" ".repeat(cells.saturating_sub(used)));
    out
}

/// The text in exactly so many cells: cut behind its middle, with a mark, or filled up. Of a name both ends stay,
/// which tell names apart.
pub(crate) fn fit_middle(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return fit(text, cells);
    }
    let (mut head, mut used) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells * 3 / 5 {
            break;
        }
        head = at + grapheme.len();
    }
    let (head, rest) = text.split_at_checked(head).unwrap_or(("", text));
    fit(&format!("{head}{}", fit_end(rest, cells - width(head))), cells)
}

/// The end of a text in at most so many cells, with a mark where something is cut off before it.
pub(crate) fn fit_end(text: &str, cells: usize) -> String {
    let mut from = 0;
    let all = width(text);
    if all <= cells {
        return text.to_owned();
    }
    let mut left = all;
    for (at, grapheme) in text.grapheme_indices(true) {
        // One cell is for the mark.
        if left < cells {
            break;
        }
        left -= width(grapheme).min(left);
        from = at + grapheme.len();
    }
    let mark = if cells > 0 { "…" } else { "" };
    format!("{mark}{}", text.get(from..).unwrap_or_default())
}

/// The text without its first cells; a mark stands for what is gone.
pub(crate) fn skip(text: &str, cells: usize) -> String {
    if cells == 0 {
        return text.to_owned();
    }
    fit_end(text, width(text).saturating_sub(cells).max(1))
}

/// The text in lines of at most so many cells, broken at spaces where there are any.
pub(crate) fn wrap(text: &SafeText, cells: usize) -> Vec<SafeText> {
    let cells = cells.max(8);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.as_str().split_inclusive(' ') {
        // The space behind a word may hang over the edge; then it is left out.
        let wide = width(word.trim_end_matches(' '));
        if used + wide > cells && used > 0 && wide <= cells {
            lines.push(String::new());
            used = 0;
        }
        let word = if used + width(word) > cells && used + wide <= cells {
            word.trim_end_matches(' ')
        } else {
            word
        };
        for grapheme in word.graphemes(true) {
            let wide = width(grapheme);
            if used + wide > cells {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
            used += wide;
        }
    }
    lines.into_iter().map(SafeText::from).collect()
}

/// A shell command in lines of at most so many cells: broken at blanks outside of quotes, with a backslash at the end of
/// each but the last, so that what is selected with the mouse is the same command. A longer quoted word is broken where
/// the line ends.
pub(crate) fn shell_lines(command: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(16);
    let (mut words, mut quote) = (vec![String::new()], None);
    for c in command.chars() {
        match (c, quote) {
            (' ', None) => {
                words.push(String::new());
                continue;
            }
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        // Room for the space and the backslash.
        let fits = lines.last().is_some_and(|line| width(line) + 1 + width(&word) + 2 <= cells);
        match lines.last_mut() {
            Some(line) if fits => line.extend([" ", &word]),
            Some(line) => {
                line.push_str(" \\");
                lines.push(format!("  {word}"));
            }
            None => lines.push(word),
        }
    }
    let broken = |line: String| {
        let mut parts = vec![String::new()];
        let mut used = 0;
        for grapheme in line.graphemes(true) {
            if used + width(grapheme) > cells {
                parts.push(String::new());
                used = 0;
            }
            used += width(grapheme);
            if let Some(part) = parts.last_mut() {
                part.push_str(grapheme);
            }
        }
        parts
    };
    lines.into_iter().flat_map(broken).collect()
}

/// JSON that is the same to every reader and holds nothing that acts: what is not safe as text is
/// there as `\\uXXXX`. For what is already JSON, with line ends between its parts.
pub(crate) fn inert_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || is_safe(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// A text as a JSON string.
pub(crate) fn json_text(text: &str) -> String {
    inert_json(&serde_json::Value::from(text).to_string())
}

/// True where safe text keeps the character as it is.
pub(crate) fn is_safe(c: char) -> bool {
    c.is_ascii_graphic() || c == ' ' || {
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        SafeText::new(text).as_str() == text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cut_text_says_so() {
        assert_eq!(fit("CreateUser", 12), "CreateUser  ");
        assert_eq!(fit("CreateUser", 6), "Creat…");
        assert_eq!(fit("東京東京", 4), "東… ");
        assert_eq!(fit("x", 0), "");
        assert_eq!(fit_middle("svc-backup-eu", 9), "svc-b…-eu");
        assert_eq!(fit_middle("svc", 5), "svc  ");
    }

    #[test]
    fn json_is_inert_and_stays_what_it_is() {
        let text = "a\u{1b}[2J\u{202e}\u{e0041}東\n";
        let json = json_text(text);
        assert_eq!(json, r#""a\u001b[2J\u202e\udb40\udc41東\n""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    proptest! {
        #[test]
        fn any_text_takes_the_cells_it_is_given(text in any::<String>(), cells in 0..40_usize) {
            prop_assert_eq!(width(&fit(SafeText::new(&text).as_str(), cells)), cells);
            prop_assert_eq!(width(&fit_middle(SafeText::new(&text).as_str(), cells)), cells);
        }

        #[test]
        fn the_end_of_a_text_fits(text in any::<String>(), cells in 0..40_usize) {
            let end = fit_end(SafeText::new(&text).as_str(), cells);
            prop_assert!(width(&end) <= cells, "{:?}", end);
        }

        #[test]
        fn wrapping_loses_nothing_but_spaces(text in any::<String>(), cells in 8..40_usize) {
            let text = SafeText::new(&text);
            let lines = wrap(&text, cells);
            let squeeze = |text: &str| text.replace(' ', "");
            let joined: String = lines.iter().map(|line| squeeze(line.as_str())).collect();
            prop_assert_eq!(joined, squeeze(text.as_str()));
            prop_assert!(lines.iter().all(|line| width(line.as_str()) <= cells), "{:?}", lines);
        }
    }
}
