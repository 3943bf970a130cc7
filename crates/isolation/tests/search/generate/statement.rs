//! Random statements.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{OTHER, OWN, World, condition};
use crate::support::{Kind, Who};

/// Where the statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Identity,
    Resource,
    Endpoint,
}

/// Names and patterns of names, with variables.
const NAMES: &[&str] = &[
    "*",
    "*",
    "a",
    "b",
    "a*",
    "*b",
    "a?",
    "?",
    "ab",
    "a/*",
    "*/b",
    "a*b",
    "${aws:PrincipalTag/T}",
    "${aws:PrincipalTag/T}*",
    "${AWS:principaltag/t}/*",
    "a${aws:PrincipalTag/T}",
    "${aws:PrincipalTag/T, 'b'}",
    "${s3:prefix}",
    "${s3:prefix}/b",
    "${*}",
    "a${?}",
];

/// A statement.
pub(super) fn statements(world: &World, part: Part) -> impl Strategy<Value = Value> + use<> {
    let effect = prop_oneof![3 => Just(true), 1 => Just(false)];
    let not = || prop_oneof![6 => Just(false), 1 => Just(true)];
    let own = (world.kind, part);
    (
        effect,
        (not(), actions(world)),
        (not(), resources(world)),
        principals(&world.who),
        exempt(&world.who),
        condition::conditions(),
    )
        .prop_map(
            move |(allow, (not_action, actions), (not_resource, resources), principal, exempt, conditions)| {
                let mut statement = Map::new();
                statement.insert("Effect".to_owned(), json!(if allow { "Allow" } else { "Deny" }));
                statement.insert(if not_action { "NotAction" } else { "Action" }.to_owned(), actions);
                if own == (Kind::Role, Part::Resource) {
                    // A trust policy has no Resource element.
                } else if not_resource {
                    statement.insert("NotResource".to_owned(), known(&resources));
                } else {
                    statement.insert("Resource".to_owned(), json!(resources));
                }
                match (part, exempt) {
                    (Part::Identity, _) => None,
                    (Part::Endpoint, _) => statement.insert("Principal".to_owned(), json!("*")),
                    (Part::Resource, Some(exempt)) if !allow && own.0 != Kind::Role => {
                        statement.insert("NotPrincipal".to_owned(), exempt)
                    }
                    (Part::Resource, _) => statement.insert("Principal".to_owned(), principal),
                };
                if !conditions.is_empty() {
                    statement.insert("Condition".to_owned(), Value::Object(conditions));
                }
                Value::Object(statement)
            },
        )
}

/// Without variables: what NotResource leaves out must be known.
fn known(resources: &[String]) -> Value {
    resources.iter().map(|resource| resource.split("${").next().expect("a text")).collect()
}

fn actions(world: &World) -> impl Strategy<Value = Value> + use<> {
    let service = world.service();
    let pattern = select(vec!["*", "*", "Get", "Put", "GetTag", "Get*", "?et", "*Tag", "get", "Put*"]);
    let pattern = prop_oneof![
        8 => pattern.prop_map(move |name| format!("{service}:{name}")),
        1 => Just("*".to_owned()),
        1 => Just(format!("{}:G*", service.to_uppercase())),
    ];
    one_or_more(proptest::collection::vec(pattern, 1..3))
}

fn resources(world: &World) -> impl Strategy<Value = Vec<String>> + use<> {
    let prefix = world.prefix();
    let anywhere: String = match world.kind {
        Kind::Plain => "arn:*:s3:*:*:".to_owned(),
        Kind::Key => "arn:aws:kms:*:*:key/".to_owned(),
        Kind::Role => "arn:aws:iam::*:role/".to_owned(),
    };
    let name = || select(NAMES);
    let pattern = prop_oneof![
        6 => name().prop_map(move |name| format!("{prefix}{name}")),
        1 => name().prop_map(move |name| format!("{anywhere}{name}")),
        2 => Just("*".to_owned()),
    ];
    proptest::collection::vec(pattern, 1..3)
}

/// A list of one often stands as the one alone.
fn one_or_more(values: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = Value> {
    (values, any::<bool>()).prop_map(|(values, alone)| match values.as_slice() {
        [one] if alone => json!(one),
        several => json!(several),
    })
}

fn principals(who: &Who) -> impl Strategy<Value = Value> + use<> {
    let other = json!({ "AWS": [format!("arn:aws:iam::{OWN}:role/other"), format!("arn:aws:iam::{OTHER}:root")] });
    let mut choices = vec![json!("*"), other, json!({ "Service": "sns.amazonaws.com" })];
    match who {
        Who::Service { name } => {
            choices.extend([json!({ "Service": name }), json!({ "Service": ["sns.amazonaws.com", name] })]);
        }
        Who::Role { arn, .. } | Who::User { arn } => {
            let root = format!("arn:aws:iam::{OWN}:root");
            choices.extend([
                json!({ "AWS": "*" }),
                json!({ "AWS": arn }),
                json!({ "AWS": [arn] }),
                json!({ "AWS": who.session_arn() }),
                json!({ "AWS": root }),
                json!({ "AWS": OWN }),
                json!({ "AWS": [arn, &root], "Service": "sns.amazonaws.com" }),
                json!({ "AWS": who.session_arn().replace("/s1", "/s2") }),
            ]);
        }
    }
    select(choices)
}

/// Whom a NotPrincipal spares: the principal by all of its names, or others.
fn exempt(who: &Who) -> impl Strategy<Value = Option<Value>> + use<> {
    let all = match who {
        Who::Service { name } => json!({ "Service": name }),
        Who::Role { arn, .. } | Who::User { arn } => {
            json!({ "AWS": [who.session_arn(), arn, format!("arn:aws:iam::{OWN}:root")] })
        }
    };
    let others = json!({ "AWS": [format!("arn:aws:iam::{OTHER}:role/app"), format!("arn:aws:iam::{OTHER}:root")] });
    weighted(0.15, prop_oneof![4 => Just(all), 1 => Just(others)])
}
