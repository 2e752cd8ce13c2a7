//! A search: the rows it hits, how many there are, and where they stand along the list. It hides
//! nothing; that is a filter's work.

use crate::filter::Filter;
use crate::model::Row;

/// A search, and the rows that it hits.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// As it was written.
    pub(crate) text: String,
    filter: Filter,
    /// By slot: true where that row is a hit.
    hits: Vec<bool>,
    /// Hits among the shown rows.
    pub(crate) count: usize,
    /// Number of the selected row among the hits, from one; `None` where it is no hit.
    pub(crate) at: Option<usize>,
    /// By line of the list on the screen: true where a hit stands in that part of the whole list.
    pub(crate) ticks: Vec<bool>,
}

impl Search {
    pub(crate) const fn new(text: String, filter: Filter) -> Self {
        Self { text, filter, hits: Vec::new(), count: 0, at: None, ticks: Vec::new() }
    }

    /// Returns the filter, to be given what it asks for.
    pub(super) const fn filter_mut(&mut self) -> &mut Filter {
        &mut self.filter
    }

    /// Filter that a row must match to be a hit.
    pub(crate) const fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn look_at(&mut self, slot: usize, row: &Row) {
        if self.hits.len() <= slot {
            self.hits.resize(slot + 1, false);
        }
        let is_hit = self.filter.matches(row);
        if let Some(hit) = self.hits.get_mut(slot) {
            *hit = is_hit;
        }
    }

    pub(crate) fn is_hit(&self, slot: usize) -> bool {
        self.hits.get(slot).copied().unwrap_or(false)
    }

    /// Counts the hits among the shown slots: one look at a flag for each.
    pub(crate) fn tally(
        &mut self,
        shown: impl Iterator<Item = usize>,
        selected: Option<usize>,
        height: usize,
        (lines, line_of): (usize, impl Fn(usize) -> usize),
    ) {
        (self.count, self.at) = (0, None);
        self.ticks = vec![false; height];
        for (at, slot) in shown.enumerate() {
            if !self.is_hit(slot) {
                continue;
            }
            self.count += 1;
            if selected == Some(at) {
                self.at = Some(self.count);
            }
            // A list that fits stands line by line; a longer one is pressed together.
            let line = line_of(at);
            let tick = if lines <= height { line } else { line * height / lines };
            if let Some(tick) = self.ticks.get_mut(tick) {
                *tick = true;
            }
        }
    }
}
