//! How much an account has of each quota, and who says so.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;

use crate::ledger::Key;

/// Who says how large a quota is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// AWS's default.
    AwsDefault,
    /// `quotas` in the tenants file.
    TenantsFile,
    /// The account itself was asked.
    Account,
    /// `--quota`.
    Flag,
    /// The network plan.
    NetworkPlan,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AwsDefault => "AWS's default",
            Self::TenantsFile => "`quotas` in the tenants file",
            Self::Account => "read from the account",
            Self::Flag => "`--quota`",
            Self::NetworkPlan => "the network plan",
        })
    }
}

/// The size of a quota, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How much.
    pub value: u64,
    /// Who says so.
    pub origin: Origin,
}

/// What is known of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    limits: BTreeMap<Key, Limit>,
    before: BTreeMap<Key, u64>,
}

impl Limits {
    /// Sets a quota, in its own unit. The later of two counts.
    pub fn set(&mut self, key: Key, limit: Limit) {
        self.limits.insert(key, limit);
    }

    /// Sets how much others in the account use, in what is counted.
    pub fn set_before(&mut self, key: Key, used: u64) {
        self.before.insert(key, used);
    }

    /// How large a quota is in a region.
    pub fn of(&self, key: Key, region: &str) -> Limit {
        let default = Limit { value: key.quota().default_in(region), origin: Origin::AwsDefault };
        self.limits.get(&key).copied().unwrap_or(default)
    }

    /// What others in the account use: as it was read, else what a new account comes with.
    pub fn before(&self, key: Key) -> u64 {
        self.before.get(&key).copied().unwrap_or(key.quota().before)
    }
}

/// Why a text names no quota that an account can have in another size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is none of this name.
    #[error("there is no quota `{given}`; {}", hint(*nearest))]
    Unknown {
        /// The text as it was given.
        given: String,
        /// The name that looks most like it.
        nearest: Option<&'static str>,
    },
    /// It is the same in every account.
    #[error("the quota `{0}` is the same in every account; it cannot be raised or declared")]
    Fixed(&'static str),
}

fn hint(nearest: Option<&'static str>) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`app capacity --format json` names them all".to_owned(),
    }
}

/// The most characters of a wrong name that are compared and shown.
const SHOWN: usize = 60;

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        match Self::ALL.iter().find(|key| key.as_str() == text) {
            Some(key) if key.quota().can_differ() => Ok(*key),
            Some(key) => Err(KeyError::Fixed(key.as_str())),
            None => {
                let given: String = text.chars().take(SHOWN).flat_map(char::escape_default).collect();
                let scored = Self::declarable().map(|key| (strsim::jaro_winkler(&given, key.as_str()), key.as_str()));
                let best = scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
                Err(KeyError::Unknown { given, nearest: best.map(|(_, name)| name) })
            }
        }
    }
}

impl Key {
    /// The quotas that may differ from account to account, and so can be declared.
    pub fn declarable() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|key| key.quota().can_differ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_names_get_the_nearest_one() {
        assert_eq!("vpcs-per-region".parse(), Ok(Key::VpcsPerRegion));
        let said = |text: &str| text.parse::<Key>().unwrap_err().to_string();
        assert_eq!(said("vpc-per-region"), "there is no quota `vpc-per-region`; did you mean `vpcs-per-region`?");
        assert!(said("wombats").ends_with("`app capacity --format json` names them all"));
        assert!(said("bucket-policy-bytes").contains("is the same in every account"));
        assert!(said("network-plan-blocks").contains("cannot be raised or declared"));
    }

    #[test]
    fn what_is_said_of_an_account_takes_the_place_of_the_default() {
        let mut limits = Limits::default();
        assert_eq!((limits.of(Key::VpcsPerRegion, "us-east-1").value, limits.before(Key::VpcsPerRegion)), (5, 1));
        limits.set(Key::VpcsPerRegion, Limit { value: 300, origin: Origin::TenantsFile });
        limits.set_before(Key::VpcsPerRegion, 0);
        assert_eq!((limits.of(Key::VpcsPerRegion, "us-east-1").value, limits.before(Key::VpcsPerRegion)), (300, 0));
    }
}
