//! "SIGKILL of `app`, of terraform, of the provider: the next run finds what happened and converges. No state is ever deleted."

use std::fs;

use runner::{Class, Event, Operation, Status, Waiting};
use rustix::process::Signal;
use serde_json::json;

use crate::support::{Fleet, fails, is_alive, signal_to};

#[test]
fn terraform_that_is_killed_anywhere_is_a_crash_and_the_next_run_converges() {
    for (at, resource) in [
        ("init", None),
        ("start", None),
        ("before", Some("aws_iam_role.b")),
        ("saved", Some("aws_iam_role.b")),
        ("saved", Some("aws_iam_role.c")),
        ("end", None),
    ] {
        let case = format!("killed at {at} {resource:?}");
        let fleet = Fleet::new(2);
        fleet.faults("s000", json!([{"at": at, "resource": resource, "times": 1, "kill": 9}]));
        let (outcomes, _) = fleet.run(Operation::Deploy);
        assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Failed, Status::Deployed), "{case}");
        let failure = outcomes[0].failure.as_ref().unwrap();
        assert_eq!(failure.class, Class::Crash, "{case}: {failure:?}");
        assert!(failure.cause.contains("SIGKILL"), "{case}: {failure:?}");
        assert!(failure.log.as_ref().unwrap().is_file(), "{case}");
        let (outcomes, _) = fleet.run(Operation::Deploy);
        assert!(outcomes[0].status.is_good(), "{case}: {:?}", outcomes[0].failure);
        fleet.assert_converged("s000");
        assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged; 2], "{case}");
    }
}

/// "Resources that AWS has but the state lacks (Terraform killed between AWS's answer and the saved state)"
#[test]
fn what_aws_has_and_the_state_lacks_is_taken_over() {
    for save_at_end in [false, true] {
        let fleet = Fleet::new(1);
        let kill = json!({"at": "after", "resource": "aws_iam_role.b", "times": 1, "kill": 9});
        fleet.script("s000", json!({"save_at_end": save_at_end, "faults": [kill]}));
        assert_eq!(fleet.statuses(Operation::Deploy), [Status::Failed]);
        assert_eq!(fleet.cloud("s000"), ["aws_iam_role.a", "aws_iam_role.b"], "save at end: {save_at_end}");
        let (outcomes, _) = fleet.run(Operation::Deploy);
        assert!(outcomes[0].status.is_good(), "save at end: {save_at_end}: {:?}", outcomes[0].failure);
        fleet.assert_converged("s000");
        assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged]);
        let left: Vec<_> = fs::read_dir(fleet.directory("s000"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".tf.json") && name != "cdk.tf.json")
            .collect();
        assert!(left.is_empty(), "what helped to take over is removed: {left:?}");
    }
}

#[test]
fn a_destroy_that_is_killed_is_gone_on_with() {
    for at in ["start", "before", "after", "saved", "end"] {
        let fleet = Fleet::new(1);
        assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
        let resource = (!["start", "end"].contains(&at)).then_some("aws_iam_role.b");
        fleet.faults("s000", json!([{"at": at, "resource": resource, "times": 1, "kill": 9}]));
        let (outcomes, _) = fleet.run(Operation::Destroy);
        assert_eq!(outcomes[0].status, Status::Failed, "{at}");
        let (outcomes, _) = fleet.run(Operation::Destroy);
        assert!(outcomes[0].status.is_good(), "{at}: {:?}", outcomes[0].failure);
        assert!(fleet.cloud("s000").is_empty(), "{at}: {:?}", fleet.cloud("s000"));
        assert!(fleet.known("s000").is_empty(), "{at}");
    }
}

#[test]
fn terraform_that_somebody_kills_is_a_crash() {
    let fleet = Fleet::new(1);
    fleet.faults("s000", json!([{"at": "before", "resource": "aws_iam_role.b", "times": 1, "hang": {"millis": 600_000, "obeys": false}}]));
    let outcome = std::thread::scope(|scope| {
        let run = scope.spawn(|| fleet.run(Operation::Deploy).0.remove(0));
        fleet.wait_for_fault("s000", 0);
        signal_to(fleet.calls_of("s000", "apply")[0].pid, Signal::KILL);
        run.join().unwrap()
    });
    assert_eq!(outcome.status, Status::Failed);
    assert_eq!(outcome.failure.unwrap().class, Class::Crash);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    fleet.assert_converged("s000");
}

/// The provider is killed, or the network lost, after AWS has done what it was asked and before it says so: Terraform ends in order and
/// its state has nothing of it.
#[test]
fn what_aws_has_done_and_nobody_has_heard_of_is_taken_over() {
    let plugin = "Plugin did not respond: The plugin encountered an error, and failed to respond to the plugin.(*GRPCProvider).ApplyResourceChange call.";
    let network = "creating IAM Role (x): operation error IAM: CreateRole, https response error StatusCode: 0, RequestID: , request send failed, Post \"https://iam.amazonaws.com/\": EOF";
    for (said, class, runs) in [(plugin, Class::Crash, 2), (network, Class::Network, 1)] {
        let fleet = Fleet::new(1);
        fleet.faults("s000", json!([fails("after", Some("aws_iam_role.b"), Some(1), said)]));
        for run in 1..=runs {
            let (outcomes, _) = fleet.run(Operation::Deploy);
            let failure = outcomes[0].failure.as_ref();
            match run == runs {
                true => assert!(outcomes[0].status.is_good(), "{failure:?}"),
                false => assert_eq!(failure.unwrap().class, class),
            }
        }
        fleet.assert_converged("s000");
        assert_eq!(fleet.calls_of("s000", "import").len(), 1, "{class:?}");
        assert_eq!(fleet.record("s000").unwrap().doubtful, []);
    }
}

/// "If `app` is killed, Terraform finishes, saves its state and releases its lock"; "the next run waits for it".
#[test]
fn terraform_outlives_a_runner_that_is_killed_and_the_next_run_waits_for_it() {
    let fleet = Fleet::new(1);
    fleet.script("s000", json!({"resource": 700}));
    let driver = fleet.start(Operation::Deploy);
    fleet.wait_until("the first resource", |fleet| !fleet.known("s000").is_empty());
    driver.kill();
    let pid = fleet.calls_of("s000", "apply")[0].pid;
    assert!(is_alive(pid), "Terraform goes on");
    let (outcomes, log) = fleet.run(Operation::Deploy);
    let events = log.of("s000");
    assert!(
        events.iter().any(|event| matches!(event, Event::Waiting(Waiting::EarlierRun { pid: it }) if *it == pid)),
        "{events:?}"
    );
    assert!(events.iter().any(|event| matches!(event, Event::Note(_))), "it is said what was found: {events:?}");
    assert_eq!(outcomes[0].status, Status::Unchanged, "{:?}", outcomes[0].failure);
    fleet.assert_converged("s000");
    let calls = fleet.calls_of("s000", "apply");
    assert!(calls[0].ended.unwrap() <= calls[1].began, "never two at once");
}

#[test]
fn runner_and_terraform_killed_together_are_gone_on_from() {
    let fleet = Fleet::new(2);
    fleet.faults(
        "s000",
        json!([{"at": "after", "resource": "aws_iam_role.b", "times": 1, "hang": {"millis": 600_000, "obeys": false}}]),
    );
    let driver = fleet.start(Operation::Deploy);
    fleet.wait_for_fault("s000", 0);
    fleet.wait_until("the other stack", |fleet| fleet.known("s001").len() == 3);
    driver.kill();
    signal_to(fleet.calls_of("s000", "apply")[0].pid, Signal::KILL);
    let (outcomes, log) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed, "{:?}", outcomes[0].failure);
    assert!(outcomes[1].status.is_good());
    let notes: Vec<_> = log.of("s000").into_iter().filter(|event| matches!(event, Event::Note(_))).collect();
    assert!(format!("{notes:?}").contains("aws_iam_role.b"), "what was under way is said: {notes:?}");
    fleet.assert_converged("s000");
}

#[test]
fn a_state_that_was_cut_off_is_refused_and_left_as_it_is() {
    let fleet = Fleet::new(1);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    let whole = fs::read(fleet.state("s000")).unwrap();
    fleet.declare("s000", &["aws_iam_role.a", "aws_iam_role.b", "aws_iam_role.c", "aws_iam_role.d"]);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    fleet.faults("s000", json!([{"at": "end", "times": 1, "truncate_state": null}]));
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Failed]);
    assert_eq!(fs::read(fleet.state("s000")).unwrap(), b"");
    for operation in [Operation::Deploy, Operation::Destroy] {
        let before = fleet.calls().len();
        let (outcomes, _) = fleet.run(operation);
        let failure = outcomes[0].failure.clone().unwrap();
        assert_eq!((failure.class, failure.resumable), (Class::State, false), "{failure:?}");
        assert!(failure.fix.contains("state-copies"), "the copy to restore is named: {}", failure.fix);
        assert_eq!(fleet.calls().len(), before, "Terraform is not even started");
        assert_eq!(fs::read(fleet.state("s000")).unwrap(), b"", "nothing touches it");
    }
    // The copy that is named is whole; put back, all is well.
    let copies = fleet.settings.home.join("stacks/s000/state-copies");
    let mut copies: Vec<_> = fs::read_dir(copies).unwrap().map(|entry| entry.unwrap().path()).collect();
    copies.sort();
    assert!(copies.iter().any(|copy| fs::read(copy).unwrap() == whole));
    fs::copy(copies.last().unwrap(), fleet.state("s000")).unwrap();
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged]);
}

#[test]
fn a_record_that_is_damaged_is_moved_aside_and_told() {
    let fleet = Fleet::new(1);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    let record = fleet.settings.home.join("stacks/s000/record.json");
    for damage in ["", "{\"format\": 1, \"sta", "\u{0}\u{0}\u{0}"] {
        fs::write(&record, damage).unwrap();
        let (outcomes, log) = fleet.run(Operation::Deploy);
        assert_eq!(outcomes[0].status, Status::Unchanged, "{damage:?}: {:?}", outcomes[0].failure);
        let notes = format!("{:?}", log.of("s000"));
        assert!(notes.contains("moved to"), "{damage:?}: {notes}");
    }
    let aside = fs::read_dir(record.parent().unwrap()).unwrap();
    let aside = aside.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("damaged")).count();
    assert_eq!(aside, 3, "none is deleted");
}

#[test]
fn two_runs_never_work_on_one_stack_at_once() {
    let fleet = Fleet::new(2);
    fleet.common(&json!({"resource": 60}));
    let drivers = [fleet.start(Operation::Deploy), fleet.start(Operation::Deploy), fleet.start(Operation::Deploy)];
    for driver in drivers {
        for outcome in driver.outcomes() {
            assert!(["deployed", "unchanged"].contains(&outcome["status"].as_str().unwrap()), "{outcome}");
        }
    }
    for name in ["s000", "s001"] {
        fleet.assert_converged(name);
        let mut calls: Vec<_> = fleet.calls().into_iter().filter(|call| call.stack == name).collect();
        calls.sort_by_key(|call| call.began);
        assert_eq!(calls.iter().filter(|call| call.arguments[0] == "apply").count(), 3, "{name}");
        for pair in calls.windows(2) {
            assert!(pair[0].ended.unwrap() <= pair[1].began, "{name}: {pair:?}");
        }
    }
}

/// The state is not lost when it cannot be saved: Terraform writes it beside the document, or says it, and the next run puts it back.
#[test]
fn a_state_that_could_not_be_saved_is_put_in_its_place() {
    for dump in [false, true] {
        let fleet = Fleet::new(1);
        let detail = "The error shown above has prevented Terraform from writing the updated state to the configured backend. To allow for \
                      recovery, the state has been written to the file \"errored.tfstate\" in the current working directory.";
        let fail = json!({"summary": "Failed to persist state to backend", "detail": if dump { "" } else { detail }});
        fleet.script(
            "s000",
            json!({"save_at_end": true, "dump_state": dump, "faults": [{"at": "save", "times": 1, "fail": fail}]}),
        );
        let (outcomes, _) = fleet.run(Operation::Deploy);
        assert_eq!(outcomes[0].status, Status::Failed, "dump: {dump}");
        let failure = outcomes[0].failure.as_ref().unwrap();
        assert_eq!(failure.class, Class::State, "dump: {dump}: {failure:?}");
        assert_eq!((fleet.cloud("s000").len(), fleet.known("s000").len()), (3, 0), "dump: {dump}");
        let (outcomes, log) = fleet.run(Operation::Deploy);
        assert_eq!(
            outcomes[0].status,
            Status::Unchanged,
            "dump: {dump}: {:?} {:?}",
            outcomes[0].failure,
            log.of("s000")
        );
        fleet.assert_converged("s000");
    }
}

/// Two plans of what is the same stack, an interrupt while it waits: nothing hangs.
#[test]
fn one_that_waits_for_another_run_can_be_interrupted() {
    let fleet = Fleet::new(1);
    fleet.script("s000", json!({"resource": 1000}));
    let first = fleet.start(Operation::Deploy);
    fleet.wait_until("the first resource", |fleet| !fleet.known("s000").is_empty());
    let interrupt = runner::Interrupt::new();
    let (outcomes, log) = std::thread::scope(|scope| {
        let run = scope.spawn(|| fleet.run_until(Operation::Deploy, &interrupt));
        std::thread::sleep(std::time::Duration::from_millis(300));
        interrupt.request();
        run.join().unwrap()
    });
    assert_eq!(outcomes[0].status, Status::NotStarted, "{:?}", log.of("s000"));
    assert_eq!(first.outcomes()[0]["status"], "deployed", "the other one is not touched");
    fleet.assert_converged("s000");
}
