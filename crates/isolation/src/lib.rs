#![doc = include_str!("../README.md")]

mod cidr;
mod facts;
mod finding;
mod fleet;
pub mod iam;
mod model;
mod names;
mod network;
mod proof;
pub mod report;

pub use finding::{Access, Finding, Rule, StatementRef, Summary, Verdict};
pub use fleet::Fleet;
