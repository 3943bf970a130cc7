//! Finds what a question names among the stacks.

use std::collections::BTreeMap;

use super::{AskError, shown};
use crate::iam::{Glob, Policy, Principal, parts};
use crate::model::{Model, Resource, Role, SHARED_ACCOUNT};
use crate::proof::principal_of;

/// All stacks of a fleet.
pub(super) struct Stacks<'m>(pub(super) &'m [Model]);

type OfRole<'m> = (&'m Model, &'m Role);
type OfResource<'m> = (&'m Model, &'m Resource);

/// How many names an error shows.
const NEAREST: usize = 3;

impl<'m> Stacks<'m> {
    fn roles(&self) -> impl Iterator<Item = OfRole<'m>> {
        self.0.iter().flat_map(|model| model.roles.iter().map(move |role| (model, role)))
    }

    fn resources(&self) -> impl Iterator<Item = OfResource<'m>> {
        self.0.iter().flat_map(|model| model.resources.iter().map(move |resource| (model, resource)))
    }

    pub(super) fn principal(&self, given: &str) -> Result<(Principal, Option<OfRole<'m>>), AskError> {
        if given.ends_with(".amazonaws.com") && !given.contains(':') {
            return Ok((Principal::Service { name: given.to_owned() }, None));
        }
        let asked = written(given);
        let (wanted, session) = without_session(&asked);
        let means = |(model, role): &OfRole<'_>| {
            let name = role.arn.rsplit('/').next();
            name == Some(&wanted)
                || address(model, &role.address) == wanted
                || role.arn == in_account(&wanted, &model.account)
                // The ARN of a session has no path.
                || session.is_some() && name == wanted.rsplit('/').next() && parts(&role.arn).get(4) == parts(&in_account(&wanted, &model.account)).get(4)
        };
        let found: Vec<OfRole<'m>> = self.roles().filter(means).collect();
        match found.as_slice() {
            [] => Err(AskError::Unknown {
                what: "principal",
                given: given.to_owned(),
                nearest: nearest(
                    given,
                    self.roles().flat_map(|(model, role)| {
                        let name = role.arn.rsplit('/').next().unwrap_or_default().to_owned();
                        [name, address(model, &role.address), role.arn.clone()]
                    }),
                ),
            }),
            [(model, role)] => {
                let principal = match (principal_of(role), session) {
                    (Principal::Role { arn, .. }, Some(session)) => Principal::Role { arn, session },
                    (principal, _) => principal,
                };
                Ok((principal, Some((*model, *role))))
            }
            several => Err(AskError::Several {
                given: given.to_owned(),
                of: several.iter().map(|(model, role)| address(model, &role.address)).collect(),
            }),
        }
    }

    /// The ARN that is meant, and what has it, as the service of the action sees it; nothing has `*`.
    pub(super) fn resource(&self, given: &str, service: &str) -> Result<(String, Option<OfResource<'m>>), AskError> {
        if given == "*" {
            return Ok((given.to_owned(), None));
        }
        let asked = written(given);
        let matching = |model: &Model, resource: &Resource, arn: &str| {
            let arn = in_account(arn, &model.account);
            let has = resource.arns.iter().any(|pattern| Glob::wild(pattern, false).matches(&arn));
            has.then_some(arn)
        };
        let mut found: Vec<(String, OfResource<'m>)> = match self.by_address(&asked) {
            Some((model, arn)) => {
                let own = model.resources.iter().map(|resource| (model, resource));
                own.filter_map(|(model, resource)| Some((matching(model, resource, &arn)?, (model, resource))))
                    .collect()
            }
            None => self
                .resources()
                .filter_map(|(model, resource)| Some((matching(model, resource, &asked)?, (model, resource))))
                .collect(),
        };
        // A role is one thing for `sts`, which looks at its trust policy, and another for `iam`.
        let seen = |(_, (_, resource)): &(String, OfResource<'_>)| resource.services.contains(&service);
        if found.iter().any(seen) {
            found.retain(seen);
        }
        // One that has just this ARN comes before one whose ARNs are like it.
        found.sort_by_key(|(arn, (_, resource))| !resource.arns.contains(arn));
        let exact = found.iter().filter(|(arn, (_, resource))| resource.arns.contains(arn)).count();
        match found.into_iter().next() {
            None => Err(AskError::Unknown {
                what: "resource",
                given: given.to_owned(),
                nearest: nearest(
                    given,
                    self.resources().flat_map(|(model, resource)| {
                        [address(model, &resource.address), resource.arns.first().cloned().unwrap_or_default()]
                    }),
                ),
            }),
            Some(_) if exact > 1 => Err(AskError::Several {
                given: given.to_owned(),
                of: self
                    .resources()
                    .filter(|(model, resource)| resource.arns.contains(&in_account(&asked, &model.account)))
                    .map(|(model, resource)| address(model, &resource.address))
                    .collect(),
            }),
            Some((arn, what)) => Ok((arn, Some(what))),
        }
    }

    /// What `STACK:TYPE.ID` and what follows it means.
    fn by_address(&self, asked: &str) -> Option<(&'m Model, String)> {
        self.resources().find_map(|(model, resource)| {
            let rest = asked.strip_prefix(&address(model, &resource.address))?;
            let arn = resource.arns.first()?;
            (rest.is_empty() || rest.starts_with(['/', ':'])).then(|| (model, format!("{arn}{rest}")))
        })
    }

    /// A value of the context; the address of a resource stands for its ARN where the key wants one, else for its id.
    pub(super) fn context_value(&self, key: &str, value: &str) -> Result<String, AskError> {
        let asked = written(value);
        let key = key.to_ascii_lowercase();
        if let Some((model, arn)) = self.by_address(&asked) {
            let wants_arn = key.ends_with("arn") || key == "ec2:vpc" || key.contains("encryptioncontext");
            let id = self.0.iter().filter(|other| std::ptr::eq(*other, model)).flat_map(|model| &model.endpoints);
            let id = id.map(|endpoint| &endpoint.id).find(|id| arn.ends_with(id.as_str()));
            let last = || arn.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
            return Ok(if wants_arn { arn.clone() } else { id.cloned().unwrap_or_else(last) });
        }
        let names_stack = self.0.iter().any(|model| asked.starts_with(&format!("{}:", model.stack)));
        if names_stack {
            let known = self.resources().map(|(model, resource)| address(model, &resource.address));
            return Err(AskError::Unknown {
                what: "resource",
                given: value.to_owned(),
                nearest: nearest(value, known),
            });
        }
        Ok(match self.0.iter().find(|model| in_account(&asked, &model.account) != asked) {
            Some(model) => in_account(&asked, &model.account),
            None => asked,
        })
    }

    /// The policy of the endpoint through which the request comes, as far as the context says it.
    pub(super) fn endpoint_policy(&self, context: &BTreeMap<String, Vec<String>>) -> Option<Policy> {
        let (_, values) = context.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceVpce"))?;
        let endpoints = self.0.iter().flat_map(|model| &model.endpoints);
        endpoints.filter(|endpoint| values.contains(&endpoint.id)).find_map(|endpoint| endpoint.policy.clone())
    }
}

fn address(model: &Model, address: &str) -> String {
    format!("{}:{address}", model.stack)
}

/// A text as it stands in the stacks: what people write as `<account>` is the account without a number.
fn written(given: &str) -> String {
    given.replace('<', "⟪").replace('>', "⟫")
}

/// An ARN in the account of a stack: any number stands for the account of Terraform's own credentials.
fn in_account(asked: &str, account: &str) -> String {
    let mut fields = parts(asked);
    let is_number = |field: &str| field.len() == 12 && field.bytes().all(|byte| byte.is_ascii_digit());
    match fields.get_mut(4) {
        Some(field) if account == SHARED_ACCOUNT && asked.starts_with("arn:") && is_number(field) => *field = account,
        _ => return asked.to_owned(),
    }
    fields.join(":")
}

/// A session's ARN as its role's, and the session's name.
fn without_session(asked: &str) -> (String, Option<String>) {
    let fields = parts(asked);
    let session = fields.get(5).and_then(|name| name.strip_prefix("assumed-role/")?.split_once('/'));
    match (session, fields.get(4)) {
        (Some((role, session)), Some(account)) => {
            (format!("arn:aws:iam::{account}:role/{role}"), Some(session.to_owned()))
        }
        _ => (asked.to_owned(), None),
    }
}

fn nearest(given: &str, known: impl Iterator<Item = String>) -> Vec<String> {
    let mut known: Vec<String> = known.filter(|name| !name.is_empty()).map(|name| shown(&name)).collect();
    known.sort_unstable();
    known.dedup();
    known.sort_by(|a, b| strsim::jaro_winkler(given, b).total_cmp(&strsim::jaro_winkler(given, a)));
    known.truncate(NEAREST);
    known
}
