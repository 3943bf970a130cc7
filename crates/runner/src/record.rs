//! What is known of a stack between runs: one file each, whole or absent, written before and after everything that changes something.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Changes, Failure, Holder, OutputValue, Status};

/// The version of the format that this program writes; it reads no later one.
pub(crate) const FORMAT: u32 = 1;

/// What was done last to a stack, and what is known of it since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format.
    pub format: u32,
    /// The stack.
    pub stack: String,
    /// The run that did it; its logs are in `runs/RUN/STACK`.
    #[serde(default)]
    pub run: String,
    /// What was done.
    #[serde(default)]
    pub operation: Mutation,
    /// How it ended; none while it runs, or when the run was killed.
    #[serde(default)]
    pub status: Option<Status>,
    /// Which attempt it was, from 1; 0 if nothing was ever done.
    #[serde(default)]
    pub attempt: u32,
    /// When it began.
    #[serde(default)]
    pub began: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// SHA-256 of the stack's document then, in hexadecimal.
    #[serde(default)]
    pub document: String,
    /// Terraform or OpenTofu, and its version.
    #[serde(default)]
    pub terraform: String,
    /// Which AWS it was done to: `aws`, or the endpoints of an emulator.
    #[serde(default)]
    pub target: String,
    /// The last Terraform that did not come to its end in order, until a later one has.
    #[serde(default)]
    pub killed: Option<Killed>,
    /// The log of what Terraform said.
    #[serde(default)]
    pub log: Option<PathBuf>,
    /// What was changed.
    #[serde(default)]
    pub changes: Changes,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What is left after a destroy that failed.
    #[serde(default)]
    pub left: Vec<String>,
    /// The outputs after the last deployment that succeeded; the values of sensitive ones are not kept.
    #[serde(default)]
    pub outputs: BTreeMap<String, OutputValue>,
    /// The last deployment that succeeded and is not destroyed.
    #[serde(default)]
    pub deployed: Option<Deployed>,
    /// The plan that waits to be applied.
    #[serde(default)]
    pub plan: Option<SavedPlan>,
    /// What may have been created and is not noted in the state: Terraform was killed, or an answer of AWS was lost.
    #[serde(default)]
    pub doubtful: Vec<Doubtful>,
    /// Every lock of the state that was broken.
    #[serde(default)]
    pub unlocks: Vec<Unlock>,
    /// The stack is to be left as it is.
    #[serde(default)]
    pub pin: Option<Pin>,
}

/// What changes a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// It is created or changed.
    #[default]
    Deploy,
    /// It is destroyed.
    Destroy,
}

/// A deployment that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// The run.
    pub run: String,
    /// SHA-256 of the stack's document.
    pub document: String,
    /// When it was done.
    pub at: Timestamp,
}

/// A plan that waits to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The run that made it.
    pub run: String,
    /// SHA-256 of the document it is of.
    pub document: String,
    /// Which AWS it is for.
    pub target: String,
    /// When it was made.
    pub at: Timestamp,
    /// What it does to resources.
    pub changes: Changes,
    /// Whether it does anything at all, also to outputs alone.
    pub pending: bool,
}

/// A Terraform that did not come to its end in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Killed {
    /// The run that started it.
    pub run: String,
    /// The process.
    pub process: Holder,
    /// When it began.
    pub began: Timestamp,
    /// When it was found gone.
    pub found: Timestamp,
}

/// A resource that may be in AWS and not in the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubtful {
    /// Its address in Terraform.
    pub address: String,
    /// Its type, for example `aws_vpc`.
    pub resource_type: String,
    /// Its id, where AWS had answered.
    #[serde(default)]
    pub id: Option<String>,
}

/// A lock of the state that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlock {
    /// When.
    pub at: Timestamp,
    /// By which run.
    pub run: String,
    /// The id of the lock.
    pub lock: String,
    /// Who held it.
    pub holder: String,
    /// How it is known that the holder is gone.
    pub because: String,
}

/// The wish that a stack is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Since when.
    pub since: Timestamp,
}

impl Record {
    /// Of a stack that nothing is known of.
    pub(crate) fn new(stack: &str) -> Self {
        Self {
            format: FORMAT,
            stack: stack.to_owned(),
            run: String::new(),
            operation: Mutation::default(),
            status: None,
            attempt: 0,
            began: None,
            ended: None,
            document: String::new(),
            terraform: String::new(),
            target: String::new(),
            killed: None,
            log: None,
            changes: Changes::default(),
            failure: None,
            left: Vec::new(),
            outputs: BTreeMap::new(),
            deployed: None,
            plan: None,
            doubtful: Vec::new(),
            unlocks: Vec::new(),
            pin: None,
        }
    }

    /// Notes that the Terraform that was begun last is gone without having come to its end.
    pub(crate) fn note_killed(&mut self, process: Option<Holder>) {
        if let (Some(process), Some(began)) = (process, self.began) {
            self.killed = Some(Killed { run: self.run.clone(), process, began, found: Timestamp::now() });
        }
    }

    /// Whether something was begun whose end is not recorded: it still runs, or was killed.
    pub fn is_open(&self) -> bool {
        self.attempt > 0 && self.status.is_none()
    }
}
