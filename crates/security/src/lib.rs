#![doc = include_str!("../README.md")]

mod arns;
mod boundary;
mod deployer;
mod endpoint;
mod grants;
pub mod guard;
mod identity;
mod key;
mod platform;
pub mod policy;
mod resources;
mod service;
mod trust;

pub use arns::TenantArns;
pub use deployer::{Deployer, PlatformDeployer};
pub use endpoint::EndpointPolicies;
pub use identity::{Identity, TenantIdentity, Walls};
pub use platform::{PlatformKey, PlatformKeyExports};
pub use resources::{KmsAlias, KmsKey, KmsKeyPolicy, ManagedPolicy, Role, RolePolicy};
pub use service::Service;
