//! Notifications for the time in which nobody looks at the console. No I/O: a notification comes out
//! as a [`Notification`], and other modules pass it on to the terminal and to the user's command.
//!
//! The first alert is announced at once; alerts of the next seconds share one notification. None is sent
//! while the terminal has the focus, while muted, or for alerts that were there before the console started.

use detector::{AlertId, SafeText, Severity};
use jiff::{SignedDuration, Timestamp};

use crate::filter::Filter;
use crate::model::{Alarm, Row};

/// Alerts that come so soon after a notification are told in one.
const TOGETHER: SignedDuration = SignedDuration::from_secs(10);
/// Somebody who pressed a key so lately is there, where the terminal does not tell of its focus.
const THERE: SignedDuration = SignedDuration::from_secs(30);
/// Duration for which muting lasts.
const MUTE: SignedDuration = SignedDuration::from_mins(15);
/// Alerts that a notification names to the command; of more it has the number only.
const MOST: usize = 100;

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) text: SafeText,
    /// The alerts it tells of, or the first of them.
    pub(crate) alerts: Vec<AlertId>,
    /// The alarms of the pipeline that it tells of.
    pub(crate) alarms: Vec<Alarm>,
}

/// Alerts of which no notification was sent yet.
#[derive(Debug, Default)]
struct Pending {
    critical: usize,
    others: usize,
    worst: Option<(Severity, String)>,
    ids: Vec<AlertId>,
    /// Alarms of the pipeline, and what they are called.
    alarms: Vec<(SafeText, Alarm)>,
}

/// Presence of the user, and the notifications that wait.
#[derive(Debug)]
pub(crate) struct Notifications {
    /// Least severity of the alerts that are worth a notification.
    level: Severity,
    /// Filter that these alerts must match too; `None`: all of them do.
    filter: Option<Filter>,
    silent: bool,
    /// As the terminal says; none where it never said.
    focused: Option<bool>,
    last_key: Option<Timestamp>,
    muted_until: Option<Timestamp>,
    /// Alerts worth telling since somebody looked.
    unseen: usize,
    waiting: Pending,
    /// Earliest time of the next notification; `None` before the first.
    next: Option<Timestamp>,
}

impl Notifications {
    /// Tells of alerts from this severity on; not at all where silent.
    pub(crate) fn new(level: Severity, silent: bool) -> Self {
        Self {
            level,
            filter: None,
            silent,
            focused: None,
            last_key: None,
            muted_until: None,
            unseen: 0,
            waiting: Pending::default(),
            next: None,
        }
    }

    /// Of those, only of what this filter lets through.
    pub(crate) fn only(self, filter: Option<Filter>) -> Self {
        Self { filter, ..self }
    }

    /// Takes in what the store has that is new.
    pub(crate) fn stored(&mut self, rows: &[Row], now: Timestamp) -> Option<Notification> {
        if self.silent || self.somebody_looks(now) {
            return None;
        }
        let before = self.unseen;
        for row in rows {
            let Some(severity) = row.severity.filter(|severity| *severity >= self.level) else { continue };
            if self.filter.as_ref().is_some_and(|filter| !filter.matches(row)) {
                continue;
            }
            self.unseen += 1;
            if self.is_muted(now) {
                continue;
            }
            let waiting = &mut self.waiting;
            *(if severity == Severity::Critical { &mut waiting.critical } else { &mut waiting.others }) += 1;
            if waiting.worst.as_ref().is_none_or(|(worst, _)| severity > *worst) {
                waiting.worst =
                    Some((severity, format!("{severity} {} by {}", row.event_words(), row.actor)));
            }
            if waiting.ids.len() < MOST {
                waiting.ids.push(row.id.clone());
            }
        }
        if self.unseen == before { None } else { self.due(now) }
    }

    /// Takes in alarms of the pipeline that have just gone on, with what they are called: worth telling
    /// whatever the level and the filter are, since they may be why no alert comes.
    pub(crate) fn alarms(&mut self, alarms: Vec<(SafeText, Alarm)>, now: Timestamp) -> Option<Notification> {
        if alarms.is_empty() || self.silent || self.somebody_looks(now) {
            return None;
        }
        self.unseen += alarms.len();
        if !self.is_muted(now) {
            self.waiting.alarms.extend(alarms);
            self.waiting.alarms.truncate(MOST);
        }
        self.due(now)
    }

    /// Returns the notification that is due by `now`, if there is one. Ends muting whose time is over.
    pub(crate) fn due(&mut self, now: Timestamp) -> Option<Notification> {
        if self.muted_until.is_some_and(|until| until <= now) {
            self.muted_until = None;
        }
        if self.next.is_some_and(|next| next > now) {
            return None;
        }
        let Pending { critical, others, worst, ids, alarms } = std::mem::take(&mut self.waiting);
        let names: Vec<_> = alarms.iter().map(|(name, _)| name.as_str()).collect();
        let pipeline = (!names.is_empty()).then(|| format!("the pipeline is in ALARM: {}", names.join(", ")));
        let worst = worst.map(|(_, worst)| match critical + others {
            1 => worst,
            many => format!("{many} alerts, {critical} critical: {worst}"),
        });
        let text = match (pipeline, worst) {
            (Some(pipeline), Some(worst)) => format!("{pipeline}; {worst}"),
            (pipeline, worst) => pipeline.or(worst)?,
        };
        self.next = Some(now + TOGETHER);
        let alarms = alarms.into_iter().map(|(_, alarm)| alarm).collect();
        Some(Notification { text: SafeText::new(&text), alerts: ids, alarms })
    }

    /// Time at which the next notification is due or muting ends, whichever is first; `None` for neither.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        let tell = self.next.filter(|_| self.waiting.worst.is_some() || !self.waiting.alarms.is_empty());
        tell.into_iter().chain(self.muted_until).min()
    }

    /// Somebody is there: a key, the mouse, the focus.
    pub(crate) fn seen(&mut self, now: Timestamp) {
        self.last_key = Some(now);
        self.unseen = 0;
        self.waiting = Pending::default();
    }

    /// The terminal tells of its focus.
    pub(crate) fn focus(&mut self, focused: bool, now: Timestamp) {
        self.focused = Some(focused);
        if focused {
            self.seen(now);
        }
    }

    /// Mutes for some minutes, or ends that.
    pub(crate) fn mute(&mut self, now: Timestamp) {
        self.muted_until = if self.is_muted(now) { None } else { Some(now + MUTE) };
        self.waiting = Pending::default();
    }

    /// Time until which no notification is sent; `None` where they are not muted.
    pub(crate) const fn muted_until(&self) -> Option<Timestamp> {
        self.muted_until
    }

    /// The window's title.
    pub(crate) fn title(&self) -> String {
        match self.unseen {
            0 => "IAM Sentinel".to_owned(),
            unseen => format!("({unseen}!) IAM Sentinel"),
        }
    }

    fn is_muted(&self, now: Timestamp) -> bool {
        self.muted_until.is_some_and(|until| until > now)
    }

    fn somebody_looks(&self, now: Timestamp) -> bool {
        self.focused.unwrap_or_else(|| self.last_key.is_some_and(|key| now.duration_since(key) < THERE))
    }
}

#[cfg(test)]
mod tests {
    use crate::app::notifications::*;
    use crate::model::testing::{now, rows};

    /// Alerts of these severities.
    fn of(severities: &[Severity]) -> Vec<Row> {
        let row = |(severity, row): (&Severity, Row)| Row { severity: Some(*severity), ..row };
        severities.iter().zip(rows(0..100)).map(row).collect()
    }

    fn attention() -> Notifications {
        Notifications::new(Severity::High, false)
    }

    fn later(seconds: i64) -> Timestamp {
        now() + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn the_first_is_told_at_once_and_those_of_the_next_seconds_together() {
        let mut attention = attention();
        let note = attention.stored(&rows(11..12), now()).unwrap();
        assert_eq!(note.text.as_str(), "CRITICAL AttachUserPolicy by alice");
        assert_eq!(note.alerts, [AlertId("alert-11".into())]);
        assert_eq!(attention.wake(), None, "nothing waits, so nothing wakes the console");
        assert_eq!(attention.stored(&rows(12..14), later(2)), None);
        assert_eq!(attention.stored(&of(&[Severity::High, Severity::Low, Severity::High]), later(4)), None);
        assert_eq!(attention.wake(), Some(later(10)));
        let note = attention.due(later(10)).unwrap();
        assert!(
            note.text.as_str().starts_with("4 alerts, 2 critical: CRITICAL UpdateAssumeRolePolicy"),
            "{note:?}"
        );
        assert_eq!((note.alerts.len(), attention.title().as_str()), (4, "(5!) IAM Sentinel"));
        attention.seen(later(11));
        assert_eq!((attention.title().as_str(), attention.wake()), ("IAM Sentinel", None));
    }

    #[test]
    fn nothing_is_told_to_somebody_who_looks() {
        let mut attention = attention();
        attention.seen(now());
        assert_eq!(attention.stored(&rows(20..21), later(29)), None, "a key was pressed half a minute ago");
        assert!(attention.stored(&rows(21..22), later(31)).is_some());
        attention.focus(true, later(32));
        assert_eq!(attention.stored(&rows(22..24), later(9_000)), None);
        assert_eq!(attention.title(), "IAM Sentinel");
        attention.focus(false, later(9_001));
        assert!(
            attention.stored(&rows(24..26), later(9_002)).is_some(),
            "the focus counts, not the last key"
        );
    }

    #[test]
    fn muted_for_some_minutes_it_counts_and_says_nothing() {
        let mut attention = attention();
        attention.mute(now());
        assert_eq!(attention.stored(&rows(30..33), later(60)), None);
        assert_eq!((attention.wake(), attention.title().as_str()), (Some(later(900)), "(3!) IAM Sentinel"));
        assert_eq!((attention.due(later(900)), attention.muted_until()), (None, None));
        assert!(attention.stored(&rows(33..34), later(901)).is_some());
    }

    #[test]
    fn only_what_is_bad_enough_and_passes_the_filter_is_told() {
        let clock = crate::filter::Clock { now: now(), zone: jiff::tz::TimeZone::UTC, day: None };
        let only = |text: &str| attention().only(Some(Filter::parse(text, &clock).unwrap()));
        let event = "event:UpdateAssumeRolePolicy";
        let note = only(event).stored(&rows(11..13), now()).unwrap();
        assert_eq!(note.alerts, [AlertId("alert-12".into())]);
        let mut low = only(event);
        assert_eq!(low.stored(&of(&[Severity::Low, Severity::Medium]), now()), None, "both must hold");
        let mut other = only("account:999900001111 or -actor:alice");
        assert_eq!(other.stored(&rows(11..13), now()), None);
        assert_eq!((other.title().as_str(), other.wake()), ("IAM Sentinel", None), "and it counts nothing");
    }

    #[test]
    fn alarms_of_the_pipeline_are_told_with_what_else_there_is_and_under_the_same_rules() {
        let alarm = |name: &str| {
            let alarm = crate::model::testing::alarm(name, detector::health::State::Alarm, 1);
            (SafeText::new(name), alarm)
        };
        let mut critical = Notifications::new(Severity::Critical, false);
        let note = critical.alarms(vec![alarm("slack-late")], now()).unwrap();
        assert_eq!((note.text.as_str(), note.alarms.len()), ("the pipeline is in ALARM: slack-late", 1));
        assert_eq!(critical.alarms(vec![alarm("errors")], later(2)), None);
        assert_eq!(critical.stored(&rows(11..12), later(3)), None);
        assert_eq!(critical.wake(), Some(later(10)), "together");
        let note = critical.due(later(10)).unwrap();
        assert_eq!(
            note.text.as_str(),
            "the pipeline is in ALARM: errors; CRITICAL AttachUserPolicy by alice"
        );
        assert_eq!((critical.title().as_str(), critical.wake()), ("(3!) IAM Sentinel", None));
        critical.mute(later(20));
        assert_eq!(critical.alarms(vec![alarm("errors")], later(21)), None, "muted");
        critical.focus(true, later(2_000));
        assert_eq!(critical.alarms(vec![alarm("errors")], later(9_000)), None, "somebody looks");
        assert_eq!(
            Notifications::new(Severity::Low, true).alarms(vec![alarm("errors")], now()),
            None,
            "a replay"
        );
    }

    #[test]
    fn what_is_not_bad_enough_and_a_replay_are_silent() {
        let mut critical = Notifications::new(Severity::Critical, false);
        let high: Vec<_> =
            rows(40..44).into_iter().filter(|row| row.severity == Some(Severity::High)).collect();
        assert_eq!(critical.stored(&high, now()), None);
        let mut replay = Notifications::new(Severity::Low, true);
        assert_eq!(replay.stored(&rows(44..50), now()), None);
    }
}
