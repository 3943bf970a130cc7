//! Lifecycle events, which the platform's event bus routes to their tenant's function.

mod check;

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use naming::lifecycle;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use check::EventError;

use crate::settings::Settings;

/// An event as EventBridge delivers it
/// ([structure](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html)).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Event {
    /// The event's id, the same at every delivery.
    #[serde(default)]
    pub id: String,
    /// Who announces it.
    #[serde(default)]
    pub source: String,
    /// What happened.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// When it happened.
    #[serde(default)]
    pub time: String,
    /// To whom, and more.
    pub detail: Map<String, Value>,
}

/// The id of an event: 1 to 128 visible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventId(String);

/// An event that this tenant's function understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// Its id.
    pub id: EventId,
    /// When it happened, in seconds since 1970.
    pub time: i64,
    /// What it changes.
    pub change: Change,
}

/// What an event changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Where the tenant stands.
    Status {
        /// The name of what happened.
        event: &'static str,
        /// Where the tenant stands then.
        status: Status,
    },
    /// The tenant's settings.
    Settings(TenantSettings),
}

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It is.
    #[default]
    Active,
    /// It is not, for now.
    Suspended,
    /// It leaves: it may read, not write.
    Offboarding,
}

/// The settings of a tenant that concern its API. What else the event holds is for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct TenantSettings {
    /// Whether documents may only be read.
    #[serde(default)]
    pub read_only: bool,
}

impl EventId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EventId {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(EventError::Malformed("its id has not 1 to 128 visible characters"))
        }
    }
}

impl Status {
    const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Offboarding];

    /// The status as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Offboarding => "offboarding",
        }
    }

    /// The status of a stored text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl Change {
    /// The name of the event.
    pub fn detail_type(&self) -> &'static str {
        match self {
            Self::Status { event, .. } => event,
            Self::Settings(_) => lifecycle::SETTINGS_CHANGED,
        }
    }
}

impl Event {
    /// Understands the event, if it is meant for the tenant and environment of the settings.
    ///
    /// # Errors
    /// When it is not, or does not say so, or is of a version or kind that is not known.
    pub(crate) fn understand(&self, settings: &Settings) -> Result<Lifecycle, EventError> {
        check::addressed(self, settings)?;
        check::version(self)?;
        let status = |event, status| Change::Status { event, status };
        let change = match self.detail_type.as_str() {
            lifecycle::PROVISIONED => status(lifecycle::PROVISIONED, Status::Active),
            lifecycle::RESUMED => status(lifecycle::RESUMED, Status::Active),
            lifecycle::SUSPENDED => status(lifecycle::SUSPENDED, Status::Suspended),
            lifecycle::OFFBOARDING => status(lifecycle::OFFBOARDING, Status::Offboarding),
            lifecycle::SETTINGS_CHANGED => {
                let settings = self.detail.get("settings").cloned().unwrap_or_default();
                let settings = serde_json::from_value(settings);
                Change::Settings(settings.map_err(|_| EventError::Malformed("its `settings` are no settings"))?)
            }
            other => return Err(EventError::UnknownType(other.to_owned())),
        };
        let time = DateTime::from_str(&self.time, DateTimeFormat::DateTimeWithOffset);
        let time = time.map_err(|_| EventError::Malformed("its `time` is no time"))?.secs();
        Ok(Lifecycle { id: self.id.parse()?, time, change })
    }
}
