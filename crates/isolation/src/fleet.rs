//! All stacks together. Each one is read once and let go; what is kept of it is small, and comparing grows with the number of stacks,
//! not of pairs.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::cidr::common;
use crate::facts::blocks;
use crate::finding::{Finding, Rule, Summary, Verdict};
use crate::judgement::Judgement;
use crate::model::{Model, provider};
use crate::names::{self, Names};
use crate::needs::Call;
use crate::network;
use crate::template::{Own, Template, account};

/// The owner that the provider's default tags name.
fn default_owner(document: &Value) -> Option<String> {
    let tags = provider(document)?.get("default_tags")?;
    let tags = tags.as_array().map_or(Some(tags), |tags| tags.first())?;
    Some(tags.get("tags")?.get("TenantId")?.as_str()?.to_owned())
}

/// Whether there is nothing in a document that could exist in AWS or bring something in.
fn declares_nothing(document: &Value) -> bool {
    const SETTINGS: [&str; 6] = ["//", "terraform", "provider", "variable", "locals", "output"];
    let sections = document.as_object().into_iter().flatten();
    sections.filter(|(name, _)| !SETTINGS.contains(&name.as_str())).all(|(_, body)| match body {
        Value::Object(blocks) => blocks.is_empty(),
        Value::Array(blocks) => blocks.is_empty(),
        other => other.is_null(),
    }) && document.is_object()
}

/// The value of the tag `TenantId` on what no tenant owns.
pub(crate) const PLATFORM: &str = "platform";

/// The stacks that are judged together.
#[derive(Default)]
pub struct Fleet {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) classes: Vec<Class>,
    pub(crate) calls: Vec<Call>,
}

/// What is kept of a stack.
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) owner: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) networks: Vec<Ipv4Net>,
    pub(crate) class: usize,
    /// Whether it is what an earlier run deployed: what the code of its functions calls is not known.
    pub(crate) deployed: bool,
    names: Names,
    findings: Vec<Finding>,
}

impl Stack {
    /// The tenant; none for what is shared, or is nobody's.
    pub(crate) fn tenant(&self) -> Option<&str> {
        self.owner.as_deref().filter(|owner| *owner != PLATFORM)
    }
}

/// Stacks that are equal but for their tenants.
pub(crate) struct Class {
    pub(crate) template: Template,
    /// Their places in the fleet.
    pub(crate) members: Vec<usize>,
}

impl Fleet {
    /// A fleet without stacks.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the code of every tenant's functions calls: a tenant whose functions may not do that is a finding.
    pub fn expect(&mut self, calls: Vec<Call>) {
        self.calls = calls;
    }

    /// Reads a stack's Terraform JSON document.
    ///
    /// One that declares nothing, as that of a tenant whose resources are to go, is nobody's: it is counted as a stack and gives nobody
    /// access to anything. What AWS still has of such a tenant stands in the document that was deployed; see [`Fleet::add_deployed`].
    pub fn add(&mut self, stack: &str, document: &Value) {
        self.read(stack, document, false);
    }

    /// Reads the document that a stack was last deployed with, where that is not the one that is written now: of a tenant that is being
    /// removed, or is pinned. It is judged as any other, but what the code of its functions calls is not known.
    pub fn add_deployed(&mut self, stack: &str, document: &Value) {
        self.read(stack, document, true);
    }

    fn read(&mut self, stack: &str, document: &Value, deployed: bool) {
        let resources = blocks(document, "resource");
        let mut names = names::read(stack, document, &resources);
        let network = network::read(stack, &resources);
        let mut findings = network.findings;
        findings.append(&mut names.findings);
        for data in blocks(document, "data").iter().filter(|data| data.kind == "terraform_remote_state") {
            findings.push(names::finding(
                Rule::NoForeignNames,
                stack,
                data,
                "reads the state of another stack".to_owned(),
            ));
        }
        if names.owners.is_empty() {
            names.owners.extend(default_owner(document));
        }
        if stack.starts_with("tenant-") && names.owners.contains(PLATFORM) {
            findings.push(Finding {
                rule: Rule::OneOwner,
                stacks: vec![stack.to_owned()],
                resource: String::new(),
                found: "a tenant's stack is tagged as the platform's".to_owned(),
                access: None,
            });
        }
        let owner = match names.owners.len() {
            1 => names.owners.first().cloned(),
            0 if declares_nothing(document) => None,
            count => {
                let found = format!("{count} owners in the tags `TenantId`, where there should be one");
                findings.push(Finding {
                    rule: Rule::OneOwner,
                    stacks: vec![stack.to_owned()],
                    resource: String::new(),
                    found,
                    access: None,
                });
                None
            }
        };
        if let Some(owner) = owner.as_deref().filter(|owner| *owner != PLATFORM) {
            findings.extend(names::strangers(stack, owner, &names));
        }
        let account = account(document);
        let own = Own {
            id: owner.clone().unwrap_or_else(|| stack.to_owned()),
            account: account.clone(),
            block: network.blocks.first().copied(),
        };
        let class = self.class_of(document, &own);
        self.stacks.push(Stack {
            name: stack.to_owned(),
            owner,
            account,
            networks: network.blocks,
            class,
            deployed,
            names,
            findings,
        });
    }

    /// Adds the next stack to the class whose template makes its document, or to a new one.
    fn class_of(&mut self, document: &Value, own: &Own) -> usize {
        let member = self.stacks.len();
        // The platform's stacks, and what is nobody's, stand for themselves.
        let is_tenant = own.id != PLATFORM;
        let found = self.classes.iter().position(|class| is_tenant && class.template.makes(document, own));
        let class = found.unwrap_or_else(|| {
            self.classes.push(Class { template: Template::of(document, own), members: Vec::new() });
            self.classes.len() - 1
        });
        if let Some(class) = self.classes.get_mut(class) {
            class.members.push(member);
        }
        class
    }

    /// What a stack declares, with its real names.
    pub(crate) fn model_of(&self, member: usize) -> Model {
        let stack = self.stacks.get(member);
        let owner = stack.and_then(|stack| stack.owner.as_deref());
        let name = stack.map(|stack| stack.name.as_str()).unwrap_or_default();
        let own = Own {
            id: owner.unwrap_or(name).to_owned(),
            account: stack.and_then(|stack| stack.account.clone()),
            block: None,
        };
        let class = stack.and_then(|stack| self.classes.get(stack.class));
        let document = class.map(|class| class.template.put_in(&own)).unwrap_or_default();
        Model::read(name, owner, &document)
    }

    /// Judges the stacks together.
    pub fn verdict(&self) -> Verdict {
        self.verdict_of(&Judgement::of(self))
    }

    pub(crate) fn verdict_of(&self, judgement: &Judgement) -> Verdict {
        let mut findings: Vec<Finding> = self.stacks.iter().flat_map(|stack| stack.findings.iter().cloned()).collect();
        findings.extend(self.overlaps());
        findings.extend(self.foreign_names());
        findings.extend(judgement.findings.iter().cloned());
        findings.sort();
        findings.dedup();
        let tenants = self.stacks.iter().filter(|stack| stack.tenant().is_some()).count();
        let summary = Summary {
            stacks: self.stacks.len(),
            tenants,
            pairs: tenants * tenants.saturating_sub(1),
            arguments: judgement.arguments,
            rules: Rule::ALL.to_vec(),
        };
        Verdict { findings, summary }
    }

    /// In the order of addresses, a network that overlaps any other overlaps the next one.
    fn overlaps(&self) -> Vec<Finding> {
        let mut nets: Vec<(Ipv4Net, &str)> =
            self.stacks.iter().flat_map(|stack| stack.networks.iter().map(|net| (*net, stack.name.as_str()))).collect();
        nets.sort();
        let pairs = nets.iter().zip(nets.iter().skip(1));
        pairs
            .filter(|((a, _), (b, _))| common(*a, *b).is_some())
            .map(|((a, one), (b, other))| Finding {
                rule: Rule::DisjointAddresses,
                stacks: vec![(*one).to_owned(), (*other).to_owned()],
                resource: String::new(),
                found: format!("the VPCs {a} and {b} overlap"),
                access: None,
            })
            .collect()
    }

    /// Whole names are compared: `tenant-acme-corp-data-dev` is not `acme`'s although it starts like it.
    fn foreign_names(&self) -> Vec<Finding> {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        let mut findings = Vec::new();
        let mut clash = |one: &str, other: &str, found: String| {
            let stacks = vec![one.to_owned(), other.to_owned()];
            findings.push(Finding { rule: Rule::NoForeignNames, stacks, resource: String::new(), found, access: None });
        };
        for stack in &self.stacks {
            for name in &stack.names.own {
                if let Some(first) = owners.insert(name, &stack.name) {
                    clash(first, &stack.name, format!("both stacks call something `{name}`"));
                }
            }
        }
        for stack in &self.stacks {
            for name in &stack.names.mentioned {
                if let Some(owner) = owners.get(name.as_str()).filter(|owner| **owner != stack.name) {
                    clash(&stack.name, owner, format!("`{}` names `{name}` of `{owner}`", stack.name));
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stack(id: &str, block: &str) -> Value {
        let subnet = block.replace("/16", "/20");
        let tags = json!({ "TenantId": id, "ManagedBy": "CDKTF" });
        let rule = |no: u16, action: &str, cidr: &str| json!({ "rule_no": no, "action": action, "cidr_block": cidr, "protocol": "-1", "from_port": 0, "to_port": 0 });
        let rules = json!([
            rule(100, "allow", block),
            rule(200, "deny", "10.0.0.0/8"),
            rule(210, "deny", "172.16.0.0/12"),
            rule(220, "deny", "192.168.0.0/16"),
            rule(230, "deny", "100.64.0.0/10"),
            rule(300, "allow", "0.0.0.0/0")
        ]);
        json!({ "provider": { "aws": [{ "region": "us-east-1" }] }, "resource": {
            "aws_vpc": { "tenant": { "cidr_block": block, "tags": tags } },
            "aws_subnet": { "a": { "cidr_block": subnet, "vpc_id": "${aws_vpc.tenant.id}", "tags": tags } },
            "aws_network_acl": { "acl": { "subnet_ids": ["${aws_subnet.a.id}"], "ingress": rules, "egress": rules, "tags": tags } },
            "aws_route_table": { "private": { "tags": tags } },
            "aws_security_group": { "functions": { "name": format!("tenant-{id}-sg-dev"), "tags": tags } },
            "aws_vpc_endpoint": { "s3": { "policy": "{\"Statement\":[]}", "tags": tags } },
            "aws_s3_bucket": { "data": { "bucket": format!("tenant-{id}-data-dev"), "tags": tags } },
        } })
    }

    fn judge(acme: Value) -> Vec<Finding> {
        let mut fleet = Fleet::new();
        fleet.add("tenant-acme-dev", &acme);
        fleet.add("tenant-acme-corp-dev", &stack("acme-corp", "10.1.0.0/16"));
        fleet.verdict().findings
    }

    fn spoiled(pointer: &str, value: Value) -> Vec<Finding> {
        let mut document = stack("acme", "10.0.0.0/16");
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[field] = value;
        judge(document)
    }

    #[test]
    fn tenants_whose_ids_start_alike_are_isolated() {
        assert_eq!(judge(stack("acme", "10.0.0.0/16")), []);
    }

    #[test]
    fn every_rule_finds_what_it_is_for() {
        let open = json!([{ "rule_no": 1, "action": "allow", "cidr_block": "10.0.0.0/8", "protocol": "-1" }]);
        let late = json!([{ "rule_no": 2, "action": "deny", "cidr_block": "10.0.0.0/8", "protocol": "-1" },
            { "rule_no": 1, "action": "allow", "cidr_block": "10.1.0.0/16", "protocol": "tcp" }]);
        let only_tcp = json!([{ "rule_no": 1, "action": "deny", "cidr_block": "10.0.0.0/8", "protocol": "tcp" },
            { "rule_no": 2, "action": "allow", "cidr_block": "10.1.0.0/16", "protocol": "-1" }]);
        let peering = json!({ "other": { "peer_vpc_id": "vpc-1" } });
        let cases = [
            ("/resource/aws_vpc/tenant/cidr_block", json!("10.1.0.0/16"), Rule::DisjointAddresses),
            ("/resource/aws_vpc/tenant/cidr_block", json!("${var.block}"), Rule::DisjointAddresses),
            ("/resource/aws_subnet/a/cidr_block", json!("10.1.0.0/20"), Rule::DisjointAddresses),
            ("/resource/aws_vpc_peering_connection", peering.clone(), Rule::NoWayBetweenNetworks),
            ("/resource/aws_ec2_transit_gateway_vpc_attachment", peering.clone(), Rule::NoWayBetweenNetworks),
            ("/resource/aws_internet_gateway", peering, Rule::NoWayBetweenNetworks),
            ("/resource/aws_route_table/private/route", json!([{ "gateway_id": "igw-1" }]), Rule::NoWayBetweenNetworks),
            ("/resource/aws_network_acl/acl/ingress", open.clone(), Rule::NetworkAcl),
            ("/resource/aws_network_acl/acl/egress", open, Rule::NetworkAcl),
            ("/resource/aws_network_acl/acl/ingress", late, Rule::NetworkAcl),
            ("/resource/aws_network_acl/acl/ingress", only_tcp, Rule::NetworkAcl),
            ("/resource/aws_network_acl/acl/subnet_ids", json!([]), Rule::NetworkAcl),
            (
                "/resource/aws_security_group/functions/ingress",
                json!([{ "cidr_blocks": ["10.1.0.0/16"] }]),
                Rule::SecurityGroups,
            ),
            (
                "/resource/aws_security_group/functions/egress",
                json!([{ "cidr_blocks": ["0.0.0.0/0"] }]),
                Rule::SecurityGroups,
            ),
            (
                "/resource/aws_security_group/functions/egress",
                json!([{ "security_groups": ["sg-1"] }]),
                Rule::SecurityGroups,
            ),
            ("/resource/aws_vpc_endpoint/s3/policy", Value::Null, Rule::EndpointPolicies),
            ("/resource/aws_s3_bucket/data/bucket", json!("shared"), Rule::OwnNames),
            ("/resource/aws_s3_bucket/data/bucket", json!("tenant-acme-corp-data-dev"), Rule::NoForeignNames),
            (
                "/resource/aws_s3_bucket/data/policy",
                json!("arn:aws:s3:::tenant-acme-corp-data-dev/*"),
                Rule::NoForeignNames,
            ),
            ("/resource/aws_s3_bucket/data/tags", json!({ "TenantId": "acme-corp" }), Rule::OneOwner),
            ("/resource/aws_s3_bucket/data/tags", json!({ "Environment": "dev" }), Rule::OneOwner),
            ("/data", json!({ "terraform_remote_state": { "other": {} } }), Rule::NoForeignNames),
        ];
        for (pointer, value, rule) in cases {
            let findings = if pointer == "/data" {
                let mut document = stack("acme", "10.0.0.0/16");
                document["data"] = value.clone();
                judge(document)
            } else {
                spoiled(pointer, value.clone())
            };
            assert!(findings.iter().any(|finding| finding.rule == rule), "{pointer} = {value}: {findings:?}");
        }
    }

    /// The stack of a tenant whose resources are to go.
    #[test]
    fn a_stack_that_declares_nothing_is_nobodys_and_raises_nothing() {
        let vacant = json!({ "//": {}, "terraform": {}, "provider": { "aws": [{ "region": "us-east-1" }] } });
        let mut fleet = Fleet::new();
        fleet.add("tenant-acme-dev", &vacant);
        fleet.add("tenant-acme-corp-dev", &stack("acme-corp", "10.1.0.0/16"));
        fleet.add("tenant-bolt-dev", &stack("bolt", "10.2.0.0/16"));
        let verdict = fleet.verdict();
        assert_eq!(verdict.findings, []);
        assert_eq!((verdict.summary.stacks, verdict.summary.tenants), (3, 2));
    }

    /// Something that is not tagged is not nothing.
    #[test]
    fn a_stack_that_brings_in_something_unowned_still_has_no_owner() {
        for section in ["resource", "data", "module"] {
            let mut fleet = Fleet::new();
            let body = if section == "module" { json!({ "x": {} }) } else { json!({ "aws_sns_topic": { "x": {} } }) };
            fleet.add("tenant-acme-dev", &json!({ section: body }));
            assert!(fleet.verdict().findings.iter().any(|finding| finding.rule == Rule::OneOwner), "{section}");
        }
    }

    /// What was deployed and still stands is judged like what is about to be.
    #[test]
    fn what_is_deployed_is_judged_beside_what_is_written() {
        let mut fleet = Fleet::new();
        fleet.add_deployed("tenant-acme-dev", &stack("acme", "10.1.0.0/16"));
        fleet.add("tenant-bolt-dev", &stack("bolt", "10.1.0.0/16"));
        let found = fleet.verdict().findings;
        assert!(found.iter().any(|finding| finding.rule == Rule::DisjointAddresses), "{found:?}");
    }

    #[test]
    fn what_changes_nothing_raises_nothing() {
        let mut document = stack("acme", "10.0.0.0/16");
        let rules = document.pointer_mut("/resource/aws_network_acl/acl/ingress").unwrap();
        rules.as_array_mut().unwrap().reverse();
        document["resource"]["aws_security_group"]["functions"]["egress"] = json!([{ "cidr_blocks": ["10.0.0.0/16"] }]);
        assert_eq!(judge(document), []);
    }
}
