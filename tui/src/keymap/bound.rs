//! The keys in force: the table's, and the user's own in the place of some of them.

use crossterm::event::KeyEvent;

use super::action::{Action, Pane};
use super::bindings::{BINDINGS, Binding, Group};
use super::chord::Chord;

/// An action and the keys that it has now.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) action: Action,
    keys: Vec<Chord>,
    /// As the list of actions says it.
    pub(crate) help: &'static str,
    pub(crate) group: Group,
    /// True where the action has nothing left to do: its keys say so when pressed, and are no longer offered.
    is_over: bool,
}

/// All actions with their keys, in the table's order.
#[derive(Debug, Clone)]
pub(crate) struct Keymap(Vec<Bound>);

/// Reason why the user's keys can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeymapError {
    #[error("keys: unknown action \"{name}\"{}; press : for the list of actions", but_there_is(.near.as_deref()))]
    NoSuchAction { name: String, near: Option<String> },
    #[error(
        "keys: unknown key \"{key}\" for {action}; use a letter, or a name such as Enter, Space, PgDn, F2, \
         Ctrl-D or Alt-x"
    )]
    NoSuchKey { action: String, key: String },
    #[error("keys: {key} is bound to both {first} and {second}; change one of them, or unbind it with []")]
    Twice { key: String, first: String, second: String },
    #[error("keys: quit must have a key")]
    NoWayOut,
}

fn but_there_is(name: Option<&str>) -> String {
    name.map(|name| format!(", but there is \"{name}\"")).unwrap_or_default()
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &Binding| Bound {
            action: binding.action,
            keys: binding.keys.to_vec(),
            help: binding.help,
            group: binding.group,
            is_over: false,
        };
        Self(BINDINGS.iter().map(bound).collect())
    }
}

impl Keymap {
    /// The table, with these keys for these actions (named as [`Action::name`] does) and no others.
    pub(crate) fn with(overrides: &[(String, Vec<String>)]) -> Result<Self, KeymapError> {
        let mut keymap = Self::default();
        for (name, keys) in overrides {
            let Some(bound) = keymap.0.iter_mut().find(|bound| bound.action.is_called(name)) else {
                return Err(KeymapError::NoSuchAction { name: name.clone(), near: nearest(name) });
            };
            let no_such = |key: &String| KeymapError::NoSuchKey { action: name.clone(), key: key.clone() };
            let chords = keys.iter().map(|key| Chord::parse(key).ok_or_else(|| no_such(key)));
            bound.keys = chords.collect::<Result<_, _>>()?;
        }
        keymap.check()?;
        Ok(keymap)
    }

    fn check(&self) -> Result<(), KeymapError> {
        let mut taken: Vec<(Chord, Action)> = Vec::new();
        for bound in &self.0 {
            for key in &bound.keys {
                let apart = |other: Action| match (other.place(), bound.action.place()) {
                    (Some(one), Some(another)) => one != another,
                    _ => false,
                };
                if let Some((_, other)) = taken.iter().find(|(chord, other)| chord == key && !apart(*other)) {
                    let (first, second) = (other.name(), bound.action.name());
                    return Err(KeymapError::Twice { key: key.to_string(), first, second });
                }
                taken.push((*key, bound.action));
            }
        }
        if taken.iter().any(|(_, action)| *action == Action::Quit) {
            Ok(())
        } else {
            Err(KeymapError::NoWayOut)
        }
    }

    /// Without what there is only while log files are played; who presses its keys is told that.
    pub(crate) fn of_live(mut self) -> Self {
        self.end_replay();
        self
    }

    /// Offers no longer what there is while log files are played.
    pub(crate) fn end_replay(&mut self) {
        self.0.iter_mut().for_each(|bound| bound.is_over |= bound.action.is_of_replay());
    }

    /// Returns the action of a key in a pane; `None` where the key has none there.
    pub(crate) fn action(&self, event: KeyEvent, place: Pane) -> Option<Action> {
        let chord = Chord::from(event);
        let mut here = self.0.iter().filter(|bound| bound.is_in(place));
        here.find(|bound| bound.keys.contains(&chord)).map(|bound| bound.action)
    }

    /// The first key of an action, as people write it; `None` where it has none or is not offered.
    pub(crate) fn key_of(&self, action: Action) -> Option<String> {
        self.offered().find(|bound| bound.action == action)?.key()
    }

    /// Everything that has keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Bound> {
        self.0.iter()
    }

    /// Everything that can be done.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Bound> {
        self.0.iter().filter(|bound| !bound.is_over)
    }

    /// Returns the actions that are offered in a pane.
    pub(crate) fn here(&self, place: Pane) -> impl Iterator<Item = &Bound> {
        self.offered().filter(move |bound| bound.is_in(place))
    }

    /// The keys of an action as people write them, the first one first; none where it has none.
    pub(crate) fn keys_of(&self, action: Action) -> String {
        self.0.iter().find(|bound| bound.action == action).map(Bound::keys).unwrap_or_default()
    }
}

impl Bound {
    fn is_in(&self, place: Pane) -> bool {
        self.action.place().is_none_or(|only| only == place)
    }

    /// The first key, as people write it.
    pub(crate) fn key(&self) -> Option<String> {
        self.keys.first().map(Chord::to_string)
    }

    /// Its keys as people write them.
    pub(crate) fn names(&self) -> Vec<String> {
        self.keys.iter().map(ToString::to_string).collect()
    }

    /// All the keys, with a space between.
    pub(crate) fn keys(&self) -> String {
        self.keys.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// The action whose name looks like it.
fn nearest(name: &str) -> Option<String> {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let names = BINDINGS.iter().map(|binding| binding.action.name());
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|best| likeness(best) > 0.8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn with(overrides: &[(&str, &[&str])]) -> Result<Keymap, KeymapError> {
        let owned = |(name, keys): &(&str, &[&str])| {
            ((*name).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect())
        };
        Keymap::with(&overrides.iter().map(owned).collect::<Vec<_>>())
    }

    fn press(keymap: &Keymap, letter: char) -> Option<Action> {
        keymap.action(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE), Pane::List)
    }

    #[test]
    fn the_table_alone_has_no_key_that_does_two_things() {
        assert_eq!(Keymap::default().check(), Ok(()));
    }

    #[test]
    fn keys_of_ones_own_take_the_place_of_the_defaults() {
        let keymap = with(&[("down", &["d", "Ctrl-N"]), ("theme", &[])]).unwrap();
        assert_eq!((press(&keymap, 'd'), press(&keymap, 'j')), (Some(Action::Down), None));
        assert_eq!(
            (keymap.keys_of(Action::Down).as_str(), keymap.keys_of(Action::Theme).as_str()),
            ("d Ctrl-N", "")
        );
        let swapped = with(&[("down", &["k"]), ("up", &["j"])]).unwrap();
        assert_eq!(press(&swapped, 'j'), Some(Action::Up));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let said = |overrides: &[(&str, &[&str])]| with(overrides).unwrap_err().to_string();
        assert_eq!(
            said(&[("page-dwn", &["x"])]),
            "keys: unknown action \"page-dwn\", but there is \"page-down\"; press : for the list of actions"
        );
        assert_eq!(said(&[("zzz", &["x"])]), "keys: unknown action \"zzz\"; press : for the list of actions");
        assert!(said(&[("down", &["ctl-x"])]).contains("ctl-x"));
        assert!(said(&[("up", &["j"])]).contains("j is bound to both down and up"));
        assert!(said(&[("quit", &[])]).contains("quit"));
    }

    #[test]
    fn a_key_may_do_one_thing_in_the_list_and_another_in_the_detail() {
        let keymap = with(&[("as-text", &["M"])]).unwrap();
        let key = KeyEvent::new(KeyCode::Char('M'), KeyModifiers::NONE);
        assert_eq!(keymap.action(key, Pane::Detail), Some(Action::AsText));
        assert_eq!(keymap.action(key, Pane::List), Some(Action::ScreenMiddle));
    }
}
