use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;

// What Terraform 1.11.4 wrote for a stack of two `terraform_data`, one of them with a provisioner that fails at first.
const APPLY: &str = include_str!("fixtures/apply.jsonl");
const APPLY_AGAIN: &str = include_str!("fixtures/apply-again.jsonl");
const INIT: &str = include_str!("fixtures/init.jsonl");
const DESTROY: &str = include_str!("fixtures/destroy.jsonl");

fn entries(bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut decoder = Decoder::default();
    decoder.push(bytes, &mut |entry| entries.push(entry));
    decoder.finish(&mut |entry| entries.push(entry));
    entries
}

fn messages(text: &str) -> Vec<Message> {
    entries(text.as_bytes())
        .into_iter()
        .map(|entry| match entry {
            Entry::Message(message) => message,
            other => panic!("no message: {other:?}"),
        })
        .collect()
}

fn message(value: serde_json::Value) -> Message {
    messages(&value.to_string()).remove(0)
}

#[test]
fn every_message_of_a_real_run_is_known() {
    for (name, log) in [("apply", APPLY), ("apply again", APPLY_AGAIN), ("init", INIT), ("destroy", DESTROY)] {
        for message in messages(log) {
            assert!(!matches!(message, Message::Other { .. }), "{name}: {message:?}");
        }
    }
}

#[test]
fn a_failed_apply_tells_what_was_made_and_what_failed() {
    let messages = messages(APPLY);
    assert_eq!(messages[0], Message::Version { version: "1.11.4".into(), tofu: false, ui: "1.2".into() });
    let Message::PlannedChange(change) = &messages[1] else { panic!("{:?}", messages[1]) };
    assert_eq!((change.address.as_str(), change.action), ("terraform_data.a", ChangeAction::Create));
    assert!(messages.contains(&Message::Summary {
        of: SummaryOf::Plan,
        changes: Changes { add: 2, change: 0, remove: 0, import: 0 }
    }));
    let done: Vec<&Hook> = messages
        .iter()
        .filter_map(|message| match message {
            Message::Apply(hook) if hook.stage == Stage::Done => Some(hook),
            _ => None,
        })
        .collect();
    assert_eq!(done.len(), 1, "{done:?}");
    assert_eq!(done[0].address, "terraform_data.a");
    assert_eq!(done[0].resource_type, "terraform_data");
    let (key, value) = done[0].id.as_ref().unwrap();
    assert_eq!((key.as_str(), value.len()), ("id", 36));
    let Some(Message::Diagnostic(diagnostic)) = messages.last() else { panic!("{:?}", messages.last()) };
    assert_eq!(diagnostic.severity, Severity::Error);
    assert_eq!(diagnostic.address.as_deref(), Some("terraform_data.b"));
    assert_eq!(diagnostic.summary, "local-exec provisioner error");
    assert_eq!(diagnostic.file.as_deref(), Some("main.tf.json"));
    assert!(messages.iter().any(|message| matches!(
        message,
        Message::Provision { address, stage: Stage::Failed, .. } if address == "terraform_data.b"
    )));
}

#[test]
fn outputs_have_values_after_an_apply_and_sensitive_ones_never() {
    let all = messages(APPLY_AGAIN);
    let outputs = all.iter().filter_map(|message| match message {
        Message::Outputs(outputs) => Some(outputs),
        _ => None,
    });
    let [applied] = outputs.collect::<Vec<_>>()[..] else { panic!("{all:?}") };
    assert_eq!(applied["o"], OutputValue { sensitive: false, value: Some(json!("x")) });
    assert_eq!(applied["s"], OutputValue { sensitive: true, value: None });
    let told =
        message(json!({"@level": "info", "type": "outputs", "outputs": {"s": {"sensitive": true, "value": "told"}}}));
    assert_eq!(told, Message::Outputs([("s".to_owned(), OutputValue { sensitive: true, value: None })].into()));
}

#[test]
fn a_plan_names_the_outputs_that_change() {
    let changing = |text| {
        let all = messages(text);
        let planned = all.into_iter().filter_map(|message| match message {
            Message::PlannedOutputs { changing } => Some(changing.into_iter().collect::<Vec<_>>()),
            _ => None,
        });
        planned.collect::<Vec<_>>()
    };
    assert_eq!(changing(APPLY), [["o", "s"]]);
    assert_eq!(changing(APPLY_AGAIN), [[""; 0]]);
}

#[test]
fn a_tainted_resource_is_replaced_and_its_deletion_has_an_id_when_it_begins() {
    let all = messages(APPLY_AGAIN);
    assert!(all.iter().any(|message| matches!(
        message,
        Message::PlannedChange(Change { action: ChangeAction::Replace, reason: Some(reason), .. }) if reason == "tainted"
    )));
    assert!(all.iter().any(|message| matches!(
        message,
        Message::Apply(Hook { action: ChangeAction::Delete, stage: Stage::Started, id: Some(_), .. })
    )));
}

#[test]
fn an_observer_is_told_of_the_plan_and_of_each_resource() {
    let events: Vec<Event> = messages(DESTROY).iter().filter_map(Message::event).collect();
    assert!(matches!(&events[..], [
        Event::Resource { action: Action::Read, stage: Stage::Started, .. },
        ..,
        Event::Resource { action: Action::Delete, stage: Stage::Started, .. },
        Event::Resource { action: Action::Delete, stage: Stage::Done, address },
    ] if address == "terraform_data.a"));
    assert!(events.iter().any(|event| matches!(event, Event::Planned(Changes { remove: 2, .. }))));
}

#[test]
fn opentofu_is_told_apart() {
    let line = json!({"@level": "info", "@message": "OpenTofu 1.10.0", "@module": "tofu.ui", "tofu": "1.10.0", "type": "version", "ui": "1.2"});
    assert_eq!(message(line), Message::Version { version: "1.10.0".into(), tofu: true, ui: "1.2".into() });
}

#[test]
fn progress_says_since_when() {
    let hook = json!({"resource": {"addr": "aws_vpc.main", "resource_type": "aws_vpc"}, "action": "create", "elapsed_seconds": 70});
    let told = message(json!({"@level": "info", "type": "apply_progress", "hook": hook}));
    let Message::Apply(hook) = told else { panic!("{told:?}") };
    assert_eq!(hook.stage, Stage::Going { elapsed: Duration::from_secs(70) });
}

#[test]
fn unknown_types_and_forms_are_kept_by_name() {
    for (line, kind) in [
        (json!({"@level": "info", "@message": "m", "type": "brand_new", "hook": {"a": 1}}), "brand_new"),
        (json!({"@level": "info", "@message": "m", "type": "apply_start", "hook": 5}), "apply_start"),
        (json!({"@level": "info", "@message": "m", "type": "apply_start"}), "apply_start"),
        (
            json!({"@level": "info", "@message": "m", "type": "apply_paused", "hook": {"resource": {"addr": "a.b"}}}),
            "apply_paused",
        ),
        // An action has an object where a hook has a word.
        (
            json!({"@level": "info", "@message": "m", "type": "action_start", "hook": {"action": {"addr": "action.x.y"}}}),
            "action_start",
        ),
        (
            json!({"@level": "info", "@message": "m", "type": "change_summary", "changes": {"add": -1, "operation": "plan"}}),
            "change_summary",
        ),
        (json!({"@level": "info", "@message": "m"}), ""),
    ] {
        assert_eq!(message(line.clone()), Message::Other { kind: kind.into(), text: "m".into() }, "{line}");
    }
}

#[test]
fn absurd_times_are_no_times() {
    for seconds in ["-1", "1e300", "null"] {
        let line = format!(
            r#"{{"type":"apply_progress","hook":{{"resource":{{"addr":"a.b"}},"action":"create","elapsed_seconds":{seconds}}}}}"#
        );
        let told = messages(&line).remove(0);
        assert!(
            matches!(&told, Message::Apply(Hook { stage: Stage::Going { elapsed }, .. }) if elapsed.is_zero()),
            "{seconds}: {told:?}"
        );
    }
}

#[test]
fn a_dump_of_the_state_is_told_without_the_state() {
    let line = json!({"@level": "info", "@message": "Emergency state dump", "type": "log", "state": {"version": 4, "secret": "x"}});
    assert_eq!(message(line), Message::StateDump);
}

#[test]
fn garbage_is_text() {
    let cases: [&[u8]; 8] = [
        b"",
        b"Warning: something",
        b"{",
        b"{}",
        b"{\"type\":5}",
        b"[1,2]",
        b"{\"type\":\"log\",\"@mess",
        b"\xff\xfe{\"a\":",
    ];
    for line in cases {
        let lossy = String::from_utf8_lossy(line).into_owned();
        assert_eq!(Entry::of(line), Entry::Text(lossy.clone()), "{lossy}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(Entry::of(format!("{{\"type\":\"log\",\"hook\":{deep}").as_bytes()), Entry::Text(_)));
}

#[test]
fn a_message_with_bytes_that_are_not_utf_8_is_still_a_message() {
    let line = b"{\"@level\":\"info\",\"type\":\"log\",\"@message\":\"caf\xe9\"}";
    assert_eq!(Entry::of(line), Entry::Message(Message::Log("caf\u{fffd}".into())));
}

#[test]
fn lines_end_with_or_without_a_carriage_return() {
    assert_eq!(entries(b"one\r\ntwo\n\nthree"), ["one", "two", "", "three"].map(|text| Entry::Text(text.into())));
    assert_eq!(entries(b"one\n"), [Entry::Text("one".into())]);
    assert_eq!(entries(b""), []);
}

#[test]
fn a_line_without_end_costs_no_memory() {
    let mut seen = Vec::new();
    let mut decoder = Decoder::default();
    let piece = [b'x'; 4096];
    for _ in 0..MAX_LINE / 1024 {
        decoder.push(&piece, &mut |entry| seen.push(entry));
    }
    decoder.push(b"\n{\"type\":\"log\",\"@message\":\"after\"}\n", &mut |entry| seen.push(entry));
    let bytes = 4 * MAX_LINE as u64;
    assert_eq!(seen, [Entry::TooLong { bytes, start: "x".repeat(200) }, Entry::Message(Message::Log("after".into())),]);
}

#[test]
fn the_longest_line_is_read_and_one_byte_more_is_not() {
    let longest = vec![b'x'; MAX_LINE];
    assert!(matches!(&entries(&longest)[..], [Entry::Text(text)] if text.len() == MAX_LINE));
    let longer = vec![b'x'; MAX_LINE + 1];
    assert!(matches!(&entries(&longer)[..], [Entry::TooLong { bytes, .. }] if *bytes == MAX_LINE as u64 + 1));
}

#[test]
fn a_resource_is_found_by_address_or_by_context() {
    let mut diagnostic = Diagnostic::error("s", "d");
    assert_eq!(diagnostic.resource(), None);
    for (context, resource) in [
        ("resource.aws_vpc.main.tags", Some("aws_vpc.main")),
        ("data.aws_caller_identity.this", Some("data.aws_caller_identity.this")),
        ("provider.aws", None),
        ("terraform.backend.s3", None),
        ("", None),
    ] {
        diagnostic.context = Some(context.into());
        assert_eq!(diagnostic.resource().as_deref(), resource, "{context}");
    }
    diagnostic.address = Some("module.a.aws_vpc.b".into());
    assert_eq!(diagnostic.resource().as_deref(), Some("module.a.aws_vpc.b"));
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_give_the_same_entries(bytes in any::<Vec<u8>>(), cut in 1_usize..50) {
        let whole = entries(&bytes);
        let mut pieces = Vec::new();
        let mut decoder = Decoder::default();
        for piece in bytes.chunks(cut) {
            decoder.push(piece, &mut |entry| pieces.push(entry));
        }
        decoder.finish(&mut |entry| pieces.push(entry));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn a_message_that_is_cut_off_anywhere_is_text_and_harms_no_other(line in 0_usize..20, cut in 1_usize..5000) {
        let lines: Vec<&str> = APPLY.lines().collect();
        let line = lines[line % lines.len()];
        let cut = cut % line.len();
        let broken = format!("{}\n{line}\n", line.get(..cut).unwrap_or_default());
        let all = entries(broken.as_bytes());
        prop_assert_eq!(all.len(), 2);
        prop_assert!(matches!(&all[0], Entry::Text(_)));
        prop_assert!(matches!(&all[1], Entry::Message(_)));
    }

    #[test]
    fn a_message_with_one_byte_changed_never_panics(line in 0_usize..20, at in 0_usize..5000, byte in any::<u8>()) {
        let lines: Vec<&str> = APPLY.lines().collect();
        let mut line = lines[line % lines.len()].as_bytes().to_vec();
        let at = at % line.len();
        line[at] = byte;
        let _ = entries(&line);
    }
}
