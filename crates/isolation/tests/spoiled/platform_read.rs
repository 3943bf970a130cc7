//! "The proof covers the platform stack and the deployer roles with no unknown": nothing of the platform's policies is unknown, and none is passed
//! over.

use std::collections::BTreeSet;

use isolation::Rule;
use serde_json::{Value, json};

use crate::fleet::{Fleet, PLATFORM};

/// The fields that hold a policy.
const FIELDS: [&str; 3] = ["assume_role_policy", "policy", "policy_document"];

/// Every resource of the platform's stack with a field that holds a policy, by address.
fn policies(golden: &Fleet) -> Vec<(String, &'static str)> {
    let kinds = golden.stacks[PLATFORM]["resource"].as_object().expect("resources");
    let mut found = Vec::new();
    for (kind, bodies) in kinds {
        for (id, body) in bodies.as_object().expect("resources of a type") {
            let fields = body.as_object().expect("a resource is an object");
            for (name, value) in fields {
                let field = FIELDS.iter().find(|field| *field == name);
                let is_policy = value.as_str().is_some_and(|text| text.contains("\"Statement\""));
                assert!(
                    !is_policy || field.is_some(),
                    "{kind}.{id} has a policy in `{name}`, which nobody looks at here"
                );
                found.extend(field.map(|field| (format!("{kind}.{id}"), *field)));
            }
        }
    }
    found
}

#[test]
fn every_policy_of_the_platform_is_read_and_nothing_in_it_is_unknown() {
    let golden = Fleet::golden();
    let verdict = golden.verdict();
    assert!(verdict.proved() && verdict.findings.is_empty(), "{verdict}");
    let policies = policies(&golden);
    for (address, field) in &policies {
        // One that could not be read, or has an element that the proof does not know, would be told.
        for unknown in [json!("${var.policy}"), doubtful(&golden, address, field)] {
            let mut fleet = golden.clone();
            fleet.at(PLATFORM, address).set(field, unknown);
            let verdict = fleet.verdict();
            let told =
                verdict.findings.iter().any(|finding| finding.rule == Rule::FullyRead && finding.resource == *address);
            assert!(told, "{address}.{field} can be spoiled, and the proof does not tell:\n{verdict}");
        }
    }
    let read: BTreeSet<&str> = policies.iter().map(|(address, _)| address.as_str()).collect();
    for role in ["deployer", "onboarding", "onboarding_function", "runner", "starter"] {
        assert!(read.contains(format!("aws_iam_role.{role}").as_str()), "the trust of {role}");
    }
    let of_deployer = read.iter().filter(|address| address.starts_with("aws_iam_policy.deployer")).count();
    assert_eq!(of_deployer, 6, "the deployer's five policies and its boundary");
}

/// A policy with a statement more, of an element that AWS does not have.
fn doubtful(golden: &Fleet, address: &str, field: &str) -> Value {
    let pointer = format!("/resource/{}/{field}", address.replace('.', "/"));
    let text = golden.stacks[PLATFORM].pointer(&pointer).and_then(Value::as_str).expect("a policy");
    let mut policy: Value = serde_json::from_str(text).expect("a policy is JSON");
    policy["Statement"][0]["Conditions"] = json!({});
    Value::String(policy.to_string())
}
