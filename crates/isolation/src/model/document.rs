//! `data.aws_iam_policy_document`: Terraform's own way to write a policy.

use serde_json::{Map, Value, json};

use crate::facts::items;

/// The policy document that the data source will give; none if it takes others in, whose text is not here.
pub(super) fn from_data(body: &Map<String, Value>) -> Option<Value> {
    let known = ["//", "policy_id", "statement", "version"];
    if body.keys().any(|field| !known.contains(&field.as_str())) {
        return None;
    }
    let statements: Option<Vec<Value>> = items(body.get("statement")).into_iter().map(statement).collect();
    let version = body.get("version").cloned().unwrap_or_else(|| json!("2012-10-17"));
    Some(json!({ "Version": version, "Statement": statements? }))
}

fn statement(body: &Value) -> Option<Value> {
    let body = body.as_object()?;
    let known = [
        "sid",
        "effect",
        "actions",
        "not_actions",
        "resources",
        "not_resources",
        "principals",
        "not_principals",
        "condition",
    ];
    if body.keys().any(|field| !known.contains(&field.as_str())) {
        return None;
    }
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), body.get("effect").cloned().unwrap_or_else(|| json!("Allow")));
    let fields = [
        ("sid", "Sid"),
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ];
    for (from, to) in fields {
        if let Some(value) = body.get(from).filter(|value| !value.is_null()) {
            statement.insert(to.to_owned(), value.clone());
        }
    }
    for (from, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let mut kinds: Map<String, Value> = Map::new();
        for principal in items(body.get(from)) {
            let kind = principal.get("type")?.as_str()?;
            let who = items(principal.get("identifiers")).into_iter().cloned().collect::<Vec<_>>();
            if kind == "*" {
                return everybody(statement, body, to);
            }
            if let Some(Value::Array(all)) = kinds.get_mut(kind) {
                all.extend(who);
            } else {
                kinds.insert(kind.to_owned(), Value::Array(who));
            }
        }
        if !kinds.is_empty() {
            statement.insert(to.to_owned(), Value::Object(kinds));
        }
    }
    conditions(&mut statement, body)?;
    Some(Value::Object(statement))
}

fn everybody(mut statement: Map<String, Value>, body: &Map<String, Value>, to: &str) -> Option<Value> {
    statement.insert(to.to_owned(), json!("*"));
    conditions(&mut statement, body)?;
    Some(Value::Object(statement))
}

fn conditions(statement: &mut Map<String, Value>, body: &Map<String, Value>) -> Option<()> {
    let mut operators: Map<String, Value> = Map::new();
    for condition in items(body.get("condition")) {
        let test = condition.get("test")?.as_str()?;
        let key = condition.get("variable")?.as_str()?;
        let values = condition.get("values")?.clone();
        let keys = operators.entry(test).or_insert_with(|| json!({})).as_object_mut()?;
        if keys.insert(key.to_owned(), values).is_some() {
            // Terraform merges these in its own way.
            return None;
        }
    }
    if !operators.is_empty() {
        statement.insert("Condition".to_owned(), Value::Object(operators));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_document_of_terraform_is_the_same_in_json() {
        let body = json!({ "statement": [{
            "sid": "A", "actions": ["s3:GetObject"], "resources": ["*"],
            "principals": [{ "type": "AWS", "identifiers": ["1"] }, { "type": "Service", "identifiers": ["x.amazonaws.com"] }],
            "condition": [{ "test": "StringEquals", "variable": "aws:PrincipalTag/T", "values": ["a"] }],
        }] });
        assert_eq!(
            from_data(body.as_object().unwrap()).unwrap()["Statement"][0],
            json!({ "Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"],
                "Principal": { "AWS": ["1"], "Service": ["x.amazonaws.com"] },
                "Condition": { "StringEquals": { "aws:PrincipalTag/T": ["a"] } } })
        );
        assert!(from_data(json!({ "source_policy_documents": ["x"] }).as_object().unwrap()).is_none());
    }
}
