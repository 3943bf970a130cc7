//! `app report`: the account of the proof for the example fleet, as it was agreed on. `UPDATE_GOLDEN=1 cargo test -p tests report` writes the
//! table anew.

use std::fmt::Write;

use serde_json::Value;

use crate::support::app::{app, project, project_of};
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

fn proved(tenants: &[Value]) {
    let file = serde_json::json!({ "environment_suffix": "dev", "tenants": tenants }).to_string();
    let dir = project_of(file);
    app(dir.path(), &[]).done("a legal fleet is proved");
    app(dir.path(), &["verify", "cdktf.out"]).done("what was written is proved as well");
}

/// Ids that are words of the policies, of the stacks or of names, and ids that begin like others, are ids like any other.
#[test]
fn whatever_tenants_are_called_the_fleet_is_proved() {
    let ids = [
        "role",
        "table",
        "function",
        "key",
        "rule",
        "development",
        "policy",
        "log-group",
        "stream",
        "user",
        "dev",
        "api",
        "data",
        "caller",
        "tenant",
        "tenant-x",
        "platform-x",
        "private",
        "acme",
        "acme-corp",
        "acme-corp-x",
        "corp",
    ];
    let tenants: Vec<Value> =
        ids.iter().enumerate().map(|(n, id)| serde_json::json!({ "id": id, "network_index": n })).collect();
    proved(&tenants);
}

/// "a tenant may name its own `account_id`": alone, and beside tenants of the shared account
#[test]
fn tenants_with_accounts_of_their_own_are_proved() {
    let own = |n: u64| {
        let account = format!("{}", 100_000_000_000 + n);
        serde_json::json!({ "id": format!("own{n}"), "network_index": n, "account_id": account,
            "assume_role_arn": format!("arn:aws:iam::{account}:role/deployer") })
    };
    let shared = |n: u64| serde_json::json!({ "id": format!("shared{n}"), "network_index": n });
    proved(&[own(0), own(1), own(2)]);
    proved(&[own(0), own(1), shared(2), shared(3)]);
    proved(&[own(0)]);
}
