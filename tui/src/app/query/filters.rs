//! The filters that are set, one behind another: each can be switched off by itself, and all at once.

use crate::filter::{Clock, Filter, FilterError};

/// One filter.
#[derive(Debug, Clone)]
pub(crate) struct Chip {
    /// As it was written.
    pub(crate) text: String,
    filter: Filter,
    pub(crate) on: bool,
}

/// The filters that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chips {
    pub(crate) chips: Vec<Chip>,
    /// True while all are switched off together.
    pub(crate) off: bool,
}

impl Chips {
    /// Sets a filter, in the place of another or behind all. The same twice is one. Nothing in the place
    /// of another takes it away.
    pub(crate) fn set(&mut self, text: &str, place: Option<usize>, clock: &Clock) -> Result<(), FilterError> {
        let text = text.trim();
        let filter = Filter::parse(text, clock)?;
        if let Some(at) = place.filter(|at| text.is_empty() && *at < self.chips.len()) {
            self.chips.remove(at);
        }
        if text.is_empty() {
            return Ok(());
        }
        self.stay_off();
        let chip = Chip { text: text.to_owned(), filter, on: true };
        let known = self.chips.iter().position(|known| known.text == chip.text);
        match place.or(known).and_then(|at| self.chips.get_mut(at)) {
            Some(place) => *place = chip,
            None => self.chips.push(chip),
        }
        Ok(())
    }

    /// Replaces switching all off by switching each off, so that a filter set now does not bring back the
    /// others.
    fn stay_off(&mut self) {
        if std::mem::take(&mut self.off) {
            self.chips.iter_mut().for_each(|chip| chip.on = false);
        }
    }

    /// Returns the filters in force: those that are on, except the one that is being rewritten (`without`).
    pub(crate) fn filters(&self, without: Option<usize>) -> Vec<Filter> {
        let is_on = |(at, chip): &(usize, &Chip)| !self.off && chip.on && Some(*at) != without;
        self.chips.iter().enumerate().filter(is_on).map(|(_, chip)| chip.filter.clone()).collect()
    }

    pub(crate) fn toggle(&mut self, at: usize) {
        self.off = false;
        if let Some(chip) = self.chips.get_mut(at) {
            chip.on = !chip.on;
        }
    }

    pub(crate) fn remove(&mut self, at: usize) {
        if at < self.chips.len() {
            self.chips.remove(at);
        }
    }
}
