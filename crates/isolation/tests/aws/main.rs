//! The policy engine against what AWS's documentation says of single requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test uses its part of what they share")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use isolation::iam::{Question, decide, search};
use serde_json::Value;
use support::corpus::Case;
use support::{Ask, Situation};

fn read(folder: &str) -> Vec<Case> {
    support::corpus::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws").join(folder))
}

fn cases() -> Vec<Case> {
    read("cases")
}

/// The cases for which `wrong` has something to say.
fn all(wrong: impl Fn(&Case) -> Option<String>) {
    none(&cases(), wrong);
}

fn none(cases: &[Case], wrong: impl Fn(&Case) -> Option<String>) {
    let wrong: Vec<String> =
        cases.iter().filter_map(|case| Some(format!("{}: {} ({})", case.name, wrong(case)?, case.doc))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_has_a_name_of_its_own_and_most_sections_both_answers() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() > 400, "{}", cases.len());
    let allowed = cases.iter().filter(|case| case.allowed).count();
    assert!(allowed > 150 && cases.len() - allowed > 150, "{allowed} of {}", cases.len());
}

#[test]
fn the_engine_decides_every_case_as_documented() {
    all(|case| {
        let decision = decide(&case.situation.policies(), &case.ask.request());
        (decision.allowed != case.allowed).then(|| format!("allowed is {}, it says {}", case.allowed, decision.reason))
    });
}

/// The family of just this request: every key is known, those that policies speak of and the request does not say as absent.
fn only(situation: &Situation, ask: &Ask) -> Question {
    let given: BTreeSet<String> = ask.who.keys().into_iter().map(|(key, _)| key.to_lowercase()).collect();
    let absent = situation.documents().flat_map(keys).map(|key| key.to_lowercase());
    let mut known: BTreeMap<String, Vec<Option<Vec<String>>>> =
        absent.filter(|key| !given.contains(key)).map(|key| (key, vec![None])).collect();
    for (key, values) in &ask.context {
        let values = Some(values.clone()).filter(|values| !values.is_empty());
        known.insert(key.to_lowercase(), vec![values]);
    }
    Question {
        principal: ask.who.principal(),
        actions: vec![ask.action.clone()],
        resources: vec![ask.resource.clone()],
        known,
    }
}

/// The keys of conditions and variables.
fn keys(document: &Value) -> Vec<String> {
    fn variables(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => {
                let inside = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
                found.extend(inside.map(|(variable, _)| variable.split(", ").next().unwrap().to_owned()));
            }
            Value::Array(values) => values.iter().for_each(|value| variables(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| variables(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    variables(document, &mut found);
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    for statement in statements {
        let blocks = statement["Condition"].as_object().into_iter().flatten();
        found.extend(blocks.flat_map(|(_, keys)| keys.as_object().unwrap().keys().cloned().collect::<Vec<_>>()));
    }
    found
}

/// The cases in which the search finds a way although there is none, on purpose: it relies on less than AWS documents.
const WIDER: &[(&str, &str)] = &[(
    "principals: NotPrincipal with Deny, session, role and account are named, and the role has a permissions boundary",
    "that NotPrincipal denies whoever has a boundary is what AWS warns of as of a flaw; nobody should rely on it",
)];

/// "Whatever the concrete one allows, the symbolic one must report", and where all is known nothing else.
#[test]
fn a_search_for_just_the_request_finds_it_when_it_is_allowed_and_nothing_when_it_is_not() {
    all(|case| {
        let found = search(&case.situation.policies(), &only(&case.situation, &case.ask));
        let expected = case.allowed || WIDER.iter().any(|(name, _)| *name == case.name);
        (found.is_some() != expected).then(|| format!("found is {found:?}"))
    });
}

/// With nothing known of the context, the search still finds what is allowed.
#[test]
fn a_search_with_a_free_context_finds_every_request_that_is_allowed() {
    all(|case| {
        let question = Question { known: BTreeMap::new(), ..only(&case.situation, &case.ask) };
        let missed = case.allowed && search(&case.situation.policies(), &question).is_none();
        missed.then(|| "allowed, and not found".to_owned())
    });
}

/// Open questions in which the search relies on one answer all the same, and why.
const RELIED_ON: &[(&str, &str)] = &[
    (
        "doubtful: Wildcards that may expand beyond a colon, an allow with one field less and a variable",
        "a resource with a variable is read field by field; in what Palisade writes every ARN has its six fields",
    ),
    (
        "doubtful: Wildcards that may expand beyond a colon, a wildcard that ends a field, and a variable behind",
        "a resource with a variable is read field by field; in what Palisade writes every ARN has its six fields",
    ),
    (
        "doubtful: Incomplete ARNs outside of identity policies, a deny of the resource's policy",
        "the completion is documented for identity policies, and taken for those of resources too",
    ),
    (
        "doubtful: Principals in other spellings, a role in other case, in an allow",
        "AWS does not save a policy that names a role that there is not",
    ),
    (
        "doubtful: Principals in other spellings, every session of the role by a wildcard, in an allow",
        "`you cannot use a wildcard to match part of a principal name or ARN`: AWS does not save it",
    ),
    (
        "doubtful: Principals in other spellings, every role by a wildcard, in an allow",
        "`you cannot use a wildcard to match part of a principal name or ARN`: AWS does not save it",
    ),
    (
        "doubtful: Principals in other spellings, AWS: * for a service, in a deny",
        "the two spellings of everyone are taken as equal, as they are for anonymous users",
    ),
    (
        "doubtful: Several values without a set operator, an allow, negated, one of them is meant",
        "none of several values may be one of the policy's",
    ),
    (
        "doubtful: Several values without a set operator, a deny, one of them is meant",
        "one of several values is enough",
    ),
    (
        "doubtful: Several values without a set operator, a deny, negated, none of them is meant",
        "none of several values may be one of the policy's",
    ),
    (
        "doubtful: Values that are of no such type, a number that is none, negated, in a deny",
        "what is no number is not the number",
    ),
    (
        "doubtful: Values that are of no such type, an address that is none, negated, in a deny",
        "what is no address is not in the block",
    ),
    ("doubtful: Values that are of no such type, a boolean that is none, in a deny", "texts are compared as they are"),
];

/// What the documentation leaves open may be allowed: the search, on which the proof rests, has to find it.
#[test]
fn a_search_finds_what_aws_might_allow_where_its_documentation_leaves_it_open() {
    none(&read("doubtful"), |case| {
        let found = search(&case.situation.policies(), &only(&case.situation, &case.ask)).is_some();
        match (found, RELIED_ON.iter().any(|(name, _)| *name == case.name)) {
            (false, false) => Some("not found".to_owned()),
            (true, true) => Some("found, so that it stands in RELIED_ON no longer".to_owned()),
            _ => None,
        }
    });
}
