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
    let is_arn = |text: &String| text.starts_with("arn:");
    let arn = under_cursor.filter(is_arn).or_else(|| alert.user.clone().filter(is_arn));
    add('a', "ARN", arn, false);
    add('i', "source IP", alert.source_ip.clone(), false);
    add('j', "JSON", Some(json(alert)), true);
    let command = thing.filter(|thing| thing.command).map(|thing| thing.value.clone());
    let command = command.or_else(|| respond::look_ups(alert).into_iter().next().map(|command| command.line));
    add('c', "AWS CLI command", command, true);
    add('l', "console link", Some(link::event(alert)), true);
    add('t', "link to the target", link::target(alert), true);
    add('s', "summary", Some(sentence(alert)), false);
    items
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
