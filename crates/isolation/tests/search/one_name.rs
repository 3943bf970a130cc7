//! Many patterns of resources, in what allows, limits and denies, against every short name.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::one_key::words;
use crate::support::{Ask, Situation, Who};

const PREFIX: &str = "arn:aws:s3:::";

/// Policies that speak of resources alone, patterns to ask for, and every request.
#[derive(Debug)]
pub(crate) struct Game {
    pub(crate) situation: Situation,
    pub(crate) resources: Vec<String>,
    pub(crate) asks: Vec<Ask>,
}

/// A game on the resource's name.
pub(crate) fn games() -> impl Strategy<Value = Game> {
    let allows = proptest::collection::vec(statement("Allow"), 1..3);
    let limit = proptest::option::weighted(0.4, statement("Allow"));
    let denies = proptest::collection::vec(statement("Deny"), 0..4);
    (allows, limit, denies, patterns()).prop_map(|(allows, limit, denies, resources)| {
        let document = |statements: Vec<Value>| json!({ "Version": "2012-10-17", "Statement": statements });
        let situation = Situation {
            identity: vec![document(allows), document(denies)],
            boundary: limit.map(|limit| document(vec![limit])),
            resource_account: "111111111111".to_owned(),
            ..Situation::default()
        };
        Game { situation, resources, asks: words(&['a', 'b', 'c'], 4).into_iter().map(ask).collect() }
    })
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    (any::<u8>(), patterns()).prop_map(move |(which, patterns)| {
        let element = if which % 4 == 0 { "NotResource" } else { "Resource" };
        json!({ "Effect": effect, "Action": "*", element: patterns })
    })
}

fn patterns() -> impl Strategy<Value = Vec<String>> {
    let name = proptest::collection::vec(select(vec!['a', 'b', '*', '?', 'a', 'b', '*']), 1..4);
    let pattern = name.prop_map(|name| format!("{PREFIX}{}", name.into_iter().collect::<String>()));
    proptest::collection::vec(pattern, 1..3)
}

fn ask(name: String) -> Ask {
    Ask {
        who: Who::Role { arn: "arn:aws:iam::111111111111:role/app".to_owned(), session: "s1".to_owned() },
        action: "s3:GetObject".to_owned(),
        resource: format!("{PREFIX}{name}"),
        context: BTreeMap::new(),
    }
}
