//! The screen, drawn from [`State`] and nothing else. Wide (120 columns and more):
//!
//! ```text
//!  IAM Sentinel  ● live  last receive 02:03:04 UTC   12 alerts  2 critical  3 high      header
//!    TIME UTC  SEV  EVENT             ACTOR    SOURCE IP    │ CRITICAL  Administrator …
//!  ▌ 02:03:01  CRIT AttachUserPolicy  mallory  203.0.113.7  │ mallory attached policy …   list │ detail
//!    02:02:44  MED  CreateUser        mallory  203.0.113.7  │ Event      AttachUserPolicy
//!  j down  k up  Enter open  Esc back  ? help  q quit         (or what is wrong)        footer
//! ```
//!
//! From 80 columns the detail is below the list once it is opened; smaller, it takes the list's place.

mod bars;
mod detail;
mod help;
mod layout;
mod list;
mod look;
mod theme;
mod triage;

use ratatui::Frame;
use ratatui::text::Line;

pub(crate) use layout::Layout;

use crate::app::State;
use theme::Theme;

/// Draws the whole screen.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State) {
    draw_with(frame, state, Theme::from_env());
}

fn draw_with(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let area = frame.area();
    if layout::too_small(area.width, area.height) {
        let (width, height) = layout::LEAST;
        let text = format!("too small: {}x{}, need {width}x{height}", area.width, area.height);
        frame.render_widget(Line::raw(text), area);
        return;
    }
    let layout = state.layout_of(area.width, area.height);
    frame.render_widget(bars::header(state, theme, area.width), layout.header);
    list::draw(frame.buffer_mut(), layout.list, state, theme);
    if let (Some(open), true) = (&state.detail, layout.detail.width > 0) {
        detail::draw(frame.buffer_mut(), &layout, open, state, theme);
    }
    frame.render_widget(bars::footer(state, theme, area.width), layout.footer);
    look::draw(frame, &layout, state, theme);
    if state.help {
        help::draw(frame, theme);
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
