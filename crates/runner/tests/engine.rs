//! Runs with a real Terraform and its built-in resource `terraform_data`, which needs no provider and no network.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use runner::{
    Class, Endpoints, Environment, Event, Intent, Interrupt, Observer, Operation, Outcome, Phase, Records, Settings,
    Stack, Status, Terraform, run,
};
use serde_json::{Value, json};

/// The environment of these tests: none of the caller's settings of Terraform or AWS.
#[expect(clippy::disallowed_methods, reason = "the tests look for Terraform on the PATH of whoever runs them")]
fn environment() -> Environment {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Environment::new([("PATH".into(), path), ("TF_CLI_CONFIG_FILE".into(), "/dev/null".into())])
}

/// Terraform; without it the test says that it was skipped, and fails where nothing may be.
#[expect(clippy::disallowed_methods, reason = "CI says by it that nothing may be skipped")]
fn terraform(test: &str) -> Option<Terraform> {
    match Terraform::find(None, &environment()) {
        Ok(terraform) => Some(terraform),
        Err(error) => {
            assert!(std::env::var_os("PALISADE_NO_SKIP").is_none(), "{test} may not be skipped here: {error}");
            let line = format!("SKIPPED {test}: {error}\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
            None
        }
    }
}

#[derive(Default)]
struct Log(Mutex<Vec<(String, Event)>>);

impl Observer for Log {
    fn event(&self, stack: &str, event: &Event) {
        self.0.lock().unwrap().push((stack.to_owned(), event.clone()));
    }
}

impl Log {
    fn of(&self, stack: &str) -> Vec<Event> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|(name, _)| name == stack).map(|(_, event)| event.clone()).collect()
    }

    fn notes(&self) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let text = |event: &Event| match event {
            Event::Note(text) => Some(text.clone()),
            _ => None,
        };
        all.iter().filter_map(|(_, event)| text(event)).collect()
    }
}

/// A project with stacks as a synthesis leaves them.
struct Project {
    dir: tempfile::TempDir,
    settings: Settings,
    stacks: Vec<Stack>,
}

impl Project {
    fn new(test: &str, names: &[&str]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            terraform: terraform(test)?,
            home: dir.path().join(".palisade"),
            parallelism: NonZeroUsize::new(2).unwrap(),
            plugin_dir: None,
            endpoints: Endpoints::default(),
            lock_timeout: Duration::ZERO,
            attempts: 2,
            unlock: false,
            environment: environment(),
        };
        let stacks = names.iter().map(|name| Stack {
            name: (*name).to_owned(),
            tenant: Some((*name).to_owned()),
            directory: dir.path().join("out/stacks").join(name),
            intent: Intent::Stand,
        });
        let project = Self { settings, stacks: stacks.collect(), dir };
        for name in names {
            project.write(name, &json!({ "a": { "input": "one" } }));
        }
        Some(project)
    }

    /// Writes a stack with these `terraform_data`.
    fn write(&self, name: &str, resources: &Value) {
        let directory = self.dir.path().join("out/stacks").join(name);
        fs::create_dir_all(&directory).unwrap();
        let outputs: serde_json::Map<String, Value> = resources
            .as_object()
            .unwrap()
            .keys()
            .map(|key| (key.clone(), json!({ "value": format!("${{terraform_data.{key}.output}}") })))
            .collect();
        let mut document = json!({
            "terraform": { "backend": { "local": { "path": format!("../../../terraform.{name}.tfstate") } } },
        });
        if resources.as_object().is_some_and(|resources| !resources.is_empty()) {
            document["output"] = outputs.into();
            document["resource"] = json!({ "terraform_data": resources });
        }
        fs::write(directory.join("cdk.tf.json"), document.to_string()).unwrap();
    }

    fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("terraform.{name}.tfstate"))
    }

    fn run(&self, operation: Operation) -> (Vec<Outcome>, Log) {
        let log = Log::default();
        let outcomes = run(operation, &self.stacks, &self.settings, &log, &Interrupt::new()).unwrap();
        (outcomes, log)
    }

    fn statuses(&self, operation: Operation) -> Vec<Status> {
        let (outcomes, log) = self.run(operation);
        for outcome in outcomes.iter().filter(|outcome| !outcome.status.is_good()) {
            eprintln!("{}: {:?} {:?}", outcome.stack, outcome.status, outcome.failure);
        }
        for note in log.notes() {
            eprintln!("note: {note}");
        }
        outcomes.into_iter().map(|outcome| outcome.status).collect()
    }

    fn records(&self) -> Records {
        Records::open(&self.settings.home)
    }
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
}

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
