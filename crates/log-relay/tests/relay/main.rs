//! The function as Lambda runs it: the binary, between an emulated Lambda Runtime API and an emulated CloudWatch Logs API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod calls;
mod delivery;
mod faults;
mod function;
mod http;
mod limits;
mod logs_api;
mod resources;
