//! Permissions boundaries: the most that any role of a tenant can do.

use serde_json::json;

use crate::fleet::{ACME, PLATFORM, RETAIL, TECH, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity, KeyPolicy, ResourcePolicy};
use crate::spoiling::{Spoiling, access, names, needs};
use crate::steps::{API, BOUNDARY, CALLER, READER, TAG, unbounded, undefended, wide, widen};

const ROLES: [&str; 5] =
    ["aws_iam_role.api", "aws_iam_role.caller", "aws_iam_role.flow", "aws_iam_role.reader", "aws_iam_role.relay"];
const CHANGES: &str = "DenyChangesOfIsolation";
const TRUST: &str = "aws_iam_role.caller";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "boundary: one role has none",
        why: "its identity policy names exact ARNs",
        spoil: |fleet| unbounded(fleet, ACME, "aws_iam_role.api"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary: nobody has one",
        why: "all identity policies name exact ARNs",
        spoil: |fleet| {
            for stack in [ACME, TECH, RETAIL] {
                for role in ROLES {
                    unbounded(fleet, stack, role);
                }
            }
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary: AdministratorAccess instead",
        why: "the identity policy names exact ARNs",
        spoil: |fleet| {
            let all = json!("arn:aws:iam::aws:policy/AdministratorAccess");
            fleet.at(ACME, "aws_iam_role.api").set("permissions_boundary", all);
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary: AdministratorAccess instead, with a wide identity policy",
        why: "that boundary bounds nothing",
        spoil: |fleet| {
            let all = json!("arn:aws:iam::aws:policy/AdministratorAccess");
            fleet.at(ACME, "aws_iam_role.caller").set("permissions_boundary", all);
            fleet.at(ACME, CALLER).also(wide(&["lambda:InvokeFunction"], "*"));
        },
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "boundary: that of another tenant",
        why: "it allows nothing to a role with this tag",
        spoil: |fleet| {
            let other = json!(iam("policy/tenant-tech-startup-boundary-dev"));
            fleet.at(ACME, "aws_iam_role.api").set("permissions_boundary", other);
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "boundary: every action on the own resources",
        why: "the identity policy lists actions",
        spoil: |fleet| fleet.at(ACME, BOUNDARY).element("Own", "Action", json!("*")),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary: everything on everything",
        why: "the identity policy names exact ARNs",
        spoil: |fleet| fleet.at(ACME, BOUNDARY).also(wide(&["*"], "*")),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary: the id of another tenant in a tag condition",
        why: "the own roles do not carry that tag",
        spoil: |fleet| fleet.at(ACME, BOUNDARY).value("Own", "StringEquals", TAG, json!("tech-startup")),
        expect: Caught(&[needs(ACME)]),
    },
    Spoiling {
        name: "boundary and identity: objects of every bucket",
        why: "bucket policies deny roles of others, twice",
        spoil: |fleet| {
            let actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"];
            widen(fleet, ACME, API, &actions, "arn:aws:s3:::*");
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "boundary and identity: items of every table",
        why: "table policies deny roles of others, twice",
        spoil: |fleet| {
            let actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"];
            widen(fleet, ACME, API, &actions, arn("dynamodb", "table/tenant-*-metadata-dev"));
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "boundary and identity: messages of every queue",
        why: "queue policies deny roles of others, twice",
        spoil: |fleet| widen(fleet, ACME, API, &["sqs:SendMessage", "sqs:ReceiveMessage"], arn("sqs", "*")),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "boundary and identity: every key",
        why: "key policies allow named roles and deny those of others, twice",
        spoil: |fleet| widen(fleet, ACME, API, &["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/*")),
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "boundary and identity: every function",
        why: "a function takes no policy that denies roles of its account",
        spoil: |fleet| widen(fleet, ACME, CALLER, &["lambda:InvokeFunction"], "*"),
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: the code of every function",
        why: "the boundary denies every change of functions",
        spoil: |fleet| widen(fleet, ACME, CALLER, &["lambda:UpdateFunctionCode"], "*"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "boundary and identity: events of every log group",
        why: "a log group takes no policy that denies roles of its account",
        spoil: |fleet| widen(fleet, ACME, READER, &["logs:GetLogEvents"], "*"),
        expect: Caught(&[access(ACME, READER, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: runs of the platform's workflow",
        why: "a state machine takes no policy at all",
        spoil: |fleet| widen(fleet, ACME, API, &["states:StartExecution"], arn("states", "stateMachine:platform-*")),
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: events on the bus",
        why: "the boundary denies `events:Put*`",
        spoil: |fleet| widen(fleet, ACME, API, &["events:PutEvents"], "*"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "boundary and identity: events on the bus, and the Deny is gone",
        why: "an event that names another tenant is brought to that tenant's function",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["events:PutEvents"], arn("events", "event-bus/default"));
            fleet.at(ACME, BOUNDARY).without(CHANGES);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: roles passed on",
        why: "the boundary denies `iam:*`",
        spoil: |fleet| widen(fleet, ACME, API, &["iam:PassRole"], iam("role/*")),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "boundary and identity: roles passed to a new function, and the Deny is gone",
        why: "the new function acts as another tenant's role",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["iam:PassRole", "lambda:CreateFunction"], "*");
            fleet.at(ACME, BOUNDARY).without(CHANGES);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary: changes of isolation are not denied",
        why: "nothing allows them",
        spoil: |fleet| fleet.at(ACME, BOUNDARY).without(CHANGES),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary: changes of isolation are allowed",
        why: "the identity policy does not allow them",
        spoil: |fleet| fleet.at(ACME, BOUNDARY).element(CHANGES, "Effect", json!("Allow")),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "boundary and identity: changes of isolation are allowed",
        why: "whoever may write the policy of a role has what the role has",
        spoil: |fleet| {
            fleet.at(ACME, BOUNDARY).element(CHANGES, "Effect", json!("Allow"));
            fleet.at(ACME, API).also(wide(&["iam:PutRolePolicy"], iam("role/*")));
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: the own tags are changed, and the Deny is gone",
        why: "whoever chooses its tag chooses its tenant",
        spoil: |fleet| {
            fleet.at(ACME, BOUNDARY).without(CHANGES);
            widen(fleet, ACME, API, &["iam:TagRole"], iam("role/tenant-acme-corp-api-role-dev"));
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: roles assumed",
        why: "the boundary denies `sts:*`",
        spoil: |fleet| widen(fleet, ACME, API, &["sts:AssumeRole"], iam("role/*")),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "boundary and identity: roles assumed, and the Deny is gone",
        why: "trust policies deny the roles of others, but a role that no stack declares may let it in",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["sts:AssumeRole"], iam("role/*"));
            fleet.at(ACME, BOUNDARY).without(CHANGES);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: roles assumed, and one trust policy denies nothing",
        why: "that trust policy still asks for the own tag, but a role that no stack declares may let it in",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["sts:AssumeRole"], iam("role/*"));
            fleet.at(ACME, BOUNDARY).without(CHANGES);
            undefended(fleet, TECH, TRUST);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: roles assumed, and one trust policy asks for nothing",
        why: "whoever the account lets assume roles may assume this one",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["sts:AssumeRole"], iam("role/*"));
            fleet.at(ACME, BOUNDARY).without(CHANGES);
            undefended(fleet, TECH, TRUST);
            fleet.at(TECH, TRUST).unconditioned("AllowAssume", "StringEquals", TAG);
        },
        expect: Caught(&[access(TECH, TRUST, "AllowAssume")]),
    },
    Spoiling {
        name: "boundary: one of its own that denies everything but the own logs",
        why: "a Deny with NotResource stops whatever the wide Allow covers of others",
        spoil: |fleet| except(fleet, "log-group:tenant-acme-corp-*"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "boundary: one of its own that denies everything but logs",
        why: "what the Deny leaves out are the logs of everybody",
        spoil: |fleet| except(fleet, "log-group:*"),
        expect: Caught(&[access(ACME, READER, "Wide")]),
    },
    Spoiling {
        name: "boundary: one of its own that denies all actions but reading logs",
        why: "a Deny with NotAction leaves the logs of everybody",
        spoil: |fleet| {
            let deny = json!({ "Effect": "Deny", "NotAction": "logs:GetLogEvents", "Resource": "*" });
            own(fleet, deny);
        },
        expect: Caught(&[access(ACME, READER, "Wide")]),
    },
    Spoiling {
        name: "boundary and identity: objects of the platform's states",
        why: "the bucket denies roles of tenants, twice",
        spoil: |fleet| widen(fleet, ACME, API, &["s3:GetObject"], "arn:aws:s3:::platform-state-dev/*"),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "boundary and identity: objects of the platform's states, and its bucket denies nothing",
        why: "the states of all tenants lie there",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["s3:GetObject"], "arn:aws:s3:::platform-state-dev/*");
            fleet.at(PLATFORM, "aws_s3_bucket_policy.states").without("DenyTenantRoles");
            fleet.at(PLATFORM, "aws_s3_bucket_policy.states").without("DenyTenants");
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
];

/// The reader may do everything, but for what its own boundary denies.
fn own(fleet: &mut crate::fleet::Fleet, deny: serde_json::Value) {
    let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let body = json!({
        "name": "tenant-acme-corp-reader-boundary-dev",
        "policy": json!({ "Version": "2012-10-17", "Statement": [all, deny] }).to_string(),
        "tags": { "TenantId": "acme-corp" },
    });
    fleet.add(ACME, "aws_iam_policy.reader", body);
    let reader = json!("${aws_iam_policy.reader.arn}");
    fleet.at(ACME, "aws_iam_role.reader").set("permissions_boundary", reader);
    fleet.at(ACME, READER).also(wide(&["*"], "*"));
}

fn except(fleet: &mut crate::fleet::Fleet, group: &str) {
    let central = "log-group:platform-central-log-dev:log-stream:acme-corp/*";
    let resources = [group, central].map(|resource| arn("logs", resource));
    own(fleet, json!({ "Effect": "Deny", "Action": "*", "NotResource": resources }));
}
