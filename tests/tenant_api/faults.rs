//! What goes wrong between the function and its table: "right status, no duplicate effect, no panic".

use std::time::{Duration, Instant};

use super::{Stage, body, etag, problem, status};
use crate::support::emulator::{Fault, items};

const PLAN: &str = "/v1/resources/plan";
const THROTTLED: Fault = Fault::Error(400, "ThrottlingException");
const FAILED: Fault = Fault::Error(500, "InternalServerError");

/// A passing fault is not seen by the caller; a lasting one is told as what it is.
#[test]
fn a_fault_that_passes_is_survived_and_one_that_lasts_is_told() {
    let Some(mut stage) = Stage::of("a_fault_that_passes_is_survived_and_one_that_lasts_is_told", "acme-corp") else {
        return;
    };
    for (method, operation, good) in [
        ("PUT", "UpdateItem", 201),
        ("GET", "BatchGetItem", 200),
        ("GET", "BatchGetItem", 200),
        ("DELETE", "DeleteItem", 204),
    ] {
        for (fault, lasting) in
            [(THROTTLED, (503, "busy")), (FAILED, (503, "unavailable")), (Fault::CutBefore, (503, "unavailable"))]
        {
            let send = || stage.send(method, PLAN, &[("content-type", "application/json")], "{}");
            for _ in 0..3 {
                stage.proxy.plan(operation, fault.clone());
            }
            let answer = send();
            assert_eq!(problem(&answer), (lasting.0, lasting.1.to_owned()), "{method}: {fault:?}");
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
            assert_eq!(stage.proxy.unplanned(), 0, "it was tried three times");
        }
        for fault in [THROTTLED, FAILED] {
            stage.proxy.plan(operation, fault);
        }
        let answer = stage.send(method, PLAN, &[("content-type", "application/json")], "{}");
        assert_eq!(status(&answer), good, "{method} after two faults");
    }
    stage.proxy.plan("GetItem", Fault::Error(400, "AccessDeniedException"));
    assert_eq!(problem(&stage.get("/v1/resources")), (500, "internal".to_owned()));
    assert!(stage.function.runs(), "no panic");
}

/// What the table says may be wrong itself.
#[test]
fn a_wrong_answer_of_the_table_is_no_panic_and_no_wrong_success() {
    let Some(mut stage) = Stage::of("a_wrong_answer_of_the_table_is_no_panic_and_no_wrong_success", "acme-corp") else {
        return;
    };
    for headers in [&[][..], &[("if-none-match", "*")][..], &[("if-match", "\"x\"")][..]] {
        stage.proxy.plan("UpdateItem", Fault::Error(400, "ConditionalCheckFailedException"));
        assert_eq!(problem(&stage.put(PLAN, headers, "{}")), (412, "precondition-failed".to_owned()), "{headers:?}");
    }
    stage.proxy.plan("DeleteItem", Fault::Error(400, "ConditionalCheckFailedException"));
    assert_eq!(status(&stage.send("DELETE", PLAN, &[], "")), 412);
    stage.proxy.plan("TransactWriteItems", Fault::Error(400, "TransactionCanceledException"));
    let event = stage.event("acme-corp", "e-1", "TenantSuspended", "2026-01-31T00:00:01Z");
    assert_eq!(stage.function.call(&event).unwrap_err()["errorType"], "NotRecorded");
    stage.proxy.plan("BatchGetItem", Fault::Error(200, "Nothing"));
    assert_eq!(status(&stage.get(PLAN)), 404);
    assert_eq!(items(stage.emulator, &stage.table).len(), 0);
    assert!(stage.function.runs());
}

/// The table did it, the answer was lost, and the client of AWS asked again.
#[test]
fn a_lost_answer_has_no_second_effect_and_no_wrong_status() {
    let Some(stage) = Stage::of("a_lost_answer_has_no_second_effect_and_no_wrong_status", "acme-corp") else { return };
    let lose = |operation: &str| stage.proxy.plan(operation, Fault::CutAfter);
    lose("UpdateItem");
    let made = stage.put(PLAN, &[("if-none-match", "*")], r#"{"v":1}"#);
    assert_eq!(status(&made), 201, "not 412, although the second try found the document there");
    lose("UpdateItem");
    let replaced = stage.put(PLAN, &[("if-match", &etag(&made))], r#"{"v":2}"#);
    assert_eq!(status(&replaced), 200, "not 412");
    lose("UpdateItem");
    assert_eq!(status(&stage.put("/v1/resources/other", &[], "{}")), 201, "not 200");
    lose("DeleteItem");
    assert_eq!(status(&stage.send("DELETE", PLAN, &[("if-match", &etag(&replaced))], "")), 204, "not 412");
    lose("TransactWriteItems");
    let event = stage.event("acme-corp", "e-1", "TenantProvisioned", "2026-01-31T00:00:01Z");
    assert_eq!(stage.function.call(&event).unwrap()["acknowledged"], "e-1");
    stage.put("/v1/resources/third", &[], "{}");
    lose("PutItem");
    let page = body(&stage.get("/v1/resources?limit=1"));
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(status(&stage.get(&format!("/v1/resources?cursor={cursor}"))), 200, "the key that was stored counts");
    assert_eq!(stage.proxy.unplanned(), 0);
    assert_eq!(
        items(stage.emulator, &stage.table).len(),
        5,
        "two documents, the key, the event and where the tenant stands"
    );
}

/// "SDK timeouts well below the function's 60 s"
#[test]
fn a_table_that_does_not_answer_is_given_up_in_time() {
    let Some(stage) = Stage::of("a_table_that_does_not_answer_is_given_up_in_time", "acme-corp") else { return };
    stage.proxy.plan("BatchGetItem", Fault::Late(Duration::from_millis(2_500)));
    assert_eq!(status(&stage.get(PLAN)), 404, "the second try answers");
    for _ in 0..3 {
        stage.proxy.plan("BatchGetItem", Fault::Late(Duration::from_secs(9)));
    }
    let start = Instant::now();
    assert_eq!(problem(&stage.get(PLAN)), (504, "timed-out".to_owned()));
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

/// "X-Ray header passed on"; one line for each call, and only JSON.
#[test]
fn the_trace_is_passed_on_and_each_call_leaves_one_line() {
    let Some(stage) = Stage::of("the_trace_is_passed_on_and_each_call_leaves_one_line", "acme-corp") else { return };
    stage.get(PLAN);
    stage.proxy.plan("BatchGetItem", FAILED);
    stage.get(PLAN);
    let lines = stage.function.log(2);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!([&lines[0]["cold_start"], &lines[1]["cold_start"]], [true, false]);
    let trace = lines[0]["trace_id"].as_str().unwrap();
    for seen in stage.proxy.seen() {
        assert_eq!(seen.trace.as_deref(), Some(trace), "{}", seen.operation);
    }
}
