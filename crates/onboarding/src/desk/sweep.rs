//! Reconciliation: what time does to tenants, and which of them wait for somebody.

use std::time::Duration;

use naming::TenantId;
use registry::store::{Key, Store};
use registry::{Entry, Status, Timestamp};

use super::Desk;
use crate::call::{Answer, Go, Sweep};
use crate::error::StepError;

/// How many tenants one call looks at: a few reads each, well within its time.
const PAGE: usize = 100;
/// For so long a run may be between two steps before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(3600);

impl<S: Store> Desk<S> {
    pub(super) fn sweep(&self, sweep: Sweep, now: Timestamp) -> Result<Answer, StepError> {
        let after = Some(sweep.after.as_str()).filter(|after| !after.is_empty());
        let page = self.registry.store().page(Key::TENANTS, after, PAGE)?;
        let mut attention = sweep.attention;
        for (id, _) in &page.items {
            let Ok(tenant) = id.parse::<TenantId>() else { continue };
            self.registry.reconcile(&tenant, now)?;
            if self.registry.entry(&tenant)?.is_some_and(|entry| needs_somebody(&entry, now)) {
                attention = attention.saturating_add(1);
            }
        }
        let (go, after) = match page.next {
            Some(next) => (Go::Sweep, next),
            None => (Go::End, String::new()),
        };
        Ok(Answer::Sweep(Sweep { go, after, attention, ..sweep }))
    }
}

/// Whether nothing happens to a tenant by itself any more, though something should: its last run failed, or a run was lost between two
/// steps. [`Entry::next_step`] says what to do.
fn needs_somebody(entry: &Entry, now: Timestamp) -> bool {
    if entry.lease.is_some() {
        return false;
    }
    match entry.status {
        Status::Failed => true,
        Status::Requested | Status::Provisioning | Status::Deprovisioning => entry.updated_at.after(PATIENCE) <= now,
        Status::Active | Status::Suspended => entry.failure.is_some(),
        Status::OffboardingRequested | Status::Waiting | Status::Removed | Status::Forgotten => false,
    }
}
