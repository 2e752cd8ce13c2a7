//! The header: the state of the intake, counts, and what is wrong with the pipeline itself.

mod intake;
mod rank;

use detector::SafeText;
use jiff::SignedDuration;
use ratatui::text::{Line, Span};

use super::line::clip;
use crate::app::State;
use crate::app::list::sort::Sort;
use crate::format;
use crate::keymap::Action;
use crate::model::{Backlog, Identity, SourceStatus};
use crate::theme::Theme;
use crate::view::{list, pipeline};
use crate::widget::text;
use rank::Rank;

/// Messages that were in the queue for less are as good as new.
const NOTABLE: SignedDuration = SignedDuration::from_secs(5);

type Part = (Rank, Span<'static>);
/// Cells of `▲ 1,204 critical`, with what is before them.
const CRITICAL: usize = 16;
/// From this width counts have the signs of their severities.
const ROOM_FOR_SIGNS: usize = 60;
/// Cells of `✗ probe`, with what is before them.
const PROBE: usize = 9;

/// State of the intake, counts, and what is wrong. What does not fit is left out whole, the least
/// needed first.
pub(crate) fn header(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let parts = fitting(state, theme, width);
    let name = parts.first().filter(|(rank, _)| *rank == Rank::Name).map(|(_, span)| span);
    let mut spans = vec![
        name.map_or_else(|| Span::raw(" "), |span| Span::styled(format!(" {}  ", span.content), span.style)),
    ];
    let others = parts.into_iter().filter(|(rank, _)| *rank != Rank::Name);
    for (at, (_, span)) in others.enumerate() {
        if at > 0 {
            spans.push(Span::raw("  "));
        }
        spans.push(span);
    }
    clip(spans, usize::from(width))
}

/// Returns the action of a click on the header: a counted word lists what it counts, and something that is
/// switched off is switched on.
pub(crate) fn action_at(state: &State, x: u16) -> Option<Action> {
    let mut left = usize::from(x).checked_sub(1)?;
    for (rank, span) in fitting(state, Theme::new(false), state.size().0) {
        let cells = text::width(&span.content);
        if left < cells {
            return action_of(rank, state);
        }
        left = left.checked_sub(cells + 2)?;
    }
    None
}

/// The action behind a word of the header.
fn action_of(rank: Rank, state: &State) -> Option<Action> {
    Some(match rank {
        Rank::Critical => Action::OnlyCritical,
        Rank::Newer | Rank::Held if state.list().sort() == Sort::OLDEST_FIRST => Action::Last,
        Rank::Newer | Rank::Held => Action::First,
        Rank::Alerts => Action::OnlyOpen,
        Rank::High => Action::OnlyHigh,
        Rank::Unreadable => Action::OnlyUnreadable,
        Rank::Muted => Action::Mute,
        Rank::Acknowledged => Action::Acknowledged,
        _ => return None,
    })
}

/// The words that there is room for, in the order in which they stand.
fn fitting(state: &State, theme: Theme, width: u16) -> Vec<Part> {
    let mut parts = parts(state, theme, usize::from(width));
    let mut ranks: Vec<_> =
        parts.iter().map(|(rank, span)| (*rank, text::width(&span.content) + 2)).collect();
    ranks.sort_unstable();
    // Before the first there is one space, behind the last there is none.
    let mut left = usize::from(width) + 1;
    ranks.retain(|(rank, cells)| {
        let fits = *rank == Rank::State || *cells <= left;
        left = left.saturating_sub(if fits { *cells } else { 0 });
        fits
    });
    parts.retain(|(rank, _)| ranks.iter().any(|(kept, _)| kept == rank));
    parts
}

/// The words in the order in which they stand.
fn parts(state: &State, theme: Theme, width: usize) -> Vec<Part> {
    let (words, style) = intake::health(state, theme);
    let (sort, newer) = (sort(state), newer(state));
    // Beside all else there is room for what is critical, for the order, and for the short word of what
    // one does not see.
    let critical = match state.counts().critical {
        0 => 0,
        _ if width < ROOM_FOR_SIGNS => CRITICAL - 2,
        _ => CRITICAL,
    };
    let shortest = newer.as_ref().and_then(|words| words.last()).map_or(0, |words| text::width(words) + 2);
    let sorted = sort.as_ref().map_or(0, |sort| text::width(sort) + 2);
    let room = width.saturating_sub(1 + critical + sorted + shortest);
    let word = pipeline::longest(&words, room);
    // Trouble of the pipeline gets the remaining width.
    let room = room.saturating_sub(2 + text::width(&word));
    let mut parts = vec![
        (Rank::Name, Span::styled("IAM Sentinel", Theme::strong())),
        (Rank::State, Span::styled(word, style)),
    ];
    // Whatever is said of an alarm, a probe that is lost must have a word.
    let kept = if state.pipeline().has_lost_probe(state.now()) { PROBE } else { 0 };
    let alarm = pipeline::alarm(state, theme, room.saturating_sub(kept));
    let used = alarm.as_ref().map_or(0, |alarm| text::width(&alarm.content) + 2);
    parts.extend(alarm.map(|alarm| (Rank::State, alarm)));
    let probe = pipeline::probe(state, theme, room.saturating_sub(used));
    parts.extend(probe.map(|(is_bad, probe)| (if is_bad { Rank::State } else { Rank::Probe }, probe)));
    let place = place(state);
    let place = if place.is_empty() { None } else { Some(pipeline::longest(&place, width / 3)) };
    parts.extend(place.map(|words| (Rank::Place, Span::styled(words, theme.label()))));
    parts.extend(pipeline::heard(state).map(|words| (Rank::Heard, Span::raw(words))));
    parts.extend(counts(state, theme, width));
    parts.extend(sort.map(|sort| (Rank::Sort, Span::styled(sort, Theme::strong()))));
    if state.list().is_held() {
        parts.push((Rank::Held, Span::styled("‖ paused (Space)", Theme::strong())));
    }
    let needed = parts.iter().filter(|(rank, _)| *rank < Rank::Newer);
    let needed: usize = needed.map(|(_, span)| text::width(&span.content) + 2).sum();
    let room = width.saturating_sub(needed + 1);
    let newer = newer.map(|words| pipeline::longest(&words, room));
    parts.extend(newer.map(|newer| (Rank::Newer, Span::styled(newer, Theme::strong()))));
    if let SourceStatus::Live { backlog: Backlog { messages, behind }, .. } = state.pipeline().source {
        let messages = messages.filter(|messages| *messages > 0);
        parts.extend(
            messages.map(|count| (Rank::Waiting, Span::raw(format!("{} waiting", format::number(count))))),
        );
        let behind = behind.filter(|behind| *behind > NOTABLE);
        let behind = behind.map(|behind| format!("behind {}", format::span(behind.as_secs())));
        parts.extend(behind.map(|behind| (Rank::Behind, Span::raw(behind))));
    }
    // Switched off by the user, and easily forgotten.
    if let Some(until) = state.shell().notifications.muted_until() {
        parts.push((Rank::Muted, Span::raw(format!("muted until {}", until.strftime("%H:%M UTC")))));
    }
    if !state.shell().mouse.on {
        parts.push((Rank::Mouse, Span::raw("mouse off")));
    }
    let identity = state.pipeline().identity.as_ref().and_then(Identity::credentials);
    parts.extend(identity.map(|words| (Rank::Identity, Span::raw(words))));
    parts.extend(intake::note(state).map(|(rank, note)| (rank, Span::raw(note))));
    parts
}

/// The counts of open, critical, high, unreadable and acknowledged alerts, and of duplicates.
fn counts(state: &State, theme: Theme, width: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    // A replay that is done has said it, and of all of them.
    if !matches!(&state.pipeline().source, SourceStatus::Replay(replayed) if replayed.done) {
        let counts = state.counts();
        let alerts = state.list().attached_len().saturating_sub(counts.unreadable);
        let open = alerts.saturating_sub(counts.acknowledged);
        parts.push((Rank::Alerts, Span::raw(format!("{} open", format::number(open as u64)))));
    }
    let counts = [
        (
            Rank::Critical,
            state.counts().critical,
            "critical",
            "▲ ",
            theme.severity(Some(detector::Severity::Critical)),
        ),
        (Rank::High, state.counts().high, "high", "● ", theme.severity(Some(detector::Severity::High))),
        (Rank::Unreadable, state.counts().unreadable, "unreadable", "", theme.severity(None)),
        (Rank::Acknowledged, state.counts().acknowledged, "acked (A)", "", Theme::faded()),
        // Stored once all the same: SQS may bring a message twice, and a log file may be there twice.
        (
            Rank::Duplicates,
            state.pipeline().duplicates,
            if state.pipeline().duplicates == 1 { "duplicate" } else { "duplicates" },
            "",
            Theme::faded(),
        ),
    ];
    // In a narrow header the words alone.
    let signs = width >= ROOM_FOR_SIGNS;
    let counts = counts.into_iter().filter(|(_, count, ..)| *count > 0);
    parts.extend(counts.map(|(rank, count, name, sign, style)| {
        let sign = if signs { sign } else { "" };
        (rank, Span::styled(format!("{sign}{} {name}", format::number(count as u64)), style))
    }));
    parts
}

/// The account, the region and the queue that are read, or the files; the longest words first, none where nothing is
/// known.
fn place(state: &State) -> Vec<String> {
    let watched = state.pipeline().watched.as_deref().unwrap_or_default();
    let Some(identity) = &state.pipeline().identity else {
        return if watched.is_empty() { Vec::new() } else { vec![watched.to_owned()] };
    };
    let account = identity.account.as_ref().map(SafeText::as_str).unwrap_or_default();
    let of =
        |parts: &[&str]| parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    vec![of(&[account, &identity.region, watched]), of(&[account, &identity.region]), of(&[account])]
}

/// `by RULE▼`: the order, where no name over the list says it.
fn sort(state: &State) -> Option<String> {
    let sort = state.list().sort();
    let is_said = sort == Sort::NEWEST_FIRST || list::shows_sort(state);
    (!is_said).then(|| format!("by {}{}", sort.by.name(), sort.arrow()))
}

/// `▲ 12 newer: 2 critical, 3 high (g)`, and for short `▲ 12 (g)`: what is there that one does not see, and the
/// key to it.
fn newer(state: &State) -> Option<[String; 2]> {
    let newer = state.list().newer();
    if newer.count == 0 {
        return None;
    }
    let count = format::number(newer.count as u64);
    let part = |count: usize, name: &str| {
        if count == 0 { String::new() } else { format!("{} {name}", format::number(count as u64)) }
    };
    let severe = [part(newer.critical, "critical"), part(newer.high, "high")];
    let severe: Vec<_> = severe.into_iter().filter(|words| !words.is_empty()).collect();
    let critical = if severe.is_empty() { String::new() } else { format!(": {}", severe.join(", ")) };
    Some(match state.list().sort() {
        Sort::NEWEST_FIRST => [format!("▲ {count} newer{critical} (g)"), format!("▲ {count} (g)")],
        Sort::OLDEST_FIRST => [format!("▼ {count} newer{critical} (G)"), format!("▼ {count} (G)")],
        // In other orders new alerts have no common place.
        _ => [format!("{count} newer{critical} (g)"), format!("{count} newer (g)")],
    })
}

#[cfg(test)]
mod tests {
    use crate::view::header::*;

    use crate::model::testing::{now, rows};
    use crate::model::{Event, ReplayProgress, ReplayStatus};
    use crate::view::testing::{press, screen, send, state_with, type_in};
    use crossterm::event::KeyCode;
    use detector::SafeText;
    use insta::assert_snapshot;

    fn line(state: &State, width: u16) -> String {
        header(state, Theme::new(true), width).to_string()
    }

    fn waiting(messages: Option<u64>, behind: i64) -> Event {
        let behind = Some(SignedDuration::from_secs(behind));
        Event::Source(SourceStatus::Live { last_receive: now(), backlog: Backlog { messages, behind } })
    }

    #[test]
    fn the_header_leaves_out_what_is_least_needed() {
        let mut state = state_with(80, 24, 90);
        send(&mut state, waiting(Some(1_204), 42));
        press(&mut state, KeyCode::Char('j'));
        send(&mut state, Event::Stored(rows(100..130)));
        press(&mut state, KeyCode::F(3));
        press(&mut state, KeyCode::F(2));
        let lines: Vec<_> = [200, 160, 120, 100, 80, 60, 40].map(|width| line(&state, width)).into();
        assert_snapshot!(lines.join("\n"));
        for width in 40..200 {
            let line = line(&state, width);
            assert!(text::width(&line) <= usize::from(width) && line.contains("● live"), "{line}");
            assert!(!line.contains('…') && line.contains("critical"), "{line}");
        }
    }

    #[test]
    fn the_state_is_the_worst_of_receiving_storing_and_deleting() {
        let live = || Event::Source(SourceStatus::Live { last_receive: now(), backlog: Backlog::default() });
        let mut state = state_with(80, 24, 9);
        let footer = |state: &State| screen(state, false).lines().last().unwrap_or_default().to_owned();
        send(&mut state, Event::DeleteBlocked(Some("attach a policy: these may not delete".to_owned())));
        send(&mut state, live());
        assert!(line(&state, 80).contains("✗ can't delete") && !line(&state, 80).contains("live"));
        assert!(
            screen(&state, false).contains("attach a policy: these may not delete"),
            "{}",
            footer(&state)
        );
        // The worse of two; and an empty receive makes nothing well.
        let full = "make room on the disk: it is full";
        send(&mut state, Event::StoreBlocked(Some(full.to_owned())));
        for _ in 0..3 {
            send(&mut state, live());
            assert!(line(&state, 80).contains("✗ can't store") && !line(&state, 80).contains("live"));
        }
        let next = now() + SignedDuration::from_secs(4);
        let why = full.to_owned();
        send(&mut state, Event::Source(SourceStatus::Retrying { why, next, last_receive: None }));
        assert!(line(&state, 80).contains("✗ can't store, retry in 4 s"), "{}", line(&state, 80));
        assert!(screen(&state, false).contains(full));
        send(&mut state, Event::StoreBlocked(None));
        send(&mut state, live());
        send(&mut state, Event::DeleteBlocked(None));
        assert!(line(&state, 80).contains("● live"));
        let mut empty = state_with(80, 24, 0);
        send(&mut empty, Event::StoreBlocked(Some(full.to_owned())));
        send(&mut empty, live());
        assert!(screen(&empty, false).contains("Alerts can't be stored: they stay in the queue."));
    }

    #[test]
    fn whose_credentials_are_used_is_said_where_there_is_room() {
        let mut state = state_with(200, 24, 9);
        let identity = crate::model::Identity {
            profile: Some(SafeText::new("prod")),
            key: Some("AKIA…MPLE".to_owned()),
            account: Some(SafeText::new("111122223333")),
            region: "us-east-1".to_owned(),
        };
        send(&mut state, Event::Identity(identity));
        let long = line(&state, 200);
        assert!(
            long.contains("111122223333 us-east-1") && long.contains("profile prod (AKIA…MPLE)"),
            "{long}"
        );
        assert!(line(&state, 80).contains("111122223333") && !line(&state, 80).contains("prod"));
    }

    #[test]
    fn that_there_is_something_newer_is_said_at_every_width_whatever_the_intake_says() {
        let replayed = |replayed: ReplayStatus| SourceStatus::Replay(replayed);
        let progress =
            ReplayProgress { bytes: 42, of: Some(100), records: 1_204_311, ..ReplayProgress::default() };
        let played = ReplayStatus { speed: "60".parse().ok(), clock: Some(now()), ..ReplayStatus::default() };
        let healths = [
            SourceStatus::Live { last_receive: now(), backlog: Backlog::default() },
            SourceStatus::Demo { read: 1, of: 31 },
            replayed(ReplayStatus { paused: true, ..played.clone() }),
            replayed(ReplayStatus { progress, ..ReplayStatus::default() }),
            replayed(ReplayStatus { progress, done: true, alerts: 12, ..ReplayStatus::default() }),
        ];
        for health in healths {
            let mut state = state_with(80, 24, 90);
            press(&mut state, KeyCode::Char('j'));
            press(&mut state, KeyCode::Char(' '));
            send(&mut state, Event::Stored(rows(100..102)));
            send(&mut state, Event::Source(health));
            for width in 60..200 {
                let line = line(&state, width);
                assert!(line.contains("92 critical"), "{width}: {line}");
                assert!(text::width(&line) <= usize::from(width) && !line.contains('…'), "{line}");
                assert!(line.contains("▲ 2 newer: 2 critical (g)") || line.contains("▲ 2 (g)"), "{line}");
            }
        }
    }

    #[test]
    fn an_order_that_no_name_on_the_screen_says_is_said() {
        let mut state = state_with(60, 16, 9);
        let said = |state: &State| line(state, 60);
        type_in(&mut state, "sa");
        assert!(!said(&state).contains("by ") && screen(&state, false).contains("ACTOR▼"));
        type_in(&mut state, "su");
        assert!(said(&state).contains("9 critical  by RULE▼"), "{}", said(&state));
        type_in(&mut state, "s");
        let shown = screen(&state, false);
        assert!(shown.contains("▌u  RULE      ▼ current"), "{shown}");
        press(&mut state, KeyCode::Enter);
        assert!(said(&state).contains("by RULE▲"), "{}", said(&state));
        press(&mut state, KeyCode::Enter);
        assert!(said(&state).contains("by RULE▲"), "in the place of the list there is the detail");
        press(&mut state, KeyCode::Esc);
        type_in(&mut state, "sm");
        assert!(!said(&state).contains("by "), "{}", said(&state));
    }

    #[test]
    fn only_what_is_worth_a_word_is_said_of_the_queue() {
        let mut state = state_with(120, 24, 0);
        let mut said = |messages, behind| {
            send(&mut state, waiting(messages, behind));
            let line = line(&state, 120);
            (line.contains("waiting"), line.contains("behind"))
        };
        assert_eq!(said(Some(0), 0), (false, false));
        assert_eq!(said(None, 5), (false, false));
        assert_eq!(said(Some(3), -2), (true, false), "clocks may differ");
        assert_eq!(said(None, 3_600), (false, true));
    }
}
