//! Alerts of the first version of IAM Sentinel, which had five fields.

use detector::alert::VERSION;
use detector::{Alert, AlertId, Severity};
use serde::Deserialize;
use serde_json::Value;

/// An alert as it was published then.
#[derive(Deserialize)]
pub(super) struct FirstVersion {
    severity: String,
    event: String,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    source_ip: Option<String>,
    #[serde(default)]
    parameters: Value,
}

impl FirstVersion {
    /// Returns it as an alert of today. Its id is made of the id of its message, for it had none.
    ///
    /// # Errors
    /// Returns an error where its severity is none that is known.
    pub(super) fn upgrade(self, message_id: &str) -> Result<Alert, String> {
        let severity: Severity = self.severity.parse().map_err(|error| format!("{error}"))?;
        let user = self.user.as_deref().unwrap_or("unknown principal");
        Ok(Alert {
            version: VERSION,
            id: AlertId(format!("first-version-{message_id}")),
            severity,
            summary: format!("{user} called {}", self.event),
            title: self.event.clone(),
            event: self.event,
            user: self.user,
            source_ip: self.source_ip,
            parameters: self.parameters,
            reasons: Vec::new(),
            rules: Vec::new(),
            facts: None,
            joins: Vec::new(),
            time: None,
            detected_at: None,
            account: None,
            region: None,
            event_source: None,
            user_agent: None,
            error: None,
            test: false,
            truncated: Vec::new(),
            record: None,
        })
    }
}
