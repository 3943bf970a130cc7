//! A registry in memory: for tests, where it fails as it is told, and for trying out what events would do.

use std::sync::{Mutex, PoisonError};

use super::items::Items;
use super::{Key, Page, Store, StoreError, Stored, Transaction};

/// What goes wrong with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The store says that a condition does not hold.
    Conflict,
    /// The store is asked too often.
    Throttled,
    /// The answer is lost, and nothing was written.
    LostBefore,
    /// The answer is lost, and all was written.
    LostAfter,
}

/// A registry in memory.
#[derive(Default)]
pub struct MemoryStore {
    items: Mutex<Items>,
    faults: Mutex<Option<Faults>>,
}

/// Decides what goes wrong with the next transaction, if anything.
type Faults = Box<dyn FnMut(&Transaction) -> Option<Fault> + Send>;

impl MemoryStore {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// A registry of these items: a copy of another one.
    pub fn of(items: impl IntoIterator<Item = (Key, Stored)>) -> Self {
        Self { items: Mutex::new(Items(items.into_iter().collect())), faults: Mutex::default() }
    }

    /// Lets transactions go wrong: the function is asked before each.
    pub fn set_faults(&self, faults: impl FnMut(&Transaction) -> Option<Fault> + Send + 'static) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(faults));
    }

    /// Every item, in the order of the keys.
    pub fn dump(&self) -> Vec<(Key, Stored)> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.0.iter().map(|(key, item)| (key.clone(), item.clone())).collect()
    }
}

impl Store for MemoryStore {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        Ok(self.items.lock().unwrap_or_else(PoisonError::into_inner).get(keys))
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        Ok(self.items.lock().unwrap_or_else(PoisonError::into_inner).page(partition, after, limit))
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let fault = {
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            faults.as_mut().and_then(|faults| faults(transaction))
        };
        match fault {
            Some(Fault::Conflict) => return Err(StoreError::Conflict { keys: Vec::new() }),
            Some(Fault::Throttled) => return Err(StoreError::Throttled(None)),
            Some(Fault::LostBefore) => return Err(StoreError::Unknown(None)),
            Some(Fault::LostAfter) | None => {}
        }
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.transact(transaction).map_err(|keys| StoreError::Conflict { keys })?;
        if fault == Some(Fault::LostAfter) { Err(StoreError::Unknown(None)) } else { Ok(()) }
    }
}
