//! One request, exactly, with the reasons.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Request;
use super::condition::Condition;
use super::pattern::{Pattern, Reading, Variable};
use super::policy::{Selector, Statement};
use super::principal::{Meant, Principal};
use super::ways::{Place, Policies, ResourceKind, meant, ways};
use crate::finding::StatementRef;

/// What AWS would say, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// Why, in a sentence.
    pub reason: String,
    /// Every statement, in the order of evaluation: denials first, then what allows.
    pub trail: Vec<Step>,
}

/// What a statement did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which policy it stands in: `identity policy`, `permissions boundary`, `session policy`, `resource policy` or `endpoint policy`.
    pub policy: &'static str,
    /// The statement.
    pub statement: StatementRef,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// Whether it applies to the request.
    pub applies: bool,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

impl Place {
    fn words(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource policy",
            Self::Endpoint => "endpoint policy",
        }
    }
}

/// The context with what AWS adds, keys in lower case.
pub(crate) struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    pub(crate) fn of(request: &Request) -> Self {
        let facts = request.principal.facts().into_iter();
        let facts = facts.filter_map(|(key, value)| Some((key.to_owned(), vec![value?])));
        let given = request.context.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone()));
        Self(facts.chain(given).collect())
    }

    pub(crate) fn value(&self, key: &str) -> Option<&[String]> {
        self.0.get(key).map(Vec::as_slice)
    }

    pub(crate) fn variable(&self, key: &str) -> Variable {
        match self.value(key) {
            Some([value]) => Variable::Value(value.clone()),
            _ => Variable::Absent,
        }
    }
}

pub(crate) fn selects(selector: &Selector, text: &str, reading: Reading, variable: &dyn Fn(&str) -> Variable) -> bool {
    let reading = match (reading, selector.negated) {
        (reading, false) => reading,
        (Reading::Wide, true) => Reading::Narrow,
        (Reading::Narrow, true) => Reading::Wide,
    };
    let matches = |pattern: &Pattern| pattern.glob(reading, variable).is_some_and(|glob| glob.matches(text));
    selector.patterns.iter().any(matches) != selector.negated
}

/// Whether a selector takes an action in.
pub(crate) fn selects_action(selector: &Selector, action: &str) -> bool {
    selects(selector, action, Reading::Wide, &|_| Variable::Free)
}

/// What is not known lets an Allow apply, and no Deny.
fn reading(statement: &Statement) -> Reading {
    if statement.allow { Reading::Wide } else { Reading::Narrow }
}

/// Why a statement does not speak of the request, whatever its conditions say; none if it does.
fn misses(
    place: Place,
    statement: &Statement,
    policies: &Policies,
    request: &Request,
    context: &Context,
) -> Option<String> {
    let reading = reading(statement);
    let variable = |key: &str| context.variable(key);
    // Where there is a boundary, a Deny with NotPrincipal spares nobody
    // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
    let spares_nobody = !statement.allow
        && policies.boundary.is_some()
        && statement.principals.as_ref().is_some_and(super::principal::Principals::is_negated);
    if meant(place, statement, &request.principal, statement.allow) == Meant::Not && !spares_nobody {
        return Some("it means other principals".to_owned());
    }
    if !selects(&statement.actions, &request.action, reading, &variable) {
        return Some(format!("`{}` is not among its actions", request.action));
    }
    if let Some(resources) = &statement.resources
        && !selects(resources, &request.resource, reading, &variable)
    {
        return Some("the resource is not among its resources".to_owned());
    }
    None
}

/// Why a statement does not apply; none if it does.
fn obstacle(
    place: Place,
    statement: &Statement,
    policies: &Policies,
    request: &Request,
    context: &Context,
) -> Option<String> {
    let missed = misses(place, statement, policies, request, context);
    if missed.is_some() {
        return missed;
    }
    let reading = reading(statement);
    let variable = |key: &str| context.variable(key);
    let fails = |condition: &&Condition| !condition.holds(context.value(&condition.key), reading, &variable);
    statement.conditions.iter().find(fails).map(|condition| {
        let given = match context.value(&condition.key) {
            Some(values) => format!("is {}", values.join(", ")),
            None => "is absent".to_owned(),
        };
        format!("its condition `{}` is not met: the key {given}", condition.words())
    })
}

/// The policies that count for the request.
fn counting<'p>(policies: &'p Policies, request: &Request) -> Cow<'p, Policies> {
    if policies.kind == ResourceKind::Role && !super::ways::is_trust(&request.action) {
        return Cow::Owned(Policies { resource: None, kind: ResourceKind::Plain, ..policies.clone() });
    }
    Cow::Borrowed(policies)
}

fn statements<'p>(policies: &'p Policies, request: &Request) -> impl Iterator<Item = (Place, &'p Statement)> {
    let service = matches!(request.principal, Principal::Service { .. });
    policies.statements().filter(move |(place, _)| !service || matches!(place, Place::Resource | Place::Endpoint))
}

/// The keys, in lower case, for which the statements ask that speak of the request, and which it does not bring.
pub(crate) fn keys_missing(policies: &Policies, request: &Request) -> BTreeSet<String> {
    let policies = counting(policies, request);
    let context = Context::of(request);
    statements(&policies, request)
        .filter(|(place, statement)| misses(*place, statement, &policies, request, &context).is_none())
        .flat_map(|(_, statement)| &statement.conditions)
        .filter(|condition| context.value(&condition.key).is_none())
        .map(|condition| condition.key.clone())
        .collect()
}

/// What AWS says of one request.
pub fn decide(policies: &Policies, request: &Request) -> Decision {
    let policies = &*counting(policies, request);
    let context = Context::of(request);
    let mut trail: Vec<(Place, &Statement, Option<String>)> = statements(policies, request)
        .map(|(place, statement)| (place, statement, obstacle(place, statement, policies, request, &context)))
        .collect();
    trail.sort_by_key(|(place, statement, _)| (statement.allow, *place));
    let (allowed, reason) = verdict(policies, request, &trail);
    let step = |(place, statement, because): (Place, &Statement, Option<String>)| Step {
        policy: place.words(),
        statement: statement.at.clone(),
        effect: if statement.allow { "Allow" } else { "Deny" },
        applies: because.is_none(),
        because,
    };
    Decision { allowed, reason, trail: trail.into_iter().map(step).collect() }
}

fn verdict(policies: &Policies, request: &Request, trail: &[(Place, &Statement, Option<String>)]) -> (bool, String) {
    let mut applying =
        trail.iter().filter(|(.., because)| because.is_none()).map(|(place, statement, _)| (*place, *statement));
    if let Some((place, statement)) = applying.clone().find(|(_, statement)| !statement.allow) {
        return (false, format!("a statement of the {} denies it: {}", place.words(), statement.at));
    }
    let allows: Vec<(Place, Meant)> = applying
        .by_ref()
        .map(|(place, statement)| (place, meant(place, statement, &request.principal, true)))
        .collect();
    let ways = ways(policies, &request.principal);
    let lacking = |way: &super::ways::Combination| -> Vec<Place> {
        let has = |place: Place| {
            allows.iter().any(|(at, how)| *at == place && (place != Place::Resource || way.meant.contains(how)))
        };
        way.places.iter().copied().filter(|place| !has(*place)).collect()
    };
    match ways.iter().map(lacking).min_by_key(Vec::len) {
        Some(lacking) if lacking.is_empty() => (true, "nothing denies it, and what has to allow it does".to_owned()),
        lacking => {
            let words: Vec<&str> = lacking.unwrap_or_default().into_iter().map(Place::words).collect();
            (false, format!("nothing denies it, but nothing in the {} allows it", words.join(" and the ")))
        }
    }
}
