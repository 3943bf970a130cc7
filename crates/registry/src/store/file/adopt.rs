//! What people wrote into the tenants file, as if they had asked for it.
//!
//! The same two files always give the same items (but for the time), so that what was read can be demanded when it is written.

use std::path::Path;

use naming::fleet::{Fleet, FleetTenant, TenantState};
use naming::{Placement, TenantId};

use super::FileError;
use crate::decide::{Holder, object};
use crate::entry::{Change, Entry, Status, What};
use crate::store::items::Items;
use crate::store::{Key, Stored};
use crate::text::RequestId;
use crate::time::Timestamp;

/// Why the two files do not go together.
pub(super) enum AdoptError {
    Unreadable(serde_json::Error),
    Held { index: u32, tenant: TenantId, holder: String },
}

impl AdoptError {
    pub(super) fn at(self, registry: &Path) -> FileError {
        match self {
            Self::Unreadable(source) => FileError::NotARegistry { path: registry.to_owned(), source },
            Self::Held { index, tenant, holder } => FileError::IndexHeld { index, tenant, holder },
        }
    }
}

impl From<serde_json::Error> for AdoptError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

pub(super) fn entry(item: &Stored) -> Result<Entry, serde_json::Error> {
    serde_json::from_value(serde_json::Value::Object(item.body.clone()))
}

/// Takes in what the file says and the items do not.
pub(super) fn adopt(items: &mut Items, fleet: &Fleet, now: Timestamp) -> Result<(), AdoptError> {
    let by_hand: RequestId = "tenants-file".parse().map_err(<serde_json::Error as serde::de::Error>::custom)?;
    for listed in &fleet.tenants {
        let known = items
            .0
            .get(&Key::entry(&listed.tenant.id))
            .map(|item| Ok::<_, serde_json::Error>((entry(item)?, item.version)));
        match known.transpose()? {
            Some((entry, version)) if entry.status != Status::Forgotten => edited(items, listed, entry, version, now)?,
            before => {
                let (token, version) = before.map_or((0, 0), |(entry, version)| (entry.fencing_token, version));
                let entry = new(listed, &by_hand, token, now);
                record(items, entry, version, What::Adopted, now)?;
            }
        }
    }
    Ok(())
}

fn placed(entry: &mut Entry, listed: &FleetTenant) {
    entry.network_index = Some(listed.tenant.network_index.get());
    (entry.account_id, entry.assume_role_arn) = match &listed.tenant.placement {
        Placement::Shared => (None, None),
        Placement::OwnAccount { account_id, assume_role_arn } => {
            (Some(account_id.clone()), Some(assume_role_arn.clone()))
        }
    };
}

/// What is known of a tenant of which only the line is known: whether its environment was made, nobody says.
fn new(listed: &FleetTenant, by_hand: &RequestId, fencing_token: u64, now: Timestamp) -> Entry {
    let status = standing(listed.state, false);
    let mut entry = Entry { fencing_token, ..Entry::new(listed.tenant.id.clone(), by_hand.clone(), now, status, now) };
    placed(&mut entry, listed);
    entry
}

fn standing(state: TenantState, provisioned: bool) -> Status {
    match state {
        TenantState::Active if provisioned => Status::Active,
        TenantState::Active => Status::Requested,
        TenantState::Suspended => Status::Suspended,
        TenantState::Removed => Status::Deprovisioning,
    }
}

/// A line that is not what the entry says was changed by a person.
fn edited(
    items: &mut Items,
    listed: &FleetTenant,
    mut entry: Entry,
    version: u64,
    now: Timestamp,
) -> Result<(), AdoptError> {
    let index = listed.tenant.network_index.get();
    let said = entry.line();
    if said == Some((index, listed.state)) && entry.placement() == listed.tenant.placement {
        return Ok(());
    }
    if said.map(|(_, state)| state) != Some(listed.state) {
        // One whose destroy is recorded has no environment any more.
        let provisioned = entry.provisioned_at.is_some() && entry.removed_at.is_none();
        entry.status = standing(listed.state, provisioned);
        entry.failure = None;
        entry.leaving = None;
        (entry.removed_at, entry.quarantine_until) = (None, None);
    }
    let never_made = entry.provisioned_at.is_none() && entry.attempt == 0;
    if let Some(old) = entry.network_index.filter(|old| *old != index && never_made) {
        // Nothing was ever made there. Otherwise the old block stays reserved: addresses may still be in use.
        items.0.remove(&Key::index(old));
    }
    placed(&mut entry, listed);
    record(items, entry, version, What::Edited, now)
}

/// Writes an entry, what it holds, and its history.
fn record(items: &mut Items, mut entry: Entry, version: u64, what: What, now: Timestamp) -> Result<(), AdoptError> {
    let version = version + 1;
    entry.updated_at = now;
    let tenant = entry.tenant.clone();
    if let Some(index) = entry.network_index {
        let key = Key::index(index);
        let before = items.0.get(&key);
        let holder = before.and_then(|item| item.body.get("tenant")).and_then(serde_json::Value::as_str);
        if let Some(holder) = holder.filter(|holder| *holder != tenant.as_str()) {
            return Err(AdoptError::Held { index, tenant, holder: holder.to_owned() });
        }
        let body = object(&Holder { tenant: tenant.clone(), until: entry.quarantine_until });
        if before.is_none_or(|item| item.body != body) {
            let version = before.map_or(0, |item| item.version) + 1;
            items.0.insert(key, Stored { version, body });
        }
    }
    if let Some(account) = &entry.account_id {
        let body = object(&Holder { tenant: tenant.clone(), until: None });
        items.0.entry(Key::account(account)).or_insert(Stored { version: 1, body });
    }
    let listed = Stored { version: 1, body: serde_json::Map::new() };
    items.0.entry(Key::listed(&tenant)).or_insert(listed);
    let by = "tenants-file".to_owned();
    let change = Change { version, at: now, by, what, status: entry.status, note: None };
    items.0.insert(Key::history(&tenant, version), Stored { version: 1, body: object(&change) });
    items.0.insert(Key::entry(&tenant), Stored { version, body: object(&entry) });
    Ok(())
}
