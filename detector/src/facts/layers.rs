//! Lambda layers of other accounts, whose code a function runs beside its own.

use serde_json::Value;

use super::Watched;
use crate::aws::{Arn, accounts};
use crate::record::Record;

/// The accounts of the layers in a call that are neither one's own nor trusted.
pub(super) fn foreign(record: &Record, watched: &Watched) -> Vec<String> {
    if record.service() != Some("lambda") {
        return Vec::new();
    }
    let layers = record.parameter_value("layers").and_then(Value::as_array);
    let mut accounts: Vec<String> = Vec::new();
    for account in layers.into_iter().flatten().filter_map(|layer| Some(Arn::parse(layer.as_str()?)?.account))
    {
        let own = Some(account) == record.account()
            || watched.trusted_accounts.has(account)
            || accounts::offers_layers(account);
        if !own && !account.is_empty() && accounts.len() < 8 && !accounts.iter().any(|known| known == account)
        {
            accounts.push(super::short(account));
        }
    }
    accounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_of_ones_own_hides_no_other() {
        let layer = |account: &str| format!("arn:aws:lambda:us-east-1:{account}:layer:x:1");
        let record = json!({"eventName": "UpdateFunctionConfiguration20150331v2", "eventSource": "lambda.amazonaws.com",
            "recipientAccountId": "111122223333",
            "requestParameters": {"layers": [layer("111122223333"), layer("999900001111"), layer("222233334444")]}});
        let watched = serde_json::from_value(json!({"trusted_accounts": ["222233334444"]})).unwrap();
        assert_eq!(foreign(&Record::new(record).unwrap(), &watched), ["999900001111"]);
    }
}
