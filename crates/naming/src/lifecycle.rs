//! The events of a tenant's life, by `source` and `detail-type`: what is asked of the platform, and what the platform announces.
//! Every detail carries `version`, `tenant_id` and `environment_suffix`. The one place where they are named; `crates/registry` has
//! their fields and schemas.

use std::time::Duration;

/// The platform, which announces what becomes of a tenant.
pub const SOURCE: &str = "palisade.platform";
/// Who asks for environments: sales, billing, whoever knows of customers.
pub const SIGNUP_SOURCE: &str = "palisade.signup";

/// A customer signed up: make the environment. Asked by [`SIGNUP_SOURCE`].
pub const SIGNUP: &str = "TenantSignup";
/// A customer buys another plan. Asked by [`SIGNUP_SOURCE`].
pub const PLAN_CHANGED: &str = "TenantPlanChanged";

/// The request is in the registry, or a run that makes the environment has begun.
pub const PROVISIONING: &str = "TenantProvisioning";
/// The request could not be taken, or a run failed.
pub const PROVISIONING_FAILED: &str = "TenantProvisioningFailed";
/// The environment is gone.
pub const DEPROVISIONED: &str = "TenantDeprovisioned";
/// The environment is there.
pub const PROVISIONED: &str = "TenantProvisioned";
/// The tenant is not to be served for now.
pub const SUSPENDED: &str = "TenantSuspended";
/// The tenant is served again.
pub const RESUMED: &str = "TenantResumed";
/// The tenant leaves: asked by [`SIGNUP_SOURCE`], then announced by [`SOURCE`].
pub const OFFBOARDING: &str = "TenantOffboarding";
/// A run that was lost begins again: announced by [`SOURCE`], and the platform begins it.
pub const RESTARTING: &str = "TenantRestarting";
/// The tenant's settings changed.
pub const SETTINGS_CHANGED: &str = "TenantSettingsChanged";

/// The version of the details that is understood.
pub const DETAIL_VERSION: &str = "1";

/// How long the environment of a tenant that leaves still stands: a week, in which an offboarding can be taken back.
pub const WAITING: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long the network index of a tenant that is gone rests: 30 days.
pub const QUARANTINE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long a run may take to begin before it counts as lost, and is begun again: an hour.
pub const PATIENCE: Duration = Duration::from_secs(60 * 60);
