//! Why an event is not taken.

use naming::{AccountIdError, NetworkPlan, RoleArnError, SuffixError, TenantIdError};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::MAX_BYTES;
use crate::text::TextError;
use crate::time::TimestampError;

/// Why an event is not taken. No delivery of the same event will be taken either, so it belongs into a dead-letter queue, with the
/// message and [`Rejection::code`]. Texts of the event are escaped and cut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its variant means")]
pub enum Rejection {
    #[error("the event has {bytes} bytes; at most {MAX_BYTES} are taken")]
    Oversized { bytes: usize },
    #[error("the event is not JSON: {problem}")]
    NotJson { problem: String },
    #[error("the event has no `{field}`")]
    Missing { field: String },
    #[error("`{field}` is not {wanted}")]
    WrongType { field: String, wanted: &'static str },
    #[error("the detail has the field `{field}`, which this version does not know; known are {}", known.join(", "))]
    UnknownField { field: String, known: &'static [&'static str] },
    #[error("the event comes from `{given}`; requests come from `{}`", naming::lifecycle::SIGNUP_SOURCE)]
    OtherSource { given: String },
    #[error("`{given}` is no event that the platform takes; it takes {}", super::Asked::DETAIL_TYPES.join(", "))]
    UnknownDetailType { given: String },
    #[error("the detail has version `{given}`; \"{}\" is understood", naming::lifecycle::DETAIL_VERSION)]
    UnknownVersion { given: String },
    #[error("the event is for the environment `{given}`, and this is `{own}`")]
    OtherEnvironment { given: String, own: String },
    #[error(transparent)]
    TenantId(#[from] TenantIdError),
    #[error(transparent)]
    Suffix(#[from] SuffixError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    AccountId(#[from] AccountIdError),
    #[error(transparent)]
    RoleArn(#[from] RoleArnError),
    #[error(transparent)]
    Time(#[from] TimestampError),
    #[error(
        "`account_id` and `assume_role_arn` come together: the tenant's own account, and the role that is assumed there"
    )]
    HalfAPlacement,
    #[error("the role is in account {role}, but `account_id` says {account}")]
    RoleOfOtherAccount { role: String, account: String },
    #[error("`network_index` is no whole number from 0 to {}", LAST_INDEX)]
    NetworkIndex,
}

/// The last index of the largest network plan.
pub(super) const LAST_INDEX: u32 = (1 << (NetworkPlan::SMALLEST_BLOCK - 8)) - 1;

impl Rejection {
    /// A name of the kind of rejection, for programs: messages may change, codes do not.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Oversized { .. } => "oversized",
            Self::NotJson { .. } => "not_json",
            Self::Missing { .. } => "missing_field",
            Self::WrongType { .. } => "wrong_type",
            Self::UnknownField { .. } => "unknown_field",
            Self::OtherSource { .. } => "other_source",
            Self::UnknownDetailType { .. } => "unknown_detail_type",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::OtherEnvironment { .. } => "other_environment",
            Self::TenantId(_) => "tenant_id",
            Self::Suffix(_) => "environment_suffix",
            Self::Text(_) => "text",
            Self::AccountId(_) => "account_id",
            Self::RoleArn(_) => "assume_role_arn",
            Self::Time(_) => "time",
            Self::HalfAPlacement => "half_a_placement",
            Self::RoleOfOtherAccount { .. } => "role_of_other_account",
            Self::NetworkIndex => "network_index",
        }
    }
}

/// As `{ code, message }`, for a dead-letter queue.
impl Serialize for Rejection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Rejection", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("message", &self.to_string())?;
        fields.end()
    }
}
