//! Contents of a tab: lines, the things that they show, and a cursor over them. A thing may take several
//! lines; copying takes the whole thing.

use detector::SafeText;

use crate::app::list::next_top;
use crate::respond::Command;
use crate::widget::text;

/// One line of the detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// The sentence, and what is said as loudly.
    Summary(SafeText),
    /// A named fact; a continued one has no name.
    Fact(&'static str, SafeText),
    /// The heading of a part.
    Heading(SafeText),
    /// Plain text.
    Text(SafeText),
    /// A warning that must not be overlooked; `WarningGoesOn` continues it.
    Warning(SafeText),
    WarningGoesOn(SafeText),
    /// The number and the purpose of a command.
    Numbered(usize, SafeText),
    /// A command to copy, as the shell takes it, however many lines it has.
    Command(SafeText),
    /// A row of a table: its cells, each with the number of cells that it has, and true for bad news.
    Row(Vec<(SafeText, usize, bool)>),
    /// Another alert, by its place among the related ones.
    Related(usize),
    /// A node of the tree, by its number.
    Node(usize),
    Blank,
}

impl Line {
    /// Returns the line's own words; `None` where it has none: a row of a table, a related alert, a node or a blank line.
    fn words(&self) -> Option<&str> {
        match self {
            Self::Summary(words)
            | Self::Fact(_, words)
            | Self::Heading(words)
            | Self::Text(words)
            | Self::Warning(words)
            | Self::WarningGoesOn(words)
            | Self::Numbered(_, words)
            | Self::Command(words) => Some(words.as_str()),
            Self::Row(_) | Self::Related(_) | Self::Node(_) | Self::Blank => None,
        }
    }
}

/// Something that can be copied: its name and all of it, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thing {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    /// True where it is a command line.
    pub(crate) command: bool,
    /// The web page about it.
    pub(crate) url: Option<String>,
}

/// Room for the names of facts.
pub(crate) const NAME_WIDTH: usize = 11;

/// Cells before a command.
pub(crate) const COMMAND_INDENT: usize = 4;

/// The lines of a tab.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Each with the thing that it is of.
    lines: Vec<(Line, Option<usize>)>,
    things: Vec<Thing>,
    width: usize,
    /// The line with which it opens.
    start: usize,
    cursor: usize,
    top: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    pub(super) fn heading(&mut self, words: &str) {
        if !self.lines.is_empty() {
            self.lines.push((Line::Blank, None));
        }
        self.wrapped(words, 0, None, Line::Heading);
    }

    pub(super) fn line(&mut self, line: Line) {
        self.lines.push((line, None));
    }

    pub(super) fn blank(&mut self) {
        self.lines.push((Line::Blank, None));
    }

    pub(super) fn summary(&mut self, words: &str) {
        let of = self.thing("summary", words, false);
        self.wrapped(words, 0, Some(of), Line::Summary);
    }

    /// A named fact, in as many lines as it takes.
    pub(super) fn fact(&mut self, name: &'static str, value: &str) {
        self.fact_of(name, value, value);
    }

    /// A named fact that is told in more words than what is copied of it.
    pub(super) fn fact_of(&mut self, name: &'static str, words: &str, value: &str) {
        let of = self.thing(if name.is_empty() { "line" } else { name }, value, false);
        let mut name = name;
        for line in text::wrap(&SafeText::new(words), self.width.saturating_sub(NAME_WIDTH)) {
            self.lines.push((Line::Fact(name, line), Some(of)));
            name = "";
        }
    }

    /// A named fact with a web page about it.
    pub(super) fn fact_with_page(&mut self, name: &'static str, value: &str, url: String) {
        self.fact(name, value);
        if let Some(thing) = self.things.last_mut() {
            thing.url = Some(url);
        }
    }

    pub(super) fn text(&mut self, words: &str) {
        let of = self.thing("line", words, false);
        self.wrapped(words, 0, Some(of), Line::Text);
    }

    pub(super) fn warning(&mut self, words: &str) {
        let of = self.thing("warning", words, false);
        let mut line: fn(SafeText) -> Line = Line::Warning;
        for words in text::wrap(&SafeText::new(words), self.width.saturating_sub(2)) {
            self.lines.push((line(words), Some(of)));
            line = Line::WarningGoesOn;
        }
    }

    /// A command with its number and purpose; its lines end so that the shell takes all of them for one.
    pub(super) fn command(&mut self, number: usize, command: &Command) {
        let of = self.thing("command", &command.line, true);
        let purpose = SafeText::new(command.why);
        self.lines.push((Line::Numbered(number, purpose), Some(of)));
        let lines = text::shell_lines(&command.line, self.width.saturating_sub(COMMAND_INDENT));
        self.lines.extend(lines.into_iter().map(|line| (Line::Command(SafeText::from(line)), Some(of))));
    }

    /// The thing that the next commands are about.
    pub(super) fn about(&mut self, words: &str) {
        let words = SafeText::new(words);
        self.lines.push((Line::Heading(words), None));
    }

    /// Opens the page with the cursor on the line that is added next.
    pub(super) const fn start_here(&mut self) {
        self.start = self.lines.len();
    }

    /// A row of a table; `value` is copied of it. A cell that is too long goes on below.
    pub(super) fn row(&mut self, value: &str, cells: &[(String, usize, bool)]) {
        let of = self.thing("statement", value, false);
        let wrap = |(words, width, is_bad): &(String, usize, bool)| {
            let lines = text::wrap(&SafeText::new(words), width.saturating_sub(1));
            (lines, *width, *is_bad)
        };
        let columns: Vec<_> = cells.iter().map(wrap).collect();
        let rows = columns.iter().map(|(lines, ..)| lines.len()).max().unwrap_or(0);
        for at in 0..rows {
            let cell = |(lines, width, is_bad): &(Vec<SafeText>, usize, bool)| {
                (lines.get(at).cloned().unwrap_or_default(), *width, *is_bad)
            };
            self.lines.push((Line::Row(columns.iter().map(cell).collect()), Some(of)));
        }
    }

    /// Returns the cells of a line.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Returns the line with which the page opens.
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    fn thing(&mut self, name: &'static str, value: &str, command: bool) -> usize {
        self.things.push(Thing { name, value: value.to_owned(), command, url: None });
        self.things.len() - 1
    }

    fn wrapped(&mut self, words: &str, indent: usize, of: Option<usize>, line: fn(SafeText) -> Line) {
        let lines = text::wrap(&SafeText::new(words), self.width.saturating_sub(indent));
        self.lines.extend(lines.into_iter().map(|words| (line(words), of)));
    }

    /// The lines from `top` on that a screen of this height shows, each with its number.
    pub(crate) fn visible(&self, height: usize) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().map(|(line, _)| line).enumerate().skip(self.top).take(height)
    }

    /// Returns the facts among the lines on the screen that have a web page: the line's place on the screen, its
    /// words and the page's address.
    pub(crate) fn links(&self, height: usize) -> impl Iterator<Item = (usize, &SafeText, &str)> {
        let lines = self.lines.iter().skip(self.top).take(height).enumerate();
        lines.filter_map(|(row, (line, of))| match line {
            Line::Fact(_, words) => Some((row, words, self.things.get((*of)?)?.url.as_deref()?)),
            _ => None,
        })
    }

    /// The first line of the thing that a line is of.
    pub(super) fn first_of(&self, line: usize) -> usize {
        let Some((_, of @ Some(_))) = self.lines.get(line) else { return line };
        self.lines.iter().position(|(_, other)| other == of).unwrap_or(line)
    }

    /// The first lines of what has a hit in it, however it is wrapped. Of related alerts `related` has
    /// the words.
    pub(super) fn hits(
        &self,
        is_hit: impl Fn(&str) -> bool,
        related: impl Fn(usize) -> Option<String>,
    ) -> Vec<usize> {
        let (mut hits, mut first) = (Vec::new(), 0);
        for lines in self.lines.chunk_by(|(_, one), (_, other)| one.is_some() && one == other) {
            let words: Vec<_> = lines.iter().filter_map(|(line, _)| line.words()).collect();
            let trimmed: Vec<_> = words.iter().map(|words| words.trim_end()).collect();
            let by_name = match lines.first() {
                Some((Line::Fact(name, _), _)) => is_hit(name),
                Some((Line::Related(number), _)) => related(*number).is_some_and(|words| is_hit(&words)),
                Some((Line::Row(_), Some(of))) => {
                    self.things.get(*of).is_some_and(|thing| is_hit(&thing.value))
                }
                _ => false,
            };
            // Lines end between words, or in the middle of a long one.
            if by_name || (!words.is_empty() && (is_hit(&trimmed.join(" ")) || is_hit(&words.concat()))) {
                hits.push(first);
            }
            first += lines.len();
        }
        hits
    }

    pub(crate) const fn len(&self) -> usize {
        self.lines.len()
    }

    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(crate) const fn top(&self) -> usize {
        self.top
    }

    /// The line under the cursor.
    pub(crate) fn current(&self) -> Option<&Line> {
        self.lines.get(self.cursor).map(|(line, _)| line)
    }

    /// The thing under the cursor.
    pub(crate) fn current_thing(&self) -> Option<&Thing> {
        let of = self.lines.get(self.cursor)?.1?;
        self.things.get(of)
    }

    pub(super) fn go(&mut self, cursor: usize, height: usize) {
        self.cursor = cursor.min(self.lines.len().saturating_sub(1));
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(height.max(1)), self.cursor);
    }

    /// Scrolls, so that the line under the cursor is in the middle, at the top, at the bottom.
    pub(super) fn recentre(&mut self, height: usize) {
        self.top = next_top(self.top, self.cursor, self.lines.len(), height);
    }

    pub(super) fn step(&mut self, by: isize, height: usize) {
        self.go(self.cursor.saturating_add_signed(by), height);
    }

    pub(super) fn go_to(&mut self, line: &Line, height: usize) {
        if let Some(at) = self.lines.iter().position(|(mine, _)| mine == line) {
            self.go(at, height);
        }
    }

    /// Takes over where another layout of the same things was: at the same thing or node, as far
    /// from the top of the screen; where nobody has moved, at the start.
    pub(super) fn take_place_of(&mut self, before: &Self, height: usize) {
        if before.cursor == before.start && before.top == 0 {
            return self.place((self.start, 0), height);
        }
        let place = match (before.current(), before.lines.get(before.cursor).and_then(|(_, of)| *of)) {
            (Some(node @ (Line::Node(_) | Line::Related(_))), _) => {
                self.lines.iter().position(|(line, _)| line == node)
            }
            // Others may have come before it, so its number says nothing.
            (_, Some(of)) => before.things.get(of).and_then(|thing| {
                let is_same = |mine: usize| self.things.get(mine) == Some(thing);
                self.lines.iter().position(|(_, mine)| mine.is_some_and(is_same))
            }),
            _ => None,
        };
        let above = before.cursor.saturating_sub(before.top);
        let cursor = place.unwrap_or(before.cursor);
        // No line behind the last is shown for it.
        self.top = cursor.saturating_sub(above).min(self.lines.len().saturating_sub(height));
        self.go(cursor, height);
    }

    /// Takes over a place of before: cursor and top.
    pub(super) fn place(&mut self, (cursor, top): (usize, usize), height: usize) {
        self.top = top;
        self.go(cursor, height);
    }
}
