//! Actions: each goes to the part that does it.

use crate::app::detail::actions as detail;
use crate::app::effect::Effect;
use crate::app::list::sort::{Column, Sort};
use crate::app::overlay::Overlay;
use crate::app::palette::{MOST_RECENT, Palette, Shown};
use crate::app::pipeline::AlarmList;
use crate::app::query::actions as query;
use crate::app::triage::actions as triage;
use crate::app::{State, panes};
use crate::keymap::{Action, Pane};

/// Does an action.
pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit(0)],
        Action::Help => return open_palette(state, Shown::Here),
        Action::Palette => return open_palette(state, Shown::Everything),
        Action::Pipeline => {
            state.overlay.open(Overlay::Alarms(AlarmList::default()));
            return Vec::new();
        }
        Action::Trouble => {
            let words = "nothing is wrong that the console knows of; sentinel-tui doctor looks further";
            if !state.status.show_trouble(state.pipeline.away()) {
                state.status.pass(words, state.now);
            }
            return Vec::new();
        }
        Action::Strip => {
            panes::toggle_timeline(state);
            return Vec::new();
        }
        _ => {}
    }
    let now = state.now;
    let handled = state.shell.act(&mut state.status, &state.pipeline.source, action, now);
    if let Some(effects) = handled {
        return effects;
    }
    let count = state.shell.count.take();
    let handled = detail::act(&mut state.reading(), action);
    let handled = handled.or_else(|| triage::act(&mut state.triaging(), action));
    let handled = handled.or_else(|| query::act(&mut state.browse(), action));
    let handled = handled.or_else(|| {
        let is_shown = state.layout().timeline.height > 0;
        state.timeline.act(&mut state.list, &mut state.status, action, count, is_shown)
    });
    handled.unwrap_or_else(|| match state.focus {
        Pane::List => in_list(state, action, count),
        Pane::Detail => in_detail(state, action, count),
    })
}

/// Does an action with a text that was written for it; where it takes none, as without.
fn act_with(state: &mut State, action: Action, text: &str) -> Vec<Effect> {
    let handled = triage::act_with(&mut state.triaging(), action, text);
    let handled = handled.or_else(|| query::act_with(&mut state.browse(), action, text));
    handled.unwrap_or_else(|| act(state, action))
}

fn open_palette(state: &mut State, shown: Shown) -> Vec<Effect> {
    let shell = &state.shell;
    let palette = Palette::new(shown, state.focus, &shell.keymap, &shell.recent);
    state.overlay.open(Overlay::Palette(palette));
    Vec::new()
}

/// Closes the list of actions and runs what is selected in it. Where nothing is, it stays open with what
/// was typed, and goes on to say that nothing is found.
pub(super) fn run_selected(state: &mut State) -> Vec<Effect> {
    let selected = state.overlay.palette().and_then(Palette::selected).cloned();
    let Some(entry) = selected else { return Vec::new() };
    state.overlay.close();
    let line = entry.line();
    state.shell.recent.retain(|known| *known != line);
    state.shell.recent.insert(0, line);
    state.shell.recent.truncate(MOST_RECENT);
    if entry.argument.is_empty() {
        return act(state, entry.action);
    }
    act_with(state, entry.action, &entry.argument)
}

/// Returns the rows that an action moves by, in a pane of this height; `None` where it does not move by rows.
fn rows(action: Action, height: usize, count: Option<usize>) -> Option<isize> {
    let page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
    let half = (page / 2).max(1);
    let by = match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::HalfPageDown => half,
        Action::HalfPageUp => -half,
        _ => return None,
    };
    Some(by * isize::try_from(count.unwrap_or(1)).unwrap_or(1))
}

fn in_list(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let height = state.layout().list_rows();
    if let Some(by) = rows(action, height, count) {
        state.list.step(by);
        return Vec::new();
    }
    let line = count.unwrap_or(1).saturating_sub(1);
    let top = state.list.top();
    match action {
        Action::First | Action::Last if count.is_some() => state.list.select(line),
        Action::First => {
            if state.list.sort().by != Column::Time {
                let words = "the first row of this sort, in which nothing is followed: s m sorts by time";
                state.status.set(words);
            }
            state.list.drop_all_lingering();
            state.list.first();
            state.counts = state.list.counts();
            state.paging.go_to_oldest(&state.list, &mut state.status, Sort::OLDEST_FIRST);
        }
        Action::Last => {
            state.list.last();
            state.paging.go_to_oldest(&state.list, &mut state.status, Sort::NEWEST_FIRST);
        }
        Action::NextSevere => state.list.go_to_severe(true, count),
        Action::PreviousSevere => state.list.go_to_severe(false, count),
        Action::ScreenTop => state.list.select(top + line.min(height.saturating_sub(1))),
        Action::ScreenMiddle => state.list.select(top + height / 2),
        Action::ScreenBottom => {
            state.list.select((top + height).saturating_sub(line + 1).max(top));
        }
        Action::Recentre => state.list.recentre(),
        Action::Open => panes::open(state),
        Action::SwitchPane if state.layout().detail.width > 0 => panes::open(state),
        Action::Back if !state.detail_pane.opened && query::back(&mut state.browse()) => {}
        Action::Back => panes::close(state),
        Action::Fold => state.list.hold(),
        _ => {}
    }
    Vec::new()
}

fn in_detail(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let Some(detail) = &mut state.detail else {
        state.focus = Pane::List;
        return Vec::new();
    };
    if let Some(by) = rows(action, detail.rows(), count) {
        detail.step(by);
        return Vec::new();
    }
    match action {
        Action::First => detail.step(isize::MIN),
        Action::Last => detail.step(isize::MAX),
        Action::Open if detail.related_row().is_some() => detail::go_to_related(&mut state.reading()),
        Action::Open => {
            if let Some(again) = detail.ask_again() {
                return vec![again];
            }
            if !detail.unfold() {
                detail.step(1);
            }
        }
        Action::Fold => drop(detail.toggle()),
        Action::Back => {
            if !detail.fold() {
                panes::close(state);
            }
        }
        Action::SwitchPane => state.focus = Pane::List,
        Action::Recentre => detail.recentre(),
        other => detail.in_tree(other),
    }
    Vec::new()
}
