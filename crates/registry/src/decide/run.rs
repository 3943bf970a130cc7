//! Runs: one at a time for each tenant, and only the last one's word counts.

use std::time::Duration;

use super::{Decision, Draft, Holder, object};
use crate::command::{Fence, Outcome, Refusal};
use crate::entry::{Ended, Ending, Entry, Lease, Purpose, Runs, Status, What};
use crate::event::{Announced, DeprovisionedNote, FailureNote, Phase, ProvisionedNote, ProvisioningNote};
use crate::store::Key;
use crate::text::LeaseOwner;
use crate::time::Timestamp;

/// The longest lease; a longer run renews it.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

fn expiry(now: Timestamp, duration: Duration) -> Timestamp {
    now.after(duration.clamp(Duration::from_secs(1), LONGEST))
}

pub(super) fn lease(
    mut draft: Draft<'_>,
    owner: &LeaseOwner,
    purpose: Purpose,
    duration: Duration,
) -> Result<Decision, Refusal> {
    let now = draft.now;
    let tenant = draft.entry.tenant.clone();
    if let Some(lease) = draft.entry.lease.as_ref().filter(|lease| lease.is_valid(now)) {
        if lease.owner == *owner && lease.purpose == purpose {
            return Ok(draft.same());
        }
        return Err(Refusal::Leased { tenant, owner: lease.owner.clone(), until: lease.expires_at });
    }
    let status = draft.entry.status;
    let refuse = |wanted, help| Err(Refusal::Status { tenant: tenant.clone(), status, wanted, help });
    match (purpose, status) {
        (Purpose::Deploy, Status::Failed) if draft.entry.network_index.is_none() => {
            return refuse("deployment", "it has no network index; send its signup again when one is free");
        }
        (Purpose::Deploy, Status::Requested | Status::Provisioning | Status::Failed) => {
            draft.entry.status = Status::Provisioning;
        }
        (Purpose::Deploy, Status::Active | Status::Suspended) | (Purpose::Destroy, Status::Deprovisioning) => {}
        (Purpose::Deploy, _) => return refuse("deployment", "it leaves"),
        (Purpose::Destroy, Status::OffboardingRequested | Status::Waiting) => {
            return refuse("destroy", "reconciliation begins it when the waiting period is over");
        }
        (Purpose::Destroy, _) => return refuse("destroy", "offboard it first"),
    }
    let entry = &mut draft.entry;
    entry.fencing_token += 1;
    entry.attempt = entry.attempt.saturating_add(1);
    entry.lease = Some(Lease {
        owner: owner.clone(),
        token: entry.fencing_token,
        purpose,
        plan: entry.plan.clone(),
        since: now,
        expires_at: expiry(now, duration),
    });
    if let (Status::Provisioning, Some(network_index)) = (entry.status, entry.network_index) {
        let note = ProvisioningNote { network_index, phase: Phase::Deploying, attempt: entry.attempt };
        draft.announce(Announced::Provisioning(note));
    }
    draft.note = Some(format!("token {}", draft.entry.fencing_token));
    Ok(draft.done(What::Leased))
}

/// The lease of whoever speaks, if it is still his.
fn own(entry: &Entry, fence: &Fence) -> Result<Lease, Refusal> {
    let own = entry.lease.as_ref().filter(|lease| lease.token == fence.token && lease.owner == fence.owner);
    own.cloned().ok_or_else(|| Refusal::Fenced {
        tenant: entry.tenant.clone(),
        owner: fence.owner.clone(),
        token: fence.token,
        last: entry.fencing_token,
    })
}

pub(super) fn renew(mut draft: Draft<'_>, fence: &Fence, duration: Duration) -> Result<Decision, Refusal> {
    let lease = own(&draft.entry, fence)?;
    if !lease.is_valid(draft.now) {
        // Somebody else may be about to get it.
        return Err(Refusal::Fenced {
            tenant: draft.entry.tenant.clone(),
            owner: fence.owner.clone(),
            token: fence.token,
            last: draft.entry.fencing_token,
        });
    }
    let expires_at = expiry(draft.now, duration);
    if expires_at <= lease.expires_at {
        return Ok(draft.same());
    }
    draft.entry.lease = Some(Lease { expires_at, ..lease });
    draft.note = Some(format!("until {expires_at}"));
    Ok(draft.done(What::Renewed))
}

pub(super) fn end(mut draft: Draft<'_>, fence: &Fence, outcome: &Outcome) -> Result<Decision, Refusal> {
    let how = match outcome {
        Outcome::Provisioned { .. } => Ending::Provisioned,
        Outcome::Deprovisioned => Ending::Deprovisioned,
        Outcome::Failed(_) => Ending::Failed,
        Outcome::Released => Ending::Released,
    };
    if let Some(ended) = draft.entry.ended
        && ended.token == fence.token
        // A run that told its outcome may let go of its lease once more.
        && (ended.how == how || how == Ending::Released)
    {
        return Ok(draft.same());
    }
    let lease = own(&draft.entry, fence)?;
    let status = draft.entry.status;
    let tenant = draft.entry.tenant.clone();
    let refuse = |wanted, help| Err(Refusal::Status { tenant: tenant.clone(), status, wanted, help });
    match (how, lease.purpose) {
        (Ending::Provisioned, Purpose::Destroy) => {
            return refuse("deployment recorded", "the lease is for its destroy");
        }
        (Ending::Deprovisioned, Purpose::Deploy) => {
            return refuse("destroy recorded", "the lease is for its deployment");
        }
        _ => {}
    }
    draft.entry.lease = None;
    draft.entry.ended = Some(Ended { token: fence.token, how });
    let what = match outcome {
        Outcome::Provisioned { outputs, release } => {
            let long = |text: &String| text.chars().nth(Outcome::MAX_OUTPUT).is_some();
            if outputs.len() > Outcome::MAX_OUTPUTS || outputs.iter().any(|(name, value)| long(name) || long(value)) {
                return Err(Refusal::Outputs { tenant });
            }
            draft.provisioned(lease, outputs.clone(), release.clone());
            What::Provisioned
        }
        Outcome::Deprovisioned => {
            draft.deprovisioned();
            What::Deprovisioned
        }
        Outcome::Failed(note) => {
            draft.entry.restarts = 0;
            draft.failed(note.clone());
            What::Failed
        }
        Outcome::Released => {
            draft.silent(&lease, "gave its lease back and did not say how it ended");
            What::Released
        }
    };
    Ok(draft.done(what))
}

impl Draft<'_> {
    fn provisioned(
        &mut self,
        lease: Lease,
        outputs: std::collections::BTreeMap<String, String>,
        release: Option<crate::release::Release>,
    ) {
        let now = self.now;
        let entry = &mut self.entry;
        entry.outputs = outputs;
        entry.release = release;
        entry.applied_plan = lease.plan;
        entry.failure = None;
        (entry.attempt, entry.restarts) = (0, 0);
        entry.provisioned_at = Some(now);
        self.run_is_over(Status::Active);
        // Whoever leaves or is not served hears nothing that would let it be served again.
        if let (Status::Active, Some(network_index)) = (self.entry.status, self.entry.network_index) {
            let (plan, outputs) = (self.entry.applied_plan.clone(), self.entry.outputs.clone());
            self.announce(Announced::Provisioned(ProvisionedNote { network_index, plan, outputs }));
        }
    }

    fn deprovisioned(&mut self) {
        let now = self.now;
        let until = now.after(self.rules.quarantine);
        let entry = &mut self.entry;
        entry.status = Status::Removed;
        entry.outputs.clear();
        entry.failure = None;
        (entry.attempt, entry.restarts) = (0, 0);
        entry.removed_at = Some(now);
        entry.quarantine_until = Some(until);
        if let Some(network_index) = self.entry.network_index {
            let holder = Holder { tenant: self.entry.tenant.clone(), until: Some(until) };
            self.replace(&Key::index(network_index), Some(object(&holder)));
            self.note = Some(format!("network_index {network_index} rests until {until}"));
            self.announce(Announced::Deprovisioned(DeprovisionedNote { network_index, quarantine_until: until }));
        }
    }

    pub(super) fn failed(&mut self, note: FailureNote) {
        let note = FailureNote { attempt: self.entry.attempt, ..note }.bounded();
        self.note = Some(note.cause.clone());
        self.entry.failure = Some(note.clone());
        self.announce(Announced::ProvisioningFailed(note));
        self.run_is_over(Status::Failed);
    }

    /// A run that ended without a word.
    pub(super) fn silent(&mut self, lease: &Lease, cause: &str) {
        let fix = match self.rules.runs {
            Runs::ByEvent if self.entry.restarts < Runs::RESTARTS => {
                "nothing: a run is begun again by itself, and goes on where that one stopped".to_owned()
            }
            runs => format!("{}; it goes on where that run stopped", runs.begin(&self.entry.tenant)),
        };
        self.failed(FailureNote {
            phase: FailureNote::LOST.to_owned(),
            address: None,
            cause: format!("the run of `{}` {cause}", lease.owner),
            fix,
            attempt: 0,
            resumable: true,
        });
    }

    /// Where the tenant stands after a run; what was asked meanwhile has its turn.
    fn run_is_over(&mut self, status: Status) {
        match self.entry.status {
            Status::Provisioning => self.entry.status = status,
            Status::OffboardingRequested => {
                if let Some(leaving) = &mut self.entry.leaving
                    && leaving.was == Status::Provisioning
                {
                    leaving.was = status;
                }
                self.settle();
            }
            _ => {}
        }
    }

    /// No run is under way any more: the waiting period, or what comes after it.
    pub(super) fn settle(&mut self) {
        let over = self.entry.leaving.as_ref().is_none_or(|leaving| leaving.waiting_until <= self.now);
        self.entry.status = if over { Status::Deprovisioning } else { Status::Waiting };
        (self.entry.attempt, self.entry.restarts) = (0, 0);
    }
}
