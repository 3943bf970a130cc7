//! The runner and the deployer, as Terraform will get them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use construct::arn::Key;
use construct::{ArnOf, Construct, Stack, test_util};
use naming::Platform;
use security::PlatformDeployer;
use serde_json::Value;

const OWN: &str = "${aws:PrincipalTag/TenantId}";

fn resources(suffix: &str, region: &str) -> Value {
    let platform =
        Platform { suffix: suffix.parse().unwrap(), region: region.parse().unwrap(), ..test_util::platform() };
    let mut stack = Stack::new(platform);
    let key: ArnOf<Key> = stack.stand_in("key");
    PlatformDeployer { key }.declare(&mut stack);
    stack.resources()
}

/// Policies of a field over all resources of a type, by id, as Terraform would send them.
fn policies(resources: &Value, kind: &str, field: &str) -> BTreeMap<String, String> {
    let of = |(id, body): (&String, &Value)| {
        let text = body[field].as_str().unwrap();
        let text = text.replace("${data.aws_caller_identity.current.account_id}", "123456789012");
        let key = "arn:aws:kms:ap-southeast-1:123456789012:key/01234567-0123-0123-0123-0123456789ab";
        let role = "arn:aws:iam::123456789012:role/platform-runner-role-a23456789012";
        let text = text.replace("${stand_in.key.it}", key).replace("${aws_iam_role.runner.arn}", role);
        let unresolved = text.replace("$${", "").contains("${");
        assert!(!unresolved, "unresolved in {kind}.{id}: {text}");
        (id.clone(), text.replace("$${", "${"))
    };
    resources[kind].as_object().unwrap().iter().map(of).collect()
}

fn statements(policy: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(policy).unwrap()["Statement"].as_array().unwrap().clone()
}

/// What the deployer has, but for its boundary.
fn granted(resources: &Value) -> Vec<Value> {
    let policies = policies(resources, "aws_iam_policy", "policy");
    let own = policies.iter().filter(|(id, _)| id.starts_with("deployer_"));
    own.flat_map(|(_, policy)| statements(policy)).filter(|statement| statement["Effect"] == "Allow").collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// "managed policies: 6,144 characters each, at most 10 attached; role inline total 10,240; trust 2,048"
#[test]
fn policies_of_the_longest_names_fit_awss_limits() {
    let resources = resources(&"a".repeat(12), "ap-southeast-1");
    for (kind, field, limit) in [
        ("aws_iam_policy", "policy", 6_144),
        ("aws_iam_role_policy", "policy", 10_240),
        ("aws_iam_role", "assume_role_policy", 2_048),
    ] {
        for (id, policy) in policies(&resources, kind, field) {
            assert!(policy.len() <= limit, "{kind}.{id} has {} characters of {limit}", policy.len());
        }
    }
    assert!(resources["aws_iam_role_policy_attachment"].as_object().unwrap().len() <= 10);
}

/// "every Allow has `aws:PrincipalTag/TenantId` bound"
#[test]
fn every_allow_of_the_deployer_demands_a_tenant_and_is_bound_to_it() {
    // What AWS limits to no resource, or to none of a tenant's: each is named in docs/isolation.md.
    let unbound = [
        "Aliases",
        "Describe",
        "EmptyDefaultAcl",
        "InsightsRole",
        "ListAlarms",
        "ListLogGroups",
        "PrivateNames",
        "StateKey",
    ];
    let mut seen = Vec::new();
    for statement in granted(&resources("dev", "us-east-1")) {
        let (sid, condition) = (statement["Sid"].as_str().unwrap(), &statement["Condition"]);
        assert_eq!(condition["Null"]["aws:PrincipalTag/TenantId"], "false", "{sid}");
        let on = texts(&statement["Resource"]);
        let by_name = on.iter().all(|resource| resource.contains(OWN));
        let by_tag = ["aws:ResourceTag/TenantId", "aws:RequestTag/TenantId"]
            .iter()
            .any(|key| condition["StringEquals"][*key] == OWN);
        let by_prefix = texts(&condition["StringEquals"]["s3:prefix"]).iter().any(|prefix| prefix.contains(OWN));
        if !(by_name || by_tag || by_prefix) {
            seen.push(sid.to_owned());
        }
    }
    seen.sort();
    assert_eq!(seen, unbound);
}

#[test]
fn the_tenants_id_stands_in_a_name_between_fixed_parts() {
    for statement in granted(&resources("dev", "us-east-1")) {
        let values =
            statement["Condition"].as_object().unwrap().values().flat_map(|keys| keys.as_object().unwrap().values());
        let all = texts(&statement["Resource"]).into_iter().chain(values.flat_map(texts));
        for text in all.filter(|text| text.contains(OWN) && *text != OWN) {
            let (before, behind) = text.split_once(OWN).unwrap();
            assert!(before.ends_with("tenant-"), "{text}");
            let name: String = behind.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            assert!(name.ends_with("-dev"), "{text}");
            assert!(!behind.contains('*') || behind.ends_with("-dev:*") || behind.ends_with("-dev/*"), "{text}");
        }
    }
}

/// "it may only create roles that carry this tenant's boundary"
#[test]
fn a_role_gets_rights_or_another_trust_only_within_the_tenants_boundary() {
    let boundary = format!("arn:aws:iam::123456789012:policy/tenant-{OWN}-boundary-dev");
    let gives = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"];
    for statement in granted(&resources("dev", "us-east-1")) {
        for action in texts(&statement["Action"]) {
            assert!(!action.contains('*'), "{action}");
            assert!(!["iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary"].contains(&action), "{action}");
            if gives.contains(&action) {
                assert_eq!(
                    statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"],
                    boundary.as_str(),
                    "{action}"
                );
            }
        }
    }
}

/// "the runner's role may do nothing but assume it, and only with the session tag `TenantId`"
#[test]
fn the_runner_and_its_boundary_say_the_same_and_name_nothing_of_a_tenant() {
    let resources = resources("dev", "us-east-1");
    let policy = &policies(&resources, "aws_iam_role_policy", "policy")["runner"];
    assert_eq!(policy, &policies(&resources, "aws_iam_policy", "policy")["runner"]);
    assert!(!policy.contains("tenant-"), "{policy}");
    let assume: Vec<Value> =
        statements(policy).into_iter().filter(|statement| statement["Sid"] == "BecomeDeployer").collect();
    assert_eq!(assume[0]["Condition"]["Null"]["aws:RequestTag/TenantId"], "false");
    assert_eq!(assume[0]["Resource"], "arn:aws:iam::123456789012:role/platform-deployer-role-dev");
}
