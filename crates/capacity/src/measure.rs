//! One quota in one account: what is in use, what a tenant adds, and how many fit.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use crate::fleet::{Fleet, Part, Place, Stack};
use crate::ledger::Key;
use crate::limits::Limits;
use crate::quota::Scope;
use crate::usage::Usage;

/// What is counted of a quota, in one account. Tenants are in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// What is there without a tenant.
    pub(crate) other: u64,
    /// What each tenant uses.
    pub(crate) tenants: Vec<u64>,
    /// What one more would use.
    pub(crate) per_tenant: u64,
    /// Whether uses add up; else the greatest counts.
    pub(crate) adds_up: bool,
    /// At most this many count at a time.
    pub(crate) at_a_time: Option<NonZeroU64>,
    /// The fullest resource.
    pub(crate) fullest: Option<String>,
    /// The container of what adds up, where an account has several of them.
    pub(crate) container: String,
}

impl Measured {
    /// What is in use with this many tenants: the first of those that there are, then more like the standard one.
    pub(crate) fn needed(&self, tenants: u64) -> u64 {
        let known = self.tenants.iter().take(usize::try_from(tenants).unwrap_or(usize::MAX)).copied();
        let more = tenants.saturating_sub(u64::try_from(self.tenants.len()).unwrap_or(u64::MAX));
        if !self.adds_up {
            let standard = if more > 0 { self.per_tenant } else { 0 };
            return known.fold(self.other, u64::max).max(standard);
        }
        let sum = known.fold(0, u64::saturating_add).saturating_add(more.saturating_mul(self.per_tenant));
        let sum = sum.saturating_add(self.other);
        match self.at_a_time {
            // As many stacks at a time as there may be, each as large as the largest.
            Some(slots) => sum.min(slots.get().saturating_mul(self.largest())),
            None => sum,
        }
    }

    /// What the largest stack uses.
    pub(crate) fn largest(&self) -> u64 {
        self.tenants.iter().copied().fold(self.other.max(self.per_tenant), u64::max)
    }

    /// How many tenants there are.
    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.tenants.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn used(&self) -> u64 {
        self.needed(self.count())
    }

    /// The most tenants that fit in so much; none if it never bites.
    pub(crate) fn fits(&self, room: u64) -> Option<u64> {
        if self.used() > room {
            // The first tenants that fit, of those that there are: use never falls with their number.
            let (mut fit, mut too_many) = (0, self.count());
            while too_many > fit + 1 {
                let middle = fit + (too_many - fit) / 2;
                if self.needed(middle) <= room { fit = middle } else { too_many = middle }
            }
            return Some(fit);
        }
        if self.needed(u64::MAX) <= room {
            return None;
        }
        let free = if self.adds_up { (room - self.used()).checked_div(self.per_tenant).unwrap_or(0) } else { 0 };
        Some(self.count().saturating_add(free))
    }
}

/// Measures quotas in one account and region.
pub(crate) struct Gauge<'f> {
    pub(crate) fleet: &'f Fleet,
    pub(crate) place: &'f Place,
    pub(crate) limits: &'f Limits,
    pub(crate) parallelism: Option<NonZeroU64>,
}

impl<'f> Gauge<'f> {
    fn counts(&self, stack: &Stack, scope: Scope) -> bool {
        match scope {
            Scope::Account => stack.place.account == self.place.account,
            _ => stack.place == *self.place,
        }
    }

    fn stacks(&self, scope: Scope) -> impl Iterator<Item = &'f Stack> {
        self.fleet.stacks.iter().filter(move |stack| self.counts(stack, scope))
    }

    pub(crate) fn tenants(&self) -> impl Iterator<Item = &'f Stack> {
        self.stacks(Scope::Region).filter(|stack| stack.part == Part::Tenant)
    }

    fn standard(&self) -> Option<&'f Usage> {
        let first = || self.tenants().next().map(|stack| stack.usage.as_ref());
        self.fleet.standard.as_deref().or_else(first)
    }

    /// Every container of what adds up, for example each event bus.
    fn containers(&self, key: Key) -> BTreeSet<&'f str> {
        let usages = self.stacks(key.quota().scope).map(|stack| stack.usage.as_ref()).chain(self.standard());
        usages
            .flat_map(|usage| usage.shared.keys())
            .filter(|(at, _)| *at == key)
            .map(|(_, name)| name.as_str())
            .collect()
    }

    /// The measure of a quota; of several containers, that in which the fewest tenants fit.
    pub(crate) fn measure(&self, key: Key, room: u64) -> Measured {
        let quota = key.quota();
        if quota.scope == Scope::Resource {
            return self.fullest(key);
        }
        let mut containers = self.containers(key);
        if containers.is_empty() {
            containers.insert("");
        }
        let measured = containers.into_iter().map(|container| self.sum(key, container));
        let tightest = |measured: &Measured| {
            let fits = measured.fits(room).unwrap_or(u64::MAX);
            (fits, u64::MAX - measured.used())
        };
        measured.min_by_key(tightest).unwrap_or_default()
    }

    /// The measure of what adds up, in one container.
    pub(crate) fn sum(&self, key: Key, container: &str) -> Measured {
        let scope = key.quota().scope;
        let mut measured = Measured {
            other: self.limits.before(key),
            per_tenant: self.standard().map_or(0, |usage| usage.part(key, container)),
            adds_up: true,
            container: container.to_owned(),
            at_a_time: if scope == Scope::Run { self.parallelism } else { None },
            ..Measured::default()
        };
        for stack in self.stacks(scope) {
            let part = stack.usage.part(key, container);
            match stack.part {
                Part::Tenant => measured.tenants.push(part),
                Part::Shared | Part::Leaving => measured.other = measured.other.saturating_add(part),
            }
        }
        measured
    }

    fn fullest(&self, key: Key) -> Measured {
        let per_tenant = self.standard().and_then(|usage| usage.own(key)).map_or(0, |fullest| fullest.used);
        let mut measured = Measured { per_tenant, ..Measured::default() };
        let mut most = 0;
        for stack in self.stacks(Scope::Resource) {
            let own = stack.usage.own(key);
            let used = own.map_or(0, |fullest| fullest.used);
            match stack.part {
                Part::Tenant => measured.tenants.push(used),
                Part::Shared | Part::Leaving => measured.other = measured.other.max(used),
            }
            if let Some(fullest) = own.filter(|fullest| fullest.used > most) {
                most = fullest.used;
                measured.fullest = Some(format!("{}: {}", stack.name, fullest.resource));
            }
        }
        measured
    }
}
