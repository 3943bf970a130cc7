//! Requests: each counts once, by its id.

use naming::{Placement, TenantId};

use super::{Decision, Draft, Holder, Pick, Read, Taken, known};
use crate::command::{Refusal, Request, Rules};
use crate::entry::{Entry, Leaving, Status, What};
use crate::event::{
    Announced, FailureNote, OffboardingNote, Phase, ProvisioningNote, Resumed, ResumedNote, Signup, Suspended,
    SuspendedNote,
};
use crate::store::Key;
use crate::text::RequestId;
use crate::time::Timestamp;

/// A request and whose it is.
pub(super) struct Asked<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) request_id: &'a RequestId,
    pub(super) requested_at: Timestamp,
    pub(super) request: &'a Request,
}

impl Asked<'_> {
    fn refuse(&self, status: Status, help: &'static str) -> Refusal {
        Refusal::Status { tenant: self.tenant.clone(), status, wanted: self.request.name(), help }
    }
}

pub(super) fn decide(rules: &Rules, read: &Read, asked: &Asked<'_>, now: Timestamp) -> Result<Decision, Refusal> {
    if let Some(taken) = &read.request {
        if taken.request != asked.request.name() || taken.content != asked.request.content() {
            return Err(Refusal::RequestReused {
                tenant: asked.tenant.clone(),
                request_id: asked.request_id.clone(),
                first: taken.request.clone(),
            });
        }
        match &read.entry {
            // For this signup there was no index; perhaps there is one now.
            Some((entry, _)) if waits_for_an_index(entry, asked) => {}
            Some((entry, _)) => return Ok(Decision::Same(Box::new(entry.clone()))),
            None => {}
        }
    }
    match asked.request {
        Request::Signup(signup) => sign_up(rules, read, asked, signup, now),
        request => {
            let mut draft = known(rules, read, asked.tenant, now, asked.request_id.as_str())?;
            if asked.requested_at < draft.entry.requested_at {
                return Err(Refusal::BeforeSignup {
                    tenant: asked.tenant.clone(),
                    request: request.name(),
                    requested_at: asked.requested_at,
                    signed_up_at: draft.entry.requested_at,
                });
            }
            draft.take(asked);
            change(draft, asked, request)
        }
    }
}

fn waits_for_an_index(entry: &Entry, asked: &Asked<'_>) -> bool {
    matches!(asked.request, Request::Signup(_))
        && entry.status == Status::Failed
        && entry.network_index.is_none()
        && entry.request_id == *asked.request_id
}

impl Draft<'_> {
    /// Something else is asked of an environment that stands: runs that were lost before count no more.
    fn begin_anew(&mut self) {
        let entry = &mut self.entry;
        entry.restarts = 0;
        if matches!(entry.status, Status::Active | Status::Suspended) {
            entry.failure.take_if(|failure| failure.phase == FailureNote::LOST);
        }
    }

    /// Records that the request was taken.
    fn take(&mut self, asked: &Asked<'_>) {
        self.request = Some(asked.request_id.clone());
        if self.read.request.is_none() {
            let taken =
                Taken { request: asked.request.name().to_owned(), content: asked.request.content(), at: self.now };
            self.create(Key::request(asked.tenant, asked.request_id), &taken);
        }
    }
}

fn sign_up(
    rules: &Rules,
    read: &Read,
    asked: &Asked<'_>,
    signup: &Signup,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let before = read.entry.as_ref();
    if let Some((entry, _)) = before
        && entry.status != Status::Forgotten
        && !waits_for_an_index(entry, asked)
    {
        return Err(Refusal::Exists {
            tenant: entry.tenant.clone(),
            request_id: entry.request_id.clone(),
            status: entry.status,
        });
    }
    let (account_id, assume_role_arn) = match &signup.placement {
        Placement::Shared => (None, None),
        Placement::OwnAccount { account_id, assume_role_arn } => {
            (Some(account_id.clone()), Some(assume_role_arn.clone()))
        }
    };
    if let (Some(account), Some(holder)) = (&account_id, &read.account) {
        return Err(Refusal::AccountTaken { account: account.clone(), by: holder.tenant.clone() });
    }
    let index = match read.pick.clone().unwrap_or(Pick::Full) {
        Pick::Free(index) => Some(index),
        Pick::Full => None,
        Pick::Due(tenant) => return Ok(Decision::First(tenant)),
        Pick::Taken { index, holder } => {
            return Err(Refusal::IndexTaken { index, by: holder.tenant, until: holder.until });
        }
    };
    if let (None, Some((entry, _))) = (index, before)
        && waits_for_an_index(entry, asked)
    {
        return Ok(Decision::Same(Box::new(entry.clone())));
    }
    let status = if index.is_some() { Status::Requested } else { Status::Failed };
    let entry = Entry {
        network_index: index,
        account_id: account_id.clone(),
        assume_role_arn,
        plan: signup.plan.clone(),
        plan_changed_at: signup.plan.as_ref().map(|_| asked.requested_at),
        // Also a tenant that comes back never sees a token twice.
        fencing_token: before.map_or(0, |(entry, _)| entry.fencing_token),
        ..Entry::new(signup.tenant_id.clone(), asked.request_id.clone(), asked.requested_at, status, now)
    };
    let mut draft = Draft::new(rules, read, entry, before.map(|(_, version)| *version), now, asked.request_id.as_str());
    draft.take(asked);
    let listed = Key::listed(asked.tenant);
    if !read.held.iter().any(|(key, _)| *key == listed) {
        draft.create(listed, &serde_json::json!({}));
    }
    let holder = Holder { tenant: asked.tenant.clone(), until: None };
    let Some(network_index) = index else {
        let capacity = rules.network.capacity();
        let failure = FailureNote {
            phase: "admission".to_owned(),
            address: None,
            cause: format!("all {capacity} network indices of the plan are taken or rest"),
            fix: "set network.prefix_length in the tenants file to a larger number before anything is deployed, or wait until the quarantine \
                  of a removed tenant is over; then send the same signup again"
                .to_owned(),
            attempt: 0,
            resumable: true,
        };
        draft.entry.failure = Some(failure.clone());
        draft.announce(Announced::ProvisioningFailed(failure));
        return Ok(draft.done(What::NotAdmitted));
    };
    draft.create(Key::index(network_index), &holder);
    if let Some(account) = &account_id {
        draft.create(Key::account(account), &holder);
    }
    draft.note = Some(format!("network_index {network_index}"));
    draft.announce(Announced::Provisioning(ProvisioningNote { network_index, phase: Phase::Registered, attempt: 0 }));
    Ok(draft.done(What::SignedUp))
}

fn change(mut draft: Draft<'_>, asked: &Asked<'_>, request: &Request) -> Result<Decision, Refusal> {
    let (now, status) = (draft.now, draft.entry.status);
    let leaves =
        matches!(status, Status::OffboardingRequested | Status::Waiting | Status::Deprovisioning | Status::Removed);
    match request {
        Request::Signup(_) => Ok(draft.same()),
        Request::Offboard { waiting } => {
            if leaves {
                let first = draft.entry.leaving.as_ref().map_or(&draft.entry.request_id, |leaving| &leaving.request_id);
                return Err(Refusal::Leaves { tenant: asked.tenant.clone(), request_id: first.clone(), status });
            }
            if draft.entry.network_index.is_none() {
                draft.let_go();
                return Ok(draft.done(What::Forgotten));
            }
            if draft.entry.lease.as_ref().is_some_and(|lease| !lease.is_valid(now)) {
                // What became of that run is told first.
                return Ok(Decision::First(asked.tenant.clone()));
            }
            let waiting_until = now.after(waiting.unwrap_or(draft.rules.waiting));
            draft.entry.leaving = Some(Leaving {
                request_id: asked.request_id.clone(),
                requested_at: asked.requested_at,
                waiting_until,
                was: status,
            });
            draft.entry.status = Status::OffboardingRequested;
            if draft.entry.lease.is_none() {
                draft.settle();
            }
            draft.note = Some(format!("the environment stands until {waiting_until}"));
            draft.announce(Announced::Offboarding(OffboardingNote { waiting_until }));
            Ok(draft.done(What::Offboarded))
        }
        Request::CancelOffboarding => match (status, draft.entry.leaving.take()) {
            (Status::OffboardingRequested | Status::Waiting, Some(leaving)) => {
                draft.entry.status = leaving.was;
                if leaving.was == Status::Active {
                    draft.announce(Announced::Resumed(ResumedNote { status: Resumed::Active }));
                }
                Ok(draft.done(What::OffboardingCancelled))
            }
            (Status::Deprovisioning | Status::Removed, _) => {
                Err(asked.refuse(status, "the destroy may have begun; sign up again once it is over"))
            }
            _ => Err(asked.refuse(status, "it does not leave")),
        },
        Request::ChangePlan { .. } if leaves => {
            Err(asked.refuse(status, "it leaves; cancel the offboarding first, while that is possible"))
        }
        // A destroy is a run of a release too.
        Request::Pin { .. } if status == Status::Removed => Err(asked.refuse(status, "its environment is gone")),
        Request::ChangePlan { plan } => {
            if draft.entry.plan_changed_at.is_some_and(|changed| changed > asked.requested_at) {
                // A later change came first.
                return Ok(draft.same());
            }
            draft.entry.plan = Some(plan.clone());
            draft.entry.plan_changed_at = Some(asked.requested_at);
            draft.begin_anew();
            draft.note = Some(format!("plan `{plan}`"));
            Ok(draft.done(What::PlanChanged))
        }
        Request::Pin { release } if draft.entry.pinned == *release => Ok(draft.same()),
        Request::Pin { release } => {
            draft.entry.pinned.clone_from(release);
            draft.begin_anew();
            draft.note = Some(match release {
                Some(release) => format!("stays on release {release}"),
                None => "follows the fleet again".to_owned(),
            });
            Ok(draft.done(What::Pinned))
        }
        Request::Suspend => match status {
            Status::Suspended => Ok(draft.same()),
            Status::Active => {
                draft.entry.status = Status::Suspended;
                draft.announce(Announced::Suspended(SuspendedNote { status: Suspended::Suspended }));
                Ok(draft.done(What::Suspended))
            }
            _ => Err(asked.refuse(status, "only an active tenant can be suspended")),
        },
        Request::Resume => match status {
            Status::Active => Ok(draft.same()),
            Status::Suspended => {
                draft.entry.status = Status::Active;
                draft.announce(Announced::Resumed(ResumedNote { status: Resumed::Active }));
                Ok(draft.done(What::Resumed))
            }
            _ => Err(asked.refuse(status, "only a suspended tenant can be resumed")),
        },
    }
}
