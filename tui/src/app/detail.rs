//! The open alert: a few lines that say what happened, and its parameters as a tree.

use detector::facts::Verdict;
use detector::{Alert, AlertId, SafeText};
use serde_json::Value;

use crate::store::Content;
use crate::widget::json_tree::JsonTree;
use crate::widget::text;

/// One line of the detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// The severity's word and the title.
    Title(SafeText),
    /// The sentence.
    Summary(SafeText),
    /// A named fact; a continued one has no name.
    Fact(&'static str, SafeText),
    /// The heading of a part.
    Heading(&'static str),
    /// A node of the tree, by its number.
    Node(usize),
    Blank,
}

/// What is known of the open alert.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) id: AlertId,
    /// None while it is being read, and where it is not there any more.
    content: Option<Content>,
    loading: bool,
    tree: JsonTree,
    lines: Vec<Line>,
    width: usize,
    height: usize,
    cursor: usize,
    top: usize,
}

/// Room for the names of facts.
pub(crate) const NAME_WIDTH: usize = 11;

impl Detail {
    pub(crate) fn loading(id: AlertId) -> Self {
        let tree = JsonTree::new(&Value::Null);
        Self {
            id,
            content: None,
            loading: true,
            tree,
            lines: vec![Line::Heading("reading …")],
            width: 0,
            height: 0,
            cursor: 0,
            top: 0,
        }
    }

    pub(crate) fn load(&mut self, content: Option<Content>, width: usize, height: usize) {
        self.tree = match &content {
            Some(Content::Alert(alert)) => JsonTree::new(&alert.parameters),
            Some(Content::Unreadable { .. }) | None => JsonTree::new(&Value::Null),
        };
        self.content = content;
        self.loading = false;
        (self.width, self.height) = (width, height);
        self.lay_out();
        // Where there is something to unfold, that is what one has come for.
        let first_node = self.lines.iter().position(|line| matches!(line, Line::Node(_)));
        self.cursor = first_node.unwrap_or(0);
        self.show();
    }

    pub(crate) fn resize(&mut self, width: usize, height: usize) {
        if width != self.width {
            self.width = width;
            self.lay_out();
        }
        self.height = height;
        self.show();
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(crate) const fn is_loading(&self) -> bool {
        self.loading
    }

    pub(crate) const fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    pub(crate) const fn tree(&self) -> &JsonTree {
        &self.tree
    }

    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(crate) const fn top(&self) -> usize {
        self.top
    }

    pub(crate) fn step(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
        self.show();
    }

    /// Unfolds the node under the cursor. False where there was nothing to unfold.
    pub(crate) fn unfold(&mut self) -> bool {
        self.fold_with(JsonTree::unfold)
    }

    /// Folds the node under the cursor, or goes to its parent. False at the top.
    pub(crate) fn fold(&mut self) -> bool {
        if self.fold_with(JsonTree::fold) {
            return true;
        }
        let Some(&Line::Node(node)) = self.lines.get(self.cursor) else { return false };
        let Some(parent) = self.tree.parent(node) else { return false };
        let place = self.lines.iter().position(|line| *line == Line::Node(parent));
        self.cursor = place.unwrap_or(self.cursor);
        self.top = self.top.min(self.cursor);
        true
    }

    pub(crate) fn toggle(&mut self) -> bool {
        self.fold_with(JsonTree::fold) || self.fold_with(JsonTree::unfold)
    }

    fn fold_with(&mut self, change: fn(&mut JsonTree, usize) -> bool) -> bool {
        let Some(&Line::Node(node)) = self.lines.get(self.cursor) else { return false };
        let changed = change(&mut self.tree, node);
        if changed {
            self.lay_out();
        }
        changed
    }

    fn show(&mut self) {
        let height = self.height;
        // From the top of the tree the facts above it come back into sight.
        let first_node = self.lines.iter().position(|line| matches!(line, Line::Node(_))).unwrap_or(0);
        if self.cursor <= first_node && self.cursor < height {
            self.top = 0;
        } else {
            self.top = self.top.clamp((self.cursor + 1).saturating_sub(height.max(1)), self.cursor);
        }
    }

    fn lay_out(&mut self) {
        self.lines = match &self.content {
            Some(Content::Alert(alert)) => alert_lines(alert, &self.tree, self.width),
            Some(Content::Unreadable { why, raw }) => unreadable_lines(why, raw, self.width),
            None if self.loading => vec![Line::Heading("reading …")],
            None => vec![Line::Heading("this alert is not in the database any more")],
        };
        self.cursor = self.cursor.min(self.lines.len().saturating_sub(1));
    }
}

fn alert_lines(alert: &Alert, tree: &JsonTree, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let title = format!("{}  {}", alert.severity, alert.headline());
    lines.extend(text::wrap(&SafeText::new(&title), width).into_iter().map(Line::Title));
    lines.extend(text::wrap(&SafeText::new(&alert.summary), width).into_iter().map(Line::Summary));
    facts(alert, width, &mut lines);
    lines.push(Line::Blank);
    if alert.parameters.is_null() {
        lines.push(Line::Heading("Parameters: none recorded"));
    } else {
        lines.push(Line::Heading("Parameters"));
        lines.extend(tree.visible().map(Line::Node));
    }
    lines.push(Line::Blank);
    lines.push(Line::Heading("More"));
    more(alert, width, &mut lines);
    lines
}

/// Adds a named fact, in as many lines as it takes.
fn add(lines: &mut Vec<Line>, mut name: &'static str, value: &str, width: usize) {
    for line in text::wrap(&SafeText::new(value), width.saturating_sub(NAME_WIDTH)) {
        lines.push(Line::Fact(name, line));
        name = "";
    }
}

fn or_unsaid(value: Option<&String>) -> &str {
    value.map_or("(not in the record)", String::as_str)
}

/// What one needs to decide.
/// Seconds.
const DAY: i64 = 86_400;

fn facts(alert: &Alert, width: usize, lines: &mut Vec<Line>) {
    let mut fact = |name, value: &str| add(lines, name, value, width);
    // The first rule's title is the alert's.
    for (at, reason) in alert.reasons.iter().filter(|reason| **reason != alert.title).enumerate() {
        fact(if at == 0 { "Why" } else { "" }, reason);
    }
    let source = alert.event_source.as_deref().map(|source| format!(" ({source})"));
    fact("Event", &format!("{}{}", alert.event, source.unwrap_or_default()));
    fact("Principal", or_unsaid(alert.user.as_ref()));
    fact("Source IP", or_unsaid(alert.source_ip.as_ref()));
    let region = alert.region.as_deref().map(|region| format!(", {region}"));
    fact("Account", &format!("{}{}", or_unsaid(alert.account.as_ref()), region.unwrap_or_default()));
    match (alert.time, alert.detected_at) {
        (Some(time), Some(seen)) if seen >= time => {
            let late = seen.duration_since(time).as_secs();
            // Of a replay of old logs the delay says nothing, and the day does.
            let detected = if late < DAY {
                format!("{} later", text::span(late))
            } else {
                format!("{} UTC", text::date_time(seen))
            };
            fact("Time", &format!("{} UTC, detected {detected}", text::date_time(time)));
        }
        (Some(time), _) => fact("Time", &format!("{} UTC", text::date_time(time))),
        (None, _) => fact("Time", "(not in the record)"),
    }
    let words = alert.error.iter().flat_map(|error| [error.code.as_deref(), error.message.as_deref()]);
    let words: Vec<_> = words.flatten().collect();
    match alert.facts.as_ref().map(|facts| facts.outcome.verdict) {
        Some(Verdict::Success) => fact("Outcome", "it worked"),
        Some(Verdict::Denied) => fact("Outcome", &format!("it was denied: {}", words.join(": "))),
        None if words.is_empty() => fact("Outcome", "(not in the record)"),
        Some(Verdict::Failed) | None => fact("Outcome", &format!("it failed: {}", words.join(": "))),
    }
}

/// What one needs to look further.
fn more(alert: &Alert, width: usize, lines: &mut Vec<Line>) {
    let mut fact = |name, value: &str| add(lines, name, value, width);
    for (at, rule) in alert.rules.iter().enumerate() {
        fact(if at == 0 { "Rules" } else { "" }, &format!("{} ({})", rule.title, rule.id));
    }
    let tags = alert.rules.iter().flat_map(|rule| &rule.tags);
    let mut techniques: Vec<_> =
        tags.filter_map(|tag| tag.strip_prefix("attack.t")).map(|id| format!("T{id}")).collect();
    techniques.sort();
    techniques.dedup();
    if !techniques.is_empty() {
        fact("ATT&CK", &techniques.join(", "));
    }
    fact("Client", or_unsaid(alert.user_agent.as_ref()));
    fact("Event ID", &alert.id.0);
    for missing in &alert.truncated {
        fact("Cut", &format!("{missing}: too long for the message"));
    }
}

fn unreadable_lines(why: &str, raw: &str, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::Title(SafeText::new("A message that could not be read"))];
    lines.extend(text::wrap(&SafeText::new(why), width).into_iter().map(Line::Summary));
    lines.extend([Line::Blank, Line::Heading("As it came")]);
    for line in raw.lines() {
        lines.extend(text::wrap(&SafeText::new(line), width).into_iter().map(|line| Line::Fact("", line)));
    }
    lines
}
