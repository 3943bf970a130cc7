#![doc = include_str!("../README.md")]

pub mod event;
mod text;
mod time;

pub use text::{LeaseOwner, PlanName, Release, RequestId, TextError};
pub use time::{Timestamp, TimestampError};
