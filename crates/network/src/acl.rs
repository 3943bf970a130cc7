//! The network ACL: inside the tenant's block everything, of the private ranges beyond it nothing, of the rest HTTPS to the endpoints of
//! S3 and DynamoDB, which have public addresses (a network ACL takes no prefix lists).

use construct::{Address, Handle, Stack};
use ipnet::Ipv4Net;
use naming::{Kind, NetworkPlan, Owner};

use crate::resources::*;

const EVERYWHERE: Ipv4Net = Ipv4Net::new_assert(std::net::Ipv4Addr::UNSPECIFIED, 0);

fn rule(rule_no: u16, action: &'static str, cidr_block: Ipv4Net, tcp_ports: Option<(u16, u16)>) -> AclRule {
    let (protocol, (from_port, to_port)) = match tcp_ports {
        Some(ports) => ("tcp", ports),
        None => ("-1", (0, 0)),
    };
    AclRule {
        action,
        cidr_block,
        from_port,
        icmp_code: 0,
        icmp_type: 0,
        ipv6_cidr_block: None,
        protocol,
        rule_no,
        to_port,
    }
}

/// The rules of one direction, in the order in which AWS takes them: the first that matches decides, and what none matches is denied.
pub(crate) fn rules(block: Ipv4Net, last: (u16, u16)) -> Vec<AclRule> {
    let own = rule(100, "allow", block, None);
    let others = NetworkPlan::PRIVATE_RANGES
        .into_iter()
        .zip((200..).step_by(10))
        .map(|(range, no)| rule(no, "deny", range, None));
    let services = rule(300, "allow", EVERYWHERE, Some(last));
    std::iter::once(own).chain(others).chain([services]).collect()
}

/// HTTPS to a service.
const OUT: (u16, u16) = (443, 443);
/// A service's answer, on an ephemeral port
/// ([ports](https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html)).
const IN: (u16, u16) = (1024, 65535);

pub(crate) fn declare(stack: &mut Stack, vpc: &Handle<Vpc>, subnets: &[Handle<Subnet>; 2]) -> Address {
    let tenant = stack.owner();
    let named = |kind| tenant.tags().named(tenant.name(kind));
    let (acl_tags, default_tags, group_tags) = (named(Kind::Nacl), named(Kind::DefaultNacl), named(Kind::DefaultSg));
    let acl = NetworkAcl {
        egress: rules(tenant.block(), OUT),
        ingress: rules(tenant.block(), IN),
        subnet_ids: subnets.map(|subnet| subnet.get(Subnet::ID)),
        tags: acl_tags,
        vpc_id: vpc.get(Vpc::ID),
    };
    let acl = stack.add("private", acl);
    stack.add("default", DefaultNetworkAcl { default_network_acl_id: vpc.get(Vpc::DEFAULT_ACL), tags: default_tags });
    stack.add("default", DefaultSecurityGroup { tags: group_tags, vpc_id: vpc.get(Vpc::ID) });
    acl.address()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn allows(rules: &[AclRule], peer: Ipv4Addr, tcp_port: Option<u16>) -> bool {
        let matches = |rule: &&AclRule| {
            rule.cidr_block.contains(&peer)
                && (rule.protocol == "-1"
                    || tcp_port.is_some_and(|port| (rule.from_port..=rule.to_port).contains(&port)))
        };
        let mut ordered: Vec<&AclRule> = rules.iter().collect();
        ordered.sort_by_key(|rule| rule.rule_no);
        ordered.into_iter().find(matches).is_some_and(|rule| rule.action == "allow")
    }

    proptest! {
        /// "Cross-tenant traffic is explicitly blocked"
        #[test]
        fn no_packet_passes_between_the_block_and_another_private_address(
            index in 0_u64..256, range in 0_usize..4, host in any::<u32>(), port in proptest::option::of(any::<u16>()),
        ) {
            let plan = NetworkPlan::default();
            let block = plan.block(plan.index(index).unwrap());
            let range = NetworkPlan::PRIVATE_RANGES[range];
            let peer = Ipv4Addr::from(u32::from(range.network()) | (host & u32::from(range.hostmask())));
            for last in [IN, OUT] {
                prop_assert_eq!(allows(&rules(block, last), peer, port), block.contains(&peer), "{} {:?}", peer, port);
            }
        }
    }

    #[test]
    fn only_https_goes_out_to_the_services_and_only_answers_come_back() {
        let block = "10.0.0.0/16".parse().unwrap();
        let service = Ipv4Addr::new(52, 216, 1, 1);
        assert!(allows(&rules(block, OUT), service, Some(443)));
        assert!(!allows(&rules(block, OUT), service, Some(80)));
        assert!(!allows(&rules(block, OUT), service, None));
        assert!(allows(&rules(block, IN), service, Some(50_000)));
        assert!(!allows(&rules(block, IN), service, Some(443)));
    }

    #[test]
    fn a_direction_has_fewer_rules_than_the_quota_of_20() {
        assert!(rules("10.0.0.0/16".parse().unwrap(), OUT).len() < 20);
    }
}
