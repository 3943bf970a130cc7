//! What can be wrong with a tenants file.

use std::fmt;

use serde::Serialize;

use super::json::SyntaxError;
use crate::{
    AccountIdError, EnvironmentError, NetworkPlanError, OutsidePlanError, RegionError, RoleArnError, SuffixError,
    TenantIdError,
};

/// A place in a file; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetError {
    /// The file, or the flag, variable or context from which the value came.
    pub source: String,
    /// Where in the file.
    pub location: Option<Location>,
    /// The field, for example `tenants[2].id`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(Location { line, column }) = self.location {
            write!(f, ":{line}:{column}")?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// What is wrong with a tenants file, or with what overrides it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its variant means")]
pub enum Problem {
    #[error("the file is empty; a tenants file starts with `{{ \"environment_suffix\": \"dev\", \"tenants\": [] }}`")]
    Empty,
    #[error("the file is larger than {limit} bytes, the most that is read; is it a tenants file?")]
    TooLarge { limit: usize },
    #[error("the file is not UTF-8 text (byte {offset}); save it as UTF-8")]
    NotText { offset: usize },
    #[error("{0}")]
    Syntax(SyntaxError),
    #[error("`{name}` stands here a second time; the first is at {first}")]
    DuplicateField { name: String, first: Location },
    #[error("unknown field `{name}`{}; known are {known}", nearest_hint(nearest))]
    UnknownField { name: String, nearest: Option<String>, known: String },
    #[error("the field `{name}` is missing")]
    MissingField { name: &'static str },
    #[error("found {found} where {wanted} should be")]
    WrongType { found: &'static str, wanted: &'static str },
    #[error("`{given}` is not known{}; known are {known}", nearest_hint(nearest))]
    UnknownValue { given: String, nearest: Option<String>, known: String },
    #[error("`{given}` is no whole number from 0 to {max}")]
    NotANumber { given: String, max: u64 },
    #[error("`{given}` is no network; write it as address and prefix length, for example `10.0.0.0/8`")]
    NotANetwork { given: String },
    #[error("{0}")]
    TenantId(#[from] TenantIdError),
    #[error("{0}")]
    Suffix(#[from] SuffixError),
    #[error("{0}")]
    Environment(#[from] EnvironmentError),
    #[error("{0}")]
    Region(#[from] RegionError),
    #[error("{0}")]
    AccountId(#[from] AccountIdError),
    #[error("{0}")]
    RoleArn(#[from] RoleArnError),
    #[error("{0}")]
    NetworkPlan(#[from] NetworkPlanError),
    #[error("{0}")]
    OutsidePlan(#[from] OutsidePlanError),
    #[error("tenant id `{id}` is taken by {first_field} at {first}; ids are unique")]
    SameId { id: String, first_field: String, first: Location },
    #[error("network_index {index} is taken by tenant `{holder}` at {first}; {}", free_hint(free))]
    SameIndex { index: u64, holder: String, first: Location, free: Option<u64> },
    #[error("account_id {account} is taken by tenant `{holder}` at {first}; an account of its own serves one tenant")]
    SameAccount { account: String, holder: String, first: Location },
    #[error("account_id needs assume_role_arn beside it: the role that Terraform assumes in that account")]
    AccountWithoutRole,
    #[error("assume_role_arn needs account_id beside it: the account of that role")]
    RoleWithoutAccount,
    #[error("the role is in account {role}, but account_id says {account}")]
    RoleOfOtherAccount { role: String, account: String },
    #[error("`{given}` is no S3 bucket name: 3 to 63 of a-z, 0-9, `.` and `-`, with a letter or digit at both ends")]
    BucketName { given: String },
    #[error("`{given}` holds a character that does not belong in a {what}; allowed are letters, digits and _.:/=+@-")]
    PlainText { given: String, what: &'static str },
}

fn nearest_hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn free_hint(free: &Option<u64>) -> String {
    match free {
        Some(free) => format!("{free} is free"),
        None => "no index is free: set network.prefix_length to a larger number".to_owned(),
    }
}

/// Everything that is wrong with a tenants file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FleetErrors(pub(crate) Vec<FleetError>);

impl FleetErrors {
    /// How many errors a text shows.
    const SHOWN: usize = 50;

    /// The errors, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &FleetError> {
        self.0.iter()
    }
}

impl fmt::Display for FleetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().take(Self::SHOWN).enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{error}")?;
        }
        match self.0.len().saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}
