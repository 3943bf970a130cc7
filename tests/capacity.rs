//! `app capacity`: the ledger of the example fleet, as it was agreed on. `UPDATE_GOLDEN=1 cargo test -p tests capacity` writes the table
//! anew.

use std::fmt::Write;

use serde_json::Value;

use crate::support::app::{app, project, project_of};
use crate::support::{root, setting};

fn ledger(arguments: &[&str]) -> Value {
    let dir = project();
    let run = app(dir.path(), &[&["capacity", "--format", "json"], arguments].concat());
    assert_eq!(run.stderr, "", "{arguments:?}");
    run.json()
}

fn row<'a>(ledger: &'a Value, key: &str) -> &'a Value {
    let rows = ledger["accounts"][0]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key} has no row"))
}

/// Every quota with what the example fleet uses of it: easier to review than any assertion.
fn table(ledger: &Value) -> String {
    let mut table = String::new();
    for row in ledger["accounts"][0]["rows"].as_array().unwrap() {
        let text = |field: &str| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned);
        let [key, used, per_tenant, limit] = ["key", "used", "per_tenant", "limit"].map(text);
        let fits = if row["fits"].is_null() { "any number".to_owned() } else { text("fits") };
        writeln!(table, "{key:<34} {used:>6} used {per_tenant:>6} per tenant {limit:>8} limit, {fits} fit").unwrap();
    }
    table
}

#[test]
fn the_ledger_of_the_example_fleet_is_as_agreed() {
    let agreed = root().join("tests/capacity/ledger.txt");
    let table = table(&ledger(&[]));
    if setting("UPDATE_GOLDEN").is_some() {
        std::fs::write(&agreed, &table).unwrap();
    }
    assert_eq!(
        table,
        std::fs::read_to_string(&agreed).unwrap(),
        "if this is meant: UPDATE_GOLDEN=1 cargo test -p tests capacity"
    );
}

/// What is known of AWS, reproduced by counting the stacks: VPCs at 4 tenants beside the default VPC, gateway endpoints at 10, Lambda's
/// concurrency at 900 / 12, network ACLs never.
#[test]
fn each_quota_bites_at_the_number_of_tenants_that_arithmetic_gives() {
    let ledger = ledger(&[]);
    let uses = [
        ("vpcs-per-region", 1, 4),
        ("gateway-endpoints-per-region", 2, 10),
        ("lambda-concurrency", 10 + 2, (1_000 - 100) / 12),
        ("iam-roles", 5, (1_000 - 2) / 5),
        ("event-rules-per-bus", 1, 300 - 3),
        ("network-plan-blocks", 1, 256),
        ("dynamodb-tables", 1, 2_500 - 1),
        ("kms-keys", 1, 100_000 - 1),
    ];
    for (key, per_tenant, fits) in uses {
        let row = row(&ledger, key);
        assert_eq!((&row["per_tenant"], &row["fits"]), (&per_tenant.into(), &fits.into()), "{key}");
    }
    for key in ["rules-per-network-acl", "subscription-filters-per-log-group", "interface-endpoints-per-vpc"] {
        assert!(row(&ledger, key)["fits"].is_null(), "{key} bites at some number of tenants");
    }
    assert_eq!(row(&ledger, "kms-keys")["lingers_days"], 7);
    assert_eq!(ledger["uncounted"], Value::Array(Vec::new()));
}

#[test]
fn quotas_come_from_flags_then_the_tenants_file_then_aws() {
    let dir = project_of(
        r#"{ "environment_suffix": "dev", "quotas": { "vpcs-per-region": 300, "lambda-concurrency": 5000 },
             "tenants": [{ "id": "acme-corp", "network_index": 0 }] }"#,
    );
    let run = app(dir.path(), &["capacity", "--format", "json", "--quota", "lambda-concurrency=2000"]);
    let ledger = run.done("app capacity").json();
    let said = |key: &str| (row(&ledger, key)["limit"].clone(), row(&ledger, key)["limit_from"].clone());
    assert_eq!(said("vpcs-per-region"), (300.into(), "tenants-file".into()));
    assert_eq!(said("lambda-concurrency"), (2000.into(), "flag".into()));
    assert_eq!(said("iam-roles"), (1000.into(), "aws-default".into()));
}

#[test]
fn a_fleet_that_does_not_fit_is_said_with_the_requests_and_exit_status_1() {
    let dir = project();
    let run = app(dir.path(), &["capacity", "--tenants", "10000"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    for wanted in [
        "too small",
        "accounts   21 for 10000 tenants",
        "--service-code vpc --quota-code L-F678F1CE",
        "set `network.prefix_length` to 22",
    ] {
        assert!(run.stdout.contains(wanted), "{wanted}: {}", run.stdout);
    }
    assert!(app(dir.path(), &["capacity"]).done("three tenants").stdout.contains("fits       3 tenants"));
}

#[test]
fn wrong_quotas_are_refused_with_the_nearest_name() {
    let dir = project();
    let cases = [
        ("vpcs-per-regoin=3", "did you mean `vpcs-per-region`?"),
        ("vpcs-per-region", "write KEY=NUMBER"),
        ("vpcs-per-region=many", "`many` is no whole number"),
        ("bucket-policy-bytes=3", "is the same in every account"),
    ];
    for (given, wanted) in cases {
        let run = app(dir.path(), &["capacity", "--quota", given]);
        assert_eq!(run.code, Some(2), "{given}");
        assert!(run.stderr.contains(wanted), "{given}: {}", run.stderr);
    }
    let dir = project_of(r#"{ "environment_suffix": "dev", "quotas": { "vpcs": 3 }, "tenants": [] }"#);
    let run = app(dir.path(), &["capacity"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("tenants.json:1:46: quotas: unknown quota `vpcs`"), "{}", run.stderr);
}
