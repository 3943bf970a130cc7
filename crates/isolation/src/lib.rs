#![doc = include_str!("../README.md")]

mod cidr;
mod explain;
mod facts;
mod finding;
mod fleet;
mod generic;
pub mod iam;
mod judgement;
mod layers;
mod model;
mod names;
mod needs;
mod network;
mod proof;
pub mod report;
mod sessions;
mod template;

pub use explain::{Ask, AskError, Explanation, Party};
pub use finding::{Access, Finding, Rule, StatementRef, Summary, Verdict};
pub use fleet::Fleet;
pub use needs::Call;
