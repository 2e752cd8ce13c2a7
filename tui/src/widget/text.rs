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

/// Quoting of a place in a shell command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Plain,
    /// `'…'`
    Single,
    /// `"…"` and `$'…'`, in which a backslash takes the next character.
    Escapes(char),
}

/// Returns the words of a shell command; of each character, whether a line may be continued before it, which is so
/// outside of quotes.
fn shell_words(command: &str) -> Vec<Vec<(char, bool)>> {
    let (mut words, mut quoting, mut escaped, mut last) = (vec![Vec::new()], Quoting::Plain, false, ' ');
    for c in command.chars() {
        let is_plain = quoting == Quoting::Plain && !escaped;
        if is_plain && c == ' ' {
            words.push(Vec::new());
            last = c;
            continue;
        }
        if let Some(word) = words.last_mut() {
            // `$` and its quote stay together.
            word.push((c, is_plain && !(c == '\'' && last == '$')));
        }
        if escaped {
            escaped = false;
        } else {
            match (quoting, c) {
                (Quoting::Plain | Quoting::Escapes(_), '\\') => escaped = true,
                (Quoting::Plain, '\'') if last == '$' => quoting = Quoting::Escapes('\''),
                (Quoting::Plain, '\'') => quoting = Quoting::Single,
                (Quoting::Plain, '"') => quoting = Quoting::Escapes('"'),
                (Quoting::Single, '\'') => quoting = Quoting::Plain,
                (Quoting::Escapes(end), c) if c == end => quoting = Quoting::Plain,
                _ => {}
            }
        }
        last = c;
    }
    words
}

/// A shell command in lines of at most so many cells, broken at blanks outside of quotes, with a backslash at the end
/// of each but the last: what is selected with the mouse is the same command. A word longer than a line is broken
/// where the line ends, outside of quotes with a backslash too, so that no part of it stands as a command of its own.
pub(crate) fn shell_lines(command: &str, cells: usize) -> Vec<String> {
    // Room for the backslash, with a space before it.
    let room = cells.max(16) - 2;
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in shell_words(command) {
        let wide: usize = word.iter().map(|(c, _)| width(c.encode_utf8(&mut [0; 4]))).sum();
        let Some(line) = lines.last_mut() else { continue };
        let is_first = line.is_empty();
        if !is_first && used + 1 + wide <= room {
            line.push(' ');
            used += 1;
        } else if !is_first {
            line.push_str(" \\");
            lines.push("  ".to_owned());
            used = 2;
        }
        for (c, may_continue) in word {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if used + wide > room {
                if let Some(line) = lines.last_mut().filter(|_| may_continue) {
                    line.push('\\');
                }
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += wide;
        }
    }
    lines
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

    proptest! {
        /// Bare words of any length, and quoted ones that fit into a line, are the same words to a shell.
        #[test]
        fn the_lines_of_a_command_are_the_same_command(
            words in prop::collection::vec("[a-z]{1,90}|[a-z '\"\\\\$]{1,6}", 1..9),
            cells in 60_usize..80,
        ) {
            let words: Vec<_> = words.iter().map(|word| shlex::try_quote(word).unwrap()).collect();
            let lines = shell_lines(&words.join(" "), cells);
            prop_assert!(lines.iter().all(|line| width(line) <= cells), "{lines:?}");
            prop_assert_eq!(shlex::split(&lines.join("\n").replace("\\\n", "")), shlex::split(&words.join(" ")), "{:?}", lines);
        }
    }

    #[test]
    fn no_line_of_a_long_word_is_a_command_of_its_own() {
        let arn = format!("arn:aws:iam::111122223333:policy/{}", "reboot".repeat(9));
        let lines = shell_lines(&format!("aws iam detach --policy-arn {arn} --user-name x"), 40);
        let (last, others) = lines.split_last().unwrap();
        assert!(others.iter().all(|line| line.ends_with('\\')) && !last.ends_with('\\'), "{lines:?}");
        let escaped = r#"aws x --y $'a\'b c d e f g h i j' "q\"r s t u v w x y z""#;
        let lines = shell_lines(escaped, 30);
        assert_eq!(lines, [r"aws x --y \", r"  $'a\'b c d e f g h i j' \", r#"  "q\"r s t u v w x y z""#]);
    }

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
