//! "keep going; classify; retry only transient ones with backoff and jitter; say phase, resource address, cause, fix"

use runner::{Class, Event, Operation, Phase, Status};
use serde_json::json;

use crate::support::{Fleet, QUOTA, THROTTLE, fails};

#[test]
fn one_that_fails_costs_the_others_nothing() {
    let fleet = Fleet::new(6);
    fleet.faults("s001", json!([fails("before", Some("aws_iam_role.b"), None, QUOTA)]));
    let (outcomes, _) = fleet.run(Operation::Deploy);
    for outcome in &outcomes {
        let expected = if outcome.stack == "s001" { Status::Failed } else { Status::Deployed };
        assert_eq!(outcome.status, expected, "{}: {:?}", outcome.stack, outcome.failure);
    }
    let failed = &outcomes[1];
    let failure = failed.failure.as_ref().unwrap();
    assert_eq!((failure.class, failure.phase), (Class::Quota, Phase::Apply));
    assert_eq!(failure.address.as_deref(), Some("aws_iam_role.b"));
    assert_eq!(failure.code.as_deref(), Some("VpcLimitExceeded"));
    assert_eq!(failure.cause, "creating EC2 VPC: VpcLimitExceeded: The maximum number of VPCs has been reached.");
    assert!(failure.fix.contains("app deploy --resume --tenant tenant-s001"), "{}", failure.fix);
    assert!(failure.log.as_ref().unwrap().is_file());
    // What could be done of it is done: Terraform goes on with the others.
    assert_eq!(fleet.known("s001"), ["aws_iam_role.a", "aws_iam_role.c"]);
    assert_eq!(failed.changes.add, 2);
}

#[test]
fn what_lasts_is_not_tried_again() {
    let mut fleet = Fleet::new(1);
    fleet.settings.attempts = 4;
    for summary in [
        QUOTA,
        "creating IAM Role (x): EntityAlreadyExists: Role with name x already exists.",
        "creating X: operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: r, api error AccessDenied: no",
        "no such thing was ever seen",
    ] {
        fleet.faults("s000", json!([fails("before", Some("aws_iam_role.a"), None, summary)]));
        let before = fleet.calls_of("s000", "apply").len();
        let (outcomes, _) = fleet.run(Operation::Deploy);
        assert_eq!((outcomes[0].status, outcomes[0].attempts), (Status::Failed, 1), "{summary}");
        assert_eq!(fleet.calls_of("s000", "apply").len() - before, 1, "{summary}");
    }
}

#[test]
fn what_passes_is_tried_again_and_gives_its_slot_away() {
    let mut fleet = Fleet::new(3);
    fleet.settings.parallelism = std::num::NonZeroUsize::MIN;
    fleet.settings.attempts = 3;
    fleet.faults("s000", json!([fails("before", Some("aws_iam_role.b"), Some(2), THROTTLE)]));
    let (outcomes, log) = fleet.run(Operation::Deploy);
    assert!(outcomes.iter().all(|it| it.status == Status::Deployed), "{outcomes:?}");
    assert_eq!((outcomes[0].attempts, outcomes[1].attempts), (3, 1));
    fleet.assert_converged("s000");
    let retries: Vec<_> = log
        .of("s000")
        .into_iter()
        .filter_map(|event| match event {
            Event::Retry { failure, attempt, pause } => Some((failure.class, attempt, pause)),
            _ => None,
        })
        .collect();
    assert_eq!(
        retries.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>(),
        [(Class::Throttled, 2), (Class::Throttled, 3)]
    );
    // One slot, and the second stack does not wait for the pause of the first.
    let order: Vec<String> =
        fleet.calls().into_iter().filter(|call| call.arguments[0] == "apply").map(|call| call.stack).collect();
    assert_eq!(order.len(), 5);
    assert_eq!(order[..2], ["s000", "s001"]);
}

#[test]
fn what_does_not_pass_is_given_up_after_the_last_attempt() {
    let mut fleet = Fleet::new(1);
    fleet.settings.attempts = 3;
    fleet.faults("s000", json!([fails("before", Some("aws_iam_role.a"), None, THROTTLE)]));
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!((outcomes[0].status, outcomes[0].attempts), (Status::Failed, 3));
    assert_eq!(outcomes[0].failure.as_ref().unwrap().class, Class::Throttled);
    assert_eq!(fleet.calls_of("s000", "apply").len(), 3);
}

/// A throttle beside a quota would be met again: the quota is told, at once.
#[test]
fn a_quota_beside_a_throttle_is_not_tried_again() {
    let mut fleet = Fleet::new(1);
    fleet.settings.attempts = 4;
    fleet.faults(
        "s000",
        json!([
            fails("before", Some("aws_iam_role.a"), None, THROTTLE),
            fails("before", Some("aws_iam_role.b"), None, QUOTA)
        ]),
    );
    let (outcomes, _) = fleet.run(Operation::Deploy);
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!((failure.class, outcomes[0].attempts), (Class::Quota, 1));
    assert!(failure.detail.contains("1 more error:\n- aws_iam_role.a"), "{}", failure.detail);
}

#[test]
fn after_the_repair_only_what_failed_is_done_and_then_nothing() {
    let fleet = Fleet::new(3);
    fleet.faults("s002", json!([fails("before", Some("aws_iam_role.b"), Some(1), QUOTA)]));
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed, Status::Deployed, Status::Failed]);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged, Status::Unchanged, Status::Deployed]);
    let serials: Vec<_> =
        ["s000", "s001", "s002"].iter().map(|name| std::fs::read(fleet.state(name)).unwrap()).collect();
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged; 3]);
    for (name, serial) in ["s000", "s001", "s002"].iter().zip(serials) {
        assert_eq!(std::fs::read(fleet.state(name)).unwrap(), serial, "nothing to do changes nothing: {name}");
        fleet.assert_converged(name);
    }
}

#[test]
fn a_failure_of_init_is_one_of_init_and_says_so() {
    let fleet = Fleet::new(2);
    fleet.faults("s000", json!([fails("init", None, None, "Unsupported Terraform Core version")]));
    let (outcomes, _) = fleet.run(Operation::Deploy);
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!((failure.class, failure.phase), (Class::Tool, Phase::Init));
    assert_eq!(outcomes[1].status, Status::Deployed);
    assert!(fleet.calls_of("s000", "apply").is_empty());
}

#[test]
fn a_destroy_that_fails_says_what_is_left_and_the_next_one_goes_on() {
    let fleet = Fleet::new(2);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed; 2]);
    let dependency = "deleting Security Group (sg-1): operation error EC2: DeleteSecurityGroup, https response error StatusCode: 400, RequestID: r, api error DependencyViolation: resource sg-1 has a dependent object";
    fleet.faults("s000", json!([fails("before", Some("aws_iam_role.b"), Some(1), dependency)]));
    let (outcomes, _) = fleet.run(Operation::Destroy);
    assert_eq!((outcomes[0].status, outcomes[1].status), (Status::Failed, Status::Destroyed));
    assert_eq!(outcomes[0].left, ["aws_iam_role.b"]);
    assert_eq!(outcomes[0].failure.as_ref().unwrap().class, Class::Timeout);
    assert!(outcomes[0].failure.as_ref().unwrap().fix.contains("`app destroy --tenant tenant-s000`"));
    assert_eq!(fleet.statuses(Operation::Destroy), [Status::Destroyed, Status::Absent]);
    assert!(fleet.cloud("s000").is_empty());
}

#[test]
fn terraform_gets_the_callers_environment_without_what_changes_its_meaning() {
    let mut fleet = Fleet::new(1);
    let more = [
        ("TF_LOG", "trace"),
        ("TF_CLI_ARGS", "-lock=false"),
        ("TF_VAR_x", "1"),
        ("AWS_PROFILE", "p"),
        ("TF_DATA_DIR", "/x"),
    ];
    fleet.settings.environment = crate::support::environment(fleet.dir.path(), &more);
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
    for command in ["init", "apply"] {
        let calls = fleet.calls_of("s000", command);
        assert_eq!(calls.len(), 1, "{command}");
        let environment = &calls[0].environment;
        for gone in ["TF_LOG", "TF_CLI_ARGS", "TF_VAR_x", "TF_DATA_DIR"] {
            assert!(!environment.contains_key(gone), "{command}: {gone}");
        }
        assert_eq!(environment["AWS_PROFILE"], "p");
        assert_eq!(environment["TF_IN_AUTOMATION"], "1");
    }
}
