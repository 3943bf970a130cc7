//! What is known of one quota.

use serde::Serialize;

use crate::ledger::Key;

/// One quota of AWS, or of the network plan.
#[derive(Debug)]
pub struct Quota {
    /// Its name in this program, for example `vpcs-per-region`.
    pub key: Key,
    /// Its name in AWS's pages.
    pub name: &'static str,
    /// What it limits: the resources that count against it share this.
    pub scope: Scope,
    /// What is counted.
    pub unit: Unit,
    /// What an account has that asked for nothing.
    pub default: u64,
    /// Regions in which the default is another.
    pub regions: &'static [(&'static str, u64)],
    /// How it becomes larger.
    pub raise: Raise,
    /// What is in use before the first tenant, in an account that AWS has just made.
    pub before: u64,
    /// What has to stay free.
    pub reserve: u64,
    /// Where AWS says so.
    pub source: &'static str,
    /// What is uncertain, or easily overlooked.
    pub note: &'static str,
}

impl Quota {
    /// The default in a region, in the quota's unit.
    pub fn default_in(&self, region: &str) -> u64 {
        self.regions.iter().find(|(name, _)| *name == region).map_or(self.default, |(_, value)| *value)
    }

    /// The most that AWS says it can become, in the quota's unit; none where AWS does not say.
    pub fn ceiling(&self, limit: u64) -> Option<u64> {
        match self.raise {
            Raise::Fixed => Some(limit),
            Raise::Request { up_to, .. } | Raise::Ask { up_to } => match up_to {
                UpTo::Value(value) | UpTo::About { planned: value, .. } => Some(value.max(limit)),
                UpTo::Unstated => None,
            },
            Raise::Setting { .. } => None,
        }
    }

    /// Whether an account may have another value than the default.
    pub fn can_differ(&self) -> bool {
        matches!(self.raise, Raise::Request { .. } | Raise::Ask { .. })
    }
}

/// What a quota limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All resources of the kind in an account, in every region.
    Account,
    /// All of them in one region of an account.
    Region,
    /// All rules of one event bus.
    EventBus,
    /// What one resource of a stack holds: a VPC, a security group, a role, a policy. The fullest one counts.
    Resource,
    /// What happens at the same time while a fleet is deployed.
    Run,
    /// The whole fleet, in every account.
    Fleet,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Things.
    Count,
    /// Characters of a text.
    Characters,
    /// Bytes of a text.
    Bytes,
    /// Gigabytes of 2³⁰ bytes; what is in use is counted in bytes.
    Gigabytes,
}

impl Unit {
    /// How many of what is counted are one of the unit.
    pub fn factor(self) -> u64 {
        match self {
            Self::Gigabytes => 1 << 30,
            _ => 1,
        }
    }
}

/// How a quota becomes larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raise {
    /// Not at all.
    Fixed,
    /// By a request to AWS Service Quotas.
    Request {
        /// The service's code there.
        service: &'static str,
        /// The quota's code there.
        code: &'static str,
        /// How far.
        up_to: UpTo,
    },
    /// By a case at AWS Support; Service Quotas has no code for it that could be verified.
    Ask {
        /// How far.
        up_to: UpTo,
    },
    /// By a setting of this program.
    Setting {
        /// The field of the tenants file.
        field: &'static str,
    },
}

/// How far AWS says that a quota can be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpTo {
    /// To this.
    Value(u64),
    /// AWS gives words only; plans count with a number that fits them.
    About {
        /// AWS's words.
        words: &'static str,
        /// What plans count with.
        planned: u64,
    },
    /// AWS does not say.
    Unstated,
}
