//! The policy engine against what AWS's documentation says of single requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use isolation::iam::{Question, decide, search};
use serde_json::Value;
use support::corpus::Case;
use support::{Ask, Situation};

fn cases() -> Vec<Case> {
    support::corpus::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/cases"))
}

/// The cases for which `wrong` has something to say.
fn all(wrong: impl Fn(&Case) -> Option<String>) {
    let wrong: Vec<String> =
        cases().iter().filter_map(|case| Some(format!("{}: {} ({})", case.name, wrong(case)?, case.doc))).collect();
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
