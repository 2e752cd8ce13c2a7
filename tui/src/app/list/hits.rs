//! The hits of a search among the rows, and going from one to the next.

use std::sync::Arc;

use crate::app::list::search::Search;
use crate::app::list::{List, index};
use crate::filter::Filter;
use crate::model::Members;

/// Position of a found hit relative to the starting point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Ahead,
    /// Past the end of the list.
    Wrapped,
    /// There is no other.
    Only,
}

impl List {
    /// Looks for something in the rows, or for nothing any more.
    pub(crate) fn set_search(&mut self, search: Option<Search>) {
        self.search = search;
        self.search_in(&self.all.clone());
    }

    /// Returns the incidents that the filters and the search name.
    pub(crate) fn named_incidents(&mut self) -> Vec<String> {
        let search = self.search.iter_mut().map(Search::filter_mut);
        self.filters.iter_mut().chain(search).flat_map(Filter::incidents).collect()
    }

    /// Gives the filters and the search the alerts of the incidents that they name, once for each `state` of what is known
    /// of incidents. Returns true where the list shows other alerts than before.
    pub(crate) fn bind(&mut self, state: u64, members: &dyn Fn(&str) -> Option<Arc<Members>>) -> bool {
        let is_found = self.search.as_mut().is_some_and(|search| search.filter_mut().bind(state, members));
        if is_found {
            self.set_search(self.search.clone());
        }
        let mut filters = std::mem::take(&mut self.filters);
        let bound =
            filters.iter_mut().map(|filter| filter.bind(state, members)).filter(|is_new| *is_new).count() > 0;
        if bound {
            self.set_filters(filters);
        } else {
            self.filters = filters;
        }
        bound
    }

    pub(super) fn search_in(&mut self, slots: &[u32]) {
        let Some(mut search) = self.search.take() else { return };
        for slot in slots {
            if let Some(row) = self.row(*slot) {
                search.look_at(index(*slot), row);
            }
        }
        self.search = Some(search);
    }

    /// Goes to the next or previous hit, round the end where there is none before it. `None` where
    /// there is none at all.
    pub(crate) fn next_hit(&mut self, forward: bool) -> Option<Found> {
        let (search, at) = (self.search.as_ref()?, self.selected()?);
        let is_hit = |at: &usize| self.shown.get(*at).is_some_and(|slot| search.is_hit(index(*slot)));
        let (before, behind) = (0..at, at + 1..self.shown.len());
        let (found, wrapped) = if forward {
            (behind.into_iter().find(is_hit), before.into_iter().find(is_hit))
        } else {
            (before.rev().find(is_hit), behind.rev().find(is_hit))
        };
        let (to, how) = match (found, wrapped) {
            (Some(to), _) => (to, Found::Ahead),
            (None, Some(to)) => (to, Found::Wrapped),
            (None, None) => return is_hit(&at).then_some(Found::Only),
        };
        // A search is reading: what comes must not take the hit away.
        self.select(to);
        self.stay();
        Some(how)
    }

    /// True where the selected row is a hit.
    pub(crate) fn is_on_hit(&self) -> bool {
        let slot = self.selected().and_then(|at| self.shown.get(at));
        slot.zip(self.search.as_ref()).is_some_and(|(slot, search)| search.is_hit(index(*slot)))
    }

    /// Counts the hits among the shown rows.
    pub(crate) fn tally(&mut self) {
        let Some(mut search) = self.search.take() else { return };
        let slots = self.shown.iter().map(|slot| index(*slot));
        search.tally(slots, self.selected(), self.height, (self.line_count(), |at| self.line_of(at)));
        self.search = Some(search);
    }
}
