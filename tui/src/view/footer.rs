//! The footer: a question or a text, else the status line, else the keys that are of use in the user's situation.

use detector::SafeText;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::line::{cells, clip};
use super::triage;
use crate::app::State;
use crate::app::detail::Tab;
use crate::app::overlay::Overlay;
use crate::app::status::{Level, Shown, Status};
use crate::format;
use crate::keymap::{Action, Pane, Situation, hints};
use crate::model::SourceStatus;
use crate::theme::Theme;
use crate::widget::text;

/// Returns the footer.
pub(super) fn footer(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let width = usize::from(width);
    match state.overlay().get() {
        Some(Overlay::Confirm(question)) => return triage::question(question, theme, width),
        Some(Overlay::TriagePrompt(prompt)) => return triage::prompt(prompt, theme, width),
        // Its frame names its keys.
        Some(Overlay::Incidents | Overlay::Context) if state.status().shown(None).is_none() => {
            return Line::default();
        }
        _ => {}
    }
    // Errors of the queue stand in the banner.
    let away = state.pipeline().away().filter(|_| !state.pipeline().is_away());
    if let Some(shown) = state.status().shown(away) {
        return status(state, &shown, theme, width);
    }
    // Without a line for the alert's sentence, what people did about it stands here.
    let layout = state.layout();
    if layout.sentence.width == 0 && layout.detail.width == 0 {
        let row = state.list().selected_row();
        if let Some(remarks) = row.and_then(triage::remarks) {
            return clip(vec![Span::raw(format!(" {remarks}"))], width);
        }
    }
    keys(state, theme, width)
}

/// Returns the status line.
fn status(state: &State, shown: &Shown<'_>, theme: Theme, width: usize) -> Line<'static> {
    let line = |words: &str, style| clip(vec![Span::styled(format!(" {words}"), style)], width);
    let of = |status: &Status| match status.level {
        Level::Info => Theme::strong(),
        Level::Bad => theme.bad(),
    };
    match shown {
        Shown::Message(status) | Shown::Passing(status) => line(status.text.as_str(), of(status)),
        Shown::Trouble(why) => line(SafeText::new(why).as_str(), theme.bad()),
        Shown::Away(why) => Line::styled(away(state, why, width), theme.bad()),
        Shown::Exporting(written, of) => {
            let (written, of) = (format::number(*written), format::number(*of));
            let key = state.shell().keymap.keys_of(Action::Export);
            line(&format!("writing the file: {written} of {of} alerts; {key} stops it"), Theme::strong())
        }
    }
}

/// Returns the situation that the user is in.
fn situation(state: &State) -> Situation {
    let detail = state.detail().filter(|_| state.focus() == Pane::Detail);
    match detail.map(|detail| (detail.showing().tab, detail.tree().is_some())) {
        None if !triage::range(state).is_empty() || state.triage().has_marks() => Situation::Marked,
        None => Situation::List,
        Some((_, true)) => Situation::Tree,
        Some((Tab::Related, _)) => Situation::Related,
        Some((Tab::Respond, _)) => Situation::Respond,
        Some(_) => Situation::Page,
    }
}

/// Returns the keys that are of use here. Where room is short, those of the lowest rank stay.
fn keys(state: &State, theme: Theme, width: usize) -> Line<'static> {
    let situation = situation(state);
    let mut spans = vec![Span::raw(" ")];
    if let Some(count) = state.shell().count {
        spans.push(Span::styled(format!("{count} × "), Theme::strong()));
    }
    if situation == Situation::Marked {
        let (name, marked) = match triage::range(state) {
            range if range.is_empty() => ("MARKED", state.triage().marks()),
            range => ("RANGE", range.len()),
        };
        let words = format!("{name} {} marked  ", format::number(marked as u64));
        spans.push(Span::styled(words, theme.accent().add_modifier(Modifier::BOLD)));
    }
    let offered = hints(situation).iter().filter_map(|hint| {
        let key = state.shell().keymap.key_of(hint.action)?;
        let cells = text::width(&key) + 1 + text::width(hint.word) + 2;
        Some((hint, key, cells))
    });
    let offered: Vec<_> = offered.collect();
    let mut by_rank: Vec<_> =
        offered.iter().enumerate().map(|(at, (hint, _, cells))| (hint.rank, at, *cells)).collect();
    by_rank.sort_unstable();
    // Behind the last there are no spaces.
    let mut left = (width + 2).saturating_sub(cells(&spans));
    by_rank.retain(|(.., cells)| {
        let fits = *cells <= left;
        left -= if fits { *cells } else { 0 };
        fits
    });
    for (at, (hint, key, _)) in offered.into_iter().enumerate() {
        if by_rank.iter().any(|(_, kept, _)| *kept == at) {
            spans.push(Span::styled(key, theme.accent()));
            spans.push(Span::raw(format!(" {}  ", hint.word)));
        }
    }
    if let Some(last) = spans.last_mut() {
        last.content = last.content.trim_end().to_owned().into();
    }
    clip(spans, width)
}

/// Returns the files that a replay could not read; shown until the next key.
fn away(state: &State, away: &str, width: usize) -> String {
    let words = match &state.pipeline().source {
        SourceStatus::Replay(replayed) => {
            format!(" {} unreadable: {away}", format::number(replayed.unread))
        }
        _ => format!(" {away}"),
    };
    text::fit(SafeText::from(words).as_str(), width)
}
