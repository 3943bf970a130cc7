//! Networks: is there a packet of one tenant that another would take? What cannot be read counts as a way through.

use ipnet::Ipv4Net;
use serde_json::{Map, Value};

use crate::cidr::{common, foreign, without};
use crate::facts::{Block, items, reference};
use crate::finding::{Finding, Rule};
use crate::names::finding;

/// Types that connect a VPC with another network.
const WAYS_OUT: [&str; 14] = [
    "aws_customer_gateway",
    "aws_dx_gateway",
    "aws_egress_only_internet_gateway",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_networkmanager_vpc_attachment",
    "aws_ram_resource_share",
    "aws_route",
    "aws_vpc_endpoint_service",
    "aws_vpc_peering_connection",
    "aws_vpc_peering_connection_accepter",
    "aws_vpclattice_service_network_vpc_association",
    "aws_vpn_connection",
    "aws_vpn_gateway",
];
const TRANSIT: &str = "aws_ec2_transit_gateway";

/// Whether a type connects a VPC with another network.
pub(crate) fn connects(kind: &str) -> bool {
    WAYS_OUT.contains(&kind) || kind.starts_with(TRANSIT)
}

/// The network of one stack.
#[derive(Default)]
pub(crate) struct Network {
    pub(crate) blocks: Vec<Ipv4Net>,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn read(stack: &str, resources: &[Block<'_>]) -> Network {
    let mut reader = Reader { stack, resources, network: Network::default() };
    reader.vpcs();
    reader.subnets();
    reader.ways_out();
    reader.security_groups();
    reader.endpoints();
    reader.places();
    reader.network
}

struct Reader<'a, 'd> {
    stack: &'a str,
    resources: &'a [Block<'d>],
    network: Network,
}

impl<'a, 'd> Reader<'a, 'd> {
    fn of(&self, kind: &'a str) -> impl Iterator<Item = &'a Block<'d>> + use<'a, 'd> {
        self.resources.iter().filter(move |block| block.kind == kind)
    }

    fn find(&mut self, rule: Rule, block: &Block<'_>, found: impl Into<String>) {
        self.network.findings.push(finding(rule, self.stack, block, found.into()));
    }

    fn cidr(&mut self, rule: Rule, block: &Block<'_>, value: Option<&Value>) -> Option<Ipv4Net> {
        let text = value.and_then(Value::as_str).unwrap_or_default();
        let net = text.parse().ok();
        if net.is_none() {
            self.find(rule, block, format!("not proved: `{text}` is no network that can be read"));
        }
        net
    }

    fn vpcs(&mut self) {
        for vpc in self.of("aws_vpc") {
            if let Some(net) = self.cidr(Rule::DisjointAddresses, vpc, vpc.body.get("cidr_block")) {
                self.network.blocks.push(net);
            }
        }
        for other in self.of("aws_vpc_ipv4_cidr_block_association") {
            self.find(Rule::DisjointAddresses, other, "not proved: adds addresses to a VPC");
        }
    }

    fn own(&self) -> Option<Ipv4Net> {
        match self.network.blocks.as_slice() {
            [own] => Some(*own),
            _ => None,
        }
    }

    fn subnets(&mut self) {
        let Some(own) = self.own() else {
            for subnet in self.of("aws_subnet") {
                self.find(Rule::DisjointAddresses, subnet, "not proved: the stack does not have exactly one VPC");
            }
            return;
        };
        let mut nets: Vec<Ipv4Net> = Vec::new();
        for subnet in self.of("aws_subnet") {
            if let Some(net) = self.cidr(Rule::DisjointAddresses, subnet, subnet.body.get("cidr_block")) {
                if !own.contains(&net) || nets.iter().any(|other| common(net, *other).is_some()) {
                    self.find(
                        Rule::DisjointAddresses,
                        subnet,
                        format!("{net} is outside {own} or overlaps another subnet"),
                    );
                }
                nets.push(net);
            }
            let holds = |acl: &&Block<'_>| {
                items(acl.body.get("subnet_ids"))
                    .into_iter()
                    .filter_map(Value::as_str)
                    .filter_map(reference)
                    .any(|(kind, id, attribute)| (kind, id, attribute) == ("aws_subnet", subnet.id, "id"))
            };
            if self.of("aws_network_acl").find(holds).is_none() {
                self.find(Rule::NetworkAcl, subnet, "no network ACL of the stack names this subnet");
            }
        }
        for acl in self.of("aws_network_acl").chain(self.of("aws_default_network_acl")) {
            for direction in ["ingress", "egress"] {
                self.acl(acl, direction, own);
            }
        }
        for rule in self.of("aws_network_acl_rule") {
            self.find(Rule::NetworkAcl, rule, "not proved: rules outside their network ACL are not judged");
        }
    }

    /// Rule by rule in AWS's order: the part of each Allow that nothing denied before must hold no other private address.
    fn acl(&mut self, acl: &Block<'_>, direction: &str, own: Ipv4Net) {
        let mut rules: Vec<&Map<String, Value>> =
            items(acl.body.get(direction)).into_iter().filter_map(Value::as_object).collect();
        rules.sort_by_key(|rule| rule.get("rule_no").and_then(Value::as_u64));
        let mut denied: Vec<Ipv4Net> = Vec::new();
        for rule in rules {
            let text = |field: &str| rule.get(field).and_then(Value::as_str).unwrap_or_default();
            if !text("ipv6_cidr_block").is_empty() && text("action") != "deny" {
                self.find(Rule::NetworkAcl, acl, format!("not proved: an {direction} rule allows IPv6"));
            }
            let everything = matches!(text("protocol"), "-1" | "all");
            let Some(net) = self.cidr(Rule::NetworkAcl, acl, rule.get("cidr_block")) else { continue };
            match text("action") {
                // A denial of one protocol leaves the others.
                "deny" if everything => denied.push(net),
                "deny" => {}
                _ => {
                    let open = foreign(net, own).into_iter().flat_map(|part| without(part, &denied)).next();
                    if let Some(open) = open {
                        let rule_no = rule.get("rule_no").cloned().unwrap_or_default();
                        self.find(Rule::NetworkAcl, acl, format!("{direction} rule {rule_no} lets {open} through"));
                    }
                }
            }
        }
    }

    fn ways_out(&mut self) {
        for block in self.resources {
            if connects(block.kind) {
                self.find(Rule::NoWayBetweenNetworks, block, "connects the VPC with another network");
            }
            let routes = matches!(block.kind, "aws_route_table" | "aws_default_route_table");
            if routes && !items(block.body.get("route")).is_empty() {
                self.find(Rule::NoWayBetweenNetworks, block, "holds a route out of the VPC");
            }
        }
    }

    fn security_groups(&mut self) {
        let own = self.own();
        for group in self.of("aws_security_group").chain(self.of("aws_default_security_group")) {
            for direction in ["ingress", "egress"] {
                for rule in items(group.body.get(direction)) {
                    self.rule(group, rule, direction, &["cidr_blocks"], &["security_groups"], own);
                }
            }
        }
        for (kind, direction) in
            [("aws_vpc_security_group_ingress_rule", "ingress"), ("aws_vpc_security_group_egress_rule", "egress")]
        {
            for block in self.of(kind) {
                let body = Value::Object(block.body.clone());
                self.rule(block, &body, direction, &["cidr_ipv4"], &["referenced_security_group_id"], own);
            }
        }
        for rule in self.of("aws_security_group_rule") {
            let direction = rule.text("type").unwrap_or("ingress");
            let body = Value::Object(rule.body.clone());
            self.rule(rule, &body, direction, &["cidr_blocks"], &["source_security_group_id"], own);
        }
    }

    fn rule(
        &mut self,
        block: &Block<'_>,
        rule: &Value,
        direction: &str,
        nets: &[&str],
        groups: &[&str],
        own: Option<Ipv4Net>,
    ) {
        for value in nets.iter().flat_map(|field| items(rule.get(*field))) {
            let Some(net) = self.cidr(Rule::SecurityGroups, block, Some(value)) else { continue };
            let inside = own.is_some_and(|own| own.contains(&net));
            let harmless = direction == "egress" && own.is_some_and(|own| foreign(net, own).is_empty());
            if !inside && !harmless {
                self.find(Rule::SecurityGroups, block, format!("{direction} is open for {net}"));
            }
        }
        for value in groups.iter().flat_map(|field| items(rule.get(*field))) {
            let text = value.as_str().unwrap_or_default();
            let known = reference(text).is_some_and(|(kind, id, _)| {
                self.of("aws_security_group").any(|group| (kind, id) == (group.kind, group.id))
            });
            if !known {
                self.find(
                    Rule::SecurityGroups,
                    block,
                    format!("not proved: `{text}` is no security group of this stack"),
                );
            }
        }
        for value in ["prefix_list_id", "prefix_list_ids"].iter().flat_map(|field| items(rule.get(*field))) {
            if !self.own_reference(value.as_str().unwrap_or_default(), &["aws_vpc_endpoint"]) {
                self.find(
                    Rule::SecurityGroups,
                    block,
                    format!("not proved: {value} may be a list of private addresses"),
                );
            }
        }
        for field in ["cidr_ipv6", "ipv6_cidr_blocks"] {
            if !items(rule.get(field)).is_empty() {
                self.find(Rule::SecurityGroups, block, format!("not proved: {direction} names IPv6 addresses"));
            }
        }
    }

    fn endpoints(&mut self) {
        for endpoint in self.of("aws_vpc_endpoint") {
            if endpoint.text("policy").is_none_or(str::is_empty) {
                self.find(Rule::EndpointPolicies, endpoint, "has no policy, and so lets everyone through");
            }
            let service = endpoint.text("service_name").unwrap_or("com.amazonaws.");
            let of_aws = service.starts_with("com.amazonaws.") && !service.contains("vpce");
            if !of_aws || endpoint.text("vpc_endpoint_type") == Some("GatewayLoadBalancer") {
                self.find(
                    Rule::NoWayBetweenNetworks,
                    endpoint,
                    format!("leads to `{service}`, which is no service of AWS"),
                );
            }
        }
    }

    /// Whether a text refers to something of the stack that is of one of these types.
    fn own_reference(&self, text: &str, kinds: &[&str]) -> bool {
        reference(text).is_some_and(|(kind, id, _)| {
            kinds.contains(&kind) && self.resources.iter().any(|block| (block.kind, block.id) == (kind, id))
        })
    }

    /// What stands in a network stands in the stack's own.
    fn places(&mut self) {
        let tables = ["aws_route_table", "aws_default_route_table"];
        let places: [(&str, &str, &[&str]); 5] = [
            ("vpc_id", "a VPC", &["aws_vpc"]),
            ("subnet_id", "a subnet", &["aws_subnet"]),
            ("subnet_ids", "a subnet", &["aws_subnet"]),
            ("route_table_id", "a route table", &tables),
            ("security_group_ids", "a security group", &["aws_security_group", "aws_default_security_group"]),
        ];
        for block in self.resources {
            let inner = items(block.body.get("vpc_config")).into_iter().filter_map(Value::as_object);
            for body in std::iter::once(block.body).chain(inner) {
                for (field, what, kinds) in places {
                    for text in items(body.get(field)).into_iter().filter_map(Value::as_str) {
                        if !self.own_reference(text, kinds) {
                            let found =
                                format!("not proved: `{field}` is `{text}`, {what} that the stack does not declare");
                            self.find(Rule::FullyRead, block, found);
                        }
                    }
                }
            }
            if block.kind == "aws_network_acl_association" {
                self.find(
                    Rule::FullyRead,
                    block,
                    "not proved: gives a subnet to another network ACL than the one that names it",
                );
            }
        }
    }
}
