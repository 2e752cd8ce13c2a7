//! A JSON value as a tree that folds: a flat list of nodes in reading order, each with its depth and
//! where its children end. JSON inside a string (a policy document, say) is opened as children.

use std::collections::HashSet;

use detector::SafeText;
use serde_json::Value;

/// What a node shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) depth: usize,
    /// The key, or the index in a list; none at the root.
    pub(crate) key: Option<SafeText>,
    /// The value of a leaf; of a container, what is in it.
    pub(crate) value: SafeText,
    /// Whether it has children to fold.
    pub(crate) container: bool,
    /// The number of the first node behind its children.
    end: usize,
}

/// The tree.
#[derive(Debug, Clone)]
pub(crate) struct JsonTree {
    nodes: Vec<Node>,
    folded: HashSet<usize>,
}

/// Deeper JSON than this is shown as text; `serde_json` itself stops at 128.
const MAX_DEPTH: usize = 64;
/// Children of a folded container that its line tells of.
const PREVIEW: usize = 60;

impl JsonTree {
    /// Everything unfolded. A root that is a container shows its children at once.
    pub(crate) fn new(value: &Value) -> Self {
        let mut tree = Self { nodes: Vec::new(), folded: HashSet::new() };
        match value {
            Value::Object(_) | Value::Array(_) => tree.children(value, 0),
            leaf => tree.node(None, leaf, 0),
        }
        tree
    }

    pub(crate) fn node_at(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }

    pub(crate) fn is_folded(&self, number: usize) -> bool {
        self.folded.contains(&number)
    }

    /// The numbers of the nodes that are not inside a folded one.
    pub(crate) fn visible(&self) -> impl Iterator<Item = usize> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let node = self.nodes.get(next)?;
            let number = next;
            next = if self.is_folded(number) { node.end } else { number + 1 };
            Some(number)
        })
    }

    /// Folds a node. False where there is nothing to fold.
    pub(crate) fn fold(&mut self, number: usize) -> bool {
        self.nodes.get(number).is_some_and(|node| node.container) && self.folded.insert(number)
    }

    /// Unfolds a node. False where it was not folded.
    pub(crate) fn unfold(&mut self, number: usize) -> bool {
        self.folded.remove(&number)
    }

    /// The node that this one is in.
    pub(crate) fn parent(&self, number: usize) -> Option<usize> {
        let depth = self.nodes.get(number)?.depth;
        self.nodes.get(..number)?.iter().rposition(|node| node.depth < depth)
    }

    fn children(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    self.node(Some(SafeText::new(key)), inner, depth);
                }
            }
            Value::Array(items) => {
                for (at, inner) in items.iter().enumerate() {
                    self.node(Some(SafeText::from(at.to_string())), inner, depth);
                }
            }
            _ => {}
        }
    }

    fn node(&mut self, key: Option<SafeText>, value: &Value, depth: usize) {
        let inside = if depth < MAX_DEPTH { json_inside(value) } else { None };
        let (shown, inner) = match (&inside, value) {
            (Some(inner), _) => (format!("(JSON in a string) {}", preview(inner)), Some(inner)),
            (None, Value::Object(_) | Value::Array(_)) if depth < MAX_DEPTH => (preview(value), Some(value)),
            (None, Value::String(text)) => (text.clone(), None),
            (None, other) => (other.to_string(), None),
        };
        let container = inner.is_some_and(|inner| !is_empty(inner));
        let number = self.nodes.len();
        self.nodes.push(Node { depth, key, value: SafeText::from(shown), container, end: number + 1 });
        if let Some(inner) = inner {
            self.children(inner, depth + 1);
        }
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(number) {
            node.end = end;
        }
    }
}

/// What a string holds, where that is an object or a list.
fn json_inside(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

/// A container in one line, as far as there is room.
fn preview(value: &Value) -> String {
    let (open, close, items): (_, _, Vec<String>) = match value {
        Value::Object(map) => {
            ("{", "}", map.iter().map(|(key, inner)| format!("{key}: {}", short(inner))).collect())
        }
        Value::Array(items) => ("[", "]", items.iter().map(short).collect()),
        other => return other.to_string(),
    };
    let mut out = open.to_owned();
    for (at, item) in items.iter().enumerate() {
        if out.len() > PREVIEW {
            out.push_str(", …");
            break;
        }
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(item);
    }
    out.push_str(close);
    out
}

fn short(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(_) => "[…]".to_owned(),
        Value::String(text) if text.chars().count() > 40 => {
            format!("{}…", text.chars().take(39).collect::<String>())
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn shown(tree: &JsonTree) -> Vec<String> {
        let line = |number: usize| {
            let node = tree.node_at(number).unwrap();
            let key = node.key.as_ref().map_or("", SafeText::as_str);
            format!("{}{key}={}", " ".repeat(node.depth), node.value)
        };
        tree.visible().map(line).collect()
    }

    #[test]
    fn a_policy_in_a_string_is_a_tree_of_its_own() {
        let mut tree =
            JsonTree::new(&json!({"userName": "bob", "policyDocument": r#"{"Statement":[{"Action":"*"}]}"#}));
        assert_eq!(
            shown(&tree),
            [
                "userName=bob",
                "policyDocument=(JSON in a string) {Statement: […]}",
                " Statement=[{…}]",
                "  0={Action: *}",
                "   Action=*",
            ]
        );
        assert!(tree.fold(2) && !tree.fold(2) && !tree.fold(0) && !tree.fold(99));
        assert_eq!(shown(&tree).len(), 3);
        assert_eq!((tree.parent(4), tree.parent(1)), (Some(3), None));
        assert!(tree.unfold(2));
        assert_eq!(shown(&tree).len(), 5);
    }

    #[test]
    fn hostile_text_is_inert() {
        let tree = JsonTree::new(&json!({"\u{1b}[2J": "\u{202e}x\n"}));
        assert_eq!(shown(&tree), ["␛[2J=⟨U+202E⟩x⏎"]);
    }

    #[test]
    fn deep_nesting_ends_in_text() {
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert!(shown(&JsonTree::new(&deep)).len() <= MAX_DEPTH + 1);
        assert_eq!(shown(&JsonTree::new(&json!("x"))), ["=x"]);
        assert!(shown(&JsonTree::new(&json!({}))).is_empty());
    }

    proptest! {
        #[test]
        fn folding_all_leaves_the_first_level(keys in prop::collection::vec("[a-z]{1,3}", 1..6)) {
            let value = json!(keys.iter().map(|key| (key.clone(), json!({"in": [key, {"x": 1}]}))).collect::<serde_json::Map<_, _>>());
            let mut tree = JsonTree::new(&value);
            let all = tree.visible().count();
            for number in (0..all).rev() {
                tree.fold(number);
            }
            prop_assert_eq!(tree.visible().count(), value.as_object().unwrap().len());
        }
    }
}
