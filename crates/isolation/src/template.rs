//! Stacks that are equal but for the tenant: what one of them says of id, account and addresses is taken out, and what is left is
//! compared, text by text.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::{Map, Value, json};

use crate::model::provider;

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
pub(crate) struct Template(BTreeMap<&'static str, Node>);

/// A value without its tenant. Texts are cut at the marks, so that comparing one takes no search.
#[derive(Clone, Debug)]
enum Node {
    Text(Vec<Part>),
    List(Vec<Node>),
    Fields(Vec<(String, Node)>),
    Other(Value),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Id,
    Account,
    /// An address: how far from the start of the block, and the length of the prefix.
    Net(u32, u8),
}

fn in_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

impl Own {
    /// The text, cut where something is the tenant's own.
    fn taken_out(&self, text: &str) -> Vec<Part> {
        if let Some(net) = self.net(text) {
            return vec![net];
        }
        let mut found = Vec::new();
        let mut copied = 0;
        let ids = text.match_indices(self.id.as_str()).filter(|(at, id)| self.stands_at(text, *at, at + id.len()));
        let mut marks: Vec<(usize, usize, Part)> = ids.map(|(at, id)| (at, at + id.len(), Part::Id)).collect();
        let accounts = self.account.iter().flat_map(|account| text.match_indices(account.as_str()));
        marks.extend(accounts.map(|(at, account)| (at, at + account.len(), Part::Account)));
        marks.sort_by_key(|(at, ..)| *at);
        let mut cut = Vec::new();
        for (at, end, mark) in marks {
            if at >= copied {
                cut.push((copied..at, mark));
                copied = end;
            }
        }
        for (range, mark) in cut {
            match text.get(range) {
                None | Some("") => {}
                Some(literal) => found.push(Part::Literal(literal.to_owned())),
            }
            found.push(mark);
        }
        match text.get(copied..) {
            None | Some("") => {}
            Some(literal) => found.push(Part::Literal(literal.to_owned())),
        }
        found
    }

    /// The address inside of the own block that a text is.
    fn net(&self, text: &str) -> Option<Part> {
        let (block, net) = (self.block?, text.parse::<Ipv4Net>().ok()?);
        let offset = net.network().to_bits().wrapping_sub(block.network().to_bits());
        block.contains(&net).then(|| Part::Net(offset, net.prefix_len()))
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

    /// Whether a text is what the parts become for this tenant.
    fn makes(&self, parts: &[Part], text: &str) -> bool {
        let mut rest = text;
        for part in parts {
            let own = match part {
                Part::Literal(literal) => Some(literal.as_str()),
                Part::Id => Some(self.id.as_str()),
                Part::Account => self.account.as_deref(),
                net @ Part::Net(..) => return self.net(text).as_ref() == Some(net),
            };
            match own.and_then(|own| rest.strip_prefix(own)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// A value with a stand-in for the tenant.
    fn put_in(&self, node: &Node) -> Value {
        match node {
            Node::Text(parts) => {
                let text = |part: &Part| match part {
                    Part::Literal(literal) => literal.clone(),
                    Part::Id => self.id.clone(),
                    Part::Account => self.account.clone().unwrap_or_default(),
                    // Addresses are judged stack by stack, and not here.
                    Part::Net(..) => "0.0.0.0/0".to_owned(),
                };
                Value::String(parts.iter().map(text).collect())
            }
            Node::List(items) => Value::Array(items.iter().map(|item| self.put_in(item)).collect()),
            Node::Fields(fields) => {
                Value::Object(fields.iter().map(|(key, field)| (key.clone(), self.put_in(field))).collect())
            }
            Node::Other(value) => value.clone(),
        }
    }
}

impl Template {
    pub(crate) fn of(document: &Value, own: &Own) -> Self {
        let sections = SECTIONS.iter().filter_map(|section| Some((*section, mark(document.get(section)?, own))));
        let provider = ("provider", mark(&settings(document), own));
        Self(sections.chain([provider]).collect())
    }

    /// Whether a document is what the template becomes for this tenant: nothing more, nothing less.
    pub(crate) fn makes(&self, document: &Value, own: &Own) -> bool {
        let section = |name: &str| match (self.0.get(name), document.get(name)) {
            (None, None) => true,
            (Some(template), Some(value)) => same(template, value, own),
            _ => false,
        };
        self.0.get("provider").is_some_and(|template| same(template, &settings(document), own))
            && SECTIONS.iter().all(|name| section(name))
    }

    /// The document for a tenant, or for what stands for any tenant.
    pub(crate) fn put_in(&self, own: &Own) -> Value {
        Value::Object(self.0.iter().map(|(section, node)| ((*section).to_owned(), own.put_in(node))).collect())
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

fn mark(value: &Value, own: &Own) -> Node {
    match value {
        Value::String(text) => Node::Text(own.taken_out(text)),
        Value::Array(items) => Node::List(items.iter().map(|item| mark(item, own)).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(key, _)| *key != "//");
            Node::Fields(fields.map(|(key, field)| (key.clone(), mark(field, own))).collect())
        }
        other => Node::Other(other.clone()),
    }
}

fn same(template: &Node, value: &Value, own: &Own) -> bool {
    match (template, value) {
        (Node::Text(parts), Value::String(text)) => own.makes(parts, text),
        (Node::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, own)),
        (Node::Fields(a), Value::Object(b)) => {
            let mut fields = b.iter().filter(|(key, _)| *key != "//");
            let all = a.iter().all(|(key, template)| {
                fields.next().is_some_and(|(given, value)| given == key && same(template, value, own))
            });
            all && fields.next().is_none()
        }
        (Node::Other(a), b) => a == b,
        _ => false,
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
        let words = |text: &str| -> String {
            let word = |part: &Part| match part {
                Part::Literal(literal) => literal.clone(),
                Part::Id => "<id>".to_owned(),
                other => format!("{other:?}"),
            };
            api.taken_out(text).iter().map(word).collect()
        };
        for (text, want) in [
            ("tenant-api-api-dev", "tenant-<id>-api-dev"),
            ("a:api/b", "a:<id>/b"),
            ("rapid", "rapid"),
            ("x-tenant-api-dev", "x-tenant-api-dev"),
            ("api", "<id>"),
            ("", ""),
            ("${aws_sqs_queue.api.arn}:api", "${aws_sqs_queue.api.arn}:<id>"),
            ("$${aws:PrincipalTag/x, 'api'}", "$${aws:PrincipalTag/x, '<id>'}"),
        ] {
            assert_eq!(words(text), want);
            assert!(api.makes(&api.taken_out(text), text));
        }
    }
}
