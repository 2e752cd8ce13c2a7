//! Pictures of the screen for the documents, from real runs of the demo, in truecolor:
//!
//! ```text
//! cargo build && cargo run -p sentinel-tui --example screenshot
//! ```
//!
//! With FILE, THEME (`dark` where nothing else is said) and KEYS it makes one picture: KEYS are pressed once the demo
//! has ended, `@` and a digit for Alt with that digit.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a tool for whoever changes the screen; it may end with a panic"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;
use support::Pty;

const COLUMNS: u16 = 148;
const ROWS: u16 = 34;
/// One cell, in pixels.
const CELL: (u16, u16) = (8, 16);
const MARGIN: u16 = 12;
/// Background and text of a dark and of a light terminal.
const DARK: [&str; 2] = ["#16181d", "#d7dae0"];
const LIGHT: [&str; 2] = ["#ffffff", "#24292f"];
/// The sixteen colours of a terminal, for the theme `terminal`.
const PALETTE: [&str; 16] = [
    "#1d2026", "#e5646d", "#8fc26b", "#e0b35c", "#6aa9e9", "#c98be0", "#5bbfc7", "#d7dae0", "#6b717d",
    "#ff7b85", "#a5d97f", "#f5cb76", "#83c0ff", "#e0a3f5", "#73d7df", "#ffffff",
];

/// Pictures of the documents: file, theme, keys, text that is on the screen then.
const PICTURES: [(&str, &str, &str, &str); 6] = [
    ("tui/screen.svg", "dark", "jjjjj\r", "999900001111"),
    ("docs/pictures/incident.svg", "dark", "jjjjji\r", "To revoke"),
    ("docs/pictures/list.svg", "dark", "jjjj", "PutUserPolicy (iam"),
    ("docs/pictures/respond.svg", "dark", "jjjjj\r\r@6", "INVESTIGATE"),
    ("docs/pictures/policy.svg", "dark", "jjjjj\r\r@3", "CONDITION"),
    ("docs/pictures/light.svg", "light", "jjjjj\r", "999900001111"),
];

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [file, rest @ ..] = given.as_slice() else {
        std::fs::create_dir_all("docs/pictures").unwrap();
        for (file, theme, keys, shown) in PICTURES {
            picture(&PathBuf::from(file), theme, keys, shown);
        }
        return;
    };
    let theme = rest.first().map_or("dark", String::as_str);
    let keys = rest.get(1).map_or("jjjjj\r", String::as_str);
    picture(&PathBuf::from(file), theme, keys, "");
}

/// Runs the demo, presses keys and writes the picture.
fn picture(file: &Path, theme: &str, keys: &str, shown: &str) {
    let program = std::env::current_exe().unwrap().parent().unwrap().with_file_name("sentinel-tui");
    let mut command = CommandBuilder::new(program);
    command.arg("demo");
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command.env("SENTINEL_THEME", theme);
    command.env_remove("NO_COLOR");
    let mut console = Pty::start(command, COLUMNS, ROWS);
    console.wait_for("the end of the story", |screen| screen.contains("demo finished"));
    console.keys(&keys.replace('@', "\x1b"));
    console.wait_for("the keys", |screen| screen.contains(shown));
    let terminal = if theme == "light" { LIGHT } else { DARK };
    std::fs::write(file, svg(console.output.0.lock().unwrap().parser.screen(), terminal)).unwrap();
    // The first closes the board of incidents, where that is open.
    console.keys("qq");
    console.wait_for_end();
    println!("{}", file.display());
}

fn svg(screen: &vt100::Screen, terminal: [&str; 2]) -> String {
    let (width, height) = (COLUMNS * CELL.0 + 2 * MARGIN, ROWS * CELL.1 + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13.5\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        terminal[0]
    );
    for row in 0..ROWS {
        let mut column = 0;
        while column < COLUMNS {
            let style = Style::of(screen, row, column, terminal);
            let is_other = |&at: &u16| Style::of(screen, row, at, terminal) != style;
            let end = (column..COLUMNS).find(is_other).unwrap_or(COLUMNS);
            let text: String = (column..end)
                .map(|at| screen.cell(row, at).map_or(" ", vt100::Cell::contents))
                .map(|text| if text.is_empty() { " " } else { text })
                .collect();
            run(&mut out, (row, column, end), &style, &text, terminal);
            column = end;
        }
    }
    out + "</svg>\n"
}

fn run(
    out: &mut String,
    (row, column, end): (u16, u16, u16),
    style: &Style,
    text: &str,
    terminal: [&str; 2],
) {
    let (x, y) = (MARGIN + column * CELL.0, MARGIN + row * CELL.1);
    let width = (end - column) * CELL.0;
    if style.background != terminal[0] {
        let (colour, height) = (&style.background, CELL.1);
        writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>")
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
    let mut looks = String::new();
    for (is_on, attribute) in [
        (style.bold, " font-weight=\"bold\""),
        (style.dim, " opacity=\"0.65\""),
        (style.underlined, " text-decoration=\"underline\""),
    ] {
        looks.push_str(if is_on { attribute } else { "" });
    }
    let text = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (y, colour) = (y + CELL.1 - 4, &style.colour);
    writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\"{looks} textLength=\"{width}\">{text}</text>")
        .unwrap();
}

#[derive(PartialEq)]
struct Style {
    colour: String,
    background: String,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Style {
    fn of(screen: &vt100::Screen, row: u16, column: u16, [background, text]: [&str; 2]) -> Self {
        let Some(cell) = screen.cell(row, column) else {
            let (colour, background) = (text.to_owned(), background.to_owned());
            return Self { colour, background, bold: false, dim: false, underlined: false };
        };
        let colour = |colour, default: &str| match colour {
            vt100::Color::Idx(number) => PALETTE[usize::from(number % 16)].to_owned(),
            vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
            vt100::Color::Default => default.to_owned(),
        };
        let mut colours = [colour(cell.fgcolor(), text), colour(cell.bgcolor(), background)];
        if cell.inverse() {
            colours.reverse();
        }
        let [colour, background] = colours;
        Self { colour, background, bold: cell.bold(), dim: cell.dim(), underlined: cell.underline() }
    }
}
