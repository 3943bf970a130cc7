//! What goes wrong between the relay and CloudWatch Logs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::function::{Function, batch, now};
use crate::logs_api::{Fault, LogsApi, THROTTLE};

fn events(count: usize) -> Vec<(i64, String)> {
    let now = now();
    (0..count).map(|number| (now, format!("event {number}"))).collect()
}

fn texts(events: &[(i64, String)]) -> Vec<String> {
    events.iter().map(|(_, message)| message.clone()).collect()
}

/// "retry throttles with backoff and jitter inside its own deadline"
#[test]
fn what_passes_is_repeated_until_each_event_is_written_once() {
    for fault in [
        THROTTLE,
        Fault::Error(500, "InternalFailure"),
        Fault::Error(503, "ServiceUnavailableException"),
        Fault::CutBefore,
    ] {
        let logs = LogsApi::start();
        logs.fail(vec![fault.clone(); 4]);
        let mut function = Function::start(&logs);
        let events = events(10_001);
        let ended = function.invoke(&batch(&events));
        ended.result.unwrap();
        assert_eq!(logs.messages(), texts(&events), "{fault:?}");
        let calls = logs.calls();
        assert_eq!(ended.line["attempts"], json!(calls.len()), "{fault:?}");
        // Beside the faults: no stream yet, a new one, and two requests.
        assert_eq!(calls.len(), 4 + 4, "{fault:?}: {calls:?}");
    }
}

#[test]
fn throttled_calls_are_spread_out() {
    let logs = LogsApi::start();
    logs.fail(vec![THROTTLE; 6]);
    let mut function = Function::start(&logs);
    let begun = Instant::now();
    function.invoke(&batch(&events(1))).result.unwrap();
    // Six random parts of 0.2, 0.4, … 5 seconds.
    assert!(begun.elapsed() > Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[test]
fn an_answer_that_takes_too_long_is_not_waited_for() {
    let logs = LogsApi::start();
    logs.fail([Fault::Slow(Duration::from_secs(20))]);
    let mut function = Function::start(&logs);
    let begun = Instant::now();
    function.invoke(&batch(&events(3))).result.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

/// The one case in which an event may be written twice: nobody can tell whether the request whose answer was cut off was taken.
#[test]
fn an_answer_that_is_cut_off_doubles_events_rather_than_lose_one() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    function.invoke(&batch(&events(1))).result.unwrap();
    logs.fail([Fault::CutAfter]);
    function.invoke(&batch(&[(now(), "x".to_owned())])).result.unwrap();
    assert_eq!(logs.messages(), ["event 0", "x", "x"]);
}

/// "drop nothing silently": the invocation fails before Lambda ends it, and so the batch is repeated, and in the dead-letter queue at last.
#[test]
fn a_batch_that_cannot_be_written_in_time_fails_before_the_deadline_and_is_written_by_the_next_attempt() {
    for fault in [THROTTLE, Fault::Error(500, "InternalFailure"), Fault::CutBefore, Fault::Slow(Duration::from_secs(8))]
    {
        let logs = LogsApi::start();
        let mut function = Function::start(&logs);
        let events = events(25_000);
        let payload = batch(&events);
        function.invoke(&batch(&[(now(), "first".to_owned())])).result.unwrap();
        // One request is taken, and from then on none.
        logs.fail([Fault::Slow(Duration::ZERO)]);
        logs.fail_always(Some(fault.clone()));
        let ended = function.invoke_within(Duration::from_millis(4_500), &payload);
        let (name, _) = ended.result.unwrap_err();
        assert!(["OutOfTime", "CentralLogUnavailable"].contains(&name.as_str()), "{fault:?}: {name}");
        assert_eq!((&ended.line["status"], &ended.line["written"]), (&json!("failed"), &json!(10_000)), "{fault:?}");

        logs.fail_always(None);
        let ended = function.invoke(&payload);
        ended.result.unwrap();
        assert_eq!(ended.line["written_before"], json!(10_000), "{fault:?}");
        let written: BTreeSet<String> = logs.messages().into_iter().collect();
        assert!(texts(&events).iter().all(|text| written.contains(text)), "{fault:?}: nothing lost");
        if !matches!(fault, Fault::Slow(_)) {
            assert_eq!(logs.messages().len(), 25_001, "{fault:?}: nothing twice");
        }
    }
}

#[test]
fn what_would_not_pass_is_not_repeated() {
    let logs = LogsApi::start();
    logs.fail_always(Some(Fault::Error(400, "AccessDeniedException")));
    let mut function = Function::start(&logs);
    let ended = function.invoke(&batch(&events(1)));
    let (name, message) = ended.result.unwrap_err();
    assert_eq!((name.as_str(), logs.calls().len()), ("CentralLogUnavailable", 1));
    assert!(message.contains("AccessDeniedException"), "{message}");
}

#[test]
fn without_the_central_log_group_the_error_says_what_would_do() {
    let logs = LogsApi::start();
    logs.remove_group();
    let mut function = Function::start(&logs);
    let (_, message) = function.invoke(&batch(&events(1))).result.unwrap_err();
    assert!(message.contains("deploy the platform's stack"), "{message}");
}
