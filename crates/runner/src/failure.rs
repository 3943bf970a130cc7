//! Why a stack failed, in words that help whoever is called at night.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Phase;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An AWS quota is used up.
    Quota,
    /// The credentials may not do it.
    Permission,
    /// Something of this name is there already.
    NameTaken,
    /// AWS asked to be called less often.
    Throttled,
    /// There are no credentials, or they are expired or wrong.
    Credentials,
    /// AWS or the registry cannot be reached, or did not answer in time.
    Network,
    /// AWS said that it failed, not the request.
    Service,
    /// Another process holds the state's lock.
    LockHeld,
    /// The state cannot be read, or is not what was last written.
    State,
    /// The disk is full or may not be written to.
    Disk,
    /// Terraform or a provider ended in the middle.
    Crash,
    /// Terraform or its provider is missing, or too old.
    Tool,
    /// Nobody waits for AWS any longer: a resource did not become what it should in its time.
    Timeout,
    /// The configuration is wrong: an error of whoever wrote the stack.
    Configuration,
    /// The health check failed.
    Unhealthy,
    /// Whoever runs it asked to stop.
    Interrupted,
    /// None of these.
    Unknown,
}

impl Class {
    /// Whether the same thing may well succeed a little later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Network | Self::Service | Self::LockHeld)
    }
}

/// Why a stack failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: Class,
    /// Where it happened.
    pub phase: Phase,
    /// The resource, by its address in Terraform; none where it is not about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The error code of the provider or of AWS, for example `VpcLimitExceeded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// One line.
    pub cause: String,
    /// What Terraform said beyond it; secrets are redacted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What to do.
    pub fix: String,
    /// Whether a later run goes on from here. False where somebody has to decide first.
    pub resumable: bool,
    /// Everything that Terraform said in this phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<PathBuf>,
}

/// An error with what caused it, in one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
