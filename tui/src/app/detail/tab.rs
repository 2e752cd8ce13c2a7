//! The tabs of the open alert.

/// Tab of the open alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    #[default]
    Summary,
    Parameters,
    Policy,
    Record,
    Related,
    Respond,
}

impl Tab {
    /// In the order of the screen.
    pub(crate) const ALL: [Self; 6] =
        [Self::Summary, Self::Parameters, Self::Policy, Self::Record, Self::Related, Self::Respond];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Parameters => "Parameters",
            Self::Policy => "Policy",
            Self::Record => "Record",
            Self::Related => "Related",
            Self::Respond => "Respond",
        }
    }

    /// True where all tabs' names fit into this many cells, with a cell between them and at both ends.
    pub(crate) fn fit(cells: usize) -> bool {
        Self::ALL.iter().map(|tab| tab.name().len() + 1).sum::<usize>() < cells
    }

    /// The tab whose name is in this cell of so many; where only the shown one's is there, the next.
    pub(crate) fn at(cell: usize, cells: usize, shown: Self) -> Option<Self> {
        if !Self::fit(cells) {
            return Some(shown.next());
        }
        let mut start = 1;
        Self::ALL.into_iter().find(|tab| {
            let name = start..start + tab.name().len();
            start = name.end + 1;
            name.contains(&cell)
        })
    }

    /// The next one, round and round.
    pub(crate) fn next(self) -> Self {
        Self::ALL.into_iter().cycle().skip_while(|tab| *tab != self).nth(1).unwrap_or_default()
    }

    /// The one before, round and round.
    pub(crate) fn previous(self) -> Self {
        Self::ALL.into_iter().rev().cycle().skip_while(|tab| *tab != self).nth(1).unwrap_or_default()
    }
}

/// The shown tab and its form. They stay when another alert is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Showing {
    pub(crate) tab: Tab,
    /// True where the record is shown as text.
    pub(crate) as_text: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_finds_the_tab_under_it() {
        let at = |cell| Tab::at(cell, 51, Tab::Summary);
        assert_eq!((at(0), at(1), at(7), at(8)), (None, Some(Tab::Summary), Some(Tab::Summary), None));
        assert_eq!((at(9), at(48), at(49)), (Some(Tab::Parameters), Some(Tab::Respond), None));
        assert_eq!(Tab::at(30, 40, Tab::Policy), Some(Tab::Record));
    }
}
