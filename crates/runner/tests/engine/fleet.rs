//! What is asked for is done, and only that.

use std::fs;

use runner::{Changes, Class, Event, Intent, Operation, Phase, Status};
use serde_json::json;

use crate::support::{Project, mode};

#[test]
fn a_fleet_is_deployed_found_unchanged_and_destroyed() {
    let Some(project) = Project::new("a_fleet_is_deployed_found_unchanged_and_destroyed", &["a", "b", "c"]) else {
        return;
    };
    assert_eq!(project.statuses(Operation::Plan { save: false }), [Status::Pending; 3]);
    assert_eq!(project.statuses(Operation::Destroy), [Status::Absent; 3], "nothing was ever there");
    let (outcomes, log) = project.run(Operation::Deploy);
    for outcome in &outcomes {
        assert_eq!(outcome.status, Status::Deployed, "{outcome:?}");
        assert_eq!(outcome.changes.add, 1);
        assert_eq!(outcome.attempts, 1);
        assert_eq!(outcome.outputs["a"].value, Some(json!("one")));
        let events = log.of(&outcome.stack);
        assert!(events.iter().any(|event| matches!(event, Event::Phase(Phase::Apply))), "{events:?}");
        assert!(matches!(events.last(), Some(Event::Finished(_))), "{events:?}");
        let record = project.records().of(&outcome.stack).unwrap().unwrap();
        assert_eq!(record.status, Some(Status::Deployed));
        assert_eq!(record.deployed.unwrap().document, record.document);
        let logs = outcome.logs.as_ref().unwrap();
        assert_eq!(mode(&logs.join("apply.log")), 0o600);
        assert_eq!(mode(logs), 0o700);
    }
    let (outcomes, log) = project.run(Operation::Deploy);
    for outcome in &outcomes {
        assert_eq!(outcome.status, Status::Unchanged, "{outcome:?}");
        assert_eq!(outcome.outputs["a"].value, Some(json!("one")));
        let inits = log.of(&outcome.stack).iter().filter(|event| matches!(event, Event::Phase(Phase::Init))).count();
        assert_eq!(inits, 0, "nothing that init depends on has changed");
    }
    assert_eq!(project.statuses(Operation::DetectDrift), [Status::Unchanged; 3]);
    assert_eq!(project.statuses(Operation::Destroy), [Status::Destroyed; 3]);
    assert_eq!(project.statuses(Operation::Destroy), [Status::Absent; 3]);
    let record = project.records().of("a").unwrap().unwrap();
    assert_eq!((record.status, record.deployed), (Some(Status::Destroyed), None));
}

#[test]
fn outputs_alone_are_a_change_and_what_somebody_else_changed_is_none() {
    let test = "outputs_alone_are_a_change_and_what_somebody_else_changed_is_none";
    let Some(mut project) = Project::new(test, &["a"]) else { return };
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed]);
    let path = project.dir.path().join("out/stacks/a/cdk.tf.json");
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    document["output"]["more"] = json!({ "value": "${terraform_data.a.output}" });
    fs::write(&path, document.to_string()).unwrap();
    let (outcomes, _) = project.run(Operation::Deploy);
    assert_eq!((outcomes[0].status, outcomes[0].changes), (Status::Deployed, Changes::default()));
    assert_eq!(outcomes[0].outputs["more"].value, Some(json!("one")));
    // Another program, which has records of its own, deploys the same stack to the same state.
    project.write("a", &json!({ "a": { "input": "two" } }));
    let own = std::mem::replace(&mut project.settings.home, project.dir.path().join("elsewhere"));
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed]);
    project.settings.home = own;
    let (outcomes, _) = project.run(Operation::Deploy);
    assert_eq!((outcomes[0].status, outcomes[0].changes), (Status::Unchanged, Changes::default()));
    assert_eq!(project.records().of("a").unwrap().unwrap().outputs["a"].value, Some(json!("two")));
}

#[test]
fn a_saved_plan_is_applied_as_it_is_or_not_at_all() {
    let Some(project) = Project::new("a_saved_plan_is_applied_as_it_is_or_not_at_all", &["a", "b"]) else { return };
    assert_eq!(project.statuses(Operation::DeploySaved), [Status::Failed; 2], "there is no plan");
    assert_eq!(project.statuses(Operation::Plan { save: true }), [Status::Pending; 2]);
    assert_eq!(mode(&project.settings.home.join("stacks/a/plan")), 0o600);
    project.write("b", &json!({ "a": { "input": "changed after the plan" } }));
    let (outcomes, _) = project.run(Operation::DeploySaved);
    assert_eq!(outcomes[0].status, Status::Deployed, "{outcomes:?}");
    assert_eq!(outcomes[1].status, Status::Failed);
    let failure = outcomes[1].failure.as_ref().unwrap();
    assert_eq!((failure.class, failure.resumable), (Class::Configuration, false));
    assert!(failure.cause.contains("has changed since it was planned"), "{failure:?}");
    assert!(!project.settings.home.join("stacks/a/plan").exists(), "it holds secrets and is of no use any more");
    assert_eq!(project.statuses(Operation::Plan { save: true }), [Status::Unchanged, Status::Pending]);
    let (outcomes, _) = project.run(Operation::DeploySaved);
    assert_eq!([outcomes[0].status, outcomes[1].status], [Status::Unchanged, Status::Deployed], "{outcomes:?}");
    assert_eq!(outcomes[0].outputs["a"].value, Some(json!("one")));
}

#[test]
fn a_stack_that_goes_is_torn_down_by_deploy() {
    let Some(mut project) = Project::new("a_stack_that_goes_is_torn_down_by_deploy", &["stays", "goes"]) else {
        return;
    };
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed; 2]);
    project.stacks[1].intent = Intent::Go;
    project.write("goes", &json!({}));
    assert_eq!(project.statuses(Operation::Plan { save: true }), [Status::Unchanged, Status::Pending]);
    assert_eq!(project.statuses(Operation::DeploySaved), [Status::Unchanged, Status::Destroyed]);
    assert_eq!(project.statuses(Operation::Deploy), [Status::Unchanged, Status::Absent]);
    assert_eq!(project.records().of("goes").unwrap().unwrap().status, Some(Status::Destroyed));
}

#[test]
fn one_that_fails_costs_the_others_nothing() {
    let Some(project) = Project::new("one_that_fails_costs_the_others_nothing", &["bad", "good", "worse"]) else {
        return;
    };
    let fails = json!({ "local-exec": { "command": "exit 7" } });
    project.write("bad", &json!({ "a": { "input": "x" }, "b": { "input": "y", "provisioner": fails } }));
    fs::write(project.stacks[2].directory.join("cdk.tf.json"), "{").unwrap();
    let (outcomes, _) = project.run(Operation::Deploy);
    assert_eq!(
        outcomes.iter().map(|it| it.status).collect::<Vec<_>>(),
        [Status::Failed, Status::Deployed, Status::Failed]
    );
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.address.as_deref(), Some("terraform_data.b"));
    assert_eq!(failure.phase, Phase::Apply);
    assert!(failure.log.as_ref().unwrap().is_file());
    assert_eq!(outcomes[0].changes.add, 1, "{:?}", outcomes[0]);
    assert_eq!(project.records().of("bad").unwrap().unwrap().status, Some(Status::Failed));
    project.write("bad", &json!({ "a": { "input": "x" }, "b": { "input": "y" } }));
    project.write("worse", &json!({ "a": { "input": "x" } }));
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed, Status::Unchanged, Status::Deployed]);
}

#[test]
fn a_damaged_state_is_refused_with_the_copy_to_restore() {
    let Some(project) = Project::new("a_damaged_state_is_refused_with_the_copy_to_restore", &["a"]) else { return };
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed]);
    project.write("a", &json!({ "a": { "input": "two" } }));
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed]);
    let whole = fs::read(project.state("a")).unwrap();
    for damage in ["", "{\"version\": 4, \"resour"] {
        fs::write(project.state("a"), damage).unwrap();
        for operation in
            [Operation::Deploy, Operation::Destroy, Operation::Plan { save: false }, Operation::DetectDrift]
        {
            let (outcomes, _) = project.run(operation);
            let failure = outcomes[0].failure.clone().unwrap();
            assert_eq!((failure.class, failure.resumable), (Class::State, false), "{failure:?}");
            assert!(failure.fix.contains("state-copies/"), "{failure:?}");
        }
        assert_eq!(fs::read_to_string(project.state("a")).unwrap(), damage, "it is never deleted");
    }
    fs::write(project.state("a"), whole).unwrap();
    assert_eq!(project.statuses(Operation::Deploy), [Status::Unchanged]);
}
