//! Text on a grid of cells: how wide it is, where it is cut, how it is wrapped. Only [`SafeText`]
//! and our own words come here, so no character moves anything.

use detector::SafeText;
use jiff::Timestamp;
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

/// `1,234,567`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `950 records/s`, `85k records/s`, `1.2M records/s`.
pub(crate) fn rate(records: u64) -> String {
    match records {
        ..10_000 => format!("{} records/s", number(records)),
        10_000..1_000_000 => format!("{}k records/s", records / 1_000),
        _ => format!("{}.{}M records/s", number(records / 1_000_000), records / 100_000 % 10),
    }
}

/// `2026-11-24 02:03:04`, in UTC.
pub(crate) fn date_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `42 s`, `5 min`, `3 h`, `2 d`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
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
    }

    proptest! {
        #[test]
        fn any_text_takes_the_cells_it_is_given(text in any::<String>(), cells in 0..40_usize) {
            prop_assert_eq!(width(&fit(SafeText::new(&text).as_str(), cells)), cells);
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
