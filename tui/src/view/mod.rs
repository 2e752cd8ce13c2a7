//! The screen, drawn from [`State`] and nothing else. Wide (120 columns and more):
//!
//! ```text
//!  IAM Sentinel  ● live  last receive 02:03:04 UTC   12 alerts  2 critical  3 high      header
//!  5 min  most 12      ▂                  ▁▃▇▂
//!  02:00 UTC          ▁█▁        ▁▂     ▂▅███▆▁
//!  ▲2 ●3 ◆1          ─◆▲◆─│01:00─·●─────●◆●▲●◆●                                    timeline
//!    TIME UTC  SEV  EVENT             ACTOR    SOURCE IP    │ CRITICAL  Administrator …
//!  ▌ 02:03:01  CRIT AttachUserPolicy  mallory  203.0.113.7  │ mallory attached policy …   list │ detail
//!    02:02:44  MED  CreateUser        mallory  203.0.113.7  │ Event      AttachUserPolicy
//!  j down  Enter open  Esc back  ? help  q quit  ] tabs …      (or what is wrong)        footer
//! ```
//!
//! The timeline shows where 20 alerts still fit below it, or where the user asks for it.
//! From 80 columns the detail is below the list once it is opened; smaller, it takes the list's place.

mod ascii;
mod banner;
mod context;
mod detail;
mod empty;
mod footer;
mod frame;
mod header;
mod highlight;
mod hit;
mod hyperlinks;
mod incidents;
mod line;
mod list;
mod palette;
mod picker;
mod pipeline;
mod popup;
mod prompt;
mod query_bar;
mod scrollbar;
mod sentence;
mod timeline;
mod tree;
mod triage;
mod what;

use ratatui::Frame;
use ratatui::text::Line;

pub(crate) use hit::hit;
pub(crate) use hyperlinks::hyperlinks;

use crate::app::State;
use crate::app::layout;
use crate::app::overlay::Overlay;
use crate::theme::Theme;

/// Draws the whole screen.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State) {
    draw_with(frame, state, state.shell().theme);
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
    frame.render_widget(header::header(state, theme, area.width), layout.header);
    if layout.banner.width > 0 {
        frame.render_widget(banner::banner(state, theme, layout.banner.width), layout.banner);
    }
    timeline::draw(frame.buffer_mut(), &layout, state, theme);
    list::draw(frame.buffer_mut(), &layout, state, theme);
    detail::draw(frame.buffer_mut(), &layout, state, theme);
    let (bar, list) = (layout.scrollbar, state.list());
    scrollbar::draw(frame.buffer_mut(), bar, list.top(), layout.list_rows(), list.line_count(), theme);
    frame.render_widget(footer::footer(state, theme, area.width), layout.footer);
    if layout.sentence.width > 0 {
        frame.render_widget(sentence::sentence(state, theme, layout.sentence.width), layout.sentence);
    }
    if layout.bar.width > 0 {
        frame.render_widget(query_bar::bar(state, theme, &layout), layout.bar);
    }
    if let Some(board) = &state.incidents().board {
        incidents::draw(frame, board, state, theme);
        if matches!(state.overlay().get(), Some(Overlay::TriagePrompt(_) | Overlay::Confirm(_))) {
            // The board dims all that is not its own.
            frame.render_widget(footer::footer(state, theme, area.width), layout.footer);
        }
    }
    if let Some(context) = state.context() {
        context::draw(frame, context, theme);
    }
    match state.overlay().get() {
        Some(Overlay::Prompt(prompt)) => prompt::draw(frame.buffer_mut(), &layout, prompt, state, theme),
        Some(Overlay::Picker(picker)) => picker::draw(frame, *picker, state, theme),
        Some(Overlay::CopyMenu(menu)) => popup::copy_menu(frame, menu, theme),
        Some(Overlay::Notice(notice)) => popup::notice(frame, notice, theme),
        Some(Overlay::Alarms(list)) => pipeline::draw(frame, *list, state, theme),
        Some(Overlay::Palette(palette)) => palette::draw(frame, palette, state, theme),
        // In the place of the footer.
        // The board is drawn already: a prompt may be open over it.
        Some(Overlay::TriagePrompt(_) | Overlay::Confirm(_) | Overlay::Incidents | Overlay::Context)
        | None => {}
    }
    if state.shell().ascii {
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
