//! What is known of a stack: its document, the one that was deployed last, and its state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::ids::import_id;

/// References lead to references; a circle must end.
const DEPTH: u8 = 5;

/// What is known of a stack.
#[derive(Debug)]
pub(super) struct Known {
    /// What the stack is to be now.
    document: Value,
    /// What it was to be for the deployment that was begun last: what that created is as this says, and a stack of a removed tenant
    /// declares nothing any more.
    begun: Value,
    state: Value,
}

impl Known {
    /// From the files; what cannot be read is not known.
    pub(super) fn new(document: &[u8], begun: &[u8], state: &[u8]) -> Self {
        let read = |bytes| serde_json::from_slice(bytes).unwrap_or(Value::Null);
        Self { document: read(document), begun: read(begun), state: read(state) }
    }

    /// What of a document is kept while it is deployed, to be given back here as `begun`: providers and resources.
    pub(super) fn kept(document: &[u8]) -> Vec<u8> {
        let document: Value = serde_json::from_slice(document).unwrap_or(Value::Null);
        let part = |name: &str| document.get(name).unwrap_or(&Value::Null);
        json!({ "provider": part("provider"), "resource": part("resource") }).to_string().into_bytes()
    }

    /// Whether the document declares a resource.
    pub(super) fn declares(&self, resource_type: &str, name: &str) -> bool {
        body_in(&self.document, resource_type, name).is_some()
    }

    fn body(&self, resource_type: &str, name: &str) -> Option<&Value> {
        body_in(&self.begun, resource_type, name).or_else(|| body_in(&self.document, resource_type, name))
    }

    /// The provider blocks, as they are.
    pub(super) fn providers(&self) -> Option<&Value> {
        let of = |document: &'_ Value| document.get("provider").is_some_and(|it| it.get("aws").is_some());
        [&self.document, &self.begun].into_iter().find(|document| of(document))?.get("provider")
    }

    /// Which provider block a resource names, if it names any.
    pub(super) fn provider_of(&self, resource_type: &str, name: &str) -> Option<&str> {
        self.body(resource_type, name)?.get("provider")?.as_str()
    }

    /// The block of AWS's provider with this alias, or the one without.
    fn provider(&self, alias: Option<&str>) -> Option<&Value> {
        let alias = alias.map(|it| it.trim_start_matches("${").trim_end_matches('}'));
        let alias = alias.filter(|it| *it != "aws").map(|it| it.trim_start_matches("aws."));
        let blocks = self.providers()?.get("aws")?;
        let all = blocks.as_array().map_or(std::slice::from_ref(blocks), Vec::as_slice);
        all.iter().find(|block| block.get("alias").and_then(Value::as_str) == alias)
    }

    /// The value of an argument of a resource, as text.
    pub(super) fn argument(&self, resource_type: &str, name: &str, argument: &str) -> Option<String> {
        self.argument_within(resource_type, name, argument, DEPTH)
    }

    fn argument_within(&self, resource_type: &str, name: &str, argument: &str, depth: u8) -> Option<String> {
        match argument {
            "account" => self.in_state("data", "aws_caller_identity", None, "account_id"),
            "region" => self.resolve(self.provider(None)?.get("region")?.as_str()?, DEPTH),
            _ => self.declared(resource_type, name, argument, depth),
        }
    }

    /// The tags that a resource has from its first moment: its own and its provider's. None where one of them is not known.
    pub(super) fn tags(&self, resource_type: &str, name: &str) -> Option<BTreeMap<String, String>> {
        let body = self.body(resource_type, name)?;
        let provider = self.provider(self.provider_of(resource_type, name));
        let of_all = provider.and_then(|block| block.get("default_tags"));
        let of_all = of_all.and_then(|block| block.get(0).unwrap_or(block).get("tags"));
        let mut tags = BTreeMap::new();
        for given in [of_all, body.get("tags")].into_iter().flatten() {
            for (key, value) in given.as_object()? {
                tags.insert(key.clone(), self.text(value, DEPTH)?);
            }
        }
        Some(tags)
    }

    /// The ids of all resources of a type that are in the state.
    pub(super) fn ids(&self, resource_type: &str) -> BTreeSet<&str> {
        let of_type = self.resources().filter(|it| is(it, "mode", "managed") && is(it, "type", resource_type));
        let instances = of_type.filter_map(|it| it.get("instances")?.as_array()).flatten();
        instances.filter_map(|instance| instance.get("attributes")?.get("id")?.as_str()).collect()
    }

    fn declared(&self, resource_type: &str, name: &str, argument: &str, depth: u8) -> Option<String> {
        self.text(self.body(resource_type, name)?.get(argument)?, depth)
    }

    fn text(&self, value: &Value, depth: u8) -> Option<String> {
        match value {
            Value::String(text) => self.resolve(text, depth),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A text with its references replaced by what they refer to.
    fn resolve(&self, text: &str, depth: u8) -> Option<String> {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if before.ends_with('$') {
                return None;
            }
            let (reference, after) = after.split_once('}')?;
            resolved.push_str(before);
            resolved.push_str(&self.refer(reference, depth.checked_sub(1)?)?);
            rest = after;
        }
        resolved.push_str(rest);
        Some(resolved)
    }

    /// What `TYPE.NAME.ATTRIBUTE` is: the state knows it best, the document where it is written out.
    fn refer(&self, reference: &str, depth: u8) -> Option<String> {
        let (mode, reference) = match reference.strip_prefix("data.") {
            Some(rest) => ("data", rest),
            None => ("managed", reference),
        };
        let mut parts = reference.split('.');
        let (resource_type, name, attribute) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || attribute.contains('[') {
            return None;
        }
        let in_state = self.in_state(mode, resource_type, Some(name), attribute);
        in_state.or_else(|| match mode {
            "managed" => self.declared(resource_type, name, attribute, depth).or_else(|| {
                // Some are imported by their ARN, which follows from their name.
                let of = |argument: &str| self.argument_within(resource_type, name, argument, depth);
                import_id(&of, resource_type).filter(|id| attribute == "arn" && id.starts_with("arn:"))
            }),
            _ => None,
        })
    }

    fn in_state(&self, mode: &str, resource_type: &str, name: Option<&str>, attribute: &str) -> Option<String> {
        let found = self.resources().find(|it| {
            is(it, "mode", mode) && is(it, "type", resource_type) && name.is_none_or(|name| is(it, "name", name))
        })?;
        found.get("instances")?.get(0)?.get("attributes")?.get(attribute)?.as_str().map(str::to_owned)
    }

    fn resources(&self) -> impl Iterator<Item = &Value> {
        self.state.get("resources").and_then(Value::as_array).into_iter().flatten()
    }
}

fn body_in<'d>(document: &'d Value, resource_type: &str, name: &str) -> Option<&'d Value> {
    document.get("resource")?.get(resource_type)?.get(name)
}

fn is(resource: &Value, key: &str, value: &str) -> bool {
    resource.get(key).and_then(Value::as_str) == Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(document: &Value, begun: &Value, state: &Value) -> Known {
        Known::new(document.to_string().as_bytes(), begun.to_string().as_bytes(), state.to_string().as_bytes())
    }

    #[test]
    fn a_resource_has_the_tags_of_its_provider_and_its_own() {
        let document = json!({
            "provider": { "aws": [
                { "region": "eu-west-1", "default_tags": [{ "tags": { "TenantId": "acme", "Environment": "dev" } }] },
                { "alias": "home", "default_tags": { "tags": { "TenantId": "other" } } },
            ] },
            "resource": {
                "aws_vpc": {
                    "a": { "tags": { "Environment": "test", "Name": "vpc-${aws_kms_alias.k.name}", "Index": 3 } },
                    "plain": {},
                    "there": { "provider": "aws.home" },
                    "here": { "provider": "aws" },
                    "unknown": { "tags": { "Name": "${var.name}" } },
                    "computed": { "tags": "${local.tags}" },
                },
                "aws_kms_alias": { "k": { "name": "alias" } },
            },
        });
        let known = known(&document, &Value::Null, &Value::Null);
        let tags = |name| known.tags("aws_vpc", name).map(|tags| json!(tags));
        assert_eq!(
            tags("a"),
            Some(json!({ "TenantId": "acme", "Environment": "test", "Name": "vpc-alias", "Index": "3" }))
        );
        assert_eq!(tags("plain"), Some(json!({ "TenantId": "acme", "Environment": "dev" })));
        assert_eq!(tags("here"), tags("plain"));
        assert_eq!(tags("there"), Some(json!({ "TenantId": "other" })));
        for unknown in ["unknown", "computed", "absent"] {
            assert_eq!(tags(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn what_was_begun_is_as_the_document_of_then_says() {
        let document = json!({ "provider": { "aws": [{ "region": "a" }] }, "resource": { "aws_vpc": { "a": { "cidr_block": "new" } } } });
        let begun = json!({ "provider": { "aws": [{ "region": "b" }] }, "resource": { "aws_vpc": { "a": { "cidr_block": "old" }, "gone": {} } } });
        let kept: Value = serde_json::from_slice(&Known::kept(begun.to_string().as_bytes())).unwrap();
        assert_eq!(kept, begun);
        assert_eq!(Known::kept(b"{"), br#"{"provider":null,"resource":null}"#);
        let known = known(&document, &kept, &Value::Null);
        assert_eq!(known.argument("aws_vpc", "a", "cidr_block").as_deref(), Some("old"));
        assert_eq!(known.argument("aws_vpc", "a", "region").as_deref(), Some("a"), "where it is asked is told by now");
        assert!(known.declares("aws_vpc", "a") && !known.declares("aws_vpc", "gone"));
        assert!(known.tags("aws_vpc", "gone").is_some_and(|tags| tags.is_empty()));
    }

    #[test]
    fn ids_are_those_of_every_instance_in_the_state() {
        let state = json!({ "resources": [
            { "mode": "managed", "type": "aws_vpc", "name": "a", "instances": [{ "attributes": { "id": "vpc-1" } }] },
            { "mode": "managed", "type": "aws_vpc", "name": "b",
              "instances": [{ "attributes": { "id": "vpc-2" } }, { "deposed": "x", "attributes": { "id": "vpc-3" } }] },
            { "mode": "data", "type": "aws_vpc", "name": "c", "instances": [{ "attributes": { "id": "vpc-4" } }] },
            { "mode": "managed", "type": "aws_subnet", "name": "a", "instances": [{ "attributes": { "id": "subnet-1" } }] },
        ] });
        let known = known(&Value::Null, &Value::Null, &state);
        assert_eq!(known.ids("aws_vpc").into_iter().collect::<Vec<_>>(), ["vpc-1", "vpc-2", "vpc-3"]);
    }
}
