//! A1.2, A1.3, B3: networks.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::support::stacks::{TENANTS, list, refers, stacks, tenants, text};

fn net(value: &Value) -> Ipv4Net {
    text(value).parse().unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// A1.2 "non-overlapping, starting at 10.0.0.0/16, one /16 further per tenant"
#[test]
fn tenant_n_has_10_n_0_0_16() {
    for ((tenant, index), (_, stack)) in TENANTS.iter().zip(tenants()) {
        let (_, vpc) = stack.only("aws_vpc");
        assert_eq!(text(&vpc["cidr_block"]), format!("10.{index}.0.0/16"), "{tenant}");
    }
}

/// A1.3 "Isolated subnets", B3.1 "Private subnets in 2 availability zones per tenant"
#[test]
fn two_private_subnets_lie_in_two_zones_inside_the_tenants_block() {
    for (tenant, stack) in tenants() {
        let block = net(&stack.only("aws_vpc").1["cidr_block"]);
        let subnets: Vec<&Value> = stack.all("aws_subnet").into_values().collect();
        assert_eq!(subnets.len(), 2, "{tenant}");
        let [a, b] = [net(&subnets[0]["cidr_block"]), net(&subnets[1]["cidr_block"])];
        assert!(block.contains(&a) && block.contains(&b) && !a.contains(&b) && !b.contains(&a), "{tenant}: {a} {b}");
        assert_ne!(subnets[0]["availability_zone"], subnets[1]["availability_zone"], "{tenant}");
        assert!(subnets.iter().all(|subnet| subnet["map_public_ip_on_launch"] == false), "{tenant}");
    }
}

/// B3.2 "No NAT gateway; VPC endpoints where needed", B3.4 "No VPC peering"
#[test]
fn endpoints_are_the_only_way_out_of_a_vpc() {
    let ways = [
        "nat_gateway",
        "internet_gateway",
        "peering",
        "transit_gateway",
        "vpn",
        "aws_route.",
        "aws_eip",
        "egress_only",
    ];
    for stack in stacks() {
        for (kind, id, body) in stack.resources() {
            let address = format!("{kind}.{id}");
            assert!(!ways.iter().any(|way| address.contains(way)), "{}: {address}", stack.name);
            if kind.ends_with("route_table") {
                assert!(list(&body["route"]).is_empty(), "{}: {address} has routes", stack.name);
            }
        }
    }
    for (tenant, stack) in tenants() {
        let services: Vec<&str> =
            stack.all("aws_vpc_endpoint").into_values().map(|endpoint| text(&endpoint["service_name"])).collect();
        assert_eq!(
            services,
            ["dynamodb", "logs", "s3"].map(|service| format!("com.amazonaws.us-east-1.{service}")),
            "{tenant}"
        );
    }
}

fn allows(rules: &Value, peer: Ipv4Addr, port: u64) -> bool {
    let mut rules = list(rules);
    rules.sort_by_key(|rule| rule["rule_no"].as_u64());
    let hit = rules.into_iter().find(|rule| {
        let ports = rule["from_port"].as_u64().unwrap()..=rule["to_port"].as_u64().unwrap();
        net(&rule["cidr_block"]).contains(&peer) && (rule["protocol"] == "-1" || ports.contains(&port))
    });
    hit.is_some_and(|rule| rule["action"] == "allow")
}

/// B3.3 "Cross-tenant traffic is explicitly blocked"
#[test]
fn the_network_acl_denies_every_other_private_address_and_its_rules_fit_the_quota() {
    for (tenant, stack) in tenants() {
        let own = net(&stack.only("aws_vpc").1["cidr_block"]);
        let (_, acl) = stack.only("aws_network_acl");
        assert_eq!(list(&acl["subnet_ids"]).len(), 2, "{tenant}");
        for direction in ["ingress", "egress"] {
            assert!(list(&acl[direction]).len() < 20, "{tenant}: {direction}");
            for peer in (0..=255)
                .map(|n| Ipv4Addr::new(10, n, 1, 1))
                .chain(["172.16.0.1", "172.31.9.9", "192.168.1.1", "100.64.0.1"].map(|ip| ip.parse().unwrap()))
            {
                for port in [22, 443, 3306, 50_000] {
                    assert_eq!(
                        allows(&acl[direction], peer, port),
                        own.contains(&peer),
                        "{tenant}: {direction} {peer}:{port}"
                    );
                }
            }
        }
        assert!(
            allows(&acl["egress"], Ipv4Addr::new(52, 216, 0, 1), 443)
                && !allows(&acl["egress"], Ipv4Addr::new(52, 216, 0, 1), 80)
        );
    }
}

/// A1.3 "security groups per tenant", B3.5 "Security groups reach only the tenant's own resources"
#[test]
fn security_groups_name_only_groups_and_endpoints_of_their_own_stack() {
    for (tenant, stack) in tenants() {
        for kind in ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"] {
            for (id, rule) in stack.all(kind) {
                let by_group = text(&rule["referenced_security_group_id"]).starts_with("${aws_security_group.");
                let by_service = text(&rule["prefix_list_id"]).starts_with("${aws_vpc_endpoint.");
                assert!(by_group || by_service, "{tenant}: {kind}.{id}");
                assert!(rule["cidr_ipv4"].is_null() && rule["cidr_ipv6"].is_null(), "{tenant}: {kind}.{id}");
                assert_eq!([&rule["from_port"], &rule["to_port"]], [443, 443], "{tenant}: {kind}.{id}");
            }
        }
        let into = stack.all("aws_vpc_security_group_ingress_rule");
        assert!(
            into.values().all(|rule| !refers(&rule["security_group_id"], "aws_security_group", "functions")),
            "{tenant}: a way in"
        );
        for kind in ["aws_default_security_group", "aws_default_network_acl"] {
            let (_, emptied) = stack.only(kind);
            assert!(emptied["ingress"].is_null() && emptied["egress"].is_null(), "{tenant}: {kind}");
        }
    }
}
