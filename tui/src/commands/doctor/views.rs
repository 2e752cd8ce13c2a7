//! The saved views: filters in them that name a rule that there is not, and so find nothing.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::commands::doctor::Finding;
use crate::filter::{Clock, Filter};

/// Looks at the file of the saved views beside the database. No file is no views; what the console can't read, it
/// says itself.
pub(super) fn findings(database: &Path) -> Vec<Finding> {
    let path = database.with_file_name("views.json");
    let Some(views) = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    else {
        return Vec::new();
    };
    let views = views.as_object().into_iter().flatten();
    views.flat_map(|(name, view)| view_findings(name, view)).collect()
}

/// A view is a list of filters, or an object that has them.
fn view_findings(name: &str, view: &Value) -> Vec<Finding> {
    let filters = view.get("filters").unwrap_or(view).as_array().into_iter().flatten();
    let clock = Clock { now: jiff::Timestamp::now(), zone: TimeZone::UTC, day: None };
    let finds_no_rule =
        |text: &&str| Filter::parse(text, &clock).is_ok_and(|filter| filter.names_unknown_rule());
    let of = |text: &str| {
        Finding::note(
            format!("view {name}: no built-in rule has the name in {text}"),
            "fix the filter: press V in the console; sentinel-tui rules lists the titles",
        )
    };
    filters.filter_map(Value::as_str).filter(finds_no_rule).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_names_no_rule_is_told_and_earlier_titles_still_name_one() {
        let view = serde_json::json!({"filters": [
            "rule:\"raised their own rights\"", "rule:escalated", "-rule~^Actor", "rule:\"no such rule\"", "alice"
        ]});
        let told: Vec<_> = view_findings("night", &view).into_iter().map(|finding| finding.what).collect();
        assert_eq!(told, ["view night: no built-in rule has the name in rule:\"no such rule\""]);
        let list = serde_json::json!(["rule:\"no such rule\""]);
        assert_eq!(view_findings("old", &list).len(), 1);
    }
}
