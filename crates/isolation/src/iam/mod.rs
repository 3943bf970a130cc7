//! AWS's evaluation of policies: exactly, for one request ([`decide`]), and for all requests of a family at once ([`search`]).
//!
//! # Why `search` misses nothing
//!
//! 1. *What is asked.* A principal, sets of actions and resources, and for some keys of the context a list of values they can have; every
//!    other key is free to be absent or to have any value.
//! 2. *Ways.* AWS allows a request only if certain statements apply to it: an Allow of an identity policy and one of the boundary, or an
//!    Allow of the resource's policy, …: `ways` lists all combinations, as documented in
//!    [policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). If a request is
//!    allowed, the statements of one way apply to it and no Deny does.
//! 3. *Constraints.* That a statement applies is a conjunction of constraints, each on one variable: the action, the resource, or one key.
//!    That a Deny does not apply is a disjunction of the negated ones; [`search`] tries each disjunct.
//! 4. *One variable.* Constraints on a text are memberships in finite unions of globs; `glob::find` decides them exactly, by the product of their
//!    automata. A key with listed values is tried value by value. Numbers, dates and addresses are tried at every edge of the
//!    constraints and between, which is enough because the truth of a constraint changes at edges only.
//! 5. *What is not known* (a value that Terraform learns later, a variable of a free key, an operator mixture) is read to the wide side in
//!    what must apply, and to the narrow side in what must not: constraints get weaker, so nothing is lost.
//! 6. *Giving up* (a limit of states or steps) counts as a way through.
//!
//! Each step has its tests beside it; `tests/search` compares the whole with a plain evaluator on random policies.

mod condition;
mod decide;
mod glob;
mod instant;
mod pattern;
mod policy;
mod principal;
mod search;
mod values;
mod ways;

pub use decide::{Decision, Step, decide};
pub(crate) use decide::{keys_missing, selects_action};
pub(crate) use glob::Glob;
pub(crate) use pattern::{UNKNOWN, parts};
pub(crate) use policy::{Origin, Selector, Statement};
pub use policy::{Policy, PolicyError};
pub(crate) use principal::Meant;
pub use principal::Principal;
pub(crate) use search::{Besides, Way, find_way};
pub use search::{Question, search};
pub use ways::{Policies, ResourceKind};

use std::collections::BTreeMap;

/// What is asked of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// The action, for example `s3:GetObject`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// The keys of the context and their values; keys in any case. What is not here is absent, but for what AWS says of every principal
    /// (`aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`).
    pub context: BTreeMap<String, Vec<String>>,
}
