//! A screen in ASCII, for locales that have nothing else: after a frame is drawn, each other sign in
//! it becomes one that looks alike. What is drawn need not know.

use ratatui::buffer::Buffer;

/// Our own signs, and what stands for each.
const SIGNS: &[(char, char)] = &[
    ('▲', '!'),
    ('●', '*'),
    ('◆', '+'),
    ('·', '.'),
    ('○', 'o'),
    ('◌', 'o'),
    ('◐', 'o'),
    ('▶', '>'),
    ('■', '#'),
    ('▌', '>'),
    ('█', '#'),
    ('░', '.'),
    ('▒', ':'),
    ('▓', '%'),
    ('▸', '>'),
    ('▾', 'v'),
    ('◂', '<'),
    ('▴', '^'),
    ('▔', '='),
    ('▐', '|'),
    ('┃', '#'),
    ('›', '>'),
    ('‖', '='),
    ('▼', 'v'),
    ('✗', 'x'),
    ('⚠', '!'),
    ('✓', 'v'),
    ('…', '~'),
    ('–', '-'),
    ('—', '-'),
    ('⏎', '$'),
    ('↑', '^'),
    ('↓', 'v'),
    ('←', '<'),
    ('→', '>'),
    ('⟨', '<'),
    ('⟩', '>'),
    ('␛', '^'),
];

/// Turns the whole screen into ASCII; every cell stays as wide as it was.
pub(super) fn apply(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let mut letters = cell.symbol().chars();
        let Some(first) = letters.next() else { continue };
        if first.is_ascii() && letters.next().is_none() {
            continue;
        }
        let wide = crate::widget::text::width(cell.symbol()) > 1;
        cell.set_symbol(if wide { "??" } else { "" });
        if !wide {
            cell.set_char(alike(first));
        }
    }
}

fn alike(sign: char) -> char {
    match sign {
        // The box drawing block: lines, and all that has corners.
        '─' | '━' | '═' => '-',
        '│' | '┃' | '║' => '|',
        '┌'..='╿' => '+',
        '▁'..='▃' => '_',
        '▄'..='▇' => '=',
        '\u{2400}'..='\u{2421}' if sign != '␛' => '^',
        sign => SIGNS.iter().find(|(of, _)| *of == sign).map_or('?', |(_, alike)| *alike),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn every_cell_is_ascii_and_nothing_moves() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, "▌ ▲ CRIT │東é…x☃", Style::new());
        apply(&mut buffer);
        let line: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        // The wide letter's second cell is a space that is not written.
        assert_eq!(line.trim_end(), "> ! CRIT |?? ?~x?");
        assert!(line.is_ascii());
    }
}
