//! The small lists over the screen: which field of the alert, which of the filters, which columns.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::list::sort::Column;
use crate::model::Facet;

/// Subject of a list that one chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PickerKind {
    /// A field of the selected alert, and what then.
    Field(Purpose),
    Filters,
    Views,
    Columns,
    /// Counts of what is shown, by value.
    Counts,
    /// The format of the file that the alerts are written to.
    Export,
}

/// Purpose for which a field is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Only alerts like this one, on top of the filters.
    Include,
    /// Only alerts unlike this one.
    Exclude,
    /// All that has it, and a way back.
    Pivot,
    Sort,
}

/// Fields that are chosen by a letter, in the order in which one would.
pub(crate) const LETTERS: [(char, Column); 12] = [
    ('a', Column::Actor),
    ('i', Column::SourceIp),
    ('w', Column::What),
    ('t', Column::Target),
    ('e', Column::Event),
    ('c', Column::Account),
    ('r', Column::Region),
    ('s', Column::Source),
    ('u', Column::Rule),
    ('v', Column::Severity),
    ('m', Column::Time),
    ('g', Column::Triage),
];

/// Further values of an alert that one can pivot to, by letter: the row knows them by their hash only.
pub(crate) const SHARED: [(char, Facet, &str); 2] =
    [('S', Facet::Session, "SESSION"), ('K', Facet::AccessKey, "KEY")];

/// A list that is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picker {
    pub(crate) of: PickerKind,
    /// The line that the cursor is on.
    pub(crate) at: usize,
}

/// Request that a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PickerKey {
    Close,
    /// The line under the cursor.
    Choose,
    /// Switch it on or off.
    Toggle,
    Remove,
    Edit,
    Save,
    Up,
    Down,
    Narrower,
    Wider,
    Nothing,
}

/// The letters of a list of fields, line by line.
pub(crate) fn letters(purpose: Purpose) -> impl Iterator<Item = char> {
    let shared = SHARED.iter().filter(move |_| purpose == Purpose::Pivot).map(|(letter, ..)| *letter);
    LETTERS.iter().map(|(letter, _)| *letter).chain(shared)
}

impl Picker {
    /// Takes a key for a list of so many lines.
    pub(crate) fn key(&mut self, key: KeyEvent, lines: usize) -> PickerKey {
        let last = lines.saturating_sub(1);
        self.at = self.at.min(last);
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return if key.code == KeyCode::Char('c') { PickerKey::Close } else { PickerKey::Nothing };
        }
        if let (PickerKind::Field(purpose), KeyCode::Char(typed)) = (self.of, key.code)
            && let Some(at) = letters(purpose).position(|letter| letter == typed)
        {
            self.at = at;
            return PickerKey::Choose;
        }
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'h') | KeyCode::Left => return PickerKey::Close,
            KeyCode::Char('j') | KeyCode::Down => self.at = (self.at + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.at = self.at.saturating_sub(1),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = last,
            KeyCode::Enter => return PickerKey::Choose,
            KeyCode::Char(' ') => return PickerKey::Toggle,
            KeyCode::Char('J') => return PickerKey::Down,
            KeyCode::Char('K') => return PickerKey::Up,
            KeyCode::Char('+') => return PickerKey::Wider,
            KeyCode::Char('-') => return PickerKey::Narrower,
            KeyCode::Char('d') | KeyCode::Delete => return PickerKey::Remove,
            KeyCode::Char('w') => return PickerKey::Save,
            KeyCode::Char('e') => return PickerKey::Edit,
            _ => {}
        }
        PickerKey::Nothing
    }
}
