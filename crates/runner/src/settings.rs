//! What a run works with.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Endpoints;
use crate::terraform::{Environment, Terraform};

/// What a run works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program that does it.
    pub terraform: Terraform,
    /// The directory of records, locks, logs and plugins (`.palisade`), beside the states.
    pub home: PathBuf,
    /// How many stacks are worked on at once.
    pub parallelism: NonZeroUsize,
    /// A filesystem mirror that has every provider; without one, providers are fetched once into the runner's directory.
    pub plugin_dir: Option<PathBuf>,
    /// Which AWS it is about: AWS itself, or an emulator.
    pub endpoints: Endpoints,
    /// The role that is assumed for each tenant, where the caller does not do the work itself.
    pub assumed: Option<Assumed>,
    /// How long Terraform itself waits for the lock of a state before it is tried again.
    pub lock_timeout: Duration,
    /// How often a stack is tried at most, from 1. Only transient failures are tried again.
    pub attempts: u32,
    /// Whether the lock of a state is broken when its holder is known to be gone.
    pub unlock: bool,
    /// The environment of Terraform.
    pub environment: Environment,
}

impl Settings {
    /// How long Terraform itself waits for the lock of a state.
    pub const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
    /// How often a stack is tried at most.
    pub const ATTEMPTS: u32 = 4;
}

/// A role that is assumed for one tenant at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// The role's ARN.
    pub arn: String,
    /// The session tag whose value is the tenant.
    pub tenant_tag: String,
}

/// What is done to the stacks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Nothing is changed; it is told what a deployment would change.
    Plan {
        /// Whether the plan is kept, to be applied later.
        save: bool,
    },
    /// Nothing is changed; it is told what is not as it was left.
    DetectDrift,
    /// Nothing is changed; the outputs in the state are told.
    Outputs,
    /// Stacks that are to stand are created or brought up to date, the others are destroyed.
    Deploy,
    /// The same by the plans that were saved, and only what they say.
    DeploySaved,
    /// All are destroyed.
    Destroy,
}
