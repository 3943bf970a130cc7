//! Where the registry lies: items under a partition and a record, read one by one or in pages, written all or none under conditions.

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod file;
mod items;
pub mod memory;

use std::error::Error;

use naming::{AccountId, TenantId};
use serde_json::{Map, Value};

use crate::text::RequestId;

/// The key of an item. The names of the two halves are those of the platform's table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The partition: a tenant's id, or a word that starts with `#`, which no id does.
    pub tenant_id: String,
    /// The item within the partition.
    pub record: String,
}

/// The names of the two halves of a key, as the platform's table has them.
pub const KEY_ATTRIBUTES: [&str; 2] = ["tenant_id", "record"];

impl Key {
    /// The partition of the network indices that are taken.
    pub const INDICES: &'static str = "#network-index";
    /// The partition of the accounts that are a tenant's own.
    pub const ACCOUNTS: &'static str = "#account";
    /// The partition that lists the tenants.
    pub const TENANTS: &'static str = "#tenants";
    /// The partition of the events that are to be published.
    pub const OUTBOX: &'static str = "#outbox";
    /// What the record of a change starts with.
    pub const HISTORY: &'static str = "history#";

    fn new(tenant_id: impl Into<String>, record: impl Into<String>) -> Self {
        Self { tenant_id: tenant_id.into(), record: record.into() }
    }

    /// Where a tenant stands.
    pub fn entry(tenant: &TenantId) -> Self {
        Self::new(tenant.as_str(), "tenant")
    }

    /// A request of a tenant that was taken.
    pub fn request(tenant: &TenantId, request: &RequestId) -> Self {
        Self::new(tenant.as_str(), format!("request#{request}"))
    }

    /// A change that was made to a tenant.
    pub fn history(tenant: &TenantId, version: u64) -> Self {
        Self::new(tenant.as_str(), format!("{}{version:010}", Self::HISTORY))
    }

    /// Who has a network index.
    pub fn index(index: u32) -> Self {
        Self::new(Self::INDICES, format!("{index:05}"))
    }

    /// Who has an account.
    pub fn account(account: &AccountId) -> Self {
        Self::new(Self::ACCOUNTS, account.as_str())
    }

    /// That there is a tenant.
    pub fn listed(tenant: &TenantId) -> Self {
        Self::new(Self::TENANTS, tenant.as_str())
    }

    /// An event that is to be published; those of a tenant stand in the order in which they came to be.
    pub fn outbox(tenant: &TenantId, version: u64, number: usize) -> Self {
        Self::new(Self::OUTBOX, format!("{tenant}#{version:010}#{number}"))
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.tenant_id, self.record)
    }
}

/// An item.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// How often it was written; a write names the version that it replaces.
    pub version: u64,
    /// What it holds. The names `tenant_id`, `record` and `version` are the store's own.
    pub body: Map<String, Value>,
}

/// What must be true of an item for a transaction to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Expected {
    /// It is not there.
    Absent,
    /// It is there, in this version.
    Version(u64),
}

/// A part of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The item.
    pub key: Key,
    /// The condition.
    pub expected: Expected,
    /// What it becomes; nothing deletes it.
    pub becomes: Option<Stored>,
}

/// Writes that are carried out together, or none of them. No item stands in it twice, and there are at most
/// [`Transaction::MAX_WRITES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transaction {
    /// The writes.
    pub writes: Vec<Write>,
}

impl Transaction {
    /// DynamoDB takes 100 parts
    /// ([quotas](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html)); ours have about ten.
    pub const MAX_WRITES: usize = 100;
}

/// Some items of a partition, in the order of their records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Record and item.
    pub items: Vec<(String, Stored)>,
    /// The last record that was looked at, where there may be more.
    pub next: Option<String>,
}

/// Why a store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition does not hold; nothing was written.
    #[error("{} changed in the meantime", listed(keys))]
    Conflict {
        /// The items whose conditions do not hold, where the store says so.
        keys: Vec<Key>,
    },
    /// It is asked too often, or another transaction is at the same items; nothing was written.
    #[error("the registry is busy")]
    Throttled(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// It may have been written or not: the answer was lost.
    #[error("the registry did not say whether it made the change")]
    Unknown(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// It refuses, or cannot be reached; nothing was written, and the same again will not help.
    #[error("the registry cannot be used")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

fn listed(keys: &[Key]) -> String {
    match keys {
        [] => "an item of the registry".to_owned(),
        keys => keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "),
    }
}

/// A store of items. Reads see every write that was answered before them.
pub trait Store {
    /// The items under these keys, in their order. Each is read for itself: a decision must not rest on two of them being of one moment,
    /// but on the conditions of its transaction.
    ///
    /// # Errors
    /// When the store does not answer.
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError>;

    /// Items of a partition whose records come after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the store does not answer.
    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError>;

    /// Carries out all writes if all conditions hold, else none.
    ///
    /// # Errors
    /// When it does not, or does not know.
    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError>;
}

impl<S: Store + ?Sized> Store for &S {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        (**self).get(keys)
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        (**self).page(partition, after, limit)
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        (**self).transact(transaction)
    }
}
