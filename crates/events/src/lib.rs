#![doc = include_str!("../README.md")]

pub mod asl;
pub mod names;
mod onboarding;
mod platform;
mod resources;
mod tenant;
mod workflow;

pub use onboarding::{Onboarding, OnboardingRole, PlatformOnboarding};
pub use platform::PlatformRules;
pub use resources::StateMachine;
pub use tenant::TenantEvents;
