//! Policy documents in what was recorded: where they are, what in them deserves a second look, and
//! the Policy tab, which reads them statement by statement.

use detector::Alert;
use detector::policy::{Document, Element, Statement, decode};
use serde_json::Value;

use crate::app::detail::page::Page;
use crate::widget::json_tree::{Step, dotted, json_inside};

/// Notes for a tree: what is dangerous in a document, at the element that it is in.
pub(super) fn notes(value: &Value, account: Option<&str>) -> Vec<(Vec<Step>, String)> {
    let Some((key, statements)) = member(value, &["Statement"]) else { return Vec::new() };
    let Ok(document) = decode(value) else { return Vec::new() };
    let mut notes = Vec::new();
    for (at, statement) in document.statements.iter().enumerate() {
        let (written, steps) = match statements.get(at) {
            Some(written) if statements.is_array() => {
                (written, vec![Step::Key(key.clone()), Step::Index(at)])
            }
            _ => (statements, vec![Step::Key(key.clone())]),
        };
        for danger in statement.dangers(account) {
            let names: &[&str] = match danger.element {
                Element::Action => &["Action", "NotAction"],
                Element::Principal => &["Principal", "NotPrincipal"],
                Element::Condition => &["Condition"],
            };
            let element = member(written, names).map(|(key, _)| Step::Key(key));
            let place = steps.iter().cloned().chain(element).collect();
            notes.push((place, danger.words));
        }
    }
    notes
}

/// A member by any of these names, in any case, and its name as it is written.
fn member<'a>(value: &'a Value, names: &[&str]) -> Option<(String, &'a Value)> {
    let mut members = value.as_object()?.iter();
    members
        .find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)))
        .map(|(key, inner)| (key.clone(), inner))
}

/// A document and where it is, or why it can't be read.
type Found = (String, Result<Document, String>);

fn documents(value: &Value, steps: &mut Vec<Step>, found: &mut Vec<Found>) {
    match value {
        Value::Object(map) => {
            if let Ok(document) = decode(value) {
                found.push((dotted(steps), Ok(document)));
                return;
            }
            for (key, inner) in map {
                steps.push(Step::Key(key.clone()));
                documents(inner, steps, found);
                steps.pop();
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                steps.push(Step::Index(at));
                documents(inner, steps, found);
                steps.pop();
            }
        }
        Value::String(text) => match (json_inside(value), decode(value)) {
            (_, Ok(document)) => found.push((dotted(steps), Ok(document))),
            (Some((inner, _)), Err(_)) => documents(&inner, steps, found),
            (None, Err(error)) => {
                let named = |step: &Step| matches!(step, Step::Key(key) if key.to_ascii_lowercase().contains("policy"));
                if text.starts_with(['{', '%']) && steps.last().is_some_and(named) {
                    found.push((dotted(steps), Err(error.to_string())));
                }
            }
        },
        _ => {}
    }
}

/// The Policy tab.
pub(super) fn policy(page: &mut Page, alert: &Alert) {
    let mut found = Vec::new();
    documents(&alert.parameters, &mut Vec::new(), &mut found);
    if found.is_empty() {
        page.summary("No policy in this event.");
    }
    for (path, document) in found {
        page.heading(&path);
        match document {
            Ok(document) => {
                for (at, one) in document.statements.iter().enumerate() {
                    statement(page, at + 1, one, alert.account.as_deref());
                }
            }
            Err(error) => page.warning(&error),
        }
    }
    let because = alert.facts.as_ref().map(|facts| &facts.because);
    let judged = because.map(|because| [&because.grants, &because.exposes, &because.weakens]);
    let judged: Vec<_> = judged.into_iter().flatten().flatten().collect();
    if !judged.is_empty() {
        page.heading("Detector's reading");
        for words in judged {
            page.text(words);
        }
    }
}

fn statement(page: &mut Page, number: usize, statement: &Statement, account: Option<&str>) {
    page.blank();
    let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty()).map(|sid| format!(" ({sid})"));
    page.text(&format!("{number}{}. {}", sid.unwrap_or_default(), statement.in_words()));
    let dangers = statement.dangers(account);
    for danger in &dangers {
        page.warning(&danger.words);
    }
    let conditions = statement.conditions_in_words();
    // Where that is the danger, it has been said.
    if conditions.is_empty() && !dangers.iter().any(|danger| danger.element == Element::Condition) {
        page.fact("Only if", "(no condition)");
    }
    for (at, condition) in conditions.iter().enumerate() {
        page.fact(if at == 0 { "Only if" } else { "and" }, condition);
    }
}
