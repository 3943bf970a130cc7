//! What time does to a tenant. One step each time, until there is none.

use super::{Decision, Draft};
use crate::entry::{Ended, Ending, Purpose, Runs, Status, What};
use crate::event::{Announced, FailureNote, RestartingNote};

pub(super) fn decide(mut draft: Draft<'_>) -> Decision {
    let now = draft.now;
    if let Some(lease) = draft.entry.lease.clone() {
        if lease.is_valid(now) {
            return draft.same();
        }
        draft.entry.lease = None;
        draft.entry.ended = Some(Ended { token: lease.token, how: Ending::Released });
        draft.silent(&lease, &format!("said nothing until its lease ended at {}", lease.expires_at));
        return draft.done(What::LeaseExpired);
    }
    let waits = draft.entry.leaving.as_ref().is_some_and(|leaving| leaving.waiting_until > now);
    let rests = draft.entry.quarantine_until.is_some_and(|until| until > now);
    match draft.entry.status {
        Status::Waiting if !waits => {
            draft.settle();
            draft.done(What::DestroyDue)
        }
        Status::Removed if !rests => {
            draft.let_go();
            draft.done(What::Forgotten)
        }
        _ => restart(draft),
    }
}

/// Begins a run again that was lost, if events begin them; each can be begun again, and goes on where the one before stopped. After a few
/// times the tenant waits for somebody.
fn restart(mut draft: Draft<'_>) -> Decision {
    let entry = &draft.entry;
    // What failed is known to be lost; of what never began, it is found out by waiting.
    let is_over = entry.failure.is_some() || entry.updated_at.after(draft.rules.patience) <= draft.now;
    if draft.rules.runs != Runs::ByEvent || !entry.is_lost() || !is_over {
        return draft.same();
    }
    if entry.restarts >= Runs::RESTARTS {
        return if entry.failure.is_some() { draft.same() } else { give_up(draft) };
    }
    let purpose = if entry.status == Status::Deprovisioning { Purpose::Destroy } else { Purpose::Deploy };
    if entry.status == Status::Failed {
        draft.entry.status = Status::Requested;
    }
    draft.entry.failure = None;
    draft.entry.restarts += 1;
    let restart = draft.entry.restarts;
    draft.note = Some(format!("{restart} of {} times", Runs::RESTARTS));
    draft.announce(Announced::Restarting(RestartingNote { restart, purpose }));
    draft.done(What::Restarted)
}

fn give_up(mut draft: Draft<'_>) -> Decision {
    let begin = draft.rules.runs.begin(&draft.entry.tenant);
    if draft.entry.status == Status::Requested {
        draft.entry.status = Status::Provisioning;
    }
    draft.failed(FailureNote {
        phase: FailureNote::LOST.to_owned(),
        address: None,
        cause: format!("no run began, though one was begun again {} times", Runs::RESTARTS),
        fix: format!("see why the workflow's runs end before they have the tenant's lease, then {begin}"),
        attempt: 0,
        resumable: true,
    });
    draft.done(What::GivenUp)
}
