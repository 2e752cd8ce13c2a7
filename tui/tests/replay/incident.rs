//! Records of an incident in log files: those of all its identities, and of the keys that these issued.

use super::*;

#[test]
fn the_records_of_an_incident_are_those_of_all_its_identities() {
    let folder = Folder::new("incident-context");
    let call = |id: &str, minute: u32, name: &str, user: &str, key: &str| {
        let service = if name == "StopLogging" { "cloudtrail" } else { "iam" };
        let mut record = serde_json::json!({"eventID": format!("event-{id}"), "eventName": name,
            "eventSource": format!("{service}.amazonaws.com"), "awsRegion": "us-east-1",
            "eventTime": format!("2026-11-26T10:{minute:02}:00Z"), "sourceIPAddress": "192.0.2.1",
            "recipientAccountId": "111122223333", "requestParameters": {"userName": "bob", "name": "main"},
            "userIdentity": {"type": "IAMUser", "userName": user, "accessKeyId": key, "accountId": "111122223333",
                "arn": format!("arn:aws:iam::111122223333:user/{user}")}});
        if name == "CreateAccessKey" {
            record["responseElements"] =
                serde_json::json!({"accessKey": {"userName": "bob", "accessKeyId": "AKIABOB"}});
        }
        record.to_string()
    };
    let all = [
        call("00", 0, "ListUsers", "eve", "AKIAEVE"),
        call("01", 1, "CreateAccessKey", "eve", "AKIAEVE"),
        call("02", 2, "ListRoles", "bob", "AKIABOB"),
        call("03", 3, "StopLogging", "bob", "AKIABOB"),
        call("04", 4, "ListUsers", "adam", "AKIAADAM"),
    ];
    folder.file("log.json", all.join("\n").as_bytes());
    let path = &folder.path();
    let ids = |arguments: &[&str]| -> Vec<String> {
        let text = output(&[&["context", "--json", "event-03"], arguments, &[path]].concat());
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        text.lines().map(id).collect()
    };
    assert_eq!(ids(&[]), ["event-02", "event-03"], "by its key alone");
    assert_eq!(ids(&["--by", "incident"]), ["event-00", "event-01", "event-02", "event-03"]);
    assert_eq!(ids(&["--by", "incident", "--span", "90s"]), ["event-00", "event-01", "event-02", "event-03"]);
    assert_eq!(ids(&["--by", "incident", "--span", "30s"]), ["event-01", "event-02", "event-03"]);
}

#[test]
fn the_records_of_an_incident_are_those_of_its_links_identities_too() {
    let folder = Folder::new("link-context");
    let record = |id: &str, minute: u32, name: &str, service: &str, identity: Value, response: Value| {
        serde_json::json!({"eventID": format!("event-{id}"), "eventName": name, "awsRegion": "us-east-1",
            "eventSource": format!("{service}.amazonaws.com"), "sourceIPAddress": "192.0.2.1",
            "eventTime": format!("2026-11-26T10:{minute:02}:00Z"), "recipientAccountId": "111122223333",
            "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/ops", "roleSessionName": "s", "name": "main"},
            "userIdentity": identity, "responseElements": response})
        .to_string()
    };
    let alice = serde_json::json!({"type": "IAMUser", "userName": "alice", "accessKeyId": "AKIAALICE",
        "accountId": "111122223333", "arn": "arn:aws:iam::111122223333:user/alice"});
    let ops = serde_json::json!({"type": "AssumedRole", "accessKeyId": "ASIAOPS", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/ops/s", "principalId": "AROAOPS:s",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "ops", "principalId": "AROAOPS",
            "arn": "arn:aws:iam::111122223333:role/ops"}, "attributes": {"creationDate": "2026-11-26T10:01:00Z"}}});
    let issued_to = |key: &str| {
        serde_json::json!({"credentials": {"accessKeyId": key}, "assumedRoleUser":
            {"arn": "arn:aws:sts::111122223333:assumed-role/ops/s", "assumedRoleId": "AROAOPS:s"}})
    };
    let with_key = |identity: &Value, key: &str| {
        let mut identity = identity.clone();
        identity["accessKeyId"] = key.into();
        identity["sessionContext"]["attributes"]["creationDate"] = "2026-11-26T10:32:00Z".into();
        identity
    };
    let all = [
        record("00", 0, "ListUsers", "iam", alice.clone(), Value::Null),
        record("01", 1, "AssumeRole", "sts", alice, issued_to("ASIAOPS")),
        record("02", 30, "ListRoles", "iam", ops.clone(), Value::Null),
        record("03", 31, "StopLogging", "cloudtrail", ops.clone(), Value::Null),
        // A key that the incident's session issued, and that raised no alert.
        record("04", 32, "AssumeRole", "sts", ops.clone(), issued_to("ASIANEXT")),
        record("05", 33, "ListRoles", "iam", with_key(&ops, "ASIANEXT"), Value::Null),
        record("06", 34, "ListRoles", "iam", with_key(&ops, "ASIAOTHER"), Value::Null),
    ];
    folder.file("log.json", all.join("\n").as_bytes());
    let by = |span: &str| -> Vec<String> {
        let arguments = ["context", "--json", "event-03", "--by", "incident", "--span", span, &folder.path()];
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        output(&arguments).lines().map(id).collect()
    };
    let all = ["event-00", "event-01", "event-02", "event-03", "event-04", "event-05"];
    assert_eq!(by("5m"), all, "from before the link, and the key that was issued");
    assert_eq!(by("30s"), ["event-01", "event-02", "event-03"]);
}
