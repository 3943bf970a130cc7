//! The ledger of a fleet: for each quota what is in use, how many tenants fit, and what to ask AWS for.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::{Serialize, Serializer};

use crate::fleet::{Fleet, Place};
use crate::ledger::Key;
use crate::limits::{Limit, Limits, Origin};
use crate::measure::Gauge;
use crate::quota::{Quota, Raise, Scope, Unit};
use crate::request::{Advice, advice};

/// The JSON Schema of a [`Report`].
pub const SCHEMA: &str = include_str!("../schema/capacity.schema.json");

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// How many tenants there shall be in the shared account; as many as there are, if nothing is said.
    pub tenants: Option<u64>,
    /// How many stacks are deployed at a time; all of them, if nothing is said.
    pub parallelism: Option<NonZeroU64>,
    /// What is known of each account; of others, AWS's defaults. `None` is the shared account.
    pub limits: BTreeMap<Option<String>, Limits>,
    /// The network plan. Told with the shared account.
    pub blocks: Option<Blocks>,
}

/// The blocks of the network plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// How many are taken, also by removed tenants and by tenants in accounts of their own.
    pub taken: u64,
    /// How many there are.
    pub total: u64,
    /// The prefix length of one.
    pub prefix_length: u8,
    /// The longest prefix that a plan may have.
    pub longest: u8,
}

/// The account of a fleet's quotas.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this document's form.
    pub format_version: &'static str,
    /// Whether every account holds the tenants that are asked for.
    pub fits: bool,
    /// One ledger for each account and region, the shared account first.
    pub accounts: Vec<AccountLedger>,
    /// What of the stacks could not be counted.
    pub uncounted: Vec<String>,
    /// What could not be read from the account, and why; AWS's defaults or what was declared counts for it.
    pub unread: Vec<String>,
}

/// The quotas of one account and region.
#[derive(Clone, Debug, Serialize)]
pub struct AccountLedger {
    /// The account; none for the one that Terraform's own credentials lead to.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// How many tenants are there.
    pub tenants: u64,
    /// How many are asked for.
    pub wanted: u64,
    /// How many fit.
    pub fits: Fits,
    /// The quota that bites first.
    pub bites_first: Option<Key>,
    /// What more accounts would do.
    pub cells: Option<Cells>,
    /// One row for each quota: first that which bites first.
    pub rows: Vec<Row>,
}

/// Accounts as cells: what the tenants that are asked for need when every quota is raised as far as AWS says it can be.
#[derive(Clone, Debug, Serialize)]
pub struct Cells {
    /// How many tenants an account holds then.
    pub tenants_per_account: u64,
    /// How many accounts that makes.
    pub accounts: u64,
    /// How many of the tenants that are asked for each of them gets; requests are for so many.
    pub tenants_in_each: u64,
    /// The quota that sets it.
    pub limited_by: Key,
}

/// How many tenants fit; as JSON a number, or `null` for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fits {
    /// Any number.
    Any,
    /// At most this many.
    AtMost(u64),
}

impl Fits {
    fn of(fits: Option<u64>) -> Self {
        fits.map_or(Self::Any, Self::AtMost)
    }

    /// Whether so many fit.
    pub fn holds(self, tenants: u64) -> bool {
        match self {
            Self::Any => true,
            Self::AtMost(most) => tenants <= most,
        }
    }

    pub(crate) fn order(self) -> u64 {
        match self {
            Self::Any => u64::MAX,
            Self::AtMost(most) => most,
        }
    }
}

impl Serialize for Fits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => serializer.serialize_none(),
            Self::AtMost(most) => serializer.serialize_u64(*most),
        }
    }
}

/// One quota in one account.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The quota.
    pub key: Key,
    /// Its name in AWS's pages.
    pub name: &'static str,
    /// What it limits.
    pub scope: Scope,
    /// What `limit` counts.
    pub unit: Unit,
    /// What is in use: by the stacks, and by others as far as that is known. Of gigabytes, the bytes.
    pub used: u64,
    /// Of that, what is there without the stacks.
    pub before: u64,
    /// What one more tenant uses.
    pub per_tenant: u64,
    /// What has to stay free.
    pub reserve: u64,
    /// How large the quota is.
    pub limit: u64,
    /// Who says so.
    pub limit_from: Origin,
    /// How many tenants fit.
    pub fits: Fits,
    /// What the tenants that are asked for need, with what has to stay free. Of gigabytes, the bytes.
    pub needed: u64,
    /// Whether that is too much.
    pub short: bool,
    /// The fullest resource, where the quota is one of each resource.
    pub fullest: Option<String>,
    /// The service's code in AWS Service Quotas, if it can be asked for there.
    pub service_code: Option<&'static str>,
    /// The quota's code in AWS Service Quotas, if it can be asked for there.
    pub quota_code: Option<&'static str>,
    /// The command that asks for enough, if there is too little.
    pub request: Option<String>,
    /// What to do where no command helps.
    pub advice: Option<String>,
    /// For how many days what is destroyed still counts.
    pub lingers_days: Option<u64>,
    /// How many tenants can be replaced each day for that reason, with the fleet as it is.
    pub replaced_per_day: Option<u64>,
    /// Where AWS says so.
    pub source: &'static str,
    /// What is uncertain, or easily overlooked.
    pub note: &'static str,
}

impl Row {
    /// The share of the quota that is in use, in percent.
    pub fn percent(&self) -> u64 {
        let room = self.limit.saturating_mul(self.unit.factor());
        self.used.saturating_add(self.reserve).saturating_mul(100).checked_div(room).unwrap_or(100)
    }
}

impl Fleet {
    /// The ledger of this fleet.
    pub fn report(&self, question: &Question) -> Report {
        let unknown = Limits::default();
        let accounts: Vec<AccountLedger> = self
            .places()
            .into_iter()
            .map(|place| {
                let limits = question.limits.get(&place.account).unwrap_or(&unknown);
                self.account(&Gauge { fleet: self, place, limits, parallelism: question.parallelism }, question)
            })
            .collect();
        let fits = accounts.iter().all(|account| account.rows.iter().all(|row| !row.short));
        Report { format_version: "1", fits, accounts, uncounted: self.uncounted(), unread: Vec::new() }
    }

    fn account(&self, gauge: &Gauge<'_>, question: &Question) -> AccountLedger {
        let Place { account, region } = gauge.place.clone();
        let shared = account.is_none();
        let tenants = u64::try_from(gauge.tenants().count()).unwrap_or(u64::MAX);
        let wanted = question.tenants.filter(|_| shared).unwrap_or(tenants);
        let cells = cells(gauge, wanted);
        let share = cells.as_ref().map_or(wanted, |cells| cells.tenants_in_each);
        let mut rows = Vec::new();
        for key in Key::ALL.iter().copied() {
            let quota = key.quota();
            if quota.scope == Scope::Fleet {
                rows.extend(question.blocks.filter(|_| shared).map(|blocks| block_row(key, blocks, (tenants, wanted))));
                continue;
            }
            let limit = gauge.limits.of(key, &region);
            let room = |value: u64| value.saturating_mul(quota.unit.factor()).saturating_sub(quota.reserve);
            let measured = gauge.measure(key, room(limit.value));
            let fits = measured.fits(room(limit.value));
            let mut row = row(quota, limit, (measured.used(), measured.per_tenant), fits);
            row.before = if quota.scope == Scope::Resource { 0 } else { gauge.limits.before(key) };
            row.fullest = measured.fullest.clone();
            row.needed = measured.needed(wanted).saturating_add(quota.reserve);
            row.lingers_days = self.lingers(key);
            row.replaced_per_day = row.lingers_days.and_then(|days| {
                let free = room(limit.value).saturating_sub(measured.used());
                free.checked_div(measured.per_tenant.max(1))?.checked_div(days)
            });
            row.short = row.needed > limit.value.saturating_mul(quota.unit.factor());
            // With several accounts, each is asked for its share.
            let in_each = measured.needed(share.max(tenants.min(wanted))).saturating_add(quota.reserve);
            let in_each = if cells.as_ref().is_some_and(|cells| cells.accounts > 1) { in_each } else { row.needed };
            if in_each > limit.value.saturating_mul(quota.unit.factor()) {
                match advice(quota, &region, in_each.div_ceil(quota.unit.factor())) {
                    Advice::Command(command) => row.request = Some(command),
                    Advice::Words(words) => row.advice = Some(words),
                }
            }
            rows.push(row);
        }
        rows.sort_by_key(|row| (row.fits.order(), u64::MAX - row.percent()));
        let first = rows.first().filter(|row| row.fits != Fits::Any);
        AccountLedger {
            fits: first.map_or(Fits::Any, |row| row.fits),
            bites_first: first.map(|row| row.key),
            account,
            region,
            tenants,
            wanted,
            cells,
            rows,
        }
    }
}

fn row(quota: &'static Quota, limit: Limit, (used, per_tenant): (u64, u64), fits: Option<u64>) -> Row {
    let (service_code, quota_code) = match quota.raise {
        Raise::Request { service, code, .. } => (Some(service), Some(code)),
        _ => (None, None),
    };
    Row {
        key: quota.key,
        name: quota.name,
        scope: quota.scope,
        unit: quota.unit,
        used,
        before: 0,
        per_tenant,
        reserve: quota.reserve,
        limit: limit.value,
        limit_from: limit.origin,
        fits: Fits::of(fits),
        needed: used,
        short: false,
        fullest: None,
        service_code,
        quota_code,
        request: None,
        advice: None,
        lingers_days: None,
        replaced_per_day: None,
        source: quota.source,
        note: quota.note,
    }
}

/// How many accounts hold so many tenants, when every quota is as large as AWS says it can be.
fn cells(gauge: &Gauge<'_>, wanted: u64) -> Option<Cells> {
    let each = Key::ALL.iter().copied().filter(|key| !matches!(key.quota().scope, Scope::Run | Scope::Fleet));
    let most = each.filter_map(|key| {
        let quota = key.quota();
        let ceiling = quota.ceiling(gauge.limits.of(key, &gauge.place.region).value)?;
        let room = ceiling.saturating_mul(quota.unit.factor()).saturating_sub(quota.reserve);
        Some((gauge.measure(key, room).fits(room)?, key))
    });
    let (tenants_per_account, limited_by) = most.min()?;
    let accounts = (tenants_per_account > 0).then(|| wanted.div_ceil(tenants_per_account))?.max(1);
    Some(Cells { tenants_per_account, accounts, tenants_in_each: wanted.div_ceil(accounts), limited_by })
}

fn block_row(key: Key, blocks: Blocks, (tenants, wanted): (u64, u64)) -> Row {
    let Blocks { taken, total, prefix_length, longest } = blocks;
    let fits = tenants.saturating_add(total.saturating_sub(taken));
    let limit = Limit { value: total, origin: Origin::NetworkPlan };
    let mut row = row(key.quota(), limit, (taken, 1), Some(fits));
    row.needed = taken.saturating_sub(tenants).saturating_add(wanted);
    row.short = row.needed > total;
    if row.short {
        let halvings = row.needed.div_ceil(total.max(1)).next_power_of_two().trailing_zeros();
        let needed = u32::from(prefix_length).saturating_add(halvings);
        row.advice = Some(if needed <= u32::from(longest) {
            format!("set `network.prefix_length` to {needed} before the first deployment")
        } else {
            "divide the tenants among several tenants files, each with a supernet of its own".to_owned()
        });
    }
    row
}
