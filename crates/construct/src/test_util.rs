//! Stand-ins for what other families declare. Only for tests (feature `test-util`).

use naming::{NetworkPlan, Owner, Placement, Platform, Region, Tenant};
use serde::Serialize;
use serde_json::Value;

use crate::{Address, Attr, Backend, Expr, Resource, Settings, Stack};

#[derive(Serialize)]
struct StandIn {}

impl Resource for StandIn {
    const TYPE: &'static str = "stand_in";
}

/// A tenant of the default network plan.
///
/// # Panics
/// When the id is not one.
#[expect(clippy::expect_used, reason = "for tests")]
pub fn tenant(id: &str) -> Tenant {
    let plan = NetworkPlan::default();
    Tenant {
        id: id.parse().expect("a tenant id"),
        suffix: "dev".parse().expect("a suffix"),
        environment: "test".parse().expect("an environment"),
        region: Region::default(),
        plan,
        network_index: plan.index(0).expect("an index"),
        placement: Placement::Shared,
    }
}

/// The platform of the same environment.
pub fn platform() -> Platform {
    Platform::of(&tenant("acme"))
}

impl<O: Owner> Stack<O> {
    /// A reference to something that another family would declare; it reads `${stand_in.ID.it}`.
    pub fn stand_in<T>(&mut self, id: &'static str) -> Expr<T> {
        let attr: Attr<StandIn, T> = Attr::new("it");
        self.add(id, StandIn {}).get(attr)
    }

    /// The address of something that another family would declare.
    pub fn stand_in_address(&mut self, id: &'static str) -> Address {
        self.add(id, StandIn {}).address()
    }

    /// The resources of the stack, by type and id.
    ///
    /// # Panics
    /// When the stack cannot be synthesised.
    #[expect(clippy::expect_used, reason = "for tests")]
    pub fn resources(self) -> Value {
        let settings = Settings { backend: Backend::Local { directory: "../../..".to_owned() } };
        self.synth(&settings).expect("a sound stack").get("resource").cloned().unwrap_or_default()
    }
}
