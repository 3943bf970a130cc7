use serde_json::{Value, json};

use super::*;

fn stack(id: &str) -> Value {
    let policy = |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let tags = json!({ "TenantId": id });
    let bucket = format!("tenant-{id}-data-dev");
    json!({ "provider": { "aws": [{ "region": "us-east-1" }] }, "resource": {
        "aws_iam_role": { "api": { "name": format!("tenant-{id}-api-role-dev"), "tags": tags,
            "assume_role_policy": policy(json!([{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }])) } },
        "aws_iam_role_policy": { "api": { "role": "${aws_iam_role.api.id}", "policy": policy(json!([{
            "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*"),
            "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": id } } },
            { "Sid": "Queue", "Effect": "Allow", "Action": "sqs:*", "Resource": "${aws_sqs_queue.q.arn}" }])) } },
        "aws_s3_bucket": { "data": { "bucket": bucket, "tags": tags } },
        "aws_sqs_queue": { "q": { "name": format!("tenant-{id}-q-dev"), "tags": tags } },
        "aws_vpc_endpoint": { "s3": { "service_name": "com.amazonaws.us-east-1.s3", "tags": tags,
            "policy": policy(json!([{ "Sid": "NoObjects", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" }])) } },
        "aws_s3_bucket_policy": { "data": { "bucket": "${aws_s3_bucket.data.id}", "policy": policy(json!([{
            "Sid": "DenyOthers", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{bucket}/*"),
            "Condition": { "StringNotEquals": { "aws:PrincipalTag/TenantId": id } } },
            { "Sid": "DenyElsewhere", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{bucket}/*"),
            "Condition": { "StringNotEqualsIfExists": { "aws:SourceVpce": "${aws_vpc_endpoint.s3.id}" }, "Bool": { "aws:ViaAWSService": "false" } } }])) } },
    } })
}

fn explain(principal: &str, action: &str, resource: &str, context: &[(&str, &str)]) -> Result<Explanation, AskError> {
    let mut fleet = Fleet::new();
    fleet.add("tenant-acme-dev", &stack("acme"));
    fleet.add("tenant-bolt-dev", &stack("bolt"));
    let context = context.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect();
    fleet.explain(&Ask { principal: principal.into(), action: action.into(), resource: resource.into(), context })
}

fn applying(explanation: &Explanation) -> Vec<&str> {
    let steps = explanation.decision.trail.iter().filter(|step| step.applies);
    steps.filter_map(|step| step.statement.sid.as_deref()).collect()
}

#[test]
fn every_way_to_name_a_role_and_a_resource_means_the_same() {
    let of_role = [
        "tenant-acme-api-role-dev",
        "tenant-acme-dev:aws_iam_role.api",
        "arn:aws:iam::123456789012:role/tenant-acme-api-role-dev",
        "arn:aws:iam::<account>:role/tenant-acme-api-role-dev",
        "arn:aws:sts::123456789012:assumed-role/tenant-acme-api-role-dev/session",
    ];
    let of_queue = [
        "tenant-acme-dev:aws_sqs_queue.q",
        "arn:aws:sqs:us-east-1:210987654321:tenant-acme-q-dev",
        "arn:aws:sqs:us-east-1:<account>:tenant-acme-q-dev",
    ];
    for (role, queue) in of_role.iter().flat_map(|role| of_queue.iter().map(move |queue| (role, queue))) {
        let found = explain(role, "sqs:SendMessage", queue, &[]).unwrap();
        assert!(found.decision.allowed, "{role} {queue}: {}", found.decision.reason);
        assert_eq!(found.principal.name, "arn:aws:iam::<account>:role/tenant-acme-api-role-dev");
        assert_eq!(found.resource.name, "arn:aws:sqs:us-east-1:<account>:tenant-acme-q-dev");
        assert_eq!(found.resource.address.as_deref(), Some("aws_sqs_queue.q"));
    }
}

#[test]
fn own_access_is_allowed_by_what_the_stacks_say_of_the_role() {
    let found =
        explain("tenant-acme-api-role-dev", "s3:GetObject", "tenant-acme-dev:aws_s3_bucket.data/a/b", &[]).unwrap();
    assert!(found.decision.allowed, "{}", found.decision.reason);
    assert_eq!(found.resource.name, "arn:aws:s3:::tenant-acme-data-dev/a/b");
    assert_eq!(found.context["aws:PrincipalTag/TenantId"], ["acme"]);
    assert_eq!(found.not_given, ["aws:sourcevpce", "aws:viaawsservice"]);
    assert_eq!(applying(&found), ["Own"]);
}

#[test]
fn foreign_access_is_denied_with_the_statement_that_does_it() {
    let found =
        explain("tenant-acme-api-role-dev", "s3:GetObject", "tenant-bolt-dev:aws_s3_bucket.data/x", &[]).unwrap();
    assert!(!found.decision.allowed);
    assert_eq!(applying(&found), ["DenyOthers"]);
    assert!(found.decision.reason.contains("tenant-bolt-dev: aws_s3_bucket_policy.data"), "{}", found.decision.reason);
}

#[test]
fn a_given_tag_counts_in_place_of_the_roles() {
    let given = [("AWS:principaltag/TenantId", "bolt")];
    let found =
        explain("tenant-acme-api-role-dev", "s3:GetObject", "tenant-acme-dev:aws_s3_bucket.data/x", &given).unwrap();
    assert!(!found.decision.allowed);
    assert_eq!(found.context.keys().collect::<Vec<_>>(), ["AWS:principaltag/TenantId", "aws:ResourceTag/tenantid"]);
}

#[test]
fn an_endpoint_that_is_named_filters_too() {
    let given = [("aws:SourceVpce", "tenant-acme-dev:aws_vpc_endpoint.s3"), ("aws:ViaAWSService", "false")];
    let found =
        explain("tenant-acme-api-role-dev", "s3:GetObject", "tenant-acme-dev:aws_s3_bucket.data/x", &given).unwrap();
    assert_eq!(applying(&found), ["NoObjects", "Own"]);
    assert_eq!(found.context["aws:SourceVpce"], ["<tenant-acme-dev aws_vpc_endpoint.s3 id>"]);
}

#[test]
fn a_service_is_asked_of_the_resources_policy_alone() {
    let found = explain("lambda.amazonaws.com", "sts:AssumeRole", "tenant-acme-dev:aws_iam_role.api", &[]).unwrap();
    assert!(found.decision.allowed, "{}", found.decision.reason);
    let other = explain("events.amazonaws.com", "sts:AssumeRole", "tenant-acme-dev:aws_iam_role.api", &[]).unwrap();
    assert!(!other.decision.allowed);
}

#[test]
fn what_no_stack_declares_is_told_with_the_nearest_names() {
    let error = |principal, action, resource| explain(principal, action, resource, &[]).unwrap_err().to_string();
    let resource = "tenant-acme-dev:aws_s3_bucket.data";
    let unknown = error("tenant-acme-api-role-prod", "s3:GetObject", resource);
    assert!(
        unknown.contains("principal `tenant-acme-api-role-prod`; nearest are tenant-acme-api-role-dev"),
        "{unknown}"
    );
    let unknown = error("tenant-acme-api-role-dev", "s3:GetObject", "arn:aws:s3:::tenant-acme-date-dev");
    assert!(unknown.contains("nearest are arn:aws:s3:::tenant-acme-data-dev"), "{unknown}");
    let unknown = error("tenant-acme-api-role-dev", "s3:GetObject", "tenant-acme-dev:aws_s3_bucket.datum");
    assert!(unknown.contains("nearest are tenant-acme-dev:aws_s3_bucket.data"), "{unknown}");
    for action in ["GetObject", "s3:*", "s3:", ""] {
        assert!(error("tenant-acme-api-role-dev", action, resource).contains("is no action"), "{action}");
    }
}

#[test]
fn what_can_be_several_is_asked_back() {
    let mut fleet = Fleet::new();
    fleet.add("one", &stack("acme"));
    fleet.add("two", &stack("acme"));
    let ask = Ask {
        principal: "tenant-acme-api-role-dev".into(),
        action: "s3:GetObject".into(),
        resource: "*".into(),
        ..Ask::default()
    };
    let error = fleet.explain(&ask).unwrap_err().to_string();
    assert!(error.contains("one:aws_iam_role.api or two:aws_iam_role.api"), "{error}");
}
