//! The JSON Schemas of the details, for those who send and take events. Tests hold them to the types, both ways.

use naming::lifecycle;

/// The schema of a detail that may be asked, by `detail-type`.
pub fn of_asked(detail_type: &str) -> Option<&'static str> {
    Some(match detail_type {
        lifecycle::SIGNUP => include_str!("../../schema/asked/TenantSignup.schema.json"),
        lifecycle::OFFBOARDING => include_str!("../../schema/asked/TenantOffboarding.schema.json"),
        lifecycle::PLAN_CHANGED => include_str!("../../schema/asked/TenantPlanChanged.schema.json"),
        _ => return None,
    })
}

/// The schema of a detail that is announced, by `detail-type`.
pub fn of_announced(detail_type: &str) -> Option<&'static str> {
    Some(match detail_type {
        lifecycle::PROVISIONING => include_str!("../../schema/announced/TenantProvisioning.schema.json"),
        lifecycle::PROVISIONED => include_str!("../../schema/announced/TenantProvisioned.schema.json"),
        lifecycle::PROVISIONING_FAILED => include_str!("../../schema/announced/TenantProvisioningFailed.schema.json"),
        lifecycle::DEPROVISIONED => include_str!("../../schema/announced/TenantDeprovisioned.schema.json"),
        lifecycle::OFFBOARDING => include_str!("../../schema/announced/TenantOffboarding.schema.json"),
        lifecycle::SUSPENDED => include_str!("../../schema/announced/TenantSuspended.schema.json"),
        lifecycle::RESUMED => include_str!("../../schema/announced/TenantResumed.schema.json"),
        lifecycle::RESTARTING => include_str!("../../schema/announced/TenantRestarting.schema.json"),
        _ => return None,
    })
}
