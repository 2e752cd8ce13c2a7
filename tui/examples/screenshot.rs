//! README's picture of the screen, from a real run of the demo:
//!
//! ```text
//! cargo build && cargo run -p sentinel-tui --example screenshot -- tui/screen.svg
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a tool for whoever changes the screen; it may end with a panic"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::path::PathBuf;

use portable_pty::CommandBuilder;
use support::Pty;

const COLUMNS: u16 = 132;
const ROWS: u16 = 30;
/// One cell, in pixels.
const CELL: (u16, u16) = (8, 17);
const MARGIN: u16 = 12;
const BACKGROUND: &str = "#1d2026";
const TEXT: &str = "#d7dae0";
/// The sixteen colours of a terminal: no theme asks for more.
const PALETTE: [&str; 16] = [
    "#1d2026", "#e5646d", "#8fc26b", "#e0b35c", "#6aa9e9", "#c98be0", "#5bbfc7", "#d7dae0", "#6b717d",
    "#ff7b85", "#a5d97f", "#f5cb76", "#83c0ff", "#e0a3f5", "#73d7df", "#ffffff",
];

fn main() {
    let file = std::env::args().nth(1).map_or_else(|| PathBuf::from("tui/screen.svg"), PathBuf::from);
    let program = std::env::current_exe().unwrap().parent().unwrap().with_file_name("sentinel-tui");
    let mut command = CommandBuilder::new(program);
    command.arg("demo");
    command.env("TERM", "xterm-256color");
    command.env("SENTINEL_THEME", "terminal");
    command.env_remove("NO_COLOR");
    let mut console = Pty::start(command, COLUMNS, ROWS);
    console.wait_for("the end of the story", |screen| screen.contains("the story is told"));
    // The changed trust policy: what it means.
    console.keys("jjjjj\r");
    console.wait_for("the policy", |screen| screen.contains("999900001111"));
    std::fs::write(&file, svg(console.output.0.lock().unwrap().parser.screen())).unwrap();
    console.keys("q");
    console.wait_for_end();
    println!("{}", file.display());
}

fn svg(screen: &vt100::Screen) -> String {
    let (width, height) = (COLUMNS * CELL.0 + 2 * MARGIN, ROWS * CELL.1 + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..ROWS {
        let mut column = 0;
        while column < COLUMNS {
            let style = Style::of(screen, row, column);
            let end = (column..COLUMNS).find(|&at| Style::of(screen, row, at) != style).unwrap_or(COLUMNS);
            let text: String = (column..end)
                .map(|at| screen.cell(row, at).map_or(" ", vt100::Cell::contents))
                .map(|text| if text.is_empty() { " " } else { text })
                .collect();
            run(&mut out, row, column, end, &style, &text);
            column = end;
        }
    }
    out + "</svg>\n"
}

fn run(out: &mut String, row: u16, column: u16, end: u16, style: &Style, text: &str) {
    let (x, y) = (MARGIN + column * CELL.0, MARGIN + row * CELL.1);
    let width = (end - column) * CELL.0;
    if style.reversed {
        let colour = style.colour;
        writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{colour}\"/>",
            CELL.1
        )
        .unwrap();
    }
    // Words one by one: fonts differ in width, and each word begins in its own cell.
    let mut at = 0;
    for word in text.split(' ') {
        if !word.is_empty() {
            draw_word(out, x + at * CELL.0, y, style, word);
        }
        at += u16::try_from(word.chars().count()).unwrap() + 1;
    }
}

fn draw_word(out: &mut String, x: u16, y: u16, style: &Style, word: &str) {
    let width = u16::try_from(word.chars().count()).unwrap() * CELL.0;
    let colour = if style.reversed { BACKGROUND } else { style.colour };
    let weight = if style.bold { " font-weight=\"bold\"" } else { "" };
    let text = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let y = y + CELL.1 - 4;
    writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\"{weight} textLength=\"{width}\">{text}</text>")
        .unwrap();
}

#[derive(PartialEq)]
struct Style {
    colour: &'static str,
    bold: bool,
    reversed: bool,
}

impl Style {
    fn of(screen: &vt100::Screen, row: u16, column: u16) -> Self {
        let Some(cell) = screen.cell(row, column) else {
            return Self { colour: TEXT, bold: false, reversed: false };
        };
        let colour = match cell.fgcolor() {
            vt100::Color::Idx(number) => PALETTE[usize::from(number % 16)],
            _ => TEXT,
        };
        Self { colour, bold: cell.bold(), reversed: cell.inverse() }
    }
}
