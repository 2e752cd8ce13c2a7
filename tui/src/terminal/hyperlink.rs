//! Hyperlinks by OSC 8: the cells of a link are written once more after the frame, between the link's start and end.
//! The cells of a link that is gone are written once more without it.
//!
//! <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>

use std::io::{self, Write};

use crossterm::cursor::{RestorePosition, SavePosition};
use crossterm::queue;
use crossterm::style::Print;
use ratatui::backend::Backend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;

use crate::widget::hyperlink::Hyperlink;
use crate::widget::text;

/// A cell and its place.
type Placed = (u16, u16, Cell);

/// Returns the cells of a link that are within the screen, of a wide character the first alone.
pub(super) fn cells(link: &Hyperlink, buffer: &Buffer) -> Vec<Placed> {
    let mut cells = Vec::new();
    let mut x = link.x;
    while x < link.x.saturating_add(link.width) {
        let Some(cell) = buffer.cell(Position::new(x, link.y)) else { break };
        cells.push((x, link.y, cell.clone()));
        x = x.saturating_add(u16::try_from(text::width(cell.symbol())).unwrap_or(1).max(1));
    }
    cells
}

/// Writes the cells that are a link no more, and those of each link with its address. The cursor stays.
pub(super) fn write<B: Backend<Error = io::Error> + Write>(
    backend: &mut B,
    gone: &[Placed],
    links: &[(Vec<Placed>, &Hyperlink)],
) -> io::Result<()> {
    if links.is_empty() && gone.is_empty() {
        return Ok(());
    }
    queue!(backend, SavePosition)?;
    backend.draw(gone.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
    for (cells, link) in links {
        queue!(backend, Print(format!("\x1b]8;;{}\x1b\\", inert(&link.url))))?;
        backend.draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
        queue!(backend, Print("\x1b]8;;\x1b\\"))?;
    }
    queue!(backend, RestorePosition)
}

/// Returns an address without anything that could end the escape sequence.
fn inert(url: &str) -> String {
    url.chars().filter(|char| matches!(char, '!'..='~')).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_link_stands_between_its_start_and_end_and_changes_nothing_on_the_screen() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        buffer.set_string(3, 1, "T1098", Style::new());
        let url = "https://attack.mitre.org/techniques/T1098/\u{7}\u{1b}é".to_owned();
        let link = Hyperlink { x: 3, y: 1, width: 5, url };
        let mut bytes = Vec::new();
        let links = [(cells(&link, &buffer), &link)];
        write(&mut CrosstermBackend::new(&mut bytes), &[], &links).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (start, rest) =
            text.split_once("\x1b]8;;https://attack.mitre.org/techniques/T1098/\x1b\\").unwrap();
        let (linked, _) = rest.split_once("\x1b]8;;\x1b\\").unwrap();
        assert!(linked.contains("T1098") && !start.contains("T1098"), "{text:?}");
        let mut screen = vt100::Parser::new(NonZero::new(2).unwrap(), NonZero::new(20).unwrap(), 0);
        screen.process(b"\x1b[1;2H");
        screen.process(&bytes);
        assert_eq!(screen.screen().contents(), "\n   T1098");
        assert_eq!(screen.screen().cursor_position(), (0, 1), "the cursor has moved");
    }

    #[test]
    fn cells_beyond_the_screen_are_left_out() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(2, 0, "中", Style::new());
        let link = |x, y| Hyperlink { x, y, width: 9, url: String::new() };
        assert_eq!((cells(&link(2, 0), &buffer).len(), cells(&link(0, 5), &buffer).len()), (1, 0));
    }
}
