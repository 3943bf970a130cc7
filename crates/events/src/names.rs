//! The events that the platform takes and gives, by `source` and `detail-type`. Every detail carries `version`, `tenant_id` and
//! `environment_suffix`.

pub use naming::lifecycle::{
    DETAIL_VERSION, OFFBOARDING as TENANT_OFFBOARDING, PROVISIONED as TENANT_PROVISIONED, RESUMED as TENANT_RESUMED,
    SETTINGS_CHANGED as TENANT_SETTINGS_CHANGED, SOURCE as PLATFORM_SOURCE, SUSPENDED as TENANT_SUSPENDED,
};

/// Who announces signups and offboardings.
pub const SIGNUP_SOURCE: &str = "palisade.signup";

/// A customer signed up: make the environment.
pub const TENANT_SIGNUP: &str = "TenantSignup";

/// The request is in the registry and under way.
pub const TENANT_PROVISIONING: &str = "TenantProvisioning";
/// The request could not be taken, or the environment could not be made.
pub const TENANT_PROVISIONING_FAILED: &str = "TenantProvisioningFailed";
