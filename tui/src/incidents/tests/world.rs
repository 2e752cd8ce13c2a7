//! CloudTrail records of invented attacks, through the real detector.

use detector::{Detector, Record as CloudTrail};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::incidents::{Incident, Record, Records};

pub(super) const HOME: &str = "111122223333";

/// Caller of a call.
#[derive(Clone)]
pub(super) struct Caller(Value);

/// An IAM user with a long-lived key.
pub(super) fn user(name: &str, key: &str) -> Caller {
    Caller(
        json!({"type": "IAMUser", "userName": name, "accountId": HOME, "principalId": format!("AIDA{name}"),
        "arn": format!("arn:aws:iam::{HOME}:user/{name}"), "accessKeyId": key}),
    )
}

/// An IAM user in the console, signed in at this time; the console takes a new key for each call.
pub(super) fn in_console(name: &str, signed_in: &str, key: &str) -> Caller {
    let Caller(mut identity) = user(name, key);
    identity["sessionContext"] =
        json!({"attributes": {"creationDate": signed_in, "mfaAuthenticated": "false"}});
    Caller(identity)
}

/// A session of a role in an account.
pub(super) fn session((account, role): (&str, &str), name: &str, key: &str, began: &str) -> Caller {
    Caller(json!({"type": "AssumedRole", "accountId": account, "principalId": format!("AROA{role}:{name}"),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{name}"), "accessKeyId": key,
        "sessionContext": {"attributes": {"creationDate": began, "mfaAuthenticated": "false"},
            "sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{account}:role/{role}"), "userName": role}}}))
}

/// A person of Identity Center in an account.
pub(super) fn person(account: &str, name: &str, key: &str) -> Caller {
    let role = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef";
    let Caller(mut identity) = session((account, role), name, key, "2026-11-26T09:00:00Z");
    identity["principalId"] = json!(format!("AROAPORTAL{account}:{name}"));
    Caller(identity)
}

/// Somebody of another account, as the called account records it.
pub(super) fn account(id: &str, principal: &str) -> Caller {
    Caller(json!({"type": "AWSAccount", "accountId": id, "principalId": principal}))
}

/// Records of a world, each with an id by its number.
#[derive(Default)]
pub(super) struct World(pub(super) Vec<Value>);

impl World {
    /// A call at a time of 2026-11-26, or at a whole time; from an address of the caller's choice.
    pub(super) fn call(
        &mut self,
        at: &str,
        by: &Caller,
        event: (&str, &str),
        parameters: Value,
        response: Value,
    ) -> &mut Self {
        let time = if at.contains('T') { at.to_owned() } else { format!("2026-11-26T{at}Z") };
        let account = by.0["accountId"].as_str().unwrap_or(HOME).to_owned();
        let number = self.0.len() + 1;
        self.0.push(json!({"eventVersion": "1.11", "eventID": format!("{number:08}-0000"), "eventTime": time,
            "eventName": event.1, "eventSource": format!("{}.amazonaws.com", event.0), "awsRegion": "us-east-1",
            "sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli/2", "recipientAccountId": account,
            "userIdentity": by.0, "requestParameters": parameters, "responseElements": response}));
        self
    }

    /// Changes the last record.
    pub(super) fn but(&mut self, field: &str, value: Value) -> &mut Self {
        if let Some(last) = self.0.last_mut() {
            last[field] = value;
        }
        self
    }

    pub(super) fn create_user(&mut self, at: &str, by: &Caller, name: &str) -> &mut Self {
        let arn = format!("arn:aws:iam::{HOME}:user/{name}");
        self.call(
            at,
            by,
            ("iam", "CreateUser"),
            json!({"userName": name}),
            json!({"user": {"userName": name, "arn": arn}}),
        )
    }

    pub(super) fn create_key(&mut self, at: &str, by: &Caller, name: &str, key: &str) -> &mut Self {
        let response = json!({"accessKey": {"accessKeyId": key, "userName": name}});
        self.call(at, by, ("iam", "CreateAccessKey"), json!({"userName": name}), response)
    }

    pub(super) fn set_password(&mut self, at: &str, by: &Caller, name: &str) -> &mut Self {
        self.call(
            at,
            by,
            ("iam", "CreateLoginProfile"),
            json!({"userName": name}),
            json!({"loginProfile": {"userName": name}}),
        )
    }

    /// A sign-in to the console; without MFA it is an alert, else a link.
    pub(super) fn sign_in(&mut self, at: &str, name: &str, mfa: &str) -> &mut Self {
        let Caller(mut identity) = user(name, "");
        identity.as_object_mut().unwrap().remove("accessKeyId");
        self.call(
            at,
            &Caller(identity),
            ("signin", "ConsoleLogin"),
            Value::Null,
            json!({"ConsoleLogin": "Success"}),
        )
        .but("additionalEventData", json!({"MFAUsed": mfa}))
    }

    pub(super) fn admin(&mut self, at: &str, by: &Caller, name: &str) -> &mut Self {
        let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
        self.call(
            at,
            by,
            ("iam", "AttachUserPolicy"),
            json!({"userName": name, "policyArn": policy}),
            Value::Null,
        )
    }

    /// An alert that anybody may raise.
    pub(super) fn stop_trail(&mut self, at: &str, by: &Caller) -> &mut Self {
        self.call(at, by, ("cloudtrail", "StopLogging"), json!({"name": "org-main"}), Value::Null)
    }

    /// A link: a role is assumed, and its session gets a key.
    pub(super) fn assume(
        &mut self,
        at: &str,
        by: &Caller,
        (account, role): (&str, &str),
        name: &str,
        key: &str,
    ) -> &mut Self {
        let response = json!({"credentials": {"accessKeyId": key, "expiration": "2026-11-26T23:00:00Z"},
            "assumedRoleUser": {"assumedRoleId": format!("AROA{role}:{name}"),
                "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{name}")}});
        let parameters =
            json!({"roleArn": format!("arn:aws:iam::{account}:role/{role}"), "roleSessionName": name});
        self.call(at, by, ("sts", "AssumeRole"), parameters, response)
    }

    /// The same call as the last one, as the other account records it.
    pub(super) fn twin(&mut self, account: &str, by: &Caller) -> &mut Self {
        let mut twin = self.0.last().unwrap().clone();
        let number = self.0.len() + 1;
        let shared = json!(format!("shared-{number}"));
        self.but("sharedEventID", shared.clone());
        twin["sharedEventID"] = shared;
        twin["eventID"] = json!(format!("{number:08}-0000"));
        twin["recipientAccountId"] = json!(account);
        twin["userIdentity"] = by.0.clone();
        self.0.push(twin);
        self
    }

    pub(super) fn incidents(&self) -> Vec<Incident> {
        incidents(&records(&self.0))
    }
}

/// Alerts and links of CloudTrail records.
pub(super) fn records(all: &[Value]) -> Vec<Record> {
    let detector = Detector::default();
    let found = all.iter().filter_map(|record| {
        let record = CloudTrail::new(record.clone()).unwrap();
        let alert = detector.detect(&record, Timestamp::UNIX_EPOCH).alert;
        alert
            .map(|alert| Record::of_alert(&alert, false))
            .or_else(|| detector.link(&record, |_| false).map(Record::of_link))
    });
    found.collect()
}

pub(super) fn incidents(records: &[Record]) -> Vec<Incident> {
    let mut all = Records::default();
    for record in records {
        all.add(record.clone());
    }
    all.incidents()
}

/// Numbers of the alerts of each incident.
pub(super) fn numbers(incidents: &[Incident]) -> Vec<Vec<usize>> {
    let number = |id: &String| id[..8].parse().unwrap();
    incidents.iter().map(|incident| incident.alerts.iter().map(number).collect()).collect()
}
