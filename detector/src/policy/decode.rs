//! From what a record holds to a document: JSON text, URL-encoded text (IAM's responses), or an
//! object (S3).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::statement::Document;
use crate::json;

/// Reason why a value is no policy document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not even JSON: cut off, or something else.
    #[error("policy document is not valid JSON (truncated, or not a policy)")]
    NotJson,
    /// It is JSON, and not of the form that IAM's grammar asks for.
    #[error("policy document has no readable statements")]
    NotAPolicy,
}

/// A text in a text in a text is no policy that any service takes.
const MAX_DEPTH: u8 = 2;

/// Reads a policy document.
///
/// # Errors
/// Returns an error where the value is no policy document. Then nothing is known of the permissions that it
/// allows.
pub fn decode(value: &Value) -> Result<Document, DocumentError> {
    decode_at(value, 0)
}

fn decode_at(value: &Value, depth: u8) -> Result<Document, DocumentError> {
    match value {
        Value::Object(_) => Document::parse(value).ok_or(DocumentError::NotAPolicy),
        Value::String(text) if depth < MAX_DEPTH => {
            let value = parse(text.trim()).ok_or(DocumentError::NotJson)?;
            decode_at(&value, depth + 1)
        }
        _ => Err(DocumentError::NotAPolicy),
    }
}

fn parse(text: &str) -> Option<Value> {
    if text.starts_with(['{', '[', '"']) {
        return json::read(text.as_bytes()).ok();
    }
    let decoded: Cow<'_, str> = percent_decode_str(text).decode_utf8_lossy();
    json::read(decoded.trim().as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn every_form_reads_alike() {
        let object = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let list = json!({"Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]});
        let text = object.to_string();
        let encoded: String =
            percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).collect();
        let wanted = decode(&object).unwrap();
        assert_eq!(wanted.statements.len(), 1);
        for form in
            [list, json!(text), json!(format!("  {text}\n")), json!(encoded), json!(json!(text).to_string())]
        {
            assert_eq!(decode(&form).unwrap(), wanted, "{form}");
        }
    }

    #[test]
    fn what_is_no_policy_says_so() {
        assert_eq!(decode(&json!("{\"Statement\": [{\"Eff")), Err(DocumentError::NotJson));
        assert_eq!(decode(&json!("")), Err(DocumentError::NotJson));
        for none in
            [json!(null), json!({}), json!({"Statement": 5}), json!({"Statement": [{"Effect": "Maybe"}]})]
        {
            assert_eq!(decode(&none), Err(DocumentError::NotAPolicy), "{none}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = decode(&json!(text));
            let _ = decode(&json!({"Statement": text}));
        }
    }
}
