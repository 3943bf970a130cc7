//! The limits of PutLogEvents, which the emulated API enforces.

use serde_json::json;

use crate::function::{Function, batch, now};
use crate::logs_api::LogsApi;

#[test]
fn a_batch_of_many_and_of_long_events_is_taken_whole() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    let now = now();
    let mut events: Vec<(i64, String)> = (0..12_000).map(|number| (now, format!("event {number}"))).collect();
    // More than 24 hours, 1 MB of text in characters of one to four bytes, and the longest event there is.
    events.extend(["x", "ü", "€", "😀"].map(|text| (now - 86_400_000, text.repeat(1_100_000 / text.len()))));
    events.push((now + 1, "y".repeat(3_000_000)));
    let ended = function.invoke(&batch(&events));
    ended.result.unwrap();
    // Of each stream in the order of time: what was long is in several events.
    let written: String = logs.messages().concat();
    events.sort_by_key(|(timestamp, _)| *timestamp);
    assert!(written == events.into_iter().map(|(_, message)| message).collect::<String>());
    assert_eq!(ended.line["events"], json!(12_005));
    assert_eq!(ended.line["pieces"], json!(12_000 + 4 * 2 + 4));
}

/// "reports what CloudWatch rejects", "for partial rejection the rejected events alone must not be lost nor the accepted ones duplicated"
#[test]
fn events_older_than_the_groups_retention_are_rejected_reported_and_written_late() {
    let logs = LogsApi::start();
    logs.keep_for(86_400_000);
    let mut function = Function::start(&logs);
    // Two days ago, on one day.
    let midday = now() / 86_400_000 * 86_400_000 - 2 * 86_400_000 + 43_200_000;
    let events = [(midday, "old".to_owned()), (midday + 1, "older than a day".to_owned()), (now(), "new".to_owned())];
    let ended = function.invoke(&batch(&events));
    ended.result.unwrap();
    assert_eq!((&ended.line["rejected_expired"], &ended.line["RejectedEvents"]), (&json!(2), &json!(2)));
    assert_eq!((&ended.line["written"], &ended.line["restamped"]), (&json!(3), &json!(2)));
    let messages = logs.messages();
    assert_eq!(messages.len(), 3);
    assert!(messages[0].ends_with("T12:00:00.000Z, expired] old"), "{messages:?}");
    assert!(messages[1].ends_with("T12:00:00.001Z, expired] older than a day"), "{messages:?}");
    assert_eq!(messages[2], "new");
}

#[test]
fn events_too_old_or_too_new_are_written_late_without_being_rejected_first() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    let (old, new) = (now() - 15 * 86_400_000, now() + 3 * 3_600_000);
    let ended = function.invoke(&batch(&[(old, "old".to_owned()), (new, "new".to_owned())]));
    ended.result.unwrap();
    assert_eq!((&ended.line["restamped"], &ended.line["RejectedEvents"]), (&json!(2), &json!(0)));
    let messages = logs.messages();
    assert!(messages[0].ends_with(", too old] old") && messages[1].ends_with(", too new] new"), "{messages:?}");
}

#[test]
fn events_that_are_rejected_whatever_their_time_fail_the_invocation_so_that_none_is_lost_in_silence() {
    let logs = LogsApi::start();
    logs.keep_for(-3_600_000);
    let mut function = Function::start(&logs);
    let payload = batch(&[(now(), "x".to_owned())]);
    let (name, message) = function.invoke(&payload).result.unwrap_err();
    assert_eq!(name, "EventsRejected");
    assert!(message.contains("rejected 1 events"), "{message}");
    logs.keep_for(86_400_000);
    function.invoke(&payload).result.unwrap();
    assert_eq!(logs.messages(), ["x"]);
}
