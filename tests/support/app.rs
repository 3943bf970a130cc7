//! The program, run as users run it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::{root, setting};

/// The built program: `$PALISADE_APP`, else built here, once.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    // With the registry in DynamoDB, as the program of the platform's builds has it.
    let built = || build("app", "app", &["--features", "dynamodb"]);
    BINARY.get_or_init(|| setting("PALISADE_APP").map_or_else(built, PathBuf::from))
}

/// The Terraform for tests, which needs no provider and does wrong what it is told to.
pub(crate) fn fake_terraform() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build("runner", "fake-terraform", &[]))
}

fn build(package: &str, binary: &str, more: &[&str]) -> PathBuf {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--package", package, "--bin", binary, "--message-format", "json"])
        .args(more)
        .current_dir(root());
    let built = command.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(built.status.success(), "`cargo build -p {package}` failed");
    let messages = String::from_utf8(built.stdout).expect("cargo speaks UTF-8");
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    executables.next_back().expect("cargo names the executable")
}

/// A command that sees nothing of the caller's settings, credentials and Terraform set-up.
pub(crate) fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["AWS_", "TF_", "CDKTF_", "PALISADE_", "TERRAFORM_", "CHECKPOINT_"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Run {
    /// The run, which must have succeeded.
    pub(crate) fn done(self, what: &str) -> Self {
        assert_eq!(self.code, Some(0), "{what}\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// The run's standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in stdout: {}", self.stdout))
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let program = command.get_program().to_owned();
    command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display())).into()
}

/// Runs the program in a directory.
pub(crate) fn app(dir: &Path, arguments: &[&str]) -> Run {
    run(clean(binary()).args(arguments).current_dir(dir))
}

/// A directory with the project's tenants file and no built function, so that the output is the same everywhere.
pub(crate) fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::copy(root().join("tenants.json"), dir.path().join("tenants.json"))
        .expect("the project has a tenants.json");
    dir
}

/// A directory with this tenants file.
pub(crate) fn project_of(tenants: impl AsRef<[u8]>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("tenants.json"), tenants).expect("a file in it");
    dir
}

/// Every file below a directory that is output (not a lock, not Terraform's own), with its bytes.
pub(crate) fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(base: &Path, dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(base).expect("below").to_string_lossy().into_owned();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            } else if path.is_dir() {
                walk(base, &path, found);
            } else {
                found.push((name, std::fs::read(&path).expect("readable")));
            }
        }
    }
    let mut found = Vec::new();
    walk(dir, dir, &mut found);
    found.sort();
    found
}
