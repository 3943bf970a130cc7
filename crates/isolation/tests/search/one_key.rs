//! Many conditions on one key, in what allows and in what denies, against every value that could matter.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::support::{Ask, Situation, Who};

/// A kind of key: its operators, the values of policies, and enough values of requests to meet or fail any mixture of them.
struct Kind {
    key: &'static str,
    operators: &'static [&'static str],
    wanted: &'static [&'static str],
    found: fn() -> Vec<String>,
    /// Whether requests give it several values.
    several: bool,
}

const TEXTS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "StringLike",
    "StringNotLike",
];

const KINDS: &[Kind] = &[
    Kind {
        key: "s3:prefix",
        operators: TEXTS,
        wanted: &["a", "b", "A", "ab", "a*", "*b", "?", "??", "*", "a?", "*a*"],
        found: || words(&['a', 'b', 'A', 'c'], 3),
        several: false,
    },
    Kind {
        key: "aws:TagKeys",
        operators: TEXTS,
        wanted: &["a", "b", "a*", "?b", "ab", "*"],
        found: || ["a", "b", "ab", "bb", "c", "aa"].map(str::to_owned).to_vec(),
        several: true,
    },
    Kind {
        key: "s3:max-keys",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        wanted: &["1", "2", "3"],
        found: || ["0", "1", "1.5", "2", "2.5", "3", "4", "-"].map(str::to_owned).to_vec(),
        several: false,
    },
    Kind {
        key: "aws:CurrentTime",
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        wanted: &["2020-01-01T00:00:00Z", "2020-06-01T14:00:00+02:00", "2021-01-01T00:00:00Z"],
        found: || {
            [
                "2019-01-01T00:00:00Z",
                "2020-01-01T00:00:00Z",
                "2020-03-01T00:00:00Z",
                "2020-06-01T12:00:00Z",
                "2020-08-01T00:00:00Z",
                "2021-01-01T00:00:00Z",
                "2022-01-01T00:00:00Z",
            ]
            .map(str::to_owned)
            .to_vec()
        },
        several: false,
    },
    Kind {
        key: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress"],
        wanted: &[
            "10.0.0.0/8",
            "10.0.0.0/9",
            "10.255.0.0/16",
            "10.255.0.0/17",
            "10.1.2.3",
            "2001:db8::/32",
            "0.0.0.0/0",
            "::/0",
        ],
        found: || {
            [
                "9.255.255.255",
                "10.0.0.0",
                "10.1.2.2",
                "10.1.2.3",
                "10.1.2.4",
                "10.127.255.255",
                "10.128.0.0",
                "10.254.255.255",
                "10.255.0.0",
                "10.255.127.255",
                "10.255.128.0",
                "10.255.255.255",
                "11.0.0.0",
                "2001:db8::1",
                "2001:db9::1",
                "::",
            ]
            .map(str::to_owned)
            .to_vec()
        },
        several: false,
    },
    Kind {
        key: "aws:SourceArn",
        operators: &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
        wanted: &["arn:aws:*:*:1:a", "arn:aws:s*:r:*:a", "arn:aws:sns:r?:1:*", "arn:aws:sns:r:1:a", "arn:*:*:*:*:*"],
        found: || {
            let regions = ["r", "rr", "x"];
            let services = ["sns", "sqs", "ec2"];
            let all = services.iter().flat_map(|service| regions.iter().map(move |region| (service, region)));
            all.flat_map(|(service, region)| {
                [("1", "a"), ("1", "b"), ("2", "a"), ("2", "b")]
                    .map(|(account, name)| format!("arn:aws:{service}:{region}:{account}:{name}"))
            })
            .collect()
        },
        several: false,
    },
    Kind {
        key: "aws:SecureTransport",
        operators: &["Bool"],
        wanted: &["true", "false"],
        found: || ["true", "false"].map(str::to_owned).to_vec(),
        several: false,
    },
];

/// Every word of up to so many letters.
pub(crate) fn words(letters: &[char], most: usize) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut last = found.clone();
    for _ in 0..most {
        last = last.iter().flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}"))).collect();
        found.extend(last.iter().cloned());
    }
    found.retain(|word| !word.is_empty());
    found
}

/// Policies that speak of one key, and every context of it.
#[derive(Debug)]
pub(crate) struct Game {
    pub(crate) situation: Situation,
    pub(crate) asks: Vec<Ask>,
}

/// A game on one key.
pub(crate) fn games() -> impl Strategy<Value = Game> {
    (0..KINDS.len()).prop_flat_map(|index| {
        let kind = &KINDS[index];
        let statement = |effect: &'static str, conditions: std::ops::Range<usize>| {
            proptest::collection::vec(condition(kind), conditions).prop_map(move |conditions| {
                let mut block = Map::new();
                for (operator, values) in conditions {
                    block.insert(operator, json!({ kind.key: values }));
                }
                json!({ "Effect": effect, "Action": "*", "Resource": "*", "Condition": block })
            })
        };
        let allows = proptest::collection::vec(statement("Allow", 1..4), 1..3);
        let limit = proptest::option::weighted(0.3, statement("Allow", 1..3));
        let denies = proptest::collection::vec(statement("Deny", 1..3), 0..4);
        (allows, limit, denies).prop_map(|(allows, limit, denies)| {
            let document = |statements: Vec<Value>| json!({ "Version": "2012-10-17", "Statement": statements });
            let situation = Situation {
                identity: vec![document(allows), document(denies)],
                boundary: limit.map(|limit| document(vec![limit])),
                resource_account: "111111111111".to_owned(),
                ..Situation::default()
            };
            Game { situation, asks: contexts(kind).into_iter().map(|values| ask(kind, values)).collect() }
        })
    })
}

fn condition(kind: &'static Kind) -> impl Strategy<Value = (String, Value)> {
    let sets = if kind.several { vec!["ForAllValues:", "ForAnyValue:"] } else { vec![""] };
    let compared = (select(kind.operators), select(sets), 0..5, proptest::collection::vec(select(kind.wanted), 1..3));
    let compared = compared.prop_map(|(operator, set, if_exists, wanted)| {
        let if_exists = if if_exists == 0 && set != "ForAnyValue:" { "IfExists" } else { "" };
        (format!("{set}{operator}{if_exists}"), json!(wanted))
    });
    let presence = any::<bool>().prop_map(|missing| ("Null".to_owned(), json!(missing.to_string())));
    prop_oneof![8 => compared, 1 => presence]
}

/// The absent key, each value, and where a request can give several, each set of up to four.
fn contexts(kind: &Kind) -> Vec<Vec<String>> {
    let found = (kind.found)();
    if !kind.several {
        return std::iter::once(Vec::new()).chain(found.into_iter().map(|value| vec![value])).collect();
    }
    let sets = 0_u32..1 << found.len();
    let members =
        |set: u32| found.iter().enumerate().filter(move |(bit, _)| set >> bit & 1 == 1).map(|(_, value)| value);
    sets.filter(|set| set.count_ones() <= 4).map(|set| members(set).cloned().collect()).collect()
}

fn ask(kind: &Kind, values: Vec<String>) -> Ask {
    Ask {
        who: Who::Role { arn: "arn:aws:iam::111111111111:role/app".to_owned(), session: "s1".to_owned() },
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::a/b".to_owned(),
        context: Some(values)
            .filter(|values| !values.is_empty())
            .map(|values| (kind.key.to_owned(), values))
            .into_iter()
            .collect(),
    }
}
