//! The line below the header while alerts can't be received, stored or deleted: since when, why, when it is tried
//! again, and the keys to the whole error and to try now.

use detector::SafeText;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::format;
use crate::keymap::Action;
use crate::model::SourceStatus;
use crate::theme::Theme;
use crate::widget::text;

/// Returns the line. The reason is cut where there is no room; the keys are not.
pub(super) fn banner(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let pipeline = state.pipeline();
    let since = match pipeline.away_since() {
        Some(since) => format!(" {}", format::span(state.now().duration_since(since).as_secs().max(0))),
        None => String::new(),
    };
    let (word, retry) = match &pipeline.source {
        _ if pipeline.store_blocked.is_some() => ("CAN'T STORE", None),
        SourceStatus::Retrying { next, .. } => ("DISCONNECTED", Some(*next)),
        _ => ("CAN'T DELETE", None),
    };
    let key = |action| state.shell().keymap.keys_of(action).split(' ').next().unwrap_or_default().to_owned();
    let retry = retry.map(|next| {
        let left = next.duration_since(state.now()).as_secs().max(0);
        format!(" · retry {} ({} now)", format::span(left), key(Action::RetryNow))
    });
    let tail = format!("{} · {} whole ", retry.unwrap_or_default(), key(Action::Trouble));
    let head = format!(" ✗ {word}{since} · ");
    let room = usize::from(width).saturating_sub(text::width(&head) + text::width(&tail));
    let why = SafeText::new(pipeline.away().unwrap_or_default());
    let line = format!("{head}{}{tail}", text::fit(why.as_str(), room));
    Line::from(Span::styled(
        text::fit(&line, usize::from(width)),
        theme.bad().add_modifier(Modifier::REVERSED),
    ))
}
