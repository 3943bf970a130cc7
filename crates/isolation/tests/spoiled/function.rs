//! The tenant's functions: who may call them, on whose behalf, and as whom they run.

use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, STRANGER, TECH, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity, ResourcePolicy};
use crate::spoiling::{Spoiling, access, names, outside, service, unread};
use crate::steps::unbounded;

const OPEN: &str = "aws_lambda_permission.extra";
const EVENTS: &str = "aws_lambda_permission.take_events";
const LOGS: &str = "aws_lambda_permission.relay_logs";
const FUNCTION: &str = "aws_lambda_function.api";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "function: everybody may call it",
        why: "any account, and roles of other tenants: a boundary does not limit what `*` gives",
        spoil: |fleet| permit(fleet, json!({ "principal": "*" })),
        expect: Caught(&[outside(TECH, OPEN, ""), access(TECH, OPEN, "")]),
    },
    Spoiling {
        name: "function: another account may call it",
        why: "it may let its own roles call",
        spoil: |fleet| permit(fleet, json!({ "principal": STRANGER })),
        expect: Caught(&[outside(TECH, OPEN, "")]),
    },
    Spoiling {
        name: "function: everybody of an organization may call it",
        why: "accounts outside of the fleet, and roles of other tenants, are of it",
        spoil: |fleet| permit(fleet, json!({ "principal": "*", "principal_org_id": "o-a1b2c3d4e5" })),
        expect: Caught(&[outside(TECH, OPEN, ""), access(TECH, OPEN, "")]),
    },
    Spoiling {
        name: "function: the own account may call it",
        why: "that leaves it to the identities of the account, as before",
        spoil: |fleet| permit(fleet, json!({ "principal": ACCOUNT })),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "function: the caller of another tenant may call it",
        why: "the boundary limits what a policy gives to the ARN of a role; but it is named",
        spoil: |fleet| permit(fleet, json!({ "principal": iam("role/tenant-acme-corp-caller-role-dev") })),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "function: the unbounded caller of another tenant may call it",
        why: "a resource policy of the same account is enough",
        spoil: |fleet| {
            permit(fleet, json!({ "principal": iam("role/tenant-acme-corp-caller-role-dev") }));
            unbounded(fleet, ACME, "aws_iam_role.caller");
        },
        expect: Caught(&[names(TECH), outside(TECH, OPEN, "")]),
    },
    Spoiling {
        name: "function: a session of another tenant may call it",
        why: "a boundary does not limit what is given to a session",
        spoil: |fleet| {
            let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/tenant-acme-corp-caller-role-dev/me");
            permit(fleet, json!({ "principal": session }));
        },
        expect: Caught(&[names(TECH), outside(TECH, OPEN, "")]),
    },
    Spoiling {
        name: "function: the event service on behalf of the account",
        why: "the rules of other tenants are of the same account",
        spoil: |fleet| fleet.at(TECH, EVENTS).unset("source_arn"),
        expect: Caught(&[service(TECH, EVENTS, "")]),
    },
    Spoiling {
        name: "function: the event service on behalf of anybody",
        why: "the rules of every account",
        spoil: |fleet| {
            fleet.at(TECH, EVENTS).unset("source_arn");
            fleet.at(TECH, EVENTS).unset("source_account");
        },
        expect: Caught(&[service(TECH, EVENTS, "")]),
    },
    Spoiling {
        name: "function: the event service on behalf of every rule of the account",
        why: "a source is compared as a pattern",
        spoil: |fleet| fleet.at(TECH, EVENTS).set("source_arn", json!(arn("events", "rule/*"))),
        expect: Caught(&[service(TECH, EVENTS, "")]),
    },
    Spoiling {
        name: "function: the event service on behalf of another tenant's rule",
        why: "that tenant's events arrive here; and it is named",
        spoil: |fleet| {
            let other = json!(arn("events", "rule/tenant-acme-corp-events-dev"));
            fleet.at(TECH, EVENTS).set("source_arn", other);
        },
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "function: the log service on behalf of every log group",
        why: "the relay would copy the events of others",
        spoil: |fleet| fleet.at(TECH, LOGS).set("source_arn", json!(arn("logs", "log-group:*"))),
        expect: Caught(&[service(TECH, LOGS, "")]),
    },
    Spoiling {
        name: "function: the object store on behalf of the own bucket",
        why: "it is bound to what is the tenant's own",
        spoil: |fleet| permit(fleet, s3("${aws_s3_bucket.data.arn}")),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "function: the object store on behalf of another tenant's bucket",
        why: "it is bound, but to somebody else",
        spoil: |fleet| permit(fleet, s3("arn:aws:s3:::tenant-acme-corp-data-dev")),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "function: a URL without authentication",
        why: "Terraform adds the permission for everybody by itself",
        spoil: |fleet| fleet.at(TECH, "aws_lambda_function_url.api").set("authorization_type", json!("NONE")),
        expect: Caught(&[outside(TECH, "aws_lambda_function_url.api", "")]),
    },
    Spoiling {
        name: "function: a stack permits its own caller on the function of another tenant",
        why: "a permission may stand in any stack; the boundary still limits it, but the function is named",
        spoil: |fleet| foreign(fleet),
        expect: Caught(&[names(ACME), unread(ACME, OPEN)]),
    },
    Spoiling {
        name: "function: a stack permits its own unbounded caller on the function of another tenant",
        why: "a permission may stand in any stack",
        spoil: |fleet| {
            foreign(fleet);
            unbounded(fleet, ACME, "aws_iam_role.caller");
        },
        expect: Caught(&[names(ACME), unread(ACME, OPEN)]),
    },
    Spoiling {
        name: "function: runs as the role of another tenant",
        why: "its code has all that the other's role has",
        spoil: |fleet| fleet.at(ACME, FUNCTION).set("role", json!(iam("role/tenant-tech-startup-api-role-dev"))),
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "function: runs as a role that is looked up",
        why: "whose role it is cannot be read",
        spoil: |fleet| {
            fleet.look_up(ACME, "aws_iam_roles.any", json!({ "name_regex": "-api-role-" }));
            fleet.at(ACME, FUNCTION).set("role", json!("${tolist(data.aws_iam_roles.any.arns)[0]}"));
        },
        expect: Caught(&[unread(ACME, "aws_iam_roles.any")]),
    },
    Spoiling {
        name: "function: runs in a subnet that is not in the stack",
        why: "it may be another tenant's",
        spoil: |fleet| {
            fleet.at(ACME, FUNCTION).change("/vpc_config/subnet_ids", json!(["subnet-0123456789abcdef0"]));
        },
        expect: Caught(&[unread(ACME, FUNCTION)]),
    },
    Spoiling {
        name: "function: an event rule with another tenant's function as target",
        why: "that function takes events of its own rule alone; but it is named",
        spoil: |fleet| {
            let other = json!(arn("lambda", "function:tenant-tech-startup-api-dev"));
            fleet.at(ACME, "aws_cloudwatch_event_target.tenant").set("arn", other);
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "function: a subscription filter with another tenant's function as destination",
        why: "that function takes events of its own log group alone; but it is named",
        spoil: |fleet| {
            let other = json!(arn("lambda", "function:tenant-tech-startup-relay-dev"));
            fleet.at(ACME, "aws_cloudwatch_log_subscription_filter.relay").set("destination_arn", other);
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "function: polls the queue of another tenant",
        why: "it polls as the own role, which may not; but the queue is named",
        spoil: |fleet| {
            let body = json!({
                "event_source_arn": arn("sqs", "tenant-tech-startup-dlq-dev"),
                "function_name": "${aws_lambda_function.api.function_name}",
            });
            fleet.add(ACME, "aws_lambda_event_source_mapping.extra", body);
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "function: has another layer of code",
        why: "code changes nothing about what its role may do",
        spoil: |fleet| {
            let layer = format!("arn:aws:lambda:us-east-1:{STRANGER}:layer:tools:3");
            fleet.at(ACME, FUNCTION).set("layers", json!([layer]));
        },
        expect: Harmless(Boundary),
    },
];

fn permit(fleet: &mut Fleet, mut fields: Value) {
    fields["action"] = json!("lambda:InvokeFunction");
    fields["function_name"] = json!("${aws_lambda_function.api.function_name}");
    fields["statement_id"] = json!("Extra");
    fleet.add(TECH, OPEN, fields);
}

fn foreign(fleet: &mut Fleet) {
    let body = json!({
        "action": "lambda:InvokeFunction",
        "function_name": "tenant-tech-startup-api-dev",
        "principal": "${aws_iam_role.caller.arn}",
        "statement_id": "Extra",
    });
    fleet.add(ACME, OPEN, body);
}

fn s3(bucket: &str) -> Value {
    json!({ "principal": "s3.amazonaws.com", "source_account": ACCOUNT, "source_arn": bucket })
}
