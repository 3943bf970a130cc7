//! What time does to a tenant. One step each time, until there is none.

use super::{Decision, Draft};
use crate::entry::{Ended, Ending, Status, What};

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
            draft.done(What::TeardownDue)
        }
        Status::Removed if !rests => {
            draft.let_go();
            draft.done(What::Forgotten)
        }
        _ => draft.same(),
    }
}
