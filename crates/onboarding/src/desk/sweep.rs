//! Reconciliation: what time does to tenants, and which of them wait for somebody.

use naming::{TenantId, runtime};
use registry::Timestamp;
use registry::store::{Key, Store};

use super::Desk;
use crate::call::{Answer, Go, Sweep};
use crate::error::StepError;

/// How many tenants one call looks at: a few reads each, well within its time.
const PAGE: usize = 100;

impl<S: Store> Desk<S> {
    pub(super) fn sweep(&self, sweep: Sweep, now: Timestamp) -> Result<Answer, StepError> {
        let after = Some(sweep.after.as_str()).filter(|after| !after.is_empty());
        let page = self.registry.store().page(Key::TENANTS, after, PAGE)?;
        let runs = self.registry.rules().runs;
        let mut attention = sweep.attention;
        for (id, _) in &page.items {
            let Ok(tenant) = id.parse::<TenantId>() else { continue };
            self.registry.reconcile(&tenant, now)?;
            if self.registry.entry(&tenant)?.is_some_and(|entry| entry.needs_somebody(runs)) {
                attention = attention.saturating_add(1);
            }
        }
        let (go, after) = match page.next {
            Some(next) => (Go::Sweep, next),
            // No key of a state is the beginning of all of them.
            None => (Go::States, runtime::STATE_PREFIX.to_owned()),
        };
        Ok(Answer::Sweep(Sweep { go, after, attention, ..sweep }))
    }
}
