//! The registry: reads, decides, writes, and does so again when something came between.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use naming::TenantId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::command::{Action, Command, Refusal, Request, Rules};
use crate::decide::{Decided, Decision, Holder, Pending, Pick, Read, Taken, decide};
use crate::entry::{Change, Entry, Status, What};
use crate::event::Signup;
use crate::store::{Expected, Key, Store, StoreError, Stored, Transaction, Write};
use crate::text::RequestId;
use crate::time::Timestamp;

/// Why the registry did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It may not be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store cannot be used.
    #[error(transparent)]
    Store(StoreError),
    /// Others were faster each time, or the store was busy.
    #[error("the registry was busy {attempts} times in a row; try again later")]
    Busy {
        /// How often it was tried.
        attempts: u32,
        /// What the last attempt met.
        #[source]
        last: StoreError,
    },
    /// An item is not what this program writes.
    #[error("the item `{key}` of the registry cannot be read; was it written by another program?")]
    Unreadable {
        /// The item.
        key: Key,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The tenant as it is now.
    pub entry: Entry,
    /// What was done; nothing where all was so already: a request that was taken before, a run that has the lease.
    pub what: Option<What>,
}

/// What a command would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepared {
    /// A change, whose transaction can be carried out.
    Change(Box<Decided>),
    /// Nothing: all is so already.
    Same(Box<Entry>),
    /// This tenant has to be reconciled before.
    First(TenantId),
}

/// What reconciliation found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// What time did to tenants.
    pub changed: Vec<(TenantId, What)>,
    /// Tenants that wait for somebody, and what is to be done.
    pub attention: Vec<(TenantId, String)>,
}

/// Who brings events to where they are heard.
pub trait Publisher {
    /// Publishes events, and says for each, in their order, whether it was taken (`PutEvents` may take some and leave others).
    fn publish(&mut self, events: &[Pending]) -> Vec<Result<(), String>>;
}

/// What became of the events that were to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// How many were taken.
    pub taken: usize,
    /// Which were not, and why: they stay, and so do those of the same tenant in later batches.
    pub left: Vec<(String, String)>,
}

/// How often a command is tried.
const ATTEMPTS: u32 = 60;
/// A pause before another attempt is between nothing and this, doubled each time up to the longest.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How many items are read at once.
const PAGE: usize = 500;
/// How many events are published at once: what `PutEvents` takes.
const BATCH: usize = 10;

/// A registry of tenants.
pub struct Registry<S> {
    store: S,
    rules: Rules,
    wait: fn(Duration),
}

impl<S: Store> Registry<S> {
    /// A registry in a store.
    pub fn new(store: S, rules: Rules) -> Self {
        Self { store, rules, wait: std::thread::sleep }
    }

    /// The same, but pauses are the caller's: for tests, which need none.
    #[must_use]
    pub fn with_wait(self, wait: fn(Duration)) -> Self {
        Self { wait, ..self }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Carries out a command. The same request again, and the same word of the same run again, change nothing and say so.
    ///
    /// An answer of the store that was lost is no error: the entry is read again, and tells whether the change was made.
    ///
    /// # Errors
    /// When it is refused, or the store does not do it.
    pub fn apply(&self, command: &Command, now: Timestamp) -> Result<Applied, RegistryError> {
        let mut attempt = 0;
        loop {
            let error = match self.attempt(command, now, attempt) {
                Ok(applied) => return Ok(applied),
                Err(RegistryError::Store(
                    error @ (StoreError::Conflict { .. } | StoreError::Throttled(_) | StoreError::Unknown(_)),
                )) => error,
                Err(error) => return Err(error),
            };
            attempt += 1;
            if attempt >= ATTEMPTS {
                return Err(RegistryError::Busy { attempts: attempt, last: error });
            }
            let most = PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
            let share = u32::try_from(random() % 1000).unwrap_or_default();
            (self.wait)(most * share / 1000);
        }
    }

    fn attempt(&self, command: &Command, now: Timestamp, attempt: u32) -> Result<Applied, RegistryError> {
        match self.prepare(command, now, attempt)? {
            Prepared::Same(entry) => Ok(Applied { entry: *entry, what: None }),
            Prepared::Change(decided) => {
                self.store.transact(&decided.transaction).map_err(RegistryError::Store)?;
                Ok(Applied { entry: decided.entry, what: Some(decided.what) })
            }
            Prepared::First(tenant) => {
                self.reconcile(&tenant, now)?;
                // Then the command, as if something had come between.
                Err(RegistryError::Store(StoreError::Conflict { keys: vec![Key::entry(&tenant)] }))
            }
        }
    }

    /// Reads and decides, and changes nothing. `attempt` is how often something came between: a signup then looks beyond the lowest
    /// free index, so that many at once do not all want the same one.
    ///
    /// # Errors
    /// When it is refused, or the store cannot be read.
    pub fn prepare(&self, command: &Command, now: Timestamp, attempt: u32) -> Result<Prepared, RegistryError> {
        let read = self.read(command, now, attempt)?;
        Ok(match decide(&self.rules, &read, command, now)? {
            Decision::Change(decided) => Prepared::Change(decided),
            Decision::Same(entry) => Prepared::Same(entry),
            Decision::First(tenant) => Prepared::First(tenant),
        })
    }

    fn read(&self, command: &Command, now: Timestamp, attempt: u32) -> Result<Read, RegistryError> {
        let tenant = &command.tenant;
        let mut keys = vec![Key::entry(tenant), Key::listed(tenant)];
        let mut read = Read::default();
        if let Action::Request { request_id, .. } = &command.action {
            keys.push(Key::request(tenant, request_id));
        }
        let mut items = self.get(&keys)?.into_iter();
        if let Some((key, item)) = items.next().flatten() {
            read.entry = Some((parse(&key, item.body)?, item.version));
        }
        read.held.extend(items.next().flatten());
        if let Some((key, item)) = items.next().flatten() {
            read.request = Some(parse::<Taken>(&key, item.body)?);
        }
        if let Some((entry, _)) = &read.entry {
            let index = entry.network_index.map(Key::index);
            let held: Vec<Key> = index.into_iter().chain(entry.account_id.as_ref().map(Key::account)).collect();
            read.held.extend(self.get(&held)?.into_iter().flatten());
            // What stands under such a key may be another's, where people edited files.
            let own = |(key, item): &(Key, Stored)| {
                *key == Key::listed(tenant)
                    || parse::<Holder>(key, item.body.clone()).is_ok_and(|holder| holder.tenant == *tenant)
            };
            read.held.retain(own);
        }
        if let Action::Request { request: Request::Signup(signup), request_id, .. } = &command.action
            && self.wants_an_index(&read, request_id)
        {
            read.pick = Some(self.pick(signup, now, attempt)?);
            if let naming::Placement::OwnAccount { account_id, .. } = &signup.placement
                && let Some((key, item)) = self.get(&[Key::account(account_id)])?.into_iter().flatten().next()
            {
                read.account = Some(parse::<Holder>(&key, item.body)?).filter(|holder| holder.tenant != *tenant);
            }
        }
        Ok(read)
    }

    /// Whether a signup is one that may get an index; for others there is no need to look for one.
    fn wants_an_index(&self, read: &Read, request_id: &RequestId) -> bool {
        match &read.entry {
            None => true,
            Some((entry, _)) if entry.status == Status::Forgotten => read.request.is_none(),
            Some((entry, _)) => {
                entry.status == Status::Failed && entry.network_index.is_none() && entry.request_id == *request_id
            }
        }
    }

    /// The index that a signup may have.
    fn pick(&self, signup: &Signup, now: Timestamp, attempt: u32) -> Result<Pick, RegistryError> {
        let due = |holder: &Holder| holder.until.is_some_and(|until| until <= now);
        if let Some(index) = signup.network_index {
            self.rules.network.index(u64::from(index)).map_err(Refusal::OutsidePlan)?;
            let Some((key, item)) = self.get(&[Key::index(index)])?.into_iter().flatten().next() else {
                return Ok(Pick::Free(index));
            };
            let holder: Holder = parse(&key, item.body)?;
            return Ok(if due(&holder) { Pick::Due(holder.tenant) } else { Pick::Taken { index, holder } });
        }
        let mut taken = self
            .partition::<Holder>(Key::INDICES)?
            .into_iter()
            .filter_map(|(record, holder, _)| Some((record.parse::<u64>().ok()?, holder)))
            .peekable();
        // The first few that are free; those behind the first only after something came between.
        let wanted = 1_usize << attempt.min(8);
        let mut free: Vec<Pick> = Vec::new();
        for index in 0..self.rules.network.capacity() {
            while taken.next_if(|(number, _)| *number < index).is_some() {}
            let pick = match taken.next_if(|(number, _)| *number == index) {
                None => u32::try_from(index).ok().map(Pick::Free),
                Some((_, holder)) if due(&holder) => Some(Pick::Due(holder.tenant)),
                Some(_) => None,
            };
            free.extend(pick);
            if free.len() >= wanted {
                break;
            }
        }
        let chosen = usize::try_from(random() % 1024).unwrap_or_default() % free.len().max(1);
        Ok(free.into_iter().nth(chosen).unwrap_or(Pick::Full))
    }

    fn get(&self, keys: &[Key]) -> Result<Vec<Option<(Key, Stored)>>, RegistryError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let items = self.store.get(keys).map_err(RegistryError::Store)?;
        Ok(keys.iter().cloned().zip(items).map(|(key, item)| item.map(|item| (key, item))).collect())
    }

    fn partition<T: DeserializeOwned>(&self, partition: &str) -> Result<Vec<(String, T, u64)>, RegistryError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.page(partition, after.as_deref(), PAGE).map_err(RegistryError::Store)?;
            for (record, item) in page.items {
                let key = Key { tenant_id: partition.to_owned(), record: record.clone() };
                found.push((record, parse(&key, item.body)?, item.version));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Where a tenant stands; nothing where it never signed up.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn entry(&self, tenant: &TenantId) -> Result<Option<Entry>, RegistryError> {
        let found = self.get(&[Key::entry(tenant)])?.into_iter().flatten().next();
        found.map(|(key, item)| parse(&key, item.body)).transpose()
    }

    /// All that was done to a tenant, in order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn history(&self, tenant: &TenantId) -> Result<Vec<Change>, RegistryError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.page(tenant.as_str(), after.as_deref(), PAGE).map_err(RegistryError::Store)?;
            for (record, item) in page.items {
                if record.starts_with(Key::HISTORY) {
                    found.push(parse(&Key { tenant_id: tenant.to_string(), record }, item.body)?);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// All tenants that are not forgotten, by id.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn entries(&self) -> Result<Vec<Entry>, RegistryError> {
        let listed = self.partition::<Map<String, Value>>(Key::TENANTS)?;
        let keys: Vec<Key> =
            listed.into_iter().map(|(id, ..)| Key { tenant_id: id, record: "tenant".to_owned() }).collect();
        let mut entries = Vec::with_capacity(keys.len());
        for keys in keys.chunks(PAGE) {
            for (key, item) in self.get(keys)?.into_iter().flatten() {
                entries.push(parse(&key, item.body)?);
            }
        }
        Ok(entries)
    }

    /// Brings one tenant up to what time has done to it, and tells what that was.
    ///
    /// # Errors
    /// When the tenant is not there, or the store does not do it.
    pub fn reconcile(&self, tenant: &TenantId, now: Timestamp) -> Result<Vec<What>, RegistryError> {
        let mut done = Vec::new();
        loop {
            let command = Command { tenant: tenant.clone(), action: Action::Reconcile };
            match self.apply(&command, now) {
                Ok(Applied { what: Some(what), .. }) => done.push(what),
                Ok(Applied { what: None, .. }) => return Ok(done),
                // Somebody else forgot it meanwhile.
                Err(RegistryError::Refused(Refusal::Unknown { .. })) => return Ok(done),
                Err(error) => return Err(error),
            }
        }
    }

    /// Brings all tenants up to what time has done to them, and tells which of them wait for somebody.
    ///
    /// # Errors
    /// When the store does not do it; what is done stays done.
    pub fn reconcile_all(&self, now: Timestamp) -> Result<Reconciled, RegistryError> {
        let mut found = Reconciled::default();
        for entry in self.entries()? {
            let done = self.reconcile(&entry.tenant, now)?;
            let entry = if done.is_empty() { Some(entry) } else { self.entry(&entry.tenant)? };
            let Some(entry) = entry else { continue };
            found.changed.extend(done.into_iter().map(|what| (entry.tenant.clone(), what)));
            if entry.needs_somebody(self.rules.runs) {
                found.attention.push((entry.tenant.clone(), entry.next_step(now, self.rules.runs)));
            }
        }
        Ok(found)
    }

    /// The events that are to be published, in the order of tenants and of what happened to each.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn pending(&self) -> Result<Vec<Pending>, RegistryError> {
        Ok(self.partition(Key::OUTBOX)?.into_iter().map(|(_, pending, _)| pending).collect())
    }

    /// Publishes what is to be published. An event is taken out only after it was taken, so each is published at least once; who is
    /// killed in between publishes it again.
    ///
    /// # Errors
    /// When the store does not answer. What a publisher did not take is no error, but stays.
    pub fn publish(&self, publisher: &mut dyn Publisher) -> Result<Published, RegistryError> {
        let mut published = Published::default();
        let mut behind: BTreeSet<String> = BTreeSet::new();
        for batch in self.partition::<Pending>(Key::OUTBOX)?.chunks(BATCH) {
            let owner = |record: &str| record.split('#').next().unwrap_or_default().to_owned();
            let batch: Vec<_> = batch.iter().filter(|(record, ..)| !behind.contains(&owner(record))).collect();
            let events: Vec<Pending> = batch.iter().map(|(_, pending, _)| pending.clone()).collect();
            let results = publisher.publish(&events);
            for (place, (record, pending, version)) in batch.into_iter().enumerate() {
                match results.get(place) {
                    Some(Ok(())) => {
                        self.taken(record, *version)?;
                        published.taken += 1;
                    }
                    other => {
                        let why = match other {
                            Some(Err(why)) => why.clone(),
                            _ => "the publisher did not say what became of it".to_owned(),
                        };
                        behind.insert(owner(record));
                        published.left.push((pending.detail_type.clone(), why));
                    }
                }
            }
        }
        Ok(published)
    }

    /// Takes an event out of the outbox.
    fn taken(&self, record: &str, version: u64) -> Result<(), RegistryError> {
        let key = Key { tenant_id: Key::OUTBOX.to_owned(), record: record.to_owned() };
        let write = Write { key, expected: Expected::Version(version), becomes: None };
        match self.store.transact(&Transaction { writes: vec![write] }) {
            // Somebody else published it too, or the answer to our own try was lost; at worst it is published again.
            Ok(()) | Err(StoreError::Conflict { .. } | StoreError::Throttled(_) | StoreError::Unknown(_)) => Ok(()),
            Err(error) => Err(RegistryError::Store(error)),
        }
    }
}

fn parse<T: DeserializeOwned>(key: &Key, body: Map<String, Value>) -> Result<T, RegistryError> {
    serde_json::from_value(Value::Object(body)).map_err(|source| RegistryError::Unreadable { key: key.clone(), source })
}

/// A number that nobody can foresee, to keep many processes from doing the same at the same time.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
