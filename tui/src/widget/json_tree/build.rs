//! From a value to the tree's nodes, and a container in one line.

use detector::SafeText;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Held, Node, Notes, Step};

/// Deeper JSON than this is shown as text; `serde_json` itself stops at 128.
pub(super) const MAX_DEPTH: usize = 64;
/// Bytes of a container's line; more no screen shows beside the key.
const PREVIEW: usize = 160;
/// Bytes of a text within a container's line.
const SHORT: usize = 48;

pub(super) fn nodes(value: &Value, notes: Notes<'_>) -> Vec<Node> {
    let mut builder = Builder { nodes: Vec::new(), notes };
    match value {
        Value::Object(_) | Value::Array(_) => builder.children(value, 0, None),
        leaf => builder.node(None, leaf, 0, None),
    }
    // Of a root that has no line of its own, what is noted of its parts.
    builder.note(value, None);
    builder.nodes
}

struct Builder<'a> {
    nodes: Vec<Node>,
    notes: Notes<'a>,
}

impl Builder<'_> {
    fn children(&mut self, value: &Value, depth: usize, parent: Option<usize>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    self.node(Some(Step::Key(key.clone())), inner, depth, parent);
                }
            }
            Value::Array(items) => {
                for (at, inner) in items.iter().enumerate() {
                    self.node(Some(Step::Index(at)), inner, depth, parent);
                }
            }
            _ => {}
        }
    }

    fn node(&mut self, step: Option<Step>, value: &Value, depth: usize, parent: Option<usize>) {
        let inside = if depth < MAX_DEPTH { json_inside(value) } else { None };
        let (shown, inner, held) = match (&inside, value) {
            (Some((inner, held)), _) => (preview(inner), Some(inner), *held),
            (None, Value::Object(_) | Value::Array(_)) if depth < MAX_DEPTH => {
                (preview(value), Some(value), Held::Plainly)
            }
            (None, Value::String(text)) => (text.clone(), None, Held::Plainly),
            (None, other) => (other.to_string(), None, Held::Plainly),
        };
        let key = step.as_ref().map(|step| match step {
            Step::Key(key) => SafeText::new(key),
            Step::Index(at) => SafeText::from(at.to_string()),
            Step::Parsed | Step::Decoded => SafeText::default(),
        });
        let container = inner.is_some_and(|inner| !is_empty(inner));
        let value = SafeText::from(shown);
        let number = self.nodes.len();
        let end = number + 1;
        self.nodes.push(Node { depth, key, value, container, note: None, held, step, parent, end });
        if let Some(inner) = inner {
            self.children(inner, depth + 1, Some(number));
        }
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(number) {
            node.end = end;
        }
        if let Some(inner) = inner {
            self.note(inner, Some(number));
        }
    }

    /// Writes what is to be noted of an object to the nodes that it is about.
    fn note(&mut self, object: &Value, number: Option<usize>) {
        for (steps, words) in (self.notes)(object) {
            let place = steps.iter().try_fold(number, |at, step| {
                let first = at.map_or(0, |at| at + 1);
                let behind = self.nodes.get(first..)?;
                let child =
                    behind.iter().position(|node| node.parent == at && node.step.as_ref() == Some(step))?;
                Some(Some(first + child))
            });
            let Some(node) = place.flatten().and_then(|at| self.nodes.get_mut(at)) else { continue };
            let all = match &node.note {
                Some(before) => format!("{before}; {words}"),
                None => words,
            };
            node.note = Some(SafeText::from(all));
        }
    }
}

/// Returns the object or list that a string holds as JSON, and the way in which it is held; `None` for all
/// other values.
pub(crate) fn json_inside(value: &Value) -> Option<(Value, Held)> {
    let text = value.as_str()?.trim_start();
    if text.starts_with(['{', '[']) {
        return serde_json::from_str(text).ok().map(|inner| (inner, Held::InString));
    }
    // As IAM's answers have it.
    if text.starts_with("%7B") || text.starts_with("%7b") {
        let decoded = percent_decode_str(text).decode_utf8().ok()?;
        return serde_json::from_str(&decoded).ok().map(|inner| (inner, Held::InEncodedString));
    }
    None
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

/// A container in one line, filled from the left as far as there is room.
fn preview(value: &Value) -> String {
    let mut out = String::new();
    fill(&mut out, value);
    out
}

fn fill(out: &mut String, value: &Value) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (at, (key, inner)) in map.iter().enumerate() {
                if !next(out, at) {
                    break;
                }
                out.push_str(key);
                out.push_str(": ");
                fill(out, inner);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, inner) in items.iter().enumerate() {
                if !next(out, at) {
                    break;
                }
                fill(out, inner);
            }
            out.push(']');
        }
        Value::String(text) if text.len() > SHORT => {
            out.extend(text.chars().take(SHORT));
            out.push('…');
        }
        Value::String(text) => out.push_str(text),
        other => out.push_str(&other.to_string()),
    }
}

/// The comma before the next part; false where there is no room for more.
fn next(out: &mut String, at: usize) -> bool {
    if at > 0 {
        out.push_str(", ");
    }
    let room = out.len() < PREVIEW;
    if !room {
        out.push('…');
    }
    room
}
