//! The outbox: what waits to be announced, ten at a time, and out of it with what was announced.

use std::time::Duration;

use naming::lifecycle;
use registry::store::{Expected, Key, Store, StoreError, Transaction, Write};
use registry::{Pending, RegistryError, Timestamp};

use super::Desk;
use crate::call::{Answer, Batch, Entry, Outgoing, Run};
use crate::error::StepError;

/// `PutEvents` takes ten events ([quotas](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)).
const MOST: usize = 10;
/// What is younger, the run that made it announces; what is older, the reconciler.
const YOUNG: Duration = Duration::from_secs(300);
const PAGE: usize = 100;

impl<S: Store> Desk<S> {
    pub(super) fn outbox(&self, run: &Run, now: Timestamp) -> Result<Answer, StepError> {
        let mut batch = Batch { count: 0, entries: Vec::new(), records: Vec::new() };
        // The hash sign comes before every character that goes on with an id: no other tenant's records lie between.
        let (prefix, mut after) = match run {
            Run::Tenant(run) => (format!("{}#", run.tenant_id), Some(format!("{}#", run.tenant_id))),
            Run::All(_) => (String::new(), None),
        };
        'pages: loop {
            let page = self.registry.store().page(Key::OUTBOX, after.as_deref(), PAGE)?;
            for (record, item) in page.items {
                if !record.starts_with(&prefix) || batch.count == MOST {
                    break 'pages;
                }
                let pending = parse(&record, item.body)?;
                if matches!(run, Run::All(_)) && is_young(&pending, now) {
                    continue;
                }
                batch.entries.push(Outgoing {
                    source: lifecycle::SOURCE.to_owned(),
                    detail_type: pending.detail_type,
                    detail: pending.detail.to_string(),
                });
                batch.records.push(Entry { record, version: item.version });
                batch.count += 1;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(Answer::Batch(batch))
    }

    pub(super) fn published(&self, records: &[Entry]) -> Result<Answer, StepError> {
        for Entry { record, version } in records {
            let key = Key { tenant_id: Key::OUTBOX.to_owned(), record: record.clone() };
            let write = Write { key, expected: Expected::Version(*version), becomes: None };
            match self.registry.store().transact(&Transaction { writes: vec![write] }) {
                // Where it is gone, another attempt took it out.
                Ok(()) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Answer::Done {})
    }
}

fn parse(record: &str, body: serde_json::Map<String, serde_json::Value>) -> Result<Pending, StepError> {
    serde_json::from_value(body.into()).map_err(|source| {
        let key = Key { tenant_id: Key::OUTBOX.to_owned(), record: record.to_owned() };
        RegistryError::Unreadable { key, source }.into()
    })
}

fn is_young(pending: &Pending, now: Timestamp) -> bool {
    // Nobody but the reconciler made it.
    if pending.detail_type == lifecycle::RESTARTING {
        return false;
    }
    let occurred = pending.detail.get("occurred_at").and_then(|at| at.as_str()?.parse::<Timestamp>().ok());
    occurred.is_some_and(|at| at.after(YOUNG) > now)
}
