//! Names and tags: whose a stack is, what it calls its own, and what of others it mentions.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::facts::{Block, each_text};
use crate::finding::{Finding, Rule};

/// What every tenant's name starts with.
const PREFIX: &str = "tenant-";

/// The fields that hold a resource's own name. For the types that AWS names by a tag it is the tag `Name`.
const NAME_FIELDS: [&str; 6] = ["name", "bucket", "function_name", "alarm_name", "target_id", "policy_name"];

/// The names of one stack.
#[derive(Default)]
pub(crate) struct Names {
    /// What the stack gives to its resources.
    pub(crate) own: BTreeSet<String>,
    /// Everything that looks like a tenant's name anywhere in the stack.
    pub(crate) mentioned: BTreeSet<String>,
    /// The values of the tag `TenantId`.
    pub(crate) owners: BTreeSet<String>,
    pub(crate) findings: Vec<Finding>,
}

/// The whole names in a text: the longest runs of a name's characters that start with the prefix.
pub(crate) fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.match_indices(PREFIX).filter_map(move |(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().last());
        let rest = text.get(at..)?;
        let end = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        let name = rest.get(..end)?;
        (!before.is_some_and(in_name) && name.len() > PREFIX.len()).then_some(name)
    })
}

pub(crate) fn read(stack: &str, document: &Value, resources: &[Block<'_>]) -> Names {
    let mut names = Names::default();
    for block in resources {
        let tags = block.body.get("tags").and_then(Value::as_object);
        if let Some(owner) = tags.and_then(|tags| tags.get("TenantId")).and_then(Value::as_str) {
            names.owners.insert(owner.to_owned());
        } else if tags.is_some() && document.pointer("/provider/aws/0/default_tags").is_none() {
            names.findings.push(finding(Rule::OneOwner, stack, block, "has tags but no TenantId".to_owned()));
        }
        let tag = tags.and_then(|tags| tags.get("Name"));
        let fields = NAME_FIELDS.iter().filter_map(|field| block.body.get(*field)).chain(tag);
        for name in fields.filter_map(Value::as_str).filter(|name| !name.contains("${")) {
            names.own.insert(name.strip_prefix("alias/").unwrap_or(name).to_owned());
        }
    }
    // Only what AWS will see: a stack's own name, in the path of its state, may look like a resource's of another tenant.
    for section in ["resource", "data", "output"].iter().filter_map(|section| document.get(section)) {
        each_text(section, &mut |text| {
            for name in mentioned(text) {
                if !names.mentioned.contains(name) {
                    names.mentioned.insert(name.to_owned());
                }
            }
        });
    }
    names
}

/// Names of a tenant's stack that are not made from the tenant.
pub(crate) fn strangers(stack: &str, owner: &str, names: &Names) -> Vec<Finding> {
    let prefix = format!("{PREFIX}{owner}-");
    let suffix = stack.strip_prefix(&prefix).map(|suffix| format!("-{suffix}"));
    let legal = |name: &str| name.starts_with(&prefix) && suffix.as_ref().is_none_or(|suffix| name.ends_with(suffix));
    let strange = names.own.iter().filter(|name| !legal(name));
    strange
        .map(|name| Finding {
            rule: Rule::OwnNames,
            stacks: vec![stack.to_owned()],
            resource: String::new(),
            found: format!("the name `{name}` is not made from tenant `{owner}`"),
            access: None,
        })
        .collect()
}

pub(crate) fn finding(rule: Rule, stack: &str, block: &Block<'_>, found: String) -> Finding {
    Finding { rule, stacks: vec![stack.to_owned()], resource: block.address(), found, access: None }
}
