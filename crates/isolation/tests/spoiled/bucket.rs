//! The tenant's bucket: its policy, its access control list, its block of public access.

use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, STRANGER, TECH, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity, ResourcePolicy};
use crate::spoiling::{Spoiling, access, names, outside, unread};
use crate::steps::{API, BUCKET, TAG, policy, undefended, wide, widen};

const OTHERS: &str = "DenyOtherTenants";
const UNLISTED: &str = "DenyUnlistedTenantRoles";
const BLOCK: &str = "aws_s3_bucket_public_access_block.data";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "bucket: no policy",
        why: "no role of another tenant may ask for it",
        spoil: |fleet| fleet.remove(TECH, BUCKET),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "bucket: no policy, and another tenant's identity is wide",
        why: "its boundary is not",
        spoil: |fleet| {
            fleet.remove(TECH, BUCKET);
            fleet.at(ACME, API).also(wide(&["s3:*"], "*"));
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "bucket: no policy, and another tenant's identity and boundary are wide",
        why: "an Allow of the identity is enough in one account",
        spoil: |fleet| {
            fleet.remove(TECH, BUCKET);
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: denies by name alone, and another tenant is wide",
        why: "the other's role is called `tenant-…` and is not on the list",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).without(OTHERS);
            every_bucket(fleet);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: denies by tag alone, and another tenant is wide",
        why: "the other's role carries another tag",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).without(UNLISTED);
            every_bucket(fleet);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: denies nothing, and another tenant is wide",
        why: "both Denies are gone",
        spoil: |fleet| {
            undefended(fleet, TECH, BUCKET);
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: allows a role of another tenant",
        why: "two Denies of the same policy stop it; but it is named",
        spoil: |fleet| fleet.at(TECH, BUCKET).also(share(json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") }))),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "bucket: allows a role of another tenant and denies nothing",
        why: "the boundary limits what a policy gives to the ARN of a role; but it is named",
        spoil: |fleet| {
            undefended(fleet, TECH, BUCKET);
            fleet.at(TECH, BUCKET).also(share(json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") })));
        },
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "bucket: allows an unbounded role of another tenant and denies nothing",
        why: "a resource policy of the same account is enough",
        spoil: |fleet| {
            undefended(fleet, TECH, BUCKET);
            fleet.at(TECH, BUCKET).also(share(json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") })));
            fleet.at(ACME, "aws_iam_role.api").unset("permissions_boundary");
        },
        expect: Caught(&[names(TECH), outside(TECH, BUCKET, "Share")]),
    },
    Spoiling {
        name: "bucket: allows a session of another tenant and denies nothing",
        why: "a boundary does not limit what is given to a session",
        spoil: |fleet| {
            undefended(fleet, TECH, BUCKET);
            fleet.at(TECH, BUCKET).also(share(json!({ "AWS": session() })));
        },
        expect: Caught(&[names(TECH), outside(TECH, BUCKET, "Share")]),
    },
    Spoiling {
        name: "bucket: allows a session of another tenant",
        why: "two Denies of the same policy stop it; but it is named",
        spoil: |fleet| fleet.at(TECH, BUCKET).also(share(json!({ "AWS": session() }))),
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "bucket: allows everybody",
        why: "S3 refuses a public policy while the block of public access is on; the proof refuses it before",
        spoil: |fleet| fleet.at(TECH, BUCKET).also(share(json!("*"))),
        expect: Caught(&[outside(TECH, BUCKET, "Share")]),
    },
    Spoiling {
        name: "bucket: allows everybody, and the block of public access is off",
        why: "no Deny fits a principal without tag and without a `tenant-…` name",
        spoil: |fleet| {
            open(fleet);
            fleet.at(TECH, BUCKET).also(share(json!("*")));
        },
        expect: Caught(&[outside(TECH, BUCKET, "Share")]),
    },
    Spoiling {
        name: "bucket: allows everybody, and there is no block of public access",
        why: "what Terraform does not manage may be off",
        spoil: |fleet| {
            fleet.remove(TECH, BLOCK);
            fleet.at(TECH, BUCKET).unset("depends_on");
            fleet.at(TECH, BUCKET).also(share(json!({ "AWS": "*" })));
        },
        expect: Caught(&[outside(TECH, BUCKET, "Share")]),
    },
    Spoiling {
        name: "bucket: the block of public access is off",
        why: "nothing is public",
        spoil: |fleet| open(fleet),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: allows another account",
        why: "an account is no public principal, and its roles carry any tag",
        spoil: |fleet| fleet.at(TECH, BUCKET).also(share(json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") }))),
        expect: Caught(&[outside(TECH, BUCKET, "Share")]),
    },
    Spoiling {
        name: "bucket: allows the own account",
        why: "that leaves it to the identities of the account, as before",
        spoil: |fleet| fleet.at(TECH, BUCKET).also(share(json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }))),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "bucket: a public access control list",
        why: "with BucketOwnerEnforced lists have no effect; but lists are not judged",
        spoil: |fleet| {
            open(fleet);
            let body = json!({ "bucket": "${aws_s3_bucket.data.bucket}", "acl": "public-read" });
            fleet.add(TECH, "aws_s3_bucket_acl.data", body);
        },
        expect: Caught(&[unread(TECH, "aws_s3_bucket_acl.data")]),
    },
    Spoiling {
        name: "bucket: a public access control list that has effect",
        why: "lists count again, and nothing blocks public ones",
        spoil: |fleet| {
            open(fleet);
            fleet
                .at(TECH, "aws_s3_bucket_ownership_controls.data")
                .change("/rule/object_ownership", json!("ObjectWriter"));
            let body = json!({ "bucket": "${aws_s3_bucket.data.bucket}", "acl": "public-read" });
            fleet.add(TECH, "aws_s3_bucket_acl.data", body);
        },
        expect: Caught(&[unread(TECH, "aws_s3_bucket_acl.data")]),
    },
    Spoiling {
        name: "bucket: a second policy in the bucket's own field",
        why: "Terraform puts it like a policy of its own",
        spoil: |fleet| {
            open(fleet);
            let body = policy(&share(json!("*")));
            fleet.remove(TECH, BUCKET);
            fleet.at(TECH, "aws_s3_bucket.data").set("policy", json!(body));
        },
        expect: Caught(&[outside(TECH, "aws_s3_bucket.data", "Share"), access(TECH, "aws_s3_bucket.data", "Share")]),
    },
    Spoiling {
        name: "bucket: a Deny turned into an Allow",
        why: "everybody with the tag of no matter which other tenant, sessions for other tenants too",
        spoil: |fleet| {
            open(fleet);
            fleet.at(TECH, BUCKET).element(OTHERS, "Effect", json!("Allow"));
        },
        expect: Caught(&[outside(TECH, BUCKET, OTHERS), access(TECH, BUCKET, OTHERS)]),
    },
    Spoiling {
        name: "bucket: the Deny does not ask whether there is a tag, and another tenant is wide",
        why: "a negation holds without a key: the Deny is stricter than before",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).unconditioned(OTHERS, "Null", TAG);
            every_bucket(fleet);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: the Deny is for the own tag",
        why: "others are stopped by name; the own function is shut out, but its code does not call S3",
        spoil: |fleet| fleet.at(TECH, BUCKET).operator(OTHERS, "StringNotEquals", "StringEquals"),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: the Deny compares with any tag, and another tenant is wide",
        why: "nothing is unlike `*`, so no one is denied by tag; names still are",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).operator(OTHERS, "StringNotEquals", "StringNotLike");
            fleet.at(TECH, BUCKET).value(OTHERS, "StringNotLike", TAG, json!("*"));
            every_bucket(fleet);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: no Deny fits anybody, and another tenant is wide",
        why: "nothing is unlike `*`, and no role is called `tenants-…`",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).operator(OTHERS, "StringNotEquals", "StringNotLike");
            fleet.at(TECH, BUCKET).value(OTHERS, "StringNotLike", TAG, json!("*"));
            let typo = json!("arn:aws:iam::*:role/tenants-*");
            fleet.at(TECH, BUCKET).value(UNLISTED, "ArnLike", "aws:PrincipalArn", typo);
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: the list of roles is a pattern, no Deny by tag, and another tenant is wide",
        why: "every role of a tenant is on such a list",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).without(OTHERS);
            fleet.at(TECH, BUCKET).operator(UNLISTED, "ArnNotEquals", "ArnNotLike");
            let any = json!(iam("role/tenant-*-api-role-dev"));
            fleet.at(TECH, BUCKET).value(UNLISTED, "ArnNotLike", "aws:PrincipalArn", any);
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: a Deny with IfExists, and another tenant is wide",
        why: "the other's role carries a tag",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).without(UNLISTED);
            fleet.at(TECH, BUCKET).operator(OTHERS, "StringNotEquals", "StringNotEqualsIfExists");
            every_bucket(fleet);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: a Deny with ForAllValues, and another tenant is wide",
        why: "all values of the other's tag are other values",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).without(UNLISTED);
            fleet.at(TECH, BUCKET).operator(OTHERS, "StringNotEquals", "ForAllValues:StringNotEquals");
            every_bucket(fleet);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: the Denies cover the bucket and not its objects, and another tenant is wide",
        why: "objects have ARNs of their own",
        spoil: |fleet| {
            for sid in [OTHERS, UNLISTED] {
                fleet.at(TECH, BUCKET).element(sid, "Resource", json!("arn:aws:s3:::tenant-tech-startup-data-dev"));
            }
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: the Denies cover reading alone, and another tenant is wide",
        why: "writing and deleting is not denied",
        spoil: |fleet| {
            for sid in [OTHERS, UNLISTED] {
                fleet.at(TECH, BUCKET).element(sid, "Action", json!(["s3:Get*", "s3:List*"]));
            }
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: the Denies leave an action out, and another tenant is wide",
        why: "listing is not denied",
        spoil: |fleet| {
            for sid in [OTHERS, UNLISTED] {
                fleet.at(TECH, BUCKET).turn(sid, "Action", "NotAction");
                fleet.at(TECH, BUCKET).element(sid, "NotAction", json!("s3:ListBucket"));
            }
            every_bucket(fleet);
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "bucket: NotPrincipal in a Deny",
        why: "it denies more than before; also the own role, whose code does not call S3",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).also(json!({
                "Sid": "AllButOwn",
                "Effect": "Deny",
                "NotPrincipal": { "AWS": "${aws_iam_role.api.arn}" },
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::tenant-tech-startup-data-dev/*",
            }));
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "bucket: plain text and other endpoints are not denied",
        why: "that keeps nobody out who is not out already",
        spoil: |fleet| {
            fleet.at(TECH, BUCKET).without("DenyPlainText");
            fleet.at(TECH, BUCKET).without("DenyOutsideEndpoint");
        },
        expect: Harmless(Identity),
    },
];

fn every_bucket(fleet: &mut Fleet) {
    let actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"];
    widen(fleet, ACME, API, &actions, "arn:aws:s3:::*");
}

fn open(fleet: &mut Fleet) {
    for setting in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] {
        fleet.at(TECH, BLOCK).set(setting, json!(false));
    }
}

fn session() -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/tenant-acme-corp-api-role-dev/tenant-acme-corp-api-dev")
}

fn share(principal: Value) -> Value {
    json!({
        "Sid": "Share",
        "Effect": "Allow",
        "Principal": principal,
        "Action": ["s3:DeleteObject", "s3:GetObject"],
        "Resource": "arn:aws:s3:::tenant-tech-startup-data-dev/*",
    })
}
