#![doc = include_str!("../README.md")]

mod cidr;
mod facts;
mod finding;
mod fleet;
mod names;
mod network;

pub use finding::{Finding, Rule, Summary, Verdict};
pub use fleet::Fleet;
