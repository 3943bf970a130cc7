//! Stacks that are equal but for the tenant: what one of them says of id, account and addresses is taken out, and what is left is
//! compared, text by text.

use ipnet::Ipv4Net;
use serde_json::{Map, Value, json};

use crate::model::provider;

/// Stand for the tenant's id, its account, and an address inside of its block.
const ID: char = '\u{e000}';
const ACCOUNT: char = '\u{e001}';
const NET: char = '\u{e002}';

/// The sections of a document that say what will be deployed. (`terraform` says where the state is, `output` what is shown.)
const SECTIONS: [&str; 4] = ["resource", "data", "locals", "module"];

/// What is a tenant's own in its stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) id: String,
    /// The AWS account, where the stack names one.
    pub(crate) account: Option<String>,
    pub(crate) block: Option<Ipv4Net>,
}

/// A stack without its tenant.
#[derive(Clone, Debug)]
pub(crate) struct Template(Value);

fn in_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

impl Own {
    /// The text with the marks in place of what is the tenant's own.
    fn taken_out(&self, text: &str) -> String {
        if let (Some(block), Ok(net)) = (self.block, text.parse::<Ipv4Net>())
            && block.contains(&net)
        {
            let offset = net.network().to_bits().wrapping_sub(block.network().to_bits());
            return format!("{NET}{offset}/{}", net.prefix_len());
        }
        let text = match &self.account {
            Some(account) => text.replace(account, &ACCOUNT.to_string()),
            None => text.to_owned(),
        };
        let mut found = String::with_capacity(text.len());
        let mut copied = 0;
        for (at, _) in text.match_indices(self.id.as_str()) {
            let end = at + self.id.len();
            if at >= copied && self.stands_at(&text, at, end) {
                found.push_str(text.get(copied..at).unwrap_or_default());
                found.push(ID);
                copied = end;
            }
        }
        found.push_str(text.get(copied..).unwrap_or_default());
        found
    }

    /// Whether the id at this place is a word of its own, or stands in a name of the tenant.
    fn stands_at(&self, text: &str, at: usize, end: usize) -> bool {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(end..).unwrap_or_default().chars().next();
        let alone = |text: &str| !text.chars().next_back().is_some_and(in_name);
        // What Terraform follows is a name of the stack's own, and says nothing of the tenant.
        let inside = before.rfind("${").is_some_and(|open| {
            let escaped = before.get(..open).is_some_and(|before| before.ends_with('$'));
            !escaped && !before.get(open..).is_some_and(|inner| inner.contains('}'))
        });
        if inside {
            return false;
        }
        let whole = alone(before) && !after.is_some_and(in_name);
        whole || (after == Some('-') && before.strip_suffix("tenant-").is_some_and(alone))
    }

    /// Whether a text is what the marked text becomes for this tenant.
    fn makes(&self, marked: &str, text: &str) -> bool {
        let mut rest = text;
        let mut literal = 0;
        for (at, mark) in marked.match_indices([ID, ACCOUNT, NET]) {
            let before = marked.get(literal..at).unwrap_or_default();
            let Some(after) = rest.strip_prefix(before) else { return false };
            let own = match mark.chars().next() {
                Some(ID) => Some(self.id.as_str()),
                Some(ACCOUNT) => self.account.as_deref(),
                _ => return self.taken_out(text) == marked,
            };
            let Some(after) = own.and_then(|own| after.strip_prefix(own)) else { return false };
            rest = after;
            literal = at + mark.len();
        }
        marked.get(literal..) == Some(rest)
    }

    /// A document with a stand-in for the tenant in place of the marks.
    fn put_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with(NET) => Value::String("0.0.0.0/0".to_owned()),
            Value::String(text) if text.contains([ID, ACCOUNT]) => {
                let account = self.account.as_deref().unwrap_or_default();
                Value::String(text.replace(ID, &self.id).replace(ACCOUNT, account))
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.put_in(item)).collect()),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(key, field)| (key.clone(), self.put_in(field))).collect())
            }
            other => other.clone(),
        }
    }
}

impl Template {
    pub(crate) fn of(document: &Value, own: &Own) -> Self {
        let mut marked = Map::new();
        for section in SECTIONS {
            if let Some(value) = document.get(section) {
                marked.insert(section.to_owned(), mark(value, own));
            }
        }
        marked.insert("provider".to_owned(), mark(&settings(document), own));
        Self(Value::Object(marked))
    }

    /// Whether a document is what the template becomes for this tenant: nothing more, nothing less.
    pub(crate) fn makes(&self, document: &Value, own: &Own) -> bool {
        let section = |name: &str| match (self.0.get(name), document.get(name)) {
            (None, None) => true,
            (Some(template), Some(value)) => same(template, value, own),
            _ => false,
        };
        SECTIONS.iter().all(|name| section(name))
            && self.0.get("provider").is_some_and(|template| same(template, &settings(document), own))
    }

    /// The document for a tenant, or for what stands for any tenant.
    pub(crate) fn put_in(&self, own: &Own) -> Value {
        own.put_in(&self.0)
    }
}

/// What of the provider's settings decides where and how things are deployed.
fn settings(document: &Value) -> Value {
    let mut found = Map::new();
    let provider = provider(document);
    for field in ["region", "default_tags"] {
        if let Some(value) = provider.and_then(|provider| provider.get(field)) {
            found.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(account) = account(document) {
        found.insert("assume_role".to_owned(), json!([{ "role_arn": format!("arn:aws:iam::{account}:role/any") }]));
    }
    json!({ "aws": [found] })
}

/// The account of the role that Terraform assumes for a stack.
pub(crate) fn account(document: &Value) -> Option<String> {
    let role = provider(document)?.get("assume_role")?;
    let role = role.as_array().map_or(Some(role), |roles| roles.first())?;
    let account = role.get("role_arn")?.as_str()?.split(':').nth(4)?;
    (!account.is_empty()).then(|| account.to_owned())
}

fn mark(value: &Value, own: &Own) -> Value {
    match value {
        Value::String(text) => Value::String(own.taken_out(text)),
        Value::Array(items) => Value::Array(items.iter().map(|item| mark(item, own)).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(key, _)| *key != "//");
            Value::Object(fields.map(|(key, field)| (key.clone(), mark(field, own))).collect())
        }
        other => other.clone(),
    }
}

fn same(template: &Value, value: &Value, own: &Own) -> bool {
    match (template, value) {
        (Value::String(marked), Value::String(text)) => own.makes(marked, text),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, own)),
        (Value::Object(a), Value::Object(b)) => {
            let b = b.iter().filter(|(key, _)| *key != "//");
            let mut a = a.iter();
            let all = b.fold(true, |all, (key, value)| {
                all && a
                    .next()
                    .is_some_and(|(template_key, template)| template_key == key && same(template, value, own))
            });
            all && a.next().is_none()
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(id: &str, block: &str) -> Own {
        Own { id: id.into(), account: None, block: Some(block.parse().unwrap()) }
    }

    fn stack(id: &str, block: &str, subnet: &str) -> Value {
        json!({ "resource": { "t": { "a": { "//": { "path": id }, "name": format!("tenant-{id}-data-dev"),
            "cidr": [block, subnet, "10.0.0.0/8"], "text": format!("{{\"Tag\":\"{id}\"}} api") } } } })
    }

    #[test]
    fn stacks_that_differ_in_id_and_addresses_have_one_template() {
        let acme = own("acme", "10.3.0.0/16");
        let template = Template::of(&stack("acme", "10.3.0.0/16", "10.3.16.0/20"), &acme);
        let other = own("acme-corp", "10.7.0.0/16");
        assert!(template.makes(&stack("acme-corp", "10.7.0.0/16", "10.7.16.0/20"), &other));
        assert!(!template.makes(&stack("acme-corp", "10.7.0.0/16", "10.7.32.0/20"), &other), "another subnet");
        assert!(!template.makes(&stack("acme", "10.7.0.0/16", "10.7.16.0/20"), &other), "another tenant's id");
        let mut more = stack("acme-corp", "10.7.0.0/16", "10.7.16.0/20");
        more["resource"]["t"]["b"] = json!({});
        assert!(!template.makes(&more, &other), "one resource more");
    }

    #[test]
    fn an_id_is_taken_out_where_it_is_a_word_or_in_a_name() {
        let api = own("api", "10.3.0.0/16");
        for (text, want) in [
            ("tenant-api-api-dev", "tenant-\u{e000}-api-dev"),
            ("a:api/b", "a:\u{e000}/b"),
            ("rapid", "rapid"),
            ("x-tenant-api-dev", "x-tenant-api-dev"),
            ("api", "\u{e000}"),
            ("${aws_sqs_queue.api.arn}:api", "${aws_sqs_queue.api.arn}:\u{e000}"),
            ("$${aws:PrincipalTag/x, 'api'}", "$${aws:PrincipalTag/x, '\u{e000}'}"),
        ] {
            assert_eq!(api.taken_out(text), want);
            assert!(api.makes(want, text));
        }
    }
}
