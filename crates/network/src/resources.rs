//! The bodies of the VPC resources, with the fields that are set.

use construct::arn::{self, LogGroup, Role};
use construct::{Arn, ArnOf, Attr, Expr, Mode, Resource, Text, Timeouts};
use ipnet::Ipv4Net;
use naming::{ResourceName, Tags};
use serde::Serialize;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => { $($(#[$doc])* pub struct $name;)+ };
}

ids! {
    /// The id of a VPC.
    VpcId,
    /// The id of a subnet.
    SubnetId,
    /// The id of a route table.
    RouteTableId,
    /// The id of a network ACL.
    NetworkAclId,
    /// The id of a security group.
    SecurityGroupId,
    /// The id of a VPC endpoint.
    EndpointId,
    /// The id of the list of a service's addresses.
    PrefixListId,
    /// The name of an availability zone.
    ZoneName,
}

macro_rules! resource {
    ($name:ident, $type:literal $(, $attr:ident: $yields:ty = $text:literal)*) => {
        impl Resource for $name {
            const TYPE: &'static str = $type;
        }

        impl $name {
            $(
                #[doc = concat!("The attribute `", $text, "`.")]
                pub const $attr: Attr<Self, $yields> = Attr::new($text);
            )*
        }
    };
}

/// A VPC with one IPv4 block of /16 to /28 ([VPC CIDR blocks](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)).
#[derive(Serialize)]
pub struct Vpc {
    pub(crate) cidr_block: Ipv4Net,
    pub(crate) enable_dns_hostnames: bool,
    pub(crate) enable_dns_support: bool,
    pub(crate) tags: Tags,
}
resource!(
    Vpc, "aws_vpc",
    ID: VpcId = "id",
    ARN: Arn<arn::Vpc> = "arn",
    MAIN_ROUTES: RouteTableId = "default_route_table_id",
    DEFAULT_ACL: NetworkAclId = "default_network_acl_id"
);

/// The availability zones of the region.
#[derive(Serialize)]
pub(crate) struct Zones {
    pub(crate) exclude_zone_ids: [&'static str; 1],
    pub(crate) filter: [ZoneFilter; 1],
    pub(crate) state: &'static str,
}

#[derive(Serialize)]
pub(crate) struct ZoneFilter {
    pub(crate) name: &'static str,
    pub(crate) values: [&'static str; 1],
}

impl Resource for Zones {
    const TYPE: &'static str = "aws_availability_zones";
    const MODE: Mode = Mode::Data;
}

impl Zones {
    pub(crate) const FIRST: Attr<Self, ZoneName> = Attr::new("names[0]");
    pub(crate) const SECOND: Attr<Self, ZoneName> = Attr::new("names[1]");
}

/// A subnet, in one availability zone; AWS keeps five of its addresses
/// ([subnet CIDR blocks](https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html)).
#[derive(Serialize)]
pub struct Subnet {
    pub(crate) availability_zone: Expr<ZoneName>,
    pub(crate) cidr_block: Ipv4Net,
    pub(crate) map_public_ip_on_launch: bool,
    pub(crate) tags: Tags,
    pub(crate) timeouts: Timeouts,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(Subnet, "aws_subnet", ID: SubnetId = "id", ARN: Arn<arn::Subnet> = "arn");

/// A route table. Its local route, which AWS adds, is the only one: what leaves the VPC leaves it through an endpoint.
#[derive(Serialize)]
pub struct RouteTable {
    pub(crate) tags: Tags,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(RouteTable, "aws_route_table", ID: RouteTableId = "id");

#[derive(Serialize)]
pub(crate) struct RouteTableAssociation {
    pub(crate) route_table_id: Expr<RouteTableId>,
    pub(crate) subnet_id: Expr<SubnetId>,
}
resource!(RouteTableAssociation, "aws_route_table_association");

/// The route table that AWS makes with a VPC.
#[derive(Serialize)]
pub(crate) struct MainRouteTable {
    pub(crate) default_route_table_id: Expr<RouteTableId>,
    pub(crate) route: [&'static str; 0],
    pub(crate) tags: Tags,
}
resource!(MainRouteTable, "aws_default_route_table");

/// A network ACL. Terraform wants every field of a rule.
#[derive(Serialize)]
pub struct NetworkAcl {
    pub(crate) egress: Vec<AclRule>,
    pub(crate) ingress: Vec<AclRule>,
    pub(crate) subnet_ids: [Expr<SubnetId>; 2],
    pub(crate) tags: Tags,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(NetworkAcl, "aws_network_acl");

#[derive(Clone, Debug, Serialize)]
pub(crate) struct AclRule {
    pub(crate) action: &'static str,
    pub(crate) cidr_block: Ipv4Net,
    pub(crate) from_port: u16,
    pub(crate) icmp_code: u8,
    pub(crate) icmp_type: u8,
    /// None: the VPC has no IPv6 addresses.
    pub(crate) ipv6_cidr_block: Option<&'static str>,
    pub(crate) protocol: &'static str,
    pub(crate) rule_no: u16,
    pub(crate) to_port: u16,
}

/// The network ACL that AWS makes with a VPC, emptied.
#[derive(Serialize)]
pub(crate) struct DefaultNetworkAcl {
    pub(crate) default_network_acl_id: Expr<NetworkAclId>,
    pub(crate) tags: Tags,
}
resource!(DefaultNetworkAcl, "aws_default_network_acl");

/// The security group that AWS makes with a VPC, emptied.
#[derive(Serialize)]
pub(crate) struct DefaultSecurityGroup {
    pub(crate) tags: Tags,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(DefaultSecurityGroup, "aws_default_security_group");

/// A security group; its rules are resources of their own.
#[derive(Serialize)]
pub struct SecurityGroup {
    pub(crate) description: Text,
    pub(crate) name: ResourceName,
    pub(crate) revoke_rules_on_delete: bool,
    pub(crate) tags: Tags,
    pub(crate) timeouts: Timeouts,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(SecurityGroup, "aws_security_group", ID: SecurityGroupId = "id", ARN: Arn<arn::SecurityGroup> = "arn");

/// Who may be reached, or may come.
#[derive(Serialize)]
pub(crate) enum Peer {
    #[serde(rename = "referenced_security_group_id")]
    Group(Expr<SecurityGroupId>),
    #[serde(rename = "prefix_list_id")]
    Service(Expr<PrefixListId>),
}

/// HTTPS, to or from one peer.
#[derive(Serialize)]
pub(crate) struct HttpsRule {
    description: Text,
    from_port: u16,
    ip_protocol: &'static str,
    #[serde(flatten)]
    peer: Peer,
    security_group_id: Expr<SecurityGroupId>,
    tags: Tags,
    to_port: u16,
}

impl HttpsRule {
    pub(crate) fn new(
        description: &'static str,
        security_group_id: Expr<SecurityGroupId>,
        peer: Peer,
        tags: Tags,
    ) -> Self {
        let description = Text::literal(description);
        Self { description, from_port: 443, ip_protocol: "tcp", peer, security_group_id, tags, to_port: 443 }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct EgressRule(pub(crate) HttpsRule);
resource!(EgressRule, "aws_vpc_security_group_egress_rule");

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct IngressRule(pub(crate) HttpsRule);
resource!(IngressRule, "aws_vpc_security_group_ingress_rule");

/// A VPC endpoint with a policy of at most 20,480 characters
/// ([PrivateLink quotas](https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html)).
#[derive(Serialize)]
pub struct VpcEndpoint {
    pub(crate) policy: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_dns_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route_table_ids: Option<[Expr<RouteTableId>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) security_group_ids: Option<[Expr<SecurityGroupId>; 1]>,
    pub(crate) service_name: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subnet_ids: Option<[Expr<SubnetId>; 2]>,
    pub(crate) tags: Tags,
    pub(crate) vpc_endpoint_type: &'static str,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(VpcEndpoint, "aws_vpc_endpoint", ID: EndpointId = "id", PREFIX_LIST: PrefixListId = "prefix_list_id");

/// The record of all traffic.
#[derive(Serialize)]
pub(crate) struct FlowLog {
    pub(crate) iam_role_arn: ArnOf<Role>,
    pub(crate) log_destination: ArnOf<LogGroup>,
    pub(crate) log_destination_type: &'static str,
    pub(crate) max_aggregation_interval: u16,
    pub(crate) tags: Tags,
    pub(crate) traffic_type: &'static str,
    pub(crate) vpc_id: Expr<VpcId>,
}
resource!(FlowLog, "aws_flow_log");
