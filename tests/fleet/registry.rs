//! The registry beside a tenants file says what became of each tenant.

use serde_json::{Value, json};

use super::project::{Fleet, PLATFORM};

const NEWCO: &str = "tenant-newco-dev";

fn status(fleet: &Fleet, tenant: &str) -> Value {
    fleet.document(&["tenants", "status", tenant])
}

/// What was announced to nobody, as there is no bus: the kinds, in order.
fn announced(fleet: &Fleet) -> Vec<String> {
    let events = std::fs::read_to_string(fleet.path().join(".palisade/events.jsonl")).unwrap();
    let kind = |line: &str| serde_json::from_str::<Value>(line).unwrap()["detail-type"].as_str().unwrap().to_owned();
    events.lines().map(kind).collect()
}

/// "The same on a laptop: same code path, registry in `tenants.json`"
#[test]
fn a_tenants_life_is_recorded_from_the_signup_to_the_end() {
    let fleet = Fleet::new();
    fleet.run(&["tenants", "add", "newco", "--request-id", "crm-1"]).done("add");
    assert_eq!(status(&fleet, "newco")["tenant"]["status"], "requested");

    fleet.synth();
    let fault = json!({ "at": "before", "resource": "aws_vpc.tenant", "fail": { "summary": "VpcLimitExceeded", "detail": "" } });
    fleet.script(NEWCO, json!({ "faults": [fault] }));
    fleet.told(&["deploy", "--auto-approve", "--tenant", "newco"]);
    let failed = status(&fleet, "newco");
    assert_eq!(failed["tenant"]["status"], "failed", "{failed:#}");
    assert_eq!(failed["tenant"]["failure"]["address"], "aws_vpc.tenant");
    assert_eq!(failed["tenant"]["lease"], Value::Null);

    fleet.repair(NEWCO);
    fleet.deploy(&["--tenant", "newco"]);
    let made = status(&fleet, "newco");
    assert_eq!((&made["tenant"]["status"], &made["tenant"]["failure"]), (&json!("active"), &Value::Null));
    assert_eq!(made["tenant"]["outputs"]["tenant_id"], "newco");
    let changes = made["history"].as_array().unwrap().len();
    fleet.deploy(&["--tenant", "newco"]);
    assert_eq!(status(&fleet, "newco")["history"].as_array().unwrap().len(), changes, "nothing new, nothing recorded");

    fleet.run(&["tenants", "remove", "newco", "--request-id", "crm-bye"]).done("remove");
    fleet.deploy(&["--tenant", "newco"]);
    let gone = status(&fleet, "newco");
    assert_eq!(gone["tenant"]["status"], "removed");
    assert!(gone["tenant"]["quarantine_until"].is_string(), "its index rests");
    let kinds = announced(&fleet);
    let ends = [
        "TenantProvisioning",
        "TenantProvisioning",
        "TenantProvisioningFailed",
        "TenantProvisioning",
        "TenantProvisioned",
        "TenantOffboarding",
        "TenantDeprovisioned",
    ];
    assert_eq!(kinds, ends);
}

#[test]
fn a_tenants_file_without_a_registry_gets_none_by_a_deployment() {
    let fleet = Fleet::new();
    fleet.deploy(&["--tenant", "acme-corp"]);
    assert!(!fleet.path().join(".palisade/registry.json").exists());
    assert!(fleet.resources(PLATFORM) == 0);
}
