//! AWS's evaluation of one concrete request, written from the documentation in the plainest way, for the engine to be held against.
//! It shares nothing with the engine: it reads the JSON of the policies at every step.

mod condition;
mod statement;
mod text;
mod value;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Ask, Kind, Situation, Who};
use statement::{Grant, Part};

pub(crate) use text::matches as glob_matches;

/// The request's context: keys in lower case, and none without a value.
pub(crate) type Context = BTreeMap<String, Vec<String>>;

/// The context with what AWS adds of the principal.
fn context(ask: &Ask) -> Context {
    let own = ask.context.iter().map(|(key, values)| (key.to_lowercase(), values.clone()));
    let own: Context = own.filter(|(_, values)| !values.is_empty()).collect();
    let mut all: Context = ask.who.keys().into_iter().map(|(key, value)| (key.to_lowercase(), vec![value])).collect();
    all.extend(own);
    all
}

/// A statement or a list of them.
fn statements(document: &Value) -> Vec<&Value> {
    match &document["Statement"] {
        Value::Array(statements) => statements.iter().collect(),
        one => vec![one],
    }
}

/// Whether AWS allows the request.
pub(crate) fn allowed(situation: &Situation, ask: &Ask) -> bool {
    if situation.kind == Kind::Role && !ask.action.to_lowercase().starts_with("sts:") {
        // A trust policy "defines who can assume the role", nothing else.
        return allowed(&Situation { resource: None, kind: Kind::Plain, ..situation.clone() }, ask);
    }
    let context = context(ask);
    let boundary_attached = situation.boundary.is_some();
    // The strongest grant that statements with this effect give.
    let strongest = |document: &Value, part: Part, effect: &str| -> Grant {
        let version = document["Version"].as_str().unwrap_or("2008-10-17");
        let of = statements(document).into_iter().filter(|statement| statement["Effect"] == effect);
        let grants = of.map(|statement| statement::grant(statement, version, part, ask, &context, boundary_attached));
        grants.max().unwrap_or(Grant::None)
    };

    // "An explicit deny in any of these policies overrides the allow."
    let parts = [
        (&situation.boundary, Part::Identity),
        (&situation.session, Part::Identity),
        (&situation.resource, Part::Resource),
        (&situation.endpoint, Part::Resource),
    ];
    let identity = situation.identity.iter().map(|document| (document, Part::Identity));
    let every = identity.chain(parts.iter().filter_map(|(document, part)| Some((document.as_ref()?, *part))));
    if every.into_iter().any(|(document, part)| strongest(document, part, "Deny") > Grant::None) {
        return false;
    }

    // "An endpoint policy does not override or replace identity-based policies or resource-based policies": it is one filter more.
    let passes = |document: &Option<Value>, part| {
        document.as_ref().is_none_or(|document| strongest(document, part, "Allow") > Grant::None)
    };
    if !passes(&situation.endpoint, Part::Resource) {
        return false;
    }

    let limits = passes(&situation.boundary, Part::Identity) && passes(&situation.session, Part::Identity);
    let by_identity =
        limits && situation.identity.iter().any(|document| strongest(document, Part::Identity, "Allow") > Grant::None);
    let by_resource =
        situation.resource.as_ref().map_or(Grant::None, |document| strongest(document, Part::Resource, "Allow"));
    let delegates = situation.resource.as_ref().is_some_and(|document| {
        let version = document["Version"].as_str().unwrap_or("2008-10-17");
        let mut allows = statements(document).into_iter().filter(|statement| statement["Effect"] == "Allow");
        allows.any(|statement| statement::delegates(statement, version, ask, &context))
    });

    match (&ask.who, ask.who.account()) {
        (Who::Service { .. }, _) => by_resource == Grant::Direct,
        (_, Some(account)) if account == situation.resource_account => match (by_resource, situation.kind) {
            // "Permissions granted directly to a session are not limited by an implicit deny …"
            (Grant::Direct, _) => true,
            // "… that grant permissions to an IAM role ARN are limited by an implicit deny in a permissions boundary or session policy."
            (Grant::Role, _) if limits => true,
            (_, Kind::Plain) => by_identity,
            // "Unless the key policy explicitly allows it, you cannot use IAM policies to allow access to a KMS key"; roles alike.
            (_, Kind::Key | Kind::Role) => by_identity && delegates,
        },
        // "The request is allowed only if both evaluations return a decision of Allow."
        _ => by_identity && by_resource > Grant::None,
    }
}
