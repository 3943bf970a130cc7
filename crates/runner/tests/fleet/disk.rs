//! "a full disk: the next run finds what happened"

use std::fs;
use std::process::{Command, Stdio};

use runner::{Class, Operation, Status};
use serde_json::json;

use crate::support::{Driver, Fleet};

#[test]
fn a_full_disk_is_told_and_the_others_go_on() {
    let fleet = Fleet::new(2);
    let detail = "Error saving state: write terraform.tfstate: no space left on device";
    fleet.faults("s000", json!([{"at": "saved", "resource": "aws_iam_role.b", "times": 1, "fail": {"summary": "Failed to save state", "detail": detail}}]));
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Failed, Status::Deployed));
    assert_eq!(outcomes[0].failure.as_ref().unwrap().class, Class::Disk);
    assert!(fleet.statuses(Operation::Deploy)[0].is_good());
    fleet.assert_converged("s000");
}

/// No file may be larger than 32 KiB: neither what Terraform says nor what the runner keeps.
#[test]
fn files_that_may_not_grow_are_a_failure_and_no_half_written_record() {
    let fleet = Fleet::new(2);
    fleet.faults("s000", json!([{"at": "saved", "resource": "aws_iam_role.b", "times": 1, "long_line": 200_000}]));
    let driver = fleet.driver(Operation::Deploy);
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "ulimit -f 64; exec \"$0\" \"$@\""]).arg(driver.get_program()).args(driver.get_args());
    // The fake writes down its environment.
    limited
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("FAKE_TERRAFORM", fleet.dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let outcomes = Driver(limited.spawn().unwrap()).outcomes();
    assert_eq!(outcomes.len(), 2, "it is told how each ended: {outcomes:?}");
    assert_eq!(outcomes[0]["status"], "failed", "{outcomes:?}");
    assert_eq!(outcomes[0]["failure"]["class"], "disk", "{outcomes:?}");
    assert_eq!(outcomes[1]["status"], "deployed", "{outcomes:?}");
    let record = fs::read(fleet.settings.home.join("stacks/s000/record.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&record).unwrap();
    assert!(fleet.statuses(Operation::Deploy)[0].is_good());
    fleet.assert_converged("s000");
}

#[test]
fn a_home_that_may_not_be_written_to_is_refused_before_anything_starts() {
    let mut fleet = Fleet::new(1);
    let taken = fleet.dir.path().join("taken");
    fs::write(&taken, "a file").unwrap();
    fleet.settings.home = taken.join(".palisade");
    let log = crate::support::Log::default();
    let error =
        runner::run(Operation::Deploy, &fleet.stacks, &fleet.settings, &log, &runner::Interrupt::new()).unwrap_err();
    assert!(error.to_string().contains("records and logs"), "{error}");
    assert!(fleet.calls_of("s000", "init").is_empty());
}

#[test]
fn a_stack_directory_that_is_gone_is_told() {
    let fleet = Fleet::new(2);
    fs::remove_dir_all(fleet.directory("s000")).unwrap();
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Failed, Status::Deployed));
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert!(failure.cause.contains("s000"), "{failure:?}");
}
