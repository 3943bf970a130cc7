//! IAM policy documents: the one door through which anything is allowed.
//!
//! An action is a constant of the resource it acts on and stands only beside ARNs of that resource; every Allow for a tenant's role
//! carries the `aws:PrincipalTag/TenantId` condition ([`TenantPolicy`]); and one for an AWS service demands the ARN of what the
//! service acts for ([`Statement::allow_service`]).

pub mod action;
mod condition;
mod document;
mod statement;

pub use action::Action;
pub use condition::{Operator, key};
pub use document::{Policy, TenantPolicy};
pub use statement::{Principal, Statement};
