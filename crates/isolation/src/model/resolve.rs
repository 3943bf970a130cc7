//! What a text of a Terraform document will be: references to the stack's own resources are followed, the rest is marked as unknown.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::catalog::kind_of;
use crate::facts::reference;
use crate::iam::UNKNOWN;

/// The account that Terraform's own credentials lead to.
pub(crate) const SHARED_ACCOUNT: &str = "⟪account⟫";

/// Follows references in one stack's document.
pub(crate) struct Resolver<'d> {
    stack: &'d str,
    document: &'d Value,
    pub(crate) account: String,
    pub(crate) region: String,
    known: RefCell<BTreeMap<String, String>>,
}

/// How deep references may lead to one another.
const DEEPEST: usize = 8;

impl<'d> Resolver<'d> {
    pub(crate) fn new(stack: &'d str, document: &'d Value) -> Self {
        let provider = provider(document);
        let text = |field: &str| provider.and_then(|provider| provider.get(field)).and_then(Value::as_str);
        let assumed = provider.and_then(|provider| provider.get("assume_role")).map(|role| match role {
            Value::Array(roles) => roles.first().unwrap_or(&Value::Null),
            role => role,
        });
        let arn = assumed.and_then(|role| role.get("role_arn")).and_then(Value::as_str);
        let account = arn.and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
        Self {
            stack,
            document,
            account: account.unwrap_or(SHARED_ACCOUNT).to_owned(),
            region: text("region")
                .filter(|region| !region.contains("${"))
                .map_or_else(|| UNKNOWN.to_string(), str::to_owned),
            known: RefCell::default(),
        }
    }

    /// The body of a resource.
    pub(crate) fn body(&self, kind: &str, id: &str) -> Option<&'d Map<String, Value>> {
        self.block("resource", kind, id)
    }

    fn block(&self, section: &str, kind: &str, id: &str) -> Option<&'d Map<String, Value>> {
        let body = self.document.get(section)?.get(kind)?.get(id)?;
        body.as_object().or_else(|| body.as_array()?.first()?.as_object())
    }

    /// A text with its references followed and `$${` and `%%{` unescaped.
    pub(crate) fn text(&self, text: &str) -> String {
        self.text_within(text, DEEPEST)
    }

    /// The text of a field; none if the field is absent or no text.
    pub(crate) fn field(&self, body: &Map<String, Value>, field: &str) -> Option<String> {
        body.get(field).and_then(Value::as_str).map(|text| self.text(text))
    }

    fn text_within(&self, text: &str, depth: usize) -> String {
        if !text.contains("${") && !text.contains("%{") {
            return text.to_owned();
        }
        let mut found = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['$', '%']) {
            let (before, sign) = rest.split_at(at);
            found.push_str(before);
            if let Some(after) = sign.strip_prefix("$${") {
                found.push_str("${");
                rest = after;
            } else if let Some(after) = sign.strip_prefix("%%{") {
                found.push_str("%{");
                rest = after;
            } else if let Some((inner, after)) = expression(sign, "${") {
                found.push_str(&self.expression(inner, depth));
                rest = after;
            } else if sign.starts_with("${") || sign.starts_with("%{") {
                // A directive, or an expression that does not end.
                found.push(UNKNOWN);
                rest = "";
            } else {
                let (sign, after) = sign.split_at(1);
                found.push_str(sign);
                rest = after;
            }
        }
        found.push_str(rest);
        found
    }

    fn expression(&self, inner: &str, depth: usize) -> String {
        let inner = inner.trim();
        if let Some(known) = self.known.borrow().get(inner) {
            return known.clone();
        }
        let value = self.look_up(inner, depth).unwrap_or_else(|| UNKNOWN.to_string());
        self.known.borrow_mut().insert(inner.to_owned(), value.clone());
        value
    }

    fn look_up(&self, inner: &str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        if let Some(name) = inner.strip_prefix("local.") {
            return Some(self.text_within(self.document.get("locals")?.get(name)?.as_str()?, depth));
        }
        if let Some(data) = inner.strip_prefix("data.") {
            let (kind, rest) = data.split_once('.')?;
            let (id, attribute) = rest.split_once('.')?;
            self.block("data", kind, id)?;
            return match (kind, attribute) {
                ("aws_caller_identity", "account_id") => Some(self.account.clone()),
                ("aws_region", "name" | "region" | "id") => Some(self.region.clone()),
                ("aws_partition", "partition") => Some("aws".to_owned()),
                ("aws_partition", "dns_suffix") => Some("amazonaws.com".to_owned()),
                _ => None,
            };
        }
        let whole = format!("${{{inner}}}");
        let (kind, id, attribute) = reference(&whole)?;
        let body = self.body(kind, id)?;
        if ["count", "for_each"].iter().any(|field| body.contains_key(*field)) {
            return None;
        }
        match (attribute, body.get(attribute)) {
            (_, Some(Value::String(given))) => Some(self.text_within(given, depth)),
            ("arn", _) => self.arn_within(kind, id, depth),
            ("id" | "name" | "bucket" | "function_name", _) => Some(self.name_within(kind, id, depth)),
            _ => Some(self.made_up(kind, id, attribute)),
        }
    }

    /// A value that AWS makes up: unlike any other.
    fn made_up(&self, kind: &str, id: &str, attribute: &str) -> String {
        let attribute = match (kind, attribute) {
            ("aws_kms_key", "key_id" | "id") => "id",
            (_, attribute) => attribute,
        };
        format!("⟪{} {kind}.{id} {attribute}⟫", self.stack)
    }

    fn name_within(&self, kind: &str, id: &str, depth: usize) -> String {
        let field = kind_of(kind).map_or("name", |kind| kind.name);
        match self.body(kind, id).and_then(|body| body.get(field)).and_then(Value::as_str) {
            Some(name) if !field.is_empty() => self.text_within(name, depth),
            _ => self.made_up(kind, id, "id"),
        }
    }

    fn arn_within(&self, kind: &str, id: &str, depth: usize) -> Option<String> {
        let known = kind_of(kind)?;
        let body = self.body(kind, id)?;
        let mut name = self.name_within(kind, id, depth);
        if known.label == "role"
            && let Some(path) = body.get("path").and_then(Value::as_str)
        {
            name = format!("{}{name}", self.text_within(path, depth).trim_start_matches('/'));
        }
        if kind == "aws_ssm_parameter" {
            name = name.trim_start_matches('/').to_owned();
        }
        if kind == "aws_cloudwatch_event_rule"
            && let Some(bus) = body.get("event_bus_name").and_then(Value::as_str).filter(|bus| *bus != "default")
        {
            name = format!("{}/{name}", self.text_within(bus, depth));
        }
        let arn = known.arn.replace("{region}", &self.region).replace("{account}", &self.account);
        Some(arn.replace("{name}", &name))
    }

    /// The ARN of a resource of a known kind.
    pub(crate) fn arn(&self, kind: &str, id: &str) -> Option<String> {
        self.arn_within(kind, id, DEEPEST)
    }

    /// Every text below a value resolved.
    pub(crate) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(item)).collect()),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(key, field)| (self.text(key), self.value(field))).collect())
            }
            other => other.clone(),
        }
    }

    /// A policy document: JSON in a text, or a reference to a `data.aws_iam_policy_document`.
    pub(crate) fn policy(&self, text: &str) -> Option<Value> {
        if let Some(id) =
            text.strip_prefix("${data.aws_iam_policy_document.").and_then(|rest| rest.strip_suffix(".json}"))
        {
            return super::document::from_data(self.block("data", "aws_iam_policy_document", id)?)
                .map(|value| self.value(&value));
        }
        if let Some(name) = text.strip_prefix("${local.").and_then(|rest| rest.strip_suffix('}')) {
            return self.policy(self.document.get("locals")?.get(name)?.as_str()?);
        }
        serde_json::from_str::<Value>(text).ok().map(|value| self.value(&value))
    }
}

/// The default AWS provider's settings.
pub(crate) fn provider(document: &Value) -> Option<&Map<String, Value>> {
    match document.get("provider")?.get("aws")? {
        Value::Array(all) => all.iter().filter_map(Value::as_object).find(|provider| !provider.contains_key("alias")),
        single => single.as_object(),
    }
}

/// What stands between `${` and its `}`.
fn expression<'t>(text: &'t str, open: &str) -> Option<(&'t str, &'t str)> {
    let inner = text.strip_prefix(open)?;
    let mut depth = 1_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_followed_and_the_rest_is_unknown() {
        let document = json!({
            "provider": { "aws": [{ "region": "eu-west-1", "assume_role": [{ "role_arn": "arn:aws:iam::111122223333:role/d" }] }] },
            "data": { "aws_caller_identity": { "me": {} } },
            "locals": { "who": "acme" },
            "resource": {
                "aws_s3_bucket": { "data": { "bucket": "b-${local.who}" } },
                "aws_iam_role": { "api": { "name": "api", "path": "/app/" } },
                "aws_kms_key": { "key": {} },
                "aws_sqs_queue": { "many": { "name": "q", "count": 2 } },
            },
        });
        let resolver = Resolver::new("s", &document);
        for (text, want) in [
            ("plain", "plain"),
            ("arn:${data.aws_caller_identity.me.account_id}:x", "arn:111122223333:x"),
            ("${aws_s3_bucket.data.arn}/*", "arn:aws:s3:::b-acme/*"),
            ("${aws_s3_bucket.data.id}", "b-acme"),
            ("${aws_iam_role.api.arn}", "arn:aws:iam::111122223333:role/app/api"),
            ("${aws_kms_key.key.arn}", "arn:aws:kms:eu-west-1:111122223333:key/⟪s aws_kms_key.key id⟫"),
            ("$${aws:PrincipalTag/TenantId}", "${aws:PrincipalTag/TenantId}"),
            ("${aws_sqs_queue.many.arn}", "\u{f8ff}"),
            ("${var.x}-${join(\"\", [])}", "\u{f8ff}-\u{f8ff}"),
            ("%{ if true }x%{ endif }", "\u{f8ff}"),
            ("100% $5", "100% $5"),
        ] {
            assert_eq!(resolver.text(text), want, "{text}");
        }
    }
}
