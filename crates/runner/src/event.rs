//! What happens during a run, told as it happens.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Changes, Failure, Outcome};

/// Who is told what happens. Called from many threads at once, in the order of the events within one stack.
pub trait Observer: Sync {
    /// Something happened in a stack.
    fn event(&self, stack: &str, event: &Event);

    /// Whoever runs it asked it to stop, for the nth time from 1; Terraform works on these stacks. What that means is said in
    /// [`Interrupt::AFTER_FIRST`](crate::Interrupt::AFTER_FIRST) and [`Interrupt::AFTER_SECOND`](crate::Interrupt::AFTER_SECOND).
    fn interrupted(&self, requests: u32, running: &[String]) {
        let _ = (requests, running);
    }
}

/// Where a stack is in its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before anything of it is started.
    Start,
    /// `terraform init`.
    Init,
    /// `terraform plan`.
    Plan,
    /// `terraform apply`.
    Apply,
    /// `terraform destroy`.
    Destroy,
    /// `terraform output`.
    Output,
    /// The health check after a deployment.
    Health,
}

/// What a stack waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A free slot: no more than `parallelism` stacks run at once.
    Slot,
    /// The next attempt after a transient failure.
    Backoff {
        /// How long.
        pause: Duration,
    },
    /// The Terraform process of an earlier run, which still works on this stack.
    EarlierRun {
        /// Its process id.
        pid: u32,
    },
    /// The provider plugins, which are fetched once for all stacks.
    Plugins,
    /// Another process of this program, which works on this stack.
    OtherRun,
    /// The lock of the state.
    StateLock {
        /// Who holds it, if it is known.
        holder: Option<String>,
    },
    /// AWS, to release the network interfaces of deleted functions: security groups and subnets cannot go before. It can take AWS more
    /// than half an hour.
    NetworkInterfaces {
        /// The resource that waits.
        address: String,
    },
}

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is created.
    Create,
    /// It is read.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
}

/// How far that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It was begun.
    Started,
    /// It is still going on.
    Going {
        /// Since when.
        elapsed: Duration,
    },
    /// It is done.
    Done,
    /// It failed.
    Failed,
}

/// Something that happened in a stack.
#[derive(Clone, Debug)]
pub enum Event {
    /// It waits.
    Waiting(Waiting),
    /// A phase began.
    Phase(Phase),
    /// Terraform said what is going to be done.
    Planned(Changes),
    /// Something happened to a resource.
    Resource {
        /// Its address in Terraform.
        address: String,
        /// What is done to it.
        action: Action,
        /// How far that is.
        stage: Stage,
    },
    /// A transient failure; the stack is tried again.
    Retry {
        /// What failed.
        failure: Box<Failure>,
        /// Which attempt follows, from 2.
        attempt: u32,
        /// When.
        pause: Duration,
    },
    /// Something to know that is no failure, for example what an earlier run that was killed left behind.
    Note(String),
    /// The run of this stack is over.
    Finished(Box<Outcome>),
}
