//! `calls.json` tells the isolation proof which calls this crate makes; it is held against the code here.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// What makes a call, and the action that IAM asks for.
const CALLS: [(&str, &str); 10] = [
    (".batch_get_item()", "dynamodb:BatchGetItem"),
    (".batch_write_item()", "dynamodb:BatchWriteItem"),
    (".delete_item()", "dynamodb:DeleteItem"),
    (".get_item()", "dynamodb:GetItem"),
    (".put_item()", "dynamodb:PutItem"),
    (".query()", "dynamodb:Query"),
    (".update_item()", "dynamodb:UpdateItem"),
    // A transaction needs the permission of each of its parts.
    ("Put::builder()", "dynamodb:PutItem"),
    ("Update::builder()", "dynamodb:UpdateItem"),
    ("ConditionCheck::builder()", "dynamodb:ConditionCheckItem"),
];

fn sources(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if !path.ends_with("table/calls.rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

fn code() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn listed() -> Vec<Value> {
    serde_json::from_str(include_str!("../../calls.json")).unwrap()
}

#[test]
fn calls_json_lists_the_calls_that_the_code_makes_and_no_others() {
    let code = code();
    let made: BTreeSet<&str> = CALLS
        .into_iter()
        .filter(|(call, _)| code.iter().any(|(_, text)| text.contains(call)))
        .map(|(_, action)| action)
        .collect();
    let listed = listed();
    let actions: BTreeSet<&str> = listed.iter().map(|call| call["action"].as_str().unwrap()).collect();
    assert_eq!(made, actions);
    for call in &listed {
        assert_eq!(call["resource"], "aws_dynamodb_table.metadata", "{call}");
        assert_eq!(call["path"], "", "{call}");
        assert_eq!(call["context"]["dynamodb:LeadingKeys"], serde_json::json!(["{tenant_id}"]), "{call}");
        assert!(call["why"].as_str().is_some_and(|why| !why.is_empty()), "{call}");
    }
}

/// Every operation of the client is one that [`CALLS`] knows, and nothing outside `table` has a client.
#[test]
fn every_operation_of_the_client_is_known() {
    let known: BTreeSet<&str> = CALLS.into_iter().map(|(call, _)| call).chain([".transact_write_items()"]).collect();
    let mut seen = 0;
    for (path, text) in code() {
        let text: String = text.split_whitespace().collect();
        for after in text.split("self.client").skip(1) {
            let call = after.split_inclusive(')').next().unwrap();
            assert!(known.contains(call), "{path}: `{call}` is no known operation");
            seen += 1;
        }
        assert!(path.contains("/table/") || !text.contains("dynamodb::Client"), "{path} has a client of its own");
        for other in ["aws_sdk_", "aws_config"] {
            let foreign = text.split(other).skip(1).any(|after| !after.starts_with("dynamodb"));
            assert!(!foreign, "{path} uses another service");
        }
    }
    assert!(seen >= CALLS.len() - 3, "the operations are made as `self.client.…()`; {seen} found");
}
