//! Whether a statement applies to a request, and to whom it gives.

use serde_json::Value;

use super::{Context, condition, text};
use crate::support::{Ask, Who};

/// Which policies have a Principal element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Identity policies, boundaries, session policies: the principal is whom they are attached to.
    Identity,
    /// Policies of resources and endpoints.
    Resource,
}

/// Whom a statement names, the more direct the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grant {
    /// The statement does not apply.
    None,
    /// The account of the principal.
    Account,
    /// The role of the session.
    Role,
    /// The session or user itself, or everyone.
    Direct,
}

/// One or a list.
pub(super) fn list(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// Whom the statement names, if the rest of it applies to the request.
pub(super) fn grant(
    statement: &Value,
    version: &str,
    part: Part,
    ask: &Ask,
    context: &Context,
    boundary_attached: bool,
) -> Grant {
    if !applies(statement, version, part, ask, context) {
        return Grant::None;
    }
    if part == Part::Identity {
        return Grant::Direct;
    }
    match statement.get("NotPrincipal") {
        Some(exempt) => {
            let denies = statement["Effect"] == "Deny";
            // "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary policy attached"
            let always = denies && boundary_attached && !matches!(ask.who, Who::Service { .. });
            if always || named(exempt, &ask.who).is_empty() { Grant::Direct } else { Grant::None }
        }
        None => named(&statement["Principal"], &ask.who).into_iter().max().unwrap_or(Grant::None),
    }
}

/// Whether the statement gives to the principal's account, for its own policies to pass on.
pub(super) fn delegates(statement: &Value, version: &str, ask: &Ask, context: &Context) -> bool {
    applies(statement, version, Part::Resource, ask, context)
        && named(&statement["Principal"], &ask.who).contains(&Grant::Account)
}

/// Action, resource and condition; not the principal.
fn applies(statement: &Value, version: &str, part: Part, ask: &Ask, context: &Context) -> bool {
    let action = |patterns: &Value| {
        let asked = ask.action.to_lowercase();
        list(patterns).iter().any(|pattern| text::matches(&pattern.to_lowercase(), &asked))
    };
    let action = match statement.get("NotAction") {
        Some(not) => !action(not),
        None => action(&statement["Action"]),
    };
    let resource = |patterns: &Value| {
        list(patterns).iter().any(|pattern| {
            let pattern = if part == Part::Identity { completed(pattern) } else { pattern.clone() };
            text::like(&pattern, version, context, &ask.resource)
        })
    };
    let resource = match (statement.get("NotResource"), statement.get("Resource")) {
        (Some(not), _) => !resource(not),
        (None, Some(patterns)) => resource(patterns),
        // A trust policy has none: it is the role's.
        (None, None) => true,
    };
    action && resource && condition::holds(&statement["Condition"], version, context)
}

/// "AWS automatically completes the ARN by adding wildcard characters (*) to all missing fields."
fn completed(pattern: &str) -> String {
    let fields = pattern.split(':').count();
    if pattern.starts_with("arn:") && fields < 6 {
        format!("{pattern}{}", ":*".repeat(6 - fields))
    } else {
        pattern.to_owned()
    }
}

/// As what a Principal element names the one who asks.
fn named(principal: &Value, who: &Who) -> Vec<Grant> {
    if let Value::String(everyone) = principal {
        return if everyone == "*" { vec![Grant::Direct] } else { Vec::new() };
    }
    if let Who::Service { name } = who {
        return list(&principal["Service"]).iter().filter(|service| *service == name).map(|_| Grant::Direct).collect();
    }
    let account = who.account().expect("an account");
    let as_what = |named: &String| match who {
        _ if named == "*" || *named == who.session_arn() => Some(Grant::Direct),
        Who::Role { arn, .. } if named == arn => Some(Grant::Role),
        _ if named == account || *named == format!("arn:aws:iam::{account}:root") => Some(Grant::Account),
        _ => None,
    };
    list(&principal["AWS"]).iter().filter_map(as_what).collect()
}
