//! What one stack uses of every quota.

use std::collections::BTreeMap;

use crate::ledger::Key;

/// What one stack uses, counted from its document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usage {
    /// What adds up over stacks; the text names the container where an account has several of them, such as an event bus.
    pub(crate) shared: BTreeMap<(Key, String), u64>,
    /// The fullest resource of the stack.
    pub(crate) own: BTreeMap<Key, Fullest>,
    /// For how many days what is destroyed still counts.
    pub(crate) lingers: BTreeMap<Key, u64>,
    /// What could not be counted.
    pub(crate) uncounted: Vec<String>,
}

/// The resource that has the most of something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fullest {
    /// How much.
    pub used: u64,
    /// Which, as Terraform addresses it.
    pub resource: String,
}

impl Usage {
    /// What adds up, over all containers.
    pub fn shared(&self, key: Key) -> u64 {
        self.shared.range((key, String::new())..).take_while(|((at, _), _)| *at == key).map(|(_, used)| used).sum()
    }

    /// The fullest resource of the stack.
    pub fn own(&self, key: Key) -> Option<&Fullest> {
        self.own.get(&key)
    }

    pub(crate) fn part(&self, key: Key, container: &str) -> u64 {
        self.shared.get(&(key, container.to_owned())).copied().unwrap_or(0)
    }

    /// Adds what all stacks of a place share.
    pub(crate) fn add(&mut self, key: Key, used: u64) {
        self.add_in(key, "", used);
    }

    pub(crate) fn add_in(&mut self, key: Key, container: &str, used: u64) {
        if used > 0 {
            *self.shared.entry((key, container.to_owned())).or_default() += used;
        }
    }

    /// Notes what one resource holds.
    pub(crate) fn hold(&mut self, key: Key, resource: String, used: u64) {
        let fuller = self.own.get(&key).is_none_or(|fullest| used > fullest.used);
        if fuller {
            self.own.insert(key, Fullest { used, resource });
        }
    }
}

/// Counts by the resource that holds what is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    by: BTreeMap<String, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, holder: String, count: u64) {
        *self.by.entry(holder).or_default() += count;
    }

    /// Hands the fullest holder on.
    pub(crate) fn hold(self, usage: &mut Usage, key: Key) {
        for (holder, count) in self.by {
            usage.hold(key, holder, count);
        }
    }
}

/// The address that a reference such as `${aws_vpc.tenant.id}` leads to; a literal stays as it is.
pub(crate) fn target(text: &str) -> String {
    let inner = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    match inner.map(|inner| inner.split('.').take(2).collect::<Vec<_>>()) {
        Some(parts) if parts.len() == 2 => parts.join("."),
        _ => text.to_owned(),
    }
}
