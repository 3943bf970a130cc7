//! Roles: their tags, and who may assume them.

use isolation::Rule;
use serde_json::json;

use crate::fleet::{ACCOUNT, ACME, Fleet, STRANGER, TECH, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, ResourcePolicy, Trust};
use crate::spoiling::{Spoiling, access, breaks, names, needs, outside};
use crate::steps::{API, BUCKET, CALLER, TAG, both, undefended, wide, widen};

const ROLE: &str = "aws_iam_role.caller";
const FLOW: &str = "aws_iam_role.flow";
const ALLOW: &str = "AllowAssume";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "tags: a role carries the id of another tenant",
        why: "its own policies do not fit it any more, and exact ARNs keep it from the other's resources",
        spoil: |fleet| fleet.at(ACME, "aws_iam_role.api").change("/tags/TenantId", json!("tech-startup")),
        expect: Caught(&[breaks(Rule::OneOwner, ACME, "")]),
    },
    Spoiling {
        name: "tags: a role carries none",
        why: "its own policies do not fit it any more",
        spoil: |fleet| fleet.at(ACME, "aws_iam_role.api").unset("tags"),
        expect: Caught(&[needs(ACME)]),
    },
    Spoiling {
        name: "tags: a role carries no TenantId",
        why: "its own policies do not fit it any more",
        spoil: |fleet| fleet.at(ACME, "aws_iam_role.api").set("tags", json!({ "ManagedBy": "CDKTF" })),
        expect: Caught(&[breaks(Rule::OneOwner, ACME, "aws_iam_role.api"), needs(ACME)]),
    },
    Spoiling {
        name: "tags: a role that may read every bucket carries none",
        why: "bucket policies deny `tenant-*` roles by name as well",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["s3:DeleteObject"], "arn:aws:s3:::*");
            fleet.at(ACME, "aws_iam_role.api").unset("tags");
        },
        expect: Caught(&[needs(ACME)]),
    },
    Spoiling {
        name: "tags: a role that may read every bucket carries none, and one bucket denies by tag alone",
        why: "a Deny by tag does not see a role without one",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["s3:DeleteObject"], "arn:aws:s3:::*");
            fleet.at(ACME, "aws_iam_role.api").unset("tags");
            fleet.at(TECH, BUCKET).without("DenyUnlistedTenantRoles");
        },
        expect: Caught(&[needs(ACME), access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "tags: a role carries the id of the tenant whose bucket denies by tag alone",
        why: "the bucket takes it for its own",
        spoil: |fleet| {
            widen(fleet, ACME, API, &["s3:DeleteObject"], "arn:aws:s3:::*");
            fleet.at(ACME, "aws_iam_role.api").change("/tags/TenantId", json!("tech-startup"));
            fleet.at(TECH, BUCKET).without("DenyUnlistedTenantRoles");
        },
        expect: Caught(&[breaks(Rule::OneOwner, ACME, "")]),
    },
    Spoiling {
        name: "tags: whoever assumes a role may tag the session",
        why: "with a session tag of another tenant the own boundary allows nothing",
        spoil: |fleet| tag_session(fleet),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "tags: whoever assumes a role that may read every bucket may tag the session",
        why: "the session tag covers the role's own, and one bucket denies by tag alone",
        spoil: |fleet| {
            tag_session(fleet);
            widen(fleet, ACME, CALLER, &["s3:DeleteObject"], "arn:aws:s3:::*");
            fleet.at(TECH, BUCKET).without("DenyUnlistedTenantRoles");
        },
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "tags: a role may read every bucket, and one bucket denies by tag alone",
        why: "nobody can tag the session, so the role's own tag counts",
        spoil: |fleet| {
            widen(fleet, ACME, CALLER, &["s3:DeleteObject"], "arn:aws:s3:::*");
            fleet.at(TECH, BUCKET).without("DenyUnlistedTenantRoles");
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "tags: the own tag as a variable, and whoever assumes the role may tag the session",
        why: "the variable stands for whatever tag the session is given",
        spoil: |fleet| {
            tag_session(fleet);
            let own = crate::fleet::arn("lambda", "function:tenant-$${aws:PrincipalTag/TenantId}-api-dev");
            widen(fleet, ACME, CALLER, &["lambda:InvokeFunction"], own);
        },
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "trust: the account, without a condition",
        why: "tenants are denied in the same policy, and no role of theirs may assume anything",
        spoil: |fleet| fleet.at(TECH, ROLE).unconditioned(ALLOW, "StringEquals", TAG),
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "trust: everybody, without a condition",
        why: "any account of AWS may assume the role",
        spoil: |fleet| {
            fleet.at(TECH, ROLE).element(ALLOW, "Principal", json!("*"));
            fleet.at(TECH, ROLE).unconditioned(ALLOW, "StringEquals", TAG);
        },
        expect: Caught(&[outside(TECH, ROLE, ALLOW)]),
    },
    Spoiling {
        name: "trust: everybody with the tenant's tag",
        why: "another account can give its own roles any tag",
        spoil: |fleet| fleet.at(TECH, ROLE).element(ALLOW, "Principal", json!({ "AWS": "*" })),
        expect: Caught(&[outside(TECH, ROLE, ALLOW)]),
    },
    Spoiling {
        name: "trust: another account",
        why: "it can give its own roles any tag",
        spoil: |fleet| {
            let stranger = json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") });
            fleet.at(TECH, ROLE).element(ALLOW, "Principal", stranger);
        },
        expect: Caught(&[outside(TECH, ROLE, ALLOW)]),
    },
    Spoiling {
        name: "trust: another account, by its number",
        why: "a bare number stands for the account",
        spoil: |fleet| {
            let both = json!({ "AWS": [iam("root"), STRANGER] });
            fleet.at(TECH, ROLE).element(ALLOW, "Principal", both);
        },
        expect: Caught(&[outside(TECH, ROLE, ALLOW)]),
    },
    Spoiling {
        name: "trust: the role of another tenant",
        why: "it is denied in the same policy, twice, and by its own boundary; but it is named",
        spoil: |fleet| {
            let role = json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") });
            fleet.at(TECH, ROLE).element(ALLOW, "Principal", role);
        },
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "trust: the unbounded role of another tenant, and nothing is denied",
        why: "a trust policy that names a role of its account needs no other Allow",
        spoil: |fleet| {
            let role = json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") });
            fleet.at(TECH, ROLE).element(ALLOW, "Principal", role);
            fleet.at(TECH, ROLE).unconditioned(ALLOW, "StringEquals", TAG);
            undefended(fleet, TECH, ROLE);
            fleet.at(ACME, "aws_iam_role.api").unset("permissions_boundary");
        },
        expect: Caught(&[names(TECH), outside(TECH, ROLE, ALLOW)]),
    },
    Spoiling {
        name: "trust: roles of tenants by a pattern, and nothing is denied",
        why: "the boundaries of the others deny `sts:*`",
        spoil: |fleet| {
            fleet.at(TECH, ROLE).unconditioned(ALLOW, "StringEquals", TAG);
            let pattern = json!({ "ArnLike": { "aws:PrincipalArn": iam("role/tenant-*") } });
            fleet.at(TECH, ROLE).element(ALLOW, "Condition", pattern);
            undefended(fleet, TECH, ROLE);
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "trust: an identity provider",
        why: "whoever it lets in acts as the tenant's role",
        spoil: |fleet| {
            fleet.at(TECH, ROLE).also(json!({
                "Sid": "Federated",
                "Effect": "Allow",
                "Principal": { "Federated": iam("oidc-provider/token.actions.githubusercontent.com") },
                "Action": "sts:AssumeRoleWithWebIdentity",
            }));
        },
        expect: Caught(&[breaks(Rule::NoOutsideAccess, TECH, ROLE)]),
    },
    Spoiling {
        name: "trust: the flow log service without its source",
        why: "whoever has a service take a role needs `iam:PassRole` for it, and boundaries deny that",
        spoil: |fleet| {
            fleet.at(TECH, FLOW).unconditioned(ALLOW, "ArnLike", "aws:SourceArn");
            fleet.at(TECH, FLOW).unconditioned(ALLOW, "StringEquals", "aws:SourceAccount");
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "trust: one more service without its source",
        why: "whoever has a service take a role needs `iam:PassRole` for it, and boundaries deny that",
        spoil: |fleet| {
            let services = json!({ "Service": ["vpc-flow-logs.amazonaws.com", "events.amazonaws.com"] });
            fleet.at(TECH, FLOW).element(ALLOW, "Principal", services);
            fleet.at(TECH, FLOW).unconditioned(ALLOW, "ArnLike", "aws:SourceArn");
            fleet.at(TECH, FLOW).unconditioned(ALLOW, "StringEquals", "aws:SourceAccount");
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "trust: others are not denied",
        why: "the Allow asks for the own tag, and boundaries deny `sts:*`",
        spoil: |fleet| undefended(fleet, TECH, ROLE),
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "trust: the Deny of tenants turned into an Allow",
        why: "everybody whose role is called `tenant-…`, in any account, may assume it",
        spoil: |fleet| {
            fleet.at(TECH, ROLE).element("DenyTenantRoles", "Effect", json!("Allow"));
        },
        expect: Caught(&[outside(TECH, ROLE, "DenyTenantRoles")]),
    },
    Spoiling {
        name: "trust: negation instead of the own tag, and nothing is denied",
        why: "people of another tenant carry its tag, and the account may let them assume roles",
        spoil: |fleet| {
            fleet.at(TECH, ROLE).operator(ALLOW, "StringEquals", "StringNotEquals");
            undefended(fleet, TECH, ROLE);
        },
        expect: Caught(&[access(TECH, ROLE, ALLOW)]),
    },
    Spoiling {
        name: "trust: an instance profile around the role of the API",
        why: "the role trusts the Lambda service alone, so no instance can take it",
        spoil: |fleet| {
            let body = json!({ "name": "tenant-acme-corp-profile-dev", "role": "${aws_iam_role.api.name}" });
            fleet.add(ACME, "aws_iam_instance_profile.extra", body);
        },
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "roles: one that is not called `tenant-…` may read every bucket",
        why: "policies deny others by name, and by tag: the tag stops it, but it has lost what is given by name",
        spoil: |fleet| {
            widen(fleet, ACME, CALLER, &["s3:DeleteObject"], "arn:aws:s3:::*");
            fleet.at(ACME, ROLE).change("/name", json!("acme-corp-caller"));
        },
        expect: Caught(&[breaks(Rule::OwnNames, ACME, "")]),
    },
    Spoiling {
        name: "roles: one more, without boundary and tag",
        why: "its name is denied everywhere, but functions deny nobody",
        spoil: |fleet| {
            fleet.add(
                ACME,
                "aws_iam_role.extra",
                json!({
                    "name": "tenant-acme-corp-extra-role-dev",
                    "assume_role_policy": json!({
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Effect": "Allow",
                            "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
                            "Action": "sts:AssumeRole",
                        }],
                    }).to_string(),
                }),
            );
            let body = json!({
                "role": "${aws_iam_role.extra.name}",
                "policy": crate::steps::policy(&wide(&["lambda:InvokeFunction"], "*")),
            });
            fleet.add(ACME, "aws_iam_role_policy.extra", body);
        },
        expect: Caught(&[access(ACME, "aws_iam_role_policy.extra", "Wide")]),
    },
    Spoiling {
        name: "roles: the own tag by a pattern that fits another id",
        why: "conditions on tags are about the own role; its ARNs stay exact",
        spoil: |fleet| {
            both(fleet, ACME, CALLER, "CallUrl", "Condition", &json!({ "StringLike": { TAG: "acme*" } }));
        },
        expect: Harmless(crate::spoiling::Layer::Identity),
    },
];

fn tag_session(fleet: &mut Fleet) {
    fleet.at(ACME, ROLE).element(ALLOW, "Action", json!(["sts:AssumeRole", "sts:TagSession"]));
}
