//! A search in the open alert: its hits in the shown tab, folded away or not, and going from hit to
//! hit. It holds for this alert and all its tabs; another alert begins without one.
//!
//! A hit is a node of a tree or the first line of something on a page, by its number: so the hits are in
//! reading order, and what is under the cursor is one of them or stands between two.

use std::ops::Range;

use regex::Regex;

use crate::app::detail::{Detail, SHIFT, Showing};
use crate::app::list::Found;
use crate::widget::json_tree::{JsonTree, room_for_value};
use crate::widget::text;

/// A text that is searched for, and its hits.
#[derive(Debug, Clone)]
pub(crate) struct DetailSearch {
    /// As it was written.
    pub(crate) text: String,
    pattern: Regex,
    /// Of the shown tab, in reading order.
    places: Vec<usize>,
    /// The tab whose tree that is: its hits do not change with what is folded.
    of: Option<Showing>,
}

impl DetailSearch {
    pub(crate) const fn new(text: String, pattern: Regex) -> Self {
        Self { text, pattern, places: Vec::new(), of: None }
    }

    /// Returns the pattern whose matches are marked.
    pub(crate) const fn pattern(&self) -> &Regex {
        &self.pattern
    }

    /// Hits in the shown tab.
    pub(crate) const fn count(&self) -> usize {
        self.places.len()
    }

    /// Returns the number, from one, of the hit at this place; `None` where there is none.
    pub(crate) fn number(&self, place: usize) -> Option<usize> {
        self.places.binary_search(&place).ok().map(|at| at + 1)
    }

    /// True where a hit is among these places.
    pub(crate) fn any_in(&self, places: Range<usize>) -> bool {
        let first = self.places.partition_point(|place| *place < places.start);
        self.places.get(first).is_some_and(|place| *place < places.end)
    }

    /// The hit behind a place or before it, round the end where there is none.
    fn next(&self, from: usize, forward: bool) -> Option<(usize, Found)> {
        let (ahead, round) = if forward {
            (self.places.iter().find(|place| **place > from), self.places.first())
        } else {
            (self.places.iter().rfind(|place| **place < from), self.places.last())
        };
        match (ahead, round) {
            (Some(place), _) => Some((*place, Found::Ahead)),
            (None, Some(place)) if *place == from => Some((from, Found::Only)),
            (None, Some(place)) => Some((*place, Found::Wrapped)),
            (None, None) => None,
        }
    }
}

impl Detail {
    /// Returns the search in this alert; `None` where nothing is searched for.
    pub(crate) const fn search(&self) -> Option<&DetailSearch> {
        self.search.as_ref()
    }

    /// Looks for something, or for nothing any more.
    pub(crate) fn find(&mut self, search: Option<DetailSearch>) {
        self.search = search;
        self.look_again();
        self.page.step(0, self.rows());
    }

    /// Returns the number, from one, of the hit under the cursor; `None` where there is none.
    pub(crate) fn find_at(&self) -> Option<usize> {
        self.search()?.number(self.place())
    }

    /// True where a line of the page is a hit, or hides one since it is folded.
    pub(crate) fn has_find(&self, line: usize, node: Option<usize>) -> bool {
        let Some(search) = &self.search else { return false };
        let hides = |tree: &JsonTree, node| tree.is_folded(node) && search.any_in(tree.inside(node));
        search.number(node.unwrap_or(line)).is_some()
            || node.zip(self.tree()).is_some_and(|(node, tree)| hides(tree, node))
    }

    /// Goes to the next hit or the one before, and unfolds what hides it. None where there is none.
    pub(crate) fn next_find(&mut self, forward: bool) -> Option<Found> {
        let (place, how) = self.search()?.next(self.place(), forward)?;
        let Some(tree) = self.tree_mut() else {
            self.page.go(place, self.rows());
            return Some(how);
        };
        if tree.reveal(place) {
            self.lay_out_again();
        }
        self.page.go_to(&super::Line::Node(place), self.rows());
        self.shift = self.shift_to_find(place).unwrap_or(0);
        Some(how)
    }

    /// By how much a long value is shifted so that what was found in it is on the screen.
    fn shift_to_find(&self, node: usize) -> Option<usize> {
        let (tree, search) = (self.tree()?, self.search()?);
        let value = tree.node_at(node).filter(|node| !node.container)?.value.as_str();
        let found = search.pattern.find(value)?;
        let cells = |end: usize| value.get(..end).map_or(0, text::width);
        // One cell is for the mark that more follows.
        let is_seen = cells(found.end()) < room_for_value(tree, node, self.width);
        (!is_seen).then(|| cells(found.start()).saturating_sub(SHIFT))
    }

    /// Looks through the shown tab, where that is not what was looked through last.
    pub(crate) fn look_again(&mut self) {
        let Some(mut search) = self.search.take() else { return };
        let is_hit = |text: &str| search.pattern.is_match(text);
        match self.tree() {
            Some(_) if search.of == Some(self.showing) => {}
            Some(tree) => (search.places, search.of) = (tree.hits(is_hit), Some(self.showing)),
            None => {
                let related =
                    |number| self.related_at(number).map(|row| format!("{} {}", row.event, row.actor));
                (search.places, search.of) = (self.page.hits(is_hit, related), None);
            }
        }
        self.search = Some(search);
    }

    /// Marks the hits as outdated, so that `look_again` searches the tab anew.
    pub(crate) const fn forget_finds(&mut self) {
        if let Some(search) = &mut self.search {
            search.of = None;
        }
    }

    fn place(&self) -> usize {
        self.node().unwrap_or_else(|| self.page.first_of(self.page.cursor()))
    }
}
