//! Terraform that writes what nobody understands: never a panic, always a clear failure with the log named.

use runner::{Class, Operation, Status};
use serde_json::json;

use crate::support::Fleet;

#[test]
fn garbage_is_a_clear_failure_with_the_log_named() {
    let halves = r#"{"@level":"info","@message":"aws_iam_role.a: Creat"#;
    for (what, fault) in [
        ("text", json!({"write": {"text": "lorem ipsum\ndolor\n", "exit": 1}})),
        ("nothing", json!({"write": {"text": "", "exit": 1}})),
        ("half a message", json!({"write": {"text": halves, "exit": 1}})),
        ("no line feed at the end", json!({"write": {"text": "one\ntwo", "exit": 3}})),
        ("not UTF-8", json!({"bytes": {"bytes": [255, 254, 10, 123, 192, 175, 125, 10, 0, 0, 0], "exit": 1}})),
        ("binary", json!({"bytes": {"bytes": (0..=255).collect::<Vec<u8>>(), "exit": 2}})),
        (
            "other JSON",
            json!({"write": {"text": "{}\n[]\nnull\n{\"type\":7}\n{\"type\":\"change_summary\",\"changes\":[]}\n", "exit": 1}}),
        ),
        ("escapes of a terminal", json!({"write": {"text": "\u{1b}[31mred\u{1b}[0m\r\n", "exit": 1}})),
    ] {
        for at in ["init", "start", "saved"] {
            let fleet = Fleet::new(2);
            let mut fault = fault.clone();
            fault["at"] = at.into();
            fault["times"] = 1.into();
            fleet.faults("s000", json!([fault]));
            let (outcomes, _) = fleet.run(Operation::Deploy);
            let case = format!("{what} at {at}");
            assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Failed, Status::Deployed), "{case}");
            let failure = outcomes[0].failure.as_ref().unwrap();
            assert_eq!(failure.class, Class::Unknown, "{case}: {failure:?}");
            assert!(failure.cause.starts_with("Terraform ended with exit status "), "{case}: {}", failure.cause);
            let log = failure.log.as_ref().unwrap();
            assert!(log.is_file(), "{case}: {}", log.display());
            assert!(fleet.statuses(Operation::Deploy)[0].is_good(), "{case}");
            fleet.assert_converged("s000");
        }
    }
}

/// An end that is good by its exit status alone says nothing of what was done.
#[test]
fn success_without_a_summary_is_no_success() {
    let fleet = Fleet::new(1);
    fleet.faults("s000", json!([{"at": "start", "times": 1, "write": {"text": "all is well\n", "exit": 0}}]));
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Failed, "{:?}", outcomes[0]);
    assert!(outcomes[0].failure.as_ref().unwrap().log.as_ref().unwrap().is_file());
    assert!(fleet.statuses(Operation::Deploy)[0].is_good());
    fleet.assert_converged("s000");
}

#[test]
fn noise_between_messages_is_no_failure() {
    let fleet = Fleet::new(1);
    fleet.faults(
        "s000",
        json!([
            {"at": "start", "say": "Warning: something that is printed before\n"},
            {"at": "saved", "resource": "aws_iam_role.a", "long_line": 3_000_000},
            {"at": "saved", "resource": "aws_iam_role.b", "say": "{\"half\": \n\u{0}\n"}
        ]),
    );
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed, "{:?}", outcomes[0].failure);
    assert_eq!(outcomes[0].changes.add, 3);
    assert!(outcomes[0].outputs.contains_key("first"));
}

#[test]
fn answers_that_are_no_answers_are_failures_too() {
    let fleet = Fleet::new(1);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    assert_eq!(fleet.statuses(Operation::Plan { save: true }), [Status::Unchanged]);
    fleet.faults("s000", json!([{"at": "output", "times": 1, "write": {"text": "{\"first\": ", "exit": 0}}]));
    let (outcomes, _) = fleet.run(Operation::DeploySaved);
    assert_eq!(outcomes[0].status, Status::Failed, "{:?}", outcomes[0]);
    assert!(outcomes[0].failure.as_ref().unwrap().cause.contains("output"), "{:?}", outcomes[0].failure);
}
