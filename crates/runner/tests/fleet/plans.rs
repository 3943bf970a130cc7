//! Plans that are kept, stacks that go, records of another place, drift.

use std::fs;

use runner::{Action, Assumed, Class, Endpoints, Intent, Operation, Status};
use serde_json::json;

use crate::support::Fleet;

#[test]
fn a_plan_that_was_kept_is_applied_and_nothing_else() {
    let fleet = Fleet::new(2);
    let (outcomes, _) = fleet.run(Operation::Plan { save: true });
    assert!(outcomes.iter().all(|it| it.status == Status::Pending && it.changes.add == 3), "{outcomes:?}");
    assert!(fleet.cloud("s000").is_empty(), "a plan changes nothing");
    assert_eq!(fleet.statuses(Operation::DeploySaved), [Status::Deployed; 2]);
    fleet.assert_converged("s000");
    let applied = fleet.calls_of("s000", "apply");
    assert!(!applied[0].arguments.contains(&"-auto-approve".to_owned()), "{:?}", applied[0].arguments);
    assert_eq!(fleet.statuses(Operation::Plan { save: true }), [Status::Unchanged; 2]);
    let (outcomes, _) = fleet.run(Operation::DeploySaved);
    assert!(
        outcomes.iter().all(|it| it.status == Status::Unchanged && it.outputs.contains_key("first")),
        "{outcomes:?}"
    );
    assert_eq!(fleet.calls_of("s000", "apply").len(), 1, "nothing to do does nothing");
}

#[test]
fn a_plan_of_a_state_that_has_changed_since_is_refused() {
    let fleet = Fleet::new(1);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    fleet.declare("s000", &["aws_iam_role.a"]);
    assert_eq!(fleet.statuses(Operation::Plan { save: true }), [Status::Pending]);
    let state = fs::read_to_string(fleet.state("s000")).unwrap();
    fs::write(fleet.state("s000"), state.replace("\"serial\":", "\"serial\":9")).unwrap();
    let (outcomes, _) = fleet.run(Operation::DeploySaved);
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.class, Class::State, "{failure:?}");
    assert!(failure.cause.contains("Saved plan is stale"), "{}", failure.cause);
    assert_eq!(fleet.cloud("s000").len(), 3);
}

#[test]
fn what_was_never_deployed_is_not_destroyed_and_terraform_is_not_started() {
    let fleet = Fleet::new(2);
    assert_eq!(fleet.statuses(Operation::Destroy), [Status::Absent; 2]);
    let calls = fleet.calls();
    assert!(calls.iter().all(|call| call.arguments[0] == "version"), "{calls:?}");
}

#[test]
fn a_stack_that_goes_is_torn_down_by_a_deploy_and_stays_away() {
    let mut fleet = Fleet::new(2);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed; 2]);
    fleet.stacks[0].intent = Intent::Go;
    fleet.declare("s000", &[]);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Destroyed, Status::Unchanged]);
    assert!(fleet.cloud("s000").is_empty());
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Absent, Status::Unchanged]);
}

#[test]
fn a_pinned_stack_is_left_as_it_is() {
    let fleet = Fleet::new(2);
    runner::Records::open(&fleet.settings.home).pin("s001").unwrap();
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed, Status::Pinned]);
    assert!(fleet.calls_of("s001", "apply").is_empty() && fleet.calls_of("s001", "init").is_empty());
}

/// "A record of another target (emulator vs AWS) than the run's is refused."
#[test]
fn what_stands_in_an_emulator_is_not_looked_for_in_aws() {
    let mut fleet = Fleet::new(1);
    fleet.require_aws("s000");
    fleet.settings.endpoints = Endpoints::parse(["http://127.0.0.1:4566"]).unwrap();
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed, "{:?}", outcomes[0].failure);
    fleet.settings.endpoints = Endpoints::default();
    for operation in [Operation::Deploy, Operation::Destroy] {
        let before = fleet.calls().len();
        let (outcomes, _) = fleet.run(operation);
        let failure = outcomes[0].failure.as_ref().unwrap();
        assert_eq!((failure.class, failure.resumable), (Class::Configuration, false), "{failure:?}");
        assert_eq!(fleet.calls().len(), before, "Terraform is not even started");
    }
    fleet.assert_converged("s000");
}

/// "its own role that may only assume the per-tenant deployer role"
#[test]
fn a_role_is_assumed_for_one_tenant_at_a_time_and_for_nobody_else() {
    let mut fleet = Fleet::new(3);
    let arn = "arn:aws:iam::123456789012:role/deployer".to_owned();
    fleet.settings.assumed = Some(Assumed { arn, tenant_tag: "TenantId".to_owned() });
    for name in ["s000", "s001", "s002"] {
        fleet.require_aws(name);
    }
    // The platform's, and one of a tenant with an account of its own.
    fleet.stacks[1].tenant = None;
    let own = fleet.directory("s002").join("cdk.tf.json");
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(&own).unwrap()).unwrap();
    document["provider"]["aws"][0]["assume_role"] = json!([{ "role_arn": "arn:aws:iam::111122223333:role/own" }]);
    fs::write(own, document.to_string()).unwrap();
    let (outcomes, _) = fleet.run(Operation::Deploy);
    let statuses: Vec<_> = outcomes.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Status::Deployed, Status::Failed, Status::Failed], "{outcomes:?}");
    for (outcome, cause) in outcomes[1..].iter().zip(["is no tenant's stack", "arn:aws:iam::111122223333:role/own"]) {
        let failure = outcome.failure.as_ref().unwrap();
        assert!(failure.class == Class::Configuration && failure.cause.contains(cause), "{failure:?}");
        assert!(failure.fix.contains("--assume-role-arn"), "{failure:?}");
    }
    for name in ["s000", "s001", "s002"] {
        assert!(!fleet.directory(name).join(runner::ENDPOINTS_FILE_NAME).exists(), "nothing is left over {name}");
    }
}

#[test]
fn drift_is_told_by_attribute_and_changes_nothing() {
    let fleet = Fleet::new(3);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed; 3]);
    let cloud = |name: &str, address: &str| fleet.directory(name).join("cloud").join(address);
    fs::write(cloud("s000", "aws_iam_role.a"), json!({"name": "changed by hand", "path": "/"}).to_string()).unwrap();
    fs::remove_file(cloud("s001", "aws_iam_role.c")).unwrap();
    let states: Vec<_> = ["s000", "s001", "s002"].iter().map(|name| fs::read(fleet.state(name)).unwrap()).collect();
    let (outcomes, _) = fleet.run(Operation::DetectDrift);
    let statuses: Vec<_> = outcomes.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Status::Drifted, Status::Drifted, Status::Unchanged], "{outcomes:?}");
    assert_eq!(
        (outcomes[0].drift[0].action, outcomes[0].drift[0].address.as_str()),
        (Action::Update, "aws_iam_role.a")
    );
    // The stack does not set `path`.
    assert_eq!(outcomes[0].drift[0].attributes, ["name"]);
    assert_eq!(
        (outcomes[1].drift[0].action, outcomes[1].drift[0].address.as_str()),
        (Action::Delete, "aws_iam_role.c")
    );
    let after: Vec<_> = ["s000", "s001", "s002"].iter().map(|name| fs::read(fleet.state(name)).unwrap()).collect();
    assert_eq!(states, after);
}

#[test]
fn init_is_done_once_and_again_when_terraform_asks_for_it() {
    let fleet = Fleet::new(1);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged]);
    assert_eq!(fleet.calls_of("s000", "init").len(), 1);
    // Somebody cleaned up half of it.
    fs::remove_file(fleet.directory("s000").join(".terraform/fake-initialised")).unwrap();
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged]);
    assert_eq!(fleet.calls_of("s000", "init").len(), 2);
}
