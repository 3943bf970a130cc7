//! Two private subnets in two availability zones, and a route table that leads nowhere else.

use construct::{Address, Handle, Stack, Timeouts};
use ipnet::Ipv4Net;
use naming::{Kind, Owner};

use crate::resources::*;

/// The zones in which Lambda has no functions and many services no endpoints: `use1-az3`
/// ([Lambda and VPCs](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)).
const WITHOUT_LAMBDA: [&str; 1] = ["use1-az3"];

/// The first two sixteenths of a tenant's block. The block is at most /24 long, so that a subnet is never smaller than AWS's /28.
pub(crate) fn cidrs(block: Ipv4Net) -> [Ipv4Net; 2] {
    let length = block.prefix_len() + 4;
    let size = 1_u32 << (32 - length);
    [0, size].map(|offset| Ipv4Net::new_assert((u32::from(block.network()) + offset).into(), length))
}

pub(crate) fn declare(stack: &mut Stack, vpc: &Handle<Vpc>) -> [Handle<Subnet>; 2] {
    let zones = stack.add(
        "available",
        Zones {
            exclude_zone_ids: WITHOUT_LAMBDA,
            filter: [ZoneFilter { name: "opt-in-status", values: ["opt-in-not-required"] }],
            state: "available",
        },
    );
    let [first, second] = cidrs(stack.owner().block());
    let mut subnet = |id, kind, cidr_block, zone| {
        let tenant = stack.owner();
        let body = Subnet {
            availability_zone: zones.get(zone),
            cidr_block,
            map_public_ip_on_launch: false,
            tags: tenant.tags().named(tenant.name(kind)),
            timeouts: Timeouts::SLOW_DELETE,
            vpc_id: vpc.get(Vpc::ID),
        };
        stack.add(id, body)
    };
    [subnet("private_a", Kind::SubnetA, first, Zones::FIRST), subnet("private_b", Kind::SubnetB, second, Zones::SECOND)]
}

pub(crate) fn routes(
    stack: &mut Stack,
    vpc: &Handle<Vpc>,
    subnets: &[Handle<Subnet>; 2],
) -> (Handle<RouteTable>, Vec<Address>) {
    let named = |stack: &Stack, kind| stack.owner().tags().named(stack.owner().name(kind));
    let tags = named(stack, Kind::MainRoutes);
    let main = MainRouteTable { default_route_table_id: vpc.get(Vpc::MAIN_ROUTES), route: [], tags };
    let main = stack.add("main", main);
    let tags = named(stack, Kind::Routes);
    let table = stack.add("private", RouteTable { tags, vpc_id: vpc.get(Vpc::ID) });
    let mut walls = vec![main.address()];
    for (id, subnet) in ["private_a", "private_b"].into_iter().zip(subnets) {
        let body =
            RouteTableAssociation { route_table_id: table.get(RouteTable::ID), subnet_id: subnet.get(Subnet::ID) };
        walls.push(stack.add(id, body).address());
    }
    (table, walls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use naming::NetworkPlan;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn subnets_of_any_block_are_inside_it_and_disjoint(length in 16_u8..=24, index in any::<u64>()) {
            let plan = NetworkPlan::new("10.0.0.0/8".parse().unwrap(), length).unwrap();
            let block = plan.block(plan.index(index % plan.capacity()).unwrap());
            let [a, b] = cidrs(block);
            prop_assert!(block.contains(&a) && block.contains(&b));
            prop_assert!(!a.contains(&b) && !b.contains(&a));
            prop_assert!(a.prefix_len() <= 28);
        }
    }
}
