//! A policy scanner's view of the stacks. What it finds is mended, or accepted with a reason in `checkov-accepted.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::app::{clean, run};
use crate::support::root;
use crate::support::stacks::{list, stacks, text};
use crate::support::tools::tool;

#[test]
fn checkov_finds_nothing_that_is_not_accepted() {
    let Some(checkov) = tool("checkov_finds_nothing_that_is_not_accepted", "checkov") else { return };
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    for stack in stacks() {
        let folder = input.join(&stack.name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut body = stack.body.clone();
        // checkov stops at a text directly under `terraform`, such as `required_version`; it has no rule for that block.
        body.as_object_mut().unwrap().remove("terraform");
        std::fs::write(folder.join("cdk.tf.json"), serde_json::to_string_pretty(&body).unwrap()).unwrap();
    }
    let mut command = clean(&checkov);
    command.arg("--directory").arg(&input).args([
        "--framework",
        "terraform_json",
        "--skip-download",
        "--output",
        "json",
        "--soft-fail",
    ]);
    command.current_dir(dir.path()).env("HOME", dir.path()).env("LOG_LEVEL", "ERROR");
    let report = run(&mut command).done("checkov").json();

    let mut findings: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    let mut passed = 0;
    for part in list(&report) {
        assert_eq!(part["summary"]["parsing_errors"], 0, "checkov cannot read a stack");
        passed += part["summary"]["passed"].as_u64().unwrap_or_default();
        for found in list(&part["results"]["failed_checks"]) {
            let entry = findings.entry(text(&found["check_id"]).to_owned()).or_default();
            entry.0 = text(&found["check_name"]).to_owned();
            entry.1.insert(format!("{} {}", text(&found["file_path"]), text(&found["resource"])));
        }
    }
    assert!(passed > 300, "only {passed} checks passed: did checkov see the stacks?");

    let file = std::fs::read_to_string(root().join("tests/checkov-accepted.json")).unwrap();
    let accepted: BTreeMap<String, Value> = serde_json::from_str(&file).unwrap();
    let unaccepted = findings.iter().filter(|(id, _)| !accepted.contains_key(*id));
    let unaccepted: Vec<String> = unaccepted.map(|(id, (name, places))| format!("{id} {name}: {places:?}")).collect();
    assert!(
        unaccepted.is_empty(),
        "mend these, or accept them in tests/checkov-accepted.json with a reason:\n{}",
        unaccepted.join("\n")
    );
    for (id, reason) in &accepted {
        assert!(
            findings.contains_key(id),
            "{id} is accepted and no longer found: take it out of tests/checkov-accepted.json"
        );
        assert!(text(reason).len() > 30, "{id} is accepted without a reason");
    }
}
