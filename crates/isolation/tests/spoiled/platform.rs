//! The platform as a step in between: what it may do to tenants, and who can make it do so.

use serde_json::json;

use crate::fleet::{ACME, Fleet, PLATFORM, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, ResourcePolicy, Trust};
use crate::spoiling::{Spoiling, access};
use crate::steps::{API, BOUNDARY, TAG, policy, wide, widen};

const SUPPORT: &str = "aws_iam_role_policy.support";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "platform: a role that may call every tenant's function",
        why: "its trust asks for the platform's tag, so no tenant can act as it",
        spoil: |fleet| {
            support(fleet);
            fleet.at(PLATFORM, "aws_iam_role.support").statement("AllowAssume", |statement| {
                statement["Condition"] = json!({ "StringEquals": { TAG: "platform" } });
            });
        },
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "platform: a role that may call every tenant's function, and a tenant may assume it",
        why: "two steps lead to every other tenant",
        spoil: |fleet| {
            support(fleet);
            widen(fleet, ACME, API, &["sts:AssumeRole"], iam("role/platform-support-role-dev"));
            fleet.at(ACME, BOUNDARY).without("DenyChangesOfIsolation");
        },
        expect: Caught(&[access(ACME, API, "Wide"), access(PLATFORM, SUPPORT, "Wide")]),
    },
    Spoiling {
        name: "platform: a function that may call every tenant's function, and a tenant may call it",
        why: "the tenant has the platform's function do it",
        spoil: |fleet| {
            function(fleet);
            widen(fleet, ACME, API, &["lambda:InvokeFunction"], arn("lambda", "function:platform-support-dev"));
        },
        expect: Caught(&[access(ACME, API, "Wide"), access(PLATFORM, SUPPORT, "Wide")]),
    },
    Spoiling {
        name: "platform: a function that may call every tenant's function",
        why: "no tenant may call it",
        spoil: |fleet| function(fleet),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "platform: a function polls a queue that a tenant may write to, and may call every tenant's function",
        why: "a message is a call",
        spoil: |fleet| {
            function(fleet);
            let mapping = json!({
                "event_source_arn": "${aws_sqs_queue.dead_letters.arn}",
                "function_name": "${aws_lambda_function.support.function_name}",
            });
            fleet.add(PLATFORM, "aws_lambda_event_source_mapping.support", mapping);
            fleet.at(PLATFORM, "aws_sqs_queue.dead_letters").without("DenyTenantRoles");
            fleet.at(PLATFORM, "aws_sqs_queue.dead_letters").without("DenyTenants");
            widen(fleet, ACME, API, &["sqs:SendMessage"], arn("sqs", "platform-dlq-dev"));
        },
        expect: Caught(&[access(ACME, API, "Wide"), access(PLATFORM, SUPPORT, "Wide")]),
    },
    Spoiling {
        name: "platform: its workflow may do everything, and a tenant may start it",
        why: "whoever starts the workflow has it work for him",
        spoil: |fleet| {
            fleet.at(PLATFORM, "aws_iam_role_policy.onboarding").also(wide(&["*"], "*"));
            widen(fleet, ACME, API, &["states:StartExecution"], arn("states", "stateMachine:platform-onboarding-dev"));
        },
        expect: Caught(&[access(ACME, API, "Wide"), access(PLATFORM, "aws_iam_role_policy.onboarding", "Wide")]),
    },
    Spoiling {
        name: "platform: its workflow may do everything",
        why: "no tenant can start it: nor can it send the events that do",
        spoil: |fleet| fleet.at(PLATFORM, "aws_iam_role_policy.onboarding").also(wide(&["*"], "*")),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "platform: its registry denies by name alone, and a tenant is wide",
        why: "the tenant's role is called `tenant-…`",
        spoil: |fleet| {
            fleet.at(PLATFORM, "aws_dynamodb_resource_policy.registry").without("DenyTenants");
            widen(fleet, ACME, API, &["dynamodb:Scan"], arn("dynamodb", "table/platform-registry-dev"));
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "platform: its registry denies nothing, and a tenant is wide",
        why: "it holds who the tenants are",
        spoil: |fleet| {
            fleet.remove(PLATFORM, "aws_dynamodb_resource_policy.registry");
            widen(fleet, ACME, API, &["dynamodb:Scan"], arn("dynamodb", "table/*"));
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "platform: its key denies nothing and is left to the account, and a tenant is wide",
        why: "states, registry and central logs lie under it",
        spoil: |fleet| {
            fleet.remove(PLATFORM, "aws_kms_key_policy.platform");
            widen(fleet, ACME, API, &["kms:Decrypt"], "*");
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
];

fn role(fleet: &mut Fleet, principal: &serde_json::Value) {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "AllowAssume", "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }],
    });
    let role = json!({
        "name": "platform-support-role-dev",
        "assume_role_policy": trust.to_string(),
        "tags": { "TenantId": "platform" },
    });
    fleet.add(PLATFORM, "aws_iam_role.support", role);
    let calls = wide(&["lambda:InvokeFunction"], arn("lambda", "function:tenant-*"));
    fleet.add(PLATFORM, SUPPORT, json!({ "role": "${aws_iam_role.support.name}", "policy": policy(&calls) }));
}

fn support(fleet: &mut Fleet) {
    role(fleet, &json!({ "AWS": iam("root") }));
}

fn function(fleet: &mut Fleet) {
    role(fleet, &json!({ "Service": "lambda.amazonaws.com" }));
    let body = json!({
        "function_name": "platform-support-dev",
        "role": "${aws_iam_role.support.arn}",
        "filename": "support.zip",
        "handler": "bootstrap",
        "runtime": "provided.al2023",
        "tags": { "TenantId": "platform" },
    });
    fleet.add(PLATFORM, "aws_lambda_function.support", body);
}
