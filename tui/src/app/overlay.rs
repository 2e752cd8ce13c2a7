//! Overlay: at most one list, menu, prompt or question over the screen. It gets the keys and the mouse, and is
//! drawn last.
//!
//! An overlay that a key or an action opens replaces the open one; one that arrives late, such as an answer,
//! opens only where none is.

use crate::app::copy::CopyMenu;
use crate::app::notice::Notice;
use crate::app::palette::Palette;
use crate::app::pipeline::AlarmList;
use crate::app::query::picker::Picker;
use crate::app::query::prompt::Prompt;
use crate::app::triage::confirm::Confirm;
use crate::app::triage::prompt::TriagePrompt;

/// Something that lies over the screen.
#[derive(Debug)]
pub(crate) enum Overlay {
    /// The list of actions.
    Palette(Palette),
    /// A small list of filters, columns, views and the like.
    Picker(Picker),
    /// The line in which a filter, a search, a time, a name or a path is typed.
    Prompt(Box<Prompt>),
    /// The line in which a note or tags are typed.
    TriagePrompt(TriagePrompt),
    /// The question before many alerts are changed.
    Confirm(Confirm),
    CopyMenu(CopyMenu),
    /// A text: an error, a detection rule, a link that no browser took.
    Notice(Notice),
    /// The alarms of the pipeline, and its probes.
    Alarms(AlarmList),
    /// The board of incidents (`app/incidents/board.rs`).
    Incidents,
    /// Records around an alert (`app/context.rs`).
    Context,
}

/// The overlay that is open, if any.
#[derive(Debug, Default)]
pub(crate) struct Overlays(Option<Overlay>);

impl Overlays {
    /// Opens an overlay in the place of the one that is there.
    pub(crate) fn open(&mut self, overlay: Overlay) {
        self.0 = Some(overlay);
    }

    /// Opens an overlay that arrives late: only where nothing is open. Returns false where something is.
    pub(crate) fn open_late(&mut self, overlay: Overlay) -> bool {
        let is_free = self.0.is_none();
        self.0.get_or_insert(overlay);
        is_free
    }

    pub(crate) fn close(&mut self) {
        self.0 = None;
    }

    /// Closes the overlay and returns it.
    pub(crate) const fn take(&mut self) -> Option<Overlay> {
        self.0.take()
    }

    pub(crate) const fn get(&self) -> Option<&Overlay> {
        self.0.as_ref()
    }

    pub(crate) const fn get_mut(&mut self) -> Option<&mut Overlay> {
        self.0.as_mut()
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// True where letters go into a text or answer a question: a click must not lose them, and the list must not
    /// change meanwhile. Text and question hide the status line.
    pub(crate) const fn is_typing(&self) -> bool {
        matches!(self.0, Some(Overlay::Prompt(_) | Overlay::TriagePrompt(_) | Overlay::Confirm(_)))
    }

    /// True where keys are for a text, a question or a small list, and not for the list of alerts.
    pub(crate) const fn takes_letters(&self) -> bool {
        self.is_typing() || matches!(self.0, Some(Overlay::Picker(_)))
    }

    pub(crate) const fn prompt(&self) -> Option<&Prompt> {
        if let Some(Overlay::Prompt(prompt)) = &self.0 { Some(prompt) } else { None }
    }

    pub(crate) const fn prompt_mut(&mut self) -> Option<&mut Prompt> {
        if let Some(Overlay::Prompt(prompt)) = &mut self.0 { Some(prompt) } else { None }
    }

    pub(crate) const fn picker(&self) -> Option<Picker> {
        if let Some(Overlay::Picker(picker)) = &self.0 { Some(*picker) } else { None }
    }

    pub(crate) const fn palette(&self) -> Option<&Palette> {
        if let Some(Overlay::Palette(palette)) = &self.0 { Some(palette) } else { None }
    }

    pub(crate) const fn alarms(&self) -> Option<AlarmList> {
        if let Some(Overlay::Alarms(alarms)) = &self.0 { Some(*alarms) } else { None }
    }

    pub(crate) const fn alarms_mut(&mut self) -> Option<&mut AlarmList> {
        if let Some(Overlay::Alarms(alarms)) = &mut self.0 { Some(alarms) } else { None }
    }

    #[cfg(test)]
    pub(crate) const fn triage_prompt(&self) -> Option<&TriagePrompt> {
        if let Some(Overlay::TriagePrompt(prompt)) = &self.0 { Some(prompt) } else { None }
    }
}
