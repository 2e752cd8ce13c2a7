//! The parts that the query works on, borrowed from the state for one key or action.

use jiff::Timestamp;

use crate::app::detail::Detail;
use crate::app::list::{Counts, Found, List};
use crate::app::overlay::Overlays;
use crate::app::paging::Paging;
use crate::app::query::Query;
use crate::app::query::pivot::Pivot;
use crate::app::query::prompt::PromptKind;
use crate::app::status::StatusLine;
use crate::filter::Clock;
use crate::keymap::Pane;

/// The parts that the query works on.
pub(crate) struct Browse<'a> {
    pub(crate) query: &'a mut Query,
    pub(crate) list: &'a mut List,
    pub(crate) counts: &'a mut Counts,
    pub(crate) paging: &'a mut Paging,
    pub(crate) detail: &'a mut Option<Detail>,
    pub(crate) overlay: &'a mut Overlays,
    pub(crate) status: &'a mut StatusLine,
    /// The focused pane.
    pub(crate) pane: Pane,
    pub(crate) now: Timestamp,
    /// True where log files are replayed.
    pub(crate) is_replay: bool,
}

impl Browse<'_> {
    /// Returns the clock of times that are typed. In a replay, spans count back from the newest record, and a
    /// time of the day is of the selected alert's day: today is not what a replay shows.
    pub(crate) fn clock(&self) -> Clock {
        let zone = self.query.columns.shown_zone();
        let newest = self.list.newest_time().filter(|_| self.is_replay);
        let selected = self.list.selected_row().filter(|_| self.is_replay);
        let day = selected.map(|row| row.time.to_zoned_datetime(zone.clone()).date());
        Clock { now: newest.unwrap_or(self.now), zone, day }
    }

    /// Lets the list show what the filters let through, the one that is being written included.
    pub(crate) fn refilter(&mut self) {
        let draft = self.overlay.prompt().and_then(|prompt| match prompt.asking {
            PromptKind::Filter(place) => Some((place, prompt.last_valid.clone())),
            _ => None,
        });
        let mut filters = self.query.chips.filters(draft.as_ref().and_then(|(place, _)| *place));
        filters.extend(draft.and_then(|(_, good)| good));
        self.list.set_filters(filters);
        // A filter on the state shows acknowledged alerts too.
        *self.counts = self.list.counts();
    }

    /// Shows everything that a filter lets through, whatever else was set.
    pub(crate) fn pivot(&mut self, text: &str) {
        let selected = self.list.selected_row().cloned().filter(|_| !self.list.is_followed());
        // The alert that one pivots from stays under the hand.
        self.list.stay();
        let chips = std::mem::take(&mut self.query.chips);
        self.set_filter(text);
        self.query.pivots.push(Pivot { text: text.to_owned(), chips, selected });
    }

    /// Shows what a filter lets through in the place of the last pivot's; back goes where that did.
    pub(crate) fn replace_pivot(&mut self, text: &str) {
        self.query.chips = super::filters::Chips::default();
        self.set_filter(text);
        if let Some(pivot) = self.query.pivots.last_mut() {
            text.clone_into(&mut pivot.text);
        }
    }

    /// Sets a filter that the console has written itself, on top of those that are set.
    pub(crate) fn set_filter(&mut self, text: &str) {
        let clock = self.clock();
        if let Err(error) = self.query.chips.set(text, None, &clock) {
            tracing::warn!(text, "the console wrote a filter that can't be read: {error}");
        }
    }

    /// Goes back to the filters and the alert before the last pivot. Returns false where there is none.
    pub(crate) fn end_pivot(&mut self) -> bool {
        let Some(pivot) = self.query.pivots.pop() else { return false };
        self.query.chips = pivot.chips;
        self.refilter();
        match pivot.selected {
            Some(row) => {
                // From further back than the list goes, it may have left.
                self.list.insert_loose(vec![row.clone()]);
                self.list.go_to(&row);
            }
            None => self.list.follow(),
        }
        true
    }

    /// True where a search is one in the open alert, and not one in the list.
    pub(crate) const fn searches_alert(&self) -> bool {
        matches!(self.pane, Pane::Detail) && self.detail.is_some()
    }

    /// Ends the search in the open alert. Returns false where there is none.
    pub(crate) fn end_search_in_alert(&mut self) -> bool {
        let is_in_alert = self.searches_alert();
        let detail = self.detail.as_mut().filter(|detail| is_in_alert && detail.search().is_some());
        detail.map(|detail| detail.find(None)).is_some()
    }

    /// Goes to the next hit of the search, or the one before.
    pub(crate) fn next_hit(&mut self, forward: bool) {
        let searches = self.searches_alert();
        let detail = self.detail.as_mut().filter(|detail| searches && detail.search().is_some());
        let (found, nowhere) = match detail {
            Some(detail) => (detail.next_find(forward), "no hit in this tab: ] goes to the next"),
            None if self.list.search().is_none() => {
                self.status.set("nothing is searched for: / searches");
                return;
            }
            None => (self.list.next_hit(forward), "no hit among the alerts shown"),
        };
        match (found, forward) {
            (Some(Found::Ahead), _) => {}
            (Some(Found::Wrapped), true) => self.status.set("past the end: on from the top"),
            (Some(Found::Wrapped), false) => self.status.set("past the top: on from the end"),
            (Some(Found::Only), _) => self.status.set("this is the only hit"),
            (None, _) => self.status.set(nowhere),
        }
    }
}
