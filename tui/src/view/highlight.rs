//! Marks the hits of a search in the open alert, each at its place in a line.

use ratatui::text::Span;
use regex::Regex;

use crate::theme::Theme;

/// The same text in pieces, of which those that are hits look like hits.
pub(crate) fn hits(span: Span<'static>, pattern: Option<&Regex>) -> Vec<Span<'static>> {
    let Some(pattern) = pattern else { return vec![span] };
    let (text, style) = (span.content.as_ref(), span.style);
    let (mut pieces, mut from) = (Vec::new(), 0);
    let mut piece = |range: std::ops::Range<usize>, style| {
        if let Some(piece) = text.get(range).filter(|piece| !piece.is_empty()) {
            pieces.push(Span::styled(piece.to_owned(), style));
        }
    };
    for found in pattern.find_iter(text) {
        piece(from..found.start(), style);
        piece(found.range(), style.patch(Theme::hit()));
        from = found.end();
    }
    piece(from..text.len(), style);
    pieces
}

#[cfg(test)]
mod tests {
    use crate::view::highlight::*;

    #[test]
    fn a_hit_is_cut_out_and_nothing_is_lost() {
        let pieces = |text: &'static str, pattern| {
            let pieces = hits(Span::raw(text), Some(&Regex::new(pattern).unwrap()));
            let is_hit = |piece: &Span<'_>| piece.style == Theme::hit();
            pieces.iter().map(|piece| (piece.content.to_string(), is_hit(piece))).collect::<Vec<_>>()
        };
        let piece = |text: &str, is_hit| (text.to_owned(), is_hit);
        assert_eq!(
            pieces("abcab", "b"),
            [piece("a", false), piece("b", true), piece("ca", false), piece("b", true)]
        );
        assert_eq!(pieces("é", "x*"), [piece("é", false)], "a pattern that needs nothing marks nothing");
        assert_eq!(pieces("", "x"), []);
    }
}
