//! What a step is given and what it answers: one type for each, as the state machine's data hold them.

use naming::TenantId;
use registry::event::{Header, Received};
use registry::{LeaseOwner, Purpose, Release, RequestId, Status, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step of the workflow.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    /// Whether an event is one that is taken.
    Validate {
        /// The run, by the ARN of its execution.
        execution: LeaseOwner,
        /// The event, as EventBridge gives it.
        event: Value,
    },
    /// Takes a signup or a change of the plan into the registry.
    Reserve {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
    },
    /// Takes an offboarding into the registry.
    Offboard {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
    },
    /// Asks for the right to change the environment.
    Lease {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
    },
    /// Whether there is room for the environment.
    Admit {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
    },
    /// Records what a build made.
    Record {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
        /// What CodeBuild says.
        build: Value,
    },
    /// Records a failure.
    Fail {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
        /// The error that was caught.
        failure: Caught,
    },
    /// Gives the lease back without an outcome.
    Release {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
    },
    /// What a tenant needs now whose waiting period is over, or whose run was lost.
    Due {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: TenantRun,
    },
    /// What waits to be announced.
    Outbox {
        /// The run.
        execution: LeaseOwner,
        /// Its data: of one tenant, or of all.
        run: Run,
    },
    /// Takes out of the outbox what was announced.
    Published {
        /// The run.
        execution: LeaseOwner,
        /// Its data.
        run: Run,
        /// What was announced.
        records: Vec<Entry>,
    },
    /// Brings some tenants up to what time has done to them.
    Reconcile {
        /// The run.
        execution: LeaseOwner,
        /// Where it is.
        run: Sweep,
    },
    /// Finds states that are nobody's.
    Orphans {
        /// The run.
        execution: LeaseOwner,
        /// Where it is.
        run: Sweep,
        /// What S3 lists, or why it does not.
        states: Value,
    },
}

impl Call {
    /// The name of the step.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Validate { .. } => "validate",
            Self::Reserve { .. } => "reserve",
            Self::Offboard { .. } => "offboard",
            Self::Lease { .. } => "lease",
            Self::Admit { .. } => "admit",
            Self::Record { .. } => "record",
            Self::Fail { .. } => "fail",
            Self::Release { .. } => "release",
            Self::Due { .. } => "due",
            Self::Outbox { .. } => "outbox",
            Self::Published { .. } => "published",
            Self::Reconcile { .. } => "reconcile",
            Self::Orphans { .. } => "orphans",
        }
    }

    /// The run.
    pub fn execution(&self) -> &LeaseOwner {
        match self {
            Self::Validate { execution, .. }
            | Self::Reserve { execution, .. }
            | Self::Offboard { execution, .. }
            | Self::Lease { execution, .. }
            | Self::Admit { execution, .. }
            | Self::Record { execution, .. }
            | Self::Fail { execution, .. }
            | Self::Release { execution, .. }
            | Self::Due { execution, .. }
            | Self::Outbox { execution, .. }
            | Self::Published { execution, .. }
            | Self::Reconcile { execution, .. }
            | Self::Orphans { execution, .. } => execution,
        }
    }

    /// The tenant, where it is about one.
    pub fn tenant(&self) -> Option<&TenantId> {
        match self {
            Self::Reserve { run, .. }
            | Self::Offboard { run, .. }
            | Self::Lease { run, .. }
            | Self::Admit { run, .. }
            | Self::Record { run, .. }
            | Self::Fail { run, .. }
            | Self::Release { run, .. }
            | Self::Due { run, .. } => Some(&run.tenant_id),
            Self::Outbox { run: Run::Tenant(run), .. } | Self::Published { run: Run::Tenant(run), .. } => {
                Some(&run.tenant_id)
            }
            Self::Validate { .. }
            | Self::Outbox { .. }
            | Self::Published { .. }
            | Self::Reconcile { .. }
            | Self::Orphans { .. } => None,
        }
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Go {
    /// Take the request into the registry.
    Reserve,
    /// Take the offboarding into the registry.
    Offboard,
    /// Ask for the lease.
    Lease,
    /// Wait until another run is over, then ask for the lease.
    Hold,
    /// See whether there is room.
    Admit,
    /// Run the build.
    Build,
    /// Wait until a time.
    Wait,
    /// Go on with more tenants.
    Sweep,
    /// Go on with more states.
    States,
    /// See what the tenant needs.
    Due,
    /// Nothing: it is done.
    End,
    /// Nothing: it failed, and that is recorded.
    Failed,
    /// The request is refused by the registry.
    Refused,
    /// The event is none that is taken.
    Rejected,
}

impl Go {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Offboard => "offboard",
            Self::Lease => "lease",
            Self::Hold => "hold",
            Self::Admit => "admit",
            Self::Build => "build",
            Self::Wait => "wait",
            Self::Sweep => "sweep",
            Self::States => "states",
            Self::Due => "due",
            Self::End => "end",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An environment.
    Signup,
    /// The end of it.
    Offboarding,
    /// Another plan.
    PlanChanged,
}

/// The data of a run for one tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantRun {
    /// What comes next.
    pub go: Go,
    /// What is asked.
    pub kind: Kind,
    /// For whom.
    pub tenant_id: TenantId,
    /// By which request.
    pub request_id: RequestId,
    /// The event, parsed again by each step that needs it.
    pub event: Value,
    /// Where the tenant stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The fencing token of the run's lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<u64>,
    /// What the lease is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// The release that its build runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Until when to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the dead-letter queue keeps, where the request is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<Letter>,
    /// What whoever asked is told then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Vec<Outgoing>>,
}

impl TenantRun {
    /// A run that was lost, begun again.
    pub(crate) fn again(header: Header, purpose: Purpose, event: Value) -> Self {
        let kind = match purpose {
            Purpose::Deploy => Kind::Signup,
            Purpose::Destroy => Kind::Offboarding,
        };
        Self::new(Go::Due, kind, header.tenant_id, header.request_id, event)
    }

    /// The run of an event that is taken.
    pub(crate) fn of(received: &Received, event: Value) -> Self {
        let asked = &received.asked;
        let (kind, go) = match asked {
            registry::event::Asked::Signup(_) => (Kind::Signup, Go::Reserve),
            registry::event::Asked::PlanChanged(_) => (Kind::PlanChanged, Go::Reserve),
            registry::event::Asked::Offboarding(_) => (Kind::Offboarding, Go::Offboard),
        };
        Self::new(go, kind, asked.tenant_id().clone(), asked.request_id().clone(), event)
    }

    fn new(go: Go, kind: Kind, tenant_id: TenantId, request_id: RequestId, event: Value) -> Self {
        Self {
            go,
            kind,
            tenant_id,
            request_id,
            event,
            status: None,
            token: None,
            purpose: None,
            source: None,
            until: None,
            letter: None,
            refusal: None,
        }
    }
}

/// The release that a build runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its version.
    pub release: Release,
    /// Where its zip lies, as CodeBuild names it: bucket and key.
    pub location: String,
}

/// The data of a run over all tenants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// What comes next.
    pub go: Go,
    /// Always `reconcile`.
    pub kind: Reconcile,
    /// The last tenant that was looked at, empty before the first; then the last state.
    pub after: String,
    /// How many tenants wait for somebody.
    #[serde(default)]
    pub attention: u32,
    /// States that are nobody's, of those that were looked at last, each with what to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orphans: Vec<String>,
}

/// The word `reconcile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconcile {
    /// It is.
    Reconcile,
}

/// The data of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Run {
    /// For one tenant.
    Tenant(Box<TenantRun>),
    /// Over all tenants.
    All(Sweep),
}

/// An event that is not taken, and why, for the dead-letter queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Why, for programs.
    pub code: String,
    /// Why, and what to do.
    pub message: String,
    /// The event; where it is too large, what names it.
    pub event: Value,
}

/// The data of a run whose event is not taken.
#[derive(Clone, Debug, Serialize)]
pub struct Rejected {
    /// Always [`Go::Rejected`].
    pub go: Go,
    /// What the dead-letter queue keeps.
    pub letter: Letter,
}

/// An event for the bus, as `PutEvents` takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outgoing {
    /// Who announces it.
    pub source: String,
    /// What happened.
    pub detail_type: String,
    /// More, as JSON.
    pub detail: String,
}

/// An item of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its record.
    pub record: String,
    /// Its version.
    pub version: u64,
}

/// What is announced at once: at most ten events, as `PutEvents` takes them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batch {
    /// How many.
    pub count: usize,
    /// The events.
    pub entries: Vec<Outgoing>,
    /// Where they stand in the outbox.
    pub records: Vec<Entry>,
}

/// An error that the state machine caught.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Caught {
    /// Its name.
    pub error: String,
    /// Its cause; for a build, what CodeBuild says of it.
    #[serde(default)]
    pub cause: String,
}

/// What a step answers.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The data of the run from here on.
    Run(Box<TenantRun>),
    /// The event is not taken.
    Rejected(Rejected),
    /// What is to be announced.
    Batch(Batch),
    /// The data of the run over all tenants from here on.
    Sweep(Sweep),
    /// Nothing to say.
    Done {},
}

impl Answer {
    /// What comes next, where it says so.
    pub fn go(&self) -> Option<Go> {
        match self {
            Self::Run(run) => Some(run.go),
            Self::Rejected(rejected) => Some(rejected.go),
            Self::Sweep(sweep) => Some(sweep.go),
            Self::Batch(_) | Self::Done {} => None,
        }
    }
}
