//! IAM policy documents inside stacks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stacks::{Stack, list, text};

/// A statement with every one-or-many as many.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Where it stands: resource address, attribute and Sid.
    pub(crate) at: String,
    pub(crate) allow: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) not_actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) not_resources: Vec<String>,
    /// Principals as `Service:events.amazonaws.com`, `AWS:*`; `*` is `AWS:*`.
    pub(crate) principals: Vec<String>,
    /// Operator and key with the values.
    pub(crate) conditions: BTreeMap<(String, String), Vec<String>>,
}

impl Statement {
    fn parse(at: &str, body: &Value) -> Self {
        let many = |key: &str| list(&body[key]).into_iter().map(|item| text(item).to_owned()).collect::<Vec<_>>();
        let mut conditions = BTreeMap::new();
        for (operator, keys) in body["Condition"].as_object().into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                let values = list(values).into_iter().map(|value| match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                conditions.insert((operator.clone(), key.clone()), values.collect());
            }
        }
        let principals = match &body["Principal"] {
            Value::String(all) => vec![format!("AWS:{all}")],
            Value::Object(kinds) => {
                let of = |(kind, who): (&String, &Value)| {
                    list(who).into_iter().map(|who| format!("{kind}:{}", text(who))).collect::<Vec<_>>()
                };
                kinds.iter().flat_map(of).collect()
            }
            _ => Vec::new(),
        };
        let allow = match text(&body["Effect"]) {
            "Allow" => true,
            "Deny" => false,
            other => panic!("{at}: Effect `{other}`"),
        };
        Self {
            at: format!("{at} {}", text(&body["Sid"])),
            allow,
            actions: many("Action"),
            not_actions: many("NotAction"),
            resources: many("Resource"),
            not_resources: many("NotResource"),
            principals,
            conditions,
        }
    }

    /// The values of a condition.
    pub(crate) fn condition(&self, operator: &str, key: &str) -> Option<&[String]> {
        self.conditions.get(&(operator.to_owned(), key.to_owned())).map(Vec::as_slice)
    }

    /// Whether the condition stands with just this value.
    pub(crate) fn requires(&self, operator: &str, key: &str, value: &str) -> bool {
        self.condition(operator, key).is_some_and(|values| values == [value])
    }

    /// Whether the statement's actions cover this one.
    pub(crate) fn covers(&self, action: &str) -> bool {
        if self.not_actions.is_empty() {
            self.actions.iter().any(|pattern| matches(pattern, action))
        } else {
            !self.not_actions.iter().any(|pattern| matches(pattern, action))
        }
    }
}

/// IAM's `*` and `?`, without regard to case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    fn go(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => go(rest, text) || (!text.is_empty() && go(pattern, &text[1..])),
            ([b'?', rest @ ..], [_, text @ ..]) => go(rest, text),
            ([a, rest @ ..], [b, text @ ..]) => a.eq_ignore_ascii_case(b) && go(rest, text),
            _ => false,
        }
    }
    go(pattern.as_bytes(), text.as_bytes())
}

/// The statements of one attribute that holds a policy document.
pub(crate) fn statements(at: &str, document: &Value) -> Vec<Statement> {
    let parsed: Value = match document {
        Value::String(document) => serde_json::from_str(document).unwrap_or_else(|error| panic!("{at}: {error}")),
        other => panic!("{at} is no policy document: {other}"),
    };
    assert_eq!(parsed["Version"], "2012-10-17", "{at}");
    list(&parsed["Statement"]).into_iter().map(|body| Statement::parse(at, body)).collect()
}

/// Every statement of every policy in a stack, whatever attribute holds it.
pub(crate) fn every_statement(stack: &Stack) -> Vec<Statement> {
    let mut found = Vec::new();
    for (kind, id, body) in stack.resources() {
        for (attribute, value) in body.as_object().into_iter().flatten() {
            if text(value).contains("\"Statement\"") {
                found.extend(statements(&format!("{}: {kind}.{id}.{attribute}", stack.name), value));
            }
        }
    }
    found
}

/// Statements of what roles are given: inline and managed policies, so the boundaries too.
pub(crate) fn identity_statements(stack: &Stack) -> Vec<Statement> {
    ["aws_iam_role_policy", "aws_iam_policy"].into_iter().flat_map(|kind| of_kind(stack, kind, "policy")).collect()
}

/// Statements of one attribute of all resources of a type.
pub(crate) fn of_kind(stack: &Stack, kind: &str, attribute: &str) -> Vec<Statement> {
    let entries = stack.all(kind).into_iter();
    entries
        .flat_map(|(id, body)| statements(&format!("{}: {kind}.{id}.{attribute}", stack.name), &body[attribute]))
        .collect()
}

/// Statements of the inline policies of one role.
pub(crate) fn of_role(stack: &Stack, role: &str) -> Vec<Statement> {
    let entries = stack.all("aws_iam_role_policy").into_iter();
    let of = entries.filter(|(_, body)| super::stacks::refers(&body["role"], "aws_iam_role", role));
    of.flat_map(|(id, body)| statements(&format!("{}: aws_iam_role_policy.{id}", stack.name), &body["policy"]))
        .collect()
}

#[test]
fn patterns_match_as_in_iam() {
    for (pattern, text, want) in [
        ("s3:*", "s3:GetObject", true),
        ("S3:get*", "s3:GetObject", true),
        ("s3:Get", "s3:GetObject", false),
        ("*", "", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*agResource", "kms:UntagResource", true),
    ] {
        assert_eq!(matches(pattern, text), want, "{pattern} on {text}");
    }
}
