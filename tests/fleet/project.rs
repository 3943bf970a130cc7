//! A directory with the example tenants, functions that stand for the built ones, and the Terraform for tests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::app::{Run, binary, clean, fake_terraform, project, run};

pub(crate) const PLATFORM: &str = "platform-dev";
pub(crate) const ACME: &str = "tenant-acme-corp-dev";
pub(crate) const RETAIL: &str = "tenant-retail-co-dev";
pub(crate) const TECH: &str = "tenant-tech-startup-dev";
/// All stacks of the example fleet, by name.
pub(crate) const FLEET: [&str; 4] = [PLATFORM, ACME, RETAIL, TECH];

pub(crate) struct Fleet(tempfile::TempDir);

impl Fleet {
    /// The example tenants; nothing is synthesised yet.
    pub(crate) fn new() -> Self {
        let fleet = Self(project());
        let directory = fleet.path().join("target/lambda");
        fs::create_dir_all(&directory).unwrap();
        for zip in ["tenant-api.zip", "log-relay.zip", "onboarding.zip"] {
            // As much of an x86_64 program as is looked at.
            let mut program = vec![0x7f, b'E', b'L', b'F', 2, 1];
            program.resize(18, 0);
            program.extend(62_u16.to_le_bytes());
            let mut package = zip::ZipWriter::new(fs::File::create(directory.join(zip)).unwrap());
            package.start_file("bootstrap", zip::write::SimpleFileOptions::default()).unwrap();
            package.write_all(&program).unwrap();
            package.finish().unwrap();
        }
        fleet
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where a stack is.
    pub(crate) fn stack(&self, stack: &str) -> PathBuf {
        self.path().join("cdktf.out/stacks").join(stack)
    }

    /// Writes another tenants file: ids, indices and states.
    pub(crate) fn tenants(&self, tenants: &[(&str, u32, Option<&str>)]) {
        let tenant = |(id, index, state): &(&str, u32, Option<&str>)| json!({ "id": id, "network_index": index, "state": state.unwrap_or("active") });
        let tenants: Vec<Value> = tenants.iter().map(tenant).collect();
        let path = self.path().join("tenants.json");
        let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        file["tenants"] = json!(tenants);
        fs::write(path, file.to_string()).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = clean(binary());
        command.args(arguments).current_dir(self.path()).env("TERRAFORM_BINARY_NAME", fake_terraform());
        command
    }

    /// Runs the program with the Terraform for tests.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// Starts it, and does not wait.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A deployment that must succeed.
    pub(crate) fn deploy(&self, arguments: &[&str]) -> Run {
        self.run(&[&["deploy", "--auto-approve"], arguments].concat()).done("deploy")
    }

    pub(crate) fn synth(&self) {
        self.run(&["synth"]).done("synth");
    }

    /// The JSON document of a run that must succeed.
    pub(crate) fn document(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).done(&arguments.join(" ")).json()
    }

    /// The JSON document of a run, however it ended.
    pub(crate) fn told(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).json()
    }

    /// How many resources AWS, that is the Terraform for tests, has of a stack.
    pub(crate) fn resources(&self, stack: &str) -> usize {
        fs::read_dir(self.stack(stack).join("cloud")).into_iter().flatten().count()
    }

    /// How many resources a stack's document declares.
    pub(crate) fn declared(&self, stack: &str) -> usize {
        let document: Value =
            serde_json::from_slice(&fs::read(self.stack(stack).join("cdk.tf.json")).unwrap()).unwrap();
        document["resource"].as_object().into_iter().flatten().map(|(_, ids)| ids.as_object().unwrap().len()).sum()
    }

    /// From now on Terraform fails at this point of a stack.
    pub(crate) fn fail(&self, stack: &str, at: &str, summary: &str) {
        self.script(stack, json!({ "faults": [{ "at": at, "fail": { "summary": summary, "detail": "" } }] }));
    }

    /// What Terraform does with a stack from now on.
    pub(crate) fn script(&self, stack: &str, script: Value) {
        fs::write(self.stack(stack).join("fake.json"), script.to_string()).unwrap();
    }

    /// It fails no more.
    pub(crate) fn repair(&self, stack: &str) {
        fs::remove_file(self.stack(stack).join("fake.json")).unwrap();
    }

    /// The record of a stack.
    pub(crate) fn record(&self, stack: &str) -> Value {
        let path = self.path().join(".palisade/stacks").join(stack).join("record.json");
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }
}

/// How each stack of a document ended.
pub(crate) fn endings(document: &Value) -> Vec<(&str, &str)> {
    let stacks = document["stacks"].as_array().unwrap();
    stacks.iter().map(|outcome| (outcome["stack"].as_str().unwrap(), outcome["status"].as_str().unwrap())).collect()
}
