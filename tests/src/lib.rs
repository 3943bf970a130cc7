#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "everything here is for tests")]
#![allow(clippy::missing_panics_doc, reason = "a test helper panics when the test has failed")]

pub mod policy;
pub mod stacks;
pub mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace")
}

/// The program, built once.
pub fn app() -> &'static Path {
    static APP: OnceLock<PathBuf> = OnceLock::new();
    APP.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "app", "--message-format", "json"])
            .current_dir(workspace())
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "app does not build");
        let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
        let executable = messages.lines().find_map(|line| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            let app = message["target"]["name"] == "app" && message["executable"].is_string();
            app.then(|| PathBuf::from(message["executable"].as_str().unwrap_or_default()))
        });
        executable.expect("cargo names the executable")
    })
}

/// Runs the program in a directory, without the settings of whoever runs the tests.
pub fn run(directory: &Path, args: &[&str]) -> Output {
    command(directory, args).output().expect("app runs")
}

/// The program as a command, to be changed before it runs.
pub fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(app());
    command.args(args).current_dir(directory).stdin(Stdio::null());
    for variable in ["CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "PALISADE_ENVIRONMENT_SUFFIX", "PALISADE_REGION", "PALISADE_BACKEND"] {
        command.env_remove(variable);
    }
    command
}

/// What a command wrote to stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command wrote to stdout.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A new directory with the example tenants file, and without built functions: what is written does not depend on a build.
pub fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::copy(workspace().join("tenants.json"), directory.path().join("tenants.json")).expect("the example file");
    directory
}
