//! Jumps: the alerts that one left by a jump (to a related alert, a hit, the next severe one), to go back to them and
//! forward again.

use crate::app::list::List;
use crate::app::status::StatusLine;
use crate::keymap::Action;
use crate::model::Row;

/// Jumps that are kept.
const MOST: usize = 100;

/// The alerts behind and ahead, the nearest last.
#[derive(Debug, Default)]
pub(crate) struct Jumps {
    back: Vec<Row>,
    forward: Vec<Row>,
}

impl Jumps {
    /// True for an action that may lead far from the selected alert.
    pub(crate) const fn is_jump(action: Action) -> bool {
        matches!(
            action,
            Action::First
                | Action::Last
                | Action::Open
                | Action::NextSevere
                | Action::PreviousSevere
                | Action::EarlierBar
                | Action::LaterBar
                | Action::SearchNext
                | Action::SearchPrevious
        )
    }

    /// Notes that a jump has led away from an alert.
    pub(crate) fn left(&mut self, row: Row) {
        self.forward.clear();
        self.back.push(row);
        let surplus = self.back.len().saturating_sub(MOST);
        self.back.drain(..surplus);
    }

    /// Goes back by a jump, or forward again.
    pub(crate) fn go(&mut self, list: &mut List, status: &mut StatusLine, forward: bool) {
        let (from, to) =
            if forward { (&mut self.forward, &mut self.back) } else { (&mut self.back, &mut self.forward) };
        let here = list.selected_row().cloned();
        // Filters, an acknowledgement or retention may have taken alerts off the list: the next one will do.
        while let Some(row) = from.pop() {
            if list.find(&row.id) {
                to.extend(here);
                return;
            }
        }
        status.set(if forward { "no alert ahead" } else { "no alert behind: nothing was jumped from" });
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use crate::app::State;
    use crate::app::msg::Msg;
    use crate::view::testing::{press, press_alt, send, state_with, type_in};

    #[test]
    fn one_goes_back_through_the_jumps_and_forward_again() {
        let mut state = state_with(120, 40, 60);
        let at = |state: &State| state.list.selected_row().unwrap().id.0.clone();
        type_in(&mut state, "jjj");
        let here = at(&state);
        press(&mut state, KeyCode::Char('G'));
        let end = at(&state);
        press(&mut state, KeyCode::Char('g'));
        press_alt(&mut state, KeyCode::Left);
        assert_eq!(at(&state), end);
        send(&mut state, Msg::Key(KeyEvent::new(KeyCode::Char('o'), KeyModifiers::CONTROL)));
        assert_eq!(at(&state), here);
        press_alt(&mut state, KeyCode::Right);
        assert_eq!(at(&state), end);
        press_alt(&mut state, KeyCode::Right);
        press_alt(&mut state, KeyCode::Right);
        assert!(state.status.text().unwrap().contains("no alert ahead"));
    }
}
