//! From what Terraform said to why a stack failed and what to do.
//!
//! [`Evidence`] listens while a command runs; [`Evidence::failure`] judges at its end. The knowledge is a table (`rules`), one rule a
//! line, each with the place that it comes from.
//!
//! - *Which of many errors is the cause?* The one of the most telling class: a lock, a state, a disk, credentials or a tool that fail
//!   make everything after them fail; what AWS refuses for good (a quota, a permission, a taken name) is told before what may pass (a
//!   throttle), since a second attempt would meet it again; what has no rule comes after what has one. Within a class the first one
//!   counts: Terraform reports errors in the order in which they happened. All others are counted and named in the detail.
//! - *Why is a quota never transient?* It does not grow by itself. `RequestLimitExceeded` and DynamoDB's "simultaneously" are no quotas
//!   but rates, in spite of their names.

mod code;
mod evidence;
mod fix;
mod human;
mod lock;
mod rules;
#[cfg(test)]
mod tests;

pub use evidence::{About, Command, End, Evidence};
pub use lock::LockInfo;

use crate::message::Diagnostic;

/// Whether Terraform asks for `terraform init`.
pub fn wants_init(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|it| rules::find(&it.summary, &it.detail).is_some_and(|rule| rule.fix == fix::Fix::Init))
}
