//! The tags of every resource.

use serde::Serialize;

use crate::{Environment, ResourceName};

/// `TenantId`, `Environment` and `ManagedBy` = `CDKTF`, the same on every type of resource; made only from a [`Tenant`] or the
/// [`Platform`].
///
/// [`Tenant`]: crate::Tenant
/// [`Platform`]: crate::Platform
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tags {
    #[serde(rename = "Environment")]
    environment: Environment,
    #[serde(rename = "ManagedBy")]
    managed_by: &'static str,
    #[serde(rename = "Name", skip_serializing_if = "Option::is_none")]
    name: Option<ResourceName>,
    #[serde(rename = "TenantId")]
    tenant_id: String,
}

impl Tags {
    /// The key of the tag that says whose a resource is, or a session.
    pub const TENANT_ID: &str = "TenantId";

    pub(crate) fn new(tenant_id: &str, environment: Environment) -> Self {
        Self { environment, managed_by: "CDKTF", name: None, tenant_id: tenant_id.to_owned() }
    }

    /// The same tags and the name, for the types that AWS names by a tag alone (a VPC and what is in it, a key).
    #[must_use]
    pub fn named(self, name: ResourceName) -> Self {
        Self { name: Some(name), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_owners_tag_is_the_one_that_is_written() {
        let tags = serde_json::to_value(Tags::new("acme", "test".parse().unwrap())).unwrap();
        assert_eq!(tags[Tags::TENANT_ID], "acme");
    }
}
