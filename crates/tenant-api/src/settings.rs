//! The settings of the function, parsed once at its cold start. The tenant comes from here and from nowhere else.

use naming::{EnvironmentSuffix, Kind, ResourceName, SuffixError, TenantId, TenantIdError, runtime};

/// Whose function this is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tenant.
    pub tenant: TenantId,
    /// The environment suffix of the tenant's stack.
    pub suffix: EnvironmentSuffix,
}

/// How AWS is reached: what Lambda sets for every function.
#[derive(Clone)]
pub struct Aws {
    /// The region.
    pub region: String,
    /// The credentials of the function's role.
    pub access_key_id: String,
    /// Their secret.
    pub secret_access_key: String,
    /// Their session.
    pub session_token: Option<String>,
    /// An emulator, in place of AWS.
    pub endpoint: Option<String>,
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
    /// The table is not the tenant's.
    #[error(
        "the environment variable `{}` names the table `{given}`, but the tenant's is `{wanted}`; deploy the tenant's stack again",
        runtime::TABLE_NAME
    )]
    Table {
        /// What the variable says.
        given: String,
        /// The name of the tenant's own table.
        wanted: ResourceName,
    },
}

impl Settings {
    /// Parses the settings from environment variables.
    ///
    /// # Errors
    /// When one is missing, illegal, or names what is not the tenant's.
    pub fn parse(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let settings = Self {
            tenant: required(lookup, runtime::TENANT_ID)?.parse()?,
            suffix: required(lookup, runtime::ENVIRONMENT_SUFFIX)?.parse()?,
        };
        let (given, wanted) = (required(lookup, runtime::TABLE_NAME)?, settings.table());
        if given == wanted.as_str() { Ok(settings) } else { Err(SettingsError::Table { given, wanted }) }
    }

    /// The tenant's table.
    pub fn table(&self) -> ResourceName {
        self.tenant.name(Kind::Metadata, &self.suffix)
    }

    /// The role by which the tenant's people and systems call the API.
    pub fn caller_role(&self) -> ResourceName {
        self.tenant.name(Kind::CallerRole, &self.suffix)
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
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL")),
        })
    }
}

fn required(lookup: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<String, SettingsError> {
    lookup(name).filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 3] = [
        (runtime::TENANT_ID, "acme-corp"),
        (runtime::ENVIRONMENT_SUFFIX, "dev"),
        (runtime::TABLE_NAME, "tenant-acme-corp-metadata-dev"),
    ];

    fn parse(changes: &[(&str, &str)]) -> Result<Settings, String> {
        let all: Vec<_> = changes.iter().chain(&GOOD).collect();
        let lookup = |name: &str| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::parse(&lookup).map_err(|error| crate::chain(&error))
    }

    #[test]
    fn what_is_missing_or_illegal_is_named() {
        assert_eq!(parse(&[]).unwrap().tenant.as_str(), "acme-corp");
        for (name, _) in GOOD {
            let message = parse(&[(name, "")]).unwrap_err();
            assert!(message.starts_with(&format!("the environment variable `{name}` is not set")), "{message}");
        }
        assert_eq!(
            parse(&[(runtime::TENANT_ID, "acme--corp")]).unwrap_err(),
            "the environment variable `TENANT_ID` holds no tenant id: tenant id `acme--corp` has two hyphens in a row; use single hyphens"
        );
    }

    /// "tenant from the environment only, validated at cold start"
    #[test]
    fn the_function_does_not_start_with_a_table_that_is_not_the_tenants() {
        for table in ["tenant-acme-metadata-dev", "tenant-acme-corp-metadata-prod", "platform-registry-dev"] {
            let message = parse(&[(runtime::TABLE_NAME, table)]).unwrap_err();
            assert!(message.contains("the tenant's is `tenant-acme-corp-metadata-dev`"), "{message}");
        }
    }
}
