#![doc = include_str!("../README.md")]

mod environment;
pub mod fleet;
mod id;
mod kind;
pub mod lifecycle;
mod name;
mod network;
mod owner;
mod placement;
mod region;
pub mod runtime;
mod suffix;
mod tags;

pub use environment::{Environment, EnvironmentError};
pub use id::{TenantId, TenantIdError};
pub use kind::{Kind, PlatformKind};
pub use name::{ResourceName, shown};
pub use network::{NetworkIndex, NetworkPlan, NetworkPlanError, OutsidePlanError};
pub use owner::{Owner, Platform, Tenant};
pub use placement::{AccountId, AccountIdError, Placement, RoleArn, RoleArnError};
pub use region::{Region, RegionError};
pub use suffix::{EnvironmentSuffix, SuffixError};
pub use tags::Tags;
