//! The workflow's own definition, run by the interpreter of state machines on the function's own steps and a registry in memory; what
//! CodeBuild, EventBridge and SQS answer is made up. For each way to fail: what the registry says then, and what is announced.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod calls;
mod cell;
mod failures;
mod lives;
