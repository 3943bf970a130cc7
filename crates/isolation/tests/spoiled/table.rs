//! The tenant's table with its indexes and streams.

use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, STRANGER, TECH, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity, ResourcePolicy};
use crate::spoiling::{Spoiling, access, names, needs, outside, unread};
use crate::steps::{API, BOUNDARY, TABLE, policy, undefended, wide, widen};

const BODY: &str = "aws_dynamodb_table.metadata";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "table: no policy",
        why: "no role of another tenant may ask for it",
        spoil: |fleet| fleet.remove(TECH, TABLE),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "table: no policy, and another tenant's identity is wide",
        why: "its boundary is not",
        spoil: |fleet| {
            fleet.remove(TECH, TABLE);
            fleet.at(ACME, API).also(wide(&["dynamodb:*"], "*"));
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "table: no policy, and another tenant is wide",
        why: "an Allow of the identity is enough in one account",
        spoil: |fleet| {
            fleet.remove(TECH, TABLE);
            every_table(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "table: denies nothing, another tenant is wide but for partitions",
        why: "the partition that bears the other's own id may still be read and written",
        spoil: |fleet| {
            undefended(fleet, TECH, TABLE);
            widen(fleet, ACME, API, &["dynamodb:PutItem"], arn("dynamodb", "table/*"));
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "table: the Denies leave indexes out",
        why: "no role of another tenant may ask for an index",
        spoil: |fleet| leave_out_indexes(fleet),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "table: the Denies leave an index out, and another tenant is wide",
        why: "an index has an ARN of its own",
        spoil: |fleet| {
            leave_out_indexes(fleet);
            let index = json!([{ "name": "by_type", "hash_key": "resource_type", "projection_type": "ALL" }]);
            fleet.at(TECH, BODY).set("global_secondary_index", index);
            every_table(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "table: another tenant is wide, and partitions are not denied",
        why: "the table's policy denies it, twice",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["dynamodb:PutItem"], arn("dynamodb", "table/tenant-*-metadata-dev"));
            fleet.at(ACME, API).without("DenyOtherPartitions");
            fleet.at(ACME, BOUNDARY).without("DenyOtherPartitions");
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "table: allows another account",
        why: "its roles carry any tag",
        spoil: |fleet| fleet.at(TECH, TABLE).also(share(&format!("arn:aws:iam::{STRANGER}:root"))),
        expect: Caught(&[outside(TECH, TABLE, "Share")]),
    },
    Spoiling {
        name: "table: allows a role of another tenant",
        why: "two Denies of the same policy stop it; but it is named",
        spoil: |fleet| fleet.at(TECH, TABLE).also(share(&iam("role/tenant-acme-corp-api-role-dev"))),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "table: allows a session of another tenant and denies nothing",
        why: "a boundary does not limit what is given to a session",
        spoil: |fleet| {
            undefended(fleet, TECH, TABLE);
            fleet.at(TECH, TABLE).also(share(&session()));
        },
        expect: Caught(&[names(TECH), outside(TECH, TABLE, "Share")]),
    },
    Spoiling {
        name: "table: the Deny is for the own tag",
        why: "the own function is shut out, others are stopped by name",
        spoil: |fleet| fleet.at(TECH, TABLE).operator("DenyOtherTenants", "StringNotEquals", "StringEquals"),
        expect: Caught(&[needs(TECH)]),
    },
    Spoiling {
        name: "table: NotPrincipal in a Deny",
        why: "AWS denies a role with a boundary whatever is listed there, so also the own one",
        spoil: |fleet| {
            fleet.at(TECH, TABLE).also(json!({
                "Sid": "AllButOwn",
                "Effect": "Deny",
                "NotPrincipal": { "AWS": "${aws_iam_role.api.arn}" },
                "Action": "dynamodb:*",
                "Resource": arn("dynamodb", "table/tenant-tech-startup-metadata-dev"),
            }));
        },
        expect: Caught(&[needs(TECH)]),
    },
    Spoiling {
        name: "table: has a stream",
        why: "no role of another tenant may ask for it",
        spoil: |fleet| stream(fleet),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "table: has a stream, and another tenant may read every stream",
        why: "a stream has an ARN and a policy of its own; the table's does not cover it",
        spoil: |fleet| {
            stream(fleet);
            widen(fleet, ACME, API, &["dynamodb:GetRecords", "dynamodb:GetShardIterator"], "*");
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "table: has a stream whose policy allows another account",
        why: "the stream's own policy counts",
        spoil: |fleet| {
            stream(fleet);
            let mut share = share(&format!("arn:aws:iam::{STRANGER}:root"));
            share["Action"] = json!("dynamodb:GetRecords");
            share["Resource"] = json!("*");
            let body = json!({ "resource_arn": "${aws_dynamodb_table.metadata.stream_arn}", "policy": policy(&share) });
            fleet.add(TECH, "aws_dynamodb_resource_policy.stream", body);
        },
        expect: Caught(&[outside(TECH, "aws_dynamodb_resource_policy.stream", "Share")]),
    },
    Spoiling {
        name: "table: has a replica in another region, and another tenant is wide there",
        why: "a replica has a policy of its own, and here none",
        spoil: |fleet| {
            fleet.at(TECH, BODY).set("replica", json!([{ "region_name": "eu-west-1" }]));
            let replicas = format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/*");
            widen(fleet, ACME, API, &["dynamodb:PutItem"], replicas);
        },
        expect: Caught(&[unread(TECH, BODY)]),
    },
    Spoiling {
        name: "table: another tenant is wide in another region",
        why: "there is no table there",
        spoil: |fleet| {
            let replicas = format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/*");
            widen(fleet, ACME, API, &["dynamodb:PutItem"], replicas);
        },
        expect: Harmless(Identity),
    },
];

fn every_table(fleet: &mut Fleet) {
    let actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"];
    widen(fleet, ACME, API, &actions, arn("dynamodb", "table/*"));
}

fn leave_out_indexes(fleet: &mut Fleet) {
    for sid in ["DenyOtherTenants", "DenyUnlistedTenantRoles"] {
        let table = json!(arn("dynamodb", "table/tenant-tech-startup-metadata-dev"));
        fleet.at(TECH, TABLE).element(sid, "Resource", table);
    }
}

fn stream(fleet: &mut Fleet) {
    fleet.at(TECH, BODY).set("stream_enabled", json!(true));
    fleet.at(TECH, BODY).set("stream_view_type", json!("NEW_IMAGE"));
}

fn session() -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/tenant-acme-corp-api-role-dev/tenant-acme-corp-api-dev")
}

fn share(principal: &str) -> Value {
    json!({
        "Sid": "Share",
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": ["dynamodb:GetItem", "dynamodb:Scan"],
        "Resource": arn("dynamodb", "table/tenant-tech-startup-metadata-dev"),
    })
}
