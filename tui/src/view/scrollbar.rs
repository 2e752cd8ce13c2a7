//! Scrollbar at the right edge of the list or the detail, where it is longer than the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::theme::Theme;

/// Draws that of so many lines these are shown, from `top` on.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, top: usize, shown: usize, all: usize, theme: Theme) {
    let Some((from, to)) = thumb(usize::from(area.height), top, shown, all) else { return };
    for (place, y) in (area.top()..area.bottom()).enumerate() {
        if (from..to).contains(&place) {
            buffer.set_string(area.x, y, "┃", theme.label());
        } else if buffer.cell((area.x, y)).is_some_and(|cell| cell.symbol() != "│") {
            // On a frame, its line is the track.
            buffer.set_string(area.x, y, "│", theme.label());
        }
    }
}

/// The part of a bar of this height that stands for what is on the screen.
fn thumb(height: usize, top: usize, shown: usize, all: usize) -> Option<(usize, usize)> {
    if all <= shown || height == 0 {
        return None;
    }
    let long = (height * shown / all).max(1);
    let from = (height - long) * top.min(all - shown) / (all - shown);
    Some((from, from + long))
}

#[cfg(test)]
mod tests {
    use crate::view::scrollbar::thumb;

    #[test]
    fn the_bar_stands_at_both_ends_where_the_list_does() {
        assert_eq!(thumb(10, 0, 20, 20), None);
        assert_eq!(thumb(10, 0, 20, 40), Some((0, 5)));
        assert_eq!(thumb(10, 20, 20, 40), Some((5, 10)));
        assert_eq!(thumb(10, 99_980, 20, 100_000), Some((9, 10)));
        assert_eq!(thumb(0, 0, 0, 5), None);
    }
}
