//! One line of a JSON tree: whether it folds, its key, what is to be noted of it, its value.

use ratatui::text::{Line, Span};

use super::detail::WARNING;
use super::theme::Theme;
use crate::widget::json_tree::{Held, JsonTree};
use crate::widget::text;

/// Cells that one level of the tree is indented by.
const INDENT: usize = 2;

/// `shift` cells of the value are to the left of what is seen.
pub(super) fn node(
    tree: &JsonTree,
    number: usize,
    shift: usize,
    theme: Theme,
    width: usize,
) -> Line<'static> {
    let Some(node) = tree.node_at(number) else { return Line::default() };
    let is_folded = tree.is_folded(number);
    let mark = match (node.container, is_folded) {
        (false, _) => "  ",
        (true, true) => "▸ ",
        (true, false) => "▾ ",
    };
    let indent = " ".repeat((node.depth * INDENT).min(width / 3));
    let key = node.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
    let held = match node.held {
        Held::Plainly => "",
        Held::InString => "(JSON string) ",
        Held::InEncodedString => "(URL-encoded JSON string) ",
    };
    let warning = match &node.note {
        Some(words) => format!("{WARNING}{words}  "),
        None if is_folded && tree.hides_notes(number) => WARNING.to_owned(),
        None => String::new(),
    };
    let used = [&indent, mark, &key, held, &warning].iter().map(|part| text::width(part)).sum::<usize>();
    // What is unfolded stands below; its preview would say it twice.
    let whole = if node.container && !is_folded { "" } else { node.value.as_str() };
    let value = text::skip(whole, shift);
    let value = text::fit(&value, width.saturating_sub(used).max(1));
    Line::from(vec![
        Span::raw(indent),
        Span::raw(mark),
        Span::styled(key, theme.label()),
        Span::styled(warning, theme.bad()),
        Span::styled(held, theme.label()),
        Span::raw(value.trim_end().to_owned()),
    ])
}
