//! A JSON value as a tree that folds: a flat list of nodes in reading order, each with its depth,
//! its parent and where its children end. JSON inside a string (a policy document, say) is opened as
//! children and marked as such. Moving and folding are as in jless; drawing is the caller's.

mod build;
mod line;
mod path;
mod step;

use std::collections::HashSet;
use std::ops::Range;

use detector::SafeText;
use serde_json::Value;

pub(crate) use build::json_inside;
pub(crate) use line::{Head, WARNING, room_for_value, shown};
pub(crate) use path::{dotted, find, jq};
pub(crate) use step::Step;

/// Way in which the children of a node are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// In an object or a list.
    Plainly,
    /// In a string that holds JSON.
    InString,
    /// In a string that holds JSON, URL-encoded.
    InEncodedString,
}

/// Node as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) depth: usize,
    /// The key, or the index in a list; none at the root.
    pub(crate) key: Option<SafeText>,
    /// The value of a leaf; of a container, what is in it.
    pub(crate) value: SafeText,
    /// True where the node has children to fold.
    pub(crate) container: bool,
    /// Note that a reader should not overlook.
    pub(crate) note: Option<SafeText>,
    pub(crate) held: Held,
    step: Option<Step>,
    parent: Option<usize>,
    /// The number of the first node behind its children.
    end: usize,
}

/// Function that returns the notes on an object, each with the steps from the object to its place.
pub(crate) type Notes<'a> = &'a dyn Fn(&Value) -> Vec<(Vec<Step>, String)>;

/// The tree.
#[derive(Debug, Clone)]
pub(crate) struct JsonTree {
    nodes: Vec<Node>,
    folded: HashSet<usize>,
}

impl JsonTree {
    /// Everything unfolded. A root that is a container shows its children at once.
    pub(crate) fn new(value: &Value, notes: Notes<'_>) -> Self {
        Self { nodes: build::nodes(value, notes), folded: HashSet::new() }
    }

    pub(crate) fn node_at(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }

    pub(crate) fn is_folded(&self, number: usize) -> bool {
        self.folded.contains(&number)
    }

    /// True where a node inside of this one has a note.
    pub(crate) fn hides_notes(&self, number: usize) -> bool {
        let inside = self.nodes.get(self.inside(number));
        inside.is_some_and(|nodes| nodes.iter().any(|node| node.note.is_some()))
    }

    /// The numbers of the nodes inside of one.
    pub(crate) fn inside(&self, number: usize) -> Range<usize> {
        let first = number + 1;
        first..self.nodes.get(number).map_or(first, |node| node.end)
    }

    /// The numbers of all nodes, folded away or not, of which a text is a hit: the key, the value, what is
    /// noted of it, or key and value as they stand beside each other. What a container holds is its
    /// nodes' matter.
    pub(crate) fn hits(&self, is_hit: impl Fn(&str) -> bool) -> Vec<usize> {
        let of = |node: &Node| {
            let key = node.key.as_ref().map_or("", SafeText::as_str);
            let value = if node.container { "" } else { node.value.as_str() };
            let note = node.note.as_ref().map_or("", SafeText::as_str);
            [key, value, note].iter().any(|text| !text.is_empty() && is_hit(text))
                || (!key.is_empty() && !value.is_empty() && is_hit(&format!("{key}: {value}")))
        };
        self.nodes.iter().enumerate().filter(|(_, node)| of(node)).map(|(number, _)| number).collect()
    }

    /// Unfolds whatever hides a node, and nothing else. False where nothing did.
    pub(crate) fn reveal(&mut self, number: usize) -> bool {
        let mut changed = false;
        let mut at = self.parent(number);
        while let Some(parent) = at {
            changed |= self.folded.remove(&parent);
            at = self.parent(parent);
        }
        changed
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

    /// The steps from the root to a node.
    pub(crate) fn path(&self, number: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = self.nodes.get(number);
        while let Some(node) = at {
            steps.extend(node.step.clone());
            at = node.parent.and_then(|parent| self.nodes.get(parent));
            match at.map(|parent| parent.held) {
                Some(Held::InString) => steps.push(Step::Parsed),
                Some(Held::InEncodedString) => steps.extend([Step::Parsed, Step::Decoded]),
                Some(Held::Plainly) | None => {}
            }
        }
        steps.reverse();
        steps
    }

    /// Folds a node. False where there is nothing to fold.
    pub(crate) fn fold(&mut self, number: usize) -> bool {
        self.nodes.get(number).is_some_and(|node| node.container) && self.folded.insert(number)
    }

    /// Unfolds a node. False where it was not folded.
    pub(crate) fn unfold(&mut self, number: usize) -> bool {
        self.folded.remove(&number)
    }

    /// Folds a node and its siblings; `deep`: and all that is in them.
    pub(crate) fn fold_siblings(&mut self, number: usize, deep: bool) -> bool {
        self.change_siblings(number, deep, Self::fold)
    }

    /// Unfolds a node and its siblings; `deep`: and all that is in them.
    pub(crate) fn unfold_siblings(&mut self, number: usize, deep: bool) -> bool {
        self.change_siblings(number, deep, Self::unfold)
    }

    fn change_siblings(&mut self, number: usize, deep: bool, change: fn(&mut Self, usize) -> bool) -> bool {
        let mut changed = false;
        for sibling in self.siblings(number) {
            let end = self.nodes.get(sibling).map_or(sibling, |node| node.end);
            let until = if deep { end } else { sibling + 1 };
            for inner in sibling..until {
                changed |= change(self, inner);
            }
        }
        changed
    }

    /// The node that this one is in.
    pub(crate) fn parent(&self, number: usize) -> Option<usize> {
        self.nodes.get(number)?.parent
    }

    /// The nodes beside this one and itself, in their order.
    pub(crate) fn siblings(&self, number: usize) -> Vec<usize> {
        let Some(node) = self.nodes.get(number) else { return Vec::new() };
        let mut next = node.parent.map_or(0, |parent| parent + 1);
        let mut siblings = Vec::new();
        while let Some(sibling) = self.nodes.get(next).filter(|sibling| sibling.parent == node.parent) {
            siblings.push(next);
            next = sibling.end;
        }
        siblings
    }

    /// The next visible node, in this direction, of another depth.
    pub(crate) fn depth_change(&self, number: usize, forward: bool) -> Option<usize> {
        let depth = self.nodes.get(number)?.depth;
        let other = |at: &usize| self.nodes.get(*at).is_some_and(|node| node.depth != depth);
        if forward {
            self.visible().filter(|at| *at > number).find(other)
        } else {
            self.visible().take_while(|at| *at < number).filter(other).last()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn plain(value: &Value) -> JsonTree {
        JsonTree::new(value, &|_| Vec::new())
    }

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
        let value = json!({"userName": "bob", "policyDocument": r#"{"Statement":[{"Action":"*"}]}"#});
        let mut tree = plain(&value);
        assert_eq!(
            shown(&tree),
            [
                "userName=bob",
                "policyDocument={Statement: [{Action: *}]}",
                " Statement=[{Action: *}]",
                "  0={Action: *}",
                "   Action=*",
            ]
        );
        assert_eq!(tree.node_at(1).unwrap().held, Held::InString);
        assert!(tree.fold(2) && !tree.fold(2) && !tree.fold(0) && !tree.fold(99));
        assert_eq!(shown(&tree).len(), 3);
        assert_eq!((tree.parent(4), tree.parent(1)), (Some(3), None));
        assert!(tree.unfold(2));
        assert_eq!(shown(&tree).len(), 5);
        assert_eq!(jq("", &tree.path(4)), ".policyDocument | fromjson | .Statement[0].Action");
        assert_eq!(dotted(&tree.path(4)), "policyDocument.Statement[0].Action");
        assert_eq!(find(&value, &tree.path(4)).unwrap(), json!("*"));
    }

    #[test]
    fn an_encoded_policy_is_opened_too() {
        let value = json!({"document": "%7B%22Version%22%3A%20%222012-10-17%22%7D"});
        let tree = plain(&value);
        assert_eq!(shown(&tree), ["document={Version: 2012-10-17}", " Version=2012-10-17"]);
        assert_eq!(
            jq(".responseElements", &tree.path(1)),
            ".responseElements.document | @urid | fromjson | .Version"
        );
        assert_eq!(find(&value, &tree.path(1)).unwrap(), json!("2012-10-17"));
    }

    #[test]
    fn notes_stand_where_they_belong_and_show_through_folds() {
        let notes = |value: &Value| match value.get("bad") {
            Some(_) => vec![(vec![Step::Key("bad".into())], "look".to_owned()), (vec![], "here".to_owned())],
            None => Vec::new(),
        };
        let tree = JsonTree::new(&json!({"a": r#"{"x": [{"bad": [1]}]}"#, "b": {}}), &notes);
        let places: Vec<_> = (0..5).filter(|at| tree.node_at(*at).unwrap().note.is_some()).collect();
        assert_eq!(places, [2, 3]);
        assert!(tree.hides_notes(0) && tree.hides_notes(1) && !tree.hides_notes(3));
    }

    #[test]
    fn moving_among_siblings() {
        let mut tree = plain(&json!({"a": {"b": [1, 2, 3], "c": {"d": 1}}, "e": 1}));
        // a 0, b 1, 1 2 3 at 2 3 4, c 5, d 6, e 7
        assert_eq!(
            (tree.siblings(0), tree.siblings(3), tree.siblings(5)),
            (vec![0, 7], vec![2, 3, 4], vec![1, 5])
        );
        assert_eq!((tree.depth_change(2, true), tree.depth_change(5, false)), (Some(5), Some(4)));
        assert!(tree.fold_siblings(1, false) && !tree.fold_siblings(1, false));
        assert_eq!(tree.visible().collect::<Vec<_>>(), [0, 1, 5, 7]);
        assert!(tree.unfold_siblings(0, true) && tree.fold_siblings(7, true));
        assert_eq!(tree.visible().collect::<Vec<_>>(), [0, 7]);
    }

    #[test]
    fn hits_are_found_in_folds_and_only_what_hides_them_is_unfolded() {
        let mut tree =
            plain(&json!({"a": {"b": [1, "here"], "c": {"here": {"x": 1}}}, "e": "there", "f": {}}));
        // a 0, b 1, 1 and here at 2 3, c 4, here 5, x 6, e 7, f 8
        let has = |words: &'static str| move |text: &str| text.contains(words);
        assert_eq!(tree.hits(has("here")), [3, 5, 7]);
        assert_eq!(tree.hits(has("e: there")), [7], "as they stand beside each other");
        assert!(tree.hits(has("[1, here]")).is_empty(), "what a container holds is its nodes' matter");
        assert_eq!((tree.inside(1), tree.inside(3), tree.inside(99)), (2..4, 4..4, 100..100));
        tree.fold_siblings(0, true);
        assert!(tree.reveal(3) && !tree.reveal(3) && !tree.reveal(0));
        assert_eq!(tree.visible().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 7, 8]);
    }

    #[test]
    fn hostile_text_is_inert() {
        let tree = plain(&json!({"\u{1b}[2J": "\u{202e}x\n"}));
        assert_eq!(shown(&tree), ["␛[2J=⟨U+202E⟩x⏎"]);
    }

    #[test]
    fn deep_nesting_ends_in_text() {
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert!(shown(&plain(&deep)).len() <= build::MAX_DEPTH + 1);
        assert_eq!(shown(&plain(&json!("x"))), ["=x"]);
        assert!(shown(&plain(&json!({}))).is_empty());
    }

    proptest! {
        #[test]
        fn folding_all_leaves_the_first_level(keys in prop::collection::vec("[a-z]{1,3}", 1..6)) {
            let value = json!(keys.iter().map(|key| (key.clone(), json!({"in": [key, {"x": 1}]}))).collect::<serde_json::Map<_, _>>());
            let mut tree = plain(&value);
            let all = tree.visible().count();
            for number in 0..all {
                let path = tree.path(number);
                prop_assert!(find(&value, &path).is_some(), "{:?}", path);
            }
            for number in (0..all).rev() {
                tree.fold(number);
            }
            prop_assert_eq!(tree.visible().count(), value.as_object().unwrap().len());
        }
    }
}
