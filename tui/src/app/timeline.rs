//! The timeline over the list: the number of shown alerts in each bucket of time, the bucket of the selected
//! one, and moves from one bar to another. The list counts (`list/buckets.rs`), and `view/timeline.rs` draws; this
//! file has the length of a bar and the buckets that are in sight.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::effect::Handled;
use crate::app::list::{Bucketing, List};
use crate::app::status::StatusLine;
use crate::keymap::Action;

/// Length of time that one bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BucketSize {
    seconds: i64,
    pub(crate) name: &'static str,
    /// Bars from one time that is written below them to the next: an hour, a day, a week.
    pub(crate) tick: i64,
}

impl BucketSize {
    /// True where the times below the bars are days.
    pub(crate) const fn is_of_days(self) -> bool {
        self.seconds >= 6 * 60 * 60
    }

    /// True where a minute has several bars.
    pub(crate) const fn is_of_seconds(self) -> bool {
        self.seconds < 60
    }
}

const fn bucket(seconds: i64, name: &'static str, tick: i64) -> BucketSize {
    BucketSize { seconds, name, tick }
}

/// From the shortest on.
const BUCKET_SIZES: [BucketSize; 8] = [
    bucket(10, "10 s", 12),
    bucket(30, "30 s", 10),
    bucket(60, "1 min", 15),
    bucket(5 * 60, "5 min", 12),
    bucket(15 * 60, "15 min", 12),
    bucket(60 * 60, "1 h", 12),
    bucket(6 * 60 * 60, "6 h", 12),
    bucket(24 * 60 * 60, "1 d", 14),
];

/// Setup of the timeline.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// Choice to show or to hide the timeline; `None` without one: the timeline shows where there is room.
    pub(crate) asked: Option<bool>,
    /// Index into `BUCKET_SIZES`.
    at: usize,
    /// True where somebody has chosen the bucket size; until then it is the one that fits all shown alerts best.
    chosen: bool,
    /// Number of columns to which the bucket size was last fitted; 0: there was nothing to fit yet.
    fitted: i64,
}

impl Default for Timeline {
    fn default() -> Self {
        // A shift of eight hours in a hundred bars, until there is something to fit.
        Self { asked: None, at: 3, chosen: false, fitted: 0 }
    }
}

impl Timeline {
    /// As somebody does who asks for five minutes.
    #[cfg(test)]
    pub(crate) const fn choose_five_minutes(&mut self) {
        (self.at, self.chosen) = (3, true);
    }

    pub(crate) fn bucket_size(&self) -> BucketSize {
        let [first, ..] = BUCKET_SIZES;
        BUCKET_SIZES.get(self.at).copied().unwrap_or(first)
    }

    /// Divides time as the bucket size and the zone say; `columns`: the bars that there is room for. Cheap where
    /// nothing has changed. All buckets are cut by the offset that the zone has now: where clocks were changed, a
    /// bar would else be shorter or come twice.
    pub(crate) fn divide(&mut self, list: &mut List, columns: u16, zone: &TimeZone, now: Timestamp) {
        let columns = i64::from(columns);
        if !self.chosen {
            let fit = fitting(list, columns);
            if self.fitted != columns {
                (self.at, self.fitted) = (fit.unwrap_or(self.at), fit.map_or(0, |_| columns));
            } else if let (Some(fit), Some(twice)) = (fit, fitting(list, columns / 2)) {
                // Shorter ones only where they fit twice over: each change counts all rows anew, and alerts
                // that come and go at the list's far end would change it with every message.
                self.at = if fit > self.at { fit } else { self.at.min(twice) };
            }
        }
        let offset = zone.to_offset(now).seconds();
        list.set_bucketing(Bucketing::new(self.bucket_size().seconds, i64::from(offset)));
    }

    /// Does an action of the timeline; `is_shown`: it is on the screen.
    pub(crate) fn act(
        &mut self,
        list: &mut List,
        status: &mut StatusLine,
        action: Action,
        count: Option<usize>,
        is_shown: bool,
    ) -> Handled {
        match action {
            Action::EarlierBar => jump(list, status, false, count),
            Action::LaterBar => jump(list, status, true, count),
            Action::ShorterBars | Action::LongerBars if !is_shown => {
                status.set("the bars are hidden: t shows them");
            }
            Action::ShorterBars => match self.at.checked_sub(1) {
                Some(at) => (self.at, self.chosen) = (at, true),
                None => status.set("bars are not shorter than ten seconds"),
            },
            Action::LongerBars if self.at + 1 < BUCKET_SIZES.len() => {
                (self.at, self.chosen) = (self.at + 1, true);
            }
            Action::LongerBars => status.set("bars are not longer than a day"),
            _ => return None,
        }
        Some(Vec::new())
    }
}

/// Returns the shortest bars with which all that is shown is in sight; the longest where none do.
fn fitting(list: &List, columns: i64) -> Option<usize> {
    if columns == 0 {
        return None;
    }
    let span = list.buckets().span()?;
    // One more, since the first and the last bar may begin anywhere.
    let fits = BUCKET_SIZES.iter().position(|size| span / size.seconds + 2 <= columns);
    Some(fits.unwrap_or(BUCKET_SIZES.len() - 1))
}

fn jump(list: &mut List, status: &mut StatusLine, later: bool, count: Option<usize>) {
    let Some(from) = list.selected_bucket() else { return };
    match list.buckets().next(from, later, count.unwrap_or(1)) {
        Some(bucket) => drop(list.go_to_bucket(bucket)),
        None if later => status.set("no newer alerts: this is the last bar"),
        None => status.set("no older alerts in the list: this is the first bar"),
    }
}

/// The first of so many buckets that are in sight. The last one is the newest with alerts, or the
/// selected alert is in a bucket that is further back: then it goes back by halves of what is in sight,
/// so that not each step moves the picture.
pub(crate) fn first_in_sight(list: &List, columns: u16) -> Option<i64> {
    let newest = list.buckets().newest()?;
    let columns = i64::from(columns.max(1));
    let back = newest.saturating_sub(list.selected_bucket().unwrap_or(newest));
    let half = (columns / 2).max(1);
    let moved = if back < columns { 0 } else { (back / half - 1) * half };
    Some(newest.saturating_sub(moved).saturating_sub(columns - 1))
}

#[cfg(test)]
mod tests {
    use crate::app::msg::Msg;
    use crate::app::timeline::*;
    use crate::app::{State, update};
    use crate::keymap::Pane;
    use crate::model::testing::{now, rows};
    use crate::model::{Event, Row};
    use crate::view::testing::{press, send, state_with, type_in};
    use crossterm::event::{KeyCode, MouseButton, MouseEventKind};
    use jiff::{SignedDuration, Timestamp};

    /// Alerts of these minutes after 02:00.
    fn minutes(minutes: &[i64]) -> Vec<Row> {
        let of = |(at, minute): (usize, &i64)| {
            let start: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
            let id = i64::try_from(at).unwrap();
            Row { time: start + SignedDuration::from_mins(*minute), ..rows(id..id + 1).remove(0) }
        };
        minutes.iter().enumerate().map(of).collect()
    }

    fn state(width: u16, height: u16, at: &[i64]) -> State {
        let mut state = State::new(width, height, now());
        state.timeline.choose_five_minutes();
        send(&mut state, Event::Stored(minutes(at)));
        state
    }

    fn minute(state: &State) -> i64 {
        let start: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        state.list.selected_row().unwrap().time.duration_since(start).as_mins()
    }

    fn click_at(state: &mut State, column: u16) {
        let row = state.layout().timeline.y + 1;
        let kind = MouseEventKind::Down(MouseButton::Left);
        crate::view::testing::mouse(state, kind, column, row);
    }

    #[test]
    fn it_shows_where_the_list_keeps_eighteen_alerts_and_where_it_is_asked_for() {
        let shown = |width, height| state_with(width, height, 3).layout().timeline.height;
        assert_eq!([shown(80, 24), shown(80, 28), shown(80, 29), shown(200, 60)], [0, 0, 3, 3]);
        let mut state = state_with(80, 24, 30);
        type_in(&mut state, "t");
        assert_eq!((state.layout().timeline.height, state.layout().list_rows()), (3, 13));
        press(&mut state, KeyCode::End);
        assert_eq!(state.list.top(), 30 - 13, "the list knows how high it is");
        type_in(&mut state, "t");
        assert_eq!((state.layout().timeline.height, state.list.top()), (0, 30 - 18));
        let mut small = state_with(40, 8, 3);
        type_in(&mut small, "t");
        assert_eq!((small.layout().timeline.height, small.timeline.asked), (0, None));
        assert!(small.status.text().unwrap().starts_with("no room"));
        let mut large = state_with(200, 60, 3);
        type_in(&mut large, "t");
        send(&mut large, Msg::Resize { width: 132, height: 50 });
        assert_eq!(large.layout().timeline.height, 0, "who wants it not does not get it");
    }

    #[test]
    fn lines_that_come_and_go_leave_it_where_it_is() {
        let mut state = state_with(80, 30, 30);
        let timeline = state.layout().timeline;
        type_in(&mut state, "fbob");
        assert_eq!((state.layout().timeline, state.layout().prompt.height), (timeline, 1));
        press(&mut state, KeyCode::Enter);
        let layout = state.layout();
        assert_eq!(
            (layout.timeline, layout.bar.y, layout.list_frame.y),
            (timeline, timeline.bottom() + 1, timeline.bottom() + 2)
        );
    }

    #[test]
    fn one_goes_from_bar_to_bar_and_to_the_newest_alert_of_each() {
        let mut state = state(80, 24, &[0, 1, 3, 17, 18, 44]);
        assert!(state.list.is_followed());
        type_in(&mut state, "{");
        assert_eq!((minute(&state), state.list.is_followed()), (18, false), "no timeline is needed for it");
        type_in(&mut state, "{");
        assert_eq!(minute(&state), 3);
        type_in(&mut state, "{");
        assert_eq!((minute(&state), state.status.text().is_some()), (3, true));
        type_in(&mut state, "j}");
        assert_eq!(minute(&state), 18);
        type_in(&mut state, "9}");
        assert_eq!((minute(&state), state.list.is_followed()), (44, true), "as the other keys do");
        type_in(&mut state, "2{");
        assert_eq!(minute(&state), 3);
    }

    #[test]
    fn in_every_order_it_is_the_newest_alert_of_the_bar() {
        for keys in ["sm", "sv", "sa", "se"] {
            let mut state = state(80, 24, &[0, 1, 3, 17, 18, 44]);
            type_in(&mut state, "G");
            type_in(&mut state, keys);
            let mut seen = Vec::new();
            type_in(&mut state, "}9{");
            for _ in 0..3 {
                seen.push(minute(&state));
                type_in(&mut state, "}");
            }
            assert_eq!(seen, [3, 18, 44], "{keys}");
        }
    }

    #[test]
    fn what_is_held_stays_held_and_what_comes_moves_no_selection() {
        let mut state = state(80, 24, &[0, 20, 40]);
        type_in(&mut state, " {}");
        assert_eq!((minute(&state), state.list.is_held(), state.list.is_followed()), (40, true, false));
        let newer = Row { time: now() + SignedDuration::from_hours(2), ..rows(50..51).remove(0) };
        send(&mut state, Event::Stored(vec![newer]));
        assert_eq!((minute(&state), state.list.newer().count), (40, 1));
    }

    #[test]
    fn a_filter_takes_away_the_bars_of_what_it_hides() {
        let mut state = state(80, 24, &[0, 21, 40]);
        // Those of even numbers are of another event.
        type_in(&mut state, "fevent:Update*");
        press(&mut state, KeyCode::Enter);
        type_in(&mut state, "{");
        assert_eq!(minute(&state), 0);
        assert_eq!(state.list.buckets().within(i64::MIN..=i64::MAX).count(), 2);
    }

    #[test]
    fn a_click_selects_what_the_bar_stands_for_and_stays_with_it() {
        let mut state = state(132, 40, &[0, 1, 3, 17, 18, 44]);
        let bars = state.layout().timeline;
        let newest = bars.right() - 1;
        click_at(&mut state, newest - 4);
        assert_eq!(minute(&state), 44, "nothing was there");
        click_at(&mut state, newest - 8);
        assert_eq!(minute(&state), 3);
        click_at(&mut state, 2);
        assert_eq!(minute(&state), 3, "the scale is no bar");
        click_at(&mut state, newest);
        assert_eq!((minute(&state), state.list.is_followed()), (44, false));
        press(&mut state, KeyCode::Enter);
        click_at(&mut state, newest - 8);
        assert_eq!((minute(&state), state.focus), (3, Pane::List));
    }

    #[test]
    fn the_bar_of_the_selected_alert_is_always_in_sight() {
        let far: Vec<i64> = (0..300).map(|at| at * 7).collect();
        let mut state = state(80, 30, &far);
        let columns = state.layout().timeline.width;
        let mut firsts = Vec::new();
        for _ in 0..300 {
            let (first, at) =
                (first_in_sight(&state.list, columns).unwrap(), state.list.selected_bucket().unwrap());
            assert!((first..first + i64::from(columns)).contains(&at), "{first} {at}");
            firsts.push(first);
            type_in(&mut state, "j");
        }
        firsts.dedup();
        assert!(firsts.len() < 20, "the picture moves seldom: {}", firsts.len());
    }

    #[test]
    fn until_one_chooses_all_that_is_shown_fits() {
        let of = |at: &[i64], width| {
            let mut state = State::new(width, 40, now());
            send(&mut state, Event::Stored(minutes(at)));
            state
        };
        let scale = |at: &[i64], width| of(at, width).timeline.bucket_size().name;
        assert_eq!((scale(&[0, 20], 80), scale(&[0, 20], 200)), ("30 s", "10 s"), "a demo");
        assert_eq!((scale(&[0, 8 * 60], 132), scale(&[0, 24 * 60], 132)), ("5 min", "15 min"));
        assert_eq!((scale(&[0, 20 * 24 * 60], 132), scale(&[0, 999 * 24 * 60], 132)), ("6 h", "1 d"));
        let mut state = of(&[0, 20], 200);
        for minute in (0..4_000).step_by(37) {
            let row = Row {
                time: minutes(&[minute]).remove(0).time,
                ..rows(5_000 + minute..5_001 + minute).remove(0)
            };
            send(&mut state, Event::Stored(vec![row]));
            let bars = state.layout().timeline.width;
            let first = first_in_sight(&state.list, bars).unwrap();
            assert_eq!(state.list.buckets().within(i64::MIN..=first - 1).count(), 0, "{minute}");
        }
        for (width, height) in [(40, 8), (80, 30), (200, 40)] {
            send(&mut state, Msg::Resize { width, height });
        }
        assert_eq!(state.timeline.bucket_size().name, "1 h", "as before it was small");
        type_in(&mut state, "+");
        let chosen = state.timeline.bucket_size();
        send(&mut state, Event::Stored(minutes(&[0, 90_000])));
        assert_eq!(state.timeline.bucket_size(), chosen, "what is chosen stays");
    }

    #[test]
    fn bars_are_of_as_much_time_as_one_says_from_ten_seconds_to_a_day() {
        let mut state = state(80, 24, &[0, 1, 3, 17, 18, 44]);
        type_in(&mut state, "+");
        assert_eq!(
            (state.timeline.bucket_size().name, state.status.text().is_some()),
            ("5 min", true),
            "not unseen"
        );
        type_in(&mut state, "t+");
        assert_eq!(
            (state.timeline.bucket_size().name, state.list.buckets().within(0..=i64::MAX).count()),
            ("1 min", 6)
        );
        type_in(&mut state, "+++");
        assert!(state.status.text().unwrap().contains("ten seconds"));
        type_in(&mut state, "--------");
        assert_eq!(
            (state.timeline.bucket_size().name, state.list.buckets().within(0..=i64::MAX).count()),
            ("1 d", 1)
        );
        assert!(state.status.text().unwrap().contains("day"));
    }

    #[test]
    fn a_day_begins_where_it_does_here() {
        // 02:00 UTC is 23:00 of the day before, three hours west.
        let mut state = state(80, 30, &[0, 30, 90]);
        state.query.columns.zone = TimeZone::fixed(jiff::tz::Offset::constant(-3));
        type_in(&mut state, "----");
        let days = |state: &State| state.list.buckets().within(0..=i64::MAX).count();
        assert_eq!(days(&state), 1);
        type_in(&mut state, "T");
        assert_eq!(days(&state), 2, "local times, local days");
        let bucket = state.list.selected_bucket().unwrap();
        assert_eq!(state.list.buckets().bucketing.start(bucket).to_string(), "2026-11-24T03:00:00Z");
    }

    #[test]
    fn nothing_of_it_wakes_the_console() {
        let mut state = state(132, 40, &[0, 20, 40]);
        type_in(&mut state, "{}+-tt");
        update(&mut state, Msg::Tick, now());
        assert_eq!(state.wake(), None);
    }
}
