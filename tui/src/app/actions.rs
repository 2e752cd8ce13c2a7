//! Actions: each goes to the part that does it.

use crate::app::detail::actions as detail;
use crate::app::effect::Effect;
use crate::app::incidents::board::Board;
use crate::app::jumps::Jumps;
use crate::app::list::sort::{Column, Sort};
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::palette::{MOST_RECENT, Palette, Shown};
use crate::app::pipeline::AlarmList;
use crate::app::query::actions as query;
use crate::app::status::NONE_SELECTED;
use crate::app::triage::actions as triage;
use crate::app::{State, panes};
use crate::keymap::{Action, Pane};
use crate::model::SourceStatus;

/// Percent by which a key changes the shares of list and detail.
const SPLIT_STEP: i16 = 4;

/// Does an action.
pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return quit(state),
        Action::Help => return open_palette(state, Shown::Here),
        Action::Palette => return open_palette(state, Shown::Everything),
        Action::Pipeline => {
            state.overlay.open(Overlay::Alarms(AlarmList::default()));
            return Vec::new();
        }
        Action::Incidents => return open_board(state),
        Action::Context => return open_context(state),
        Action::Trouble => {
            show_trouble(state);
            return Vec::new();
        }
        Action::RetryNow => {
            if matches!(state.pipeline.source, SourceStatus::Retrying { .. }) {
                state.status.pass("retrying…", state.now);
                return vec![Effect::RetryNow];
            }
            state.status.pass("nothing to retry: no connection is lost", state.now);
            return Vec::new();
        }
        Action::Timeline => {
            panes::toggle_timeline(state);
            return Vec::new();
        }
        Action::SplitMore => {
            panes::resize_split(state, SPLIT_STEP);
            return Vec::new();
        }
        Action::SplitLess => {
            panes::resize_split(state, -SPLIT_STEP);
            return Vec::new();
        }
        Action::Zoom => {
            panes::zoom(state);
            return Vec::new();
        }
        Action::JumpBack => {
            state.jumps.go(&mut state.list, &mut state.status, false);
            return Vec::new();
        }
        Action::JumpForward => {
            state.jumps.go(&mut state.list, &mut state.status, true);
            return Vec::new();
        }
        _ => {}
    }
    let before = state.list.selected_row().filter(|_| Jumps::is_jump(action)).cloned();
    let effects = act_on_alerts(state, action);
    if let Some(before) = before
        && state.list.selected_row().is_some_and(|row| row.id != before.id)
    {
        state.jumps.left(before);
    }
    effects
}

/// Does an action on the alerts, the list of them or the open one.
fn act_on_alerts(state: &mut State, action: Action) -> Vec<Effect> {
    let now = state.now;
    let handled = state.shell.act(&mut state.status, &state.pipeline.source, action, now);
    if let Some(effects) = handled {
        return effects;
    }
    let count = state.shell.count.take();
    let handled = detail::act(&mut state.reading(), action, count);
    let handled = handled.or_else(|| triage::act(&mut state.triaging(), action));
    let handled = handled.or_else(|| query::act(&mut state.browse(), action));
    let handled = handled.or_else(|| {
        let is_shown = state.layout().timeline.height > 0;
        state.timeline.act(&mut state.list, &mut state.status, action, count, is_shown)
    });
    let is_of_list = matches!(
        action,
        Action::NextSevere
            | Action::PreviousSevere
            | Action::NextAlert
            | Action::PreviousAlert
            | Action::AutoScroll
    );
    handled.unwrap_or_else(|| match state.focus {
        Pane::Detail if !is_of_list => in_detail(state, action, count),
        _ => in_list(state, action, count),
    })
}

/// Opens the records around the selected alert.
fn open_context(state: &mut State) -> Vec<Effect> {
    let selected = state.list.selected_row().map(|row| row.id.clone());
    let Some(alert) = selected else {
        state.status.set(NONE_SELECTED);
        return Vec::new();
    };
    vec![state.open_context(alert, false)]
}

/// Opens the board of incidents at that of the selected alert.
fn open_board(state: &mut State) -> Vec<Effect> {
    let selected = state.list.selected_row().map(|row| row.id.clone());
    // Nothing may move while the board is read.
    state.list.stay();
    state.incidents.board = Some(Board::at(selected));
    state.overlay.open(Overlay::Incidents);
    state.incidents.wants(None, Vec::new()).into_iter().collect()
}

/// Ends the console. Where notes, tags and acknowledgements would be lost, only when asked twice.
fn quit(state: &mut State) -> Vec<Effect> {
    let is_asked = std::mem::replace(&mut state.triage.has_asked, true);
    let lost = if state.triage.is_kept || is_asked {
        0
    } else {
        state.list.all().filter(|row| row.remarks.is_some()).count()
    };
    if lost == 0 {
        return vec![Effect::Quit(0)];
    }
    let keys = &state.shell.keymap;
    let (quit, export) = (keys.key_of(Action::Quit), keys.key_of(Action::Export));
    let key = |key: Option<String>| key.unwrap_or_default();
    let alerts = if lost == 1 { "alert" } else { "alerts" };
    state.status.fail(&format!(
        "triage of {lost} {alerts} not saved: {} again quits, {} exports, --case NAME keeps it",
        key(quit),
        key(export)
    ));
    Vec::new()
}

/// Shows what is wrong, whole.
fn show_trouble(state: &mut State) {
    let why = state.pipeline.away().or_else(|| state.status.trouble_text()).map(str::to_owned);
    if let Some(why) = why {
        state.overlay.open(Overlay::Notice(Notice::new("Last error", &why)));
    } else {
        state.status.pass("no error; sentinel-tui doctor looks further", state.now);
    }
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

/// A count as steps.
fn steps(count: Option<usize>) -> isize {
    isize::try_from(count.unwrap_or(1)).unwrap_or(1)
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
    Some(by.saturating_mul(steps(count)))
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
        Action::NextAlert => state.list.step(steps(count)),
        Action::PreviousAlert => state.list.step(-steps(count)),
        Action::NextSevere => state.list.go_to_severe(true, count),
        Action::PreviousSevere => state.list.go_to_severe(false, count),
        Action::ScreenTop => state.list.select_line(top + line.min(height.saturating_sub(1)), true),
        Action::ScreenMiddle => state.list.select_line(top + height / 2, true),
        Action::ScreenBottom => {
            state.list.select_line((top + height).saturating_sub(line + 1).max(top), false);
        }
        Action::Recentre => state.list.recentre(),
        Action::Expand if state.list.unfold() => {}
        Action::Collapse if state.list.fold() => {}
        Action::Open | Action::Expand => panes::open(state),
        Action::SwitchPane if state.layout().detail.width > 0 => panes::open(state),
        Action::Back | Action::Collapse if !state.detail_pane.opened && query::back(&mut state.browse()) => {}
        Action::Back | Action::Collapse => panes::close(state),
        Action::AutoScroll => state.list.hold(),
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
                zoom_or_step(state);
            }
        }
        Action::Expand => {
            if !detail.unfold() {
                detail.step(1);
            }
        }
        Action::Collapse => {
            if !detail.fold() {
                panes::close(state);
            }
        }
        Action::Back => panes::close(state),
        Action::SwitchPane => state.focus = Pane::List,
        Action::Recentre => detail.recentre(),
        other => detail.in_tree(other),
    }
    Vec::new()
}

/// Zooms the detail, or shows the list again; where the screen has room for one of them only, goes down a line.
fn zoom_or_step(state: &mut State) {
    if state.detail_pane.zoomed || state.layout().list.width > 0 {
        panes::zoom(state);
    } else if let Some(detail) = &mut state.detail {
        detail.step(1);
    }
}
