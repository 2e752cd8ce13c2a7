//! A rule: what it looks for, and what to tell people when it finds it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SigmaError;
use super::detection;
use super::event::DERIVED;
use super::expression::Expression;

/// Sigma's levels, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth a note in a search, not an alert by itself.
    Informational,
    /// Everyday work that belongs to the picture of an attack: nobody is disturbed.
    Low,
    /// Seldom an incident by itself, and a piece of one when there is one: looked at within the day.
    Medium,
    /// A door is open, or much is given, and it may be on purpose: looked at within the hour.
    High,
    /// Somebody can act now who should not, or the watch over the account is off: somebody must get up.
    Critical,
}

impl Level {
    /// The word in a rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    const fn one_step_up(self) -> Self {
        match self {
            Self::Informational => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }
}

/// A Sigma rule, ready to match.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Sigma's `id`: a UUID that stays when the rule changes.
    pub id: String,
    /// Finding of the rule, as a person on call would say it.
    pub title: String,
    /// Titles that the rule had in earlier versions, the last one last (our key `earlier`): alerts and filters of that
    /// time have them.
    pub earlier: Vec<String>,
    /// Reason why the finding matters, in a few sentences.
    pub description: String,
    /// Level of the finding where the call worked.
    pub level: Level,
    /// Level where the call was denied, if the rule sets one (our key `denied`).
    pub denied: Option<Level>,
    /// Reason why some calls of the rule are silent when they were refused (our key `refused`).
    pub refused: Option<String>,
    /// Level where the call says that it comes from a deployment tool, if the rule sets one (our key
    /// `deployment`). It is one step less than the level, no more, since callers choose what they call
    /// themselves.
    pub deployment: Option<Level>,
    /// ATT&CK tactics and techniques, `attack.t1098.003`.
    pub tags: Vec<String>,
    /// Cases in which the finding is harmless.
    pub falsepositives: Vec<String>,
    /// Links to read more.
    pub references: Vec<String>,
    /// Next steps of the person on call (our key `respond`).
    pub respond: Vec<String>,
    /// Expression that a record must meet for the rule to match.
    pub detection: Expression,
    /// Names of the facts that the expression asks for, each once, in the condition's order: `grants` for
    /// `sentinel.grants.actions`.
    pub(crate) asks_for: Vec<String>,
    /// The file it was read from, where whoever read it says so.
    pub file: String,
}

/// The keys that are read; Sigma lets a rule have any others.
#[derive(Deserialize)]
struct Document {
    title: Option<String>,
    id: Option<String>,
    #[serde(default)]
    earlier: Texts,
    #[serde(default)]
    description: String,
    level: Option<String>,
    denied: Option<String>,
    refused: Option<String>,
    deployment: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    falsepositives: Texts,
    #[serde(default)]
    references: Texts,
    #[serde(default)]
    respond: Texts,
}

/// A list of texts; public rules also write a single text.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Texts {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        match texts {
            Texts::None => Self::new(),
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
        }
    }
}

impl Rule {
    /// Reads a rule that was YAML.
    ///
    /// # Errors
    /// Returns an error where a part is missing, or asks for something that this engine does not do.
    pub fn from_value(value: &Value) -> Result<Self, SigmaError> {
        let document = Document::deserialize(value)
            .map_err(|_| SigmaError::Missing("title, id, level, tags", "of the types required by Sigma"))?;
        let detection = value
            .get("detection")
            .and_then(Value::as_object)
            .ok_or(SigmaError::Missing("detection", "a map of selections"))?;
        // The specification makes the level optional; SigmaHQ's tools read none as medium.
        let rule_level = document.level.as_deref().map_or(Ok(Level::Medium), level)?;
        let deployment = document.deployment.as_deref().map(level).transpose()?;
        if deployment.is_some_and(|lower| lower.one_step_up() < rule_level) {
            return Err(SigmaError::Missing("deployment", "at most one step lower than the level"));
        }
        let denied = document.denied.as_deref().map(level).transpose()?;
        if denied.is_some_and(|denied| denied > rule_level) {
            return Err(SigmaError::Missing(
                "denied",
                "at most the level: a denied attempt is no worse than the call",
            ));
        }
        let detection = detection::parse(detection)?;
        Ok(Self {
            id: document.id.ok_or(SigmaError::Missing("id", "a UUID"))?,
            title: document.title.ok_or(SigmaError::Missing("title", "a string"))?,
            earlier: document.earlier.into(),
            description: document.description,
            level: rule_level,
            denied,
            refused: document.refused,
            deployment,
            tags: document.tags,
            falsepositives: document.falsepositives.into(),
            references: document.references.into(),
            respond: document.respond.into(),
            asks_for: asks_for(&detection),
            detection,
            file: String::new(),
        })
    }
}

/// Returns the names of the facts that an expression asks for.
fn asks_for(detection: &Expression) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    detection.fields(&mut |asked| {
        let fact = asked.field.strip_prefix(DERIVED).and_then(|path| path.split('.').next());
        if let Some(fact) = fact.filter(|fact| !facts.iter().any(|known| known == fact)) {
            facts.push(fact.to_owned());
        }
    });
    facts
}

fn level(text: &str) -> Result<Level, SigmaError> {
    Ok(match text {
        "informational" => Level::Informational,
        "low" => Level::Low,
        "medium" => Level::Medium,
        "high" => Level::High,
        "critical" => Level::Critical,
        other => return Err(SigmaError::Level(other.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_fact_is_named_once_in_the_order_of_the_condition() {
        let rule = json!({"title": "t", "id": "i", "detection": {
            "f": {"sentinel.actor.kind": "root", "sentinel.grants": "none"},
            "s": {"eventName": "X", "sentinel.grants.actions|contains": "iam", "sentinel.grants": "admin"},
            "condition": "s and not f"}});
        assert_eq!(Rule::from_value(&rule).unwrap().asks_for, ["grants", "actor"]);
    }
}
