//! Properties of any filter and any row.

use super::*;
use proptest::prelude::*;

fn term() -> impl Strategy<Value = Expr> {
    let word = "[a-zA-Z0-9*?.@/é-]{1,8}".prop_filter("it would be read as something else", |word| {
        !word.starts_with('-') && !["and", "or", "not"].contains(&word.to_lowercase().as_str())
    });
    let op = prop::sample::select(vec![
        Op::Holds,
        Op::Is,
        Op::IsNot,
        Op::Matches,
        Op::MatchesNot,
        Op::Less,
        Op::AtMost,
        Op::More,
        Op::AtLeast,
    ]);
    let value = prop_oneof![
        word.prop_map(|text| Value { text, quoted: false }),
        "[^\\p{Cc}]{1,12}".prop_map(|text| Value { text, quoted: true }),
    ];
    (prop::option::of(prop::sample::select(Field::ALL.to_vec())), op, value).prop_map(|(field, op, value)| {
        let op = if field.is_none() && op != Op::Matches { Op::Holds } else { op };
        Expr::Term(Term { field, op, value, at: 0..0, value_at: 0..0 })
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    term().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Expr::Not(Box::new(inner))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner, 2..4).prop_map(Expr::Or),
        ]
    })
}

/// Rows of few texts, each of which is found in several fields.
fn any_row() -> impl Strategy<Value = Row> {
    let text = || prop::sample::select(vec!["–", "✗ x", "user x", "x y", "203.0.113.7", "b", ""]);
    (text(), text(), text(), text()).prop_map(|(event, actor, target, ip)| Row {
        event: SharedText::new(event),
        actor: SharedText::new(actor),
        target: SharedText::new(target),
        source_ip: SharedText::new(ip),
        ..row()
    })
}

fn any_filter() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "x",
        "-x",
        "*x",
        "(b -y)",
        "~^x",
        "event=x",
        "actor=x",
        "target=x",
        "-target:user",
        "actor!=b",
        "ip:203.0.113.0/24",
        "actor:203",
        "event:x target:x",
    ])
}

proptest! {
    #[test]
    fn what_is_written_out_reads_the_same(expr in expr()) {
        let text = expr.to_string();
        prop_assert_eq!(parser::parse(&text).map_err(|error| error.report(&text)), Ok(expr), "{}", text);
    }

    #[test]
    fn no_text_panics_and_errors_are_in_the_text(text in any::<String>()) {
        if let Err(error) = Filter::parse(&text, &clock()) {
            prop_assert!(text.get(error.at).is_some() && !error.what.is_empty());
        }
        for (at, _) in text.char_indices() {
            let completion = complete(&text, at, |_| true, |_| vec!["x y".into()]);
            prop_assert!(text.get(completion.at).is_some());
        }
    }

    #[test]
    fn nearly_a_filter_does_not_panic(text in "[a-z:=!~<>()\"\\\\*? -]{0,24}") {
        if let Ok(filter) = Filter::parse(&text, &clock()) {
            filter.matches(&row());
        }
    }

    #[test]
    fn a_quoted_value_finds_itself(actor in "\\PC{1,20}") {
        let row = Row { actor: SharedText::new(&actor), ..row() };
        let field = super::super::quote(row.text(Field::Actor));
        prop_assume!(!row.text(Field::Actor).is_empty());
        let takes = |filter: String| Filter::parse(&filter, &clock()).unwrap().matches(&row);
        let (is, is_not) = (format!("actor={field}"), format!("actor!={field}"));
        prop_assert!(takes(is) && !takes(is_not));
    }

    #[test]
    fn what_it_remembers_of_a_text_is_what_it_would_say(
        terms in prop::collection::vec(any_filter(), 1..4),
        rows in prop::collection::vec(any_row(), 8),
    ) {
        let filter = terms.join(" or ");
        let asked = Filter::parse(&filter, &clock()).unwrap();
        for row in rows.iter().chain(&rows) {
            prop_assert_eq!(asked.matches(row), asked.clone().matches(row), "{} {:?}", filter, row);
        }
    }

    #[test]
    fn a_filter_and_its_opposite_share_nothing(expr in expr()) {
        let text = expr.to_string();
        if let Ok(filter) = Filter::parse(&text, &clock()) {
            let opposite = Filter::parse(&format!("-({text})"), &clock()).unwrap();
            prop_assert_ne!(filter.matches(&row()), opposite.matches(&row()));
        }
    }
}
