//! The events of a tenant's life.

use serde_json::{Value, json};

use super::{Stage, problem, status};
use crate::support::emulator::items;

const PLAN: &str = "/v1/resources/plan";

fn outcome(stage: &Stage, id: &str, kind: &str, second: u32) -> Value {
    let event = stage.event("acme-corp", id, kind, &format!("2026-01-31T00:00:{second:02}Z"));
    stage.function.call(&event).unwrap()["outcome"].clone()
}

/// "A suspended tenant's API answers 403 problem `tenant-suspended` except `/health`."
#[test]
fn a_suspended_tenant_is_not_served_until_it_is_resumed() {
    let Some(stage) = Stage::of("a_suspended_tenant_is_not_served_until_it_is_resumed", "acme-corp") else { return };
    assert_eq!(status(&stage.put(PLAN, &[], "{}")), 201);
    assert_eq!(outcome(&stage, "e-1", "TenantSuspended", 1), "changed");
    for (method, path) in
        [("GET", PLAN), ("PUT", PLAN), ("DELETE", PLAN), ("GET", "/v1/resources"), ("GET", "/openapi.json")]
    {
        let answer = stage.send(method, path, &[("content-type", "application/json")], "{}");
        assert_eq!(problem(&answer), (403, "tenant-suspended".to_owned()), "{method} {path}");
    }
    assert_eq!(status(&stage.get("/health")), 200);
    assert_eq!(outcome(&stage, "e-2", "TenantResumed", 2), "changed");
    assert_eq!(status(&stage.get(PLAN)), 200);
}

/// "idempotent by event id with a conditional write"
#[test]
fn an_event_counts_once_and_a_late_one_not_at_all() {
    let Some(stage) = Stage::of("an_event_counts_once_and_a_late_one_not_at_all", "acme-corp") else { return };
    assert_eq!(outcome(&stage, "e-1", "TenantSuspended", 1), "changed");
    assert_eq!(outcome(&stage, "e-3", "TenantResumed", 3), "changed");
    assert_eq!(outcome(&stage, "e-1", "TenantSuspended", 1), "repeated");
    assert_eq!(outcome(&stage, "e-2", "TenantSuspended", 2), "superseded", "EventBridge promises no order");
    assert_eq!(outcome(&stage, "e-2", "TenantSuspended", 2), "repeated");
    assert_eq!(status(&stage.get("/v1/resources")), 200);
    let records = items(stage.emulator, &stage.table);
    let records: Vec<&Value> = records.iter().filter(|item| item.to_string().contains("#event#")).collect();
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|record| record["expires_at"]["N"].is_string()), "records do not pile up");
}

#[test]
fn a_leaving_or_read_only_tenant_reads_and_does_not_write() {
    let Some(stage) = Stage::of("a_leaving_or_read_only_tenant_reads_and_does_not_write", "acme-corp") else { return };
    assert_eq!(status(&stage.put(PLAN, &[], "{}")), 201);
    let mut settings = stage.event("acme-corp", "e-1", "TenantSettingsChanged", "2026-01-31T00:00:01Z");
    settings["detail"]["settings"] = json!({ "read_only": true, "plan": "gold" });
    assert_eq!(stage.function.call(&settings).unwrap()["outcome"], "changed");
    let changes = |wanted: &str| {
        for method in ["PUT", "DELETE"] {
            let answer = stage.send(method, PLAN, &[("content-type", "application/json")], "{}");
            assert_eq!(problem(&answer), (403, wanted.to_owned()));
        }
        assert_eq!(status(&stage.get(PLAN)), 200);
    };
    changes("tenant-read-only");
    assert_eq!(outcome(&stage, "e-2", "TenantOffboarding", 2), "changed");
    changes("tenant-offboarding");
}

/// "unknown versions to the DLQ": Lambda sends an event there whose call ends with an error.
#[test]
fn what_is_not_understood_is_an_error_and_changes_nothing() {
    let Some(stage) = Stage::of("what_is_not_understood_is_an_error_and_changes_nothing", "acme-corp") else { return };
    let event = stage.event("acme-corp", "e-1", "TenantSuspended", "2026-01-31T00:00:01Z");
    for (name, value) in [("version", json!("2")), ("tenant_id", json!(7)), ("environment_suffix", json!(null))] {
        let mut event = event.clone();
        event["detail"][name] = value;
        assert_eq!(stage.function.call(&event).unwrap_err()["errorType"], "EventRefused", "{name}");
    }
    for (name, value) in [("source", "palisade.signup"), ("detail-type", "TenantSignup"), ("time", "now"), ("id", "")] {
        let mut event = event.clone();
        event[name] = json!(value);
        assert_eq!(stage.function.call(&event).unwrap_err()["errorType"], "EventRefused", "{name}");
    }
    assert_eq!(items(stage.emulator, &stage.table), Vec::<Value>::new());
}
