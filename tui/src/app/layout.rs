//! Regions of the screen at a given size.

use ratatui::layout::Rect;

/// Below this nothing useful fits, and one honest line says so.
pub(crate) const LEAST: (u16, u16) = (40, 8);
/// From this width list and detail stand side by side.
const WIDE: u16 = 120;
/// From this size the detail fits below the list.
const STACKED: (u16, u16) = (80, 20);

pub(crate) const fn too_small(width: u16, height: u16) -> bool {
    width < LEAST.0 || height < LEAST.1
}

/// Lines of the timeline: two of bars, one that they stand on.
const TIMELINE: u16 = 3;
/// Cells at its left edge for the bucket size, the time, and what there is of each severity.
const EDGE: u16 = 19;
/// The timeline shows by itself where the list keeps so many alerts. On 80x24 it would take three of 21,
/// and there each line is needed.
const ROOM_FOR_TIMELINE: usize = 20;
/// Number of alerts that the list must keep for the timeline to show where the user asks for it.
const LEAST_FOR_TIMELINE: usize = 4;

/// The regions of the screen; one that is not shown has no width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    pub(crate) header: Rect,
    /// The list, its line of column names included.
    pub(crate) list: Rect,
    /// The line between list and detail, where both are shown.
    pub(crate) divider: Rect,
    pub(crate) detail: Rect,
    pub(crate) footer: Rect,
    /// Beside the list; on the divider, where that is upright.
    pub(crate) scrollbar: Rect,
    /// The filters, the search, and where one came from.
    pub(crate) bar: Rect,
    /// The line in which a text is written; errors in it and hints for it are in the footer.
    pub(crate) prompt: Rect,
    /// The bars of alerts by time.
    pub(crate) timeline: Rect,
}

impl Layout {
    pub(crate) fn new(width: u16, height: u16, opened: bool) -> Self {
        if too_small(width, height) {
            return Self::default();
        }
        let header = Rect::new(0, 0, width, 1);
        let footer = Rect::new(0, height - 1, width, 1);
        let (top, rows) = (1, height - 2);
        let none = Rect::default();
        let (list, divider, detail) = if width >= WIDE {
            let left = width * 11 / 20;
            (
                Rect::new(0, top, left, rows),
                Rect::new(left, top, 1, rows),
                Rect::new(left + 2, top, width - left - 3, rows),
            )
        } else if !opened {
            (Rect::new(0, top, width, rows), none, none)
        } else if width >= STACKED.0 && height >= STACKED.1 {
            let upper = rows * 2 / 5;
            (
                Rect::new(0, top, width, upper),
                Rect::new(0, top + upper, width, 1),
                Rect::new(1, top + upper + 1, width - 2, rows - upper - 1),
            )
        } else {
            (none, none, Rect::new(1, top, width - 2, rows))
        };
        let (list, scrollbar) = match (list.width, divider.width) {
            (0, _) => (list, none),
            (_, 1) => (list, divider),
            (wide, _) => (
                Rect { width: wide - 1, ..list },
                Rect { x: wide - 1, y: list.y, width: 1, height: list.height },
            ),
        };
        Self { header, list, divider, detail, footer, scrollbar, bar: none, prompt: none, timeline: none }
    }

    /// Puts the timeline below the header; `asked`: whether somebody wants it, or wants it not. Before
    /// [`Self::with_lines`], so that no line that comes and goes lets the timeline come and go.
    pub(crate) fn with_timeline(mut self, asked: Option<bool>) -> Self {
        let keeps = if asked == Some(true) { LEAST_FOR_TIMELINE } else { ROOM_FOR_TIMELINE };
        let rows = self.list_rows();
        if asked == Some(false) || self.list.width == 0 || rows < keeps + usize::from(TIMELINE) {
            return self;
        }
        let top = self.header.bottom();
        self.timeline = Rect::new(0, top, self.header.width, TIMELINE);
        for part in [&mut self.list, &mut self.divider, &mut self.detail, &mut self.scrollbar] {
            if part.y == top {
                (part.y, part.height) = (part.y + TIMELINE, part.height.saturating_sub(TIMELINE));
            }
        }
        self
    }

    /// The part of the timeline where the bars stand.
    pub(crate) fn bars(&self) -> Rect {
        let Rect { x, y, width, height } = self.timeline;
        Rect::new(x + EDGE.min(width), y, width.saturating_sub(EDGE + 1), height)
    }

    /// Takes a line below the header (and the timeline) and one above the footer from what is beside them.
    pub(crate) fn with_lines(mut self, bar: bool, prompt: bool) -> Self {
        if self.header.width == 0 {
            return self;
        }
        let (top, bottom) = (self.header.bottom() + self.timeline.height, self.footer.y);
        let line = |y| Rect::new(0, y, self.header.width, 1);
        (self.bar, self.prompt) = (
            if bar { line(top) } else { Rect::default() },
            if prompt { line(bottom - 1) } else { Rect::default() },
        );
        for part in [&mut self.list, &mut self.divider, &mut self.detail, &mut self.scrollbar] {
            if bar && part.y == top {
                (part.y, part.height) = (part.y + 1, part.height.saturating_sub(1));
            }
            if prompt && part.bottom() == bottom {
                part.height = part.height.saturating_sub(1);
            }
        }
        self
    }

    /// Alerts that fit into the list.
    pub(crate) fn list_rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(1))
    }
}
