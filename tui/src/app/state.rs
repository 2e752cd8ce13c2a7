//! All that the screen is drawn from. Its fields are for `update`, `keys`, `mouse`, `actions` and `panes`; every
//! other part gets the parts that it works on, and the screen reads.

use std::time::Duration;

use detector::AlertId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::context::Context;
use crate::app::context::around::Around;
use crate::app::detail::Detail;
use crate::app::detail::actions::Reading;
use crate::app::detail::pane::DetailPane;
use crate::app::effect::{Effect, FileWork};
use crate::app::incidents::Incidents;
use crate::app::incidents::board::Board;
use crate::app::jumps::Jumps;
use crate::app::layout::{DetailState, Layout, Wanted};
use crate::app::list::{Counts, List};
use crate::app::notifications::Notifications;
use crate::app::overlay::{Overlay, Overlays};
use crate::app::paging::Paging;
use crate::app::pipeline::Pipeline;
use crate::app::preferences::Preferences;
use crate::app::query::Query;
use crate::app::query::browse::Browse;
use crate::app::query::columns::TimeStyle;
use crate::app::query::picker_keys;
use crate::app::query::saved_views::Views;
use crate::app::shell::Shell;
use crate::app::status::StatusLine;
use crate::app::timeline::Timeline;
use crate::app::triage::Triage;
use crate::app::triage::actions::Triaging;
use crate::keymap::{Keymap, Pane};
use crate::model::{Row, SourceStatus};
use crate::theme::Theme;

/// An age is shown in seconds up to here.
const AGE_IN_SECONDS: i64 = 120;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// State of the console at the time of the last message.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) list: List,
    pub(super) counts: Counts,
    pub(super) query: Query,
    pub(super) paging: Paging,
    pub(super) timeline: Timeline,
    pub(super) jumps: Jumps,
    pub(super) incidents: Incidents,
    /// Records around an alert; `None` while they are closed.
    pub(super) context: Option<Context>,
    /// Number of the last question for records.
    pub(super) last_context: u64,
    /// The open alert.
    pub(super) detail: Option<Detail>,
    pub(super) detail_pane: DetailPane,
    pub(super) triage: Triage,
    pub(super) pipeline: Pipeline,
    pub(super) shell: Shell,
    pub(super) overlay: Overlays,
    pub(super) status: StatusLine,
    /// The focused pane.
    pub(super) focus: Pane,
    pub(super) width: u16,
    pub(super) height: u16,
    /// The time of the last message: what ages are counted from.
    pub(super) now: Timestamp,
}

/// Settings with which the console starts.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) zone: TimeZone,
    /// The pipeline's name; `None` where it is not known.
    pub(crate) pipeline: Option<String>,
    /// The queue that is read, or the files, in few words; `None` in the demo.
    pub(crate) watched: Option<String>,
    /// Filter to begin with.
    pub(crate) filter: Option<String>,
    /// Name of the saved view to begin with.
    pub(crate) view: Option<String>,
    /// Id of an alert, or its beginning, at whose incident the board opens.
    pub(crate) incident: Option<String>,
    /// True where what people do about alerts is kept.
    pub(crate) keeps_triage: bool,
    /// The saved views, or why they could not be read.
    pub(crate) views: Result<Views, String>,
    /// The preferences of the last run, or why they could not be read.
    pub(crate) preferences: Result<Option<Preferences>, String>,
    pub(crate) keymap: Keymap,
    pub(crate) ascii: bool,
    /// True where the mouse may be taken.
    pub(crate) mouse: bool,
    pub(crate) theme: Theme,
    pub(crate) notifications: Notifications,
}

impl State {
    pub(crate) fn new(width: u16, height: u16, now: Timestamp) -> Self {
        let mut list = List::default();
        list.show(Layout::new(width, height, &Wanted::default()).list_rows());
        Self {
            list,
            counts: Counts::default(),
            query: Query::default(),
            paging: Paging::default(),
            timeline: Timeline::default(),
            jumps: Jumps::default(),
            incidents: Incidents::default(),
            context: None,
            last_context: 0,
            detail: None,
            detail_pane: DetailPane::default(),
            triage: Triage::default(),
            pipeline: Pipeline::default(),
            shell: Shell::default(),
            overlay: Overlays::default(),
            status: StatusLine::default(),
            focus: Pane::List,
            width,
            height,
            now,
        }
    }

    /// Takes in the settings with which the console starts.
    pub(crate) fn set_up(&mut self, setup: Setup) {
        self.query.columns.zone = setup.zone;
        self.pipeline = Pipeline::named(setup.pipeline);
        self.pipeline.watched = setup.watched;
        match setup.views {
            Ok(views) => self.query.views = views,
            Err(why) => self.query.views_trouble = Some(why),
        }
        match setup.preferences {
            Ok(preferences) => self.restore(preferences.unwrap_or_default()),
            Err(why) => self.status.set(&why),
        }
        self.shell.keymap = setup.keymap;
        self.shell.ascii = setup.ascii;
        self.shell.mouse.on = setup.mouse && self.shell.mouse.chosen.unwrap_or(true);
        self.shell.theme = setup.theme;
        self.shell.notifications = setup.notifications;
        self.triage.is_kept = setup.keeps_triage;
        if let Some(view) = setup.view {
            picker_keys::open_view_called(&mut self.browse(), &view);
        }
        if let Some(filter) = setup.filter {
            let mut browse = self.browse();
            browse.set_filter(&filter);
            browse.refilter();
        }
        if let Some(id) = setup.incident {
            self.incidents.board = Some(Board::asked(id));
            self.overlay.open(Overlay::Incidents);
        }
    }

    /// Sets list, mouse and palette up as they were in the last run.
    pub(crate) fn restore(&mut self, preferences: Preferences) {
        self.query.columns.placed.clone_from(&preferences.columns);
        self.query.columns.time = preferences.times;
        self.detail_pane.split = preferences.split;
        self.list.set_sort(preferences.sort);
        self.shell.mouse.chosen = preferences.mouse;
        self.shell.recent.clone_from(&preferences.recent);
        self.shell.saved = preferences;
    }

    /// Returns the preferences where they are not those that were last saved, and notes them as saved.
    pub(crate) fn changed_preferences(&mut self) -> Option<Preferences> {
        let now = Preferences {
            columns: self.query.columns.placed.clone(),
            sort: self.list.sort(),
            times: self.query.columns.time,
            split: self.detail_pane.split,
            mouse: self.shell.mouse.chosen,
            recent: self.shell.recent.clone(),
        };
        if now == self.shell.saved {
            return None;
        }
        self.shell.saved.clone_from(&now);
        Some(now)
    }

    /// Returns the request to save the preferences where they have changed, once a list that is open is closed.
    pub(super) fn preferences_to_save(&mut self) -> Option<Effect> {
        if self.overlay.takes_letters() {
            return None;
        }
        self.changed_preferences().map(|changed| Effect::File(FileWork::SavePreferences(changed)))
    }

    /// Returns the request for older alerts, where the end of the list is near.
    pub(super) fn older_wanted(&mut self) -> Option<Effect> {
        let is_writing = self.overlay.prompt().is_some();
        self.paging.wanted(&mut self.list, &mut self.counts, is_writing)
    }

    /// Borrows the parts that the query works on.
    pub(super) fn browse(&mut self) -> Browse<'_> {
        Browse {
            query: &mut self.query,
            list: &mut self.list,
            counts: &mut self.counts,
            paging: &mut self.paging,
            detail: &mut self.detail,
            overlay: &mut self.overlay,
            status: &mut self.status,
            pane: self.focus,
            now: self.now,
            is_replay: self.pipeline.is_replay(),
        }
    }

    /// Borrows the parts that triage works on.
    pub(super) fn triaging(&mut self) -> Triaging<'_> {
        Triaging {
            triage: &mut self.triage,
            list: &mut self.list,
            counts: &mut self.counts,
            overlay: &mut self.overlay,
            status: &mut self.status,
            pane: self.focus,
        }
    }

    /// Borrows the parts that actions on the open alert work on.
    pub(super) fn reading(&mut self) -> Reading<'_> {
        let size = self.detail_size();
        Reading {
            detail: &mut self.detail,
            pane: &mut self.detail_pane,
            list: &mut self.list,
            overlay: &mut self.overlay,
            status: &mut self.status,
            focus: self.focus,
            size,
        }
    }

    /// Returns the columns and rows that the detail has on the screen, or would have once it is opened.
    pub(super) fn detail_size(&self) -> (usize, usize) {
        let area = match self.layout().detail {
            hidden if hidden.width == 0 => {
                let wanted = Wanted { detail: DetailState::Open, ..self.wanted() };
                Layout::new(self.width, self.height, &wanted).detail
            }
            area => area,
        };
        (usize::from(area.width), usize::from(area.height))
    }

    /// Returns the places of everything on a screen of this size.
    pub(crate) fn layout(&self) -> Layout {
        self.layout_of(self.width, self.height)
    }

    /// Returns the places of everything on a screen of another size, which it may have for a moment.
    pub(crate) fn layout_of(&self, width: u16, height: u16) -> Layout {
        Layout::new(width, height, &self.wanted())
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            detail: self.detail_pane.opened(),
            split: self.detail_pane.split,
            timeline: self.timeline.asked,
            banner: self.pipeline.is_away(),
            bar: self.query.has_bar() || self.list.search().is_some(),
            prompt: self.overlay.prompt().is_some(),
        }
    }

    /// Returns the interval at which something on the screen changes with time alone; `None` where nothing does.
    pub(crate) fn pace(&self) -> Option<Duration> {
        if matches!(self.pipeline.source, SourceStatus::Retrying { .. }) {
            return Some(SECOND);
        }
        if self.query.columns.time != TimeStyle::Relative {
            return None;
        }
        let age = |row: &Row| self.now.duration_since(row.time).as_secs();
        let youngest = self.list.rows_on_screen(self.layout().list_rows()).map(age).min()?;
        Some(if youngest < AGE_IN_SECONDS { SECOND } else { MINUTE })
    }

    /// Returns the time at which something is to be done without a message; `None` where there is nothing.
    /// Nothing else may wake the console.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        let pace = self.pace().map(|pace| self.now + pace);
        let missed = self.pipeline.missed_at().filter(|at| *at > self.now);
        let (status, notification) = (self.status.wake(), self.shell.notifications.wake());
        pace.into_iter().chain(missed).chain(status).chain(notification).min()
    }

    pub(crate) const fn list(&self) -> &List {
        &self.list
    }

    pub(crate) const fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) const fn query(&self) -> &Query {
        &self.query
    }

    pub(crate) const fn paging(&self) -> &Paging {
        &self.paging
    }

    pub(crate) const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    pub(crate) const fn detail(&self) -> Option<&Detail> {
        self.detail.as_ref()
    }

    pub(crate) const fn triage(&self) -> &Triage {
        &self.triage
    }

    /// Opens the records around an alert, or around its whole incident, and returns the question for them; answers to an
    /// earlier one are not awaited any more.
    pub(super) fn open_context(&mut self, alert: AlertId, is_incident: bool) -> Effect {
        let turn = self.context.as_ref().map_or(self.last_context, Context::turn) + 1;
        let incident = self.incidents.of(&alert).filter(|incident| incident.alerts.len() > 1);
        let around = Around::new(alert, incident, is_incident);
        let (context, effect) = Context::around(around, turn);
        // Nothing may move while the records are read.
        self.list.stay();
        self.context = Some(context);
        self.overlay.open(Overlay::Context);
        effect
    }

    pub(crate) const fn context(&self) -> Option<&Context> {
        self.context.as_ref()
    }

    pub(crate) const fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    pub(crate) const fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    pub(crate) const fn shell(&self) -> &Shell {
        &self.shell
    }

    pub(crate) const fn overlay(&self) -> &Overlays {
        &self.overlay
    }

    pub(crate) const fn status(&self) -> &StatusLine {
        &self.status
    }

    pub(crate) const fn focus(&self) -> Pane {
        self.focus
    }

    pub(crate) const fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }
}

/// Access of the screen's tests to parts that no message sets.
#[cfg(test)]
impl State {
    pub(crate) const fn list_mut(&mut self) -> &mut List {
        &mut self.list
    }

    pub(crate) const fn query_mut(&mut self) -> &mut Query {
        &mut self.query
    }

    pub(crate) const fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    pub(crate) const fn pipeline_mut(&mut self) -> &mut Pipeline {
        &mut self.pipeline
    }

    pub(crate) const fn shell_mut(&mut self) -> &mut Shell {
        &mut self.shell
    }
}
