//! The settings of the function, parsed once at its cold start.

use std::num::ParseIntError;
use std::time::Duration;

use ipnet::Ipv4Net;
use naming::{EnvironmentSuffix, NetworkPlan, NetworkPlanError, PlatformKind, ResourceName, SuffixError, runtime};
use registry::{Release, ReleaseError, Rules, Runs};

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What holds for all tenants.
    pub rules: Rules,
    /// The table of the registry.
    pub table: ResourceName,
    /// The most tenants with an environment.
    pub tenant_limit: u64,
    /// The release that builds run, where a tenant is pinned to no other.
    pub release: Release,
    /// For how long a run has the lease of a tenant.
    pub lease: Duration,
}

/// Why the function cannot start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable is not set.
    #[error("the environment variable `{0}` is not set; deploy the platform's stack again, which sets it")]
    Missing(&'static str),
    /// The environment suffix is none.
    #[error("the environment variable `{}` holds no environment suffix", runtime::ENVIRONMENT_SUFFIX)]
    Suffix(#[from] SuffixError),
    /// A number is none.
    #[error("the environment variable `{name}` holds no number")]
    Number {
        /// The variable.
        name: &'static str,
        /// What is wrong.
        source: ParseIntError,
    },
    /// The release is none.
    #[error("the environment variable `{}` holds no release", runtime::RELEASE)]
    Release(#[from] ReleaseError),
    /// The addresses are none.
    #[error("the environment variable `{}` holds no block of addresses", runtime::NETWORK_SUPERNET)]
    Addresses(#[from] ipnet::AddrParseError),
    /// The plan is none.
    #[error("the network plan of the environment variables is none")]
    Plan(#[from] NetworkPlanError),
    /// The table is not the environment's.
    #[error(
        "the environment variable `{}` names the table `{given}`, but the registry's is `{wanted}`; deploy the platform's stack again",
        runtime::TABLE_NAME
    )]
    Table {
        /// What the variable says.
        given: String,
        /// The registry's name.
        wanted: ResourceName,
    },
}

impl Settings {
    /// Parses the settings from environment variables.
    ///
    /// # Errors
    /// When one is missing or illegal, or names what is not the environment's.
    pub fn parse(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let suffix: EnvironmentSuffix = required(lookup, runtime::ENVIRONMENT_SUFFIX)?.parse()?;
        let supernet: Ipv4Net = required(lookup, runtime::NETWORK_SUPERNET)?.parse()?;
        let length: u8 = number(lookup, runtime::NETWORK_PREFIX_LENGTH)?;
        let network = NetworkPlan::new(supernet, length)?;
        let table = PlatformKind::Registry.name(&suffix);
        let given = required(lookup, runtime::TABLE_NAME)?;
        if given != table.as_str() {
            return Err(SettingsError::Table { given, wanted: table });
        }
        let waiting = Duration::from_secs(number(lookup, runtime::WAITING_SECONDS)?);
        let quarantine = Duration::from_secs(number(lookup, runtime::QUARANTINE_SECONDS)?);
        Ok(Self {
            rules: Rules { waiting, quarantine, runs: Runs::ByEvent, ..Rules::new(suffix, network) },
            table,
            tenant_limit: number(lookup, runtime::TENANT_LIMIT)?,
            release: required(lookup, runtime::RELEASE)?.parse()?,
            lease: Duration::from_secs(number(lookup, runtime::LEASE_SECONDS)?),
        })
    }
}

pub(crate) fn required(lookup: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<String, SettingsError> {
    lookup(name).filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name))
}

fn number<T: std::str::FromStr<Err = ParseIntError>>(
    lookup: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<T, SettingsError> {
    required(lookup, name)?.parse().map_err(|source| SettingsError::Number { name, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 9] = [
        (runtime::ENVIRONMENT_SUFFIX, "dev"),
        (runtime::TABLE_NAME, "platform-registry-dev"),
        (runtime::NETWORK_SUPERNET, "10.0.0.0/8"),
        (runtime::NETWORK_PREFIX_LENGTH, "16"),
        (runtime::TENANT_LIMIT, "256"),
        (runtime::RELEASE, "0.1.0"),
        (runtime::LEASE_SECONDS, "3600"),
        (runtime::WAITING_SECONDS, "604800"),
        (runtime::QUARANTINE_SECONDS, "2592000"),
    ];

    fn parse(changes: &[(&str, &str)]) -> Result<Settings, String> {
        let all: Vec<_> = changes.iter().chain(&GOOD).collect();
        let lookup = |name: &str| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::parse(&lookup).map_err(|error| crate::chain(&error))
    }

    #[test]
    fn what_is_missing_or_illegal_is_named() {
        assert_eq!(parse(&[]).unwrap().rules.network.capacity(), 256);
        for (name, _) in GOOD {
            let message = parse(&[(name, "")]).unwrap_err();
            assert!(message.starts_with(&format!("the environment variable `{name}` is not set")), "{message}");
        }
        for (name, value) in [
            (runtime::ENVIRONMENT_SUFFIX, "de-v"),
            (runtime::NETWORK_SUPERNET, "10.0.0.0"),
            (runtime::NETWORK_PREFIX_LENGTH, "x"),
            (runtime::TENANT_LIMIT, "-1"),
            (runtime::LEASE_SECONDS, "1h"),
            (runtime::RELEASE, "../0.1.0"),
        ] {
            let message = parse(&[(name, value)]).unwrap_err();
            assert!(message.contains(name), "{name}: {message}");
        }
        assert!(parse(&[(runtime::NETWORK_PREFIX_LENGTH, "8")]).unwrap_err().starts_with("the network plan"));
    }

    #[test]
    fn the_function_does_not_start_with_the_registry_of_another_environment() {
        let message = parse(&[(runtime::TABLE_NAME, "platform-registry-prod")]).unwrap_err();
        assert!(message.contains("the registry's is `platform-registry-dev`"), "{message}");
    }
}
