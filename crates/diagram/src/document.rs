//! One stack's Terraform document, and what its resources say of one another: by reference, or by name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Where a resource stands: its type and id.
pub(crate) type Address<'a> = (&'a str, &'a str);

/// A stack's document with its names looked up.
pub(crate) struct Document<'a> {
    pub(crate) stack: &'a str,
    body: &'a Value,
    names: BTreeMap<&'a str, Address<'a>>,
}

/// The attributes that hold a resource's name in AWS.
pub(crate) const NAMES: [&str; 3] = ["name", "bucket", "function_name"];

impl<'a> Document<'a> {
    pub(crate) fn new(stack: &'a str, body: &'a Value) -> Self {
        let mut document = Self { stack, body, names: BTreeMap::new() };
        let mut names = BTreeMap::new();
        for (address, resource) in document.resources() {
            let name = NAMES.iter().find_map(|attribute| literal(resource.get(attribute)?));
            // Roles' policies are called like their roles: what has tags is the thing itself.
            if let (Some(name), Some(_)) = (name, resource.get("tags")) {
                names.entry(name).or_insert(address);
            }
        }
        document.names = names;
        document
    }

    /// All resources, in the order of their addresses.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (Address<'a>, &'a Value)> + use<'a> {
        let types = self.body.get("resource").and_then(Value::as_object);
        types.into_iter().flatten().flat_map(|(kind, ids)| {
            ids.as_object().into_iter().flatten().map(move |(id, body)| ((kind.as_str(), id.as_str()), body))
        })
    }

    /// The resources of one type.
    pub(crate) fn of(&self, kind: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let ids = self.body.pointer(&format!("/resource/{kind}")).and_then(Value::as_object);
        ids.into_iter().flatten().map(|(id, body)| (id.as_str(), body))
    }

    pub(crate) fn get(&self, address: Address<'_>) -> Option<&'a Value> {
        self.body.get("resource")?.get(address.0)?.get(address.1)
    }

    pub(crate) fn has(&self, kind: &str) -> bool {
        self.of(kind).next().is_some()
    }

    /// The region that the provider works in.
    pub(crate) fn region(&self) -> &'a str {
        self.body.pointer("/provider/aws/0/region").and_then(Value::as_str).unwrap_or_default()
    }

    /// The AWS account that the provider is led to, if it is not the caller's own.
    pub(crate) fn account(&self) -> Option<&'a str> {
        let role = self.body.pointer("/provider/aws/0/assume_role")?;
        let role = role.get(0).unwrap_or(role).get("role_arn")?.as_str()?;
        role.split(':').nth(4)
    }

    /// The resource that has this name in AWS.
    pub(crate) fn named(&self, name: &str) -> Option<Address<'a>> {
        self.names.get(name).copied()
    }

    /// The names in AWS.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.names.keys().copied()
    }

    /// The resources that a value refers to, and those that it names.
    pub(crate) fn mentions(&self, value: &'a Value) -> BTreeSet<Address<'a>> {
        let mut found = BTreeSet::new();
        for text in texts(value) {
            found.extend(references(text));
            found.extend(words(text).filter_map(|word| self.named(word)));
        }
        found
    }
}

/// A text without a reference in it.
pub(crate) fn literal(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.contains("${"))
}

/// The first resource that an attribute refers to.
pub(crate) fn reference<'a>(body: &'a Value, attribute: &str) -> Option<Address<'a>> {
    references(body.get(attribute)?.as_str()?).next()
}

/// The resources that a value refers to.
pub(crate) fn all_references(value: &Value) -> BTreeSet<Address<'_>> {
    texts(value).into_iter().flat_map(references).collect()
}

/// `${aws_type.id.attribute}`, and not `$${…}`, which is no reference but IAM's or the shell's own.
fn references(text: &str) -> impl Iterator<Item = Address<'_>> {
    text.match_indices("${").filter_map(|(at, _)| {
        let escaped = text.get(..at)?.ends_with('$');
        let mut parts = text.get(at + 2..)?.split(['.', '}', '[', ' ']);
        let (kind, id) = (parts.next()?, parts.next()?);
        (!escaped && kind.starts_with("aws_")).then_some((kind, id))
    })
}

/// The parts of ARNs, of paths and of JSON in a text, any of which can be a name.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).filter(|word| !word.is_empty())
}

/// Every text in a value; what stands beside the resource (`//`, `depends_on`, tags) is not of it.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(fields) => {
                let own = fields.iter().filter(|(key, _)| !["//", "depends_on", "tags"].contains(&key.as_str()));
                own.for_each(|(_, item)| walk(item, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &mut found);
    found
}

/// JSON that stands in a text, such as a policy.
pub(crate) fn embedded(body: &Value, attribute: &str) -> Value {
    let text = body.get(attribute).and_then(Value::as_str).unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| Value::Object(Map::new()))
}

/// A text, or nothing.
pub(crate) fn text<'a>(body: &'a Value, attribute: &str) -> &'a str {
    body.get(attribute).and_then(Value::as_str).unwrap_or_default()
}

/// An attribute that is one text or a list of them.
pub(crate) fn list<'a>(body: &'a Value, pointer: &str) -> Vec<&'a str> {
    match body.pointer(pointer) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_told_from_escaped_text() {
        let text =
            "x ${aws_vpc.tenant.id} $${aws:PrincipalTag/TenantId} ${data.aws_region.r.name} ${aws_subnet.a[0].id}";
        assert_eq!(references(text).collect::<Vec<_>>(), [("aws_vpc", "tenant"), ("aws_subnet", "a")]);
    }

    #[test]
    fn names_are_found_inside_arns_and_whole_only() {
        let body =
            json!({ "resource": { "aws_s3_bucket": { "data": { "bucket": "tenant-acme-data-dev", "tags": {} } } } });
        let document = Document::new("tenant-acme-dev", &body);
        let mentions = |text: &str| document.mentions(&json!({ "policy": text })).len();
        assert_eq!(mentions("arn:aws:s3:::tenant-acme-data-dev/*"), 1);
        assert_eq!(mentions("arn:aws:s3:::tenant-acme-data-dev-old/*"), 0);
    }
}
