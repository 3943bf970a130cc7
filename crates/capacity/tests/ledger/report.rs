//! The report: order, requests, cells, and its schema.

use capacity::{Blocks, Fits, Key, Question, SCHEMA};
use serde_json::Value;

use super::fixture::{SHAPE, fleet, limits, row};

const PLAN: Blocks = Blocks { taken: 4, total: 256, prefix_length: 16, longest: 24 };

fn asked(tenants: u64) -> Question {
    Question { tenants: Some(tenants), blocks: Some(PLAN), ..Question::default() }
}

#[test]
fn what_bites_first_comes_first_and_brings_its_request() {
    let account = fleet(SHAPE, 4).report(&asked(60)).accounts.remove(0);
    assert_eq!((account.fits, account.bites_first), (Fits::AtMost(4), Some(Key::VpcsPerRegion)));
    assert_eq!(account.rows[0].key, Key::VpcsPerRegion);
    assert_eq!(
        account.rows[0].request.as_deref(),
        Some(
            "aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 74 --region \
             us-east-1"
        )
    );
    assert!(row(&account, Key::LambdaConcurrency).request.is_none(), "75 tenants fit into Lambda's quota");
    assert!(account.rows.iter().filter(|row| row.short).all(|row| row.request.is_some() || row.advice.is_some()));
}

#[test]
fn ten_thousand_tenants_are_divided_among_accounts() {
    let account = fleet(SHAPE, 4).report(&asked(10_000)).accounts.remove(0);
    let cells = account.cells.as_ref().unwrap();
    assert_eq!((cells.tenants_per_account, cells.accounts, cells.tenants_in_each), (499, 21, 477));
    assert_eq!(cells.limited_by, Key::VpcsPerRegion);
    let roles = row(&account, Key::IamRoles).request.clone().unwrap();
    assert!(roles.contains("--desired-value 2900 "), "5 roles for each of 477 tenants and a fifth more: {roles}");
    let plan = row(&account, Key::NetworkPlanBlocks);
    assert_eq!(plan.advice.as_deref(), Some("set `network.prefix_length` to 22 before the first deployment"));
    let beyond = fleet(SHAPE, 4).report(&asked(100_000)).accounts.remove(0);
    let advice = row(&beyond, Key::NetworkPlanBlocks).advice.clone().unwrap();
    assert!(advice.contains("several tenants files"), "{advice}");
}

#[test]
fn an_account_that_starts_with_10_executions_holds_no_tenant() {
    let report = fleet(SHAPE, 1).report(&limits(&[(Key::LambdaConcurrency, 10)]));
    let account = &report.accounts[0];
    assert_eq!((account.fits, account.bites_first), (Fits::AtMost(0), Some(Key::LambdaConcurrency)));
    assert!(!report.fits);
}

#[test]
fn the_schema_takes_reports_and_nothing_else() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut large = fleet(SHAPE, 4);
    large.add("own", capacity::Part::Tenant, &super::fixture::tenant(SHAPE, Some("123456789012")));
    for report in [fleet(SHAPE, 4).report(&asked(4)), large.report(&asked(10_000)), fleet(SHAPE, 0).report(&asked(0))] {
        let document = serde_json::to_value(&report).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let document = serde_json::to_value(large.report(&asked(10_000))).unwrap();
    for place in ["", "/accounts/0", "/accounts/0/cells", "/accounts/0/rows/0"] {
        let fields: Vec<String> = document.pointer(place).unwrap().as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let mut less = document.clone();
            less.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(&field);
            assert!(!validator.is_valid(&less), "{place} without {field}");
        }
        let mut more = document.clone();
        more.pointer_mut(place).unwrap()["unknown"] = 1.into();
        assert!(!validator.is_valid(&more), "{place} with an unknown field");
    }
}
