//! The settings of the function, parsed once at its cold start.

use std::fmt;

use naming::{EnvironmentSuffix, Kind, SuffixError, TenantId, TenantIdError, runtime};

use crate::time::Day;

/// The log groups of this relay.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it reads.
    pub relayed: Relayed,
    /// The log group it writes to.
    pub central: String,
}

/// The one log group that is copied, and what its events are called in the central group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relayed {
    tenant: TenantId,
    kind: Kind,
    name: String,
}

/// What is needed to call AWS; Lambda gives it in the environment.
#[derive(Clone)]
pub struct Aws {
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
    pub(crate) endpoint: Option<String>,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("region", &self.region).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Why the function cannot start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable is not set, or is empty.
    #[error("the environment variable `{0}` is not set; deploy the tenant's stack again, which sets it")]
    Missing(&'static str),
    /// The tenant is none.
    #[error("the environment variable `{}` holds no tenant id", runtime::TENANT_ID)]
    Tenant(#[from] TenantIdError),
    /// The environment suffix is none.
    #[error("the environment variable `{}` holds no environment suffix", runtime::ENVIRONMENT_SUFFIX)]
    Suffix(#[from] SuffixError),
    /// The log group belongs to someone else, or to nobody.
    #[error(
        "the log group `{given}` is not one of tenant `{tenant}`; it must be named `tenant-{tenant}-<log>-{suffix}`"
    )]
    NotOurs {
        /// The name.
        given: String,
        /// The tenant.
        tenant: TenantId,
        /// The environment suffix.
        suffix: EnvironmentSuffix,
    },
    /// The relay would read what it writes.
    #[error("the log group `{given}` would feed the relay with what it writes itself; relay the log of the API")]
    Loop {
        /// The name.
        given: String,
    },
}

/// Looks a variable up; an empty one counts as not set.
fn required(lookup: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<String, SettingsError> {
    lookup(name).filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name))
}

impl Settings {
    /// Parses the settings from environment variables.
    ///
    /// # Errors
    /// When one is missing or illegal, or when the relay would feed itself.
    pub fn parse(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let tenant = required(lookup, runtime::TENANT_ID)?.parse()?;
        let suffix = required(lookup, runtime::ENVIRONMENT_SUFFIX)?.parse()?;
        let relayed = required(lookup, runtime::RELAYED_LOG_GROUP_NAME)?;
        let central = required(lookup, runtime::CENTRAL_LOG_GROUP_NAME)?;
        if relayed == central {
            return Err(SettingsError::Loop { given: relayed });
        }
        Ok(Self { relayed: Relayed::parse(&relayed, &tenant, &suffix)?, central })
    }
}

impl Relayed {
    /// The log group with a name, if it is the tenant's and none that the relay itself fills.
    ///
    /// # Errors
    /// When it is not.
    pub fn parse(given: &str, tenant: &TenantId, suffix: &EnvironmentSuffix) -> Result<Self, SettingsError> {
        let not_ours =
            || SettingsError::NotOurs { given: given.to_owned(), tenant: tenant.clone(), suffix: suffix.clone() };
        let kind = given
            .strip_prefix("tenant-")
            .and_then(|rest| rest.strip_prefix(tenant.as_str())?.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(suffix.as_str())?.strip_suffix('-'))
            .and_then(|kind| Kind::ALL.iter().find(|known| known.as_str() == kind))
            .ok_or_else(not_ours)?;
        match *kind {
            Kind::ApiLog => Ok(Self { tenant: tenant.clone(), kind: *kind, name: given.to_owned() }),
            // The relay writes its own log, and what it sends through the VPC stands in the flow log.
            Kind::RelayLog | Kind::FlowLog | Kind::CentralLog => Err(SettingsError::Loop { given: given.to_owned() }),
            _ => Err(not_ours()),
        }
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The name of the log group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stream of the central log group for the events of a day. The tenant's role reaches the streams `{tenant}/…` only.
    pub fn stream(&self, day: Day) -> String {
        format!("{}/{}/{day}", self.tenant, self.kind.as_str())
    }
}

impl Aws {
    /// Parses what Lambda sets for every function
    /// ([variables](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime)), and the
    /// endpoint of an emulator.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn parse(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let optional = |name| lookup(name).filter(|value| !value.is_empty());
        Ok(Self {
            region: required(lookup, "AWS_REGION")?,
            access_key_id: required(lookup, "AWS_ACCESS_KEY_ID")?,
            secret_access_key: required(lookup, "AWS_SECRET_ACCESS_KEY")?,
            session_token: optional("AWS_SESSION_TOKEN"),
            endpoint: optional("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS").or_else(|| optional("AWS_ENDPOINT_URL")),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::time::Moment;

    pub(crate) const GOOD: [(&str, &str); 4] = [
        (runtime::TENANT_ID, "acme-corp"),
        (runtime::ENVIRONMENT_SUFFIX, "dev"),
        (runtime::RELAYED_LOG_GROUP_NAME, "tenant-acme-corp-api-log-dev"),
        (runtime::CENTRAL_LOG_GROUP_NAME, "platform-central-log-dev"),
    ];

    pub(crate) fn parse(changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let all: Vec<_> = changes.iter().chain(&GOOD).collect();
        Settings::parse(&|name| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_stream_begins_with_the_tenant() {
        let settings = parse(&[]).unwrap();
        assert_eq!(settings.relayed.stream(Moment(0).day()), "acme-corp/api-log/1970-01-01");
        assert_eq!(settings.central, "platform-central-log-dev");
    }

    #[test]
    fn each_variable_is_needed() {
        for (name, _) in GOOD {
            assert_eq!(parse(&[(name, "")]).unwrap_err(), SettingsError::Missing(name));
        }
    }

    #[test]
    fn a_log_group_of_another_tenant_is_refused() {
        for given in [
            "tenant-acme-api-log-dev",
            "tenant-acme-corp-x-api-log-dev",
            "tenant-acme-corp-api-log-prod",
            "tenant-acme-corp-nothing-dev",
            "tenant-acme-corp-key-dev",
            "tenant-acme-corp",
            "",
        ] {
            let error = Relayed::parse(given, &"acme-corp".parse().unwrap(), &"dev".parse().unwrap()).unwrap_err();
            assert!(matches!(error, SettingsError::NotOurs { .. }), "{given}: {error}");
        }
    }

    #[test]
    fn the_relay_cannot_be_set_to_feed_itself() {
        for (relayed, central) in [
            ("platform-central-log-dev", "platform-central-log-dev"),
            ("tenant-acme-corp-relay-log-dev", "platform-central-log-dev"),
            ("tenant-acme-corp-flow-log-dev", "platform-central-log-dev"),
            ("tenant-acme-corp-central-log-dev", "platform-central-log-dev"),
        ] {
            let changes = [(runtime::RELAYED_LOG_GROUP_NAME, relayed), (runtime::CENTRAL_LOG_GROUP_NAME, central)];
            assert!(matches!(parse(&changes).unwrap_err(), SettingsError::Loop { .. }), "{relayed}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let aws = Aws::parse(&|name| Some(format!("value-of-{name}"))).unwrap();
        assert!(!format!("{aws:?}").contains("SECRET") && !format!("{aws:?}").contains("TOKEN"));
    }
}
