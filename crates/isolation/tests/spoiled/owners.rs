//! Names and tags: whose a thing is, and who names it.

use isolation::Rule::{NoForeignNames, OneOwner, OwnNames};
use serde_json::json;

use crate::fleet::{ACME, PLATFORM};
use crate::spoiling::Expect::Caught;
use crate::spoiling::{Spoiling, breaks, names};

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "names: the bucket of another tenant in a function's settings",
        why: "the code is told to use it",
        spoil: |fleet| {
            let other = json!("tenant-tech-startup-data-dev");
            fleet.at(ACME, "aws_lambda_function.api").change("/environment/variables/BUCKET_NAME", other);
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "names: the state of another stack",
        why: "it holds what that stack knows",
        spoil: |fleet| {
            let state =
                json!({ "backend": "local", "config": { "path": "../terraform.tenant-tech-startup-dev.tfstate" } });
            fleet.look_up(ACME, "terraform_remote_state.other", state);
        },
        expect: Caught(&[breaks(NoForeignNames, ACME, "terraform_remote_state.other")]),
    },
    Spoiling {
        name: "names: a role of another tenant is looked up",
        why: "whatever uses it uses what is not the stack's own",
        spoil: |fleet| {
            fleet.look_up(ACME, "aws_iam_role.other", json!({ "name": "tenant-tech-startup-api-role-dev" }));
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "names: a key of another tenant is looked up",
        why: "whatever uses it uses what is not the stack's own",
        spoil: |fleet| {
            fleet.look_up(ACME, "aws_kms_alias.other", json!({ "name": "alias/tenant-tech-startup-key-dev" }))
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "names: a bucket that another tenant calls its own",
        why: "two stacks would fight for it",
        spoil: |fleet| fleet.at(ACME, "aws_s3_bucket.data").set("bucket", json!("tenant-tech-startup-data-dev")),
        expect: Caught(&[breaks(OwnNames, ACME, ""), names(ACME)]),
    },
    Spoiling {
        name: "names: an alarm of another environment",
        why: "its name is not made from this stack",
        spoil: |fleet| {
            fleet
                .at(ACME, "aws_cloudwatch_metric_alarm.api_errors")
                .set("alarm_name", json!("tenant-acme-corp-api-errors-prod"));
        },
        expect: Caught(&[breaks(OwnNames, ACME, "")]),
    },
    Spoiling {
        name: "names: the platform names a tenant",
        why: "the platform knows no tenant",
        spoil: |fleet| {
            fleet
                .at(PLATFORM, "aws_cloudwatch_metric_alarm.dead_letters")
                .change("/dimensions/QueueName", json!("tenant-acme-corp-dlq-dev"));
        },
        expect: Caught(&[names(PLATFORM)]),
    },
    Spoiling {
        name: "tags: a bucket carries the id of another tenant",
        why: "a stack has one owner",
        spoil: |fleet| fleet.at(ACME, "aws_s3_bucket.data").change("/tags/TenantId", json!("tech-startup")),
        expect: Caught(&[breaks(OneOwner, ACME, "")]),
    },
    Spoiling {
        name: "tags: a bucket carries no TenantId",
        why: "a thing without owner",
        spoil: |fleet| fleet.at(ACME, "aws_s3_bucket.data").set("tags", json!({ "ManagedBy": "CDKTF" })),
        expect: Caught(&[breaks(OneOwner, ACME, "aws_s3_bucket.data")]),
    },
    Spoiling {
        name: "tags: a tenant's stack carries the platform's",
        why: "what is the platform's is not held against other tenants, so this must not pass for it",
        spoil: |fleet| {
            let text = fleet.document(ACME).to_string();
            let text = text.replace(r#""TenantId":"acme-corp""#, r#""TenantId":"platform""#);
            *fleet.document(ACME) = serde_json::from_str(&text).expect("still JSON");
        },
        expect: Caught(&[breaks(OneOwner, ACME, "")]),
    },
];
