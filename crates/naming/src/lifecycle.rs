//! The events of a tenant's life, by `source` and `detail-type`, which the platform announces and the tenant's function takes.
//! Every detail carries `version`, `tenant_id` and `environment_suffix`.

/// The platform, which announces them.
pub const SOURCE: &str = "palisade.platform";

/// The environment is there.
pub const PROVISIONED: &str = "TenantProvisioned";
/// The tenant is not to be served for now.
pub const SUSPENDED: &str = "TenantSuspended";
/// The tenant is served again.
pub const RESUMED: &str = "TenantResumed";
/// The tenant leaves.
pub const OFFBOARDING: &str = "TenantOffboarding";
/// The tenant's settings changed.
pub const SETTINGS_CHANGED: &str = "TenantSettingsChanged";

/// The version of the details that is understood.
pub const DETAIL_VERSION: &str = "1";
