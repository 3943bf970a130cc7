//! The events that the platform takes and gives, by `source` and `detail-type`. Every detail carries `version`, `tenant_id` and
//! `environment_suffix`.

/// Who announces signups and offboardings.
pub const SIGNUP_SOURCE: &str = "palisade.signup";
/// The platform itself.
pub const PLATFORM_SOURCE: &str = "palisade.platform";

/// A customer signed up: make the environment.
pub const TENANT_SIGNUP: &str = "TenantSignup";
/// A customer leaves: take the environment down.
pub const TENANT_OFFBOARDING: &str = "TenantOffboarding";

/// The request is in the registry and under way.
pub const TENANT_PROVISIONING: &str = "TenantProvisioning";
/// The environment is there.
pub const TENANT_PROVISIONED: &str = "TenantProvisioned";
/// The request could not be taken, or the environment could not be made.
pub const TENANT_PROVISIONING_FAILED: &str = "TenantProvisioningFailed";
/// The tenant is not to be served for now.
pub const TENANT_SUSPENDED: &str = "TenantSuspended";
/// The tenant is served again.
pub const TENANT_RESUMED: &str = "TenantResumed";
/// The tenant's settings changed.
pub const TENANT_SETTINGS_CHANGED: &str = "TenantSettingsChanged";

/// The version of the details that the rules take.
pub const DETAIL_VERSION: &str = "1";
