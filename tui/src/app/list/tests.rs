//! The list under everything that can happen to it.

mod lines;

use super::*;
use crate::app::list::sort::Column;
use crate::filter::Clock;
use crate::model::{SharedText, TriageState};
use detector::Severity;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn row(id: u8, second: u8) -> Row {
    let severity = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    Row {
        id: AlertId(id.to_string()),
        time: Timestamp::from_second(i64::from(second)).unwrap(),
        severity: severity.get(usize::from(id % 4)).copied(),
        event: SharedText::new(""),
        actor: SharedText::new(&format!("actor-{}", id % 3)),
        source_ip: SharedText::new(""),
        account: SharedText::new(""),
        target: SharedText::new(""),
        what: SharedText::new(""),
        region: SharedText::new(""),
        source: SharedText::new(""),
        outcome: None,
        rules: SharedText::new(""),
        state: TriageState::Open,
        remarks: None,
        session_key: None,
        access_key: None,
    }
}

fn ids(list: &List) -> Vec<&str> {
    (0..list.len()).map(|at| list.shown_at(at).unwrap().id.0.as_str()).collect()
}

/// The first row on the screen.
fn top_row(list: &List) -> Row {
    list.shown_at(list.places_of_line(list.top()).start).unwrap().clone()
}

fn selected(list: &List) -> &str {
    &list.selected_row().unwrap().id.0
}

fn filter(text: &str) -> Vec<Filter> {
    let clock = Clock { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC, day: None };
    vec![Filter::parse(text, &clock).unwrap()]
}

#[test]
fn the_newest_is_followed_until_one_moves_away() {
    let mut list = List::default();
    list.insert(vec![row(1, 10), row(2, 20)]);
    assert_eq!((ids(&list), list.selected()), (vec!["2", "1"], Some(0)));
    list.insert(vec![row(3, 30)]);
    assert_eq!(selected(&list), "3");
    list.show(10);
    list.step(1);
    list.insert(vec![row(7, 40), row(5, 5)]);
    assert_eq!((selected(&list), list.newer()), ("2", Newer { count: 1, critical: 1, high: 0 }));
    list.show(10);
    list.step(-9);
    assert_eq!((selected(&list), list.newer(), list.is_followed()), ("7", Newer::default(), true));
}

#[test]
fn oldest_first_is_followed_at_its_end() {
    let mut list = List::default();
    list.show(2);
    list.insert(vec![row(1, 10), row(2, 20), row(3, 30)]);
    list.set_sort(Sort::OLDEST_FIRST);
    assert_eq!((ids(&list), selected(&list), list.is_followed()), (vec!["1", "2", "3"], "3", true));
    list.insert(vec![row(4, 40)]);
    assert_eq!((selected(&list), list.top()), ("4", 2));
    list.show(2);
    list.step(-1);
    list.insert(vec![row(5, 50)]);
    assert_eq!((selected(&list), list.top(), list.newer().count), ("3", 2, 1));
    list.show(2);
    list.last();
    assert_eq!((selected(&list), list.is_followed()), ("5", true));
}

#[test]
fn what_is_held_is_not_followed_until_it_is_let_go() {
    let mut list = List::default();
    list.insert(vec![row(1, 10), row(2, 20)]);
    list.hold();
    list.insert(vec![row(3, 30)]);
    assert_eq!((selected(&list), list.newer().count), ("2", 1));
    list.show(9);
    list.step(-1);
    list.insert(vec![row(4, 40)]);
    assert_eq!((selected(&list), list.is_held()), ("3", true), "the newest by hand is not followed");
    list.show(9);
    list.step(1);
    list.hold();
    assert_eq!((selected(&list), list.is_followed()), ("4", true), "where it was held it follows again");
}

#[test]
fn a_filter_hides_and_gives_back_what_was_selected() {
    let mut list = List::default();
    list.insert((1..=9).map(|id| row(id, id)).collect());
    list.show(4);
    list.step(4);
    assert_eq!(selected(&list), "5");
    list.set_filters(filter("actor:actor-0"));
    assert_eq!((ids(&list), selected(&list)), (vec!["9", "6", "3"], "3"), "the neighbour in the order");
    list.insert(vec![row(10, 10), row(12, 4)]);
    assert_eq!((ids(&list), selected(&list)), (vec!["9", "6", "12", "3"], "3"), "and it stays that one");
    list.set_filters(filter("actor:nobody"));
    assert_eq!((list.len(), list.selected(), list.total()), (0, None, 11));
    list.set_filters(Vec::new());
    assert_eq!(selected(&list), "5");
}

#[test]
fn an_alert_that_comes_again_is_as_it_came_last() {
    let mut list = List::default();
    list.insert(vec![row(1, 10), row(2, 20), row(2, 20)]);
    list.set_filters(filter("actor:actor-2"));
    assert_eq!(ids(&list), ["2"]);
    list.insert(vec![Row { actor: SharedText::new("actor-2"), ..row(1, 10) }]);
    assert_eq!((ids(&list), list.total()), (vec!["2", "1"], 2));
    list.insert(vec![Row { actor: SharedText::new("x"), ..row(2, 20) }]);
    assert_eq!((ids(&list), list.total(), list.newer()), (vec!["1"], 2, Newer::default()));
}

#[test]
fn times_are_gone_to_in_every_order() {
    let mut list = List::default();
    list.insert((1..=9).map(|id| row(id, id * 10)).collect());
    for sort in [Sort::NEWEST_FIRST, Sort::OLDEST_FIRST] {
        list.set_sort(sort);
        for (second, found) in [(45, "4"), (50, "5"), (200, "9"), (1, "1")] {
            list.go_to_time(Timestamp::from_second(second).unwrap());
            assert_eq!(selected(&list), found, "{sort:?} {second}");
        }
    }
}

#[test]
fn every_move_on_an_empty_list_is_harmless() {
    let mut list = List::default();
    for sort in [Sort::NEWEST_FIRST, Sort::OLDEST_FIRST, Sort { by: Column::Actor, reversed: true }] {
        list.set_sort(sort);
        list.show(5);
        list.step(1);
        list.show(0);
        list.step(-1);
        list.first();
        list.show(5);
        list.last();
        list.stay();
        list.hold();
        list.hold();
        list.follow();
        list.show(0);
        list.go_to_time(Timestamp::UNIX_EPOCH);
        list.go_to(&row(1, 1));
        list.set_filters(filter("x"));
        assert_eq!((list.selected(), list.top()), (None, 0));
    }
}

/// One of so many that a byte does not number them.
fn numbered(number: i64) -> Row {
    // Critical, so that none folds.
    Row { id: AlertId(number.to_string()), time: Timestamp::from_second(number).unwrap(), ..row(3, 0) }
}

#[test]
fn the_oldest_leave_when_there_are_too_many() {
    let mut list = List::default();
    let most = i64::try_from(MOST_ROWS).unwrap();
    list.insert((0..most).map(numbered).collect());
    list.show(10);
    list.last();
    list.insert((most..most + 5).map(numbered).collect());
    assert_eq!((list.total(), list.len(), selected(&list)), (MOST_ROWS, MOST_ROWS, "5"));
    assert_eq!(list.rows.len(), MOST_ROWS + 5);
    list.insert((most + 5..most + 8).map(numbered).collect());
    assert_eq!((list.rows.len(), list.slots.len()), (MOST_ROWS + 5, MOST_ROWS), "slots are used again");
}

#[test]
fn a_full_list_looks_further_back_and_knows_where_it_ends() {
    let mut list = List::default();
    let most = i64::try_from(MOST_ROWS).unwrap();
    list.insert((100..100 + most).map(numbered).collect());
    assert_eq!((list.take_new_end(), list.is_full(), list.is_full_of_loose()), (None, true, false));
    list.insert_loose(vec![numbered(7), numbered(8)]);
    list.insert((100 + most..103 + most).map(numbered).collect());
    assert_eq!((list.total(), list.attached_len()), (MOST_ROWS + 2, MOST_ROWS));
    assert!(list.holds(&AlertId("7".into())), "the oldest that does not stand alone has left");
    let (time, id) = list.take_new_end().unwrap();
    assert_eq!(
        (time, id),
        (numbered(103).time, AlertId(String::new())),
        "what is of that moment is read again"
    );
    assert_eq!(list.take_new_end(), None);
    list.show(10);
    list.last();
    assert_eq!(selected(&list), "7");
    list.forget_loose();
    assert_eq!((list.total(), selected(&list)), (MOST_ROWS + 1, "7"), "it stays under the hand");
    list.show(10);
    list.step(-1);
    list.forget_loose();
    assert_eq!((list.total(), list.attached_len(), selected(&list)), (MOST_ROWS, MOST_ROWS, "103"));
}

#[test]
fn an_order_that_was_kept_holds_the_first_row_that_comes() {
    let mut list = List::default();
    list.set_sort(Sort { by: Column::Severity, reversed: false });
    list.insert(vec![row(1, 10)]);
    list.insert((2..=9).map(|id| row(id, id)).collect());
    assert_eq!((selected(&list), list.is_followed()), ("1", false));
}

/// Something that can happen to a list.
#[derive(Debug, Clone)]
enum Happening {
    Comes(Vec<(u8, u8)>),
    Sorted(Column, bool),
    Filtered(&'static str),
    FoundFurther(Vec<(u8, u8)>),
    Forgotten,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        prop::collection::vec((60..250_u8, 0..50_u8), 1..20).prop_map(Happening::Comes),
        (prop::sample::select(vec![Column::Time, Column::Severity, Column::Actor]), any::<bool>())
            .prop_map(|(by, reversed)| Happening::Sorted(by, reversed)),
        prop::sample::select(vec!["", "actor:actor-1", "sev>=high", "actor:nobody"])
            .prop_map(Happening::Filtered),
        prop::collection::vec((200..255_u8, 0..50_u8), 1..20).prop_map(Happening::FoundFurther),
        Just(Happening::Forgotten),
    ]
}

proptest! {
    #[test]
    fn the_selection_and_the_screen_stay_whatever_comes(
        first in prop::collection::btree_map(0..60_u8, 0..50_u8, 3..20),
        moves in prop::collection::vec(-3..6_isize, 1..8),
        later in prop::collection::btree_map(60..250_u8, 0..50_u8, 0..60),
        sort in (prop::sample::select(vec![Column::Time, Column::Severity, Column::Actor]), any::<bool>()),
    ) {
        let mut list = List::default();
        list.insert(first.iter().map(|(id, second)| row(*id, *second)).collect());
        list.set_sort(Sort { by: sort.0, reversed: sort.1 });
        for by in &moves {
            list.show(4);
    list.step(*by);
        }
        list.stay();
        let (selected, top) =
            (list.selected_row().unwrap().clone(), top_row(&list));
        for (id, second) in &later {
            list.insert(vec![row(*id, *second)]);
        }
        prop_assert_eq!(&selected, list.selected_row().unwrap());
        let line = list.line_of(list.selected().unwrap());
        prop_assert!(list.top() <= line && line < list.top() + 4);
        // Only what came in between may have moved it, and then as little as it takes.
        let first = list.places_of_line(list.top());
        let is_in = |row: &Row| first.clone().any(|at| list.shown_at(at).is_some_and(|shown| shown == row));
        prop_assert!(is_in(&top) || line == list.top() + 3);
    }

    #[test]
    fn nothing_that_happens_changes_what_is_selected(
        first in prop::collection::btree_map(0..60_u8, 0..50_u8, 3..20),
        at in 0..20_isize,
        happenings in prop::collection::vec(happening(), 1..12),
    ) {
        let mut list = List::default();
        list.insert(first.iter().map(|(id, second)| row(*id, *second)).collect());
        list.show(4);
    list.step(at);
        list.stay();
        let chosen = list.selected_row().unwrap().id.clone();
        list.hold();
        let mut passes = "";
        for happening in happenings {
            match happening {
                Happening::Comes(rows) => list.insert(rows.into_iter().map(|(id, second)| row(id, second)).collect()),
                // Sorting is choosing what stands under the hand, where it is another.
                Happening::Sorted(by, reversed) if passes.is_empty() => list.set_sort(Sort { by, reversed }),
                Happening::Sorted(..) => {}
                Happening::FoundFurther(rows) => {
                    list.insert_loose(rows.into_iter().map(|(id, second)| row(id, second)).collect());
                }
                Happening::Forgotten => {
                    list.forget_loose();
                    prop_assert!(list.total() - list.attached_len() <= 2, "but for the cursor's");
                }
                Happening::Filtered(text) => {
                    passes = text;
                    list.set_filters(filter(text));
                }
            }
            let sort = list.sort();
            let shown: Vec<_> = (0..list.len()).map(|at| list.shown_at(at).unwrap()).collect();
            prop_assert!(shown.is_sorted_by(|a, b| sort.compare(a, b).is_lt()));
            prop_assert_eq!(list.buckets(), &list.counted());
            let mut counts = Counts::default();
            let attached = list.all().filter(|row| !list.loose.contains(&row.id));
            attached.for_each(|row| counts += Kind::of(row));
            prop_assert_eq!(list.counts(), counts);
            prop_assert_eq!(shown.len(), list.all().filter(|row| list.lets_through(row)).count());
            if let Some(line) = list.selected().map(|place| list.line_of(place)) {
                prop_assert!(list.top() <= line && line < list.top() + 4);
            }
            if shown.iter().any(|row| row.id == chosen) {
                prop_assert_eq!(&list.selected_row().unwrap().id, &chosen);
            }
        }
        list.set_filters(Vec::new());
        prop_assert_eq!(&list.selected_row().unwrap().id, &chosen);
    }
}

#[test]
#[ignore = "a measurement: cargo test -p sentinel-tui --bins measured -- --ignored --nocapture"]
fn filters_and_batches_measured_on_a_full_list() {
    let mut list = List::default();
    let numbered = |number: i64| Row {
        id: AlertId(format!("4f2a0000-0000-0000-0000-{number:012}")),
        time: Timestamp::from_second(number).unwrap(),
        event: SharedText::new("UpdateAssumeRolePolicy"),
        actor: SharedText::new(&format!("actor-{}@example.com", number % 500)),
        source_ip: SharedText::new(&format!("203.0.113.{}", number % 250)),
        account: SharedText::new("111122223333"),
        target: SharedText::new(&format!("role deploy-{}", number % 90)),
        region: SharedText::new("us-east-1"),
        source: SharedText::new("iam.amazonaws.com"),
        rules: SharedText::new("Role trust policy opened to an external account"),
        ..row(u8::try_from(number % 250).unwrap(), 0)
    };
    let most = i64::try_from(MOST_ROWS).unwrap();
    let timed = |what: &str, list: &mut List, work: &mut dyn FnMut(&mut List)| {
        let start = std::time::Instant::now();
        work(list);
        println!("{what:<40} {:?} ({} shown)", start.elapsed(), list.len());
    };
    let mut rows: Vec<Row> = (0..most).map(numbered).collect();
    timed("first rows", &mut list, &mut |list| list.insert(std::mem::take(&mut rows)));
    for text in
        ["mallory", "actor-49", "sev>=high", "ip:203.0.113.0/28", "event:create*", "actor~^actor-1.*com$", ""]
    {
        timed(text, &mut list, &mut |list| list.set_filters(filter(text)));
    }
    timed("sort by actor", &mut list, &mut |list| list.set_sort(Sort { by: Column::Actor, reversed: false }));
    timed("sort by time", &mut list, &mut |list| list.set_sort(Sort::NEWEST_FIRST));
    let mut batch: Vec<Row> = (most..most + 250).map(numbered).collect();
    timed("a batch of 250", &mut list, &mut |list| list.insert(std::mem::take(&mut batch)));
    let search = Search::new("actor-49".to_owned(), filter("actor-49").remove(0));
    timed("a search", &mut list, &mut |list| list.set_search(Some(search.clone())));
    timed("its tally", &mut list, &mut List::tally);
}
