//! `plan`, `deploy`, `destroy` and `outputs` over a fleet, with a Terraform that keeps its resources in files and does wrong what it is told to:
//! what people and programs see, waves, pins, removal, resuming. What real Terraform, provider and AWS do is shown elsewhere.

mod leases;
pub(crate) mod project;
mod removal;
mod rollout;

use serde_json::{Value, json};

use crate::support::root;
use project::{ACME, FLEET, Fleet, PLATFORM, RETAIL, TECH};

/// B5 "It deploys and destroys cleanly"; A10.3 "in parallel"
#[test]
fn a_fleet_is_deployed_changed_by_nothing_and_destroyed() {
    let fleet = Fleet::new();
    let planned = fleet.document(&["plan"]);
    assert!(
        planned["counts"] == json!({ "pending": 4 }) && planned["changes"]["add"].as_u64() > Some(200),
        "{planned}"
    );

    let first = fleet.document(&["deploy", "--auto-approve"]);
    assert_eq!((&first["succeeded"], &first["counts"]), (&json!(true), &json!({ "deployed": 4 })));
    assert_eq!(first["changes"]["add"], planned["changes"]["add"]);
    for stack in FLEET {
        assert_eq!(fleet.resources(stack), fleet.declared(stack), "{stack}");
    }

    let again = fleet.deploy(&[]);
    assert!(again.stdout.contains("4 stacks: nothing to do; nothing was changed"), "{}", again.stdout);

    let file = fleet.path().join("outputs.json");
    fleet.run(&["outputs", "--output-file", "outputs.json"]).done("outputs");
    let outputs: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let names: Vec<&String> = outputs["stacks"].as_object().unwrap().keys().collect();
    assert_eq!(names, FLEET);
    assert_eq!(outputs["stacks"][ACME]["tenant"], "acme-corp");
    assert_eq!(outputs["stacks"][ACME]["outputs"]["tenant_id"], "acme-corp");
    assert_eq!(outputs["stacks"][PLATFORM]["tenant"], Value::Null);
    let refreshed = fleet.document(&["outputs", "--refresh"]);
    assert_eq!(refreshed["stacks"], outputs["stacks"], "what Terraform tells is what was recorded");

    let gone = fleet.document(&["destroy", "--auto-approve"]);
    assert_eq!(gone["counts"], json!({ "destroyed": 4 }));
    for stack in FLEET {
        assert_eq!(fleet.resources(stack), 0, "{stack}");
    }
    let nothing = fleet.document(&["destroy", "--auto-approve"]);
    assert_eq!(nothing["counts"], json!({ "absent": 4 }), "what is not there is not destroyed again");
}

/// A pipeline that forgot the flag must neither hang nor change anything.
#[test]
fn without_a_terminal_and_without_consent_nothing_is_changed() {
    let fleet = Fleet::new();
    let run = fleet.run(&["deploy"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout.contains("add `--auto-approve` to deploy without a question (4 stacks to change)"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("STACK") && run.stderr.contains("changes"), "the plan is shown: {}", run.stderr);
    fleet.deploy(&[]);
    let run = fleet.run(&["destroy"]);
    assert!(
        run.code == Some(1) && run.stdout.contains("add `--auto-approve` to destroy without a question"),
        "{}",
        run.stdout
    );
    for stack in FLEET {
        assert_eq!(fleet.resources(stack), fleet.declared(stack), "{stack}");
    }
}

/// "One tenant's failure must not cost another anything"
#[test]
fn one_stack_fails_the_others_finish_and_a_resumed_run_does_what_is_left() {
    let fleet = Fleet::new();
    fleet.synth();
    let summary = "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, api error \
                   VpcLimitExceeded: The maximum number of VPCs has been reached.";
    let fault = json!({ "at": "before", "resource": "aws_vpc.tenant", "fail": { "summary": summary, "detail": "" } });
    fleet.script(RETAIL, json!({ "faults": [fault] }));
    let run = fleet.run(&["deploy", "--auto-approve"]);
    assert_eq!(run.code, Some(1));
    for told in [
        "failed    tenant-retail-co-dev",
        "(quota)",
        "  fix     ",
        "  log     ",
        "1 of 4 stacks: 1 failed",
        "app deploy --resume --auto-approve",
    ] {
        assert!(run.stdout.contains(told), "no `{told}` in\n{}", run.stdout);
    }
    for stack in [PLATFORM, ACME, TECH] {
        assert_eq!(fleet.resources(stack), fleet.declared(stack), "{stack}");
    }
    fleet.repair(RETAIL);
    let resumed = fleet.document(&["deploy", "--auto-approve", "--resume"]);
    assert_eq!(resumed["counts"], json!({ "deployed": 1, "unchanged": 3 }));
    for outcome in resumed["stacks"].as_array().unwrap() {
        let attempts = if outcome["stack"] == RETAIL { 1 } else { 0 };
        assert_eq!(outcome["attempts"], attempts, "only what is left is run: {outcome}");
    }
}

/// Lines for pipelines: each starts with its stack, and resources are told when that is asked for.
#[test]
fn progress_without_a_terminal_is_lines_that_can_be_searched() {
    let fleet = Fleet::new();
    let quiet = fleet.deploy(&["--tenant", "acme-*"]);
    let lines: Vec<&str> = quiet.stderr.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("tenant-acme-corp-dev  ")), "{}", quiet.stderr);
    assert!(lines.iter().any(|line| line.contains("  apply ") && line.contains("to add")), "{}", quiet.stderr);
    assert!(lines.iter().any(|line| line.ends_with("/64")), "{}", quiet.stderr);
    assert!(lines.last().unwrap().contains("  deployed   64 added, 0 changed, 0 removed in "), "{}", quiet.stderr);
    assert!(lines.len() < 15 && !quiet.stderr.contains("aws_vpc"), "{}", quiet.stderr);
    assert!(
        !quiet.stderr.contains('\u{1b}') && !quiet.stdout.contains('\u{1b}'),
        "no colour where there is no terminal"
    );
    let loud = fleet.deploy(&["--tenant", "tech-startup", "--verbose"]);
    assert!(loud.stderr.contains("aws_vpc.tenant created"), "{}", loud.stderr);
}

/// "Exit 0 / 2 as Terraform does, a table and JSON of what drifted"
#[test]
fn drift_is_told_by_its_address_and_by_the_exit_status() {
    let fleet = Fleet::new();
    fleet.deploy(&[]);
    let run = fleet.run(&["plan", "--detect-drift"]);
    assert_eq!(run.code, Some(0), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("looked at 4 stacks: 0 stacks not as left"), "{}", run.stdout);
    std::fs::remove_file(fleet.stack(ACME).join("cloud/aws_sqs_queue.dead_letters")).unwrap();
    let run = fleet.run(&["plan", "--detect-drift"]);
    assert_eq!(run.code, Some(2), "{}\n{}", run.stdout, run.stderr);
    assert!(
        run.stdout.contains("drifted   tenant-acme-corp-dev: aws_sqs_queue.dead_letters was destroyed"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_fleet_whose_isolation_is_not_proved_is_neither_planned_nor_deployed() {
    let fleet = Fleet::new();
    fleet.deploy(&[]);
    // Deleted from the file, and its place given to another, while it still stands.
    fleet.tenants(&[("acme-corp", 0, None), ("tech-startup", 1, None), ("newcomer", 2, None)]);
    for command in [&["plan"][..], &["deploy", "--auto-approve"]] {
        let run = fleet.run(command);
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("isolation is not proved") && run.stderr.contains("retail-co"), "{}", run.stderr);
    }
    assert_eq!(fleet.resources("tenant-newcomer-dev"), 0);
}

/// What Terraform is given has nothing of the caller's that would change what a run means.
#[test]
fn the_schemas_of_documents_are_shipped() {
    for schema in ["run", "outputs"] {
        let path = root().join(format!("crates/app/schema/{schema}.schema.json"));
        let schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{}", path.display());
    }
}
