//! Links of the screen: facts of the open alert that have a web page, ATT&CK techniques and the event in the AWS
//! console. A terminal that knows OSC 8 opens them by a click.

use crate::app::State;
use crate::app::detail::NAME_WIDTH;
use crate::widget::hyperlink::Hyperlink;
use crate::widget::text;

/// Returns the links of the frame; none where something else may lie over the detail.
pub(crate) fn hyperlinks(state: &State) -> Vec<Hyperlink> {
    let area = state.layout().detail;
    let Some(detail) = state.detail() else { return Vec::new() };
    if area.width == 0 || state.overlay().get().is_some() {
        return Vec::new();
    }
    let x = area.x.saturating_add(u16::try_from(NAME_WIDTH).unwrap_or(0));
    let links = detail.page().links(detail.rows()).zip(std::iter::repeat(area));
    links
        .filter_map(|((row, words, url), area)| {
            let y = area.y.checked_add(u16::try_from(row).ok()?).filter(|y| *y < area.bottom())?;
            let width = u16::try_from(text::width(words.as_str())).ok()?.min(area.right().checked_sub(x)?);
            Some(Hyperlink { x, y, width, url: url.to_owned() })
        })
        .collect()
}
