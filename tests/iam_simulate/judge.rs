//! iam-simulate: many questions, one process.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::oracle::{Ask, Situation};
use crate::support::app::{clean, run};
use crate::support::root;

/// What it says: allowed or not, or why it cannot say.
pub(super) type Answer = Result<bool, String>;

/// The answers, in the order of the questions.
pub(super) fn answers(tools: &Path, questions: &[(&Situation, &Ask)]) -> Vec<Answer> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("questions.json");
    let simulations: Vec<Value> = questions.iter().map(|(situation, ask)| simulation(situation, ask)).collect();
    std::fs::write(&file, spelt(&json!(simulations).to_string())).unwrap();
    let node = tools.join("node_modules/node/bin/node");
    let script: PathBuf = root().join("tests/tools/iam-simulate.cjs");
    let found = run(clean(node).arg(script).arg(tools).arg(&file)).done("iam-simulate").json();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), questions.len(), "an answer for each question");
    let answer = |answer: &Value| match answer["result"].as_str() {
        Some(result) => Ok(result == "Allowed"),
        None => Err(answer["cannot"].as_str().unwrap_or("it says nothing").to_owned()),
    };
    found.iter().map(answer).collect()
}

/// It does not know the family of keys `kms:EncryptionContext:…`. A key's name means nothing to the evaluation, so another of the
/// same type stands for it.
fn spelt(questions: &str) -> String {
    let mut spelt = String::new();
    let mut rest = questions;
    while let Some((before, key)) = rest.split_once("kms:EncryptionContext:") {
        let (name, after) = key.split_once('"').expect("a key ends");
        spelt += &format!("{before}aws:RequestTag/EncryptionContext-{}\"", name.replace(':', "-"));
        rest = after;
    }
    spelt + rest
}

fn simulation(situation: &Situation, ask: &Ask) -> Value {
    let mut context = json!({});
    for (key, value) in ask.who.keys() {
        context[key] = json!(value);
    }
    for (key, values) in &ask.context {
        context[key] = match values.as_slice() {
            [one] => json!(one),
            several => json!(several),
        };
    }
    let named = |document: &Value| json!({ "name": "policy", "policy": document });
    let numbered = |(at, document): (usize, &Value)| json!({ "name": format!("policy{at}"), "policy": document });
    let mut simulation = json!({
        "request": {
            "principal": ask.who.session_arn(),
            "action": ask.action,
            "resource": { "resource": ask.resource, "accountId": situation.resource_account },
            "contextVariables": context,
        },
        "identityPolicies": situation.identity.iter().enumerate().map(numbered).collect::<Vec<_>>(),
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    });
    let parts = [
        ("sessionPolicy", situation.session.clone()),
        ("resourcePolicy", situation.resource.clone()),
        ("permissionBoundaryPolicies", situation.boundary.as_ref().map(|boundary| json!([named(boundary)]))),
        ("vpcEndpointPolicies", situation.endpoint.as_ref().map(|endpoint| json!([named(endpoint)]))),
    ];
    for (part, policy) in parts {
        if let Some(policy) = policy {
            simulation[part] = policy;
        }
    }
    simulation
}
