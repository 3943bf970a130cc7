//! Grants that are no policy documents in Terraform, written as the statements that AWS makes of them.

use serde_json::{Map, Value, json};

use super::resolve::{Resolver, SHARED_ACCOUNT};
use crate::facts::items;
use crate::iam::{UNKNOWN, parts};

/// The statement of an `aws_lambda_permission`
/// ([AddPermission](https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html)).
pub(super) fn of_function(body: &Map<String, Value>, resolver: &Resolver<'_>, arn: &str) -> Value {
    let text = |field: &str| resolver.field(body, field);
    let principal = text("principal").unwrap_or_default();
    let principal = match principal.as_str() {
        "*" => json!("*"),
        service if service.contains(".amazonaws.com") => json!({ "Service": service }),
        arn => json!({ "AWS": arn }),
    };
    let mut condition = Map::new();
    let mut add = |operator: &str, key: &str, value: Option<String>| {
        if let Some(value) = value {
            let keys = condition.entry(operator).or_insert_with(|| json!({}));
            if let Value::Object(keys) = keys {
                keys.insert(key.to_owned(), json!(value));
            }
        }
    };
    add("ArnLike", "aws:SourceArn", text("source_arn"));
    add("StringEquals", "aws:SourceAccount", text("source_account"));
    add("StringEquals", "aws:PrincipalOrgID", text("principal_org_id"));
    add("StringEquals", "lambda:FunctionUrlAuthType", text("function_url_auth_type"));
    add("StringEquals", "lambda:EventSourceToken", text("event_source_token"));
    let mut statement = json!({
        "Effect": "Allow", "Principal": principal, "Action": text("action").unwrap_or_else(|| "*".into()), "Resource": arn, "Condition": condition,
    });
    if let (Some(sid), Value::Object(fields)) = (text("statement_id"), &mut statement) {
        fields.insert("Sid".to_owned(), json!(sid));
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// A grant: the grantee may do the operations, whatever else its policies say
/// ([grants](https://docs.aws.amazon.com/kms/latest/developerguide/grants.html)).
pub(super) fn of_grant(body: &Map<String, Value>, resolver: &Resolver<'_>) -> Value {
    let operations: Vec<String> = items(body.get("operations"))
        .into_iter()
        .filter_map(Value::as_str)
        .map(|operation| format!("kms:{}", resolver.text(operation)))
        .collect();
    let grantee = resolver.field(body, "grantee_principal").unwrap_or_else(|| UNKNOWN.to_string());
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": operations, "Resource": "*",
        "Condition": { "StringEquals": { "aws:PrincipalArn": grantee } },
    }] })
}

/// A policy document in which what looks like one thing and may be another is marked as unknown: an id that AWS makes up, and, where the
/// own account's number is not known, a number in the place of an account.
pub(super) fn careful(document: Value, account: &str) -> Value {
    match document {
        Value::String(text) => Value::String(careful_text(text, account)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| careful(item, account)).collect()),
        Value::Object(fields) => {
            let known = |key: &str| key == "Principal" || key == "NotPrincipal";
            let fields = fields.into_iter().map(|(key, field)| {
                let field = if known(&key) { field } else { careful(field, account) };
                (key, field)
            });
            Value::Object(fields.collect())
        }
        other => other,
    }
}

fn careful_text(text: String, account: &str) -> String {
    if !text.starts_with("arn:") {
        return text;
    }
    let unknown = UNKNOWN.to_string();
    let mut fields: Vec<&str> = parts(&text).to_vec();
    if account == SHARED_ACCOUNT
        && let Some(field) = fields.get_mut(4)
        && field.len() == 12
        && field.bytes().all(|byte| byte.is_ascii_digit())
    {
        *field = &unknown;
    }
    let made_up = fields.get(2).is_some_and(|service| ["kms", "ec2"].contains(service));
    let resource = fields.get(5).and_then(|resource| {
        let (kind, id) = resource.split_once('/')?;
        let literal = !id.contains(['*', '?', '⟪', UNKNOWN]) && !id.contains("${") && kind != "alias";
        (made_up && literal).then(|| format!("{kind}/{UNKNOWN}"))
    });
    if let (Some(resource), Some(field)) = (&resource, fields.get_mut(5)) {
        *field = resource;
    }
    fields.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_another_tenants_is_marked() {
        for (text, want) in [
            ("arn:aws:kms:us-east-1:⟪account⟫:key/1234", "arn:aws:kms:us-east-1:⟪account⟫:key/\u{f8ff}"),
            ("arn:aws:kms:us-east-1:⟪account⟫:key/⟪s k id⟫", "arn:aws:kms:us-east-1:⟪account⟫:key/⟪s k id⟫"),
            ("arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sqs:us-east-1:\u{f8ff}:q"),
            ("arn:aws:s3:::b", "arn:aws:s3:::b"),
            ("*", "*"),
        ] {
            assert_eq!(careful_text(text.to_owned(), SHARED_ACCOUNT), want);
        }
        let own = "arn:aws:sqs:us-east-1:123456789012:q";
        assert_eq!(careful_text(own.to_owned(), "123456789012"), own);
    }
}
