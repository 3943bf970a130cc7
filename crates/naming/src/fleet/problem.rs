//! What can be wrong with a tenants file, and what would do.

use super::backend::{BucketNameError, KeyPrefixError, KmsKeyIdError};
use super::error::Location;
use super::json::SyntaxError;
use crate::{
    AccountIdError, EnvironmentError, NetworkPlanError, OutsidePlanError, RegionError, RoleArnError, SuffixError,
    TenantIdError,
};

/// What is wrong with a tenants file, or with what overrides it. Texts from the file are escaped and cut for display.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its variant means")]
pub enum Problem {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {limit} bytes, the most that is read; is it a tenants file?")]
    TooLarge { limit: usize },
    #[error("the file is not UTF-8 text (byte {offset}); save it as UTF-8")]
    NotText { offset: usize },
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("the field `{name}` stands here a second time; the first is at {first}")]
    DuplicateField { name: String, first: Location },
    #[error("unknown field `{name}`; known are {}", listed(known))]
    UnknownField { name: String, nearest: Option<&'static str>, known: &'static [&'static str] },
    #[error("unknown quota `{name}`; `app capacity --format json` names them all")]
    UnknownQuota { name: String, nearest: Option<&'static str> },
    #[error("the field `{name}` is missing")]
    MissingField { name: &'static str, example: &'static str },
    #[error("the field `network_index` is missing")]
    MissingIndex { free: Option<u64> },
    #[error("found {found} where {wanted} should be")]
    WrongType { found: String, wanted: &'static str },
    #[error("found the text `{given}` where a whole number should be")]
    NumberInQuotes { given: String },
    #[error("found the number {given} where a text should be")]
    NumberWithoutQuotes { given: String },
    #[error("`{given}` is not known; known are {}", listed(known))]
    UnknownValue { given: String, nearest: Option<&'static str>, known: &'static [&'static str] },
    #[error("`{given}` is no whole number from {min} to {max}")]
    NotANumber { given: String, min: u64, max: u64 },
    #[error("`{given}` is no network; write it as address and prefix length, for example `10.0.0.0/8`")]
    NotANetwork { given: String },
    #[error(transparent)]
    TenantId(#[from] TenantIdError),
    #[error(transparent)]
    Suffix(#[from] SuffixError),
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error(transparent)]
    Region(#[from] RegionError),
    #[error(transparent)]
    AccountId(#[from] AccountIdError),
    #[error(transparent)]
    RoleArn(#[from] RoleArnError),
    #[error(transparent)]
    NetworkPlan(#[from] NetworkPlanError),
    #[error("{problem}")]
    OutsidePlan { problem: OutsidePlanError, free: Option<u64> },
    #[error(
        "tenant id `{id}` is taken by {first_field} at {first}; ids are unique, and those of removed tenants stay reserved"
    )]
    SameId { id: String, first_field: String, first: Location },
    #[error("network_index {index} is taken by {holder} at {first}")]
    SameIndex { index: u64, holder: String, first: Location, free: Option<u64> },
    #[error("account_id {account} is taken by {holder} at {first}; an account of its own serves one tenant")]
    SameAccount { account: String, holder: String, first: Location },
    #[error("account_id needs assume_role_arn beside it: the role that Terraform assumes in that account")]
    AccountWithoutRole { account: String },
    #[error("assume_role_arn needs account_id beside it: the account of that role")]
    RoleWithoutAccount { account: Option<String> },
    #[error("the role is in account {role}, but account_id says {account}")]
    RoleOfOtherAccount { role: String, account: String },
    #[error(transparent)]
    BucketName(#[from] BucketNameError),
    #[error(transparent)]
    KeyPrefix(#[from] KeyPrefixError),
    #[error(transparent)]
    KmsKeyId(#[from] KmsKeyIdError),
}

fn listed(known: &[&str]) -> String {
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn instead(free: Option<u64>) -> String {
    match free {
        Some(free) => format!("{free} is free"),
        None => "no index is free; set network.prefix_length to a larger number".to_owned(),
    }
}

impl Problem {
    /// What would do, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Empty => Some(r#"start with `{ "environment_suffix": "dev", "tenants": [] }`"#.to_owned()),
            Self::Syntax(error) => error.help().map(str::to_owned),
            Self::DuplicateField { .. } => Some("remove one of the two".to_owned()),
            Self::UnknownField { nearest, .. }
            | Self::UnknownValue { nearest, .. }
            | Self::UnknownQuota { nearest, .. } => nearest.map(|name| format!("did you mean `{name}`?")),
            Self::MissingField { name, example } => Some(format!(r#"add `"{name}": {example}`"#)),
            Self::MissingIndex { free: Some(free) } => Some(format!(r#"add `"network_index": {free}`"#)),
            Self::MissingIndex { free: None } => Some(instead(None)),
            Self::NumberInQuotes { given } => Some(format!("write {given} without quotes")),
            Self::NumberWithoutQuotes { given } => Some(format!(r#"write "{given}""#)),
            Self::OutsidePlan { free, .. } => free.map(|free| instead(Some(free))),
            Self::SameIndex { free, .. } => Some(instead(*free)),
            Self::AccountWithoutRole { account } => {
                Some(format!(r#"add `"assume_role_arn": "arn:aws:iam::{account}:role/ROLE"`, or remove account_id"#))
            }
            Self::RoleWithoutAccount { account: Some(account) } => Some(format!(r#"add `"account_id": "{account}"`"#)),
            _ => None,
        }
    }

    /// A name of the kind of problem, for programs: messages may change, codes do not.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::NotText { .. } => "not_text",
            Self::Syntax(_) => "syntax",
            Self::DuplicateField { .. } => "duplicate_field",
            Self::UnknownField { .. } => "unknown_field",
            Self::UnknownQuota { .. } => "unknown_quota",
            Self::MissingField { .. } | Self::MissingIndex { .. } => "missing_field",
            Self::WrongType { .. } | Self::NumberInQuotes { .. } | Self::NumberWithoutQuotes { .. } => "wrong_type",
            Self::UnknownValue { .. } => "unknown_value",
            Self::NotANumber { .. } => "number",
            Self::NotANetwork { .. } => "network",
            Self::TenantId(_) => "tenant_id",
            Self::Suffix(_) => "environment_suffix",
            Self::Environment(_) => "environment",
            Self::Region(_) => "region",
            Self::AccountId(_) => "account_id",
            Self::RoleArn(_) => "assume_role_arn",
            Self::NetworkPlan(_) => "network_plan",
            Self::OutsidePlan { .. } => "outside_plan",
            Self::SameId { .. } => "same_id",
            Self::SameIndex { .. } => "same_index",
            Self::SameAccount { .. } => "same_account",
            Self::AccountWithoutRole { .. } => "account_without_role",
            Self::RoleWithoutAccount { .. } => "role_without_account",
            Self::RoleOfOtherAccount { .. } => "role_of_other_account",
            Self::BucketName(_) => "bucket_name",
            Self::KeyPrefix(_) => "key_prefix",
            Self::KmsKeyId(_) => "kms_key_id",
        }
    }
}
