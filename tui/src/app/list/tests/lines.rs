//! Lines of the list: what folds, what unfolds, days.

use super::*;

/// Rows of few kinds within few minutes: id, second, kind.
fn alike() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::btree_map(any::<u8>(), (0..240_u8, 0..3_u8), 1..40).prop_map(|rows| {
        rows.into_iter()
            .map(|(id, (second, kind))| Row {
                actor: SharedText::new(&format!("actor-{kind}")),
                severity: Some(if kind == 2 { Severity::Critical } else { Severity::Low }),
                ..row(id, second)
            })
            .collect()
    })
}

/// The lines of a list: the ids in each.
fn lines(list: &List) -> Vec<Vec<String>> {
    (0..list.line_count())
        .map(|line| list.places_of_line(line).map(|at| list.shown_at(at).unwrap().id.0.clone()).collect())
        .collect()
}

proptest! {
    #[test]
    fn lines_hold_each_row_once_and_are_the_same_in_whatever_order_the_rows_came(
        rows in alike(),
        split in 0..40_usize,
        oldest_first in any::<bool>(),
    ) {
        let (mut list, mut other) = (List::default(), List::default());
        list.insert(rows.clone());
        let (early, late) = rows.split_at(split.min(rows.len()));
        other.insert(late.to_vec());
        other.insert(early.to_vec());
        for list in [&mut list, &mut other] {
            list.set_sort(Sort { by: Column::Time, reversed: oldest_first });
        }
        prop_assert_eq!(lines(&list), lines(&other));
        let ids: Vec<String> = lines(&list).concat();
        prop_assert_eq!(ids.len(), rows.len());
        for line in 0..list.line_count() {
            let rows: Vec<_> = list.places_of_line(line).map(|at| list.shown_at(at).unwrap()).collect();
            let first = rows.iter().min_by_key(|row| row.time).unwrap();
            for row in &rows {
                prop_assert!(rows.len() == 1 || row.severity != Some(Severity::Critical));
                prop_assert_eq!(&row.actor, &first.actor);
                prop_assert!(row.time.duration_since(first.time).as_secs() <= 60);
            }
        }
    }
}

#[test]
fn a_line_of_many_unfolds_and_folds_again_and_days_have_lines_of_their_own() {
    let mut list = List::default();
    list.show(9);
    let alike = |id: u8, second: i64| Row {
        time: Timestamp::from_second(second).unwrap(),
        severity: Some(Severity::Low),
        actor: SharedText::new("eve"),
        ..row(id, 0)
    };
    let day = 86_400;
    list.insert(vec![alike(1, 10), alike(2, 30), alike(3, 71), alike(4, day + 5), alike(5, day + 6)]);
    list.set_days(Some((TimeZone::UTC, jiff::civil::date(1970, 1, 3))));
    let shown = |list: &List| -> Vec<String> {
        let words = |line| match line {
            ListLine::Day(day) => day.to_string(),
            ListLine::Rows(rows) => format!("{}x{}", rows.row.id, rows.count),
        };
        list.on_screen().map(words).collect()
    };
    assert_eq!(shown(&list), ["1970-01-02", "5x2", "1970-01-01", "3x1", "2x2"]);
    assert_eq!(selected(&list), "5");
    list.step(2);
    assert_eq!(selected(&list), "3", "days are no steps");
    list.step(1);
    assert_eq!((selected(&list), list.selected_rows().count()), ("2", 2));
    assert!(list.unfold());
    assert_eq!(shown(&list), ["1970-01-02", "5x2", "1970-01-01", "3x1", "2x1", "1x1"]);
    assert!(!list.unfold(), "there is nothing more to unfold");
    list.step(1);
    assert_eq!((selected(&list), list.selected_rows().count()), ("1", 1));
    assert!(list.fold());
    assert_eq!(
        shown(&list),
        ["1970-01-02", "5x2", "1970-01-01", "3x1", "1x2"],
        "what is selected stands for all"
    );
    assert!(!list.fold());
    list.insert(vec![alike(6, day + 65)]);
    assert_eq!(shown(&list)[1], "6x3", "what is new joins the line that is there");
    list.set_sort(Sort { by: Column::Actor, reversed: false });
    assert_eq!(list.line_count(), 6, "in another order each row is a line");
}

#[test]
fn a_line_stays_unfolded_when_rows_join_it_and_the_last_one_is_followed() {
    let mut list = List::default();
    list.show(9);
    let actor = || SharedText::new("eve");
    let alike = |id: u8, second: u8| Row { severity: Some(Severity::Low), actor: actor(), ..row(id, second) };
    list.insert(vec![alike(1, 20), alike(2, 30)]);
    assert!(list.unfold());
    list.insert(vec![alike(3, 10)]);
    assert_eq!(list.line_count(), 3, "an older one joined");
    list.set_sort(Sort::OLDEST_FIRST);
    assert!(list.fold());
    list.step(-9);
    list.step(9);
    assert_eq!(list.line_count(), 1);
    list.insert(vec![alike(4, 40)]);
    assert_eq!(selected(&list), "4", "the list follows its newest alert");
}
