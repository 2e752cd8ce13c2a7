//! The screen, drawn from [`State`] and nothing else. Wide (120 columns and more):
//!
//! ```text
//!  IAM Sentinel  ● live  last receive 02:03:04 UTC   12 alerts  2 critical  3 high      header
//!  5 min  most 12      ▂                  ▁▃▇▂
//!  02:00 UTC          ▁█▁        ▁▂     ▂▅███▆▁
//!  ▲2 ●3 ◆1          ─◆▲◆─│01:00─·●─────●◆●▲●◆●                                    strip
//!    TIME UTC  SEV  EVENT             ACTOR    SOURCE IP    │ CRITICAL  Administrator …
//!  ▌ 02:03:01  CRIT AttachUserPolicy  mallory  203.0.113.7  │ mallory attached policy …   list │ detail
//!    02:02:44  MED  CreateUser        mallory  203.0.113.7  │ Event      AttachUserPolicy
//!  j down  Enter open  Esc back  ? help  q quit  ] tabs …      (or what is wrong)        footer
//! ```
//!
//! The strip of bars is there where the list has 20 alerts beside it, or who looks has asked for it.
//! From 80 columns the detail is below the list once it is opened; smaller, it takes the list's place.

mod ascii;
mod detail;
mod footer;
mod highlight;
mod list;
mod palette;
mod pipeline;
mod popup;
mod query_bar;
mod scrollbar;
mod timeline;
mod tree;
mod triage;

use ratatui::Frame;
use ratatui::text::Line;

pub(crate) use footer::action_at;
pub(crate) use list::column_at;
pub(crate) use palette::area as menu_area;
pub(crate) use pipeline::{below as pipeline_below, rows as pipeline_rows};
pub(crate) use tree::room_for_value;

use crate::app::State;
use crate::theme::Theme;

/// Draws the whole screen.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State) {
    draw_with(frame, state, state.shell.theme);
}

fn draw_with(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let area = frame.area();
    if crate::app::too_small(area.width, area.height) {
        let (width, height) = crate::app::LEAST;
        let text = format!("too small: {}x{}, need {width}x{height}", area.width, area.height);
        frame.render_widget(Line::raw(text), area);
        return;
    }
    let layout = state.layout_of(area.width, area.height);
    frame.render_widget(footer::header(state, theme, area.width), layout.header);
    timeline::draw(frame.buffer_mut(), &layout, state, theme);
    list::draw(frame.buffer_mut(), layout.list, state, theme);
    if let (Some(open), true) = (&state.detail, layout.detail.width > 0) {
        detail::draw(frame.buffer_mut(), &layout, open, state, theme);
    }
    let (bar, list) = (layout.scrollbar, &state.list);
    scrollbar::draw(frame.buffer_mut(), bar, list.top(), layout.list_rows(), list.len());
    frame.render_widget(footer::footer(state, theme, area.width), layout.footer);
    query_bar::draw(frame, &layout, state, theme);
    if let Some(over) = &state.desk.over {
        popup::draw(frame, over, theme);
    }
    pipeline::draw(frame, state, theme);
    if let Some(menu) = &state.shell.menu {
        palette::draw(frame, menu, state, theme);
    }
    if state.shell.ascii {
        ascii::apply(frame.buffer_mut());
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod looks;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
