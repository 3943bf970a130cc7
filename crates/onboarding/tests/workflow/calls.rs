//! `calls.json`, against which the isolation proof holds the role's policy, and the code say the same.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// What makes a call, and the action that IAM asks for. A transaction needs the permission of each of its parts.
const CALLS: [(&str, &str); 4] = [
    ("self.client.batch_get_item()", "dynamodb:BatchGetItem"),
    ("Delete::builder()", "dynamodb:DeleteItem"),
    ("Put::builder()", "dynamodb:PutItem"),
    ("self.client.query()", "dynamodb:Query"),
];

fn sources(directory: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text.split_whitespace().collect()));
        }
    }
}

#[test]
fn calls_json_lists_the_calls_that_the_code_makes_and_no_others() {
    let mut code = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    for (path, text) in code {
        assert!(!text.contains(".send()"), "{path} calls AWS; only the registry's store does");
    }
    let store = include_str!("../../../registry/src/store/dynamodb.rs");
    let text: String = store.split_whitespace().collect();
    let made: BTreeSet<&str> =
        CALLS.into_iter().filter(|(call, _)| text.contains(call)).map(|(_, action)| action).collect();
    let listed: Vec<Value> = serde_json::from_str(include_str!("../../calls.json")).unwrap();
    let actions: BTreeSet<&str> = listed.iter().map(|call| call["action"].as_str().unwrap()).collect();
    assert_eq!(made, actions);
    assert!(listed.iter().all(|call| call["resource"] == "aws_dynamodb_table.registry" && call["why"] != ""));
    // Every operation of the client is one of them, or the transaction that holds the others.
    let known = ["batch_get_item", "query", "transact_write_items"];
    let operations: Vec<&str> =
        text.split("self.client.").skip(1).map(|after| after.split('(').next().unwrap()).collect();
    assert!(operations.iter().all(|operation| known.contains(operation)) && operations.len() == 3, "{operations:?}");
    for part in ["Update::builder()", "ConditionCheck::builder()"] {
        assert!(!text.contains(part), "{part} needs an action that is not listed");
    }
}
