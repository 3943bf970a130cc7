//! iam-simulate: many questions, one process.

use std::collections::BTreeMap;
use std::path::Path;

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
    let mut policies = Policies::default();
    let mut simulations: Vec<Value> = Vec::new();
    // Neighbours mostly share their situation.
    let mut last: Option<(&Situation, Value)> = None;
    for (situation, ask) in questions {
        let places = match last.take() {
            Some((before, places)) if std::ptr::eq(before, *situation) => places,
            _ => policies.places(situation),
        };
        simulations.push(simulation(&places, ask));
        last = Some((situation, places));
    }
    let asked = json!({ "policies": policies.documents, "simulations": simulations });
    std::fs::write(&file, spelt(&asked.to_string())).unwrap();
    let node = tools.join("node_modules/node/bin/node");
    let script = root().join("tests/tools/iam-simulate.cjs");
    let found = run(clean(node).arg(script).arg(tools).arg(&file)).done("iam-simulate").json();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), questions.len(), "an answer for each question");
    let answer = |answer: &Value| match answer["result"].as_str() {
        Some(result) => Ok(result == "Allowed"),
        None => Err(answer["cannot"].as_str().unwrap_or("it says nothing").to_owned()),
    };
    found.iter().map(answer).collect()
}

/// Documents, each once.
#[derive(Default)]
struct Policies {
    documents: Vec<Value>,
    places: BTreeMap<String, usize>,
}

impl Policies {
    /// Where the documents of a situation stand, by their parts.
    fn places(&mut self, situation: &Situation) -> Value {
        let mut of = |documents: &[Value]| documents.iter().map(|document| self.place(document)).collect::<Vec<_>>();
        json!({
            "account": situation.resource_account,
            "identity": of(&situation.identity),
            "boundary": situation.boundary.as_ref().map(|document| of(std::slice::from_ref(document))),
            "session": situation.session.as_ref().map(|document| of(std::slice::from_ref(document))),
            "resource": situation.resource.as_ref().map(|document| of(std::slice::from_ref(document))),
            "endpoint": situation.endpoint.as_ref().map(|document| of(std::slice::from_ref(document))),
        })
    }

    fn place(&mut self, document: &Value) -> usize {
        let next = self.documents.len();
        let place = *self.places.entry(document.to_string()).or_insert(next);
        if place == next {
            self.documents.push(document.clone());
        }
        place
    }
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

fn simulation(places: &Value, ask: &Ask) -> Value {
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
    json!({
        "policies": places,
        "request": {
            "principal": ask.who.session_arn(),
            "action": ask.action,
            "resource": { "resource": ask.resource, "accountId": places["account"] },
            "contextVariables": context,
        },
    })
}
