//! One line of a JSON tree: whether it folds, its key, what is to be noted of it, its value.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::detail::DetailSearch;
use crate::theme::Theme;
use crate::view::highlight;
use crate::widget::json_tree::{Head, JsonTree, shown};
use crate::widget::text;

/// `shift` cells of the value are to the left of what is seen; what `finds` has found is marked.
pub(super) fn node(
    tree: &JsonTree,
    number: usize,
    shift: usize,
    finds: Option<&DetailSearch>,
    theme: Theme,
    width: usize,
) -> Line<'static> {
    let Some(node) = tree.node_at(number) else { return Line::default() };
    let head = Head::of(tree, node, number, width);
    let room = head.room(width);
    let whole = shown(tree, node, number);
    let value = text::fit(&text::skip(whole, shift), room).trim_end().to_owned();
    let pattern = finds.map(DetailSearch::pattern);
    let texts = [head.key.as_str(), head.warning.as_str(), whole];
    let is_found_in_parts =
        pattern.is_some_and(|pattern| texts.iter().any(|text| !text.is_empty() && pattern.is_match(text)));
    // A hit that begins in the key and ends in the value is both of them.
    let both = finds.is_some_and(|finds| finds.number(number).is_some()) && !is_found_in_parts;
    let style = |style: Style| if both { style.patch(Theme::hit()) } else { style };
    let mut line = Line::from(vec![Span::raw(head.indent), Span::raw(head.mark)]);
    line.spans.extend(highlight::hits(Span::styled(head.key, style(theme.label())), pattern));
    line.spans.extend(highlight::hits(Span::styled(head.warning, theme.bad()), pattern));
    line.spans.push(Span::styled(head.held, theme.label()));
    line.spans.extend(highlight::hits(Span::styled(value, style(Style::new())), pattern));
    line
}
