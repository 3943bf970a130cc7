//! A project of a test's own, which is deployed to the test's own AWS.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::aws::Aws;
use crate::support::app::{Run, binary, clean, run};
use crate::support::build::packages;
use crate::support::tools::{optional, tool};
use crate::support::{root, wait_for};

/// How long the tests wait for what has to come, on a machine that has much else to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(900);

/// The start of the name of the provider's processes.
pub(super) const PROVIDER: &str = "terraform-provider-aws";

/// What nobody finds by its tags at the emulators: EC2 is moto's, and the tagging API ministack's.
const UNFINDABLE: &str = "aws_flow_log.";

/// A project directory and its AWS.
pub(super) struct Fleet {
    pub(super) aws: Aws,
    directory: TempDir,
    began: Instant,
}

impl Fleet {
    /// A project with these tenants; without the tools, the test says that it was skipped.
    pub(super) fn new(test: &str, tenants: &[&str]) -> Option<Self> {
        tool(test, "terraform")?;
        let aws = Aws::start(test)?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = directory.path().join("target/lambda");
        fs::create_dir_all(&place).expect("a directory");
        for package in ["tenant-api.zip", "log-relay.zip", "onboarding.zip"] {
            fs::copy(packages().join(package), place.join(package)).expect("`app build` leaves it");
        }
        let fleet = Self { aws, directory, began: Instant::now() };
        fleet.write_tenants(&tenants.iter().map(|id| (*id, "active")).collect::<Vec<_>>(), &json!({ "type": "local" }));
        Some(fleet)
    }

    /// Another copy of the project on the same AWS, as on another machine.
    pub(super) fn second_checkout(&self) -> TempDir {
        let copy = tempfile::tempdir().expect("a temporary directory");
        let status = Command::new("cp")
            .arg("-R")
            .arg(self.path("tenants.json"))
            .arg(self.path("target"))
            .arg(copy.path())
            .status();
        assert!(status.expect("cp runs").success());
        copy
    }

    /// The tenants file: each tenant with its state.
    pub(super) fn write_tenants(&self, tenants: &[(&str, &str)], backend: &Value) {
        let tenants = tenants.iter().enumerate();
        let tenants: Vec<_> =
            tenants.map(|(index, (id, state))| json!({ "id": id, "network_index": index, "state": state })).collect();
        let file = json!({
            "environment_suffix": "dev", "region": "us-east-1", "environment": "development", "backend": backend, "tenants": tenants
        });
        fs::write(self.path("tenants.json"), file.to_string()).expect("a tenants file");
    }

    /// A path in the project.
    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.directory.path().join(below)
    }

    /// The directory of a stack, without links in its path.
    pub(super) fn stack(&self, name: &str) -> PathBuf {
        let path = self.path("cdktf.out/stacks").join(name);
        path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Says what comes next, and when.
    pub(super) fn step(&self, what: &str) {
        eprintln!("{:>6.1} s  {what}", self.began.elapsed().as_secs_f64());
    }

    /// The program in a project directory, sent to the emulators.
    pub(super) fn command_in(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = clean(binary());
        command.args(arguments).args(self.aws.arguments()).args(["--format", "json"]).current_dir(directory);
        command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("AWS_EC2_METADATA_DISABLED", "true");
        if let Ok(mirror) = optional("aws-provider") {
            command.env("PALISADE_TF_PLUGIN_DIR", mirror);
        }
        command
    }

    /// Runs the program to its end, which must be with this status, and gives the document that it prints.
    pub(super) fn app(&self, arguments: &[&str], status: i32) -> Value {
        document(&run(&mut self.command_in(self.directory.path(), arguments)), arguments, status)
    }

    /// Synthesises, which asks AWS nothing.
    pub(super) fn synth(&self) {
        run(clean(binary()).arg("synth").current_dir(self.directory.path())).done("app synth");
    }

    /// Starts the program.
    pub(super) fn start(&self, directory: &Path, arguments: &[&str]) -> Running {
        let mut command = self.command_in(directory, arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        Running { child, arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect() }
    }

    /// A CDKTF CLI in the project, which must succeed.
    pub(super) fn cli(&self, cli: &Path, arguments: &[&str]) -> Run {
        let text = fs::read_to_string(root().join("cdktf.json")).expect("the project has a cdktf.json");
        let mut settings: Value = serde_json::from_str(&text).expect("JSON");
        settings["app"] = json!(binary());
        fs::write(self.path("cdktf.json"), settings.to_string()).expect("a cdktf.json");
        let terraformrc = self.path("terraformrc");
        let mirror = optional("aws-provider").map(|mirror| {
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n")
        });
        fs::write(&terraformrc, mirror.unwrap_or_default()).expect("a configuration");
        let mut command = clean(cli);
        command.args(arguments).current_dir(self.directory.path()).env("HOME", self.directory.path());
        command.envs([("CI", "1"), ("CHECKPOINT_DISABLE", "1"), ("DISABLE_VERSION_CHECK", "1"), ("FORCE_COLOR", "0")]);
        command.env("TF_CLI_CONFIG_FILE", terraformrc).env("AWS_EC2_METADATA_DISABLED", "true");
        run(&mut command).done(&format!("{} {}", cli.display(), arguments.join(" ")))
    }

    /// The processes that work in the directory of a stack: Terraform's own, or the provider's.
    pub(super) fn processes(&self, stack: &str, name: &str) -> Vec<String> {
        let directory = self.stack(stack);
        let entries = fs::read_dir("/proc").expect("processes").flatten();
        let found = entries.filter_map(|entry| {
            let pid = entry.file_name().into_string().ok()?;
            let is_there = fs::read_link(entry.path().join("cwd")).ok()? == directory;
            let program = fs::read_to_string(entry.path().join("comm")).ok()?;
            // The kernel keeps 15 characters.
            (is_there && program.trim_end() == name.get(..15).unwrap_or(name)).then_some(pid)
        });
        found.collect()
    }

    /// Kills them in the middle of creating something that can be found again.
    pub(super) fn kill_while_creating(&self, stack: &str, name: &str, running: &mut Running) {
        wait_for("a moment to kill in", PATIENCE, || {
            running.must_run();
            let is_good = |under_way: &[String]| {
                !under_way.is_empty() && !under_way.iter().any(|address| address.starts_with(UNFINDABLE))
            };
            if !is_good(&self.under_way(stack)) {
                return None;
            }
            let found = self.processes(stack, name);
            signal("STOP", &found);
            let under_way = self.under_way(stack);
            let is_good = !found.is_empty() && is_good(&under_way);
            signal(if is_good { "KILL" } else { "CONT" }, &found);
            is_good.then(|| self.step(&format!("  killed while creating {}", under_way.join(", "))))
        });
    }

    /// The resources that are being created, as the log of the latest run tells.
    fn under_way(&self, stack: &str) -> Vec<String> {
        let runs = fs::read_dir(self.path(".palisade/runs")).expect("runs").flatten();
        let latest = runs.map(|run| run.path()).max().expect("a run").join(stack);
        let mut under_way = BTreeSet::new();
        for log in fs::read_dir(latest).into_iter().flatten().flatten() {
            if !log.file_name().to_string_lossy().starts_with("apply") {
                continue;
            }
            let text = fs::read_to_string(log.path()).unwrap_or_default();
            for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
                let address = line["hook"]["resource"]["addr"].as_str().unwrap_or_default().to_owned();
                match line["type"].as_str() {
                    Some("apply_start") if line["hook"]["action"] == "create" => drop(under_way.insert(address)),
                    Some("apply_complete" | "apply_errored") => drop(under_way.remove(&address)),
                    _ => {}
                }
            }
        }
        under_way.into_iter().collect()
    }

    /// Waits until something of this name is in AWS.
    pub(super) fn wait_for_resource(&self, name: &str, running: &mut Running) {
        wait_for(&format!("`{name}`"), PATIENCE, || {
            running.must_run();
            self.aws.inventory().contains(name).then_some(())
        });
    }
}

/// What a failed test has left running would go on asking emulators that are gone.
impl Drop for Fleet {
    fn drop(&mut self) {
        for stack in fs::read_dir(self.path("cdktf.out/stacks")).into_iter().flatten().flatten() {
            let name = stack.file_name().to_string_lossy().into_owned();
            for program in ["terraform", PROVIDER] {
                signal("KILL", &self.processes(&name, program));
            }
        }
    }
}

/// A run that goes on.
pub(super) struct Running {
    child: Child,
    arguments: Vec<String>,
}

impl Running {
    pub(super) fn must_run(&mut self) {
        if self.child.try_wait().expect("a child").is_some() {
            let mut said = String::new();
            let _ = std::io::Read::read_to_string(&mut self.child.stderr.take().expect("its messages"), &mut said);
            let _ = std::io::Read::read_to_string(&mut self.child.stdout.take().expect("its document"), &mut said);
            panic!("app {} ended too early: {said}", self.arguments.join(" "));
        }
    }

    /// Waits for its end, which must be with this status.
    pub(super) fn end(self, status: i32) -> Value {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        document(&self.child.wait_with_output().expect("a child").into(), &arguments, status)
    }

    /// Kills it.
    pub(super) fn kill(mut self) {
        self.must_run();
        signal("KILL", &[self.child.id().to_string()]);
        let _ = self.child.wait();
    }
}

/// Sends a signal to processes, which may be gone.
fn signal(name: &str, processes: &[String]) {
    if !processes.is_empty() {
        let _ = Command::new("kill").arg(format!("-{name}")).args(processes).stderr(Stdio::null()).status();
    }
}

/// The document of a run.
fn document(run: &Run, arguments: &[&str], status: i32) -> Value {
    let what = format!("app {}\nstdout: {}\nstderr: {}", arguments.join(" "), run.stdout, run.stderr);
    assert_eq!(run.code, Some(status), "{what}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {what}"))
}

/// How a stack ended in the document of a run.
pub(super) fn outcome<'a>(document: &'a Value, stack: &str) -> &'a Value {
    let stacks = document["stacks"].as_array().expect("stacks");
    let found = stacks.iter().find(|outcome| outcome["stack"] == stack);
    found.unwrap_or_else(|| panic!("nothing of {stack} in {document:#}"))
}

/// Every stack with how it ended.
pub(super) fn statuses(document: &Value) -> Vec<(&str, &str)> {
    let stacks = document["stacks"].as_array().expect("stacks").iter();
    stacks
        .map(|outcome| (outcome["stack"].as_str().expect("a name"), outcome["status"].as_str().expect("a status")))
        .collect()
}

/// What is in one and not in the other.
pub(super) fn more(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    one.difference(other).cloned().collect()
}
