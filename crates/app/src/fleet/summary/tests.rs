use std::time::Duration;

use runner::{Action, Drift, Phase};

use super::*;

fn about(command: &'static str) -> About {
    let terraform = Tool { product: "terraform".to_owned(), version: "1.11.4".to_owned() };
    About { command, terraform, target: "AWS".to_owned(), warnings: Vec::new(), pins: BTreeMap::new() }
}

fn outcome(stack: &str, status: Status, (add, change, remove): (u32, u32, u32)) -> Outcome {
    Outcome {
        stack: stack.to_owned(),
        tenant: stack.strip_prefix("tenant-").map(|rest| rest.trim_end_matches("-dev").to_owned()),
        status,
        changes: Changes { add, change, remove, import: 0 },
        drift: Vec::new(),
        outputs: BTreeMap::new(),
        failure: None,
        left: Vec::new(),
        attempts: 1,
        took: Duration::from_secs(76),
        logs: Some(PathBuf::from(".palisade/runs/20261127T020000Z-7").join(stack)),
    }
}

fn failed(stack: &str, cause: &str) -> Outcome {
    let mut failed = outcome(stack, Status::Failed, (12, 0, 0));
    failed.attempts = 2;
    failed.failure = Some(Failure {
        class: Class::Quota,
        phase: Phase::Apply,
        address: Some("aws_vpc.tenant".to_owned()),
        code: Some("VpcLimitExceeded".to_owned()),
        cause: cause.to_owned(),
        detail: "  on cdk.tf.json line 7\n\nmore".to_owned(),
        fix: "ask AWS for more VPCs, then run `app deploy --resume`".to_owned(),
        resumable: true,
        log: failed.logs.as_ref().map(|logs| logs.join("apply.log")),
    });
    failed
}

/// A deployment in which all that can be told is told.
fn eventful() -> Summary {
    let mut outcomes = vec![
        outcome("tenant-acme-dev", Status::Deployed, (65, 0, 0)),
        outcome("platform-dev", Status::Unchanged, (0, 0, 0)),
        failed("tenant-bolt-dev", "the maximum number of VPCs has been reached"),
        failed("tenant-cyan-dev", "the maximum number of VPCs has been reached"),
        outcome("tenant-dune-dev", Status::Destroyed, (0, 0, 65)),
        outcome("tenant-echo-dev", Status::NotStarted, (0, 0, 0)),
        outcome("tenant-fern-dev", Status::Pinned, (0, 0, 0)),
    ];
    outcomes[5].attempts = 0;
    outcomes[5].logs = None;
    outcomes[6].attempts = 0;
    let mut about = about("deploy");
    about.warnings.push("the registry is slow".to_owned());
    let pinned = Pinned { since: "2026-11-27T02:00:00Z".to_owned(), document: Some("ab".repeat(32)) };
    about.pins.insert("tenant-fern-dev".to_owned(), pinned);
    let mut summary = Summary::new(about, outcomes);
    summary.rollout = Some(Far { waves: 3, done: 1, sizes: vec![1, 4, 2], stopped: Some(Stopped::Budget) });
    summary.next.push("app deploy --resume".to_owned());
    summary
}

fn shown(summary: &Summary) -> String {
    let mut out = Vec::new();
    show(&mut out, summary).unwrap();
    anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string()
}

#[test]
fn people_get_a_table_each_failure_once_and_what_to_type_next() {
    insta::assert_snapshot!(shown(&eventful()));
}

#[test]
fn a_run_with_nothing_to_do_says_that_nothing_was_changed() {
    let summary = Summary::new(about("deploy"), vec![outcome("platform-dev", Status::Unchanged, (0, 0, 0))]);
    assert!(summary.succeeded);
    let text = shown(&summary);
    assert!(text.contains("deployed  1 stack: nothing to do; nothing was changed"), "{text}");
}

#[test]
fn drift_names_resources_and_attributes_without_their_values() {
    let mut drifted = outcome("tenant-acme-dev", Status::Drifted, (0, 0, 0));
    let attributes = vec!["tags".to_owned(), "policy".to_owned()];
    drifted.drift = vec![
        Drift { address: "aws_s3_bucket.data".to_owned(), action: Action::Update, attributes },
        Drift { address: "aws_sqs_queue.dead_letters".to_owned(), action: Action::Delete, attributes: Vec::new() },
    ];
    insta::assert_snapshot!(shown(&Summary::new(about("detect-drift"), vec![drifted])));
}

#[test]
fn what_is_left_after_a_destroy_is_named() {
    let mut left = failed("tenant-acme-dev", "the role may not delete the key");
    left.left = (0..9).map(|n| format!("aws_thing.n{n}")).collect();
    let text = shown(&Summary::new(about("destroy"), vec![left]));
    assert!(
        text.contains("left      tenant-acme-dev: 9 resources: aws_thing.n0,")
            && text.contains("aws_thing.n5 and 3 more\n"),
        "{text}"
    );
}

#[test]
fn the_document_is_what_its_schema_says() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut refused = Summary::new(about("destroy"), Vec::new());
    refused.not_done = Some("nobody to ask".to_owned());
    for summary in
        [eventful(), refused, Summary::new(about("plan"), vec![outcome("platform-dev", Status::Pending, (30, 0, 0))])]
    {
        let document = serde_json::to_value(&summary).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let mut document = serde_json::to_value(eventful()).unwrap();
    document["stacks"][0]["status"] = serde_json::json!("fine");
    assert!(!validator.is_valid(&document), "a schema that takes anything shows nothing");
}

/// The schema lists what the types hold, so that a new kind of failure or ending is not forgotten there.
#[test]
fn every_status_is_in_the_schema_and_has_its_own_words() {
    let all = [
        Status::Unchanged,
        Status::Pending,
        Status::Deployed,
        Status::Destroyed,
        Status::Absent,
        Status::Drifted,
        Status::Failed,
        Status::Interrupted,
        Status::NotStarted,
        Status::Pinned,
    ];
    let words: BTreeSet<&str> = all.iter().map(|status| words::status(*status)).collect();
    assert_eq!(words.len(), all.len());
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    for status in all {
        assert_eq!(serde_json::to_value(status).unwrap(), name(status));
        assert!(schema["$defs"]["status"]["enum"].as_array().unwrap().contains(&name(status).into()), "{status:?}");
    }
}

#[test]
fn a_lock_that_may_be_broken_is_told_in_the_next_command() {
    let mut locked = failed("tenant-acme-dev", "the state is locked");
    assert_eq!(Summary::new(about("deploy"), vec![locked.clone()]).unlock(), "");
    let failure = locked.failure.as_mut().unwrap();
    failure.class = Class::LockHeld;
    failure.fix = "its holder is gone: run the same command again with `--unlock`".to_owned();
    assert_eq!(Summary::new(about("deploy"), vec![locked]).unlock(), " --unlock");
}
