//! `app report`: the account of the proof for the example fleet, as it was agreed on. `UPDATE_GOLDEN=1 cargo test -p tests report` writes the
//! table anew.

use std::fmt::Write;

use serde_json::Value;

use crate::support::app::{app, project};
use crate::support::{root, setting};

fn report() -> (Value, String) {
    let dir = project();
    app(dir.path(), &["report"]).done("app report");
    let read = |name: &str| std::fs::read_to_string(dir.path().join("cdktf.out").join(name)).unwrap();
    (serde_json::from_str(&read("isolation.json")).unwrap(), read("isolation.html"))
}

/// Which layer stops what alone, and what is left after each accident: easier to review than any assertion.
fn table(report: &Value) -> String {
    let mut table = String::new();
    for layer in report["layers"].as_array().unwrap() {
        let alone = layer["alone"].as_object().unwrap();
        let stops: Vec<&str> =
            alone.iter().filter(|(_, strength)| *strength == "stops").map(|(kind, _)| kind.as_str()).collect();
        let partial = alone.values().filter(|strength| *strength == "partial").count();
        let id = layer["id"].as_str().unwrap();
        writeln!(table, "{id} alone stops {}; in part {partial}", stops.join(", ")).unwrap();
    }
    for accident in report["accidents"].as_array().unwrap() {
        let by: Vec<&str> = accident["by"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let mark = if accident["holds"] == true { "✔" } else { "✘" };
        writeln!(table, "{mark} {}: {}", accident["id"].as_str().unwrap(), by.join(", ")).unwrap();
    }
    table
}

/// "the report says which single failures still leave isolation whole"
#[test]
fn layers_and_accidents_are_as_agreed() {
    let (report, _) = report();
    assert_eq!(report["proved"], true);
    let agreed = root().join("tests/report/layers.txt");
    let table = table(&report);
    if setting("UPDATE_GOLDEN").is_some() {
        std::fs::write(&agreed, &table).unwrap();
    }
    assert_eq!(
        table,
        std::fs::read_to_string(&agreed).unwrap(),
        "if this is meant: UPDATE_GOLDEN=1 cargo test -p tests report"
    );
}

/// "each tenant's functions can do what their code calls"
#[test]
fn every_call_of_the_functions_is_allowed_and_every_stack_has_its_hash() {
    let (report, page) = report();
    let needs = report["needs"].as_array().unwrap();
    assert!(needs.len() > 20 && needs.iter().all(|need| need["allowed"] == true), "{needs:?}");
    for stack in report["stacks"].as_array().unwrap() {
        let hash = stack["sha256"].as_str().unwrap();
        assert!(hash.len() == 64 && page.contains(hash), "{stack}");
    }
}

/// The same fleet, the same bytes; and a synthesis before or after it works.
#[test]
fn the_report_is_the_same_twice_and_stands_beside_the_stacks() {
    let dir = project();
    let read = || {
        ["isolation.json", "isolation.html"].map(|name| std::fs::read(dir.path().join("cdktf.out").join(name)).unwrap())
    };
    app(dir.path(), &["report"]).done("before any synthesis");
    let first = read();
    app(dir.path(), &[]).done("a synthesis after a report");
    app(dir.path(), &["report"]).done("beside the stacks");
    assert!(first == read());
}
