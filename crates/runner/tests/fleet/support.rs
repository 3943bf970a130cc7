//! Fleets for tests.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use runner::{
    Endpoints, Environment, Intent, Interrupt, Operation, Outcome, Record, Records, Settings, Stack, Status, Terraform,
    run,
};
use serde_json::{Value, json};

pub(crate) use crate::log::Log;

/// As long as anything here may take on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) const FAKE: &str = env!("CARGO_BIN_EXE_fake-terraform");

pub(crate) struct Fleet {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) stacks: Vec<Stack>,
    pub(crate) settings: Settings,
}

/// A call of the fake.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) pid: u32,
    pub(crate) arguments: Vec<String>,
    pub(crate) stack: String,
    pub(crate) environment: BTreeMap<String, String>,
    /// Microseconds since 1970.
    pub(crate) began: u64,
    /// None when it was killed, or still runs.
    pub(crate) ended: Option<u64>,
}

impl Fleet {
    /// So many stacks with three resources each, named `s000` and so on.
    pub(crate) fn new(count: usize) -> Self {
        let names: Vec<String> = (0..count).map(|number| format!("s{number:03}")).collect();
        let dir = tempfile::tempdir().unwrap();
        let environment = environment(dir.path(), &[]);
        let settings = Settings {
            terraform: Terraform::find(Some(Path::new(FAKE)), &environment).unwrap(),
            home: dir.path().join(".palisade"),
            parallelism: NonZeroUsize::new(2).unwrap(),
            plugin_dir: None,
            endpoints: Endpoints::default(),
            lock_timeout: Duration::ZERO,
            attempts: 2,
            assumed: None,
            unlock: false,
            environment,
        };
        let stack = |name: &String| Stack {
            name: name.clone(),
            tenant: Some(format!("tenant-{name}")),
            directory: dir.path().join("out/stacks").join(name),
            intent: Intent::Stand,
        };
        let stacks = names.iter().map(stack).collect();
        let fleet = Self { stacks, settings, dir };
        for name in &names {
            fleet.declare(name, &["aws_iam_role.a", "aws_iam_role.b", "aws_iam_role.c"]);
        }
        fleet
    }

    /// Writes the document of a stack with these resources.
    pub(crate) fn declare(&self, name: &str, addresses: &[&str]) {
        let mut resources = json!({});
        for address in addresses {
            let (kind, named) = address.split_once('.').unwrap();
            resources[kind][named] = json!({"name": format!("{name}-{named}")});
        }
        let mut document = json!({
            "terraform": {"backend": {"local": {"path": format!("../../../terraform.{name}.tfstate")}}},
            "resource": resources,
        });
        if let Some(first) = addresses.first() {
            document["output"] = json!({"first": {"value": format!("${{{first}.id}}")}});
        }
        self.write(name, "cdk.tf.json", &document);
    }

    /// Lets a stack ask for AWS's provider.
    pub(crate) fn require_aws(&self, name: &str) {
        let path = self.directory(name).join("cdk.tf.json");
        let mut document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let aws = json!({"aws": {"source": "hashicorp/aws", "version": "5.100.0"}});
        document["terraform"]["required_providers"] = aws;
        document["provider"] = json!({"aws": [{"region": "eu-central-1"}]});
        fs::write(path, document.to_string()).unwrap();
    }

    pub(crate) fn write(&self, name: &str, file: &str, content: &Value) {
        let directory = self.directory(name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(file), content.to_string()).unwrap();
    }

    /// What goes wrong with a stack.
    pub(crate) fn faults(&self, name: &str, faults: Value) {
        self.script(name, json!({"faults": faults}));
    }

    pub(crate) fn script(&self, name: &str, script: Value) {
        let _ = fs::remove_dir_all(self.directory(name).join(".fake"));
        self.write(name, "fake.json", &script);
    }

    /// What all stacks do that have no script of their own.
    pub(crate) fn common(&self, script: &Value) {
        fs::write(self.dir.path().join("script.json"), script.to_string()).unwrap();
    }

    pub(crate) fn directory(&self, name: &str) -> PathBuf {
        self.dir.path().join("out/stacks").join(name)
    }

    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("terraform.{name}.tfstate"))
    }

    /// The addresses in the state.
    pub(crate) fn known(&self, name: &str) -> Vec<String> {
        let Ok(bytes) = fs::read(self.state(name)) else { return Vec::new() };
        let Ok(state) = serde_json::from_slice::<Value>(&bytes) else { return vec!["(damaged)".into()] };
        let address = |it: &Value| format!("{}.{}", it["type"].as_str().unwrap(), it["name"].as_str().unwrap());
        state["resources"].as_array().unwrap().iter().map(address).collect()
    }

    /// The addresses that AWS has.
    pub(crate) fn cloud(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.directory(name).join("cloud")).into_iter().flatten().flatten();
        let mut addresses: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        addresses.sort();
        addresses
    }

    /// State and AWS have just what the document declares.
    pub(crate) fn assert_converged(&self, name: &str) {
        let all = ["aws_iam_role.a", "aws_iam_role.b", "aws_iam_role.c"];
        assert_eq!(self.known(name), all, "the state of {name}");
        assert_eq!(self.cloud(name), all, "AWS has for {name}");
    }

    pub(crate) fn run(&self, operation: Operation) -> (Vec<Outcome>, Log) {
        self.run_until(operation, &Interrupt::new())
    }

    pub(crate) fn run_until(&self, operation: Operation, interrupt: &Interrupt) -> (Vec<Outcome>, Log) {
        let log = Log::default();
        let outcomes = run(operation, &self.stacks, &self.settings, &log, interrupt).unwrap();
        let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.stack.as_str()).collect();
        let expected: Vec<&str> = self.stacks.iter().map(|stack| stack.name.as_str()).collect();
        assert_eq!(names, expected, "every stack is accounted for, in order");
        (outcomes, log)
    }

    /// Runs and gives how each ended.
    pub(crate) fn statuses(&self, operation: Operation) -> Vec<Status> {
        self.run(operation).0.into_iter().map(|outcome| outcome.status).collect()
    }

    pub(crate) fn record(&self, name: &str) -> Option<Record> {
        Records::open(&self.settings.home).of(name).unwrap()
    }

    /// What was called, in the order in which it began.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let text = fs::read_to_string(self.dir.path().join("calls.jsonl")).unwrap_or_default();
        let mut calls: Vec<Call> = Vec::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let pid = u32::try_from(line["pid"].as_u64().unwrap()).unwrap();
            let at = line["at"].as_u64().unwrap();
            if line["exit"].is_null() {
                let texts = |value: &Value| -> Vec<String> { serde_json::from_value(value.clone()).unwrap() };
                let directory = PathBuf::from(line["directory"].as_str().unwrap());
                calls.push(Call {
                    pid,
                    arguments: texts(&line["arguments"]),
                    stack: directory.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    environment: serde_json::from_value(line["environment"].clone()).unwrap(),
                    began: at,
                    ended: None,
                });
            } else if let Some(call) = calls.iter_mut().rev().find(|call| call.pid == pid && call.ended.is_none()) {
                call.ended = Some(at);
            }
        }
        calls.sort_by_key(|call| call.began);
        calls
    }

    /// The calls of one command of one stack.
    pub(crate) fn calls_of(&self, stack: &str, command: &str) -> Vec<Call> {
        let of = |call: &Call| call.stack == stack && call.arguments.first().is_some_and(|it| it == command);
        self.calls().into_iter().filter(of).collect()
    }

    /// Waits until something is so.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "{what} did not come to pass");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the stack's nth fault, from 0, has come for the first time. Only faults that come a number of times are counted.
    pub(crate) fn wait_for_fault(&self, name: &str, number: usize) {
        let mark = self.directory(name).join(".fake").join(format!("fault-{number}"));
        self.wait_until(&format!("fault {number} of {name}"), |_| fs::read(&mark).is_ok_and(|marks| !marks.is_empty()));
    }

    /// The driver for this fleet, as a process of its own.
    pub(crate) fn driver(&self, operation: Operation) -> Command {
        let stacks: Vec<(&String, &PathBuf)> = self.stacks.iter().map(|it| (&it.name, &it.directory)).collect();
        let task = json!({
            "terraform": FAKE, "home": self.settings.home, "operation": operation, "stacks": stacks,
            "parallelism": self.settings.parallelism, "attempts": self.settings.attempts, "unlock": self.settings.unlock,
        });
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner-driver"));
        command.arg(task.to_string()).env(VARIABLE, self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    pub(crate) fn start(&self, operation: Operation) -> Driver {
        Driver(self.driver(operation).spawn().unwrap())
    }
}

const VARIABLE: &str = "FAKE_TERRAFORM";

/// The environment of the fake, with some variables more.
pub(crate) fn environment(directory: &Path, more: &[(&str, &str)]) -> Environment {
    let variables = more.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Environment::new(variables.chain([("PATH".into(), "/usr/bin:/bin".into()), (VARIABLE.into(), directory.into())]))
}

/// A run in a process of its own.
pub(crate) struct Driver(pub(crate) Child);

impl Driver {
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        signal_to(self.0.id(), signal);
    }

    /// Waits for the end, and gives how the stacks ended.
    pub(crate) fn outcomes(mut self) -> Vec<Value> {
        let out = BufReader::new(self.0.stdout.take().unwrap());
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        self.0.wait().unwrap();
        lines.into_iter().filter_map(|line| line.get("outcome").cloned()).collect()
    }

    /// Kills it as nothing can be done against.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

pub(crate) fn signal_to(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Whether a process is there and not a zombie.
pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !matches!(rest.split_whitespace().next(), Some("Z" | "X") | None))
}

/// An error as the provider words it.
pub(crate) fn fails(at: &str, resource: Option<&str>, times: Option<u64>, summary: &str) -> Value {
    json!({"at": at, "resource": resource, "times": times, "fail": {"summary": summary}})
}

pub(crate) const QUOTA: &str = "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: r, api error VpcLimitExceeded: The maximum number of VPCs has been reached.";
pub(crate) const THROTTLE: &str = "creating IAM Role (x): operation error IAM: CreateRole, exceeded maximum number of attempts, 25, https response error StatusCode: 400, RequestID: r, api error Throttling: Rate exceeded";
