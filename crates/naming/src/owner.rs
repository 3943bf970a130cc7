//! Who owns a stack: one tenant, or the platform.

use std::fmt::Display;

use ipnet::Ipv4Net;

use crate::runtime::{RELEASE_ZIP, RELEASES, STATE_PREFIX};
use crate::{
    Environment, EnvironmentSuffix, Kind, NetworkIndex, NetworkPlan, Placement, PlatformKind, Region, ResourceName,
    Tags, TenantId,
};

const _: () = assert!(
    "tenant-".len() + TenantId::MAX + 1 + Kind::MAX + 1 + EnvironmentSuffix::MAX <= ResourceName::MAX,
    "the longest tenant name must be a legal bucket name"
);
const _: () = assert!(
    "platform-".len() + PlatformKind::MAX + 1 + EnvironmentSuffix::MAX <= ResourceName::MAX,
    "the longest platform name must be a legal bucket name"
);

/// What a stack needs to know of the one it belongs to.
pub trait Owner {
    /// The name of the stack.
    fn stack_name(&self) -> String;
    /// The tags of everything in the stack.
    fn tags(&self) -> Tags;
    /// The region of the stack.
    fn region(&self) -> &Region;
    /// In which account the stack lives.
    fn placement(&self) -> &Placement;
}

/// One tenant of the fleet, with all that its stack is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Who it is.
    pub id: TenantId,
    /// In which environment.
    pub suffix: EnvironmentSuffix,
    /// What the tag `Environment` says.
    pub environment: Environment,
    /// In which region.
    pub region: Region,
    /// The network plan of the fleet.
    pub plan: NetworkPlan,
    /// Its own place in the plan.
    pub network_index: NetworkIndex,
    /// In which account.
    pub placement: Placement,
}

impl TenantId {
    /// The name of one of the tenant's resources in an environment: `tenant-{id}-{kind}-{suffix}`.
    pub fn name(&self, kind: Kind, suffix: &EnvironmentSuffix) -> ResourceName {
        ResourceName(format!("tenant-{self}-{}-{suffix}", kind.as_str()))
    }
}

impl Tenant {
    /// The name of one of the tenant's resources: `tenant-{id}-{kind}-{suffix}`.
    pub fn name(&self, kind: Kind) -> ResourceName {
        self.id.name(kind, &self.suffix)
    }

    /// The log group that gives the central view: the platform's, or one of its own for a tenant with its own account, where the
    /// platform's is out of reach.
    pub fn central_log_group(&self) -> ResourceName {
        match self.placement {
            Placement::Shared => Platform::of(self).name(PlatformKind::CentralLog),
            Placement::OwnAccount { .. } => self.name(Kind::CentralLog),
        }
    }

    /// The addresses of the tenant's VPC.
    pub fn block(&self) -> Ipv4Net {
        self.plan.block(self.network_index)
    }
}

impl Owner for Tenant {
    fn stack_name(&self) -> String {
        format!("tenant-{}-{}", self.id, self.suffix)
    }

    fn tags(&self) -> Tags {
        Tags::new(self.id.as_str(), self.environment.clone())
    }

    fn region(&self) -> &Region {
        &self.region
    }

    fn placement(&self) -> &Placement {
        &self.placement
    }
}

/// What all tenants of one environment share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// In which environment.
    pub suffix: EnvironmentSuffix,
    /// What the tag `Environment` says.
    pub environment: Environment,
    /// In which region.
    pub region: Region,
}

impl PlatformKind {
    /// The name of one of the platform's resources in an environment: `platform-{kind}-{suffix}`.
    pub fn name(self, suffix: &EnvironmentSuffix) -> ResourceName {
        ResourceName(format!("platform-{}-{suffix}", self.as_str()))
    }
}

impl Platform {
    /// The value of the tag `TenantId` on what no tenant owns; reserved, so that no tenant can have it.
    pub const TAG: &str = "platform";

    /// The name of one of the platform's resources: `platform-{kind}-{suffix}`.
    pub fn name(&self, kind: PlatformKind) -> ResourceName {
        kind.name(&self.suffix)
    }

    /// The name of a resource of any one tenant of the environment, around the tenant's id: what stands before it and behind it. No id
    /// makes of the two the name of another tenant's resource ([`TenantId::name`] is one-to-one).
    pub fn around_tenant(&self, kind: Kind) -> [String; 2] {
        ["tenant-".to_owned(), format!("-{}-{}", kind.as_str(), self.suffix)]
    }

    /// The name of any one tenant's stack, around the tenant's id.
    pub fn around_stack(&self) -> [String; 2] {
        Self::around_stack_of(&self.suffix)
    }

    /// The same, of an environment.
    pub fn around_stack_of(suffix: &EnvironmentSuffix) -> [String; 2] {
        [STATE_PREFIX.to_owned(), format!("-{suffix}")]
    }

    /// Where the zip of a release lies, as CodeBuild names it: the platform's bucket of states, and the key.
    pub fn release_location_of(suffix: &EnvironmentSuffix, release: impl Display) -> String {
        format!("{}/{RELEASES}/{release}/{RELEASE_ZIP}", PlatformKind::State.name(suffix))
    }

    /// The platform of a tenant's environment: what is shared is named, never referenced.
    pub fn of(tenant: &Tenant) -> Self {
        Self { suffix: tenant.suffix.clone(), environment: tenant.environment.clone(), region: tenant.region.clone() }
    }
}

impl Owner for Platform {
    fn stack_name(&self) -> String {
        format!("platform-{}", self.suffix)
    }

    fn tags(&self) -> Tags {
        Tags::new(Self::TAG, self.environment.clone())
    }

    fn region(&self) -> &Region {
        &self.region
    }

    fn placement(&self) -> &Placement {
        &Placement::Shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tenant(id: &str, suffix: &str) -> Tenant {
        let plan = NetworkPlan::default();
        Tenant {
            id: id.parse().unwrap(),
            suffix: suffix.parse().unwrap(),
            environment: "test".parse().unwrap(),
            region: Region::default(),
            plan,
            network_index: plan.index(0).unwrap(),
            placement: Placement::Shared,
        }
    }

    #[test]
    fn what_stands_around_an_id_makes_the_tenants_names() {
        let tenant = tenant("acme-corp", "dev");
        let platform = Platform::of(&tenant);
        for kind in Kind::ALL {
            assert_eq!(platform.around_tenant(*kind).join("acme-corp"), tenant.name(*kind).as_str());
        }
        assert_eq!(platform.around_stack().join("acme-corp"), tenant.stack_name());
    }

    fn ids() -> impl Strategy<Value = String> {
        // Ids that are made of kinds, hyphens and short words: where a clash would be, if there were one.
        let word = prop_oneof![
            proptest::sample::select(Kind::ALL).prop_map(|kind| kind.as_str().to_owned()),
            "[a-z][a-z0-9]{0,3}"
        ];
        proptest::collection::vec(word, 1..4)
            .prop_map(|words| words.join("-"))
            .prop_filter("legal", |id| id.parse::<TenantId>().is_ok())
    }

    proptest! {
        /// "Every name is `tenant-{tenant_id}-{resource}-{environmentSuffix}`", and no two things share one.
        #[test]
        fn names_are_one_to_one_over_tenant_kind_and_suffix(
            (a, b) in (ids(), ids()),
            (k, l) in (proptest::sample::select(Kind::ALL), proptest::sample::select(Kind::ALL)),
            (s, t) in ("[a-z0-9]{1,12}", "[a-z0-9]{1,12}"),
        ) {
            let one = tenant(&a, &s).name(k);
            let other = tenant(&b, &t).name(l);
            prop_assert_eq!(one == other, (&a, k, &s) == (&b, l, &t), "{} and {}", one, other);
        }

        #[test]
        fn every_name_fits_a_bucket(id in "[a-z][a-z0-9]{29}", kind in proptest::sample::select(Kind::ALL), suffix in "[a-z0-9]{12}") {
            prop_assert!(tenant(&id, &suffix).name(kind).as_str().len() <= ResourceName::MAX);
        }
    }

    #[test]
    fn no_tenant_name_is_a_platform_name() {
        let tenant = tenant("acme", "dev");
        assert!(Kind::ALL.iter().all(|kind| !tenant.name(*kind).as_str().starts_with("platform-")));
        assert!(Platform::TAG.parse::<TenantId>().is_err());
    }
}
