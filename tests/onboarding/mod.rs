//! Onboarding as it is deployed: the platform stack's own workflow, rules and function in an emulated AWS. An event goes onto the bus, the
//! environment is made by Terraform in that AWS, and what the platform announces comes out.
//!
//! One thing is not the stack's own: the emulator runs no CodeBuild, so the resource of the state `Build` is an activity, whose worker here
//! does what CodeBuild does: it runs the commands of the project's own build specification on a release, in one shell, and answers with
//! what CodeBuild would say of the build.

mod cell;
mod runner;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use cell::Cell;

/// "put a signup event on the bus, the environment exists, a `TenantProvisioned` event with outputs comes out, put an offboarding event,
/// nothing is left"; "`TenantProvisioned` and later events reach exactly the right tenant's handler, shown for ids that are prefixes of each
/// other"
#[test]
fn an_event_makes_an_environment_and_another_one_takes_it_down() {
    const TEST: &str = "an_event_makes_an_environment_and_another_one_takes_it_down";
    let Some(cell) = Cell::start(TEST) else { return };
    let before = cell.aws.inventory();
    let Some(_runner) = cell.run_builds(TEST, 2) else { return };
    // Ids that are the beginnings of each other: each event carries exactly one of them.
    let tenants = ["acme", "acme-corp"];
    for tenant in tenants {
        cell.put(&[cell.event("TenantSignup", tenant, "crm-1")]);
    }
    for tenant in tenants {
        let provisioned = cell.hear(tenant, "TenantProvisioned");
        assert_eq!(provisioned["request_id"], "crm-1");
        let outputs = provisioned["outputs"].as_object().expect("outputs");
        assert_eq!(outputs["tenant_id"], tenant);
        assert_eq!(outputs["bucket_name"], format!("tenant-{tenant}-data-dev"));
        assert!(outputs["api_endpoint"].as_str().is_some_and(|url| url.starts_with("https://")), "{outputs:?}");
        assert_eq!(cell.entry(tenant)["status"]["S"], "active");
        assert!(!cell.environment(tenant).is_empty(), "{tenant}");
        assert_eq!(cell.wait_for_handler(tenant, "active"), 1, "its own event, and nobody else's");
    }
    let standing = cell.environment("acme-corp");
    let goes = |tenant: &str| {
        cell.put(&[cell.event("TenantOffboarding", tenant, "crm-bye")]);
        cell.wait_for_handler(tenant, "offboarding");
        let gone = cell.hear(tenant, "TenantDeprovisioned");
        assert_eq!(gone["request_id"], "crm-bye");
        assert_eq!(cell.entry(tenant)["status"]["S"], "removed");
        assert_eq!(cell.environment(tenant), [""; 0], "{tenant}");
    };
    goes("acme");
    assert_eq!(cell.wait_for_handler("acme-corp", "active"), 1, "it has heard nothing of the other one");
    assert_eq!(cell.environment("acme-corp"), standing);
    assert_eq!(cell.entry("acme-corp")["status"]["S"], "active");
    goes("acme-corp");
    let left: Vec<String> = cell.aws.inventory().difference(&before).cloned().collect();
    assert_eq!(left, [""; 0], "nothing is left");
    assert_eq!(cell.letters(), [Value::Null; 0]);
}

/// "each failure path leaves a registry entry that says what to do"
#[test]
fn what_fails_says_so_and_what_to_do() {
    const TEST: &str = "what_fails_says_so_and_what_to_do";
    let Some(cell) = Cell::start(TEST) else { return };
    let Some(_runner) = cell.run_builds(TEST, 1) else { return };
    // Somebody else has the name of the tenant's bucket.
    cell.aws.s3("111111111111", "PUT /tenant-acme-data-dev", &[], "");
    cell.put(&[cell.event("TenantSignup", "acme", "crm-1")]);
    let failed = cell.hear("acme", "TenantProvisioningFailed");
    assert_eq!([&failed["phase"], &failed["address"]], ["apply", "aws_s3_bucket.data"]);
    let entry = cell.entry("acme");
    let said = |field: &str| entry["failure"]["M"][field]["S"].as_str().unwrap().to_owned();
    assert_eq!([said("cause"), said("fix")], [failed["cause"].as_str().unwrap(), failed["fix"].as_str().unwrap()]);
    assert!(said("cause").contains("tenant-acme-data-dev") || said("cause").contains("BucketAlreadyExists"), "{entry}");
    assert_eq!(entry["status"]["S"], "failed");
    assert!(entry.get("lease").is_none());
    // The same event again goes on where the run stopped.
    cell.aws.s3("111111111111", "DELETE /tenant-acme-data-dev", &[], "");
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

/// "200 concurrent signups on the emulator: 200 tenants, 200 different indices, no lost or doubled event". No environment is made for
/// them: the builds are answered at once. No more functions run at once than a new AWS account has; the workflow's own pauses, none of
/// them shortened, carry the rest.
#[test]
fn two_hundred_signups_at_once_give_two_hundred_tenants() {
    const TENANTS: usize = 200;
    const TEST: &str = "two_hundred_signups_at_once_give_two_hundred_tenants";
    let Some(cell) = Cell::start_with(TEST, &[("LAMBDA_ACCOUNT_CONCURRENCY", "10")]) else { return };
    let _runner = cell.answer_builds(4);
    let tenants: Vec<String> = (0..TENANTS).map(|number| format!("tenant{number}")).collect();
    let signups: Vec<Value> = tenants.iter().map(|tenant| cell.event("TenantSignup", tenant, "crm-1")).collect();
    for batch in signups.chunks(10) {
        cell.put(batch);
    }
    let heard = cell.hear_all("TenantProvisioned", TENANTS);
    let told: BTreeSet<&str> = heard.iter().map(|(_, detail)| detail["tenant_id"].as_str().unwrap()).collect();
    assert_eq!(told.len(), TENANTS);
    let indices: BTreeSet<String> =
        tenants.iter().map(|tenant| cell.entry(tenant)["network_index"]["N"].as_str().unwrap().to_owned()).collect();
    assert_eq!(indices.len(), TENANTS);
    let ids: BTreeSet<&str> = heard.iter().map(|(_, detail)| detail["event_id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), heard.len()), (3 * TENANTS, 3 * TENANTS), "registered, deploying, provisioned: each once");
    assert_eq!(cell.letters(), [Value::Null; 0]);
}
