//! The names of the tabs as they stand over the open alert, with a count of what is in each.

use std::ops::Range;

use crate::app::detail::Detail;
use crate::app::detail::tab::{Mark, Tab};
use crate::format;
use crate::widget::text;

/// The name of a tab, and its cells in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) tab: Tab,
    pub(crate) text: String,
    pub(crate) mark: Mark,
    pub(crate) cells: Range<usize>,
}

/// The line of names. A cell is free before each name and behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tabs {
    pub(crate) shown: Tab,
    /// Only that of the shown tab where they do not all fit.
    pub(crate) labels: Vec<Label>,
}

/// Forms of the line, the roomiest first: the cells between two names, and whether counts and warnings stand in it.
const FORMS: [(usize, bool, bool); 4] =
    [(2, true, true), (1, true, true), (1, false, true), (1, false, false)];

impl Tabs {
    /// Returns the names for a line of this width.
    pub(crate) fn new(detail: &Detail, width: usize) -> Self {
        let shown = detail.showing().tab;
        let marks = Tab::ALL.map(|tab| (tab, detail.mark(tab)));
        let lines = FORMS.map(|form| line(&marks, form));
        let fits = |labels: &Vec<Label>| labels.last().is_some_and(|last| last.cells.end < width);
        let labels = lines.into_iter().find(fits).unwrap_or_else(|| {
            let only: Vec<_> = marks.into_iter().filter(|(tab, _)| *tab == shown).collect();
            line(&only, (1, false, false))
        });
        Self { shown, labels }
    }

    /// Returns true where the names of all tabs fit.
    pub(crate) const fn is_whole(&self) -> bool {
        self.labels.len() == Tab::ALL.len()
    }

    /// Returns the tab whose name is in a cell; where only that of the shown tab is there, the next.
    pub(crate) fn at(&self, cell: usize) -> Option<Tab> {
        if !self.is_whole() {
            return Some(self.shown.next());
        }
        self.labels.iter().find(|label| label.cells.contains(&cell)).map(|label| label.tab)
    }
}

fn line(marks: &[(Tab, Mark)], (gap, counts, warnings): (usize, bool, bool)) -> Vec<Label> {
    let mut start = 1;
    let label = |(tab, mark): &(Tab, Mark)| {
        let name = tab.name();
        let text = match mark {
            Mark::Count(count) if counts => format!("{name} {}", format::number(*count as u64)),
            Mark::Warnings(count) if warnings => format!("{name} ⚠{}", format::number(*count as u64)),
            _ => name.to_owned(),
        };
        let cells = start..start + text::width(&text);
        start = cells.end + gap;
        Label { tab: *tab, text, mark: *mark, cells }
    };
    marks.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::{press, state_with};
    use crossterm::event::KeyCode;

    #[test]
    fn counts_stand_where_there_is_room_and_a_click_finds_the_tab_under_it() {
        let mut state = state_with(120, 40, 9);
        press(&mut state, KeyCode::Enter);
        let of = |width: usize| Tabs::new(state.detail().unwrap(), width);
        let text =
            |width| of(width).labels.iter().map(|label| label.text.clone()).collect::<Vec<_>>().join("|");
        assert_eq!(text(60), "Summary|Params|Policy ⚠2|Record|Related 8|Respond 12", "{}", text(60));
        assert_eq!(text(50), "Summary|Params|Policy ⚠2|Record|Related|Respond");
        assert_eq!((text(40).as_str(), of(40).is_whole()), ("Summary", false));
        assert_eq!((of(50).at(0), of(50).at(1), of(50).at(8)), (None, Some(Tab::Summary), None));
        assert_eq!((of(50).at(9), of(40).at(30)), (Some(Tab::Parameters), Some(Tab::Parameters)));
    }
}
