//! What the platform announces.

use std::collections::BTreeMap;

use naming::{EnvironmentSuffix, TenantId, lifecycle};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::entry::Purpose;
use crate::text::{PlanName, RequestId};
use crate::time::Timestamp;

/// The detail of an event that the platform announces. Consumers should pass over fields that they do not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// Whom it concerns, and more.
    #[serde(flatten)]
    pub header: Header,
    /// What happened. Its kind is the event's `detail-type`, its fields are the detail's.
    #[serde(flatten)]
    pub announced: Announced,
}

/// What every announced detail has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the detail.
    pub version: Version,
    /// The same at every publication of this event, and at no other's: for consumers to take it once.
    pub event_id: String,
    /// Whom it concerns.
    pub tenant_id: TenantId,
    /// Where.
    pub environment_suffix: EnvironmentSuffix,
    /// The request that led to it.
    pub request_id: RequestId,
    /// When it came to be; a publication may be later.
    pub occurred_at: Timestamp,
}

/// Why a detail is none that the platform announces.
#[derive(Debug, thiserror::Error)]
pub enum AnnouncementError {
    /// No such event.
    #[error("`{0}` is no event that the platform announces")]
    UnknownDetailType(String),
    /// A field is missing or wrong.
    #[error("a field of the detail is missing or wrong")]
    Field(#[from] serde_json::Error),
    /// A text is longer than the schema allows.
    #[error("a text of the detail is too long")]
    TooLong,
}

impl Announcement {
    /// Reads a detail, for those who take events.
    ///
    /// # Errors
    /// When it is not what the schema of this event says.
    pub fn read(detail_type: &str, detail: &Value) -> Result<Self, AnnouncementError> {
        Ok(Self { header: Header::deserialize(detail)?, announced: Announced::read(detail_type, detail)? })
    }
}

/// The version of a detail: the one that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version;

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(given: String) -> Result<Self, String> {
        if given == lifecycle::DETAIL_VERSION { Ok(Self) } else { Err(format!("version `{given}` is not known")) }
    }
}

impl From<Version> for String {
    fn from(_: Version) -> Self {
        lifecycle::DETAIL_VERSION.to_owned()
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Announced {
    /// `TenantProvisioning`.
    Provisioning(ProvisioningNote),
    /// `TenantProvisioned`.
    Provisioned(ProvisionedNote),
    /// `TenantProvisioningFailed`.
    ProvisioningFailed(FailureNote),
    /// `TenantDeprovisioned`.
    Deprovisioned(DeprovisionedNote),
    /// `TenantOffboarding`.
    Offboarding(OffboardingNote),
    /// `TenantSuspended`.
    Suspended(SuspendedNote),
    /// `TenantResumed`.
    Resumed(ResumedNote),
    /// `TenantRestarting`.
    Restarting(RestartingNote),
}

/// The request is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisioningNote {
    /// The tenant's place in the network plan.
    pub network_index: u32,
    /// How far it is.
    pub phase: Phase,
    /// Which run it is; 0 before the first.
    pub attempt: u32,
}

/// The environment is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedNote {
    /// The tenant's place in the network plan.
    pub network_index: u32,
    /// What the plan was when the environment was made.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub plan: Option<PlanName>,
    /// The outputs of the tenant's stack, by name: `api_endpoint`, `bucket_name`, `table_arn` and more.
    pub outputs: BTreeMap<String, String>,
}

/// The environment is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeprovisionedNote {
    /// The place in the network plan that the tenant had.
    pub network_index: u32,
    /// Until when nobody else gets it.
    pub quarantine_until: Timestamp,
}

/// The tenant leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffboardingNote {
    /// Until when the environment stands.
    pub waiting_until: Timestamp,
}

/// The tenant is not served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendedNote {
    /// Always `suspended`.
    pub status: Suspended,
}

/// The tenant is served again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumedNote {
    /// Always `active`.
    pub status: Resumed,
}

/// A run that was lost begins again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartingNote {
    /// Which time it is, from 1.
    pub restart: u32,
    /// What the run is for.
    pub purpose: Purpose,
}

/// A field that may be missing, but is no `null`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that is always there, but may be `null`. (Without this, serde would let it be missing.)
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// How far a provisioning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The request is in the registry, with a network index.
    Registered,
    /// A run has begun.
    Deploying,
}

/// The word `suspended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspended {
    /// It is.
    Suspended,
}

/// The word `active`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resumed {
    /// It is.
    Active,
}

/// Why it failed, for people and for what tries again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureNote {
    /// Where: `admission`, or a phase of a run such as `plan`, `apply`, `destroy`.
    pub phase: String,
    /// The resource, by its Terraform address, where it was one.
    #[serde(deserialize_with = "nullable")]
    pub address: Option<String>,
    /// Why.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// Which run it was; 0 before the first.
    pub attempt: u32,
    /// Whether the next run goes on where this one stopped.
    pub resumable: bool,
}

impl FailureNote {
    /// The phase of a run that ended without a word.
    pub const LOST: &'static str = "run";
    /// The most characters of a text; what is longer is cut, so that an event never outgrows the bus.
    pub const MAX_TEXT: usize = 2048;

    /// The same, with long texts cut.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            phase: cut(&self.phase, 64),
            address: self.address.map(|address| cut(&address, Self::MAX_TEXT)),
            cause: cut(&self.cause, Self::MAX_TEXT),
            fix: cut(&self.fix, Self::MAX_TEXT),
            ..self
        }
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

impl Announced {
    /// The events that are announced, by `detail-type`.
    pub const DETAIL_TYPES: [&'static str; 8] = [
        lifecycle::PROVISIONING,
        lifecycle::PROVISIONED,
        lifecycle::PROVISIONING_FAILED,
        lifecycle::DEPROVISIONED,
        lifecycle::OFFBOARDING,
        lifecycle::SUSPENDED,
        lifecycle::RESUMED,
        lifecycle::RESTARTING,
    ];

    /// Reads what a detail says beside its header.
    ///
    /// # Errors
    /// When it is not what the schema of this event says.
    pub fn read(detail_type: &str, detail: &Value) -> Result<Self, AnnouncementError> {
        Ok(match detail_type {
            lifecycle::PROVISIONING => Self::Provisioning(Deserialize::deserialize(detail)?),
            lifecycle::PROVISIONED => Self::Provisioned(Deserialize::deserialize(detail)?),
            lifecycle::PROVISIONING_FAILED => {
                let note = FailureNote::deserialize(detail)?;
                if note.clone().bounded() != note {
                    return Err(AnnouncementError::TooLong);
                }
                Self::ProvisioningFailed(note)
            }
            lifecycle::DEPROVISIONED => Self::Deprovisioned(Deserialize::deserialize(detail)?),
            lifecycle::OFFBOARDING => Self::Offboarding(Deserialize::deserialize(detail)?),
            lifecycle::SUSPENDED => Self::Suspended(Deserialize::deserialize(detail)?),
            lifecycle::RESUMED => Self::Resumed(Deserialize::deserialize(detail)?),
            lifecycle::RESTARTING => Self::Restarting(Deserialize::deserialize(detail)?),
            other => return Err(AnnouncementError::UnknownDetailType(naming::shown(other))),
        })
    }

    /// The `detail-type`.
    pub fn detail_type(&self) -> &'static str {
        match self {
            Self::Provisioning(_) => lifecycle::PROVISIONING,
            Self::Provisioned(_) => lifecycle::PROVISIONED,
            Self::ProvisioningFailed(_) => lifecycle::PROVISIONING_FAILED,
            Self::Deprovisioned(_) => lifecycle::DEPROVISIONED,
            Self::Offboarding(_) => lifecycle::OFFBOARDING,
            Self::Suspended(_) => lifecycle::SUSPENDED,
            Self::Resumed(_) => lifecycle::RESUMED,
            Self::Restarting(_) => lifecycle::RESTARTING,
        }
    }
}
