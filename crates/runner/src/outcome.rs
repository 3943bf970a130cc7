//! How the run of a stack ended.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Action, Failure, Stack};

/// How the run of a stack ended.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The stack.
    pub stack: String,
    /// The tenant; none for the platform.
    pub tenant: Option<String>,
    /// How it ended.
    pub status: Status,
    /// What was done, or what a plan would do.
    pub changes: Changes,
    /// What is not as it was left; of a plan that looks for drift.
    pub drift: Vec<Drift>,
    /// What the stack outputs; empty unless it stands.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, OutputValue>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The addresses of what is left after a destroy that did not finish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// How often it was tried; 0 if it was not.
    pub attempts: u32,
    /// How long it took, waiting for a slot not counted.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// Where everything is that Terraform said; none where it was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<PathBuf>,
}

impl Outcome {
    /// Of a stack of which nothing else is known.
    pub(crate) fn failed(stack: Option<&Stack>, failure: Failure) -> Self {
        Self {
            stack: stack.map(|stack| stack.name.clone()).unwrap_or_default(),
            tenant: stack.and_then(|stack| stack.tenant.clone()),
            status: Status::Failed,
            changes: Changes::default(),
            drift: Vec::new(),
            outputs: BTreeMap::new(),
            failure: Some(failure),
            left: Vec::new(),
            attempts: 0,
            took: Duration::ZERO,
            logs: None,
        }
    }
}

fn seconds<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((took.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There was nothing to do.
    Unchanged,
    /// A plan would change something.
    Pending,
    /// It was created or changed.
    Deployed,
    /// Nothing of it is left.
    Destroyed,
    /// Nothing of it was ever there: nothing was done.
    Absent,
    /// It is not as it was left.
    Drifted,
    /// It failed.
    Failed,
    /// It was stopped by whoever ran it; a later run goes on.
    Interrupted,
    /// It was not started: the run ended before its turn.
    NotStarted,
    /// It was left as it is because it is pinned.
    Pinned,
}

impl Status {
    /// Whether the run of the stack did what was asked.
    pub fn is_good(self) -> bool {
        !matches!(self, Self::Failed | Self::Interrupted | Self::NotStarted)
    }
}

/// How many resources are, or would be, treated how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Created.
    pub add: u32,
    /// Changed in place.
    pub change: u32,
    /// Deleted.
    pub remove: u32,
    /// Taken over from what is there.
    #[serde(default)]
    pub import: u32,
}

impl Changes {
    /// Whether there is nothing to do.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// A resource that is not as it was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Its address in Terraform.
    pub address: String,
    /// What happened to it: `update` or `delete`.
    pub action: Action,
    /// The attributes that differ, without their values.
    pub attributes: Vec<String>,
}

/// One output of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputValue {
    /// Whether it must not be shown.
    pub sensitive: bool,
    /// The value; none where it must not be shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<Value>,
}
