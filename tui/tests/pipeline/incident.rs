//! An attack over a role that is assumed: the link between its alerts goes its own way to the console.

use serde_json::{Value, json};

use crate::events::{event, gives_rights_to};
use crate::world::World;

/// A role that mallory assumes is no alert; the link to what its session does makes one incident of both.
pub(crate) fn an_incident(world: &mut World) {
    let role = "arn:aws:iam::123456789012:role/ops";
    let mut link = event(
        "6f1b6c1e-0000-4000-8000-00000000link",
        "AssumeRole",
        json!({"roleArn": role, "roleSessionName": "s"}),
    );
    link["eventSource"] = json!("sts.amazonaws.com");
    link["readOnly"] = json!(true);
    link["responseElements"] = json!({"credentials": {"accessKeyId": "ASIAEXAMPLELINK"}});
    world.aws.put(&link);
    let mut acts = gives_rights_to("chained");
    acts["userIdentity"] = json!({"type": "AssumedRole", "accountId": "123456789012", "principalId": "AROAOPS:s",
        "accessKeyId": "ASIAEXAMPLELINK", "sessionContext": {"sessionIssuer": {"arn": role, "userName": "ops"}}});
    world.aws.put(&acts);
    world.console.wait_for("what the session did", |screen| screen.contains("chained"));
    // The link takes a topic of its own, and may come a moment later.
    world.console.keys("i");
    world.console.wait_for("one incident of mallory and the session", |screen| {
        screen.contains("mallory assumed role ops") && screen.contains("1 link")
    });
    world.console.keys("q");
    world.console.wait_for("the list", |screen| screen.contains("newest first"));
    world.console.keys("g");
    let (said, code) =
        world.sentinel(&["incidents", "--json", "--incident", "6f1b6c1e-0000-4000-8000-chained"]);
    assert_eq!(said.lines().count(), 1, "{said}");
    let incident: Value = serde_json::from_str(&said).unwrap();
    let links = incident["steps"].as_array().unwrap().iter().filter(|step| step["alert"] == false).count();
    assert_eq!((code, links), (0, 1), "{said}");
    assert_eq!(incident["taken_over"][0]["id"], role);
}
