//! What may be asked of the platform.

use naming::{EnvironmentSuffix, Placement, TenantId, lifecycle, shown};
use serde_json::Value;

use super::MAX_BYTES;
use super::reader::Fields;
use super::rejection::Rejection;
use crate::text::{PlanName, RequestId};
use crate::time::Timestamp;

/// An event that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The id that EventBridge gave to it; another one where the same request is announced again.
    pub event_id: Option<String>,
    /// When it was announced.
    pub time: Timestamp,
    /// What is asked.
    pub asked: Asked,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `TenantSignup`.
    Signup(Signup),
    /// `TenantOffboarding`.
    Offboarding(Offboarding),
    /// `TenantPlanChanged`.
    PlanChanged(PlanChanged),
}

/// A customer signed up: make the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signup {
    /// Who.
    pub tenant_id: TenantId,
    /// Which request.
    pub request_id: RequestId,
    /// In which AWS account.
    pub placement: Placement,
    /// What was bought.
    pub plan: Option<PlanName>,
    /// The place in the network plan; the lowest free one where nothing is said.
    pub network_index: Option<u32>,
}

/// A customer leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offboarding {
    /// Who.
    pub tenant_id: TenantId,
    /// Which request.
    pub request_id: RequestId,
}

/// A customer buys another plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanChanged {
    /// Who.
    pub tenant_id: TenantId,
    /// Which request.
    pub request_id: RequestId,
    /// The new plan.
    pub plan: PlanName,
}

const COMMON: &[&str] = &["version", "tenant_id", "environment_suffix", "request_id"];
const SIGNUP: &[&str] = &[
    "version",
    "tenant_id",
    "environment_suffix",
    "request_id",
    "account_id",
    "assume_role_arn",
    "plan",
    "network_index",
];
const PLAN_CHANGED: &[&str] = &["version", "tenant_id", "environment_suffix", "request_id", "plan"];

impl Received {
    /// Parses an event as EventBridge delivers it
    /// ([structure](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html)).
    ///
    /// ```
    /// use registry::event::{Asked, Received};
    ///
    /// let event = r#"{ "source": "palisade.signup", "detail-type": "TenantSignup", "time": "2026-01-31T12:00:00Z", "detail": {
    ///     "version": "1", "environment_suffix": "dev", "tenant_id": "Acme", "request_id": "crm-1" } }"#;
    /// let rejection = Received::parse(event.as_bytes(), &"dev".parse()?).unwrap_err();
    /// assert_eq!(rejection.code(), "tenant_id");
    /// assert_eq!(rejection.to_string(), "tenant id `Acme` contains 'A'; allowed are a-z, 0-9 and `-`; did you mean `acme`?");
    /// # Ok::<(), naming::SuffixError>(())
    /// ```
    ///
    /// # Errors
    /// When it is not one of ours, or not for this environment, or a field is wrong.
    pub fn parse(bytes: &[u8], environment: &EnvironmentSuffix) -> Result<Self, Rejection> {
        if bytes.len() > MAX_BYTES {
            return Err(Rejection::Oversized { bytes: bytes.len() });
        }
        let event: Value =
            serde_json::from_slice(bytes).map_err(|error| Rejection::NotJson { problem: error.to_string() })?;
        Self::read(&event, environment)
    }

    /// The same for what is parsed already.
    ///
    /// # Errors
    /// As [`Received::parse`].
    pub fn read(event: &Value, environment: &EnvironmentSuffix) -> Result<Self, Rejection> {
        let fields = Fields::of(event, "event")?;
        let source = fields.text("source")?;
        if source != lifecycle::SIGNUP_SOURCE {
            return Err(Rejection::OtherSource { given: shown(source) });
        }
        let detail_type = fields.text("detail-type")?;
        fields.object("detail")?;
        let detail = event.get("detail").unwrap_or(&Value::Null);
        let asked = Asked::read(detail_type, detail, environment)?;
        let event_id = fields.optional_text("id")?.map(|id| id.chars().take(128).collect());
        Ok(Self { event_id, time: fields.parsed("time")?, asked })
    }
}

impl Asked {
    /// The events that may be asked, by `detail-type`.
    pub const DETAIL_TYPES: [&'static str; 3] = [lifecycle::SIGNUP, lifecycle::OFFBOARDING, lifecycle::PLAN_CHANGED];

    /// Parses the detail of an event. The version is looked at first: what another version means is not for us to say.
    ///
    /// # Errors
    /// When it is unknown, for another environment, or has a wrong field.
    pub fn read(detail_type: &str, detail: &Value, environment: &EnvironmentSuffix) -> Result<Self, Rejection> {
        if !Self::DETAIL_TYPES.contains(&detail_type) {
            return Err(Rejection::UnknownDetailType { given: shown(detail_type) });
        }
        let fields = Fields::of(detail, "detail")?;
        let version = fields.text("version")?;
        if version != lifecycle::DETAIL_VERSION {
            return Err(Rejection::UnknownVersion { given: shown(version) });
        }
        fields.only(match detail_type {
            lifecycle::SIGNUP => SIGNUP,
            lifecycle::PLAN_CHANGED => PLAN_CHANGED,
            _ => COMMON,
        })?;
        let suffix: EnvironmentSuffix = fields.parsed("environment_suffix")?;
        let (tenant_id, request_id) = (fields.parsed("tenant_id")?, fields.parsed("request_id")?);
        let asked = match detail_type {
            lifecycle::SIGNUP => Self::Signup(Signup {
                tenant_id,
                request_id,
                placement: fields.placement()?,
                plan: fields.optional("plan")?,
                network_index: fields.index("network_index")?,
            }),
            lifecycle::PLAN_CHANGED => {
                Self::PlanChanged(PlanChanged { tenant_id, request_id, plan: fields.parsed("plan")? })
            }
            _ => Self::Offboarding(Offboarding { tenant_id, request_id }),
        };
        if suffix != *environment {
            return Err(Rejection::OtherEnvironment { given: suffix.to_string(), own: environment.to_string() });
        }
        Ok(asked)
    }

    /// The `detail-type`.
    pub fn detail_type(&self) -> &'static str {
        match self {
            Self::Signup(_) => lifecycle::SIGNUP,
            Self::Offboarding(_) => lifecycle::OFFBOARDING,
            Self::PlanChanged(_) => lifecycle::PLAN_CHANGED,
        }
    }

    /// Whom it concerns.
    pub fn tenant_id(&self) -> &TenantId {
        match self {
            Self::Signup(signup) => &signup.tenant_id,
            Self::Offboarding(offboarding) => &offboarding.tenant_id,
            Self::PlanChanged(change) => &change.tenant_id,
        }
    }

    /// Which request it is.
    pub fn request_id(&self) -> &RequestId {
        match self {
            Self::Signup(signup) => &signup.request_id,
            Self::Offboarding(offboarding) => &offboarding.request_id,
            Self::PlanChanged(change) => &change.request_id,
        }
    }
}
