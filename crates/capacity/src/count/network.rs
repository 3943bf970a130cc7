//! VPCs and what lies in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Texts;
use crate::document::{Document, Resource, items};
use crate::ledger::Key;
use crate::size::characters;
use crate::usage::{Tally, Usage, target};

pub(super) fn count(texts: &Texts<'_>, usage: &mut Usage) {
    let document = texts.document;
    usage.add(Key::VpcsPerRegion, document.count("aws_vpc"));
    usage.add(Key::SecurityGroupsPerRegion, document.count("aws_vpc") + document.count("aws_security_group"));
    in_vpcs(document, usage);
    endpoints(texts, usage);
    security_groups(document, usage);
    network_acls(document, usage);
    routes(document, usage);
    interfaces(document, usage);
}

/// The resource that a field refers to.
fn holder(resource: &Resource<'_>, field: &str) -> String {
    resource.text(field).map_or_else(|| resource.address(), target)
}

fn per_vpc(document: Document<'_>, kinds: &[&str], each_vpc_has: u64) -> Tally {
    let mut tally = Tally::default();
    for vpc in document.of("aws_vpc") {
        tally.add(vpc.address(), each_vpc_has);
    }
    for kind in kinds {
        for resource in document.of(kind) {
            tally.add(holder(&resource, "vpc_id"), resource.copies);
        }
    }
    tally
}

fn in_vpcs(document: Document<'_>, usage: &mut Usage) {
    per_vpc(document, &["aws_subnet"], 0).hold(usage, Key::SubnetsPerVpc);
    per_vpc(document, &["aws_vpc_ipv4_cidr_block_association"], 1).hold(usage, Key::CidrBlocksPerVpc);
    // Every VPC comes with a network ACL and a route table.
    per_vpc(document, &["aws_network_acl"], 1).hold(usage, Key::NetworkAclsPerVpc);
    per_vpc(document, &["aws_route_table"], 1).hold(usage, Key::RouteTablesPerVpc);
}

fn is_gateway(endpoint: &Resource<'_>) -> bool {
    endpoint.text("vpc_endpoint_type").is_none_or(|kind| kind == "Gateway")
}

fn endpoints(texts: &Texts<'_>, usage: &mut Usage) {
    let mut interfaces = Tally::default();
    for endpoint in texts.document.of("aws_vpc_endpoint") {
        if is_gateway(&endpoint) {
            usage.add(Key::GatewayEndpointsPerRegion, endpoint.copies);
        } else {
            interfaces.add(holder(&endpoint, "vpc_id"), endpoint.copies);
        }
    }
    interfaces.hold(usage, Key::InterfaceEndpointsPerVpc);
    for kind in ["aws_vpc_endpoint", "aws_vpc_endpoint_policy"] {
        texts.sizes(usage, Key::EndpointPolicy, (kind, "policy"), characters);
    }
}

/// How many rules AWS makes of one block: one for each address range, prefix list and group.
fn rules_of(block: &Value) -> u64 {
    let lists = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];
    let listed: usize = lists.iter().map(|field| items(block.get(field)).count()).sum();
    let own = block.get("self").and_then(Value::as_bool).unwrap_or(false);
    u64::try_from(listed).unwrap_or(u64::MAX).saturating_add(u64::from(own)).max(1)
}

fn security_groups(document: Document<'_>, usage: &mut Usage) {
    for (direction, rule_kind) in
        [("ingress", "aws_vpc_security_group_ingress_rule"), ("egress", "aws_vpc_security_group_egress_rule")]
    {
        let mut rules = Tally::default();
        for kind in ["aws_security_group", "aws_default_security_group"] {
            for group in document.of(kind) {
                rules.add(group.address(), group.items(direction).map(rules_of).sum());
            }
        }
        for rule in document.of(rule_kind) {
            rules.add(holder(&rule, "security_group_id"), rule.copies);
        }
        for rule in document.of("aws_security_group_rule").filter(|rule| rule.text("type") == Some(direction)) {
            rules.add(holder(&rule, "security_group_id"), rules_of(&Value::Object(rule.body.clone())));
        }
        rules.hold(usage, Key::RulesPerSecurityGroup);
    }
}

fn network_acls(document: Document<'_>, usage: &mut Usage) {
    for (direction, outbound) in [("ingress", false), ("egress", true)] {
        let mut rules = Tally::default();
        for kind in ["aws_network_acl", "aws_default_network_acl"] {
            for acl in document.of(kind) {
                rules.add(acl.address(), u64::try_from(acl.items(direction).count()).unwrap_or(u64::MAX));
            }
        }
        for rule in document.of("aws_network_acl_rule") {
            if rule.body.get("egress").and_then(Value::as_bool).unwrap_or(false) == outbound {
                rules.add(holder(&rule, "network_acl_id"), rule.copies);
            }
        }
        rules.hold(usage, Key::RulesPerNetworkAcl);
    }
}

fn routes(document: Document<'_>, usage: &mut Usage) {
    let mut routes = Tally::default();
    for kind in ["aws_route_table", "aws_default_route_table"] {
        for table in document.of(kind) {
            // One leads to the VPC itself.
            let listed = u64::try_from(table.items("route").count()).unwrap_or(u64::MAX);
            routes.add(table.address(), listed.saturating_add(1));
        }
    }
    for route in document.of("aws_route") {
        routes.add(holder(&route, "route_table_id"), route.copies);
    }
    for endpoint in document.of("aws_vpc_endpoint").filter(is_gateway) {
        for table in endpoint.items("route_table_ids").filter_map(Value::as_str) {
            routes.add(target(table), endpoint.copies);
        }
    }
    routes.hold(usage, Key::RoutesPerRouteTable);
}

fn texts_of<'d>(value: Option<&'d Value>) -> impl Iterator<Item = &'d str> + use<'d> {
    items(value).filter_map(Value::as_str)
}

/// Lambda shares an interface among the functions that have the same subnet and the same security groups
/// ([networking](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)).
fn interfaces(document: Document<'_>, usage: &mut Usage) {
    let mut all = document.count("aws_network_interface");
    for endpoint in document.of("aws_vpc_endpoint").filter(|endpoint| !is_gateway(endpoint)) {
        all += u64::try_from(endpoint.items("subnet_ids").count()).unwrap_or(u64::MAX) * endpoint.copies;
        groups_of(usage, &endpoint.address(), endpoint.items("security_group_ids").count());
    }
    for interface in document.of("aws_network_interface") {
        groups_of(usage, &interface.address(), interface.items("security_groups").count());
    }
    let mut pairs: BTreeSet<(&str, BTreeSet<&str>)> = BTreeSet::new();
    for function in document.of("aws_lambda_function") {
        for config in function.items("vpc_config") {
            let groups: BTreeSet<&str> = texts_of(config.get("security_group_ids")).collect();
            groups_of(usage, &function.address(), groups.len());
            pairs.extend(texts_of(config.get("subnet_ids")).map(|subnet| (subnet, groups.clone())));
        }
    }
    all += u64::try_from(pairs.len()).unwrap_or(u64::MAX);
    usage.add(Key::NetworkInterfacesPerRegion, all);
    let vpcs: BTreeMap<String, String> =
        document.of("aws_subnet").map(|subnet| (subnet.address(), holder(&subnet, "vpc_id"))).collect();
    let mut of_lambda = Tally::default();
    for (subnet, _) in pairs {
        let subnet = target(subnet);
        of_lambda.add(vpcs.get(&subnet).cloned().unwrap_or(subnet), 1);
    }
    of_lambda.hold(usage, Key::LambdaInterfacesPerVpc);
}

fn groups_of(usage: &mut Usage, resource: &str, groups: usize) {
    if groups > 0 {
        usage.hold(Key::SecurityGroupsPerInterface, resource.to_owned(), u64::try_from(groups).unwrap_or(u64::MAX));
    }
}
