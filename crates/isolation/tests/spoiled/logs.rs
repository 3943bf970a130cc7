//! Logs: the tenant's own groups, and its streams of the central group.

use isolation::Rule;
use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, PLATFORM, TECH, arn};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity};
use crate::spoiling::{Spoiling, access, breaks, service, unread};
use crate::steps::{BOUNDARY, READER, policy, wide, widen};

const CENTRAL: &str = "log-group:platform-central-log-dev";
const STREAMS: &str = "OwnCentralStreams";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "logs: a read of the whole central group",
        why: "the boundary allows reading streams alone",
        spoil: |fleet| {
            fleet.at(ACME, READER).also(wide(&["logs:FilterLogEvents"], arn("logs", &format!("{CENTRAL}:*"))))
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "logs: a read of the whole central group, in the boundary too",
        why: "one query reads the events of all tenants",
        spoil: |fleet| {
            let group = arn("logs", &format!("{CENTRAL}:*"));
            widen(fleet, ACME, READER, &["logs:FilterLogEvents", "logs:StartQuery"], group);
        },
        expect: Caught(&[access(ACME, READER, "Wide")]),
    },
    Spoiling {
        name: "logs: a read of the own groups as a whole, in the boundary too",
        why: "all events in them are the tenant's own",
        spoil: |fleet| {
            let own = arn("logs", "log-group:tenant-acme-corp-api-log-dev:*");
            widen(fleet, ACME, READER, &["logs:FilterLogEvents"], own);
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "logs: central streams by a prefix without slash",
        why: "the boundary has the slash",
        spoil: |fleet| {
            fleet.rename("tech-startup", "acme");
            let prefix = json!(arn("logs", &format!("{CENTRAL}:log-stream:acme*")));
            fleet.at("tenant-acme-dev", READER).element(STREAMS, "Resource", prefix);
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "logs: central streams by a prefix without slash, in the boundary too",
        why: "`acme*` also means `acme-corp/…`",
        spoil: |fleet| {
            fleet.rename("tech-startup", "acme");
            streams(fleet, "tenant-acme-dev", "acme*");
        },
        expect: Caught(&[access("tenant-acme-dev", READER, STREAMS)]),
    },
    Spoiling {
        name: "logs: central streams of another tenant, in the boundary too",
        why: "a stream is known by its first part alone",
        spoil: |fleet| streams(fleet, ACME, "tech-startup/*"),
        expect: Caught(&[access(ACME, READER, STREAMS)]),
    },
    Spoiling {
        name: "logs: all central streams, in the boundary too",
        why: "those of others are among them",
        spoil: |fleet| streams(fleet, ACME, "*"),
        expect: Caught(&[access(ACME, READER, STREAMS)]),
    },
    Spoiling {
        name: "logs: the relay may write all central streams, in the boundary too",
        why: "it could forge what others are said to have done",
        spoil: |fleet| {
            let all = arn("logs", &format!("{CENTRAL}:log-stream:*"));
            widen(fleet, ACME, "aws_iam_role_policy.relay", &["logs:PutLogEvents"], all);
        },
        expect: Caught(&[access(ACME, "aws_iam_role_policy.relay", "Wide")]),
    },
    Spoiling {
        name: "logs: groups may be deleted by a pattern, in the boundary too",
        why: "a log group takes no policy that denies roles of its account",
        spoil: |fleet| widen(fleet, ACME, READER, &["logs:DeleteLogGroup"], arn("logs", "log-group:tenant-*")),
        expect: Caught(&[access(ACME, READER, "Wide")]),
    },
    Spoiling {
        name: "logs: a resource policy for a service on behalf of anybody",
        why: "a domain of any account may write into the groups of all tenants",
        spoil: |fleet| {
            let statement = json!({
                "Sid": "Open",
                "Effect": "Allow",
                "Principal": { "Service": "es.amazonaws.com" },
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": arn("logs", "log-group:tenant-*"),
            });
            let body = json!({ "policy_name": "platform-open-dev", "policy_document": policy(&statement) });
            fleet.add(PLATFORM, "aws_cloudwatch_log_resource_policy.open", body);
        },
        expect: Caught(&[service(PLATFORM, "aws_cloudwatch_log_resource_policy.open", "Open")]),
    },
    Spoiling {
        name: "logs: the platform's rule may write into every group",
        why: "the groups of tenants are among them",
        spoil: |fleet| {
            fleet.at(PLATFORM, "aws_cloudwatch_log_resource_policy.events").element(
                "AllowEvents",
                "Resource",
                json!(arn("logs", "log-group:*")),
            );
        },
        expect: Caught(&[service(PLATFORM, "aws_cloudwatch_log_resource_policy.events", "AllowEvents")]),
    },
    Spoiling {
        name: "logs: a tenant subscribes to the central group",
        why: "the events of all tenants are brought to its relay",
        spoil: |fleet| {
            let permission = json!({
                "action": "lambda:InvokeFunction",
                "function_name": "${aws_lambda_function.relay.function_name}",
                "principal": "logs.amazonaws.com",
                "source_account": ACCOUNT,
                "source_arn": arn("logs", &format!("{CENTRAL}:*")),
                "statement_id": "Central",
            });
            fleet.add(ACME, "aws_lambda_permission.central", permission);
            fleet.add(ACME, "aws_cloudwatch_log_subscription_filter.central", subscription());
        },
        expect: Caught(&[unread(ACME, "aws_cloudwatch_log_subscription_filter.central")]),
    },
    Spoiling {
        name: "logs: a tenant subscribes to the group of another",
        why: "the group is named",
        spoil: |fleet| {
            let mut body = subscription();
            body["log_group_name"] = json!("tenant-tech-startup-api-log-dev");
            fleet.add(ACME, "aws_cloudwatch_log_subscription_filter.foreign", body);
        },
        expect: Caught(&[breaks(Rule::NoForeignNames, ACME, "")]),
    },
    Spoiling {
        name: "logs: a subscription of the whole account",
        why: "the type is about all log groups of the account",
        spoil: |fleet| {
            let body = json!({
                "policy_name": "tenant-acme-corp-all-dev",
                "policy_type": "SUBSCRIPTION_FILTER_POLICY",
                "policy_document": "{}",
            });
            fleet.add(ACME, "aws_cloudwatch_log_account_policy.extra", body);
        },
        expect: Caught(&[unread(ACME, "aws_cloudwatch_log_account_policy.extra")]),
    },
    Spoiling {
        name: "logs: a destination that other accounts may write to",
        why: "the type takes a policy that is not judged",
        spoil: |fleet| {
            let body = json!({ "destination_name": "any", "access_policy": "{}" });
            fleet.add(TECH, "aws_cloudwatch_log_destination_policy.extra", body);
        },
        expect: Caught(&[unread(TECH, "aws_cloudwatch_log_destination_policy.extra")]),
    },
];

fn streams(fleet: &mut Fleet, stack: &str, streams: &str) {
    let resource = arn("logs", &format!("{CENTRAL}:log-stream:{streams}"));
    fleet.at(stack, READER).element(STREAMS, "Resource", json!(resource));
    fleet.at(stack, BOUNDARY).also(wide(&["logs:GetLogEvents"], resource));
}

fn subscription() -> Value {
    json!({
        "destination_arn": "${aws_lambda_function.relay.arn}",
        "filter_pattern": "",
        "log_group_name": "platform-central-log-dev",
        "name": "tenant-acme-corp-central-dev",
    })
}
