//! The names of the built-in rules: ids, titles, and the titles that they had in earlier versions. Alerts keep the
//! title of their day, and filters that people saved keep the title that they were written with.

use std::collections::HashMap;
use std::sync::LazyLock;

use detector::Rules;

/// Between the titles of several rules in one text.
pub(crate) const BETWEEN: &str = "; ";

/// Names of one rule.
#[derive(Debug)]
struct Names {
    id: String,
    title: String,
    /// The title that it had in the version before; the present one where it never had another.
    earlier: String,
}

/// Each rule by each of its titles. The rules are read with the first question.
static BY_TITLE: LazyLock<HashMap<String, Names>> = LazyLock::new(|| {
    let mut by_title = HashMap::new();
    for rule in Rules::default().all() {
        for title in rule.earlier.iter().chain([&rule.title]) {
            let earlier = rule.earlier.last().unwrap_or(&rule.title).clone();
            let names = Names { id: rule.id.clone(), title: rule.title.clone(), earlier };
            by_title.insert(title.clone(), names);
        }
    }
    by_title
});

/// Returns the titles of rules in other names: those of today, those of before, the ids. A title of no built-in rule
/// stays as it is.
pub(crate) fn other_names(titles: &str) -> [String; 3] {
    let named = |name: fn(&Names) -> &str| {
        let of = |title: &str| BY_TITLE.get(title).map_or(title, name).to_owned();
        titles.split(BETWEEN).map(of).collect::<Vec<_>>().join(BETWEEN)
    };
    [named(|names| &names.title), named(|names| &names.earlier), named(|names| &names.id)]
}

/// True where a built-in rule has, or had, a name that this holds for.
pub(crate) fn has_rule(holds: impl Fn(&str) -> bool) -> bool {
    BY_TITLE.iter().any(|(title, names)| holds(title) || holds(&names.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_known_by_its_id_and_by_all_its_titles() {
        let id = "466cf6fc-925a-4722-a659-3b3fd4b6a13c";
        let (now, before) = ("Actor escalated its own privileges", "Somebody raised their own rights");
        for title in [now, before] {
            assert_eq!(other_names(title), [now, before, id].map(str::to_owned));
        }
        assert_eq!(other_names(&format!("{before}; mine"))[0], format!("{now}; mine"));
        assert!(
            has_rule(|name| name == id)
                && has_rule(|name| name == before)
                && !has_rule(|name| name == "mine")
        );
    }
}
