//! The footer: a question or a text, else the status line, else the remarks on the selected alert, else the keys
//! that the keymap marks for it.

use detector::SafeText;
use ratatui::text::{Line, Span};

use super::line::clip;
use super::triage;
use crate::app::State;
use crate::app::overlay::Overlay;
use crate::app::status::{Level, Shown, Status};
use crate::format;
use crate::keymap::Action;
use crate::model::SourceStatus;
use crate::theme::Theme;
use crate::widget::text;

/// Returns the footer.
pub(super) fn footer(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let cells = usize::from(width);
    match state.overlay().get() {
        Some(Overlay::Confirm(question)) => return triage::question(question, theme, cells),
        Some(Overlay::TriagePrompt(prompt)) => return triage::prompt(prompt, theme, cells),
        _ => {}
    }
    if let Some(shown) = state.status().shown(state.pipeline().away()) {
        return status(state, &shown, theme, cells);
    }
    if let Some(remarks) = triage::remarks(state, cells) {
        return remarks;
    }
    keys(state, theme, cells)
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

/// Returns the keys that the keymap marks for the footer. A hint that does not fit is left out whole.
fn keys(state: &State, theme: Theme, width: usize) -> Line<'static> {
    let mut left = width.saturating_sub(1);
    let mut spans = vec![Span::raw(" ")];
    if let Some(count) = state.shell().count {
        spans.push(Span::styled(format!("{count} times  "), Theme::strong()));
    }
    for bound in state.shell().keymap.here(state.focus()) {
        if let (Some(word), Some(key)) = (bound.footer, bound.key()) {
            let cells = text::width(&key) + 1 + text::width(word);
            let Some(rest) = left.checked_sub(cells) else { continue };
            left = rest.saturating_sub(2);
            spans.push(Span::styled(key, theme.accent()));
            spans.push(Span::raw(format!(" {word}  ")));
        }
    }
    clip(spans, width)
}

/// Returns the reason why the source is away, or the files that it could not read; it is shown until the
/// next key. For a queue, which is tried again by itself, it ends with the key that shows the reason again.
/// For log files that hint is left out: a file's name and place need the room.
fn away(state: &State, away: &str, width: usize) -> String {
    let keys = state.shell().keymap.keys_of(Action::Trouble);
    let key = keys.split(' ').next().filter(|key| !key.is_empty());
    let (words, hint) = match &state.pipeline().source {
        SourceStatus::Replay(replayed) => {
            (format!(" {} could not be read: {away}", format::number(replayed.unread)), String::new())
        }
        _ => (format!(" {away}"), key.map(|key| format!("  ({key} again)")).unwrap_or_default()),
    };
    let words = SafeText::from(words);
    let room = width.saturating_sub(text::width(&hint)).min(text::width(words.as_str()));
    format!("{}{hint}", text::fit(words.as_str(), room))
}
