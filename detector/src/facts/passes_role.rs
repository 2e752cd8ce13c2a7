//! Role that a call hands to a service. `iam:PassRole` itself is never logged: it shows only as a
//! role in the parameters of the call that takes it.

use serde_json::Value;

use super::short;
use crate::aws::Arn;
use crate::record::Record;

/// Deeper than any service nests a role (a task definition's overrides in a target of a schedule).
const MAX_DEPTH: usize = 6;
/// A stack set or a Cognito pool passes a few; more than this tells nothing.
const MOST: usize = 64;

/// The roles and instance profiles in the parameters, as ARNs or names.
pub(super) fn of(record: &Record) -> Vec<String> {
    let mut found = Vec::new();
    // IAM's own calls are about a role and hand it to nobody, but for the one that puts it into a
    // profile; STS's take it.
    let skip = match record.service() {
        Some("iam") => record.event_name() != "AddRoleToInstanceProfile",
        Some("sts" | "signin") => true,
        _ => false,
    };
    if record.service() == Some("iam") {
        found.extend(record.parameter("roleName").filter(|_| !skip).map(short));
    } else if !skip {
        walk(record.parameters(), 0, &mut found);
    }
    found
}

fn walk(value: &Value, depth: usize, found: &mut Vec<String>) {
    if depth > MAX_DEPTH || found.len() >= MOST {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, depth + 1, found)),
        Value::Object(map) => {
            for (named_by, value) in PAIRS {
                if let (Some(name), Some(text)) = (text(map, named_by), text(map, value))
                    && names_a_role(name)
                {
                    add(text, found);
                }
            }
            for (key, inner) in map {
                match inner {
                    // Service Catalog: {"RoleArn": "…"} as text.
                    Value::String(text)
                        if key.eq_ignore_ascii_case("parameters") && text.starts_with('{') =>
                    {
                        if let Ok(inner) = serde_json::from_str::<Value>(text) {
                            walk(&inner, depth + 1, found);
                        }
                    }
                    // Nobody but the service can use its own role, and one that only writes metrics leads nowhere.
                    Value::String(text) if is_for_the_service_alone(key, text) => {}
                    Value::String(text) if names_a_role(key) && !text.is_empty() => add(text, found),
                    Value::Array(items) if names_roles(key) => {
                        items.iter().filter_map(Value::as_str).for_each(|text| add(text, found));
                    }
                    // Config: {"staticValue": {"values": ["arn:…"]}}.
                    Value::Object(_) if key.eq_ignore_ascii_case("automationAssumeRole") => {
                        let values = inner
                            .pointer("/staticValue/values")
                            .or_else(|| inner.pointer("/StaticValue/Values"));
                        let values = values.and_then(Value::as_array).into_iter().flatten();
                        values.filter_map(Value::as_str).for_each(|text| add(text, found));
                    }
                    // A map or list of ARNs; elsewhere `roles` are those of a product.
                    Value::Object(roles) if key.eq_ignore_ascii_case("roles") => {
                        roles
                            .values()
                            .filter_map(Value::as_str)
                            .filter(|role| is_role(role))
                            .for_each(|role| add(role, found));
                    }
                    Value::Array(roles) if key.eq_ignore_ascii_case("roles") => {
                        roles
                            .iter()
                            .filter_map(Value::as_str)
                            .filter(|role| is_role(role))
                            .for_each(|role| add(role, found));
                    }
                    Value::Object(profile) if key.eq_ignore_ascii_case("iamInstanceProfile") => {
                        let name = profile.iter().find(|(key, _)| {
                            key.eq_ignore_ascii_case("arn") || key.eq_ignore_ascii_case("name")
                        });
                        if let Some(name) = name.and_then(|(_, name)| name.as_str()) {
                            add(name, found);
                        }
                    }
                    Value::Object(_) | Value::Array(_) if !is_free_form(key) => walk(inner, depth + 1, found),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Keys of which one says what the other holds: in Data Pipeline's objects, in Elastic Beanstalk's options, in
/// API Gateway's patches.
const PAIRS: [(&str, &str); 3] = [("key", "stringValue"), ("optionName", "value"), ("path", "value")];

fn text<'a>(map: &'a serde_json::Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

/// Endings of keys that hold a role or an instance profile.
const ENDINGS: [&str; 8] = [
    "role",
    "rolename",
    "rolearn",
    "iaminstanceprofile",
    "instanceprofilearn",
    "roleoverride",
    "roleupdate",
    "rolearnupdate",
];
/// Keys that say so in another way.
const OTHERS: [&str; 8] = [
    "instanceprofilename",
    "credentials",
    "credentialsarn",
    "authorizercredentials",
    "snscallerarn",
    "iamrolefordatasourcearn",
    "rolenamearn",
    "administrationrolearn",
];

/// `role`, `roleArn`, `roleARN`, `taskRoleArn`, `serviceRole`, `iamInstanceProfile`, …
fn names_a_role(key: &str) -> bool {
    let key = key.trim_start_matches('/').to_ascii_lowercase();
    ENDINGS.iter().any(|ending| key.ends_with(ending)) || OTHERS.contains(&key.as_str())
}

/// Maps whose keys the caller chooses: a tag called `role` passes none.
fn is_free_form(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["tags", "tagset", "labels", "dockerlabels", "environment", "variables", "arguments", "metadata"]
        .iter()
        .any(|ending| key.ends_with(ending))
}

fn is_for_the_service_alone(key: &str, text: &str) -> bool {
    text.contains(":role/aws-service-role/")
        || ["serviceLinkedRoleARN", "monitoringRoleArn"].iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Lists of them: `roleArns`, `iamRoles`, `addIamRoles`.
fn names_roles(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.ends_with("rolearns") || key.ends_with("iamroles") || key == "automationassumerole"
}

fn is_role(text: &str) -> bool {
    let resource = Arn::parse(text).filter(|arn| arn.service == "iam").map(|arn| arn.resource);
    resource
        .is_some_and(|resource| resource.starts_with("role/") || resource.starts_with("instance-profile/"))
}

/// Only what looks like a role: an ARN of one, or a bare name.
fn add(text: &str, found: &mut Vec<String>) {
    let role_arn = is_role(text);
    let name = text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte));
    let text = short(text);
    if (role_arn || name) && found.len() < MOST && !found.contains(&text) {
        found.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn roles(source: &str, event: &str, parameters: Value) -> Vec<String> {
        let record = json!({"eventName": event, "eventSource": source, "requestParameters": parameters});
        of(&Record::new(record).unwrap())
    }

    #[test]
    fn finds_it_however_the_service_writes_it() {
        let arn = "arn:aws:iam::111122223333:role/deploy";
        for parameters in [
            json!({"role": arn}),
            json!({"roleARN": arn}),
            json!({"instanceConfiguration": {"instanceRoleArn": arn}}),
            json!({"jobUpdate": {"role": arn}}),
            json!({"overrides": {"taskRoleArn": arn}}),
            json!({"iamInstanceProfile": {"arn": arn}}),
            json!({"AssociateIamInstanceProfileRequest": {"IamInstanceProfile": {"Name": arn}, "InstanceId": "i-1"}}),
            json!({"launchSpecification": {"iamInstanceProfile": {"name": arn}}}),
            json!({"roleArns": [arn]}),
            json!({"serviceRoleOverride": arn}),
            json!({"parameters": {"AutomationAssumeRole": [arn]}}),
            json!({"pipelineObjects": [{"id": "Default", "fields": [{"key": "role", "stringValue": arn}]}]}),
        ] {
            assert_eq!(roles("x.amazonaws.com", "X", parameters.clone()), [arn], "{parameters}");
        }
        assert_eq!(roles("glue.amazonaws.com", "CreateJob", json!({"role": "GlueRole"})), ["GlueRole"]);
        assert_eq!(
            roles(
                "iam.amazonaws.com",
                "AddRoleToInstanceProfile",
                json!({"roleName": "r", "instanceProfileName": "p"})
            ),
            ["r"]
        );
    }

    #[test]
    fn what_is_no_role_handed_over_is_none() {
        let decoys = json!({"defaultArguments": {"a_role": "x"}, "tags": {"role": "web"}, "role": "etl"});
        assert_eq!(roles("glue.amazonaws.com", "CreateJob", decoys), ["etl"]);
        assert!(roles("iam.amazonaws.com", "CreateRole", json!({"roleName": "r"})).is_empty());
        assert!(
            roles("sts.amazonaws.com", "AssumeRole", json!({"roleArn": "arn:aws:iam::1:role/r"})).is_empty()
        );
        assert!(
            roles(
                "x.amazonaws.com",
                "X",
                json!({"role": "", "projectRole": {"a": 1}, "roleDescription": "x"})
            )
            .is_empty()
        );
        assert!(roles("x.amazonaws.com", "X", json!({"role": "a sentence about roles"})).is_empty());
    }
}
