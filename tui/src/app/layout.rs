//! Regions of the screen at a given size.

use ratatui::layout::Rect;

/// Below this nothing useful fits, and one honest line says so.
pub(crate) const LEAST: (u16, u16) = (40, 8);
/// From this size the panes have frames.
const FRAMED: (u16, u16) = (60, 14);
/// From this width list and detail stand side by side.
const WIDE: u16 = 120;
/// From this size the detail fits below the list.
const STACKED: (u16, u16) = (100, 20);
/// From this height the sentence of the selected alert has a line of its own.
const ROOM_FOR_SENTENCE: u16 = 12;
/// From this height of the screen the names of the tabs are underlined with a line of their own.
const ROOM_FOR_UNDERLINE: u16 = 20;

pub(crate) const fn too_small(width: u16, height: u16) -> bool {
    width < LEAST.0 || height < LEAST.1
}

/// Lines of the timeline inside its frame: two of bars, one of times.
const TIMELINE: u16 = 3;
/// The timeline shows by itself where the list keeps so many alerts. On 80x24 it would take five of 18,
/// and there each line is needed.
const ROOM_FOR_TIMELINE: u16 = 18;
/// Number of alerts that the list must keep for the timeline to show where the user asks for it.
const LEAST_FOR_TIMELINE: u16 = 4;

/// Shares of list and detail, in percent of what both have: of the width side by side, of the height where the
/// detail is below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Split {
    pub(crate) beside: u16,
    pub(crate) below: u16,
}

impl Default for Split {
    fn default() -> Self {
        Self { beside: 55, below: 40 }
    }
}

impl Split {
    /// The least and the largest share of the list.
    const BOUNDS: (u16, u16) = (20, 80);

    /// Returns a share within the bounds.
    pub(crate) fn bound(share: u16) -> u16 {
        share.clamp(Self::BOUNDS.0, Self::BOUNDS.1)
    }
}

/// State of the detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DetailState {
    /// Shown only where the screen is wide enough for both.
    #[default]
    Preview,
    Open,
    /// In the place of the list.
    Zoomed,
}

/// Wishes that the regions depend on, besides the size of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    pub(crate) detail: DetailState,
    pub(crate) split: Split,
    /// Choice to show or to hide the timeline; `None`: it shows where there is room.
    pub(crate) timeline: Option<bool>,
    /// True where something is wrong and has a line below the header.
    pub(crate) banner: bool,
    /// True where filters, a search or pivots have a line.
    pub(crate) bar: bool,
    /// True where a text is written in a line above the footer.
    pub(crate) prompt: bool,
}

/// The regions of the screen; one that is not shown has no width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    pub(crate) header: Rect,
    /// The line that says what is wrong.
    pub(crate) banner: Rect,
    /// The frame of the timeline.
    pub(crate) timeline_frame: Rect,
    /// The bars of alerts by time, and the times below them.
    pub(crate) timeline: Rect,
    /// The filters, the search, and where one came from.
    pub(crate) bar: Rect,
    pub(crate) list_frame: Rect,
    /// The list, its line of column names included.
    pub(crate) list: Rect,
    /// At the right edge of the list, on its frame where it has one.
    pub(crate) scrollbar: Rect,
    /// The line between list and detail, where both are shown: dragging it changes their shares.
    pub(crate) divider: Rect,
    pub(crate) detail_frame: Rect,
    /// The names of the tabs, and the line below them where there is room.
    pub(crate) tabs: Rect,
    /// The lines of the tab that is shown.
    pub(crate) detail: Rect,
    pub(crate) detail_scrollbar: Rect,
    /// The sentence of the selected alert, where the detail is not shown.
    pub(crate) sentence: Rect,
    /// The line in which a text is written; errors in it and hints for it are in the footer.
    pub(crate) prompt: Rect,
    pub(crate) footer: Rect,
    /// True where the panes have frames.
    pub(crate) framed: bool,
}

/// Arrangement of list and detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panes {
    List,
    Detail,
    Beside,
    Below,
}

impl Panes {
    const fn of(width: u16, height: u16, wanted: &Wanted) -> Self {
        match wanted.detail {
            DetailState::Preview | DetailState::Open if width >= WIDE => Self::Beside,
            DetailState::Preview => Self::List,
            DetailState::Open if width >= STACKED.0 && height >= STACKED.1 => Self::Below,
            DetailState::Open | DetailState::Zoomed => Self::Detail,
        }
    }
}

/// The columns and rows within a frame, where there is one.
const fn within(frame: Rect, framed: bool) -> Rect {
    if !framed || frame.width < 2 || frame.height < 2 {
        return frame;
    }
    Rect { x: frame.x + 1, y: frame.y + 1, width: frame.width - 2, height: frame.height - 2 }
}

impl Layout {
    pub(crate) fn new(width: u16, height: u16, wanted: &Wanted) -> Self {
        if too_small(width, height) {
            return Self::default();
        }
        let framed = width >= FRAMED.0 && height >= FRAMED.1;
        let panes = Panes::of(width, height, wanted);
        let line = |y| Rect::new(0, y, width, 1);
        let mut layout = Self { header: line(0), footer: line(height - 1), framed, ..Self::default() };
        let (mut top, mut bottom) = (1, height - 1);
        // Lines that come and go do not decide whether there is room for the timeline.
        let has_sentence = panes == Panes::List && height >= ROOM_FOR_SENTENCE;
        let room = bottom - top - u16::from(has_sentence);
        let timeline = timeline_height(room, framed, panes, wanted);
        if wanted.banner {
            layout.banner = line(top);
            top += 1;
        }
        if timeline > 0 {
            layout.timeline_frame = Rect::new(0, top, width, timeline);
            layout.timeline = within(layout.timeline_frame, framed);
            top += timeline;
        }
        if wanted.bar {
            layout.bar = line(top);
            top += 1;
        }
        // A prompt takes the place of the sentence, so that nothing moves.
        if wanted.prompt {
            bottom -= 1;
            layout.prompt = line(bottom);
        } else if has_sentence {
            bottom -= 1;
            layout.sentence = line(bottom);
        }
        layout.place_panes(panes, Rect::new(0, top, width, bottom.saturating_sub(top)), wanted.split, height);
        layout
    }

    fn place_panes(&mut self, panes: Panes, area: Rect, split: Split, height: u16) {
        let Rect { x, y, width, height: rows } = area;
        let none = Rect::default();
        let gap = u16::from(!self.framed);
        (self.list_frame, self.divider, self.detail_frame) = match panes {
            Panes::List => (area, none, none),
            Panes::Detail => (none, none, area),
            Panes::Beside => {
                let left = percent(width, split.beside);
                (
                    Rect::new(x, y, left, rows),
                    Rect::new(x + left, y, 1, rows),
                    Rect::new(x + left + gap, y, width - left - gap, rows),
                )
            }
            Panes::Below => {
                let upper = percent(rows, split.below);
                (
                    Rect::new(x, y, width, upper),
                    Rect::new(x, y + upper, width, 1),
                    Rect::new(x, y + upper + gap, width, rows.saturating_sub(upper + gap)),
                )
            }
        };
        self.list = within(self.list_frame, self.framed);
        self.scrollbar = match (self.list.width, self.framed, panes) {
            (0, ..) => none,
            (_, true, _) => Rect { x: self.list.right(), width: 1, ..self.list },
            (_, false, Panes::Beside) => self.divider,
            (_, false, _) => {
                self.list.width -= 1;
                Rect { x: self.list.right(), width: 1, ..self.list }
            }
        };
        if self.detail_frame.width == 0 {
            return;
        }
        // A column at each side is free; the right one is for marks.
        let inner = within(self.detail_frame, self.framed);
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let tabs = if self.framed && height >= ROOM_FOR_UNDERLINE { 2 } else { 1 }.min(inner.height);
        self.tabs = Rect { height: tabs, ..inner };
        self.detail = Rect { y: inner.y + tabs, height: inner.height - tabs, ..inner };
        let bar = if self.framed { self.detail.right() + 1 } else { self.detail.right() };
        self.detail_scrollbar = Rect { x: bar, width: 1, ..self.detail };
    }

    /// Alerts that fit into the list.
    pub(crate) fn list_rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(1))
    }
}

/// Returns a pane's share of a length.
fn percent(length: u16, share: u16) -> u16 {
    let part = u32::from(length) * u32::from(Split::bound(share)) / 100;
    u16::try_from(part).unwrap_or(u16::MAX)
}

/// Returns the lines of the timeline with its frame; 0 where it does not show.
fn timeline_height(room: u16, framed: bool, panes: Panes, wanted: &Wanted) -> u16 {
    let frame = if framed { 2 } else { 0 };
    let height = TIMELINE + frame;
    let keeps = match wanted.timeline {
        Some(true) => LEAST_FOR_TIMELINE,
        None => ROOM_FOR_TIMELINE,
        Some(false) => return 0,
    };
    let left = room.saturating_sub(height);
    let list = match panes {
        Panes::Detail => return 0,
        Panes::Below => percent(left, wanted.split.below),
        Panes::List | Panes::Beside => left,
    };
    // The line of column names is no alert.
    if list > keeps + frame { height } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(width: u16, height: u16, opened: bool) -> Layout {
        let detail = if opened { DetailState::Open } else { DetailState::Preview };
        Layout::new(width, height, &Wanted { detail, ..Wanted::default() })
    }

    #[test]
    fn no_region_leaves_the_screen_or_lies_over_another_at_any_size() {
        for width in [40, 41, 59, 60, 61, 79, 80, 99, 100, 101, 119, 120, 121, 200] {
            for height in 8..=42 {
                for bits in 0..64_u8 {
                    let on = |bit: u8| bits & (1 << bit) != 0;
                    let wanted = Wanted {
                        detail: match (on(0), on(1)) {
                            (false, _) => DetailState::Preview,
                            (true, false) => DetailState::Open,
                            (true, true) => DetailState::Zoomed,
                        },
                        split: Split {
                            beside: if on(5) { 90 } else { 55 },
                            below: if on(5) { 5 } else { 40 },
                        },
                        timeline: on(2).then_some(true),
                        banner: on(3),
                        bar: on(4),
                        prompt: on(4),
                    };
                    let of = Layout::new(width, height, &wanted);
                    let screen = Rect::new(0, 0, width, height);
                    let regions = [
                        of.header,
                        of.banner,
                        of.timeline_frame,
                        of.bar,
                        of.list_frame,
                        of.detail_frame,
                        of.sentence,
                        of.prompt,
                        of.footer,
                    ];
                    let shown: Vec<_> = regions.into_iter().filter(|region| region.width > 0).collect();
                    for (at, region) in shown.iter().enumerate() {
                        assert_eq!(
                            screen.intersection(*region),
                            *region,
                            "{width}x{height} {wanted:?} {of:?}"
                        );
                        let overlap = |other: &Rect| !region.intersection(*other).is_empty();
                        assert!(
                            !shown.iter().skip(at + 1).any(overlap),
                            "{width}x{height} {wanted:?} {of:?}"
                        );
                    }
                    for part in [of.list, of.tabs, of.detail, of.scrollbar, of.detail_scrollbar, of.divider] {
                        assert_eq!(screen.intersection(part), part, "{width}x{height} {wanted:?} {of:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn list_and_detail_stand_as_the_width_allows() {
        let shown =
            |of: Layout| (of.list.width > 0, of.detail.width > 0, of.divider.width, of.sentence.width);
        assert_eq!(shown(layout(80, 24, false)), (true, false, 0, 80), "the list and a sentence");
        assert_eq!(shown(layout(80, 24, true)), (false, true, 0, 0), "below 100 columns the detail fills");
        assert_eq!(shown(layout(100, 24, true)), (true, true, 100, 0), "one below the other");
        assert_eq!(shown(layout(120, 40, false)), (true, true, 1, 0), "side by side");
        let zoomed = Wanted { detail: DetailState::Zoomed, ..Wanted::default() };
        assert_eq!(shown(Layout::new(120, 40, &zoomed)), (false, true, 0, 0));
        assert_eq!(layout(120, 40, false).list_rows(), 30);
        assert_eq!((layout(80, 24, false).list_rows(), layout(80, 24, false).timeline.height), (18, 0));
    }
}
