//! Incidents of invented attacks. Each edge and each guard has a world that is told otherwise without it.

mod orders;
mod world;

use serde_json::{Value, json};

use self::world::{HOME, World, account, in_console, numbers, person, session, user};
use crate::incidents::State;

/// A key makes a user and a key, which then stops the trail from elsewhere.
fn key_made_and_used(world: &mut World, by: &str, made: &str) {
    let thief = user(by, &format!("AKIA{by}"));
    let theirs = user(made, &format!("AKIA{made}"));
    world.create_user("10:00:00", &thief, made).admin("10:01:00", &thief, made);
    world.create_key("10:02:00", &thief, made, &format!("AKIA{made}"));
    world.stop_trail("12:00:00", &theirs).but("sourceIPAddress", json!("203.0.113.7"));
}

/// An incident of a key that was created and used.
pub(super) fn told() -> super::Incident {
    let mut world = World::default();
    key_made_and_used(&mut world, "eve", "bob");
    world.incidents().remove(0)
}

#[test]
fn a_key_that_is_created_and_used_elsewhere_is_one_incident() {
    let mut world = World::default();
    key_made_and_used(&mut world, "eve", "bob");
    let incidents = world.incidents();
    assert_eq!(numbers(&incidents), [[1, 2, 3, 4]]);
    let one = &incidents[0];
    assert_eq!(one.title, "eve created an access key for bob; it was used from 203.0.113.7");
    assert_eq!(
        (one.id.as_str(), one.state, one.severity.as_str()),
        ("00000001-0000", State::Open, "CRITICAL")
    );
    let created: Vec<_> =
        one.created.iter().map(|one| (one.kind, one.id.as_str(), one.of.as_deref(), one.used)).collect();
    assert_eq!(
        created,
        [
            ("access_key", "AKIAbob", Some("bob"), true),
            ("user", "arn:aws:iam::111122223333:user/bob", None, true)
        ]
    );
    assert_eq!(one.addresses, ["192.0.2.1", "203.0.113.7"]);
    assert_eq!(one.tactics, ["persistence", "privilege-escalation", "defense-evasion"]);
    assert!(one.unknown.is_empty() && one.opened.is_empty() && one.taken_over.is_empty());
}

#[test]
fn a_trust_policy_that_is_opened_meets_who_assumes_the_role() {
    let mut world = World::default();
    let admin = user("admin", "AKIAadmin");
    let trust = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999900001111:root"}}});
    world.call(
        "10:00:00",
        &admin,
        ("iam", "UpdateAssumeRolePolicy"),
        json!({"roleName": "ops", "policyDocument": trust.to_string()}),
        Value::Null,
    );
    world
        .assume("12:30:00", &account("999900001111", "AIDAtheirs"), (HOME, "ops"), "audit", "ASIAops")
        .but("recipientAccountId", json!(HOME));
    world.stop_trail("12:31:00", &session((HOME, "ops"), "audit", "ASIAops", "2026-11-26T12:30:00Z"));
    let incidents = world.incidents();
    assert_eq!(numbers(&incidents), [[1, 3]]);
    assert_eq!(incidents[0].title, "admin opened role ops to 999900001111, which then assumed it");
    assert!(incidents[0].opened[0].used && incidents[0].taken_over[0].used);
    assert_eq!(incidents[0].steps.iter().map(|step| step.alert).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn a_password_joins_only_the_sign_in_that_followed_it() {
    let mut world = World::default();
    world.sign_in("09:00:00", "mira", "No");
    world.set_password("09:10:00", &in_console("mira", "2026-11-26T09:00:00Z", "ASIA1"), "bob");
    world.sign_in("10:00:00", "bob", "No");
    world.stop_trail("10:05:00", &in_console("bob", "2026-11-26T10:00:00Z", "ASIA2"));
    world.stop_trail("10:06:00", &in_console("bob", "2026-11-26T10:00:00Z", "ASIA3"));
    let incidents = world.incidents();
    assert_eq!(numbers(&incidents), [[1, 2, 3, 4, 5]]);
    assert_eq!(incidents[0].title, "mira set a password for bob, who then signed in from 192.0.2.1");
    assert_eq!(incidents[0].taken_over[0].how, "password set");
    // The help desk sets a password, its user signs in; days later somebody else does.
    let mut world = World::default();
    world.set_password("09:10:00", &person(HOME, "desk@corp.example", "ASIAdesk"), "rosa");
    world.sign_in("10:00:00", "rosa", "Yes");
    world.sign_in("2026-11-28T10:00:00Z", "rosa", "No");
    assert_eq!(numbers(&world.incidents()), [[1], [3]]);
}

#[test]
fn a_function_acts_for_whoever_made_it() {
    let mut world = World::default();
    let maker = user("dev", "AKIAdev");
    let role = format!("arn:aws:iam::{HOME}:role/lambda-admin");
    world.call("10:00:00", &maker, ("lambda", "CreateFunction20150331"), json!({"functionName": "f", "role": role}),
        json!({"functionName": "f", "role": role, "functionArn": format!("arn:aws:lambda:us-east-1:{HOME}:function:f")}));
    world.create_user(
        "10:05:00",
        &session((HOME, "lambda-admin"), "f", "ASIAf", "2026-11-26T10:04:00Z"),
        "bob",
    );
    world.create_user(
        "10:06:00",
        &session((HOME, "lambda-admin"), "g", "ASIAg", "2026-11-26T10:04:00Z"),
        "eve",
    );
    let incidents = world.incidents();
    assert_eq!(numbers(&incidents), [vec![1, 2], vec![3]], "another function of the role is another matter");
    assert_eq!(incidents[0].taken_over[0].id, "111122223333/lambda-admin/f");
    assert!(incidents[0].unknown.is_empty(), "the function explains the session");
    assert_eq!(incidents[1].unknown, ["who started the session of key ASIAg"]);
}

/// Roles assumed one after another over three accounts, each crossing recorded twice.
fn three_accounts(world: &mut World) {
    let eng = user("eng", "AKIAeng");
    let (read, write) = (("444455556666", "read"), ("777788889999", "write"));
    world.admin("10:00:00", &eng, "eng");
    world.assume("10:05:00", &eng, read, "s1", "ASIAread").twin("444455556666", &account(HOME, "AIDAeng"));
    let reading = session(read, "s1", "ASIAread", "2026-11-26T10:05:00Z");
    world
        .assume("10:15:00", &reading, write, "s2", "ASIAwrite")
        .twin("777788889999", &account("444455556666", "AROAread:s1"));
    // A second later, as in one of forty records.
    world.stop_trail("10:20:00", &session(write, "s2", "ASIAwrite", "2026-11-26T10:15:01Z"));
}

#[test]
fn roles_assumed_over_three_accounts_are_one_incident() {
    let mut world = World::default();
    three_accounts(&mut world);
    let incidents = world.incidents();
    assert_eq!(numbers(&incidents), [[1, 6]]);
    assert_eq!(incidents[0].title, "eng assumed roles read, write in 2 accounts");
    assert_eq!(incidents[0].steps.len(), 6);
    assert_eq!(incidents[0].accounts, [HOME, "777788889999"]);
    // The record of the middle crossing never came.
    world.0.retain(|record| !record["eventTime"].as_str().unwrap().contains("10:15"));
    let incidents = world.incidents();
    assert_eq!(incidents.len(), 2);
    assert_eq!(incidents[1].unknown, ["who started the session of key ASIAwrite"]);
}

#[test]
fn an_address_a_role_or_a_session_s_name_joins_nothing() {
    let mut world = World::default();
    key_made_and_used(&mut world, "eve", "bob");
    key_made_and_used(&mut world, "mallory", "carl");
    for (number, hour) in [(1, "10"), (2, "11")] {
        let began = format!("2026-11-26T{hour}:00:00Z");
        let key = format!("ASIArun{number}");
        world.assume(&began, &user("ci", "AKIAci"), (HOME, "deploy"), "ci", &key);
        world.stop_trail(&format!("{hour}:00:30"), &session((HOME, "deploy"), "ci", &key, &began));
    }
    let found = numbers(&world.incidents());
    assert_eq!(
        found,
        [vec![1, 2, 3, 4], vec![5, 6, 7, 8], vec![10, 12]],
        "what one user does in half a day is one"
    );
}

#[test]
fn one_name_given_twice_in_a_second_joins_nothing_and_keys_do() {
    let mut world = World::default();
    for (number, name) in [("1", "a"), ("2", "b")] {
        let by = user(name, &format!("AKIA{name}"));
        world.admin("09:59:00", &by, name);
        world.assume("10:00:00", &by, (HOME, "shared"), "admin", &format!("ASIA{number}"));
    }
    for number in ["1", "2"] {
        let by = session((HOME, "shared"), "admin", &format!("ASIA{number}"), "2026-11-26T10:00:00Z");
        world.stop_trail("10:01:00", &by);
    }
    assert_eq!(numbers(&world.incidents()), [[1, 5], [3, 6]]);
}

#[test]
fn a_person_of_identity_center_is_one_over_all_accounts() {
    let mut world = World::default();
    world.create_user("10:00:00", &person(HOME, "ana@corp.example", "ASIA1"), "x");
    world.create_user("11:00:00", &person("444455556666", "Ana@corp.example", "ASIA2"), "y");
    world.create_user("2026-11-27T00:00:01Z", &person("777788889999", "ana@corp.example", "ASIA3"), "z");
    assert_eq!(
        numbers(&world.incidents()),
        [vec![1, 2], vec![3]],
        "half a day's pause ends what a person does"
    );
}

#[test]
fn who_gives_to_many_joins_for_an_hour_only() {
    let desk = user("desk", "AKIAdesk");
    let joined = |people: usize| {
        let mut world = World::default();
        for number in 0..people {
            world.create_key(
                &format!("10:{number:02}:00"),
                &desk,
                &format!("u{number}"),
                &format!("AKIAu{number}"),
            );
        }
        world.stop_trail("2026-11-27T12:00:00Z", &user("u3", "AKIAu3"));
        world.incidents().len()
    };
    assert_eq!((joined(8), joined(9)), (1, 2));
}

#[test]
fn a_grant_joins_only_where_its_giver_gave_to_one() {
    let joined = |granted: &[&str]| {
        let mut world = World::default();
        for (number, name) in granted.iter().enumerate() {
            world.admin(&format!("10:0{number}:00"), &user("admin", "AKIAadmin"), name);
        }
        world.stop_trail("11:00:00", &user("bob", "AKIAbob"));
        world.incidents().len()
    };
    assert_eq!((joined(&["bob"]), joined(&["bob", "carl"])), (1, 2));
}

#[test]
fn a_job_s_daily_work_does_not_swallow_the_theft_of_its_key() {
    let mut world = World::default();
    let job = user("job", "AKIAjob");
    for day in 20..26 {
        world.admin(&format!("2026-11-{day}T10:00:00Z"), &job, "app");
    }
    world.stop_trail("10:30:00", &job);
    world.admin("11:00:00", &job, "app");
    let found = numbers(&world.incidents());
    assert!(found.contains(&vec![7]), "the theft stands alone: {found:?}");
    assert!(
        found.iter().any(|one| one.contains(&6) && one.contains(&8)),
        "the job's days are one: {found:?}"
    );
}

#[test]
fn what_people_took_and_did_nothing_with_holds_nothing_together() {
    let mut world = World::default();
    let ana = user("ana", "AKIAana");
    world.assume("10:00:00", &ana, (HOME, "read"), "s", "ASIAread");
    assert!(world.incidents().is_empty(), "no alert, no incident");
    let mut world = World::default();
    world.create_user("00:00:00", &person(HOME, "ana", "ASIA1"), "x");
    world.assume("06:00:00", &person(HOME, "ana", "ASIA2"), (HOME, "read"), "s", "ASIAread");
    world.create_user("12:00:01", &person(HOME, "ana", "ASIA3"), "y");
    assert_eq!(numbers(&world.incidents()), [[1], [3]], "the link between them is not live");
}

#[test]
fn an_incident_is_worse_than_its_worst_alert_where_what_was_made_acted() {
    let mut world = World::default();
    let thief = user("eve", "AKIAeve");
    world.create_user("10:00:00", &thief, "bob").create_key("10:02:00", &thief, "bob", "AKIAbob");
    let bob = user("bob", "AKIAbob");
    world.call(
        "11:00:00",
        &bob,
        ("ec2", "GetPasswordData"),
        json!({"instanceId": "i-0123456789abcdef0"}),
        Value::Null,
    );
    let incidents = world.incidents();
    assert_eq!((incidents.len(), incidents[0].tactics.len()), (1, 3));
    assert_eq!(
        (incidents[0].severity.as_str(), incidents[0].raised),
        ("CRITICAL", true),
        "its worst alert is HIGH"
    );
    world.0.pop();
    assert!(!world.incidents()[0].raised, "nothing acted");
}

#[test]
fn records_that_join_nothing_are_incidents_of_their_own() {
    let mut world = World::default();
    let eve = user("eve", "AKIAeve");
    world.stop_trail("10:00:00", &eve).but("eventTime", json!("soon"));
    world.stop_trail("10:00:00", &eve).but("userIdentity", json!(7));
    world
        .stop_trail("10:00:00", &eve)
        .but("userIdentity", json!({"type": "IAMUser", "accessKeyId": {"a": 1}}));
    world.stop_trail("10:00:00", &eve);
    let incidents = world.incidents();
    assert_eq!(incidents.len(), 4);
    assert_eq!(incidents[3].first, None, "without a time it comes last");
}
