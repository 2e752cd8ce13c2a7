//! Policy documents in what was recorded: where they are, what in them deserves a second look, and
//! the Policy tab: each document as a table of statements, and in words.

use detector::Alert;
use detector::facts::Facts;
use detector::policy::{Document, Effect, Element, ManagedPolicy, Statement, decode};
use serde_json::Value;

use crate::app::detail::page::Page;
use crate::app::detail::tab::Mark;
use crate::widget::json_tree::{Step, WARNING, dotted, json_inside};

/// Cells of principal, action and condition from which on they stand as a table.
const LEAST_OF_TABLE: usize = 60;

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

/// Finds the AWS managed policies that a call names by ARN, each with the place of the ARN.
fn managed_policies(value: &Value, steps: &mut Vec<Step>, found: &mut Vec<(String, ManagedPolicy)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                steps.push(Step::Key(key.clone()));
                managed_policies(inner, steps, found);
                steps.pop();
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                steps.push(Step::Index(at));
                managed_policies(inner, steps, found);
                steps.pop();
            }
        }
        Value::String(arn) => {
            found.extend(ManagedPolicy::by_arn(arn).map(|policy| (dotted(steps), policy)));
        }
        _ => {}
    }
}

/// Returns the sign of the Policy tab: the dangers in the documents, else the number of documents.
pub(super) fn mark(alert: &Alert) -> Mark {
    let mut found = Vec::new();
    documents(&alert.parameters, &mut Vec::new(), &mut found);
    let account = alert.account.as_deref();
    let read = found.iter().filter_map(|(_, document)| document.as_ref().ok());
    let dangers: usize =
        read.flat_map(|document| &document.statements).map(|one| one.dangers(account).len()).sum();
    let judged = alert.facts.as_ref().map_or(0, |facts| judged(facts).count());
    match (dangers, found.len(), judged) {
        (0, 0, 0) => Mark::Empty,
        (0, 0, judged) => Mark::Warnings(judged),
        (0, count, _) => Mark::Count(count),
        (dangers, ..) => Mark::Warnings(dangers),
    }
}

/// Returns the detector's readings of what was granted, exposed and weakened.
fn judged(facts: &Facts) -> impl Iterator<Item = &String> {
    let because = &facts.because;
    [&because.grants, &because.exposes, &because.weakens].into_iter().flatten()
}

/// The Policy tab.
pub(super) fn policy(page: &mut Page, alert: &Alert) {
    let mut found = Vec::new();
    documents(&alert.parameters, &mut Vec::new(), &mut found);
    let judged: Vec<_> = alert.facts.iter().flat_map(judged).collect();
    let mut managed = Vec::new();
    managed_policies(&alert.parameters, &mut Vec::new(), &mut managed);
    let named = alert.parameters.get("policyArn").and_then(Value::as_str);
    match (found.is_empty() && managed.is_empty(), named) {
        (true, Some(arn)) => {
            page.summary(&format!("Policy by name, its document is not in the event: {arn}"));
        }
        (true, None) if judged.is_empty() => page.summary("No policy in this event."),
        _ => {}
    }
    for (path, policy) in managed {
        page.heading(&format!("{path}: AWS managed policy {}", policy.name));
        let ManagedPolicy { version, day, .. } = policy;
        page.text(&format!("Document of version {version} ({day}); AWS may have changed it since."));
        page.blank();
        statements(page, &policy.document, None);
    }
    for (path, document) in found {
        page.heading(&path);
        match document {
            Ok(document) => statements(page, &document, alert.account.as_deref()),
            Err(error) => page.warning(&error),
        }
    }
    if !judged.is_empty() {
        page.heading("Detector's reading");
        for words in judged {
            page.text(words);
        }
    }
}

/// Widths of the columns of the table of statements, for a page of this width: number, effect, principal or resource,
/// action, condition. `None` where the page is too narrow for a table.
fn columns(width: usize) -> Option<[usize; 5]> {
    let (number, effect) = (4, 7);
    let left = width.checked_sub(number + effect).filter(|left| *left >= LEAST_OF_TABLE)?;
    let principal = left * 2 / 5;
    let action = left * 3 / 10;
    Some([number, effect, principal, action, left - principal - action])
}

/// Adds the statements of a document: as a table where there is room, each with its dangers and in words below.
fn statements(page: &mut Page, document: &Document, account: Option<&str>) {
    let columns = columns(page.width());
    if let Some(columns) = columns {
        let names_principals = document.names_principals();
        let names =
            ["#", "EFFECT", if names_principals { "PRINCIPAL" } else { "RESOURCE" }, "ACTION", "CONDITION"];
        let cells: Vec<_> =
            names.iter().zip(columns).map(|(name, width)| ((*name).to_owned(), width, false)).collect();
        page.row("", &cells);
        for (at, one) in document.statements.iter().enumerate() {
            row(page, at + 1, one, (columns, names_principals), account);
        }
        page.blank();
    }
    for (at, one) in document.statements.iter().enumerate() {
        in_words(page, at + 1, one, account, columns.is_some());
    }
}

/// Adds a statement as a row of the table.
fn row(
    page: &mut Page,
    number: usize,
    statement: &Statement,
    (columns, names_principals): ([usize; 5], bool),
    account: Option<&str>,
) {
    let dangers = statement.dangers(account);
    let is_bad = |element| dangers.iter().any(|danger| danger.element == element);
    let warned = |words: String, bad: bool| if bad { format!("{WARNING}{words}") } else { words };
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let whom =
        if names_principals { statement.principals_in_words() } else { statement.resources_in_words() };
    let conditions = statement.conditions_in_words();
    let conditions = if conditions.is_empty() { "none".to_owned() } else { conditions.join("; ") };
    let (principal, action, condition) =
        (is_bad(Element::Principal), is_bad(Element::Action), is_bad(Element::Condition));
    let cells = [
        (number.to_string(), false),
        (effect.to_owned(), false),
        (warned(whom, principal), principal),
        (warned(statement.actions_in_words(), action), action),
        (warned(conditions, condition), condition),
    ];
    let cells: Vec<_> =
        cells.into_iter().zip(columns).map(|((words, bad), width)| (words, width, bad)).collect();
    page.row(&statement.in_words(), &cells);
}

/// Adds a statement in words, and what is dangerous about it. Its conditions are in the table where there is one.
fn in_words(page: &mut Page, number: usize, statement: &Statement, account: Option<&str>, has_table: bool) {
    let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty()).map(|sid| format!(" ({sid})"));
    page.text(&format!("{number}{}. {}", sid.unwrap_or_default(), statement.in_words()));
    let dangers = statement.dangers(account);
    for danger in &dangers {
        page.warning(&danger.words);
    }
    if has_table {
        return;
    }
    let conditions = statement.conditions_in_words();
    // A danger of the condition says it already.
    if conditions.is_empty() && !dangers.iter().any(|danger| danger.element == Element::Condition) {
        page.fact("Condition", "none");
    }
    for (at, condition) in conditions.iter().enumerate() {
        page.fact(if at == 0 { "Condition" } else { "and" }, condition);
    }
}
