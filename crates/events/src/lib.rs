#![doc = include_str!("../README.md")]

pub mod asl;
pub mod names;
mod onboarding;
mod platform;
mod resources;
mod runner;
mod tenant;
pub mod workflow;

pub use onboarding::{Onboarding, PlatformOnboarding};
pub use platform::PlatformRules;
pub use resources::StateMachine;
pub use runner::{BuildProject, DEPLOYER_ROLE_ARN, FLEET_SETTINGS, PlatformRunner, RELEASE_ZIP, buildspec};
pub use tenant::TenantEvents;
