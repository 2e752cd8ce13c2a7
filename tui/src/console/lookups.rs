//! Lookups: questions to the store and to the built-in rules, each beside the loop, with its answer as a message.

use std::sync::LazyLock;

use detector::Rules;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::app::detail::Steps;
use crate::app::effect::Lookup;
use crate::app::msg::{Answer, Msg};
use crate::filter::Filter;
use crate::model::{Content, Event, Facet, Row};
use crate::output::rule;
use crate::store::{self, RelatedBy, Store, StoreError};

/// Starts a lookup; its answer is sent to the loop.
pub(super) fn start(lookup: Lookup, store: Store, answers: mpsc::Sender<Msg>) {
    tokio::spawn(async move {
        let answer = answer(lookup, &store).await;
        // The console may have ended meanwhile.
        drop(answers.send(answer.unwrap_or_else(|error| Event::StoreFailed(error.to_string()).into())).await);
    });
}

/// Looks something up, and returns the answer.
async fn answer(lookup: Lookup, store: &Store) -> Result<Msg, StoreError> {
    Ok(match lookup {
        Lookup::Load(id) => Answer::Loaded(id.clone(), store.load(id).await?).into(),
        Lookup::Steps(id, rules) => {
            let steps = tokio::task::spawn_blocking(move || steps(&rules)).await;
            Answer::Steps(id, steps.map_err(|_| StoreError::Stopped)?).into()
        }
        Lookup::Rules(rules) => {
            let words = tokio::task::spawn_blocking(move || rules_in_words(&rules)).await;
            Answer::Rules(words.map_err(|_| StoreError::Stopped)?).into()
        }
        Lookup::Related(id) => {
            // A failure is shown in the tab, and not only in the status line.
            let groups = store.related(id.clone()).await.map_err(|error| error.to_string());
            let shared = |(by, rows): (RelatedBy, Vec<Row>)| (by.facet, rows);
            Answer::Related(id, groups.map(|groups| groups.into_iter().map(shared).collect())).into()
        }
        Lookup::Incidents => {
            Answer::Incidents(store.incidents().await.map_err(|error| error.to_string())).into()
        }
        Lookup::IncidentsOf(id) => {
            let found = store.incidents_of(id.clone()).await.map_err(|error| error.to_string());
            Answer::IncidentsOf(id, found).into()
        }
        Lookup::Row(id) => Answer::Row(store.row(id).await?.map(Box::new)).into(),
        Lookup::History(id) => Answer::History(id.clone(), store.history(id).await?).into(),
        Lookup::Sharing { id, facet, before, turn } => {
            let rows = store.sharing(id, facet, before).await?;
            Answer::Sharing { turn, last: rows.len() < store::PAGE, rows }.into()
        }
        Lookup::FacetValue(id, facet) => {
            let content = store.load(id.clone()).await?;
            Answer::FacetValue(id, facet, value(content.as_ref(), facet)).into()
        }
        Lookup::FacetValues(id, facets) => {
            let content = store.load(id.clone()).await?;
            let values = facets.into_iter().map(|facet| value(content.as_ref(), facet));
            Answer::FacetValues(id, values.collect()).into()
        }
        Lookup::Older(end) => Event::page(store.older(end).await?, store::PAGE).into(),
        Lookup::Seek { older_than, turn, scope, walks } => {
            let filters = &scope.filters;
            let since = filters.iter().map(|filter| filter.span().0).max().unwrap_or(Timestamp::MIN);
            let literals = filters.iter().filter(|_| !walks).flat_map(Filter::literals).collect();
            let page = store.seek(older_than, since, literals, move |row| scope.takes(row)).await?;
            Answer::Sought { turn, page }.into()
        }
    })
}

/// Returns an alert's value of a facet; `None` where it has none, or where it is not there any more.
fn value(content: Option<&Content>, facet: Facet) -> Option<String> {
    match content {
        Some(Content::Alert(alert)) => facet.value(alert),
        _ => None,
    }
}

/// The built-in rules, read with the first question.
static RULES: LazyLock<Rules> = LazyLock::new(Rules::default);

/// Returns the built-in rules with these ids in words; empty where none has one of them.
fn rules_in_words(ids: &[String]) -> String {
    let found = ids.iter().filter_map(|id| RULES.all().find(|rule| rule.id == *id));
    found.map(rule::in_words).collect::<Vec<_>>().join("\n\n")
}

/// Returns the response steps of the built-in rules with these ids; rules without steps are left out.
pub(crate) fn steps(ids: &[String]) -> Vec<Steps> {
    let of = |id: &String| RULES.all().find(|rule| rule.id == *id);
    let found = ids.iter().filter_map(of).filter(|rule| !rule.respond.is_empty());
    found.map(|rule| Steps { rule: rule.title.clone(), steps: rule.respond.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use crate::store::Retention;
    use detector::AlertId;

    #[tokio::test]
    async fn what_is_related_comes_from_the_store_in_words() {
        let (events, _inbox) = mpsc::channel(16);
        let store = Store::open(None, Retention::new(400, 8_192), events).unwrap();
        store.insert(vec![alert("one", 1), alert("two", 2)]).await.unwrap();
        let found = answer(Lookup::Related(AlertId("one".into())), &store).await.unwrap();
        let Msg::Answer(Answer::Related(id, Ok(groups))) = found else { panic!("{found:?}") };
        assert_eq!((id.0.as_str(), groups[0].0), ("one", Facet::Actor));
        assert_eq!(groups[0].1[0].id.0, "two");
        let sharing = Lookup::Sharing {
            id: AlertId("two".into()),
            facet: Facet::Address,
            before: "2026-11-24T02:00:01Z".parse().unwrap(),
            turn: 3,
        };
        let found = answer(sharing, &store).await.unwrap();
        let Msg::Answer(Answer::Sharing { turn: 3, rows, last: true }) = found else { panic!("{found:?}") };
        assert_eq!(rows.len(), 1);
        let found = answer(Lookup::FacetValue(AlertId("one".into()), Facet::Session), &store).await.unwrap();
        assert!(matches!(found, Msg::Answer(Answer::FacetValue(_, _, None))), "alice is no role: {found:?}");
    }

    #[tokio::test]
    async fn what_can_not_be_looked_for_says_why() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        let (events, _inbox) = mpsc::channel(16);
        let store = Store::open(Some(path.clone()), Retention::new(400, 8_192), events).unwrap();
        store.insert(vec![alert("one", 1)]).await.unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch("ALTER TABLE alert RENAME TO gone").unwrap();
        let found = answer(Lookup::Related(AlertId("one".into())), &store).await.unwrap();
        let Msg::Answer(Answer::Related(id, Err(why))) = found else { panic!("{found:?}") };
        assert!(id.0 == "one" && why.contains("no such table: alert"), "{why}");
    }
}
