#![doc = include_str!("../README.md")]

mod cidr;
mod facts;
mod finding;
mod fleet;
pub mod iam;
mod names;
mod network;
pub mod report;

pub use finding::{Access, Finding, Rule, StatementRef, Summary, Verdict};
pub use fleet::Fleet;
