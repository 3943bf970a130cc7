//! What cannot be read: it may grant anything, so nothing is proved.

use serde_json::{Value, json};

use crate::fleet::{ACME, Fleet, TECH};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{ResourcePolicy, Trust};
use crate::spoiling::{Spoiling, access, outside, unread};
use crate::steps::{API, BUCKET, QUEUE, policy, wide};

/// A resource of a type that grants access, or whose effect on access is not known.
const fn unknown(
    name: &'static str,
    why: &'static str,
    spoil: fn(&mut Fleet),
    at: &'static [crate::spoiling::Catch],
) -> Spoiling {
    Spoiling { name, why, spoil, expect: Caught(at) }
}

pub(crate) const ALL: &[Spoiling] = &[
    unknown(
        "unread: a policy that is not JSON",
        "AWS would refuse it; whoever reads on does not know what it says",
        |fleet| fleet.at(TECH, QUEUE).set("policy", json!("{ not JSON")),
        &[unread(TECH, QUEUE)],
    ),
    unknown(
        "unread: a policy in a variable",
        "its value comes at plan time",
        |fleet| fleet.at(TECH, QUEUE).set("policy", json!("${var.policy}")),
        &[unread(TECH, QUEUE)],
    ),
    unknown(
        "unread: an identity policy in a variable",
        "its value comes at plan time",
        |fleet| fleet.at(ACME, API).set("policy", json!("${var.policy}")),
        &[unread(ACME, API)],
    ),
    unknown(
        "unread: a policy in a local value",
        "the value is read, and it is open",
        |fleet| {
            fleet.document(TECH)["locals"] = json!({ "policy": policy(&open()) });
            fleet.at(TECH, QUEUE).set("policy", json!("${local.policy}"));
        },
        &[outside(TECH, QUEUE, "Wide"), access(TECH, QUEUE, "Wide")],
    ),
    unknown(
        "unread: a policy by jsonencode",
        "expressions are not worked out",
        |fleet| {
            let call =
                r#"${jsonencode({"Statement" = [{"Effect" = "Allow", "Principal" = "*", "Action" = "sqs:*"}]})}"#;
            fleet.at(TECH, QUEUE).set("policy", json!(call));
        },
        &[unread(TECH, QUEUE)],
    ),
    unknown(
        "unread: a policy in a policy document",
        "the document is read, and it is open",
        |fleet| {
            let body = json!({ "statement": [{ "actions": ["sqs:*"], "resources": ["*"], "principals": [{ "type": "*", "identifiers": ["*"] }] }] });
            fleet.look_up(TECH, "aws_iam_policy_document.extra", body);
            fleet.at(TECH, QUEUE).set("policy", json!("${data.aws_iam_policy_document.extra.json}"));
        },
        &[outside(TECH, QUEUE, "policy.Statement[0]"), access(TECH, QUEUE, "policy.Statement[0]")],
    ),
    unknown(
        "unread: a principal in a variable",
        "it may be anybody",
        |fleet| {
            let mut statement = open();
            statement["Principal"] = json!({ "AWS": "${var.partner}" });
            fleet.at(TECH, QUEUE).also(statement);
        },
        &[outside(TECH, QUEUE, "Wide")],
    ),
    Spoiling {
        name: "unread: the condition of a Deny in a variable",
        why: "it may fit nobody; but the other Deny does, and identities name exact ARNs",
        spoil: |fleet| {
            let key = "aws:PrincipalTag/TenantId";
            fleet.at(TECH, BUCKET).value("DenyOtherTenants", "StringNotEquals", key, json!("${var.tenant}"));
        },
        expect: Harmless(ResourcePolicy),
    },
    unknown(
        "unread: a policy for each of a list",
        "how many there are comes at plan time",
        |fleet| fleet.at(ACME, API).set("for_each", json!("${toset(var.roles)}")),
        &[unread(ACME, API)],
    ),
    unknown(
        "unread: a policy that is counted",
        "the count may be nought, and it is the policy that denies others",
        |fleet| fleet.at(TECH, BUCKET).set("count", json!("${var.guarded ? 1 : 0}")),
        &[unread(TECH, BUCKET)],
    ),
    unknown(
        "unread: a module",
        "its resources are elsewhere",
        |fleet| fleet.document(ACME)["module"] = json!({ "extra": { "source": "./extra" } }),
        &[unread(ACME, "")],
    ),
    unknown(
        "unread: a provisioner",
        "it runs any command with the deployer's rights",
        |fleet| {
            let run = json!([{ "local-exec": { "command": "aws iam attach-role-policy" } }]);
            fleet.at(ACME, "aws_s3_bucket.data").set("provisioner", run);
        },
        &[unread(ACME, "aws_s3_bucket.data")],
    ),
    unknown(
        "unread: a data source that runs a program",
        "it runs any command with the deployer's rights",
        |fleet| fleet.look_up(ACME, "external.extra", json!({ "program": ["sh", "-c", "true"] })),
        &[unread(ACME, "external.extra")],
    ),
    unknown(
        "unread: a resource in the account of another provider",
        "whose account that is comes at plan time",
        |fleet| {
            fleet.document(ACME)["provider"]["aws"]
                .as_array_mut()
                .expect("providers are a list")
                .push(json!({ "alias": "other", "assume_role": [{ "role_arn": "${var.role}" }] }));
            fleet.at(ACME, "aws_s3_bucket.data").set("provider", json!("aws.other"));
        },
        &[unread(ACME, "aws_s3_bucket.data")],
    ),
    unknown(
        "unread: an access point",
        "its own policy is a second door to the bucket",
        |fleet| {
            extra(
                fleet,
                "aws_s3_access_point.extra",
                json!({ "bucket": "${aws_s3_bucket.data.bucket}", "name": "tenant-acme-corp-point-dev" }),
            )
        },
        &[unread(ACME, "aws_s3_access_point.extra")],
    ),
    unknown(
        "unread: an access grant of S3",
        "it gives identities access beside their policies",
        |fleet| extra(fleet, "aws_s3control_access_grant.extra", json!({ "permission": "READ" })),
        &[unread(ACME, "aws_s3control_access_grant.extra")],
    ),
    unknown(
        "unread: permissions of Lake Formation",
        "they give identities access beside their policies",
        |fleet| {
            extra(fleet, "aws_lakeformation_permissions.extra", json!({ "permissions": ["ALL"], "principal": "*" }))
        },
        &[unread(ACME, "aws_lakeformation_permissions.extra")],
    ),
    unknown(
        "unread: an association of Systems Manager",
        "it runs documents on machines",
        |fleet| extra(fleet, "aws_ssm_association.extra", json!({ "name": "AWS-RunShellScript" })),
        &[unread(ACME, "aws_ssm_association.extra")],
    ),
    unknown(
        "unread: a stack of CloudFormation",
        "its template makes any resource",
        |fleet| {
            extra(
                fleet,
                "aws_cloudformation_stack.extra",
                json!({ "name": "tenant-acme-corp-extra-dev", "template_body": "{}" }),
            )
        },
        &[unread(ACME, "aws_cloudformation_stack.extra")],
    ),
    unknown(
        "unread: a resource of Cloud Control",
        "it makes any resource",
        |fleet| {
            extra(
                fleet,
                "aws_cloudcontrolapi_resource.extra",
                json!({ "type_name": "AWS::IAM::Role", "desired_state": "{}" }),
            )
        },
        &[unread(ACME, "aws_cloudcontrolapi_resource.extra")],
    ),
    unknown(
        "unread: a resource of another provider",
        "it may do anything",
        |fleet| extra(fleet, "awscc_iam_role.extra", json!({ "role_name": "any" })),
        &[unread(ACME, "awscc_iam_role.extra")],
    ),
    Spoiling {
        name: "unread: a build project",
        why: "it runs code as a role, but this role trusts the Lambda service alone",
        spoil: |fleet| {
            let body = json!({ "name": "tenant-acme-corp-build-dev", "service_role": "${aws_iam_role.api.arn}" });
            extra(fleet, "aws_codebuild_project.extra", body);
        },
        expect: Harmless(Trust),
    },
    unknown(
        "unread: a pipe",
        "it moves messages as a role",
        |fleet| {
            extra(
                fleet,
                "aws_pipes_pipe.extra",
                json!({ "name": "tenant-acme-corp-pipe-dev", "role_arn": "${aws_iam_role.api.arn}" }),
            )
        },
        &[unread(ACME, "aws_pipes_pipe.extra")],
    ),
    unknown(
        "unread: a replication of the bucket",
        "objects are copied to wherever it says",
        |fleet| {
            extra(
                fleet,
                "aws_s3_bucket_replication_configuration.extra",
                json!({ "bucket": "${aws_s3_bucket.data.bucket}", "role": "${aws_iam_role.api.arn}" }),
            )
        },
        &[unread(ACME, "aws_s3_bucket_replication_configuration.extra")],
    ),
    unknown(
        "unread: a topic with a policy",
        "the policy of a type that is not judged",
        |fleet| {
            extra(
                fleet,
                "aws_sns_topic_policy.extra",
                json!({ "arn": "${aws_sns_topic.extra.arn}", "policy": policy(&open()) }),
            )
        },
        &[unread(ACME, "aws_sns_topic_policy.extra")],
    ),
    unknown(
        "unread: a secret with a policy",
        "the policy of a type that is not judged",
        |fleet| {
            extra(
                fleet,
                "aws_secretsmanager_secret_policy.extra",
                json!({ "secret_arn": "arn:aws:secretsmanager:us-east-1:444455556666:secret:any", "policy": policy(&open()) }),
            )
        },
        &[unread(ACME, "aws_secretsmanager_secret_policy.extra")],
    ),
    unknown(
        "unread: a policy of the event bus",
        "other accounts may put events that are brought to every tenant",
        |fleet| extra(fleet, "aws_cloudwatch_event_bus_policy.extra", json!({ "policy": policy(&open()) })),
        &[unread(ACME, "aws_cloudwatch_event_bus_policy.extra")],
    ),
    unknown(
        "unread: a database",
        "whom it lets in is not judged",
        |fleet| extra(fleet, "aws_db_instance.extra", json!({ "engine": "postgres", "publicly_accessible": true })),
        &[unread(ACME, "aws_db_instance.extra")],
    ),
    unknown(
        "unread: a machine",
        "its security groups and its role are not judged",
        |fleet| extra(fleet, "aws_instance.extra", json!({ "ami": "ami-0a", "instance_type": "t3.micro" })),
        &[unread(ACME, "aws_instance.extra")],
    ),
];

fn open() -> Value {
    let mut open = wide(&["sqs:*"], "*");
    open["Principal"] = json!("*");
    open
}

fn extra(fleet: &mut Fleet, address: &str, body: Value) {
    fleet.add(ACME, address, body);
}
