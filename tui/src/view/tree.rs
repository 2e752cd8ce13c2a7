//! One line of a JSON tree: whether it folds, its key, what is to be noted of it, its value.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::DetailSearch;
use crate::theme::Theme;
use crate::view::detail::WARNING;
use crate::view::highlight;
use crate::widget::json_tree::{Held, JsonTree, Node};
use crate::widget::text;

/// Cells that one level of the tree is indented by.
const INDENT: usize = 2;

/// Part of a line before the value.
struct Head {
    indent: String,
    mark: &'static str,
    key: String,
    held: &'static str,
    warning: String,
}

impl Head {
    fn of(tree: &JsonTree, node: &Node, number: usize, width: usize) -> Self {
        let is_folded = tree.is_folded(number);
        let mut head = Self {
            indent: " ".repeat((node.depth * INDENT).min(width / 3)),
            mark: match (node.container, is_folded) {
                (false, _) => "  ",
                (true, true) => "▸ ",
                (true, false) => "▾ ",
            },
            key: node.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default(),
            held: match node.held {
                Held::Plainly => "",
                Held::InString => "(JSON string) ",
                Held::InEncodedString => "(URL-encoded JSON string) ",
            },
            warning: String::new(),
        };
        head.warning = match &node.note {
            Some(words) => {
                // What is warned of is not pushed off the line by the warning, nor is either cut without a mark.
                let left = head.room(width);
                let value = text::width(shown(tree, node, number)).min(left / 2);
                let room = left.saturating_sub(value).max(1);
                let warning = format!("{WARNING}{words}  ");
                // Spaces at its end need no room.
                if text::width(&warning) > room + 2 {
                    text::fit(&warning, room.saturating_sub(1)) + " "
                } else {
                    warning
                }
            }
            None if is_folded && tree.hides_notes(number) => WARNING.to_owned(),
            None => String::new(),
        };
        head
    }

    /// Cells that it leaves for the value.
    fn room(&self, width: usize) -> usize {
        let parts = [&self.indent, self.mark, &self.key, self.held, &self.warning];
        width.saturating_sub(parts.iter().map(|part| text::width(part)).sum()).max(1)
    }
}

/// Returns the words for a node's value; empty where the node is unfolded, since its children stand below
/// and a preview would repeat them.
fn shown<'a>(tree: &JsonTree, node: &'a Node, number: usize) -> &'a str {
    if node.container && !tree.is_folded(number) { "" } else { node.value.as_str() }
}

/// Cells that are there for a node's value, on lines of so many.
pub(crate) fn room_for_value(tree: &JsonTree, number: usize, width: usize) -> usize {
    tree.node_at(number).map_or(1, |node| Head::of(tree, node, number, width).room(width))
}

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
