//! Terraform or OpenTofu as a program: where it is, which one it is, how it is started and stopped.

mod dump;
mod environment;
mod find;
mod log;
mod process;

pub use environment::Environment;
pub use find::{MINIMUM, Product, Terraform, ToolError, Version};
pub(crate) use log::{RAW, Raw, redact_left_over};
pub(crate) use process::{Ended, Process};
