//! Items in memory, with the rules that every store has: what the memory and the file store share.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Expected, Key, Page, Stored, Transaction};

/// All items, in the order of their keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Items(pub(crate) BTreeMap<Key, Stored>);

impl Items {
    pub(crate) fn get(&self, keys: &[Key]) -> Vec<Option<Stored>> {
        keys.iter().map(|key| self.0.get(key).cloned()).collect()
    }

    pub(crate) fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Page {
        let from = Key { tenant_id: partition.to_owned(), record: after.unwrap_or_default().to_owned() };
        let from = if after.is_some() { Bound::Excluded(from) } else { Bound::Included(from) };
        let rest = self.0.range((from, Bound::Unbounded)).take_while(|(key, _)| key.tenant_id == partition);
        let items: Vec<(String, Stored)> =
            rest.take(limit.max(1)).map(|(key, item)| (key.record.clone(), item.clone())).collect();
        let next = (items.len() == limit.max(1)).then(|| items.last().map(|(record, _)| record.clone())).flatten();
        Page { items, next }
    }

    /// Carries out all writes, or none; then tells the items whose conditions do not hold.
    pub(crate) fn transact(&mut self, transaction: &Transaction) -> Result<(), Vec<Key>> {
        let holds = |key: &Key, expected| match (self.0.get(key), expected) {
            (None, Expected::Absent) => true,
            (Some(item), Expected::Version(version)) => item.version == version,
            _ => false,
        };
        let failed: Vec<Key> = transaction
            .writes
            .iter()
            .filter(|write| !holds(&write.key, write.expected))
            .map(|write| write.key.clone())
            .collect();
        if !failed.is_empty() {
            return Err(failed);
        }
        for write in &transaction.writes {
            match &write.becomes {
                Some(item) => drop(self.0.insert(write.key.clone(), item.clone())),
                None => drop(self.0.remove(&write.key)),
            }
        }
        Ok(())
    }
}
