//! The tenant's key, roles and boundary, as Terraform will get them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use construct::{Arn, ArnOf, Attr, Backend, Construct, Resource, Settings, Stack, arn, test_util};
use naming::{Placement, Tenant};
use security::{TenantIdentity, Walls};
use serde_json::Value;

/// Stands for a VPC and what is in it.
#[derive(serde::Serialize)]
struct Wall {}

impl Resource for Wall {
    const TYPE: &'static str = "aws_wall";
}

fn wall<T>(stack: &mut Stack, id: &'static str) -> ArnOf<T> {
    let attr: Attr<Wall, Arn<T>> = Attr::new("arn");
    stack.add(id, Wall {}).get(attr)
}

fn tenant(id: &str, suffix: &str) -> Tenant {
    Tenant { suffix: suffix.parse().unwrap(), ..test_util::tenant(id) }
}

fn document(tenant: Tenant) -> Value {
    let mut stack = Stack::new(tenant);
    let walls = Walls {
        vpc: wall::<arn::Vpc>(&mut stack, "vpc"),
        subnets: [wall::<arn::Subnet>(&mut stack, "a"), wall::<arn::Subnet>(&mut stack, "b")],
        function_security_group: wall::<arn::SecurityGroup>(&mut stack, "group"),
    };
    TenantIdentity { walls }.declare(&mut stack);
    stack.synth(&Settings { backend: Backend::Local { directory: "..".to_owned() } }).unwrap()
}

/// Policies of a field over all resources of a type, by id, as Terraform would send them: references become the longest ARN there is.
fn policies(document: &Value, kind: &str, field: &str) -> BTreeMap<String, String> {
    let arn_of_a_wall = "arn:aws:ec2:us-east-1:123456789012:security-group/sg-0123456789abcdef0";
    let key = "arn:aws:kms:us-east-1:123456789012:key/01234567-0123-0123-0123-0123456789ab";
    let longest = "arn:aws:iam::123456789012:role/tenant-a23456789012345678901234567890-relay-role-a23456789012";
    document["resource"][kind]
        .as_object()
        .unwrap()
        .iter()
        .map(|(id, body)| {
            let mut text =
                body[field].as_str().unwrap().replace("${data.aws_caller_identity.current.account_id}", "123456789012");
            for wall in ["vpc", "a", "b", "group"] {
                text = text.replace(&format!("${{aws_wall.{wall}.arn}}"), arn_of_a_wall);
            }
            text = text.replace("${aws_kms_key.tenant.arn}", key);
            for role in ["api", "relay"] {
                text = text.replace(&format!("${{aws_iam_role.{role}.arn}}"), longest);
            }
            assert!(!text.contains("${"), "unresolved in {kind}.{id}: {text}");
            (id.clone(), text)
        })
        .collect()
}

fn statements(policy: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(policy).unwrap()["Statement"].as_array().unwrap().clone()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Whether a pattern of a policy covers an action.
fn covers(pattern: &str, action: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(action),
        Some((start, rest)) => {
            action.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
                && (start.len()..=action.len()).any(|at| action.get(at..).is_some_and(|tail| covers(rest, tail)))
        }
    }
}

#[test]
fn policies_of_the_longest_names_fit_awss_limits() {
    let document = document(tenant(&format!("a{}", "1".repeat(29)), &"a".repeat(12)));
    for (kind, field, limit) in [
        ("aws_iam_policy", "policy", 6_144),
        ("aws_iam_role_policy", "policy", 10_240),
        ("aws_iam_role", "assume_role_policy", 2_048),
        ("aws_kms_key_policy", "policy", 32_768),
    ] {
        for (id, policy) in policies(&document, kind, field) {
            assert!(policy.len() <= limit, "{kind}.{id} has {} characters of {limit}", policy.len());
        }
    }
}

/// The denials of the boundary are patterns: none may take away what a role is meant to do.
#[test]
fn the_boundary_leaves_every_role_what_it_is_granted() {
    let document = document(tenant("acme", "dev"));
    let boundary = statements(&policies(&document, "aws_iam_policy", "policy")["tenant"]);
    let named = |sid: &str| boundary.iter().find(|statement| statement["Sid"] == sid).unwrap();
    let denied = texts(&named("DenyChangesOfIsolation")["Action"]);
    let allowed: Vec<(Vec<String>, Vec<String>)> = boundary
        .iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .map(|statement| (texts(&statement["Action"]), texts(&statement["Resource"])))
        .collect();
    for (role, policy) in policies(&document, "aws_iam_role_policy", "policy") {
        for statement in statements(&policy).iter().filter(|statement| statement["Effect"] == "Allow") {
            for action in texts(&statement["Action"]) {
                assert!(!denied.iter().any(|pattern| covers(pattern, &action)), "{role}: {action} is denied");
                for resource in texts(&statement["Resource"]) {
                    let inside = allowed
                        .iter()
                        .any(|(actions, resources)| actions.contains(&action) && resources.contains(&resource));
                    assert!(inside, "{role}: {action} on {resource} is outside the boundary");
                }
            }
        }
    }
}

#[test]
fn the_boundary_denies_what_would_undo_isolation() {
    let document = document(tenant("acme", "dev"));
    let boundary = statements(&policies(&document, "aws_iam_policy", "policy")["tenant"]);
    let denied: Vec<String> = boundary
        .iter()
        .filter(|statement| statement["Effect"] == "Deny" && statement.get("Condition").is_none())
        .flat_map(|statement| texts(&statement["Action"]))
        .collect();
    for action in [
        "iam:PassRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        "iam:CreatePolicyVersion",
        "sts:AssumeRole",
        "sts:TagSession",
        "kms:CreateGrant",
        "kms:PutKeyPolicy",
        "kms:RetireGrant",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateAlias",
        "kms:ScheduleKeyDeletion",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketTagging",
        "dynamodb:PutResourcePolicy",
        "dynamodb:DeleteResourcePolicy",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
        "sqs:AddPermission",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        "sqs:UntagQueue",
        "lambda:AddPermission",
        "lambda:UpdateFunctionConfiguration",
        "lambda:TagResource",
        "logs:PutResourcePolicy",
        "logs:AssociateKmsKey",
        "logs:DisassociateKmsKey",
        "logs:PutSubscriptionFilter",
        "logs:TagLogGroup",
        "ec2:CreateTags",
        "ec2:DeleteTags",
        "ec2:ModifyVpcEndpoint",
        "ec2:CreateVpcPeeringConnection",
        "events:PutEvents",
        "events:PutTargets",
        "tag:TagResources",
    ] {
        assert!(denied.iter().any(|pattern| covers(pattern, action)), "{action} is not denied");
    }
}

/// "`aws:PrincipalTag` conditions enforce the tenant boundary"
#[test]
fn every_allow_to_a_role_holds_for_the_tenants_own_tag_only() {
    let document = document(tenant("acme", "dev"));
    let of_roles = policies(&document, "aws_iam_role_policy", "policy");
    let boundary = policies(&document, "aws_iam_policy", "policy");
    for (id, policy) in of_roles.iter().chain(&boundary) {
        for statement in statements(policy).iter().filter(|statement| statement["Effect"] == "Allow") {
            assert_eq!(
                statement["Condition"]["StringEquals"]["aws:PrincipalTag/TenantId"], "acme",
                "{id}: {statement}"
            );
            assert!(!statement["Condition"].to_string().contains("ForAllValues"), "{id}: true when the key is missing");
        }
    }
}

/// "Key policies that give tenant-scoped access and prevent use of the key by other tenants"
#[test]
fn nobody_uses_the_key_but_through_a_service_and_for_this_tenant() {
    let document = document(tenant("acme", "dev"));
    let policy = &policies(&document, "aws_kms_key_policy", "policy")["tenant"];
    let cryptographic = [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:CreateGrant",
    ];
    for statement in statements(policy).iter().filter(|statement| statement["Effect"] == "Allow") {
        assert_ne!(statement["Principal"], "*", "{statement}");
        let uses = texts(&statement["Action"]).iter().any(|action| cryptographic.contains(&action.as_str()));
        let condition = statement["Condition"].to_string();
        if uses && statement["Principal"].get("AWS").is_some() {
            assert!(condition.contains("kms:ViaService"), "{statement}");
        }
        if statement["Principal"].get("Service").is_some() {
            assert!(condition.contains("tenant-acme-"), "not bound to the tenant: {statement}");
        }
    }
    for sid in ["DenyOtherTenants", "DenyUnlistedTenantRoles", "DenyTenantsAllButUse"] {
        assert!(
            statements(policy).iter().any(|statement| statement["Sid"] == sid && statement["Effect"] == "Deny"),
            "{sid}"
        );
    }
}

/// "Role trust names one service, and denies other tenants"
#[test]
fn a_role_trusts_one_service_or_the_tenants_own_people() {
    let document = document(tenant("acme", "dev"));
    for (role, policy) in policies(&document, "aws_iam_role", "assume_role_policy") {
        let all = statements(&policy);
        let allowed: Vec<&Value> = all.iter().filter(|statement| statement["Effect"] == "Allow").collect();
        assert_eq!(allowed.len(), 1, "{role}");
        let by_tag = allowed[0]["Condition"]["StringEquals"]["aws:PrincipalTag/TenantId"] == "acme";
        assert!(allowed[0]["Principal"]["Service"].is_string() || by_tag, "{role}: {}", allowed[0]);
        assert_eq!(all.iter().filter(|statement| statement["Effect"] == "Deny").count(), 2, "{role}");
    }
}

/// A tenant with an account of its own has that account in every ARN, and nothing that Terraform would have to find out.
#[test]
fn in_an_account_of_its_own_every_arn_names_that_account() {
    let placement = Placement::OwnAccount {
        account_id: "210987654321".parse().unwrap(),
        assume_role_arn: "arn:aws:iam::210987654321:role/deployer".parse().unwrap(),
    };
    let text = document(Tenant { placement, ..tenant("acme", "dev") }).to_string();
    assert!(!text.contains("aws_caller_identity"));
    assert!(text.contains("arn:aws:iam::210987654321:root"));
    assert!(text.contains("log-group:tenant-acme-central-log-dev:log-stream:acme/*"));
}
