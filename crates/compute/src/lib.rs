#![doc = include_str!("../README.md")]

mod calls;
mod code;
mod functions;
mod platform;
mod queue;
mod resources;

pub use calls::CALLS;
pub use code::{Architecture, Code, FunctionCode};
pub use functions::{Functions, TenantFunctions};
pub use platform::OnboardingFunction;
pub use queue::{DeadLetterQueue, QueuePlan, TenantDeadLetters};
pub use resources::{Function, FunctionName, FunctionUrl, Permission, Queue, QueueUrl, Url};
