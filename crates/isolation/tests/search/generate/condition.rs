//! Random condition blocks, and the values that the keys have in requests.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A key, how it is written in policies, the values that requests give it, and what policies compare it with.
struct Key {
    name: &'static str,
    /// Operators without IfExists and without a set operator.
    operators: &'static [&'static str],
    /// None where AWS itself gives the value.
    found: Option<&'static [&'static [&'static str]]>,
    wanted: &'static [&'static str],
    /// Whether a request can give it several values: set operators only.
    several: bool,
}

const STRINGS: &[&str] = &[
    "StringEquals",
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const NUMBERS: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATES: &[&str] =
    &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"];
const ARNS: &[&str] = &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];

const TEXTS: &[&str] = &[
    "a",
    "b",
    "A",
    "ab",
    "*",
    "a*",
    "?b",
    "a",
    "b",
    "${aws:PrincipalTag/T}",
    "${s3:prefix}",
    "a${aws:PrincipalTag/T}",
    "${aws:PrincipalTag/T, 'a'}",
    "${*}",
];

const KEYS: &[Key] = &[
    Key {
        name: "aws:PrincipalTag/T",
        operators: STRINGS,
        found: Some(&[&["a"], &["b"], &["ab"], &["A"], &["*"], &["a*"]]),
        wanted: TEXTS,
        several: false,
    },
    Key {
        name: "s3:prefix",
        operators: STRINGS,
        found: Some(&[&["a"], &["b"], &["ab"], &["a/b"], &["*"]]),
        wanted: TEXTS,
        several: false,
    },
    Key {
        name: "aws:TagKeys",
        operators: STRINGS,
        found: Some(&[&["a"], &["b"], &["a", "b"], &["a", "c"], &["a", "b", "c"], &["ab"]]),
        wanted: TEXTS,
        several: true,
    },
    Key {
        name: "aws:SecureTransport",
        operators: &["Bool"],
        found: Some(&[&["true"], &["false"]]),
        wanted: &["true", "false"],
        several: false,
    },
    Key {
        name: "s3:max-keys",
        operators: NUMBERS,
        found: Some(&[&["1"], &["2"], &["3"], &["2.5"], &["10"]]),
        wanted: &["1", "2", "3", "10"],
        several: false,
    },
    Key {
        name: "aws:CurrentTime",
        operators: DATES,
        found: Some(&[&["2020-01-01T00:00:00Z"], &["2020-06-01T12:00:00Z"], &["2021-01-01T00:00:00Z"]]),
        wanted: &["2020-01-01T00:00:00Z", "2020-06-01T14:00:00+02:00", "2021-01-01T00:00:00Z"],
        several: false,
    },
    Key {
        name: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress"],
        found: Some(&[&["10.0.0.1"], &["10.1.2.3"], &["192.168.0.1"], &["2001:db8::1"]]),
        wanted: &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0"],
        several: false,
    },
    Key {
        name: "aws:SourceArn",
        operators: ARNS,
        found: Some(&[
            &["arn:aws:sns:us-east-1:111111111111:a"],
            &["arn:aws:sns:us-east-1:222222222222:a"],
            &["arn:aws:sqs:us-east-1:111111111111:b"],
        ]),
        wanted: &[
            "arn:aws:sns:*:111111111111:*",
            "arn:aws:sns:us-east-1:111111111111:${aws:PrincipalTag/T}",
            "arn:aws:*:us-east-1:*:a",
            "arn:aws:sqs:us-east-?:111111111111:b",
        ],
        several: false,
    },
    Key {
        name: "aws:PrincipalArn",
        operators: ARNS,
        found: None,
        wanted: &[
            "arn:aws:iam::111111111111:role/app",
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:iam::111111111111:user/${aws:PrincipalTag/T}",
            "arn:aws:iam::*:user/u",
        ],
        several: false,
    },
    Key {
        name: "aws:PrincipalAccount",
        operators: &["StringEquals", "StringNotEquals"],
        found: None,
        wanted: &["111111111111", "222222222222"],
        several: false,
    },
    Key {
        name: "aws:PrincipalIsAWSService",
        operators: &["Bool"],
        found: None,
        wanted: &["true", "false"],
        several: false,
    },
];

/// A condition block of up to two conditions.
pub(super) fn conditions() -> impl Strategy<Value = Map<String, Value>> {
    let some = prop_oneof![3 => 0..1_usize, 3 => 1..2_usize, 2 => 2..3_usize];
    some.prop_flat_map(|count| proptest::collection::vec(condition(), count)).prop_map(|conditions| {
        let mut block = Map::new();
        for (operator, key, values) in conditions {
            let keys = block.entry(operator).or_insert_with(|| json!({}));
            keys.as_object_mut().expect("an object").entry(key).or_insert(values);
        }
        block
    })
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    // The tag is what matters most here.
    let index = prop_oneof![3 => Just(0), 1 => Just(1), 1 => Just(2), 3 => 0..KEYS.len()];
    index.prop_flat_map(|index| {
        let key = &KEYS[index];
        let set = if key.several {
            select(vec!["ForAllValues:", "ForAnyValue:"])
        } else {
            select(vec!["", "", "", "", "", "", "ForAllValues:", "ForAnyValue:"])
        };
        let compared = (select(key.operators), set, 0..4, proptest::collection::vec(select(key.wanted), 1..3))
            .prop_map(|(operator, set, if_exists, wanted)| {
                // What ForAnyValue with IfExists means is not documented.
                let if_exists = if if_exists == 0 && set != "ForAnyValue:" { "IfExists" } else { "" };
                (format!("{set}{operator}{if_exists}"), json!(wanted))
            });
        let presence = any::<bool>().prop_map(|missing| ("Null".to_owned(), json!(missing.to_string())));
        let name = select(vec![key.name.to_owned(), key.name.to_owned(), key.name.to_uppercase()]);
        (prop_oneof![6 => compared, 1 => presence], name)
            .prop_map(|((operator, values), name)| (operator, name, values))
    })
}

/// The keys that requests give values, with the values.
pub(super) fn domains() -> impl Iterator<Item = (&'static str, &'static [&'static [&'static str]])> {
    KEYS.iter().filter_map(|key| Some((key.name, key.found?)))
}
