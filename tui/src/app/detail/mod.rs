//! The open alert, as tabs: a summary, the parameters and the record as trees, what its policies say,
//! what is related to it, what to do about it. A tab is laid out when it is shown, and again when
//! the width or what is folded changes; never while drawing.

pub(crate) mod actions;
mod attack;
mod documents;
mod page;
pub(crate) mod pane;
mod related;
mod respond;
pub(crate) mod search;
mod summary;
pub(crate) mod tab;
pub(crate) mod tabs;

use std::sync::Arc;

use detector::AlertId;
use serde_json::Value;

pub(crate) use page::{COMMAND_INDENT, Line, NAME_WIDTH, Page};
pub(crate) use related::{Groups, Related, in_memory};
pub(crate) use respond::Steps;
pub(crate) use search::DetailSearch;
use tab::Mark;
pub(crate) use tab::{Showing, Tab};

use crate::app::effect::{Effect, Lookup};
use crate::keymap::Action;
use crate::model::{Content, Remarks, Row, TriageState, TriageStep};
use crate::respond as commands;
use crate::widget::json_tree::{JsonTree, Step};
use crate::widget::text;

/// Cells that a long value is shifted by at a time.
const SHIFT: usize = 8;

/// The open alert, as far as it is known.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) id: AlertId,
    /// True where back-fill found it.
    back_filled: bool,
    state: TriageState,
    remarks: Option<Arc<Remarks>>,
    /// Triage history, newest step first; empty until it was read.
    history: Vec<TriageStep>,
    /// Incident that the alert is of, in words; `None` where it is none or not known yet.
    incident: Option<String>,
    /// None while it is being read, and where it is not there any more.
    content: Option<Content>,
    loading: bool,
    /// Sign of the Policy tab.
    policy: Mark,
    showing: Showing,
    parameters: Option<JsonTree>,
    record: Option<JsonTree>,
    /// None until they were read.
    steps: Option<Vec<Steps>>,
    /// None until they were looked for.
    related: Option<Vec<Related>>,
    /// Reason why the related alerts could not be looked up in the database; `None` where nothing failed.
    related_failed: Option<String>,
    /// Tabs whose data was asked for: it is not asked for again, except Related each time a tab is shown.
    asked: Vec<Tab>,
    page: Page,
    /// Cursor and top of the tabs that are not shown.
    places: [Option<(usize, usize)>; Tab::ALL.len()],
    width: usize,
    height: usize,
    /// Cells by which the value under the cursor is shifted to the left.
    shift: usize,
    search: Option<DetailSearch>,
}

impl Detail {
    pub(crate) fn loading(row: &Row, showing: Showing, (width, height): (usize, usize)) -> Self {
        let mut detail = Self {
            id: row.id.clone(),
            back_filled: row.is_back_filled(),
            state: row.state,
            remarks: row.remarks.clone(),
            history: Vec::new(),
            incident: None,
            content: None,
            loading: true,
            policy: Mark::Plain,
            showing,
            parameters: None,
            record: None,
            steps: None,
            related: None,
            related_failed: None,
            asked: Vec::new(),
            page: Page::default(),
            places: Default::default(),
            width,
            height,
            shift: 0,
            search: None,
        };
        detail.lay_out();
        detail
    }

    pub(crate) fn load(&mut self, content: Option<Content>, (width, height): (usize, usize)) {
        if let Some(Content::Alert(alert)) = &content {
            let notes = |value: &Value| documents::notes(value, alert.account.as_deref());
            self.parameters = (!alert.parameters.is_null()).then(|| JsonTree::new(&alert.parameters, &notes));
            self.record = alert.record.as_ref().map(|record| JsonTree::new(record, &notes));
            self.policy = documents::mark(alert);
        }
        self.content = content;
        self.loading = false;
        self.forget_finds();
        (self.width, self.height) = (width, height);
        self.lay_out();
    }

    /// Takes in the triage of the alert, from its row.
    pub(crate) fn set_triage(&mut self, row: &Row) {
        if self.state != row.state || self.remarks != row.remarks {
            (self.state, self.remarks) = (row.state, row.remarks.clone());
            self.asked.retain(|tab| *tab != Tab::Summary);
            self.lay_out_again();
        }
    }

    pub(crate) fn resize(&mut self, (width, height): (usize, usize)) {
        self.height = height;
        if width == self.width {
            self.page.step(0, self.rows());
        } else {
            self.width = width;
            self.lay_out_again();
        }
    }

    pub(crate) fn show(&mut self, showing: Showing) {
        if let Some(place) = self.places.get_mut(self.showing.tab as usize) {
            *place = Some((self.page.cursor(), self.page.top()));
        }
        let same = self.showing.tab == showing.tab;
        // Alerts come; what was related a while ago may not be all.
        self.asked.retain(|tab| *tab != Tab::Related);
        self.showing = showing;
        self.lay_out();
        if !same {
            let place = self.places.get(showing.tab as usize).copied().flatten();
            self.page.place(place.unwrap_or((self.page.start(), 0)), self.rows());
        }
    }

    /// Returns the request for the data that the shown tab needs, and notes it as asked; `None` where it
    /// needs none or has asked already.
    pub(crate) fn wants(&mut self) -> Option<Effect> {
        let tab = self.showing.tab;
        let Some(Content::Alert(alert)) = &self.content else { return None };
        if self.asked.contains(&tab) {
            return None;
        }
        let effect = match tab {
            Tab::Respond => Effect::Lookup(Lookup::Steps(
                self.id.clone(),
                alert.rules.iter().map(|rule| rule.id.clone()).collect(),
            )),
            Tab::Related => Effect::Lookup(Lookup::Related(self.id.clone())),
            // Each change leaves remarks: without them there is no history.
            Tab::Summary if self.remarks.is_some() => Effect::Lookup(Lookup::History(self.id.clone())),
            _ => return None,
        };
        self.asked.push(tab);
        Some(effect)
    }

    /// Returns the request for related alerts, whatever tab is shown; `None` where they are there or asked for.
    pub(crate) fn wants_related(&mut self) -> Option<Effect> {
        let is_alert = matches!(self.content, Some(Content::Alert(_)));
        if !is_alert || self.related.is_some() || self.asked.contains(&Tab::Related) {
            return None;
        }
        self.asked.push(Tab::Related);
        Some(Effect::Lookup(Lookup::Related(self.id.clone())))
    }

    /// Asks again for what the shown tab could not get. None where nothing has failed.
    pub(crate) fn ask_again(&mut self) -> Option<Effect> {
        self.related_failed.take_if(|_| self.showing.tab == Tab::Related)?;
        self.related = None;
        self.asked.retain(|tab| *tab != Tab::Related);
        self.lay_out();
        self.wants()
    }

    pub(crate) fn take_steps(&mut self, steps: Vec<Steps>) {
        self.steps = Some(steps);
        self.lay_out_again();
    }

    pub(crate) fn take_history(&mut self, steps: Vec<TriageStep>) {
        self.history = steps;
        if self.showing.tab == Tab::Summary {
            self.lay_out_again();
        }
    }

    /// Sets the words on the incident that the alert is of.
    pub(crate) fn set_incident(&mut self, words: Option<String>) {
        if self.incident != words {
            self.incident = words;
            if self.showing.tab == Tab::Summary {
                self.lay_out_again();
            }
        }
    }

    pub(crate) fn take_related(&mut self, groups: Groups, failed: Option<String>) {
        let selected = self.related_row().map(|row| row.id.clone());
        (self.related, self.related_failed) = (Some(related::merged(groups)), failed);
        self.lay_out_again();
        // By its id: newer ones come before it.
        let is_it = |related: &Related| Some(&related.row.id) == selected.as_ref();
        if let Some(number) = self.related.as_ref().and_then(|related| related.iter().position(is_it)) {
            self.page.go_to(&Line::Related(number), self.rows());
        }
        if self.related_failed.is_some() && self.showing.tab == Tab::Related {
            // Enter tries again.
            self.page.place((0, 0), self.rows());
        }
    }

    pub(crate) const fn page(&self) -> &Page {
        &self.page
    }

    pub(crate) const fn showing(&self) -> Showing {
        self.showing
    }

    pub(crate) const fn is_loading(&self) -> bool {
        self.loading
    }

    pub(crate) const fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    pub(crate) const fn shift(&self) -> usize {
        self.shift
    }

    /// The tree of the shown tab.
    pub(crate) const fn tree(&self) -> Option<&JsonTree> {
        match self.showing {
            Showing { tab: Tab::Parameters, .. } => self.parameters.as_ref(),
            Showing { tab: Tab::Record, as_text: false } => self.record.as_ref(),
            _ => None,
        }
    }

    const fn tree_mut(&mut self) -> Option<&mut JsonTree> {
        match self.showing {
            Showing { tab: Tab::Parameters, .. } => self.parameters.as_mut(),
            Showing { tab: Tab::Record, as_text: false } => self.record.as_mut(),
            _ => None,
        }
    }

    /// The value that the shown tree is of, and where it is in the record, as jq writes it.
    pub(crate) fn tree_root(&self) -> Option<(&Value, &'static str)> {
        let Some(Content::Alert(alert)) = &self.content else { return None };
        match self.showing.tab {
            Tab::Parameters => Some((&alert.parameters, ".requestParameters")),
            Tab::Record => alert.record.as_deref().map(|record| (record, "")),
            _ => None,
        }
    }

    /// The path to the node under the cursor.
    pub(crate) fn node_path(&self) -> Option<Vec<Step>> {
        Some(self.tree()?.path(self.node()?))
    }

    /// The related alert under the cursor.
    pub(crate) fn related_row(&self) -> Option<&Row> {
        let Some(Line::Related(number)) = self.page.current() else { return None };
        self.related_at(*number)
    }

    pub(crate) fn related_at(&self, number: usize) -> Option<&Row> {
        self.related_number(number).map(|related| &related.row)
    }

    /// A related alert with what it shares.
    pub(crate) fn related_number(&self, number: usize) -> Option<&Related> {
        self.related.as_ref()?.get(number)
    }

    /// The node under the cursor.
    fn node(&self) -> Option<usize> {
        match self.page.current() {
            Some(Line::Node(node)) => Some(*node),
            _ => None,
        }
    }

    pub(crate) fn step(&mut self, by: isize) {
        self.shift = 0;
        self.page.step(by, self.rows());
    }

    pub(crate) fn recentre(&mut self) {
        self.page.recentre(self.rows());
    }

    /// Unfolds the node under the cursor. False where there was nothing to unfold.
    pub(crate) fn unfold(&mut self) -> bool {
        self.change(JsonTree::unfold)
    }

    /// Folds the node under the cursor, or goes to its parent. False at the top.
    pub(crate) fn fold(&mut self) -> bool {
        self.change(JsonTree::fold) || self.go_to(JsonTree::parent)
    }

    /// Moves in the tree, or folds many nodes of it.
    pub(crate) fn in_tree(&mut self, action: Action) {
        let next = |tree: &JsonTree, node| tree.siblings(node).into_iter().find(|sibling| *sibling > node);
        let previous =
            |tree: &JsonTree, node| tree.siblings(node).into_iter().rfind(|sibling| *sibling < node);
        let first = |tree: &JsonTree, node| tree.siblings(node).into_iter().next();
        let last = |tree: &JsonTree, node| tree.siblings(node).into_iter().next_back();
        match action {
            Action::NextSibling => drop(self.go_to(next)),
            Action::PreviousSibling => drop(self.go_to(previous)),
            Action::FirstSibling => drop(self.go_to(first)),
            Action::LastSibling => drop(self.go_to(last)),
            Action::Parent => drop(self.go_to(JsonTree::parent)),
            Action::NextDepth => drop(self.go_to(|tree, node| tree.depth_change(node, true))),
            Action::PreviousDepth => drop(self.go_to(|tree, node| tree.depth_change(node, false))),
            Action::FoldSiblings => drop(self.change(|tree, node| tree.fold_siblings(node, false))),
            Action::FoldDeep => drop(self.change(|tree, node| tree.fold_siblings(node, true))),
            Action::UnfoldSiblings => drop(self.change(|tree, node| tree.unfold_siblings(node, false))),
            Action::UnfoldDeep => drop(self.change(|tree, node| tree.unfold_siblings(node, true))),
            Action::ValueLeft => self.shift = self.shift.saturating_sub(SHIFT),
            Action::ValueRight => {
                let node = self.node().and_then(|node| self.tree()?.node_at(node));
                let longest = node.map_or(0, |node| text::width(node.value.as_str()).saturating_sub(SHIFT));
                self.shift = (self.shift + SHIFT).min(longest);
            }
            _ => {}
        }
    }

    fn go_to(&mut self, to: impl Fn(&JsonTree, usize) -> Option<usize>) -> bool {
        let place = self.node().and_then(|node| to(self.tree()?, node));
        let Some(place) = place else { return false };
        self.shift = 0;
        self.page.go_to(&Line::Node(place), self.rows());
        true
    }

    fn change(&mut self, change: impl Fn(&mut JsonTree, usize) -> bool) -> bool {
        let Some(node) = self.node() else { return false };
        let Some(tree) = self.tree_mut() else { return false };
        let changed = change(tree, node);
        if changed {
            self.lay_out_again();
        }
        changed
    }

    /// Returns the contents of a tab in a sign.
    pub(crate) fn mark(&self, tab: Tab) -> Mark {
        let Some(Content::Alert(alert)) = &self.content else { return Mark::Plain };
        let count = |count: usize| if count == 0 { Mark::Empty } else { Mark::Count(count) };
        match tab {
            Tab::Parameters if self.parameters.is_none() => Mark::Empty,
            Tab::Record if self.record.is_none() => Mark::Empty,
            Tab::Summary | Tab::Parameters | Tab::Record => Mark::Plain,
            Tab::Policy => self.policy,
            Tab::Related => self.related.as_ref().map_or(Mark::Plain, |related| count(related.len())),
            Tab::Respond => count(commands::commands(alert).len()),
        }
    }

    /// Lines of the page that are on the screen: what stands below takes the last.
    pub(crate) fn rows(&self) -> usize {
        if self.has_foot() { self.height.saturating_sub(1) } else { self.height }
    }

    /// True where there is a line below the page, with the number of hits and the path of the node under
    /// the cursor: it needs a search or a tree, and room.
    pub(crate) const fn has_foot(&self) -> bool {
        (self.height >= 5 && self.tree().is_some()) || (self.height >= 2 && self.search.is_some())
    }

    fn lay_out_again(&mut self) {
        let before = std::mem::take(&mut self.page);
        self.lay_out();
        self.page.take_place_of(&before, self.rows());
    }

    fn lay_out(&mut self) {
        let mut page = Page::new(self.width);
        match &self.content {
            None if self.loading => page.heading("Reading…"),
            None => page.heading("This alert is no longer in the database."),
            Some(Content::Unreadable { why, raw }) => match self.showing.tab {
                Tab::Summary | Tab::Record => summary::unreadable(&mut page, why, raw),
                _ => page.summary("Unreadable message; its text is in Summary."),
            },
            Some(Content::Alert(alert)) => match self.showing.tab {
                Tab::Summary => {
                    let remarks = self.remarks.as_deref();
                    let triage = summary::Triage { state: self.state, remarks, history: &self.history };
                    let incident = self.incident.as_deref();
                    summary::alert(&mut page, alert, triage, (self.back_filled, incident));
                }
                Tab::Parameters => match &self.parameters {
                    Some(tree) => tree.visible().for_each(|node| page.line(Line::Node(node))),
                    None => page.summary("No parameters in this event."),
                },
                Tab::Policy => documents::policy(&mut page, alert),
                Tab::Record => match (&self.record, &alert.record) {
                    (Some(_), Some(record)) if self.showing.as_text => {
                        let pretty = serde_json::to_string_pretty(record).unwrap_or_default();
                        text::inert_json(&pretty).lines().for_each(|line| page.text(line));
                    }
                    (Some(tree), _) => tree.visible().for_each(|node| page.line(Line::Node(node))),
                    _ => {
                        page.summary("Record too large for the alert's message. Fetch it from CloudTrail:");
                        if let Some(command) = commands::look_ups(alert).first() {
                            page.command(1, command);
                        }
                    }
                },
                Tab::Related => {
                    related::lay_out(&mut page, self.related.as_deref(), self.related_failed.as_deref());
                }
                Tab::Respond => respond::lay_out(&mut page, alert, self.steps.as_deref()),
            },
        }
        self.shift = 0;
        self.page = page;
        self.look_again();
    }
}
