//! Projects for the tests.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use runner::{
    Endpoints, Environment, Event, Intent, Interrupt, Operation, Outcome, Records, Settings, Stack, Status, Terraform,
    run,
};
use serde_json::{Value, json};

pub(crate) use crate::log::Log;

/// The environment of these tests: none of the caller's settings of Terraform or AWS.
#[expect(clippy::disallowed_methods, reason = "the tests look for Terraform on the PATH of whoever runs them")]
pub(crate) fn environment() -> Environment {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Environment::new([("PATH".into(), path), ("TF_CLI_CONFIG_FILE".into(), "/dev/null".into())])
}

/// Terraform; without it the test says that it was skipped, and fails where nothing may be.
#[expect(clippy::disallowed_methods, reason = "CI says by it that nothing may be skipped")]
pub(crate) fn terraform(test: &str) -> Option<Terraform> {
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

/// What was noted about any stack.
pub(crate) fn notes(log: &Log) -> Vec<String> {
    let all = log.0.lock().unwrap();
    let text = |event: &Event| match event {
        Event::Note(text) => Some(text.clone()),
        _ => None,
    };
    all.iter().filter_map(|(_, event)| text(event)).collect()
}

/// A project with stacks as a synthesis leaves them.
pub(crate) struct Project {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) settings: Settings,
    pub(crate) stacks: Vec<Stack>,
}

impl Project {
    pub(crate) fn new(test: &str, names: &[&str]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            terraform: terraform(test)?,
            home: dir.path().join(".palisade"),
            parallelism: NonZeroUsize::new(2).unwrap(),
            plugin_dir: None,
            endpoints: Endpoints::default(),
            lock_timeout: Duration::ZERO,
            attempts: 2,
            assumed: None,
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
    pub(crate) fn write(&self, name: &str, resources: &Value) {
        let directory = self.dir.path().join("out/stacks").join(name);
        fs::create_dir_all(&directory).unwrap();
        let outputs: serde_json::Map<String, Value> = resources
            .as_object()
            .unwrap()
            .keys()
            .map(|key| (key.clone(), json!({ "value": format!("${{terraform_data.{key}.output}}") })))
            .collect();
        let document = json!({
            "terraform": { "backend": { "local": { "path": format!("../../../terraform.{name}.tfstate") } } },
        });
        let mut document = document.as_object().unwrap().clone();
        if resources.as_object().is_some_and(|resources| !resources.is_empty()) {
            document.insert("output".into(), outputs.into());
            document.insert("resource".into(), json!({ "terraform_data": resources }));
        }
        fs::write(directory.join("cdk.tf.json"), Value::Object(document).to_string()).unwrap();
    }

    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("terraform.{name}.tfstate"))
    }

    pub(crate) fn run(&self, operation: Operation) -> (Vec<Outcome>, Log) {
        let log = Log::default();
        let outcomes = run(operation, &self.stacks, &self.settings, &log, &Interrupt::new()).unwrap();
        (outcomes, log)
    }

    pub(crate) fn statuses(&self, operation: Operation) -> Vec<Status> {
        let (outcomes, log) = self.run(operation);
        for outcome in outcomes.iter().filter(|outcome| !outcome.status.is_good()) {
            eprintln!("{}: {:?} {:?}", outcome.stack, outcome.status, outcome.failure);
        }
        for note in notes(&log) {
            eprintln!("note: {note}");
        }
        outcomes.into_iter().map(|outcome| outcome.status).collect()
    }

    pub(crate) fn records(&self) -> Records {
        Records::open(&self.settings.home)
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
}
