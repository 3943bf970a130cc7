//! A run: the lease, whether there is room, and what became of it.

use naming::Platform;
use registry::event::FailureNote;
use registry::store::{Key, Store};
use registry::{
    Action, Applied, Command, Entry, Fence, LeaseOwner, Outcome, Purpose, Refusal, RegistryError, Status, Timestamp,
};
use serde_json::Value;

use super::{Course, Desk, course, on};
use crate::build::{self, Said};
use crate::call::{Answer, Caught, Go, Kind, Source, TenantRun};
use crate::error::StepError;

impl<S: Store> Desk<S> {
    pub(super) fn lease(&self, execution: &LeaseOwner, run: TenantRun, now: Timestamp) -> Result<Answer, StepError> {
        let entry = self.standing(&run.tenant_id, now)?;
        let course = course(&entry, run.kind, execution, now);
        let Course::Lease(purpose) = course else { return Ok(on(run, &entry, course)) };
        let action = Action::Lease { owner: execution.clone(), purpose, duration: self.settings.lease };
        match self.registry.apply(&Command { tenant: run.tenant_id.clone(), action }, now) {
            Ok(Applied { entry, .. }) => {
                let token = Some(entry.fencing_token);
                let run = TenantRun { token, purpose: Some(purpose), status: Some(entry.status), ..run };
                Ok(Answer::Run(Box::new(TenantRun { go: Go::Admit, until: None, ..run })))
            }
            // Another one was faster, or something was asked meanwhile: look again.
            Err(RegistryError::Refused(Refusal::Leased { .. } | Refusal::Status { .. })) => {
                Ok(on(run, &entry, Course::Hold))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether one more environment may be made. A tenant that has one, or had one begun before, is not asked.
    pub(super) fn admit(&self, execution: &LeaseOwner, run: TenantRun, now: Timestamp) -> Result<Answer, StepError> {
        let limit = self.settings.tenant_limit;
        let entry = self.standing(&run.tenant_id, now)?;
        let source = Some(self.source(&entry));
        let build = |run: TenantRun| Ok(Answer::Run(Box::new(TenantRun { go: Go::Build, source, ..run })));
        if run.purpose == Some(Purpose::Destroy) || self.indices_at_most(limit)? || entry.provisioned_at.is_some() {
            return build(run);
        }
        let others = self.registry.entries()?;
        let ahead = others.iter().filter(|other| other.tenant != entry.tenant && is_ahead(other, &entry)).count();
        if u64::try_from(ahead).unwrap_or(u64::MAX) < limit {
            return build(run);
        }
        let note = FailureNote {
            phase: "admission".to_owned(),
            address: None,
            cause: format!("the cell takes {limit} tenants, and {ahead} came before this one"),
            fix: "request the quotas that `app capacity` names and raise the limit, or give the tenant a place in another cell; then send \
                  the same signup again"
                .to_owned(),
            attempt: 0,
            resumable: true,
        };
        self.end(execution, run, Outcome::Failed(note), Go::Failed, now)
    }

    /// The release with which a tenant is deployed: the one that it is pinned to, else the environment's.
    fn source(&self, entry: &Entry) -> Source {
        let release = entry.pinned.clone().unwrap_or_else(|| self.settings.release.clone());
        let location = Platform::release_location_of(&self.registry.rules().environment, &release);
        Source { release, location }
    }

    /// Whether no more network indices than this are taken, resting ones included: one look, which is all that is needed far from the
    /// limit.
    fn indices_at_most(&self, limit: u64) -> Result<bool, StepError> {
        let ask = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1).min(1000);
        let page = self.registry.store().page(Key::INDICES, None, ask)?;
        Ok(page.items.len() < ask && page.next.is_none())
    }

    pub(super) fn record(
        &self,
        execution: &LeaseOwner,
        run: TenantRun,
        result: &Value,
        now: Timestamp,
    ) -> Result<Answer, StepError> {
        let said = build::succeeded(result, &run.tenant_id);
        let release = run.source.as_ref().map(|source| source.release.clone());
        let (outcome, go) = match (said, run.purpose) {
            (Said::Deployed(outputs), Some(Purpose::Deploy)) => (Outcome::Provisioned { outputs, release }, Go::End),
            (Said::Destroyed, Some(Purpose::Destroy)) => (Outcome::Deprovisioned, Go::End),
            (Said::Failed(note), _) => (Outcome::Failed(note), Go::Failed),
            (Said::Deployed(_), _) => {
                (Outcome::Failed(astray("was to take the environment down, and made it")), Go::Failed)
            }
            (Said::Destroyed, _) => {
                (Outcome::Failed(astray("was to make the environment, and took it down")), Go::Failed)
            }
        };
        let answer = self.end(execution, run, outcome, go, now)?;
        // What was asked while the run was under way has its turn: another plan.
        match answer {
            Answer::Run(run) if go == Go::End => {
                let entry = self.standing(&run.tenant_id, now)?;
                let course = course(&entry, run.kind, execution, now);
                let again = matches!(course, Course::Lease(Purpose::Deploy));
                Ok(on(*run, &entry, if again { course } else { Course::End }))
            }
            other => Ok(other),
        }
    }

    /// Records why a run was stopped. A run that has lost its lease has nothing to say: whoever has it now, says it.
    pub(super) fn fail(
        &self,
        execution: &LeaseOwner,
        run: TenantRun,
        caught: &Caught,
        now: Timestamp,
    ) -> Result<Answer, StepError> {
        let note = build::failed(caught, &run.tenant_id, run.source.as_ref());
        let answer = |run: TenantRun| Ok(Answer::Run(Box::new(TenantRun { go: Go::Failed, ..run })));
        match self.end(execution, run.clone(), Outcome::Failed(note), Go::Failed, now) {
            Err(StepError::LeaseLost(_)) => answer(run),
            other => other,
        }
    }

    pub(super) fn release(&self, execution: &LeaseOwner, run: &TenantRun, now: Timestamp) -> Result<Answer, StepError> {
        match self.end(execution, run.clone(), Outcome::Released, Go::End, now) {
            Ok(_) | Err(StepError::LeaseLost(_)) => Ok(Answer::Done {}),
            Err(error) => Err(error),
        }
    }

    fn end(
        &self,
        execution: &LeaseOwner,
        run: TenantRun,
        outcome: Outcome,
        go: Go,
        now: Timestamp,
    ) -> Result<Answer, StepError> {
        let token = run.token.ok_or_else(|| StepError::NoLease(run.tenant_id.clone()))?;
        let fence = Fence { owner: execution.clone(), token };
        let command = Command { tenant: run.tenant_id.clone(), action: Action::End { fence, outcome } };
        let Applied { entry, .. } = self.registry.apply(&command, now)?;
        let run = TenantRun { go, status: Some(entry.status), token: None, purpose: None, source: None, ..run };
        Ok(Answer::Run(Box::new(run)))
    }

    /// What the tenant needs now: its waiting period is over, and perhaps it still leaves; or its run was lost.
    pub(super) fn due(&self, execution: &LeaseOwner, run: TenantRun, now: Timestamp) -> Result<Answer, StepError> {
        let entry = self.standing(&run.tenant_id, now)?;
        let course = match (course(&entry, run.kind, execution, now), run.kind) {
            // It was cancelled, and its environment is as it was: for that, this run was not begun.
            (Course::Lease(Purpose::Deploy), Kind::Offboarding) => Course::End,
            (course, _) => course,
        };
        Ok(on(run, &entry, course))
    }
}

/// Whether another tenant has its environment, or had its place before this one.
fn is_ahead(other: &Entry, own: &Entry) -> bool {
    match other.status {
        Status::Active
        | Status::Suspended
        | Status::OffboardingRequested
        | Status::Waiting
        | Status::Deprovisioning => true,
        Status::Requested | Status::Provisioning | Status::Failed => {
            other.provisioned_at.is_some()
                || other.network_index.is_some_and(|index| own.network_index.is_none_or(|own| index < own))
        }
        Status::Removed | Status::Forgotten => false,
    }
}

fn astray(what: &str) -> FailureNote {
    FailureNote {
        phase: "report".to_owned(),
        address: None,
        cause: format!("the build {what}"),
        fix: "see in the log of the build and in the state of the tenant's stack what is there, then send the tenant's event again"
            .to_owned(),
        attempt: 0,
        resumable: false,
    }
}
