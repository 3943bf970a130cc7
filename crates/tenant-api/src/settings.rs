//! The settings of the function, parsed once at its cold start.

use naming::{EnvironmentSuffix, SuffixError, TenantId, TenantIdError, runtime};

/// Whose function this is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tenant.
    pub tenant: TenantId,
    /// The environment suffix of the tenant's stack.
    pub suffix: EnvironmentSuffix,
}

/// Why the function cannot start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable is not set.
    #[error("the environment variable `{0}` is not set; deploy the tenant's stack again, which sets it")]
    Missing(&'static str),
    /// The tenant is none.
    #[error("the environment variable `{}` holds no tenant id", runtime::TENANT_ID)]
    Tenant(#[from] TenantIdError),
    /// The environment suffix is none.
    #[error("the environment variable `{}` holds no environment suffix", runtime::ENVIRONMENT_SUFFIX)]
    Suffix(#[from] SuffixError),
}

impl Settings {
    /// Parses the settings from environment variables.
    ///
    /// # Errors
    /// When one is missing or illegal.
    pub fn parse(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let required = |name| lookup(name).ok_or(SettingsError::Missing(name));
        Ok(Self {
            tenant: required(runtime::TENANT_ID)?.parse()?,
            suffix: required(runtime::ENVIRONMENT_SUFFIX)?.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_illegal_is_named() {
        let parse = |tenant: Option<&str>, suffix: Option<&str>| {
            let value = |name: &str| if name == runtime::TENANT_ID { tenant } else { suffix };
            Settings::parse(&|name| value(name).map(str::to_owned)).map_err(|error| crate::chain(&error))
        };
        assert_eq!(parse(Some("acme-corp"), Some("dev")).unwrap().tenant.as_str(), "acme-corp");
        let message = |tenant, suffix| parse(tenant, suffix).unwrap_err();
        assert!(message(None, Some("dev")).starts_with("the environment variable `TENANT_ID` is not set"));
        assert!(message(Some("acme"), None).starts_with("the environment variable `ENVIRONMENT_SUFFIX` is not set"));
        assert_eq!(
            message(Some("acme--corp"), Some("dev")),
            "the environment variable `TENANT_ID` holds no tenant id: tenant id `acme--corp` has two hyphens in a row; use single hyphens"
        );
    }
}
