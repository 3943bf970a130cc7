//! `app build`: makes the deployment packages of the Lambda functions.

pub mod artifact;
mod cargo_lambda;
mod package;
mod remap;
pub mod source;

use std::path::{Path, PathBuf};
use std::process::Command;

use compute::Architecture;

pub use artifact::{Artifact, ArtifactError};
pub use cargo_lambda::ToolError;
pub(crate) use cargo_lambda::{Tool, find_or_install};

/// Where the packages are, relative to the project.
pub const ARTIFACT_DIRECTORY: &str = "target/lambda";
/// The package of the tenant API.
pub const API_ZIP: &str = "tenant-api.zip";
/// The package of the log relay.
pub const RELAY_ZIP: &str = "log-relay.zip";

/// The package of the onboarding function.
pub const ONBOARDING_ZIP: &str = "onboarding.zip";

/// The functions, by the names of their crates, and their packages.
pub(crate) const FUNCTIONS: [(&str, &str); 3] =
    [("tenant-api", API_ZIP), ("log-relay", RELAY_ZIP), ("onboarding", ONBOARDING_ZIP)];

/// Why there are no packages.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// cargo-lambda could not be had.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// cargo-lambda could not be run.
    #[error("cannot run `{}`", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The code does not build.
    #[error("cargo-lambda failed ({status}); what it said stands above")]
    Failed {
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A binary cannot be read or a package cannot be written.
    #[error("cannot make the package `{}`", path.display())]
    Package {
        /// The package.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The package is not what Lambda takes.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

/// Builds the functions in a project and packs them, the same bytes for the same binaries.
///
/// # Errors
/// When the tool cannot be had, the code does not build, or a package cannot be written.
pub fn run(project: &Path, architecture: Architecture, say: &mut dyn FnMut(&str)) -> Result<Vec<Artifact>, BuildError> {
    let tool = cargo_lambda::find_or_install(project, say)?;
    say("building tenant-api, log-relay and onboarding");
    let target = match architecture {
        Architecture::X86_64 => "--x86-64",
        Architecture::Arm64 => "--arm64",
    };
    let mut command = tool.command();
    command.current_dir(project).args(["lambda", "build", "--release", target]);
    for (function, _) in FUNCTIONS {
        command.args(["-p", function]);
    }
    // Said outright, for else CARGO_TARGET_DIR would move it.
    command.args(["--lambda-dir", ARTIFACT_DIRECTORY]);
    if let Some(flags) = remap::config(project) {
        command.args(["--config", &flags]);
    }
    let directory = project.join(ARTIFACT_DIRECTORY);
    for (function, _) in FUNCTIONS {
        // cargo-lambda says nothing when it has built no binary; an old one must not be taken for a new one.
        remove(&directory.join(function).join("bootstrap"))?;
    }
    run_quietly(&mut command, &tool.program)?;
    FUNCTIONS
        .into_iter()
        .map(|(function, zip)| {
            let path = directory.join(zip);
            package::zip(&directory.join(function).join("bootstrap"), &path)
                .map_err(|source| BuildError::Package { path: path.clone(), source })?;
            Ok(artifact::read(&path)?)
        })
        .collect()
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> Result<(), BuildError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(BuildError::Package { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Runs a command whose output goes to the terminal's error stream, so that stdout stays for results.
fn run_quietly(command: &mut Command, program: &Path) -> Result<(), BuildError> {
    command.stdin(std::process::Stdio::null()).stdout(std::io::stderr());
    let status = command.status().map_err(|source| BuildError::Run { program: program.to_owned(), source })?;
    if status.success() { Ok(()) } else { Err(BuildError::Failed { status }) }
}
