//! Layout of one line of the tree: indentation, key, what is noted, and the room that is left for the value.

use super::{Held, JsonTree, Node};
use crate::widget::text;

/// Mark of a warning, so that it is told by more than its colour.
pub(crate) const WARNING: &str = "⚠ ";

/// Cells that one level of the tree is indented by.
const INDENT: usize = 2;

/// Part of a line before the value.
pub(crate) struct Head {
    pub(crate) indent: String,
    pub(crate) mark: &'static str,
    pub(crate) key: String,
    pub(crate) held: &'static str,
    pub(crate) warning: String,
}

impl Head {
    pub(crate) fn of(tree: &JsonTree, node: &Node, number: usize, width: usize) -> Self {
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
                // A warning does not push its value off the line, and neither is cut without a mark.
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
    pub(crate) fn room(&self, width: usize) -> usize {
        let parts = [&self.indent, self.mark, &self.key, self.held, &self.warning];
        width.saturating_sub(parts.iter().map(|part| text::width(part)).sum()).max(1)
    }
}

/// Returns the words for a node's value; empty where the node is unfolded, since its children stand below
/// and a preview would repeat them.
pub(crate) fn shown<'a>(tree: &JsonTree, node: &'a Node, number: usize) -> &'a str {
    if node.container && !tree.is_folded(number) { "" } else { node.value.as_str() }
}

/// Cells that are there for a node's value, on lines of so many.
pub(crate) fn room_for_value(tree: &JsonTree, number: usize, width: usize) -> usize {
    tree.node_at(number).map_or(1, |node| Head::of(tree, node, number, width).room(width))
}
