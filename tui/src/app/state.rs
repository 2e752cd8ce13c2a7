//! All that the screen is drawn from.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::layout::Layout;
use crate::app::list::Counts;
use crate::app::paging::Paging;
use crate::app::query::{Query, TimeStyle};
use crate::app::shell::Shell;
use crate::app::triage::Triage;
use crate::app::{Desk, Detail, List, Pipeline, Timeline, query};
use crate::keymap::Pane;
use crate::model::{Identity, ReplayStatus, Row, SourceStatus};

/// An age is told in seconds up to here.
const AGE_IN_SECONDS: i64 = 120;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// State of the console at the time of the last message.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) list: List,
    pub(crate) counts: Counts,
    /// Number of entries received that were stored already.
    pub(crate) duplicates: usize,
    pub(crate) detail: Option<Detail>,
    /// True where the detail was opened; a wide screen shows it even where not.
    pub(crate) opened: bool,
    pub(crate) focus: Pane,
    pub(crate) health: SourceStatus,
    /// The alarms of the pipeline itself, and the last probe.
    pub(crate) pipeline: Pipeline,
    /// Latest error of a question to the database.
    pub(crate) trouble: Option<String>,
    /// Reason why nothing can be stored. Receiving may go well all the same; the worse of the two is shown.
    pub(crate) unstored: Option<String>,
    /// Reason why stored messages can't be deleted from the queue.
    pub(crate) undeleted: Option<String>,
    /// Owner of the credentials in use, once it is known.
    pub(crate) identity: Option<Identity>,
    /// Trouble of the source that somebody has read. It is not shown again; the header goes on to say that
    /// the source is away.
    pub(crate) read_trouble: Option<String>,
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The time of the last message: what ages are counted from.
    pub(crate) now: Timestamp,
    /// State of the console that does not concern the alerts, such as the keymap and the theme.
    pub(crate) shell: Shell,
    /// State of the detail besides its alert: the tab, the copy menu, a message.
    pub(crate) desk: Desk,
    pub(crate) paging: Paging,
    pub(crate) triage: Triage,
    /// Filters, search, columns, order.
    pub(crate) query: Query,
    /// The bars over the list.
    pub(crate) timeline: Timeline,
}

impl State {
    pub(crate) fn new(width: u16, height: u16, now: Timestamp) -> Self {
        let mut list = List::default();
        list.show(Layout::new(width, height, false).with_strip(None).list_rows());
        Self {
            list,
            counts: Counts::default(),
            duplicates: 0,
            detail: None,
            opened: false,
            focus: Pane::List,
            health: SourceStatus::Connecting,
            pipeline: Pipeline::default(),
            trouble: None,
            unstored: None,
            undeleted: None,
            identity: None,
            read_trouble: None,
            width,
            height,
            now,
            shell: Shell::default(),
            desk: Desk::default(),
            paging: Paging::default(),
            triage: Triage::default(),
            query: Query::default(),
            timeline: Timeline::default(),
        }
    }

    /// Returns the places of everything on a screen of this size.
    pub(crate) fn layout(&self) -> Layout {
        self.layout_of(self.width, self.height)
    }

    /// Returns the places of everything on a screen of another size, which it may have for a moment.
    pub(crate) fn layout_of(&self, width: u16, height: u16) -> Layout {
        let layout = Layout::new(width, height, self.opened).with_strip(self.timeline.asked);
        layout.with_lines(query::has_bar(self), self.query.prompt.is_some())
    }

    /// Reason why messages can't be stored, deleted or received, or else the first thing that a replay could
    /// not read; `None` where there is none or somebody has read it.
    pub(crate) fn away(&self) -> Option<&str> {
        let why = match &self.health {
            _ if self.unstored.is_some() => self.unstored.as_ref()?,
            SourceStatus::Live { .. } if self.undeleted.is_some() => self.undeleted.as_ref()?,
            SourceStatus::Retrying { why, .. } => why,
            SourceStatus::Replay(ReplayStatus { first_unread: Some(first), .. }) => first,
            _ => return None,
        };
        (self.read_trouble.as_ref() != Some(why)).then_some(why)
    }

    /// Interval at which something on the screen changes with time alone; `None` where nothing does.
    pub(crate) fn pace(&self) -> Option<Duration> {
        if matches!(self.health, SourceStatus::Retrying { .. }) {
            return Some(SECOND);
        }
        if self.query.columns.time != TimeStyle::Relative {
            return None;
        }
        let age = |row: &Row| self.now.duration_since(row.time).as_secs();
        let youngest =
            self.list.on_screen().take(self.layout().list_rows()).map(|(_, row)| age(row)).min()?;
        Some(if youngest < AGE_IN_SECONDS { SECOND } else { MINUTE })
    }

    /// Time at which something is to be done without a message; `None` where there is nothing.
    /// Nothing else may wake the console.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        let pace = self.pace().map(|pace| self.now + pace);
        let missed = self.pipeline.missed_at().filter(|at| *at > self.now);
        pace.into_iter().chain(missed).chain(self.shell.wake()).min()
    }

    pub(super) fn count(&mut self) {
        self.counts = self.list.counts();
    }
}
