//! Reading the IAM policies in a stack.

use serde_json::Value;

use crate::stacks::{Resource, Stack};

/// One statement of a policy and where it stands.
pub struct Statement {
    /// The resource and field that hold the policy.
    pub at: String,
    /// The statement.
    pub body: Value,
}

impl Statement {
    /// A field as a list of texts, whether it holds one or several.
    pub fn list(&self, field: &str) -> Vec<String> {
        texts(&self.body[field])
    }

    /// The values of a condition.
    pub fn condition(&self, operator: &str, key: &str) -> Vec<String> {
        texts(&self.body["Condition"][operator][key])
    }

    /// Whether the statement allows.
    pub fn allows(&self) -> bool {
        self.body["Effect"] == "Allow"
    }

    /// The statement's name.
    pub fn sid(&self) -> &str {
        self.body["Sid"].as_str().unwrap_or_default()
    }
}

/// A text or a list of texts as a list.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

/// The statements of a policy in a field of a resource.
pub fn statements(resource: &Resource<'_>, field: &str) -> Vec<Statement> {
    let text = resource.get(field).as_str().unwrap_or_else(|| panic!("{}: no {field}", resource.address()));
    let policy: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", resource.address()));
    assert_eq!(policy["Version"], "2012-10-17", "{}", resource.address());
    let at = format!("{}.{field}", resource.address());
    let list = policy["Statement"].as_array().expect("statements");
    list.iter().map(|body| Statement { at: at.clone(), body: body.clone() }).collect()
}

/// The statements of all policies that roles of a stack have of their own.
pub fn identity(stack: &Stack) -> Vec<Statement> {
    stack.of("aws_iam_role_policy").iter().flat_map(|policy| statements(policy, "policy")).collect()
}
