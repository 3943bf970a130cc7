#![doc = include_str!("../README.md")]

mod access;
mod acl;
mod endpoints;
mod resources;
mod subnets;

pub use endpoints::{Endpoints, TenantEndpoints};
pub use resources::{
    EndpointId, NetworkAcl, NetworkAclId, PrefixListId, RouteTable, RouteTableId, SecurityGroup, SecurityGroupId,
    Subnet, SubnetId, Vpc, VpcEndpoint, VpcId, ZoneName,
};

use construct::{Address, Construct, Handle, Stack};
use naming::{Kind, Owner};

/// The tenant's VPC with its private subnets and its walls: no way in, and no way out but to the endpoints.
pub struct TenantNetwork;

/// What other families need of the network.
pub struct Network {
    /// The VPC.
    pub vpc: Handle<Vpc>,
    /// The private subnets, in two availability zones.
    pub subnets: [Handle<Subnet>; 2],
    /// The route table of the subnets, without a route beyond the VPC.
    pub routes: Handle<RouteTable>,
    /// The security group of the functions.
    pub function_group: Handle<SecurityGroup>,
    /// The security group of the interface endpoint.
    pub endpoint_group: Handle<SecurityGroup>,
    /// What must exist before anything runs in the subnets: the network ACL and the routes.
    pub walls: Vec<Address>,
}

impl Construct for TenantNetwork {
    type Exports = Network;

    fn declare(self, stack: &mut Stack) -> Network {
        let tenant = stack.owner();
        let body = Vpc {
            cidr_block: tenant.block(),
            enable_dns_hostnames: true,
            enable_dns_support: true,
            tags: tenant.tags().named(tenant.name(Kind::Vpc)),
        };
        let vpc = stack.add("tenant", body);
        let subnets = subnets::declare(stack, &vpc);
        let (routes, mut walls) = subnets::routes(stack, &vpc, &subnets);
        walls.push(acl::declare(stack, &vpc, &subnets));
        let (function_group, endpoint_group) = access::declare(stack, &vpc);
        Network { vpc, subnets, routes, function_group, endpoint_group, walls }
    }
}
