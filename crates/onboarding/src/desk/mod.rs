//! The steps: each reads where the tenant stands, does its part to the registry, and says what comes next.
//!
//! Every step can be repeated: Step Functions tries it again when an answer is lost, and EventBridge delivers an event more than once.

mod intake;
mod orphans;
mod outbox;
mod run;
mod sweep;

use naming::TenantId;
use registry::store::Store;
use registry::{Entry, LeaseOwner, Purpose, Registry, Status, Timestamp};
use serde_json::Value;

use crate::call::{Answer, Call, Go, Kind, TenantRun};
use crate::error::StepError;
use crate::settings::Settings;

/// Carries out steps on a registry.
pub struct Desk<S> {
    registry: Registry<S>,
    settings: Settings,
}

impl<S: Store> Desk<S> {
    /// A desk.
    pub fn new(registry: Registry<S>, settings: Settings) -> Self {
        Self { registry, settings }
    }

    /// The registry.
    pub fn registry(&self) -> &Registry<S> {
        &self.registry
    }

    /// Reads a call.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(payload: Value) -> Result<Call, StepError> {
        serde_json::from_value(payload).map_err(StepError::BadCall)
    }

    /// Carries out a step.
    ///
    /// # Errors
    /// When the registry does not answer or refuses what it should not.
    pub fn step(&self, call: Call, now: Timestamp) -> Result<Answer, StepError> {
        match call {
            Call::Validate { event, .. } => Ok(self.validate(event)),
            Call::Reserve { execution, run } | Call::Offboard { execution, run } => self.take(&execution, run, now),
            Call::Lease { execution, run } => self.lease(&execution, run, now),
            Call::Admit { execution, run } => self.admit(&execution, run, now),
            Call::Record { execution, run, build } => self.record(&execution, run, &build, now),
            Call::Fail { execution, run, failure } => self.fail(&execution, run, &failure, now),
            Call::Release { execution, run } => self.release(&execution, &run, now),
            Call::Due { execution, run } => self.due(&execution, run, now),
            Call::Outbox { run, .. } => self.outbox(&run, now),
            Call::Published { records, .. } => self.published(&records),
            Call::Reconcile { run, .. } => self.sweep(run, now),
            Call::Orphans { run, states, .. } => self.orphans(run, states),
        }
    }

    /// The tenant after time has done to it what it does.
    fn standing(&self, tenant: &TenantId, now: Timestamp) -> Result<Entry, StepError> {
        self.registry.reconcile(tenant, now)?;
        let entry = self.registry.entry(tenant)?;
        entry.ok_or_else(|| StepError::UnknownTenant(registry::Refusal::Unknown { tenant: tenant.clone() }))
    }
}

/// What the tenant needs of this run.
fn course(entry: &Entry, kind: Kind, own: &LeaseOwner, now: Timestamp) -> Course {
    if let Some(lease) = entry.lease.as_ref().filter(|lease| lease.is_valid(now) && lease.owner != *own) {
        return match (kind, &entry.leaving) {
            // That run does what is asked here.
            (Kind::Signup, _) => Course::End,
            (Kind::Offboarding, Some(leaving)) if leaving.waiting_until > now => Course::Wait(leaving.waiting_until),
            // So may this one; and it may have begun before what is asked here.
            (Kind::Offboarding | Kind::PlanChanged, _) => match lease.purpose {
                Purpose::Destroy if kind == Kind::PlanChanged => Course::End,
                Purpose::Destroy | Purpose::Deploy => Course::Hold,
            },
        };
    }
    match entry.status {
        // No index was free.
        Status::Failed if entry.network_index.is_none() => Course::Failed,
        Status::Requested | Status::Provisioning | Status::Failed => Course::Lease(Purpose::Deploy),
        Status::Active | Status::Suspended if entry.is_stale() => Course::Lease(Purpose::Deploy),
        Status::OffboardingRequested | Status::Waiting if kind == Kind::Offboarding => match &entry.leaving {
            Some(leaving) if leaving.waiting_until > now => Course::Wait(leaving.waiting_until),
            // A moment between two steps of the registry: ask again.
            _ => Course::Hold,
        },
        Status::Deprovisioning if kind == Kind::Offboarding => Course::Lease(Purpose::Destroy),
        Status::Active
        | Status::Suspended
        | Status::OffboardingRequested
        | Status::Waiting
        | Status::Deprovisioning
        | Status::Removed
        | Status::Forgotten => Course::End,
    }
}

/// What a tenant needs of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Lease(Purpose),
    Hold,
    Wait(Timestamp),
    Failed,
    End,
}

/// The run as it goes on.
fn on(run: TenantRun, entry: &Entry, course: Course) -> Answer {
    let (go, until) = match course {
        Course::Lease(_) => (Go::Lease, None),
        Course::Hold => (Go::Hold, None),
        Course::Wait(until) => (Go::Wait, Some(until)),
        Course::Failed => (Go::Failed, None),
        Course::End => (Go::End, None),
    };
    Answer::Run(Box::new(TenantRun { go, until, status: Some(entry.status), ..run }))
}
