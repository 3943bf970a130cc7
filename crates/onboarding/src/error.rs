//! Why a step failed. The name of the error is what the state machine's retries and catches go by.

use naming::runtime;
use registry::store::StoreError;
use registry::{Refusal, RegistryError};

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The call is none of ours.
    #[error(
        "the call is no step of the workflow; deploy the platform's stack again, so that function and workflow are of one release"
    )]
    BadCall(#[source] serde_json::Error),
    /// The event that the run carries is no longer one.
    #[error("the event of the run cannot be read any more")]
    BadEvent(#[from] registry::event::Rejection),
    /// The run has no lease, but the step needs one.
    #[error("the run of tenant `{0}` has no lease")]
    NoLease(naming::TenantId),
    /// The registry did not answer, or others were faster.
    #[error("the registry was busy; the step is tried again")]
    Busy(#[source] RegistryError),
    /// There is no such tenant.
    #[error(transparent)]
    UnknownTenant(Refusal),
    /// Another run has the lease by now.
    #[error(transparent)]
    LeaseLost(Refusal),
    /// The registry refuses it.
    #[error(transparent)]
    Refused(Refusal),
    /// The registry cannot be used.
    #[error(transparent)]
    Registry(RegistryError),
}

impl StepError {
    /// The name under which Lambda reports it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BadCall(_) => "BadCall",
            Self::BadEvent(_) => "BadEvent",
            Self::NoLease(_) => "NoLease",
            Self::Busy(_) => runtime::REGISTRY_BUSY,
            Self::UnknownTenant(_) => runtime::UNKNOWN_TENANT,
            Self::LeaseLost(_) => "LeaseLost",
            Self::Refused(_) => "Refused",
            Self::Registry(_) => "RegistryUnusable",
        }
    }
}

impl From<RegistryError> for StepError {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Refused(refusal @ Refusal::Unknown { .. }) => Self::UnknownTenant(refusal),
            RegistryError::Refused(refusal @ Refusal::Fenced { .. }) => Self::LeaseLost(refusal),
            RegistryError::Refused(refusal) => Self::Refused(refusal),
            RegistryError::Busy { .. }
            | RegistryError::Store(StoreError::Conflict { .. } | StoreError::Throttled(_) | StoreError::Unknown(_)) => {
                Self::Busy(error)
            }
            RegistryError::Store(StoreError::Refused(_)) | RegistryError::Unreadable { .. } => Self::Registry(error),
        }
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        RegistryError::Store(error).into()
    }
}

/// An error and all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
