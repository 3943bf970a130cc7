//! The tenant's dead-letter queue.

use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, STRANGER, TECH, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Aws, Identity, ResourcePolicy};
use crate::spoiling::{Spoiling, access, names, outside, service, unread};
use crate::steps::{API, QUEUE, TAG, policy, unbounded, undefended, widen};

const EVENTS: &str = "AllowUndeliveredEvents";
const SOURCE: &str = "aws:SourceArn";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "queue: no policy",
        why: "no role of another tenant may ask for it",
        spoil: |fleet| fleet.at(TECH, QUEUE).unset("policy"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "queue: no policy, and another tenant is wide",
        why: "an Allow of the identity is enough in one account",
        spoil: |fleet| {
            fleet.at(TECH, QUEUE).unset("policy");
            widen(fleet, ACME, API, &["sqs:SendMessage"], "*");
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "queue: the event service on behalf of anybody",
        why: "a rule of any account may send",
        spoil: |fleet| {
            fleet.at(TECH, QUEUE).unconditioned(EVENTS, "ArnEquals", SOURCE);
            fleet.at(TECH, QUEUE).unconditioned(EVENTS, "StringEquals", "aws:SourceAccount");
        },
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: the event service on behalf of the account",
        why: "the rules of other tenants are of the same account",
        spoil: |fleet| fleet.at(TECH, QUEUE).unconditioned(EVENTS, "ArnEquals", SOURCE),
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: the event service on behalf of every tenant's rule",
        why: "the pattern covers rules of others",
        spoil: |fleet| {
            fleet.at(TECH, QUEUE).operator(EVENTS, "ArnEquals", "ArnLike");
            fleet.at(TECH, QUEUE).value(EVENTS, "ArnLike", SOURCE, json!(arn("events", "rule/tenant-*-events-dev")));
        },
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: ArnEquals with a pattern",
        why: "ArnEquals and ArnLike are the same",
        spoil: |fleet| fleet.at(TECH, QUEUE).value(EVENTS, "ArnEquals", SOURCE, json!(arn("events", "rule/*"))),
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: StringEquals with a pattern",
        why: "there the star is a star, and no rule is called so",
        spoil: |fleet| {
            let condition = json!({ "StringEquals": { SOURCE: arn("events", "rule/*") } });
            fleet.at(TECH, QUEUE).element(EVENTS, "Condition", condition);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "queue: the event service on behalf of a pattern of own rules",
        why: "all that the pattern covers is the tenant's own",
        spoil: |fleet| {
            let own = json!(arn("events", "rule/tenant-tech-startup-*"));
            fleet.at(TECH, QUEUE).value(EVENTS, "ArnEquals", SOURCE, own);
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "queue: the event service on behalf of a rule of this name in any account",
        why: "another account may call a rule so",
        spoil: |fleet| {
            let condition = json!({ "ArnLike": { SOURCE: "arn:aws:events:*:*:rule/tenant-tech-startup-events-dev" } });
            fleet.at(TECH, QUEUE).element(EVENTS, "Condition", condition);
        },
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: the event service on behalf of another tenant's rule",
        why: "that tenant's events arrive here; and it is named",
        spoil: |fleet| {
            let other = json!(arn("events", "rule/tenant-acme-corp-events-dev"));
            fleet.at(TECH, QUEUE).value(EVENTS, "ArnEquals", SOURCE, other);
        },
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "queue: the event service with IfExists",
        why: "a request without a source meets the condition, and the account alone does not tell tenants apart",
        spoil: |fleet| fleet.at(TECH, QUEUE).operator(EVENTS, "ArnEquals", "ArnEqualsIfExists"),
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: the event service with a negation",
        why: "all rules but the own one",
        spoil: |fleet| fleet.at(TECH, QUEUE).operator(EVENTS, "ArnEquals", "ArnNotEquals"),
        expect: Caught(&[service(TECH, QUEUE, EVENTS)]),
    },
    Spoiling {
        name: "queue: a service that nobody needs, on behalf of anybody",
        why: "a topic of any account may send",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(share(json!({ "Service": "sns.amazonaws.com" }))),
        expect: Caught(&[service(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows everybody",
        why: "no Deny fits a principal without tag and without a `tenant-…` name",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(share(json!("*"))),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows everybody for the own rule",
        why: "only a service sends a source, so it can be the event service alone, for this rule",
        spoil: |fleet| {
            let mut everybody = share(json!("*"));
            everybody["Condition"] =
                json!({ "ArnEquals": { SOURCE: arn("events", "rule/tenant-tech-startup-events-dev") } });
            fleet.at(TECH, QUEUE).also(everybody);
        },
        expect: Harmless(Aws),
    },
    Spoiling {
        name: "queue: allows everybody with the own tag",
        why: "another account can give its own roles any tag",
        spoil: |fleet| tagged(fleet, "StringEquals", "tech-startup"),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows everybody with any tag",
        why: "a tag is no proof",
        spoil: |fleet| tagged(fleet, "StringLike", "*"),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows everybody with another tag",
        why: "the negation holds without a tag as well",
        spoil: |fleet| tagged(fleet, "StringNotEquals", "acme-corp"),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows everybody, ForAllValues of the tag",
        why: "true for whoever has no tag",
        spoil: |fleet| tagged(fleet, "ForAllValues:StringEquals", "tech-startup"),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: NotPrincipal in an Allow",
        why: "everybody else is everybody",
        spoil: |fleet| {
            fleet.at(TECH, QUEUE).also(share(json!(null)));
            fleet.at(TECH, QUEUE).statement("Share", |statement| {
                let fields = statement.as_object_mut().expect("a statement is an object");
                fields.remove("Principal");
                fields.insert("NotPrincipal".to_owned(), json!({ "AWS": iam("user/nobody") }));
            });
        },
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows another account",
        why: "its roles carry any tag",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(share(json!({ "AWS": STRANGER }))),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows a user",
        why: "no user belongs to the fleet",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(share(json!({ "AWS": iam("user/operator") }))),
        expect: Caught(&[outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows the own account",
        why: "that leaves it to the identities of the account, as before",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(share(json!({ "AWS": iam("root") }))),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "queue: allows everybody of the account",
        why: "the policy denies roles of others, twice",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(of_account()),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "queue: allows everybody of the account and denies nothing",
        why: "roles of other tenants are of the account, and a boundary does not limit what `*` gives",
        spoil: |fleet| {
            undefended(fleet, TECH, QUEUE);
            fleet.at(TECH, QUEUE).also(of_account());
        },
        expect: Caught(&[access(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows another tenant's roles by a pattern and denies nothing",
        why: "a boundary does not limit what `*` gives, whatever the condition on the ARN",
        spoil: |fleet| {
            undefended(fleet, TECH, QUEUE);
            let mut others = share(json!("*"));
            others["Condition"] = json!({ "ArnLike": { "aws:PrincipalArn": iam("role/tenant-acme-*") } });
            fleet.at(TECH, QUEUE).also(others);
        },
        expect: Caught(&[access(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows a role of another tenant and denies nothing",
        why: "the boundary limits what a policy gives to the ARN of a role; but it is named",
        spoil: |fleet| {
            undefended(fleet, TECH, QUEUE);
            fleet.at(TECH, QUEUE).also(share(json!({ "AWS": iam("role/tenant-acme-corp-caller-role-dev") })));
        },
        expect: Caught(&[names(TECH)]),
    },
    Spoiling {
        name: "queue: allows an unbounded role of another tenant and denies nothing",
        why: "a resource policy of the same account is enough",
        spoil: |fleet| {
            undefended(fleet, TECH, QUEUE);
            fleet.at(TECH, QUEUE).also(share(json!({ "AWS": iam("role/tenant-acme-corp-caller-role-dev") })));
            unbounded(fleet, ACME, "aws_iam_role.caller");
        },
        expect: Caught(&[names(TECH), outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows a session of another tenant and denies nothing",
        why: "a boundary does not limit what is given to a session",
        spoil: |fleet| {
            undefended(fleet, TECH, QUEUE);
            let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/tenant-acme-corp-caller-role-dev/me");
            fleet.at(TECH, QUEUE).also(share(json!({ "AWS": session })));
        },
        expect: Caught(&[names(TECH), outside(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: allows a role of the platform",
        why: "its tag is the platform's, and the queue denies that",
        spoil: |fleet| fleet.at(TECH, QUEUE).also(share(json!({ "AWS": iam("role/platform-onboarding-role-dev") }))),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "queue: a policy in the queue's own field",
        why: "Terraform puts it like a policy of its own",
        spoil: |fleet| fleet.at(TECH, QUEUE).set("policy", json!(policy(&share(json!("*"))))),
        expect: Caught(&[outside(TECH, QUEUE, "Share"), access(TECH, QUEUE, "Share")]),
    },
    Spoiling {
        name: "queue: another policy in a resource of its own",
        why: "Terraform puts it in the place of the queue's, with nothing that denies other tenants",
        spoil: |fleet| {
            let share = share(json!({ "AWS": iam("role/tenant-acme-corp-api-role-dev") }));
            let body = json!({ "queue_url": "${aws_sqs_queue.dead_letters.url}", "policy": policy(&share) });
            fleet.add(TECH, "aws_sqs_queue_policy.other", body);
        },
        expect: Caught(&[unread(TECH, "aws_sqs_queue_policy.other")]),
    },
];

fn share(principal: Value) -> Value {
    json!({
        "Sid": "Share",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sqs:SendMessage",
        "Resource": arn("sqs", "tenant-tech-startup-dlq-dev"),
    })
}

fn of_account() -> Value {
    let mut statement = share(json!({ "AWS": "*" }));
    statement["Condition"] = json!({ "StringEquals": { "aws:PrincipalAccount": ACCOUNT } });
    statement
}

fn tagged(fleet: &mut Fleet, operator: &str, value: &str) {
    let mut everybody = share(json!("*"));
    everybody["Condition"] = json!({ operator: { TAG: value } });
    fleet.at(TECH, QUEUE).also(everybody);
}
