//! The tenant's key: its policy and its grants.

use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, PLATFORM, STRANGER, TECH, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::KeyPolicy;
use crate::spoiling::{Catch, Spoiling, access, names, outside, service};
use crate::steps::{API, KEY, TAG, policy, undefended, wide, widen};

const LOGS: &str = "AllowLogGroups";
const EVENTS: &str = "AllowUndeliveredEvents";
const OBJECTS: &str = "AllowObjects";
/// A session of the deployer tags a key, which is then its own: for some minutes after its making,
/// [AWS KMS may not see](https://docs.aws.amazon.com/kms/latest/developerguide/abac.html) the tag that a key has.
const TAGGED: Catch = access(PLATFORM, "aws_iam_policy.deployer_key", "TagMadeKey");

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "key: the account may do everything",
        why: "the policy denies roles of others, twice",
        spoil: |fleet| fleet.at(TECH, KEY).element("AllowAdministration", "Action", json!("kms:*")),
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "key: the account may do everything, and nothing is denied",
        why: "no role of another tenant may ask for it, but a session may tag what it has made, and a new key is seen without a tag",
        spoil: |fleet| {
            fleet.at(TECH, KEY).element("AllowAdministration", "Action", json!("kms:*"));
            undefended(fleet, TECH, KEY);
        },
        expect: Caught(&[TAGGED]),
    },
    Spoiling {
        name: "key: the account may do everything, nothing is denied, and another tenant is wide",
        why: "the key policy leaves it to the identities of the account",
        spoil: |fleet| {
            fleet.at(TECH, KEY).element("AllowAdministration", "Action", json!("kms:*"));
            undefended(fleet, TECH, KEY);
            every_key(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "key: nothing is denied, and another tenant is wide",
        why: "for cryptography the account is allowed only what makes tables and functions, through the named service",
        spoil: |fleet| {
            undefended(fleet, TECH, KEY);
            every_key(fleet);
        },
        expect: Caught(&[access(TECH, KEY, "AllowCreatorOfTable")]),
    },
    Spoiling {
        name: "key: nothing is denied, the account has no cryptography, and another tenant is wide",
        why: "no statement of the key policy fits the other's role, but a session may tag the key as long as it is seen without a tag",
        spoil: |fleet| {
            undefended(fleet, TECH, KEY);
            fleet.at(TECH, KEY).without("AllowCreatorOfTable");
            fleet.at(TECH, KEY).without("AllowCreatorOfFunctions");
            every_key(fleet);
        },
        expect: Caught(&[TAGGED]),
    },
    Spoiling {
        name: "key: no policy of its own",
        why: "the default leaves it to the identities of the account, of which sessions may tag what they have made",
        spoil: |fleet| no_policy(fleet),
        expect: Caught(&[TAGGED]),
    },
    Spoiling {
        name: "key: no policy of its own, and another tenant's identity is wide",
        why: "its boundary is not, but a session needs no more than its own",
        spoil: |fleet| {
            no_policy(fleet);
            fleet.at(ACME, API).also(wide(&["kms:Decrypt"], "*"));
        },
        expect: Caught(&[TAGGED]),
    },
    Spoiling {
        name: "key: no policy of its own, and another tenant is wide",
        why: "the default policy is `kms:*` for the account",
        spoil: |fleet| {
            no_policy(fleet);
            every_key(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "key: one of two Denies is gone, and another tenant is wide",
        why: "the other one is enough for the tenants' own roles; the deployer's name is no tenant's",
        spoil: |fleet| {
            fleet.at(TECH, KEY).element("AllowAdministration", "Action", json!("kms:*"));
            fleet.at(TECH, KEY).without("DenyOtherTenants");
            every_key(fleet);
        },
        expect: Caught(&[TAGGED]),
    },
    Spoiling {
        name: "key: everybody through S3",
        why: "any account may use it through S3 for a bucket of its own",
        spoil: |fleet| {
            fleet.at(TECH, KEY).element(OBJECTS, "Principal", json!("*"));
            fleet.at(TECH, KEY).unconditioned(OBJECTS, "StringEquals", TAG);
            fleet.at(TECH, KEY).unconditioned(OBJECTS, "StringEquals", "kms:EncryptionContext:aws:s3:arn");
        },
        expect: Caught(&[outside(TECH, KEY, OBJECTS)]),
    },
    Spoiling {
        name: "key: everybody of the account through S3",
        why: "the policy denies roles of others, twice",
        spoil: |fleet| of_account(fleet),
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "key: everybody of the account through S3, and nothing is denied",
        why: "roles of other tenants are of the account, and a boundary does not limit what `*` gives",
        spoil: |fleet| {
            of_account(fleet);
            undefended(fleet, TECH, KEY);
        },
        expect: Caught(&[access(TECH, KEY, OBJECTS)]),
    },
    Spoiling {
        name: "key: everybody, ForAllValues of the tag",
        why: "true for whoever has no tag",
        spoil: |fleet| {
            let mut everybody = share(json!("*"));
            everybody["Condition"] = json!({ "ForAllValues:StringEquals": { TAG: "tech-startup" } });
            fleet.at(TECH, KEY).also(everybody);
        },
        expect: Caught(&[outside(TECH, KEY, "Share")]),
    },
    Spoiling {
        name: "key: another account",
        why: "it may let its own roles use the key",
        spoil: |fleet| fleet.at(TECH, KEY).also(share(json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") }))),
        expect: Caught(&[outside(TECH, KEY, "Share")]),
    },
    Spoiling {
        name: "key: a role of another tenant",
        why: "two Denies of the same policy stop it; but it is named",
        spoil: |fleet| fleet.at(TECH, KEY).also(share(json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") }))),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "key: a session of another tenant, and nothing is denied",
        why: "a boundary does not limit what is given to a session",
        spoil: |fleet| {
            undefended(fleet, TECH, KEY);
            let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/tenant-acme-corp-api-role-dev/me");
            fleet.at(TECH, KEY).also(share(json!({ "AWS": session })));
        },
        expect: Caught(&[names(TECH), outside(TECH, KEY, "Share")]),
    },
    Spoiling {
        name: "key: a grant to a role of another tenant",
        why: "a Deny of the key policy counts for grants as well; but the role is named",
        spoil: |fleet| grant(fleet, &iam("role/tenant-acme-corp-api-role-dev")),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "key: a grant to a role of another tenant, and nothing is denied",
        why: "a grant needs no other Allow",
        spoil: |fleet| {
            grant(fleet, &iam("role/tenant-acme-corp-api-role-dev"));
            undefended(fleet, TECH, KEY);
        },
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "key: a grant to another account",
        why: "a grant needs no other Allow in the key's account",
        spoil: |fleet| grant(fleet, &format!("arn:aws:iam::{STRANGER}:role/reader")),
        expect: Caught(&[outside(TECH, "aws_kms_grant.extra", "")]),
    },
    Spoiling {
        name: "key: grants not only to services",
        why: "the account's own administration may make them; tenants are denied, and their boundaries deny grants",
        spoil: |fleet| fleet.at(TECH, KEY).unconditioned("AllowGrantsToServices", "Bool", "kms:GrantIsForAWSResource"),
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "key: objects of any bucket, for the own role",
        why: "the role is still the tenant's own",
        spoil: |fleet| fleet.at(TECH, KEY).unconditioned(OBJECTS, "StringEquals", "kms:EncryptionContext:aws:s3:arn"),
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "key: the log service for any log group",
        why: "log groups of others could use the key",
        spoil: |fleet| {
            fleet.at(TECH, KEY).unconditioned(LOGS, "ArnEquals", "kms:EncryptionContext:aws:logs:arn");
        },
        expect: Caught(&[service(TECH, KEY, LOGS)]),
    },
    Spoiling {
        name: "key: the log service for a pattern of log groups",
        why: "it covers those of others",
        spoil: |fleet| context(fleet, &arn("logs", "log-group:*")),
        expect: Caught(&[service(TECH, KEY, LOGS)]),
    },
    Spoiling {
        name: "key: the log service for a log group of another tenant",
        why: "it is bound, but to somebody else",
        spoil: |fleet| context(fleet, &arn("logs", "log-group:tenant-acme-corp-api-log-dev")),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "key: the event service on behalf of the account",
        why: "the rules of other tenants are of the same account",
        spoil: |fleet| fleet.at(TECH, KEY).unconditioned(EVENTS, "ArnEquals", "aws:SourceArn"),
        expect: Caught(&[service(TECH, KEY, EVENTS)]),
    },
    Spoiling {
        name: "key: the event service on behalf of anybody",
        why: "the rules of every account",
        spoil: |fleet| {
            fleet.at(TECH, KEY).unconditioned(EVENTS, "ArnEquals", "aws:SourceArn");
            fleet.at(TECH, KEY).unconditioned(EVENTS, "StringEquals", "aws:SourceAccount");
        },
        expect: Caught(&[service(TECH, KEY, EVENTS)]),
    },
    Spoiling {
        name: "key: a policy in the key's own field",
        why: "Terraform puts it like a policy of its own",
        spoil: |fleet| {
            fleet.remove(TECH, KEY);
            fleet.at(TECH, "aws_kms_key.tenant").set("policy", json!(policy(&share(json!("*")))));
        },
        expect: Caught(&[
            outside(TECH, "aws_kms_key.tenant", "Share"),
            access(TECH, "aws_kms_key.tenant", "Share"),
            crate::spoiling::needs(TECH),
        ]),
    },
];

fn every_key(fleet: &mut Fleet) {
    widen(fleet, ACME, API, &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], arn("kms", "key/*"));
}

fn no_policy(fleet: &mut Fleet) {
    fleet.remove(TECH, KEY);
}

fn grant(fleet: &mut Fleet, grantee: &str) {
    let body = json!({
        "key_id": "${aws_kms_key.tenant.key_id}",
        "grantee_principal": grantee,
        "operations": ["Decrypt", "GenerateDataKey"],
    });
    fleet.add(TECH, "aws_kms_grant.extra", body);
}

fn context(fleet: &mut Fleet, group: &str) {
    fleet.at(TECH, KEY).value(LOGS, "ArnEquals", "kms:EncryptionContext:aws:logs:arn", json!(group));
}

fn of_account(fleet: &mut Fleet) {
    fleet.at(TECH, KEY).element(OBJECTS, "Principal", json!("*"));
    let condition =
        json!({ "StringEquals": { "kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.us-east-1.amazonaws.com" } });
    fleet.at(TECH, KEY).element(OBJECTS, "Condition", condition);
}

fn share(principal: Value) -> Value {
    json!({ "Sid": "Share", "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*" })
}
