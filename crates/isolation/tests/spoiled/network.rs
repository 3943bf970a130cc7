//! Networks: addresses, ways between VPCs, network ACLs, security groups, endpoints.

use isolation::Rule::{
    self, DisjointAddresses, EndpointPolicies, FullyRead, NetworkAcl, NoWayBetweenNetworks, SecurityGroups,
};
use serde_json::{Value, json};

use crate::fleet::{ACME, Fleet};
use crate::spoiling::Expect::{self, Caught, Harmless};
use crate::spoiling::Layer::{Identity, Network};
use crate::spoiling::{Catch, Spoiling, breaks};
use crate::steps::{policy, wide};

const ACL: &str = "aws_network_acl.private";
const EGRESS: &str = "aws_vpc_security_group_egress_rule.extra";
const INGRESS: &str = "aws_vpc_security_group_ingress_rule.extra";
const VPC: &str = "aws_vpc.tenant";
const ENDPOINT: &str = "aws_vpc_endpoint.s3";

const fn spoiling(name: &'static str, why: &'static str, spoil: fn(&mut Fleet), catches: &'static [Catch]) -> Spoiling {
    Spoiling { name, why, spoil, expect: if catches.is_empty() { Harmless(Network) } else { Caught(catches) } }
}

const fn at(rule: Rule, resource: &'static str) -> Catch {
    breaks(rule, ACME, resource)
}

const fn way(resource: &'static str) -> Catch {
    at(NoWayBetweenNetworks, resource)
}

pub(crate) const ALL: &[Spoiling] = &[
    spoiling(
        "network: a peering connection",
        "a way into another VPC",
        |fleet| {
            let body = json!({ "vpc_id": "${aws_vpc.tenant.id}", "peer_vpc_id": "vpc-0a", "auto_accept": true });
            fleet.add(ACME, "aws_vpc_peering_connection.extra", body);
        },
        &[way("aws_vpc_peering_connection.extra")],
    ),
    spoiling(
        "network: a transit gateway attachment",
        "a way into every VPC that is attached as well",
        |fleet| {
            let body = json!({ "vpc_id": "${aws_vpc.tenant.id}", "transit_gateway_id": "tgw-0a" });
            fleet.add(ACME, "aws_ec2_transit_gateway_vpc_attachment.extra", body);
        },
        &[way("aws_ec2_transit_gateway_vpc_attachment.extra")],
    ),
    spoiling(
        "network: a route of its own",
        "packets leave the VPC",
        |fleet| {
            let body = json!({ "route_table_id": "${aws_route_table.private.id}", "destination_cidr_block": "10.1.0.0/16", "vpc_peering_connection_id": "pcx-0a" });
            fleet.add(ACME, "aws_route.extra", body);
        },
        &[way("aws_route.extra")],
    ),
    spoiling(
        "network: a route in the table",
        "packets leave the VPC",
        |fleet| {
            let route = json!([{ "cidr_block": "0.0.0.0/0", "gateway_id": "igw-0a" }]);
            fleet.at(ACME, "aws_route_table.private").set("route", route);
        },
        &[way("aws_route_table.private")],
    ),
    spoiling(
        "network: a route in the main table",
        "a subnet without a table of its own uses it",
        |fleet| {
            let route = json!([{ "cidr_block": "10.1.0.0/16", "transit_gateway_id": "tgw-0a" }]);
            fleet.at(ACME, "aws_default_route_table.main").set("route", route);
        },
        &[way("aws_default_route_table.main")],
    ),
    spoiling(
        "network: a subnet uses a route table of somebody else",
        "its routes are not in the stack",
        |fleet| fleet.at(ACME, "aws_route_table_association.private_a").set("route_table_id", json!("rtb-0a")),
        &[at(FullyRead, "aws_route_table_association.private_a")],
    ),
    spoiling(
        "network: an internet gateway",
        "a way out of the VPC",
        |fleet| fleet.add(ACME, "aws_internet_gateway.extra", json!({ "vpc_id": "${aws_vpc.tenant.id}" })),
        &[way("aws_internet_gateway.extra")],
    ),
    spoiling(
        "network: a NAT gateway",
        "a way out of the VPC",
        |fleet| fleet.add(ACME, "aws_nat_gateway.extra", json!({ "subnet_id": "${aws_subnet.private_a.id}" })),
        &[way("aws_nat_gateway.extra")],
    ),
    spoiling(
        "network: a service for other VPCs",
        "others reach in through PrivateLink",
        |fleet| {
            let body = json!({ "acceptance_required": false, "network_load_balancer_arns": [] });
            fleet.add(ACME, "aws_vpc_endpoint_service.extra", body);
        },
        &[way("aws_vpc_endpoint_service.extra")],
    ),
    spoiling(
        "network: an endpoint for a service of another VPC",
        "PrivateLink leads into another's network",
        |fleet| {
            let mut body = json!({ "vpc_id": "${aws_vpc.tenant.id}", "vpc_endpoint_type": "Interface" });
            body["service_name"] = json!("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0");
            body["policy"] =
                json!(policy(&json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" })));
            fleet.add(ACME, "aws_vpc_endpoint.extra", body);
        },
        &[way("aws_vpc_endpoint.extra")],
    ),
    spoiling(
        "network: a subnet shared with other accounts",
        "others put their machines into it",
        |fleet| fleet.add(ACME, "aws_ram_resource_share.extra", json!({ "name": "tenant-acme-corp-share-dev" })),
        &[way("aws_ram_resource_share.extra")],
    ),
    spoiling(
        "network: a client VPN",
        "whoever has a certificate is in the VPC",
        |fleet| {
            let body = json!({ "vpc_id": "${aws_vpc.tenant.id}", "client_cidr_block": "10.250.0.0/22" });
            fleet.add(ACME, "aws_ec2_client_vpn_endpoint.extra", body);
        },
        &[at(FullyRead, "aws_ec2_client_vpn_endpoint.extra")],
    ),
    spoiling(
        "network: addresses of another tenant",
        "the blocks overlap",
        |fleet| fleet.at(ACME, VPC).set("cidr_block", json!("10.0.0.0/15")),
        &[at(DisjointAddresses, "")],
    ),
    spoiling(
        "network: a second block of addresses",
        "what the network ACL calls own is not all of it",
        |fleet| {
            let body = json!({ "vpc_id": "${aws_vpc.tenant.id}", "cidr_block": "10.1.0.0/16" });
            fleet.add(ACME, "aws_vpc_ipv4_cidr_block_association.extra", body);
        },
        &[at(DisjointAddresses, "aws_vpc_ipv4_cidr_block_association.extra")],
    ),
    spoiling(
        "network: a subnet outside of the own block",
        "AWS would refuse it; the stack is not what it seems",
        |fleet| fleet.at(ACME, "aws_subnet.private_a").set("cidr_block", json!("10.1.0.0/20")),
        &[at(DisjointAddresses, "aws_subnet.private_a")],
    ),
    spoiling(
        "network: a subnet in a VPC that is not in the stack",
        "it may be another tenant's",
        |fleet| fleet.at(ACME, "aws_subnet.private_a").set("vpc_id", json!("vpc-0123456789abcdef0")),
        &[at(FullyRead, "aws_subnet.private_a")],
    ),
    spoiling(
        "network: ACL: everything before the Denies",
        "rules count in the order of their numbers",
        |fleet| {
            rule(
                fleet,
                "egress",
                &json!({ "rule_no": 150, "action": "allow", "cidr_block": "0.0.0.0/0", "protocol": "-1" }),
            )
        },
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: everything after the Denies",
        "what is private was denied before",
        |fleet| {
            rule(
                fleet,
                "egress",
                &json!({ "rule_no": 310, "action": "allow", "cidr_block": "0.0.0.0/0", "protocol": "-1" }),
            )
        },
        &[],
    ),
    spoiling(
        "network: ACL: one Deny is gone",
        "the last rule allows the tenants' range",
        |fleet| {
            fleet.at(ACME, ACL).list("ingress").retain(|rule| rule["rule_no"] != 200);
        },
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: a Deny for half of the range",
        "tenants from 10.128.0.0 on are let through",
        |fleet| edit(fleet, "egress", 200, "cidr_block", &json!("10.0.0.0/9")),
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: a Deny of UDP alone",
        "TCP is let through",
        |fleet| edit(fleet, "egress", 200, "protocol", &json!("udp")),
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: a Deny of one port alone",
        "other ports are let through by a wider rule",
        |fleet| {
            edit(fleet, "ingress", 200, "protocol", &json!("tcp"));
            edit(fleet, "ingress", 200, "from_port", &json!(22));
            edit(fleet, "ingress", 200, "to_port", &json!(22));
        },
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: a Deny of just what a later rule allows",
        "443 is all that the last rule allows out",
        |fleet| {
            edit(fleet, "egress", 200, "protocol", &json!("tcp"));
            edit(fleet, "egress", 200, "from_port", &json!(443));
            edit(fleet, "egress", 200, "to_port", &json!(443));
        },
        &[],
    ),
    spoiling(
        "network: ACL: a Deny turned into an Allow",
        "the tenants' range is open",
        |fleet| edit(fleet, "ingress", 200, "action", &json!("allow")),
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: IPv6",
        "the Denies are about IPv4",
        |fleet| {
            let all = json!({ "rule_no": 90, "action": "allow", "ipv6_cidr_block": "::/0", "protocol": "-1" });
            fleet.at(ACME, ACL).list("ingress").push(all);
        },
        &[at(NetworkAcl, ACL)],
    ),
    spoiling(
        "network: ACL: a rule of its own",
        "rules may stand beside the ACL",
        |fleet| {
            let body = json!({ "network_acl_id": "${aws_network_acl.private.id}", "rule_number": 50, "rule_action": "allow", "cidr_block": "10.1.0.0/16", "protocol": "-1" });
            fleet.add(ACME, "aws_network_acl_rule.extra", body);
        },
        &[at(NetworkAcl, "aws_network_acl_rule.extra")],
    ),
    spoiling(
        "network: ACL: a subnet is not named",
        "the default one of the VPC holds for it",
        |fleet| {
            fleet.at(ACME, ACL).list("subnet_ids").pop();
        },
        &[at(NetworkAcl, "aws_subnet.private_b")],
    ),
    spoiling(
        "network: ACL: a subnet is given to another one",
        "the association wins, and that ACL is not in the stack",
        |fleet| {
            let body = json!({ "network_acl_id": "acl-0a", "subnet_id": "${aws_subnet.private_a.id}" });
            fleet.add(ACME, "aws_network_acl_association.extra", body);
        },
        &[at(FullyRead, "aws_network_acl_association.extra")],
    ),
    spoiling(
        "network: ACL: the default one is open",
        "a new subnet would use it",
        |fleet| {
            let all = json!([{ "rule_no": 100, "action": "allow", "cidr_block": "0.0.0.0/0", "protocol": "-1", "from_port": 0, "to_port": 0 }]);
            fleet.at(ACME, "aws_default_network_acl.default").set("ingress", all);
        },
        &[at(NetworkAcl, "aws_default_network_acl.default")],
    ),
    spoiling(
        "network: group: out to the tenants' range",
        "wider than the own block",
        |fleet| egress(fleet, "cidr_ipv4", "10.0.0.0/8"),
        &[at(SecurityGroups, EGRESS)],
    ),
    spoiling(
        "network: group: out to another tenant",
        "its block",
        |fleet| egress(fleet, "cidr_ipv4", "10.1.0.0/16"),
        &[at(SecurityGroups, EGRESS)],
    ),
    spoiling(
        "network: group: out to the own block",
        "nobody else has addresses there",
        |fleet| egress(fleet, "cidr_ipv4", "10.0.0.0/16"),
        &[],
    ),
    spoiling(
        "network: group: out to everything by IPv6",
        "the plan of addresses is about IPv4",
        |fleet| egress(fleet, "cidr_ipv6", "::/0"),
        &[at(SecurityGroups, EGRESS)],
    ),
    spoiling(
        "network: group: out to a group by its number",
        "it is no group of the stack",
        |fleet| egress(fleet, "referenced_security_group_id", "sg-0123456789abcdef0"),
        &[at(SecurityGroups, EGRESS)],
    ),
    spoiling(
        "network: group: out to a prefix list by its number",
        "it may hold any address",
        |fleet| egress(fleet, "prefix_list_id", "pl-0123456789abcdef0"),
        &[at(SecurityGroups, EGRESS)],
    ),
    spoiling(
        "network: group: in from everywhere",
        "functions take no connection",
        |fleet| {
            let body = json!({ "security_group_id": "${aws_security_group.functions.id}", "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1" });
            fleet.add(ACME, INGRESS, body);
        },
        &[at(SecurityGroups, INGRESS)],
    ),
    spoiling(
        "network: group: a rule in the group itself",
        "rules may stand in the group",
        |fleet| {
            let all = json!([{ "from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["10.0.0.0/8"] }]);
            fleet.at(ACME, "aws_security_group.functions").set("ingress", all);
        },
        &[at(SecurityGroups, "aws_security_group.functions")],
    ),
    spoiling(
        "network: group: a rule of the older type",
        "it is a rule as well",
        |fleet| {
            let body = json!({ "type": "egress", "security_group_id": "${aws_security_group.functions.id}", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["172.16.0.0/12"] });
            fleet.add(ACME, "aws_security_group_rule.extra", body);
        },
        &[at(SecurityGroups, "aws_security_group_rule.extra")],
    ),
    spoiling(
        "network: endpoint: no policy",
        "it lets everybody through to everything",
        |fleet| fleet.at(ACME, ENDPOINT).unset("policy"),
        &[at(EndpointPolicies, ENDPOINT)],
    ),
    Spoiling {
        name: "network: endpoint: a policy for everything",
        why: "an endpoint's policy grants nothing by itself; identities name exact ARNs",
        spoil: |fleet| {
            let mut all = wide(&["*"], "*");
            all["Principal"] = json!("*");
            fleet.at(ACME, ENDPOINT).set("policy", json!(policy(&all)));
        },
        expect: Expect::Harmless(Identity),
    },
    spoiling(
        "network: endpoint: in a VPC that is not in the stack",
        "another tenant's requests would pass here",
        |fleet| fleet.at(ACME, ENDPOINT).set("vpc_id", json!("vpc-0123456789abcdef0")),
        &[at(FullyRead, ENDPOINT)],
    ),
];

fn rule(fleet: &mut Fleet, direction: &str, rule: &Value) {
    let mut whole = rule.clone();
    whole["from_port"] = json!(0);
    whole["to_port"] = json!(0);
    fleet.at(ACME, ACL).list(direction).push(whole);
}

fn edit(fleet: &mut Fleet, direction: &str, number: u16, field: &str, value: &Value) {
    let mut acl = fleet.at(ACME, ACL);
    let rule = acl.list(direction).iter_mut().find(|rule| rule["rule_no"] == number).expect("the rule is there");
    assert_ne!(rule[field], *value, "rule {number} has this {field} already");
    rule[field] = value.clone();
}

fn egress(fleet: &mut Fleet, field: &str, value: &str) {
    let body = json!({
        "security_group_id": "${aws_security_group.functions.id}",
        "ip_protocol": "-1",
        field: value,
    });
    fleet.add(ACME, EGRESS, body);
}
