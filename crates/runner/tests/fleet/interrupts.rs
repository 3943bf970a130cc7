//! "first Ctrl-C asks every Terraform to stop gracefully and waits (state saved, lock released); second one is explained before it is
//! obeyed"

use std::time::{Duration, Instant};

use runner::{Class, Interrupt, Operation, Status};
use rustix::process::Signal;
use serde_json::json;

use crate::support::{Fleet, is_alive, signal_to};

#[test]
fn the_first_interrupt_stops_gracefully_and_the_next_run_goes_on() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let fleet = Fleet::new(4);
        fleet.common(&json!({"resource": 400}));
        let driver = fleet.start(Operation::Deploy);
        fleet.wait_until("both at work", |fleet| fleet.cloud("s000").len() + fleet.cloud("s001").len() >= 1);
        driver.signal(signal);
        let outcomes = driver.outcomes();
        let statuses: Vec<&str> = outcomes.iter().map(|outcome| outcome["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["interrupted", "interrupted", "not_started", "not_started"], "{signal:?}: {outcomes:?}");
        for name in ["s000", "s001"] {
            assert_eq!(fleet.known(name), fleet.cloud(name), "{signal:?}: the state has all that was done: {name}");
            assert!(!fleet.known(name).is_empty(), "{name}");
            assert!(fleet.calls_of(name, "apply")[0].ended.is_some(), "{name} ended by itself");
        }
        assert!(fleet.calls_of("s002", "apply").is_empty());
        fleet.common(&json!({}));
        assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed; 4], "{signal:?}");
    }
}

#[test]
fn the_second_interrupt_makes_terraform_leave_and_the_next_run_finds_what_the_state_lacks() {
    let fleet = Fleet::new(1);
    // AWS has it, and Terraform waits for AWS to say so.
    fleet.faults(
        "s000",
        json!([{"at": "after", "resource": "aws_iam_role.b", "times": 1, "hang": {"millis": 600_000, "obeys": false}}]),
    );
    let driver = fleet.start(Operation::Deploy);
    fleet.wait_for_fault("s000", 0);
    driver.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(500));
    assert!(is_alive(fleet.calls_of("s000", "apply")[0].pid), "one interrupt waits without limit");
    driver.signal(Signal::INT);
    let outcomes = driver.outcomes();
    assert_eq!(outcomes[0]["status"], "interrupted", "{outcomes:?}");
    assert_eq!(fleet.known("s000"), ["aws_iam_role.a"]);
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed, "{:?}", outcomes[0].failure);
    fleet.assert_converged("s000");
}

/// A Terraform that hears nothing is left alone at last, never killed, and the next run waits for it.
#[test]
fn the_third_interrupt_leaves_terraform_to_itself() {
    let fleet = Fleet::new(1);
    fleet.faults(
        "s000",
        json!([{"at": "before", "resource": "aws_iam_role.b", "times": 1, "hang": {"millis": 2_500, "obeys": false}}]),
    );
    let interrupt = Interrupt::new();
    let (outcomes, _) = std::thread::scope(|scope| {
        let run = scope.spawn(|| fleet.run_until(Operation::Deploy, &interrupt));
        fleet.wait_for_fault("s000", 0);
        // All three at once: there is no time to pass the second one on.
        (0..3).for_each(|_| interrupt.request());
        run.join().unwrap()
    });
    assert_eq!(outcomes[0].status, Status::Interrupted);
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.class, Class::Interrupted);
    let record = fleet.record("s000").unwrap();
    let pid = fleet.calls_of("s000", "apply")[0].pid;
    if is_alive(pid) {
        assert!(record.is_open(), "{record:?}");
    }
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert!(outcomes[0].status.is_good(), "{:?}", outcomes[0].failure);
    fleet.assert_converged("s000");
}

#[test]
fn an_interrupt_ends_pauses_at_once() {
    let mut fleet = Fleet::new(2);
    fleet.settings.attempts = 50;
    fleet.common(&json!({"faults": [crate::support::fails("before", None, None, crate::support::THROTTLE)]}));
    let interrupt = Interrupt::new();
    let began = Instant::now();
    let (outcomes, _) = std::thread::scope(|scope| {
        let run = scope.spawn(|| fleet.run_until(Operation::Deploy, &interrupt));
        fleet.wait_until("some attempts", |fleet| fleet.calls_of("s000", "apply").len() >= 2);
        interrupt.request();
        run.join().unwrap()
    });
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    for outcome in outcomes {
        assert_eq!(outcome.status, Status::Interrupted, "{outcome:?}");
    }
}

#[test]
fn an_interrupt_before_anything_starts_nothing() {
    let fleet = Fleet::new(3);
    let interrupt = Interrupt::new();
    interrupt.request();
    let (outcomes, _) = fleet.run_until(Operation::Deploy, &interrupt);
    assert!(outcomes.iter().all(|outcome| outcome.status == Status::NotStarted), "{outcomes:?}");
    let calls = fleet.calls();
    assert!(calls.iter().all(|call| call.arguments[0] == "version"), "{calls:?}");
}

#[test]
fn a_hang_is_waited_for_and_can_be_stopped() {
    let fleet = Fleet::new(2);
    fleet.faults("s000", json!([{"at": "start", "times": 1, "hang": {"millis": 600_000, "obeys": true}}]));
    let interrupt = Interrupt::new();
    let (outcomes, _) = std::thread::scope(|scope| {
        let run = scope.spawn(|| fleet.run_until(Operation::Deploy, &interrupt));
        // The other one is not kept from anything.
        fleet.wait_until("the other stack", |fleet| fleet.known("s001").len() == 3);
        fleet.wait_for_fault("s000", 0);
        interrupt.request();
        run.join().unwrap()
    });
    assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Interrupted, Status::Deployed));
    assert!(fleet.cloud("s000").is_empty());
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed, Status::Unchanged]);
}

#[test]
fn an_interrupt_reaches_terraform_once_though_the_whole_terminal_is_interrupted() {
    let fleet = Fleet::new(1);
    fleet.script("s000", json!({"resource": 300}));
    let driver = fleet.start(Operation::Deploy);
    fleet.wait_until("at work", |fleet| !fleet.calls_of("s000", "apply").is_empty());
    let terraform = fleet.calls_of("s000", "apply")[0].pid;
    let group = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(')').unwrap().1.split_whitespace().nth(2).unwrap().to_owned()
    };
    assert_ne!(group(terraform), group(driver.0.id()), "a group of its own");
    signal_to(driver.0.id(), Signal::INT);
    assert_eq!(driver.outcomes()[0]["status"], "interrupted");
}
