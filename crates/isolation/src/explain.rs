//! One request among the stacks: what AWS would say, by which statements, and what it would still ask for.

mod search;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fleet::Fleet;
use crate::iam::{Decision, Policies, Request, Step, UNKNOWN, decide, keys_missing};
use crate::model::{Model, Resource, Role};
use crate::proof::policies_of;
use search::Stacks;

/// What somebody wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// A role's or user's ARN or name, `STACK:aws_iam_role.ID`, or an AWS service, for example `events.amazonaws.com`.
    pub principal: String,
    /// The action, for example `s3:GetObject`.
    pub action: String,
    /// An ARN, `*`, or `STACK:TYPE.ID`, with what follows in the ARN: `STACK:aws_s3_bucket.data/key`.
    pub resource: String,
    /// Keys of the context and their values; `STACK:TYPE.ID` stands for the id or the ARN of a resource.
    pub context: BTreeMap<String, Vec<String>>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The action is none.
    #[error("`{0}` is no action; actions look like `s3:GetObject`, without wildcards")]
    Action(String),
    /// The stacks don't declare it.
    #[error("no stack declares the {what} `{given}`; {}", hint(.nearest))]
    Unknown {
        /// `principal` or `resource`.
        what: &'static str,
        /// As it was given.
        given: String,
        /// Names like it.
        nearest: Vec<String>,
    },
    /// Several stacks have one of this name.
    #[error("`{given}` can be {}; name one of them in full", .of.join(" or "))]
    Several {
        /// As it was given.
        given: String,
        /// All of them.
        of: Vec<String>,
    },
}

fn hint(nearest: &[String]) -> String {
    match nearest {
        [] => "there is none of this kind".to_owned(),
        names => format!("nearest are {}", names.join(", ")),
    }
}

/// A principal or a resource of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Its ARN, or what AWS calls it.
    pub name: String,
    /// The stack that declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Its address in the stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The answer. `<account>` is the account that Terraform's own credentials lead to; other texts in `<…>` are made up by AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The version of this document.
    pub format_version: &'static str,
    /// Who asks.
    pub principal: Party,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: Party,
    /// The context: what was given, and what the stacks say of principal and resource.
    pub context: BTreeMap<String, Vec<String>>,
    /// What AWS says, and why.
    pub decision: Decision,
    /// Keys that the statements ask for and that were not given: they count as absent.
    pub not_given: Vec<String>,
    /// What of these stacks could not be read. A policy among it is taken to allow everything.
    pub unread: Vec<String>,
}

impl Fleet {
    /// What AWS would say of one request, and by which statements.
    ///
    /// # Errors
    /// When no stack, or more than one, declares what is asked about.
    pub fn explain(&self, ask: &Ask) -> Result<Explanation, AskError> {
        explain(&self.models(), ask)
    }

    /// The same of many requests, for which the stacks are read once.
    pub fn explain_each(&self, asks: &[Ask]) -> Vec<Result<Explanation, AskError>> {
        let models = self.models();
        asks.iter().map(|ask| explain(&models, ask)).collect()
    }

    fn models(&self) -> Vec<Model> {
        (0..self.stacks.len()).map(|member| self.model_of(member)).collect()
    }
}

fn explain(models: &[Model], ask: &Ask) -> Result<Explanation, AskError> {
    let is_action = |(service, name): (&str, &str)| {
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        plain(service) && plain(name)
    };
    if !ask.action.split_once(':').is_some_and(is_action) {
        return Err(AskError::Action(ask.action.clone()));
    }
    let stacks = Stacks(models);
    let (principal, who) = stacks.principal(&ask.principal)?;
    let (arn, what) = stacks.resource(&ask.resource, ask.action.split(':').next().unwrap_or_default())?;
    let context = context(&stacks, ask, who.map(|(_, role)| role), what.map(|(_, resource)| resource))?;
    let request = Request { principal, action: ask.action.clone(), resource: arn, context };
    let mut policies = policies(who, what);
    policies.endpoint = stacks.endpoint_policy(&request.context);
    let decision = decide(&policies, &request);
    let not_given = keys_missing(&policies, &request).into_iter().collect();
    let concerned = |model: &&Model| {
        let is = |other: Option<&Model>| other.is_some_and(|other| std::ptr::eq(*model, other));
        is(who.map(|(model, _)| model)) || is(what.map(|(model, _)| model))
    };
    let unread = models.iter().filter(concerned).flat_map(|model| {
        let told = |(address, why): &(String, String)| format!("{}: {address}: {why}", model.stack);
        model.unread.iter().map(told)
    });
    Ok(Explanation {
        format_version: "1",
        principal: Party {
            name: shown(request.principal.name()),
            stack: who.map(|(model, _)| model.stack.clone()),
            address: who.map(|(_, role)| role.address.clone()),
        },
        action: request.action,
        resource: Party {
            name: shown(&request.resource),
            stack: what.map(|(model, _)| model.stack.clone()),
            address: what.map(|(_, resource)| resource.address.clone()),
        },
        context: request
            .context
            .into_iter()
            .map(|(key, values)| (key, values.iter().map(|value| shown(value)).collect()))
            .collect(),
        decision: decision_shown(decision),
        not_given,
        unread: unread.collect(),
    })
}

fn policies(who: Option<(&Model, &Role)>, what: Option<(&Model, &Resource)>) -> Policies {
    let mut policies = match (who, what) {
        (Some((_, role)), Some((model, resource))) => policies_of(role, resource, &model.account),
        (Some((_, role)), None) => {
            Policies { identity: role.identity.clone(), boundary: role.boundary.clone(), ..Policies::default() }
        }
        (None, Some((model, resource))) => Policies {
            resource: resource.policy.clone(),
            resource_account: model.account.clone(),
            kind: resource.kind,
            ..Policies::default()
        },
        (None, None) => Policies::default(),
    };
    // A bucket is in an account although its ARN does not say so.
    if what.is_none() {
        policies.resource_account = String::new();
    }
    policies
}

/// What is given, and what the stacks say of who asks and of what is asked for.
fn context(
    stacks: &Stacks<'_>,
    ask: &Ask,
    role: Option<&Role>,
    resource: Option<&Resource>,
) -> Result<BTreeMap<String, Vec<String>>, AskError> {
    let mut context = BTreeMap::new();
    for (key, values) in &ask.context {
        let values = values.iter().map(|value| stacks.context_value(key, value));
        context.insert(key.clone(), values.collect::<Result<Vec<_>, _>>()?);
    }
    let tags = role.into_iter().flat_map(|role| &role.tags);
    let tags = tags.map(|(key, value)| (format!("aws:PrincipalTag/{key}"), vec![value.clone()]));
    let known = resource.into_iter().flat_map(|resource| &resource.known).filter_map(|(key, values)| {
        let mut values = values.iter().flatten();
        // Where there may be several values, none is more likely than another.
        let only = values.next()?.clone();
        values.next().is_none().then(|| (key.replace("aws:resourcetag/", "aws:ResourceTag/"), only))
    });
    for (key, values) in tags.chain(known) {
        if !context.keys().any(|given: &String| given.eq_ignore_ascii_case(&key)) {
            context.insert(key, values);
        }
    }
    Ok(context)
}

/// A text as people read and write it.
fn shown(text: &str) -> String {
    text.replace('⟪', "<").replace('⟫', ">").replace(UNKNOWN, "<unknown>")
}

fn decision_shown(decision: Decision) -> Decision {
    let step = |step: Step| Step { because: step.because.as_deref().map(shown), ..step };
    Decision {
        allowed: decision.allowed,
        reason: shown(&decision.reason),
        trail: decision.trail.into_iter().map(step).collect(),
    }
}

#[cfg(test)]
mod tests;
