//! What only the whole can show: the program is run as users run it, and what it writes is judged by the requirements, by the AWS
//! provider's schema, by Terraform itself, by the CDKTF CLIs and by a policy scanner. README.md says how to read and run them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

#[path = "../crates/registry/tests/support/mod.rs"]
mod registry_support;

mod architecture;
mod bad_input;
mod capacity;
mod cdktf;
mod checkov;
mod coverage;
mod deploy;
mod docs;
mod explain;
mod fleet;
mod golden;
mod iam_simulate;
mod log_relay;
mod onboarding;
mod pictures;
mod registry_store;
mod report;
mod requirements;
mod sandbox;
mod schema;
mod tenant_api;
mod terraform;
mod verify;
