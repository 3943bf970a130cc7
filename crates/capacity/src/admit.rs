//! Whether what is about to be created fits, asked before anything is.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU64;

use crate::fleet::{Fleet, Place};
use crate::ledger::Key;
use crate::limits::{Limit, Limits, Origin};
use crate::measure::{Gauge, Measured};
use crate::quota::{Quota, Raise, Scope, Unit};
use crate::report::Question;
use crate::request::{Advice, advice};

/// What was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// How many stacks will exist.
    pub stacks: usize,
    /// How many of them are new.
    pub new: usize,
}

/// A quota that is too small for what is about to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The quota.
    pub key: Key,
    /// Where.
    pub place: Place,
    /// What is in use without the new stacks.
    pub used: u64,
    /// What there will be with them.
    pub wanted: u64,
    /// What has to stay free.
    pub reserve: u64,
    /// How large it is, in its own unit.
    pub limit: Limit,
    /// How many of the new tenants still fit.
    pub still_fit: u64,
    /// The fullest resource, where the quota is one of each resource.
    pub fullest: Option<String>,
    /// What to do: a command, or words.
    pub remedy: String,
}

impl Fleet {
    /// Checks the stacks of this fleet, which are those that will exist after a run, against the quotas. `deployed` are the names of
    /// those that exist already: what they use is there whatever is known of the quota, so only what the others add can be refused. A
    /// quota that is the same in every account is checked for all.
    ///
    /// # Errors
    /// Every quota that is too small.
    pub fn admit(&self, deployed: &BTreeSet<String>, question: &Question) -> Result<Admission, Vec<Shortage>> {
        let unknown = Limits::default();
        let before = self.part(|name| deployed.contains(name));
        let new = self.part(|name| !deployed.contains(name));
        let mut shortages = Vec::new();
        for place in self.places() {
            let limits = question.limits.get(&place.account).unwrap_or(&unknown);
            let check =
                Check { place, limits, parallelism: question.parallelism, whole: self, before: &before, new: &new };
            shortages.extend(Key::ALL.iter().filter_map(|key| check.shortage(*key)));
        }
        if shortages.is_empty() {
            Ok(Admission { stacks: self.stacks.len(), new: new.stacks.len() })
        } else {
            Err(shortages)
        }
    }
}

/// The check of one account and region.
struct Check<'f> {
    place: &'f Place,
    limits: &'f Limits,
    parallelism: Option<NonZeroU64>,
    whole: &'f Fleet,
    before: &'f Fleet,
    new: &'f Fleet,
}

impl<'f> Check<'f> {
    fn gauge(&self, fleet: &'f Fleet) -> Gauge<'f> {
        Gauge { fleet, place: self.place, limits: self.limits, parallelism: self.parallelism }
    }

    fn shortage(&self, key: Key) -> Option<Shortage> {
        let quota = key.quota();
        let limit = self.limits.of(key, &self.place.region);
        let room = limit.value.saturating_mul(quota.unit.factor()).saturating_sub(quota.reserve);
        let (measured, used, still_fit) = match quota.scope {
            // The tenants file is checked for it when it is read.
            Scope::Fleet => return None,
            // Of those that are there already, nothing is created.
            Scope::Run => self.of_new(key, room),
            Scope::Resource if quota.raise != Raise::Fixed => self.of_new(key, room),
            Scope::Resource => (self.gauge(self.whole).measure(key, room), 0, self.of_new(key, room).2),
            Scope::Account | Scope::Region | Scope::EventBus => self.together(key, room)?,
        };
        let wanted = measured.used();
        if wanted <= room {
            return None;
        }
        let remedy = match quota.scope {
            Scope::Run => slower(limit.value, measured.largest()),
            _ => remedy(quota, &self.place.region, wanted.saturating_add(quota.reserve)),
        };
        let (place, reserve, fullest) = (self.place.clone(), quota.reserve, measured.fullest);
        Some(Shortage { key, place, used, wanted, reserve, limit, still_fit, fullest, remedy })
    }

    /// What the new stacks need by themselves.
    fn of_new(&self, key: Key, room: u64) -> (Measured, u64, u64) {
        let measured = self.gauge(self.new).measure(key, room);
        let fit = measured.fits(room).unwrap_or(u64::MAX).min(measured.count());
        (measured, 0, fit)
    }

    /// What all stacks need; nothing if the new ones add nothing to it.
    fn together(&self, key: Key, room: u64) -> Option<(Measured, u64, u64)> {
        let measured = self.gauge(self.whole).measure(key, room);
        let container = &measured.container;
        let there = self.gauge(self.before).sum(key, container).used();
        let mut added = self.gauge(self.new).sum(key, container);
        let by_others = self.limits.before(key);
        if added.used() <= by_others {
            return None;
        }
        added.other = added.other.saturating_sub(by_others).saturating_add(there);
        let fit = added.fits(room).unwrap_or(u64::MAX).min(added.count());
        Some((measured, there, fit))
    }
}

fn remedy(quota: &Quota, region: &str, needed: u64) -> String {
    match advice(quota, region, needed.div_ceil(quota.unit.factor())) {
        Advice::Command(text) | Advice::Words(text) => text,
    }
}

fn slower(limit: u64, largest: u64) -> String {
    let most = limit.checked_div(largest).unwrap_or(limit).max(1);
    format!("deploy fewer stacks at a time, for example with `--parallelism {most}`")
}

/// A number with its unit.
fn amount(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Count => value.to_string(),
        Unit::Characters => format!("{value} characters"),
        Unit::Bytes => format!("{value} bytes"),
        Unit::Gigabytes => format!("{} MB", value.div_ceil(1 << 20)),
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quota = self.key.quota();
        let (name, key, unit) = (quota.name, self.key.as_str(), quota.unit);
        let account =
            self.place.account.as_deref().map_or_else(String::new, |account| format!(" of account {account}"));
        let region = &self.place.region;
        let limit =
            if unit == Unit::Gigabytes { format!("{} GB", self.limit.value) } else { amount(self.limit.value, unit) };
        write!(f, "{name} (`{key}`){account} in {region}: ")?;
        match &self.fullest {
            Some(fullest) => write!(f, "{fullest} has {}", amount(self.wanted, unit))?,
            None => write!(f, "{} in use, {} wanted", amount(self.used, unit), amount(self.wanted, unit))?,
        }
        if self.reserve > 0 {
            write!(f, " and {} must stay free", self.reserve)?;
        }
        write!(f, ", limit {limit} ({})", self.limit.origin)?;
        match self.still_fit {
            0 => write!(f, "; no new tenant fits")?,
            1 => write!(f, "; 1 new tenant still fits")?,
            some => write!(f, "; {some} new tenants still fit")?,
        }
        write!(f, "\n  request: {}", self.remedy)?;
        if quota.can_differ() {
            let unchecked = if self.limit.origin == Origin::AwsDefault { "if the account has more, " } else { "" };
            write!(
                f,
                "\n  declare: {unchecked}\"quotas\": {{ \"{key}\": NUMBER }} in the tenants file, or `--quota {key}=NUMBER`"
            )?;
        }
        Ok(())
    }
}
