//! Onboarding as it is deployed: the platform stack's own workflow, rules and function in an emulated AWS. An event goes onto the bus, and
//! what the platform announces comes out of it.
//!
//! One thing is not the stack's own: the emulator runs no CodeBuild, so the resource of the state `Build` is an activity, whose worker here
//! does what CodeBuild does: it runs the commands of the project's own build specification, in one shell, and answers with what CodeBuild
//! would say of the build.

mod cell;
mod runner;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use cell::Cell;

/// "put a signup event on the bus, the environment exists, a `TenantProvisioned` event with outputs comes out, put an offboarding event,
/// nothing is left"
#[test]
fn an_event_makes_an_environment_and_another_one_takes_it_down() {
    let Some(cell) = Cell::start("an_event_makes_an_environment_and_another_one_takes_it_down") else { return };
    let _runner = cell.run_builds(2);
    // Ids that are the beginnings of each other: each event carries exactly one of them.
    for tenant in ["acme", "acme-corp"] {
        cell.put(&[cell.event("TenantSignup", tenant, "crm-1")]);
    }
    for tenant in ["acme", "acme-corp"] {
        let provisioned = cell.hear(tenant, "TenantProvisioned");
        assert_eq!(provisioned["outputs"]["tenant_id"], tenant);
        assert_eq!(provisioned["request_id"], "crm-1");
        assert!(cell.environment(tenant).exists(), "{tenant}");
        assert_eq!(cell.entry(tenant)["status"]["S"], "active");
    }
    cell.leave("acme");
    cell.put(&[cell.event("TenantOffboarding", "acme", "crm-bye")]);
    let gone = cell.hear("acme", "TenantDeprovisioned");
    assert_eq!(gone["request_id"], "crm-bye");
    assert!(!cell.environment("acme").exists() && cell.environment("acme-corp").exists());
    assert_eq!(cell.entry("acme")["status"]["S"], "removed");
    assert_eq!(cell.entry("acme-corp")["status"]["S"], "active");
    assert!(cell.letters().is_empty());
}

/// "each failure path leaves a registry entry that says what to do"
#[test]
fn what_fails_says_so_and_what_to_do() {
    let Some(cell) = Cell::start("what_fails_says_so_and_what_to_do") else { return };
    let _runner = cell.run_builds(1);
    cell.let_fail("acme");
    cell.put(&[cell.event("TenantSignup", "acme", "crm-1")]);
    let failed = cell.hear("acme", "TenantProvisioningFailed");
    assert_eq!([&failed["phase"], &failed["address"]], ["apply", "aws_vpc.tenant"]);
    assert_eq!([&failed["cause"], &failed["fix"]], ["VpcLimitExceeded", "request more VPCs"]);
    let entry = cell.entry("acme");
    assert_eq!([&entry["status"]["S"], &entry["failure"]["M"]["fix"]["S"]], ["failed", "request more VPCs"]);
    assert!(entry.get("lease").is_none());
    // The same event again goes on where the run stopped.
    cell.let_succeed("acme");
    cell.put(&[cell.event("TenantSignup", "acme", "crm-1")]);
    cell.hear("acme", "TenantProvisioned");

    // Another request for the tenant, and events that are none: with the reason into the dead-letter queue.
    let mut unknown = cell.event("TenantSignup", "new", "crm-1");
    unknown["version"] = json!("7");
    let mut bad = cell.event("TenantSignup", "new", "crm-1");
    bad["tenant_id"] = json!("New; rm -rf /");
    cell.put(&[cell.event("TenantSignup", "acme", "crm-2"), unknown, bad]);
    let refused = cell.hear("acme", "TenantProvisioningFailed");
    assert_eq!([&refused["phase"], &refused["request_id"]], ["registration", "crm-2"]);
    let letters = cell.wait_for_letters(3);
    let codes: BTreeSet<&str> = letters.iter().map(|letter| letter["code"].as_str().unwrap()).collect();
    assert_eq!(codes, BTreeSet::from(["exists", "tenant_id", "unknown_version"]));
}

/// "200 concurrent signups on the emulator: 200 tenants, 200 different indices, no lost or doubled event"
#[test]
fn two_hundred_signups_at_once_give_two_hundred_tenants() {
    const TENANTS: usize = 200;
    let Some(cell) = Cell::start("two_hundred_signups_at_once_give_two_hundred_tenants") else { return };
    let _runner = cell.answer_builds(4);
    let tenants: Vec<String> = (0..TENANTS).map(|number| format!("tenant{number}")).collect();
    let signups: Vec<Value> = tenants.iter().map(|tenant| cell.event("TenantSignup", tenant, "crm-1")).collect();
    for batch in signups.chunks(10) {
        cell.put(batch);
    }
    let heard = cell.hear_all("TenantProvisioned", TENANTS);
    let told: BTreeSet<&str> = heard.iter().map(|(_, detail)| detail["tenant_id"].as_str().unwrap()).collect();
    assert_eq!(told.len(), TENANTS);
    let indices: BTreeSet<&str> = tenants
        .iter()
        .map(|tenant| cell.entry(tenant)["network_index"]["N"].as_str().unwrap().to_owned().leak() as &str)
        .collect();
    assert_eq!(indices.len(), TENANTS);
    let ids: BTreeSet<&str> = heard.iter().map(|(_, detail)| detail["event_id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), heard.len()), (3 * TENANTS, 3 * TENANTS), "registered, deploying, provisioned: each once");
    assert!(cell.letters().is_empty());
}
