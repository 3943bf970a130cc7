//! What a command does to what was read: pure functions, without a clock and without a store.
//!
//! A decision rests on the entry and on the items that the tenant holds; its transaction demands that each is still what was read. So two
//! decisions on one tenant never both come true, and neither do two on one index or one account. Every change of an entry raises its
//! version by one and leaves a record under that version which must not be there yet: the history cannot be rewritten, and has no gaps.
//! Events stand in the same transaction.

mod reconcile;
mod request;
mod run;

use naming::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::command::{Action, Command, Refusal, Rules};
use crate::entry::{Change, Entry, Status, What};
use crate::event::{Announced, Announcement, Header, Version};
use crate::store::{Expected, Key, Stored, Transaction, Write};
use crate::text::RequestId;
use crate::time::Timestamp;

/// Who holds an index or an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) tenant: TenantId,
    /// Until when it rests, where the tenant's environment is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
}

/// A request that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) request: String,
    pub(crate) content: Value,
    pub(crate) at: Timestamp,
}

/// An event that is to be published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Its `detail-type`.
    pub detail_type: String,
    /// Its detail.
    pub detail: Value,
}

/// Which index a signup may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// This one is free.
    Free(u32),
    /// The one it would have is that of a tenant whose quarantine is over, and that has to be forgotten first.
    Due(TenantId),
    /// The one that was asked for is taken.
    Taken { index: u32, holder: Holder },
    /// There is none.
    Full,
}

/// What a decision rests on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    /// The entry, with its version.
    pub(crate) entry: Option<(Entry, u64)>,
    /// The request of the same id that was taken before.
    pub(crate) request: Option<Taken>,
    /// What the tenant holds beside its entry: index, account, the line in the list of tenants.
    pub(crate) held: Vec<(Key, Stored)>,
    /// For a signup.
    pub(crate) pick: Option<Pick>,
    /// For a signup with an account of its own: who has it.
    pub(crate) account: Option<Holder>,
}

/// A change that can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The writes that make it.
    pub transaction: Transaction,
    /// The entry as it will be.
    pub entry: Entry,
    /// What was done.
    pub what: What,
}

/// What comes of a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// A change.
    Change(Box<Decided>),
    /// All is as the command wants it: it was carried out before.
    Same(Box<Entry>),
    /// This tenant is to be reconciled first.
    First(TenantId),
}

/// Decides.
pub(crate) fn decide(rules: &Rules, read: &Read, command: &Command, now: Timestamp) -> Result<Decision, Refusal> {
    let tenant = &command.tenant;
    match &command.action {
        Action::Request { request_id, requested_at, request } => {
            let asked = request::Asked { tenant, request_id, requested_at: *requested_at, request };
            request::decide(rules, read, &asked, now)
        }
        Action::Lease { owner, purpose, duration } => {
            run::lease(known(rules, read, tenant, now, owner.as_str())?, owner, *purpose, *duration)
        }
        Action::Renew { fence, duration } => {
            run::renew(known(rules, read, tenant, now, fence.owner.as_str())?, fence, *duration)
        }
        Action::End { fence, outcome } => {
            run::end(known(rules, read, tenant, now, fence.owner.as_str())?, fence, outcome)
        }
        Action::Reconcile => Ok(reconcile::decide(known(rules, read, tenant, now, "reconciliation")?)),
    }
}

/// The draft of a change to a tenant that is there.
fn known<'a>(
    rules: &'a Rules,
    read: &'a Read,
    tenant: &TenantId,
    now: Timestamp,
    by: &str,
) -> Result<Draft<'a>, Refusal> {
    match &read.entry {
        Some((entry, version)) if entry.status != Status::Forgotten => {
            Ok(Draft::new(rules, read, entry.clone(), Some(*version), now, by))
        }
        _ => Err(Refusal::Unknown { tenant: tenant.clone() }),
    }
}

/// A change under way: an entry, what else is written, and what is announced.
pub(crate) struct Draft<'a> {
    rules: &'a Rules,
    read: &'a Read,
    pub(crate) entry: Entry,
    base: Option<u64>,
    now: Timestamp,
    by: String,
    request: Option<RequestId>,
    note: Option<String>,
    writes: Vec<Write>,
    events: Vec<Announced>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(
        rules: &'a Rules,
        read: &'a Read,
        entry: Entry,
        base: Option<u64>,
        now: Timestamp,
        by: &str,
    ) -> Self {
        let by = by.to_owned();
        Self { rules, read, entry, base, now, by, request: None, note: None, writes: Vec::new(), events: Vec::new() }
    }

    fn announce(&mut self, event: Announced) {
        self.events.push(event);
    }

    fn create(&mut self, key: Key, body: &impl Serialize) {
        let becomes = Some(Stored { version: 1, body: object(body) });
        self.writes.push(Write { key, expected: Expected::Absent, becomes });
    }

    /// What the tenant holds under a key becomes something else, or nothing.
    fn replace(&mut self, key: &Key, body: Option<Map<String, Value>>) {
        let Some((_, held)) = self.read.held.iter().find(|(held, _)| held == key) else { return };
        let becomes = body.map(|body| Stored { version: held.version + 1, body });
        self.writes.push(Write { key: key.clone(), expected: Expected::Version(held.version), becomes });
    }

    /// Gives back all that the tenant holds.
    fn let_go(&mut self) {
        let held: Vec<Key> = self.read.held.iter().map(|(key, _)| key.clone()).collect();
        for key in held {
            self.replace(&key, None);
        }
        let entry = &mut self.entry;
        (entry.network_index, entry.account_id, entry.assume_role_arn) = (None, None, None);
        entry.status = Status::Forgotten;
    }

    fn same(self) -> Decision {
        Decision::Same(Box::new(self.entry))
    }

    /// The change as a transaction.
    pub(crate) fn done(mut self, what: What) -> Decision {
        let version = self.base.unwrap_or(0) + 1;
        let tenant = self.entry.tenant.clone();
        self.entry.updated_at = self.now;
        let expected = self.base.map_or(Expected::Absent, Expected::Version);
        let becomes = Some(Stored { version, body: object(&self.entry) });
        self.writes.insert(0, Write { key: Key::entry(&tenant), expected, becomes });
        let change = Change {
            version,
            at: self.now,
            by: self.by.clone(),
            what,
            status: self.entry.status,
            note: self.note.take(),
        };
        self.create(Key::history(&tenant, version), &change);
        let leaving = self.entry.leaving.as_ref().map(|leaving| leaving.request_id.clone());
        let request_id = self.request.take().or(leaving).unwrap_or_else(|| self.entry.request_id.clone());
        for (number, announced) in std::mem::take(&mut self.events).into_iter().enumerate() {
            let detail_type = announced.detail_type().to_owned();
            let environment_suffix = self.rules.environment.clone();
            let header = Header {
                version: Version,
                event_id: format!("{environment_suffix}.{tenant}.{version}.{number}"),
                tenant_id: tenant.clone(),
                environment_suffix,
                request_id: request_id.clone(),
                occurred_at: self.now,
            };
            let detail = Value::Object(object(&Announcement { header, announced }));
            self.create(Key::outbox(&tenant, version, number), &Pending { detail_type, detail });
        }
        let transaction = Transaction { writes: self.writes };
        Decision::Change(Box::new(Decided { transaction, entry: self.entry, what }))
    }
}

/// A value of ours as an object. They all are objects with text keys, which JSON can always say.
pub(crate) fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
