//! Random situations and questions over small alphabets, so that patterns, conditions, variables, denies and limits meet often.
//! What AWS does not document (a variable without a value in NotResource, a single-valued operator on several values …) is left out.

mod condition;
pub(crate) mod question;
mod statement;

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::{Kind, Situation, Who};
use statement::Part;

/// The principals' account.
pub(crate) const OWN: &str = "111111111111";
/// The other account.
pub(crate) const OTHER: &str = "222222222222";

/// Where a random situation plays.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) who: Who,
    pub(crate) kind: Kind,
    pub(crate) resource_account: &'static str,
}

impl World {
    /// The service's prefix of actions.
    pub(crate) fn service(&self) -> &'static str {
        match self.kind {
            Kind::Plain => "s3",
            Kind::Key => "kms",
            Kind::Role => "sts",
        }
    }

    /// What stands before the name in the resources' ARNs.
    pub(crate) fn prefix(&self) -> String {
        match self.kind {
            Kind::Plain => "arn:aws:s3:::".to_owned(),
            Kind::Key => format!("arn:aws:kms:us-east-1:{}:key/", self.resource_account),
            Kind::Role => format!("arn:aws:iam::{}:role/", self.resource_account),
        }
    }

    /// The world's actions.
    pub(crate) fn actions(&self) -> Vec<String> {
        ["Get", "Put", "GetTag"].iter().map(|name| format!("{}:{name}", self.service())).collect()
    }
}

/// A world.
pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let who = prop_oneof![
        5 => Just(Who::Role { arn: format!("arn:aws:iam::{OWN}:role/app"), session: "s1".to_owned() }),
        1 => Just(Who::Role { arn: format!("arn:aws:iam::{OWN}:role/path/app"), session: "s1".to_owned() }),
        2 => Just(Who::User { arn: format!("arn:aws:iam::{OWN}:user/u") }),
        1 => Just(Who::Service { name: "events.amazonaws.com".to_owned() }),
    ];
    let kind = prop_oneof![3 => Just(Kind::Plain), 2 => Just(Kind::Key), 1 => Just(Kind::Role)];
    let account = prop_oneof![3 => Just(OWN), 1 => Just(OTHER)];
    (who, kind, account).prop_map(|(who, kind, resource_account)| World { who, kind, resource_account })
}

/// What applies in a world.
pub(crate) fn situations(world: &World) -> impl Strategy<Value = Situation> + use<> {
    let limit = || {
        let everything = weighted(0.7, Just(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })));
        (everything, policies(world, Part::Identity, 0..3)).prop_map(|(everything, rest)| with(everything, rest))
    };
    let pass = weighted(0.8, Just(json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" })));
    let endpoint = (pass, policies(world, Part::Endpoint, 0..3)).prop_map(|(everything, rest)| with(everything, rest));
    // A service has no policies of its own, and only roles have session policies here.
    let (own_policies, sessions) = (!matches!(world.who, Who::Service { .. }), matches!(world.who, Who::Role { .. }));
    let own = if world.kind == Kind::Plain { 0.6 } else { 0.95 };
    let (resource_account, kind) = (world.resource_account.to_owned(), world.kind);
    (
        proptest::collection::vec(policies(world, Part::Identity, 1..4), 0..3),
        weighted(0.35, limit()),
        weighted(0.2, limit()),
        weighted(own, policies(world, Part::Resource, 1..4)),
        weighted(0.2, endpoint),
    )
        .prop_map(move |(identity, boundary, session, resource, endpoint)| Situation {
            identity: identity.into_iter().filter(|_| own_policies).collect(),
            boundary: boundary.filter(|_| own_policies),
            session: session.filter(|_| sessions),
            resource,
            endpoint,
            resource_account: resource_account.clone(),
            kind,
        })
}

/// The statement before those of a policy.
fn with(first: Option<Value>, mut policy: Value) -> Value {
    let statements = policy["Statement"].as_array_mut().expect("a list");
    statements.splice(0..0, first);
    policy
}

/// A policy; rarely one of the old version, in which a variable is a text like others.
fn policies(world: &World, part: Part, size: std::ops::Range<usize>) -> impl Strategy<Value = Value> + use<> {
    let version = select(vec!["2012-10-17", "2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]);
    (version, proptest::collection::vec(statement::statements(world, part), size)).prop_map(|(version, statements)| {
        let policy = json!({ "Version": version, "Statement": statements });
        if version == "2012-10-17" {
            return policy;
        }
        // A wildcard inside what is no variable: not documented.
        serde_json::from_str(&policy.to_string().replace("${*}", "a").replace("${?}", "a")).expect("JSON")
    })
}
