//! Policy documents, parsed once.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::condition::Condition;
use super::pattern::{Pattern, Syntax};
use super::principal::Principals;
use crate::finding::StatementRef;

/// Why a text is no policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(String);

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}

/// A policy document.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Shared: a policy applies to many questions.
    pub(crate) statements: Arc<Vec<Statement>>,
}

/// Where a policy stands: stack, resource and attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'o> {
    pub(crate) stack: &'o str,
    pub(crate) resource: &'o str,
    pub(crate) attribute: &'o str,
}

/// Listed, or all but the listed.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) negated: bool,
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) at: StatementRef,
    pub(crate) allow: bool,
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Selector,
    /// None in a trust policy, which speaks of its role.
    pub(crate) resources: Option<Selector>,
    pub(crate) conditions: Vec<Condition>,
}

impl Policy {
    /// Reads a policy document: an object with `Version` and `Statement`.
    ///
    /// # Errors
    /// When it is not one: an unknown element, operator or effect, or a value of the wrong type.
    pub fn parse(document: &Value) -> Result<Self, PolicyError> {
        Self::parse_at(document, Origin { stack: "", resource: "", attribute: "" })
    }

    pub(crate) fn parse_at(document: &Value, origin: Origin<'_>) -> Result<Self, PolicyError> {
        let document = document.as_object().ok_or_else(|| error("it is no JSON object"))?;
        only(document, &["Version", "Id", "Statement"])?;
        let variables = match document.get("Version").map(Value::as_str) {
            Some(Some("2012-10-17")) => true,
            None | Some(Some("2008-10-17")) => false,
            _ => return Err(error("its Version is neither 2012-10-17 nor 2008-10-17")),
        };
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(single @ Value::Object(_)) => vec![single],
            _ => return Err(error("it has no Statement")),
        };
        let statements = statements.iter().enumerate();
        let statements =
            statements.map(|(n, body)| statement(body, n, variables, origin)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { statements: Arc::new(statements) })
    }

    /// What allows everything to everybody: the safe reading of a policy that cannot be read.
    pub(crate) fn everything(origin: Origin<'_>) -> Self {
        let any = || Selector { patterns: vec![Pattern::new("*", Syntax::Like { fold: true }, false)], negated: false };
        let statement = Statement {
            at: at(origin, None, None),
            allow: true,
            principals: Some(Principals::everyone()),
            actions: any(),
            resources: Some(any()),
            conditions: Vec::new(),
        };
        Self { statements: Arc::new(vec![statement]) }
    }

    /// A policy without statements.
    pub(crate) fn empty() -> Self {
        Self { statements: Arc::default() }
    }

    /// The statements, to be changed.
    pub(crate) fn statements_mut(&mut self) -> &mut Vec<Statement> {
        Arc::make_mut(&mut self.statements)
    }
}

fn error(text: impl Into<String>) -> PolicyError {
    PolicyError(text.into())
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), PolicyError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(error(format!("it has an unknown element `{key}`"))),
        None => Ok(()),
    }
}

fn at(origin: Origin<'_>, index: Option<usize>, sid: Option<&str>) -> StatementRef {
    let path = match index {
        Some(index) => format!("{}.Statement[{index}]", origin.attribute),
        None => origin.attribute.to_owned(),
    };
    StatementRef {
        stack: origin.stack.to_owned(),
        resource: origin.resource.to_owned(),
        path,
        sid: sid.filter(|sid| !sid.is_empty()).map(str::to_owned),
    }
}

fn statement(body: &Value, index: usize, variables: bool, origin: Origin<'_>) -> Result<Statement, PolicyError> {
    let wrong = |text: String| error(format!("Statement[{index}] {text}"));
    let body = body.as_object().ok_or_else(|| wrong("is no object".into()))?;
    let known =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    if let Some(key) = body.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(wrong(format!("has an unknown element `{key}`")));
    }
    let allow = match body.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err(wrong("has an Effect that is neither Allow nor Deny".into())),
    };
    let selector = |name: &str, negated: &str, syntax: Syntax| -> Result<Option<Selector>, PolicyError> {
        let (value, negated) = match (body.get(name), body.get(negated)) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(wrong(format!("has both {name} and {negated}"))),
        };
        let patterns =
            texts(value).ok_or_else(|| wrong(format!("has a {name} that is no text and no list of texts")))?;
        let patterns = patterns.into_iter().map(|text| Pattern::new(text, syntax, variables)).collect();
        Ok(Some(Selector { patterns, negated }))
    };
    let actions = selector("Action", "NotAction", Syntax::Like { fold: true })?;
    let conditions = match body.get("Condition") {
        None => Vec::new(),
        Some(condition) => Condition::parse(condition, variables).map_err(wrong)?,
    };
    Ok(Statement {
        at: at(origin, Some(index), body.get("Sid").and_then(Value::as_str)),
        allow,
        principals: Principals::parse(body.get("Principal"), body.get("NotPrincipal")).map_err(wrong)?,
        actions: actions.ok_or_else(|| wrong("has no Action".into()))?,
        resources: selector("Resource", "NotResource", Syntax::Resource)?,
        conditions,
    })
}

/// A text or a list of texts.
pub(super) fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_policy_is_refused_with_its_place() {
        for (document, message) in [
            (json!([]), "it is no JSON object"),
            (json!({ "Statement": [], "Extra": 1 }), "it has an unknown element `Extra`"),
            (json!({ "Version": "2020-01-01", "Statement": [] }), "its Version is neither 2012-10-17 nor 2008-10-17"),
            (json!({}), "it has no Statement"),
            (
                json!({ "Statement": { "Effect": "allow" } }),
                "Statement[0] has an Effect that is neither Allow nor Deny",
            ),
            (json!({ "Statement": { "Effect": "Allow" } }), "Statement[0] has no Action"),
            (
                json!({ "Statement": { "Effect": "Allow", "Action": "*", "NotAction": "s3:*" } }),
                "Statement[0] has both Action and NotAction",
            ),
            (
                json!({ "Statement": { "Effect": "Allow", "Action": 1 } }),
                "Statement[0] has a Action that is no text and no list of texts",
            ),
            (
                json!({ "Statement": { "Effect": "Allow", "Action": "*", "Condition": { "StringIs": { "a": "b" } } } }),
                "Statement[0] has an unknown condition operator `StringIs`",
            ),
        ] {
            assert_eq!(Policy::parse(&document).unwrap_err().to_string(), message);
        }
    }
}
