//! "`--unlock` only when the holder is gone, recorded"

use runner::{Class, Operation, Status};
use rustix::process::Signal;
use serde_json::json;

use crate::support::{Fleet, is_alive, signal_to};

/// A lock that its holder left behind, as one in S3 is.
fn with_a_lock_that_was_left() -> Fleet {
    let fleet = Fleet::new(2);
    let kill = json!({"at": "saved", "resource": "aws_iam_role.a", "times": 1, "kill": 9});
    fleet.script("s000", json!({"lock_stays": true, "faults": [kill]}));
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Failed, Status::Deployed]);
    fleet
}

#[test]
fn a_lock_that_is_held_is_told_with_its_holder_and_how_to_break_it() {
    let fleet = with_a_lock_that_was_left();
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Failed, Status::Unchanged));
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.class, Class::LockHeld);
    let cause = &failure.cause;
    assert!(cause.starts_with("the state is locked by fake@") && cause.ends_with(" UTC (apply)"), "{cause}");
    assert!(failure.fix.contains("--unlock"), "{}", failure.fix);
    assert!(fleet.calls_of("s000", "force-unlock").is_empty(), "nothing is broken unasked");
}

#[test]
fn a_lock_is_broken_when_it_is_asked_for_and_its_holder_is_gone() {
    let mut fleet = with_a_lock_that_was_left();
    fleet.settings.unlock = true;
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed, "{:?}", outcomes[0].failure);
    fleet.assert_converged("s000");
    assert_eq!(fleet.calls_of("s000", "force-unlock").len(), 1);
    let record = fleet.record("s000").unwrap();
    assert_eq!(record.unlocks.len(), 1, "{record:?}");
    assert!(record.unlocks[0].holder.starts_with("fake@"), "{record:?}");
    assert!(!record.unlocks[0].because.is_empty());
}

/// Of another machine nothing can be known from here.
#[test]
fn a_lock_of_another_machine_is_not_broken() {
    let mut fleet = Fleet::new(1);
    fleet.settings.unlock = true;
    fleet.settings.attempts = 1;
    let lock = "  ID:        00000000-0000-4000-8000-000000000007\n  Path:      x\n  Operation: OperationTypeApply\n  \
                Who:       ci@elsewhere\n  Version:   1.11.4\n  Created:   2026-01-01 00:00:00.5 +0000 UTC\n  Info:      \npid: 1\nstays: true\n";
    let mut path = fleet.state("s000").into_os_string();
    path.push(".fake-lock");
    std::fs::write(&path, lock).unwrap();
    let (outcomes, _) = fleet.run(Operation::Deploy);
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.class, Class::LockHeld);
    assert_eq!(failure.cause, "the state is locked by ci@elsewhere since 2026-01-01 00:00:00 UTC (apply)");
    assert!(failure.fix.contains("elsewhere"), "{}", failure.fix);
    assert!(fleet.calls_of("s000", "force-unlock").is_empty());
    assert_eq!(std::fs::read_to_string(path).unwrap(), lock);
}

#[test]
fn a_lock_is_not_broken_while_its_holder_works() {
    let mut fleet = Fleet::new(1);
    fleet.script(
        "s000",
        json!({"lock_stays": true, "faults": [
        {"at": "saved", "resource": "aws_iam_role.a", "times": 1, "hang": {"millis": 600_000, "obeys": false}}]}),
    );
    // A Terraform that somebody runs by hand in the stack's directory.
    for arguments in [vec!["init"], vec!["apply", "-auto-approve"]] {
        let mut command = std::process::Command::new(crate::support::FAKE);
        command.args(&arguments).current_dir(fleet.directory("s000")).env("FAKE_TERRAFORM", fleet.dir.path());
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        if arguments[0] == "init" {
            child.wait().unwrap();
            continue;
        }
        fleet.wait_for_fault("s000", 0);
        fleet.settings.unlock = true;
        fleet.settings.attempts = 1;
        let (outcomes, _) = fleet.run(Operation::Deploy);
        assert_eq!(outcomes[0].status, Status::Failed, "{:?}", outcomes[0]);
        let failure = outcomes[0].failure.as_ref().unwrap();
        assert_eq!(failure.class, Class::LockHeld, "{failure:?}");
        assert!(fleet.calls_of("s000", "force-unlock").is_empty());
        assert!(is_alive(child.id()));
        signal_to(child.id(), Signal::KILL);
        child.wait().unwrap();
    }
}

#[test]
fn a_lock_that_is_let_go_in_time_is_no_failure() {
    let mut fleet = Fleet::new(1);
    fleet.settings.attempts = 30;
    fleet.script("s000", json!({"resource": 600}));
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(crate::support::FAKE);
        command.args(arguments).current_dir(fleet.directory("s000")).env("FAKE_TERRAFORM", fleet.dir.path());
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    run(&["init"]).wait().unwrap();
    let mut other = run(&["apply", "-auto-approve"]);
    fleet.wait_until("its first resource", |fleet| !fleet.known("s000").is_empty());
    let (outcomes, _) = fleet.run(Operation::Deploy);
    other.wait().unwrap();
    assert_eq!(outcomes[0].status, Status::Unchanged, "{:?}", outcomes[0].failure);
    assert!(outcomes[0].attempts > 1);
    fleet.assert_converged("s000");
}
