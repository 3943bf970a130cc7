//! What is written, and where; what is refused.

use serde_json::{Value, json};

use crate::function::{Function, GROUP, batch, batch_of, command, now, packed, settings};
use crate::logs_api::LogsApi;

fn event(timestamp: i64, message: &str) -> (i64, String) {
    (timestamp, message.into())
}

/// "writes `{tenant}/{source}/{date}` streams of the central group in order"
#[test]
fn events_stand_in_the_streams_of_their_days_in_order() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    let midnight = now() / 86_400_000 * 86_400_000;
    let events = [event(midnight, "c"), event(midnight - 2, "a"), event(midnight, "d"), event(midnight - 1, "b")];
    let ended = function.invoke(&batch(&events));
    ended.result.unwrap();
    let streams = logs.streams();
    let days: Vec<&String> = streams.keys().collect();
    assert!(days.iter().all(|day| day.starts_with("acme-corp/api-log/2") && day.len() == 28), "{days:?}");
    let written: Vec<_> = streams.into_values().collect();
    assert_eq!(
        written,
        [vec![event(midnight - 2, "a"), event(midnight - 1, "b")], vec![event(midnight, "c"), event(midnight, "d")]]
    );
    assert_eq!((&ended.line["status"], &ended.line["written"]), (&json!("relayed"), &json!(4)));
}

#[test]
fn each_invocation_is_one_line() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    for (number, cold) in [(1, true), (2, false)] {
        let line = function.invoke(&batch(&[event(now(), "x")])).line;
        assert_eq!(line["request_id"], format!("request-{number}"));
        assert_eq!((&line["tenant"], &line["cold_start"]), (&json!("acme-corp"), &json!(cold)));
        assert!(line["RelayLatency"].as_f64().unwrap() > 0.0);
    }
}

/// "X-Ray header passed on"
#[test]
fn the_trace_is_passed_on() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    function.invoke(&batch(&[event(now(), "x")])).result.unwrap();
    let trace = Some("Root=1-00000001-000000000000000000000000;Sampled=1".to_owned());
    assert_eq!(logs.trace_ids(), vec![trace; 3]);
}

#[test]
fn what_is_not_the_tenants_is_refused_and_nothing_called() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    let events = [event(now(), "x")];
    for (payload, name) in [
        (batch_of("123456789012", "tenant-tech-startup-api-log-dev", &events), "ForeignLogGroup"),
        (batch_of("123456789012", "tenant-acme-corp-relay-log-dev", &events), "ForeignLogGroup"),
        (batch_of("123456789012", "platform-central-log-dev", &events), "ForeignLogGroup"),
        (batch_of("999999999999", GROUP, &events), "ForeignAccount"),
    ] {
        let ended = function.invoke(&payload);
        assert_eq!(ended.result.unwrap_err().0, name);
        assert_eq!((&ended.line["status"], &ended.line["event"]), (&json!("refused"), &json!("cross_tenant_refused")));
    }
    assert!(logs.calls().is_empty());
}

/// "CONTROL_MESSAGE batches are accepted and ignored."
#[test]
fn a_control_message_is_accepted_and_ignored() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    let check = json!([{ "id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health of destination" }]);
    let ended = function.invoke(&packed(&json!({
        "messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "", "logEvents": check,
    })));
    ended.result.unwrap();
    assert_eq!(ended.line["status"], "ignored");
    assert!(logs.calls().is_empty());
}

#[test]
fn a_payload_that_is_no_batch_fails_with_the_reason_and_the_next_one_is_served() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    for data in ["?", "aGVsbG8=", ""] {
        let ended = function.invoke(&json!({ "awslogs": { "data": data } }));
        let (name, message) = ended.result.unwrap_err();
        assert_eq!(name, "UnreadableBatch");
        assert!(message.contains("only a CloudWatch Logs subscription may invoke the relay"), "{message}");
    }
    function.invoke(&batch(&[event(now(), "x")])).result.unwrap();
}

/// "It must not be able to relay itself into a loop."
#[test]
fn the_function_does_not_start_where_it_would_feed_itself() {
    for (name, value, said) in [
        ("RELAYED_LOG_GROUP_NAME", "platform-central-log-dev", "feed the relay"),
        ("RELAYED_LOG_GROUP_NAME", "tenant-acme-corp-relay-log-dev", "feed the relay"),
        ("RELAYED_LOG_GROUP_NAME", "tenant-acme-corp-flow-log-dev", "feed the relay"),
        ("RELAYED_LOG_GROUP_NAME", "tenant-tech-startup-api-log-dev", "not one of tenant `acme-corp`"),
        ("TENANT_ID", "", "`TENANT_ID` is not set"),
    ] {
        let mut settings = settings();
        settings.insert(name, value.to_owned());
        settings.insert("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1".to_owned());
        let ended = command(settings).output().unwrap();
        assert!(!ended.status.success(), "{value}");
        let line: Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert!(line["error"].as_str().unwrap().contains(said), "{line}");
    }
}
