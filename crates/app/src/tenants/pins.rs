//! Pins: a tenant stays on a release while the fleet goes on.
//!
//! On the platform, builds of the tenant run that release. Where the registry lies beside the tenants file, this program is the release: there a
//! tenant can be pinned to what made its environment, and its stack is left at what is deployed, as by `app deploy --pin`.

use std::error::Error;

use naming::{Owner, TenantId};
use registry::{Applied, Entry, Release, Request, RequestId};
use runner::Records;

use super::{Project, TenantsError};

/// Why a tenant cannot be pinned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    /// Which release made it is not known.
    #[error(
        "no release is recorded that made the environment of tenant `{tenant}`; deploy it first, or name the release"
    )]
    NothingDeployed {
        /// Who.
        tenant: TenantId,
    },
    /// Another release made it.
    #[error(
        "the environment of tenant `{tenant}` was made by release {made}, not {wanted}; where the registry lies beside the tenants file, a tenant \
         can be pinned to what is deployed: leave the version out, or deploy the tenant with release {wanted} first"
    )]
    OtherRelease {
        /// Who.
        tenant: TenantId,
        /// What made it.
        made: Release,
        /// What was named.
        wanted: Release,
    },
}

impl Project {
    /// Pins a tenant, to the release that made its environment where none is named.
    pub(super) fn pin(
        &self,
        id: &TenantId,
        request_id: RequestId,
        named: Option<&Release>,
    ) -> Result<Applied, Box<dyn Error>> {
        let made = self.known(id)?.release;
        let release = match (named, made) {
            (Some(wanted), Some(made)) if self.is_beside_the_file() && made != *wanted => {
                return Err(PinError::OtherRelease { tenant: id.clone(), made, wanted: wanted.clone() }.into());
            }
            (Some(wanted), made) if made.is_some() || !self.is_beside_the_file() => wanted.clone(),
            (None, Some(made)) => made,
            (_, None) | (Some(_), Some(_)) => return Err(PinError::NothingDeployed { tenant: id.clone() }.into()),
        };
        // What holds comes first, so that a kill leaves no pin that is told and does not hold.
        self.hold(id, Records::pin)?;
        Ok(self.apply(id, request_id, Request::Pin { release: Some(release) })?)
    }

    /// Lets a tenant follow the fleet again.
    pub(super) fn unpin(&self, id: &TenantId, request_id: RequestId) -> Result<Applied, Box<dyn Error>> {
        self.known(id)?;
        let applied = self.apply(id, request_id, Request::Pin { release: None })?;
        self.hold(id, Records::unpin)?;
        Ok(applied)
    }

    fn known(&self, id: &TenantId) -> Result<Entry, Box<dyn Error>> {
        Ok(self.registry.entry(id)?.ok_or_else(|| TenantsError::Unknown { tenant: id.clone() })?)
    }

    fn is_beside_the_file(&self) -> bool {
        self.registry.store().files().is_some()
    }

    /// Notes in the record of the tenant's stack whether it is left as it is.
    fn hold(
        &self,
        id: &TenantId,
        change: impl FnOnce(&Records, &str) -> Result<(), runner::RecordError>,
    ) -> Result<(), Box<dyn Error>> {
        let listed = self.fleet.tenants.iter().find(|listed| listed.tenant.id == *id);
        match listed.filter(|_| self.is_beside_the_file()) {
            Some(listed) => Ok(change(&self.records, &listed.tenant.stack_name())?),
            None => Ok(()),
        }
    }
}
