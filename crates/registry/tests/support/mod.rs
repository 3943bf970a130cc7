//! What must be true of a registry at any moment, and of every change that is made to it.

#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use registry::event::{Announcement, schema};
use registry::store::{Key, Store, Stored};
use registry::{Change, Entry, Pending, Registry, Runs, Status, Timestamp, What};
use serde_json::Value;

/// Every item of a registry, as it is stored.
pub(crate) type Dump = BTreeMap<Key, Stored>;

/// The entries of a dump, with their versions.
pub(crate) fn entries(dump: &Dump) -> BTreeMap<String, (Entry, u64)> {
    let entries = dump.iter().filter(|(key, _)| key.record == "tenant");
    entries.map(|(key, item)| (key.tenant_id.clone(), (parse::<Entry>(item), item.version))).collect()
}

fn parse<T: serde::de::DeserializeOwned>(item: &Stored) -> T {
    serde_json::from_value(Value::Object(item.body.clone())).unwrap_or_else(|error| panic!("{item:?}: {error}"))
}

fn under<'a>(dump: &'a Dump, partition: &str) -> Vec<(&'a str, &'a Stored)> {
    let partition = partition.to_owned();
    dump.iter()
        .filter(move |(key, _)| key.tenant_id == partition)
        .map(|(key, item)| (key.record.as_str(), item))
        .collect()
}

fn history(dump: &Dump, tenant: &str) -> Vec<Change> {
    under(dump, tenant)
        .into_iter()
        .filter(|(record, _)| record.starts_with("history#"))
        .map(|(_, item)| parse(item))
        .collect()
}

/// What has to be true whenever somebody looks.
pub(crate) fn check_state(dump: &Dump, now: Timestamp) {
    let entries = entries(dump);
    // One index for each tenant, none shared; the same for accounts; every tenant listed.
    let (mut indices, mut accounts, mut listed) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for (id, (entry, version)) in &entries {
        assert_eq!(entry.tenant.as_str(), id);
        if let Some(index) = entry.network_index {
            let until = entry.quarantine_until;
            assert_eq!(indices.insert(format!("{index:05}"), (id.clone(), until)), None, "index {index} is shared");
        }
        if let Some(account) = entry.account_id.as_ref().filter(|_| entry.network_index.is_some()) {
            assert_eq!(accounts.insert(account.to_string(), id.clone()), None, "account {account} is shared");
        }
        if entry.status == Status::Forgotten {
            assert_eq!(
                (entry.network_index, &entry.account_id),
                (None, &None),
                "{id} is forgotten and holds something"
            );
        } else {
            listed.insert(id.clone());
        }
        let no_index = entry.status == Status::Forgotten || (entry.status == Status::Failed && entry.failure.is_some());
        assert!(entry.network_index.is_some() || no_index, "{id} is {} without an index", entry.status);
        assert_eq!(
            entry.quarantine_until.is_some(),
            matches!(entry.status, Status::Removed | Status::Forgotten) && entry.removed_at.is_some()
        );
        assert!(
            entry.status != Status::OffboardingRequested || entry.lease.is_some(),
            "{id} waits for a run that is over"
        );
        // Every failed path says what to do.
        let step = entry.next_step(now, Runs::ByEvent);
        assert!(!step.is_empty());
        if entry.status == Status::Failed {
            let failure = entry.failure.as_ref().unwrap_or_else(|| panic!("{id} failed and does not say why"));
            assert!(!failure.cause.is_empty() && !failure.fix.is_empty());
            assert!(entry.lease.is_some() || step.contains(&failure.fix), "{step}");
        }
        // A history without gaps, of which the entry is the last word.
        let history = history(dump, id);
        assert_eq!(
            history.iter().map(|change| change.version).collect::<Vec<_>>(),
            (1..=*version).collect::<Vec<_>>(),
            "{id}"
        );
        assert_eq!(history.last().map(|change| change.status), Some(entry.status), "{id}");
        if let Some(lease) = &entry.lease {
            assert_eq!(lease.token, entry.fencing_token, "{id}: the lease has the last token");
        }
    }
    let holder = |item: &Stored| {
        let until = item.body.get("until").map(|until| serde_json::from_value::<Timestamp>(until.clone()).unwrap());
        (item.body["tenant"].as_str().unwrap().to_owned(), until)
    };
    let held: BTreeMap<_, _> =
        under(dump, Key::INDICES).into_iter().map(|(record, item)| (record.to_owned(), holder(item))).collect();
    assert_eq!(held, indices);
    let held: BTreeMap<_, _> =
        under(dump, Key::ACCOUNTS).into_iter().map(|(record, item)| (record.to_owned(), holder(item).0)).collect();
    assert_eq!(held, accounts);
    assert_eq!(under(dump, Key::TENANTS).into_iter().map(|(id, _)| id.to_owned()).collect::<BTreeSet<_>>(), listed);
}

/// Watches one registry from its beginning.
#[derive(Default)]
pub(crate) struct Watch {
    tokens: BTreeMap<String, u64>,
    /// Every event that ever stood in the outbox.
    pub(crate) announced: BTreeSet<String>,
    /// What was done at least once.
    pub(crate) done: BTreeSet<What>,
}

impl Watch {
    /// What has to be true of a change: what is new in `after` is one step of one tenant, with its history and its events.
    pub(crate) fn check_change(&mut self, before: &Dump, after: &Dump, now: Timestamp) {
        check_state(after, now);
        for (key, item) in before {
            if key.record.starts_with("history#") || key.record.starts_with("request#") {
                assert_eq!(after.get(key), Some(item), "`{key}` was changed or removed");
            }
        }
        let (old, new) = (entries(before), entries(after));
        let changed: Vec<&String> =
            new.iter().filter(|(id, entry)| old.get(*id) != Some(entry)).map(|(id, _)| id).collect();
        assert!(changed.len() <= 1, "one transaction changed {changed:?}");
        assert!(old.keys().all(|id| new.contains_key(id)), "an entry vanished");
        for key in before.keys().filter(|key| key.tenant_id == Key::INDICES && !after.contains_key(key)) {
            let id = before[key].body["tenant"].as_str().unwrap();
            let entry = &new[id].0;
            let until =
                entry.quarantine_until.unwrap_or_else(|| panic!("index {} was let go before the destroy", key.record));
            assert!(
                entry.status == Status::Forgotten && until <= now,
                "index {} was let go within its quarantine",
                key.record
            );
        }
        let Some(id) = changed.first() else {
            assert_eq!(before, after, "something changed, but no entry");
            return;
        };
        let (entry, version) = &new[*id];
        assert_eq!(*version, old.get(*id).map_or(0, |(_, version)| *version) + 1, "{id}");
        let change = history(after, id).pop().unwrap();
        self.done.insert(change.what);
        self.check_run(id, old.get(*id).map(|(entry, _)| entry), entry, change.what, now);
        let fresh = under(after, Key::OUTBOX).into_iter().filter(|(record, _)| {
            !before.contains_key(&Key { tenant_id: Key::OUTBOX.to_owned(), record: (*record).to_owned() })
        });
        let events: Vec<Pending> = fresh.map(|(_, item)| parse(item)).collect();
        let names: Vec<&str> = events.iter().map(|event| event.detail_type.as_str()).collect();
        assert_eq!(names, wanted(change.what, entry.status), "{:?} of {id}, now {}", change.what, entry.status);
        for event in events {
            let announcement = Announcement::read(&event.detail_type, &event.detail).unwrap();
            assert!(schema_of(&event.detail_type).is_valid(&event.detail), "{}", event.detail);
            assert_eq!(
                (announcement.header.tenant_id.as_str(), announcement.header.occurred_at),
                (id.as_str(), change.at)
            );
            assert!(self.announced.insert(announcement.header.event_id), "an event id twice");
        }
    }

    /// At most one valid lease, tokens that only grow, and only the last one's word counts.
    fn check_run(&mut self, id: &str, old: Option<&Entry>, new: &Entry, what: What, now: Timestamp) {
        let last = self.tokens.get(id).copied().unwrap_or(0);
        let lease = old.and_then(|entry| entry.lease.as_ref());
        match what {
            What::Leased => {
                assert!(lease.is_none_or(|lease| !lease.is_valid(now)), "{id}: two valid leases");
                assert!(new.fencing_token > last, "{id}: token {} after {last}", new.fencing_token);
                self.tokens.insert(id.to_owned(), new.fencing_token);
            }
            What::Provisioned | What::Deprovisioned | What::Failed | What::Released => {
                assert_eq!(lease.map(|lease| lease.token), Some(last), "{id}: a late holder's word counted");
                assert_eq!(new.lease, None);
            }
            What::Renewed => {
                assert!(lease.is_some_and(|lease| lease.token == last), "{id}: a late holder renewed");
            }
            What::Restarted => {
                assert!(lease.is_none(), "{id}: a run is begun again beside another");
                assert_eq!(new.restarts, old.map_or(0, |entry| entry.restarts) + 1, "{id}");
                assert!(new.restarts <= Runs::RESTARTS, "{id} is begun again without end");
                assert!(!matches!(new.status, Status::Removed | Status::Forgotten | Status::Waiting), "{id}");
            }
            What::GivenUp => assert_eq!(new.restarts, Runs::RESTARTS, "{id}"),
            What::LeaseExpired => {
                assert!(lease.is_some_and(|lease| !lease.is_valid(now)), "{id}: a lease was taken away")
            }
            _ => {}
        }
        assert_eq!(new.fencing_token, self.tokens.get(id).copied().unwrap_or(0), "{id}");
    }
}

fn schema_of(detail_type: &str) -> &'static jsonschema::Validator {
    static SCHEMAS: LazyLock<BTreeMap<&str, jsonschema::Validator>> = LazyLock::new(|| {
        let schema = |name| serde_json::from_str(schema::of_announced(name).unwrap()).unwrap();
        let names = registry::event::Announced::DETAIL_TYPES.into_iter();
        names.map(|name| (name, jsonschema::validator_for(&schema(name)).unwrap())).collect()
    });
    &SCHEMAS[detail_type]
}

/// The events of a change: no more, and no fewer.
fn wanted(what: What, status: Status) -> Vec<&'static str> {
    match (what, status) {
        (What::SignedUp, _) | (What::Leased, Status::Provisioning) => vec!["TenantProvisioning"],
        (What::NotAdmitted | What::Failed | What::Released | What::LeaseExpired | What::GivenUp, _) => {
            vec!["TenantProvisioningFailed"]
        }
        (What::Provisioned, Status::Active) => vec!["TenantProvisioned"],
        (What::Deprovisioned, _) => vec!["TenantDeprovisioned"],
        (What::Offboarded, _) => vec!["TenantOffboarding"],
        (What::OffboardingCancelled, Status::Active) | (What::Resumed, _) => vec!["TenantResumed"],
        (What::Suspended, _) => vec!["TenantSuspended"],
        (What::Restarted, _) => vec!["TenantRestarting"],
        _ => vec![],
    }
}

/// A bus that now and then does not take an event, and tells which it took.
#[derive(Default)]
pub(crate) struct Bus {
    /// The ids of the events, each once for every publication.
    pub(crate) taken: Vec<String>,
    /// How many more events are refused.
    pub(crate) refusals: usize,
}

impl registry::Publisher for Bus {
    fn publish(&mut self, events: &[Pending]) -> Vec<Result<(), String>> {
        let take = |event: &Pending| {
            if self.refusals > 0 && self.taken.len().is_multiple_of(2) {
                self.refusals -= 1;
                return Err("ThrottlingException".to_owned());
            }
            self.taken.push(event.detail["event_id"].as_str().unwrap().to_owned());
            Ok(())
        };
        events.iter().map(take).collect()
    }
}

/// Publishes until nothing is left; every event that was ever announced has been published, and no other.
pub(crate) fn check_outbox<S: Store>(registry: &Registry<S>, announced: &BTreeSet<String>, refusals: usize) {
    let mut bus = Bus { refusals, ..Bus::default() };
    for _ in 0..=refusals {
        registry.publish(&mut bus).unwrap();
        if registry.pending().unwrap().is_empty() {
            break;
        }
    }
    assert_eq!(registry.pending().unwrap(), vec![]);
    assert_eq!(&bus.taken.into_iter().collect::<BTreeSet<_>>(), announced);
}
