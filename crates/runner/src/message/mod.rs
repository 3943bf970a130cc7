//! What Terraform and OpenTofu say with `-json`: the [machine-readable UI], one JSON object a line.
//!
//! The format is open: minor versions add types and fields. So what is unknown is kept as [`Message::Other`], and what is no message at
//! all, for example a warning about the CLI's configuration that is printed before the first message, as [`Entry::Text`]. No input is an
//! error here.
//!
//! The types are those of `internal/command/views/json` in Terraform 1.15 and OpenTofu 1.10; of those that a run of a stack never
//! shows (`test_*`, `list_*`, `migration_*`, …) only the name is kept.
//!
//! [machine-readable UI]: https://developer.hashicorp.com/terraform/internals/machine-readable-ui

mod decoder;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

pub use decoder::{Decoder, MAX_LINE};

use crate::{Action, Changes, Event, OutputValue, Stage};

/// One line of what Terraform wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A message of the machine-readable UI.
    Message(Message),
    /// A line that is none: text, or what is left of a message that was cut off. What is not UTF-8 in it is replaced by U+FFFD.
    Text(String),
    /// A line of more than [`MAX_LINE`] bytes.
    TooLong {
        /// Its length, without the line feed.
        bytes: u64,
        /// How it begins.
        start: String,
    },
}

impl Entry {
    /// Reads one line, without its line feed. Empty lines are empty text.
    pub fn of(line: &[u8]) -> Self {
        wire::read(line)
    }
}

/// A message of the machine-readable UI.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `version`: the first message of a command.
    Version {
        /// The version of Terraform or OpenTofu, for example `1.11.4`.
        version: String,
        /// Whether it is OpenTofu.
        tofu: bool,
        /// The version of the format, for example `1.2`.
        ui: String,
    },
    /// `planned_change`: what is going to be done to a resource.
    PlannedChange(Change),
    /// `resource_drift`: what was done to a resource since Terraform last saw it.
    ResourceDrift(Change),
    /// `change_summary`.
    Summary {
        /// What it sums up.
        of: SummaryOf,
        /// The sums.
        changes: Changes,
    },
    /// `outputs` of a plan: which of them will not be as they are.
    PlannedOutputs {
        /// By name.
        changing: BTreeSet<String>,
    },
    /// `outputs` of an apply, with the values of those that are not sensitive.
    Outputs(BTreeMap<String, OutputValue>),
    /// `apply_start`, `apply_progress`, `apply_complete`, `apply_errored`.
    Apply(Hook),
    /// `refresh_start`, `refresh_complete`; the action is [`ChangeAction::Read`].
    Refresh(Hook),
    /// `ephemeral_op_start` and so on.
    Ephemeral(Hook),
    /// `provision_start`, `provision_progress`, `provision_complete`, `provision_errored`.
    Provision {
        /// The resource, by its address.
        address: String,
        /// The provisioner, for example `local-exec`.
        provisioner: String,
        /// How far it is.
        stage: Stage,
        /// What it wrote.
        output: Option<String>,
    },
    /// `diagnostic`: an error or a warning.
    Diagnostic(Diagnostic),
    /// `init_output`.
    Init {
        /// For example `output_init_success_message`.
        code: String,
        /// The text.
        text: String,
    },
    /// `log`: anything else that Terraform has to tell, for example that it was interrupted.
    Log(String),
    /// `log` with the whole state: neither the state nor `errored.tfstate` could be written, so the log has the **only** copy of it.
    /// The state itself is not kept here: it holds secrets.
    StateDump,
    /// A type that is not known here, or known and not of the expected form.
    Other {
        /// The type.
        kind: String,
        /// The text that goes with it.
        text: String,
    },
}

/// What a summary sums up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryOf {
    /// What is going to be done.
    Plan,
    /// What was done.
    Apply,
    /// What was deleted.
    Destroy,
}

/// What is done to a resource, in the words of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeAction {
    /// Nothing.
    Noop,
    /// It is created.
    Create,
    /// It is read.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted and created again.
    Replace,
    /// It is deleted.
    Delete,
    /// It gets another address.
    Move,
    /// It is forgotten: taken out of the state, not deleted.
    Forget,
    /// It is taken over from what is there.
    Import,
    /// Something that is not known here.
    Other,
}

impl ChangeAction {
    /// What happens to the thing in AWS, if anything. A replacement is a creation: its deletion has messages of its own.
    pub fn action(self) -> Option<Action> {
        match self {
            Self::Create | Self::Replace => Some(Action::Create),
            Self::Read | Self::Import => Some(Action::Read),
            Self::Update => Some(Action::Update),
            Self::Delete => Some(Action::Delete),
            Self::Noop | Self::Move | Self::Forget | Self::Other => None,
        }
    }
}

/// A change of a resource, planned or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The resource, by its address.
    pub address: String,
    /// Its type, for example `aws_vpc`.
    pub resource_type: String,
    /// What is done.
    pub action: ChangeAction,
    /// Why, for example `tainted` or `delete_because_no_resource_config`.
    pub reason: Option<String>,
    /// The id of what is taken over, where something is.
    pub importing: Option<String>,
}

/// What happens to a resource while a command runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// The resource, by its address.
    pub address: String,
    /// Its type, for example `aws_vpc`.
    pub resource_type: String,
    /// What is done.
    pub action: ChangeAction,
    /// How far that is.
    pub stage: Stage,
    /// What identifies it: the attribute, mostly `id` or `name`, and its value. Of a creation only when it is done; of a deletion only
    /// when it begins.
    pub id: Option<(String, String)>,
    /// Since when it goes on.
    pub elapsed: Option<Duration>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The command fails.
    Error,
    /// The command goes on.
    Warning,
}

/// An error or a warning. The snippet of the configuration is not kept: a stack's document is one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// One line, mostly: providers may put everything here.
    pub summary: String,
    /// What there is to say beyond it.
    pub detail: String,
    /// The resource, by its address.
    pub address: Option<String>,
    /// The file of the configuration that it is about.
    pub file: Option<String>,
    /// Where in the configuration, for example `resource.aws_vpc.main`.
    pub context: Option<String>,
}

impl Diagnostic {
    /// An error without an address.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            address: None,
            file: None,
            context: None,
        }
    }

    /// The resource that it is about: by its address, or by where in the configuration it is.
    pub fn resource(&self) -> Option<String> {
        if self.address.is_some() {
            return self.address.clone();
        }
        let mut parts = self.context.as_deref()?.split('.');
        match (parts.next()?, parts.next()?, parts.next()?) {
            ("resource", kind, name) => Some(format!("{kind}.{name}")),
            ("data", kind, name) => Some(format!("data.{kind}.{name}")),
            _ => None,
        }
    }
}

impl Message {
    /// What an [`Observer`](crate::Observer) is told of it, if anything.
    pub fn event(&self) -> Option<Event> {
        match self {
            Self::Summary { of: SummaryOf::Plan, changes } => Some(Event::Planned(*changes)),
            Self::Apply(hook) | Self::Refresh(hook) => Some(Event::Resource {
                address: hook.address.clone(),
                action: hook.action.action()?,
                stage: hook.stage.clone(),
            }),
            _ => None,
        }
    }
}

fn output(sensitive: bool, value: Option<Value>) -> OutputValue {
    OutputValue { sensitive, value: if sensitive { None } else { value } }
}

#[cfg(test)]
mod tests;
