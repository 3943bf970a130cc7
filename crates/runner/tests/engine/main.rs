//! Runs with a real Terraform and its built-in resource `terraform_data`, which needs no provider and no network.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod fleet;
#[path = "../support/log.rs"]
mod log;
mod recovery;
mod support;
