//! Why a command over the fleet ended before it came to the stacks.

use std::path::PathBuf;

use runner::terraform::ToolError;
use runner::{EndpointError, RecordError, RunError};

use crate::build::{ArtifactError, BuildError};
use crate::capacity::AdmissionError;
use crate::fleet::health::HealthError;
use crate::fleet::rollout::RolloutError;
use crate::fleet::select::SelectionError;
use crate::settings::SettingsError;
use crate::synth::SynthError;

/// Why a command over the fleet ended before it came to the stacks.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The stacks cannot be written.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// What takes precedence over the tenants file cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The account has not enough room.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// Nothing is selected.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// There is no Terraform.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// An endpoint is none.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The run could not be begun.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A record cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The record of the rollout cannot be used.
    #[error(transparent)]
    Rollout(#[from] RolloutError),
    /// There is no health check.
    #[error(transparent)]
    Health(#[from] HealthError),
    /// The functions could not be built.
    #[error("the functions have to be built before a deployment")]
    Build(#[source] Box<BuildError>),
    /// A built function cannot be used.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The functions are not built, and their code is not here.
    #[error(
        "the functions are not built: `{}` has no {}; build them where the code is, with `app build --source DIR`",
        directory.display(), missing.join(", ")
    )]
    Unbuilt {
        /// Where they are looked for.
        directory: PathBuf,
        /// What is missing.
        missing: Vec<&'static str>,
    },
    /// Signals cannot be taken.
    #[error("cannot take over Ctrl-C, so a run could not be stopped in an orderly way")]
    Signals(#[source] std::io::Error),
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Terraform does not tell the outputs of a stack.
    #[error("the outputs of stack `{stack}` cannot be had: {cause}; {fix}")]
    NotTold {
        /// The stack.
        stack: String,
        /// Why.
        cause: String,
        /// What to do.
        fix: String,
    },
    /// Nothing is deployed.
    #[error(
        "there are no outputs to write: no stack is recorded as deployed; run `app deploy`, or ask Terraform with `--refresh` for what another \
         tool deployed"
    )]
    NoOutputs,
}
