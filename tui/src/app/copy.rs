//! Parts of the open alert that can be copied, each by a letter. Copied text is pasted into shells and
//! chats, so characters that can't be seen are replaced by marks, unless it is asked for as it is.

use detector::{Alert, SafeText};

use crate::app::detail::Detail;
use crate::app::effect::Copy;
use crate::format;
use crate::model::Content;
use crate::respond::{self, link};
use crate::widget::json_tree::{Step, dotted, find, jq};
use crate::widget::text;

/// The copy menu.
#[derive(Debug)]
pub(crate) struct CopyMenu {
    pub(crate) items: Vec<Item>,
    /// The line under the cursor.
    pub(crate) at: usize,
}

impl CopyMenu {
    pub(crate) const fn new(items: Vec<Item>) -> Self {
        Self { items, at: 0 }
    }

    pub(crate) fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by).min(self.items.len().saturating_sub(1));
    }

    /// Returns the text under the cursor.
    pub(crate) fn selected(&self) -> Option<Copy> {
        self.items.get(self.at).map(|item| item.copy(false))
    }

    /// Returns the text that a letter stands for, a capital one as it came; `None` where it stands for none.
    pub(crate) fn by_letter(&self, letter: char) -> Option<Copy> {
        let item = self.items.iter().find(|item| item.letter == letter.to_ascii_lowercase());
        item.map(|item| item.copy(letter.is_ascii_uppercase()))
    }
}

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) letter: char,
    pub(crate) what: &'static str,
    value: String,
    /// True where it was made inert without losing anything: JSON, a command, a link.
    is_inert: bool,
}

impl Item {
    /// As it is shown.
    pub(crate) fn preview(&self) -> SafeText {
        SafeText::new(&self.value)
    }

    /// As it is copied: inert, or as it came.
    pub(crate) fn copy(&self, as_it_is: bool) -> Copy {
        if as_it_is || self.is_inert {
            return Copy { what: self.what, text: self.value.clone(), marks: 0 };
        }
        let marks = self.value.chars().filter(|c| !text::is_safe(*c)).count();
        Copy { what: self.what, text: SafeText::new(&self.value).to_string(), marks }
    }
}

/// Everything that can be copied: of what is under the cursor where the detail has it (`in_detail`),
/// and of the whole alert.
pub(crate) fn items(detail: &Detail, in_detail: bool) -> Vec<Item> {
    let mut items = Vec::new();
    let mut add = |letter, what, value: Option<String>, is_inert| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            items.push(Item { letter, what, value, is_inert });
        }
    };
    let alert = match detail.content() {
        Some(Content::Alert(alert)) => alert,
        Some(Content::Unreadable { why, raw }) => {
            add('y', "reason", Some(why.clone()), false);
            add('j', "message", Some(raw.clone()), false);
            return items;
        }
        None => return items,
    };
    let path = detail.node_path().filter(|_| in_detail);
    let thing = detail.page().current_thing().filter(|_| in_detail);
    let related = detail.related_row().filter(|_| in_detail).map(|row| row.id.0.clone());
    let mut under_cursor = None;
    if let (Some(path), Some((root, root_path))) = (&path, detail.tree_root()) {
        let value = find(root, path);
        let text = value.as_ref().map(|value| match value {
            serde_json::Value::String(text) => (text.clone(), false),
            other => (pretty(other), true),
        });
        if let Some((text, is_inert)) = text {
            add('y', "value", Some(text.clone()), is_inert);
            under_cursor = Some(text);
        }
        add('k', "key", path.iter().rev().find_map(last_key), false);
        add('p', "path", Some(dotted(path)), false);
        add('q', "jq path", Some(text::inert_json(&jq(root_path, path))), true);
    } else if let Some(thing) = thing {
        add('y', thing.name, Some(thing.value.clone()), thing.command);
        under_cursor = Some(thing.value.clone());
    } else if let Some(id) = related {
        add('y', "event id", Some(id), false);
    }
    let facts = alert.facts.as_ref();
    let target = facts.and_then(|facts| facts.target.as_ref());
    let is_arn = |text: &String| text.starts_with("arn:");
    let command = thing.filter(|thing| thing.command).map(|thing| thing.value.clone());
    let command = command.or_else(|| respond::look_ups(alert).into_iter().next().map(|command| command.line));
    add('v', "ARN under the cursor", under_cursor.filter(is_arn), false);
    add('a', "actor ARN", alert.user.clone().filter(is_arn), false);
    add('n', "actor name", facts.map(|facts| facts.actor.name.clone()), false);
    add('r', "target ARN", target.and_then(|target| target_arn(alert, &target.name)), false);
    add('t', "target name", target.map(|target| target.name.clone()), false);
    add('x', "actor's access key ID", respond::access_key(alert).map(str::to_owned), false);
    add('b', "new access key ID", respond::made_key(alert).map(str::to_owned), false);
    add('i', "source IP", alert.source_ip.clone(), false);
    add('w', "account", alert.account.clone(), false);
    add('e', "event ID", Some(alert.id.0.clone()), false);
    add('c', "AWS CLI command", command, true);
    add('l', "console link", Some(link::event(alert)), true);
    add('o', "console link of the target", link::target(alert), true);
    add('s', "summary", Some(sentence(alert)), false);
    add('m', "Slack message", Some(slack(alert)), true);
    add('d', "ticket text (Markdown)", Some(ticket(alert)), true);
    add('j', "record (JSON)", Some(json(alert)), true);
    items
}

/// Returns the ARN of the target where the record holds it: one that ends with its name.
fn target_arn(alert: &Alert, name: &str) -> Option<String> {
    let is_it = |text: &str| {
        let rest = text.strip_suffix(name).filter(|rest| rest.starts_with("arn:"));
        rest.is_some_and(|rest| rest.ends_with(['/', ':']))
    };
    let record = alert.record.as_deref().unwrap_or(&alert.parameters);
    let mut values = vec![record];
    while let Some(value) = values.pop() {
        match value {
            serde_json::Value::String(text) if is_it(text) => return Some(text.clone()),
            serde_json::Value::Array(items) => values.extend(items),
            serde_json::Value::Object(members) => values.extend(members.values()),
            _ => {}
        }
    }
    None
}

fn last_key(step: &Step) -> Option<String> {
    match step {
        Step::Key(key) => Some(key.clone()),
        Step::Index(at) => Some(at.to_string()),
        Step::Decoded | Step::Parsed => None,
    }
}

fn pretty(value: &serde_json::Value) -> String {
    text::inert_json(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The record as CloudTrail wrote it; without it the alert.
fn json(alert: &Alert) -> String {
    match &alert.record {
        Some(record) => pretty(record),
        None => text::inert_json(&serde_json::to_string_pretty(alert).unwrap_or_default()),
    }
}

/// For a chat: how bad, what, where and when.
fn sentence(alert: &Alert) -> String {
    let time = alert.time.map(|time| format!(" at {} UTC", format::date_time(time))).unwrap_or_default();
    let account =
        alert.account.as_deref().map(|account| format!(" in account {account}")).unwrap_or_default();
    format!("{}: {}{account}{time} ({})", alert.severity, alert.summary, alert.id)
}

/// For Slack: the severity and the headline in bold, the sentence, then place, time and link. Each value is safe; the
/// line ends are its own.
fn slack(alert: &Alert) -> String {
    let time = alert.time.map(|time| format!("{} UTC", format::date_time(time)));
    let parts = [alert.account.clone(), alert.region.clone(), alert.source_ip.clone(), time];
    let place = SafeText::new(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    let (severity, link) = (alert.severity, link::event(alert));
    let (headline, summary) = (SafeText::new(&alert.headline()), SafeText::new(&alert.summary));
    format!("*{severity}: {headline}*\n{summary}\n{place}\n{link}")
}

/// For a ticket: the sentence as a heading, and the facts as a table.
fn ticket(alert: &Alert) -> String {
    let facts = alert.facts.as_ref();
    let target = facts.and_then(|facts| facts.target.as_ref());
    let rows = [
        ("Severity", Some(alert.severity.to_string())),
        ("Rule", Some(alert.headline())),
        ("Time", alert.time.map(|time| format!("{} UTC", format::date_time(time)))),
        ("Actor", alert.user.clone()),
        ("Target", target.map(|target| format!("{} {}", target.kind.label(), target.name))),
        ("Source IP", alert.source_ip.clone()),
        ("Account", alert.account.clone()),
        ("Region", alert.region.clone()),
        ("Access key", respond::access_key(alert).map(str::to_owned)),
        ("Event ID", Some(alert.id.0.clone())),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let safe = |value: &str| markdown(SafeText::new(value).as_str());
    let lines: Vec<_> = rows.map(|(name, value)| format!("| {name} | {} |\n", safe(&value))).collect();
    let (summary, link) = (safe(&alert.summary), link::event(alert));
    format!("## {summary}\n\n| | |\n| --- | --- |\n{}| Link | {link} |\n", lines.concat())
}

/// Text that stays text in Markdown: no table, link, tag or emphasis begins in it.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]<>|#!".contains(c) {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;

    #[test]
    fn messages_keep_their_lines_and_hostile_text_adds_none() {
        let Content::Alert(mut alert) = alert("one", 1).content else { panic!("an alert") };
        alert.summary = "made\nuser | x\u{202e}".to_owned();
        let slack = slack(&alert);
        assert_eq!(slack.lines().count(), 4, "{slack}");
        let ticket = ticket(&alert);
        let lines: Vec<_> = ticket.lines().collect();
        assert!(lines[0].starts_with("## made⏎user \\| x"), "{ticket}");
        assert!(lines[4..].iter().all(|line| line.starts_with("| ") && line.ends_with(" |")), "{ticket}");
        assert!(ticket.contains("#/events"), "the link works: {ticket}");
        assert!(!format!("{slack}{ticket}").contains('\u{202e}'));
    }
}
