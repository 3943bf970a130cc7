//! A tenant's network. Nothing in EC2 is called by a name, so that the tag `TenantId` tells whose it is: what is made gets the session's
//! own, and what is there must have it.

use construct::Stack;
use construct::arn::{
    Ec2, FlowLog, HostedZone, NetworkAcl, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint,
};
use construct::{ArnOf, Text};
use naming::{Owner, Platform};

use super::session::{made_own, on_own, stays_own};
use crate::policy::action::{Action, ec2, route53};
use crate::policy::{Operator, Statement, key};

/// What is done to a network that is there. Making something in a VPC is among it: AWS asks for the VPC as well as for the new thing.
///
/// There is no `CreateRoute`, and nothing of gateways and peerings: no tenant's VPC has a way out. And there is no
/// `DeleteNetworkInterface`: the interfaces that Lambda makes carry no tag, so that nothing would tell one tenant's from another's. Lambda
/// takes them away itself, and Terraform waits.
const OWN: &[Action<Ec2>] = &[
    ec2::OWN_ASSOCIATE_ROUTE_TABLE,
    ec2::OWN_AUTHORIZE_SECURITY_GROUP_EGRESS,
    ec2::OWN_AUTHORIZE_SECURITY_GROUP_INGRESS,
    ec2::OWN_CREATE_FLOW_LOGS,
    ec2::OWN_CREATE_NETWORK_ACL,
    ec2::OWN_CREATE_NETWORK_ACL_ENTRY,
    ec2::OWN_CREATE_ROUTE_TABLE,
    ec2::OWN_CREATE_SECURITY_GROUP,
    ec2::OWN_CREATE_SUBNET,
    ec2::OWN_CREATE_VPC_ENDPOINT,
    ec2::OWN_DELETE_FLOW_LOGS,
    ec2::OWN_DELETE_NETWORK_ACL,
    ec2::OWN_DELETE_NETWORK_ACL_ENTRY,
    ec2::OWN_DELETE_ROUTE_TABLE,
    ec2::OWN_DELETE_SECURITY_GROUP,
    ec2::OWN_DELETE_SUBNET,
    ec2::OWN_DELETE_VPC,
    ec2::OWN_DELETE_VPC_ENDPOINTS,
    ec2::OWN_DESCRIBE_VPC_ATTRIBUTE,
    ec2::OWN_DISASSOCIATE_ROUTE_TABLE,
    ec2::OWN_MODIFY_SECURITY_GROUP_RULES,
    ec2::OWN_MODIFY_SUBNET_ATTRIBUTE,
    ec2::OWN_MODIFY_VPC_ATTRIBUTE,
    ec2::OWN_MODIFY_VPC_ENDPOINT,
    ec2::OWN_REPLACE_NETWORK_ACL_ASSOCIATION,
    ec2::OWN_REVOKE_SECURITY_GROUP_EGRESS,
    ec2::OWN_REVOKE_SECURITY_GROUP_INGRESS,
];

/// The calls that make something and give it tags at once.
const MAKING: [&str; 9] = [
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateFlowLogs",
    "CreateNetworkAcl",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateVpc",
    "CreateVpcEndpoint",
];

pub(super) fn allowed(stack: &Stack<Platform>) -> Vec<Statement> {
    let all = [stack.every::<Ec2>()];
    let making = || MAKING.map(Text::literal);
    let mut statements = vec![
        Statement::allow_on_any(
            "Describe",
            &[
                ec2::DESCRIBE_AVAILABILITY_ZONES,
                ec2::DESCRIBE_FLOW_LOGS,
                ec2::DESCRIBE_NETWORK_ACLS,
                ec2::DESCRIBE_NETWORK_INTERFACES,
                ec2::DESCRIBE_PREFIX_LISTS,
                ec2::DESCRIBE_ROUTE_TABLES,
                ec2::DESCRIBE_SECURITY_GROUP_RULES,
                ec2::DESCRIBE_SECURITY_GROUPS,
                ec2::DESCRIBE_SUBNETS,
                ec2::DESCRIBE_VPC_ENDPOINTS,
                ec2::DESCRIBE_VPCS,
            ],
            "EC2 has no resource level for descriptions, which show no tenant's data",
        ),
        on_own(Statement::allow("Own", OWN, &all)),
        made_own(Statement::allow("TagMade", &[ec2::OWN_CREATE_TAGS], &all).when(
            Operator::StringEquals,
            key::EC2_CREATE_ACTION,
            making(),
        )),
        stays_own(on_own(Statement::allow("TagOwn", &[ec2::OWN_CREATE_TAGS, ec2::OWN_DELETE_TAGS], &all))),
    ];
    statements.extend(made(stack));
    statements.extend(defaults(stack));
    statements.push(private_names(stack));
    statements
}

/// Something new, each by the ARN of what is made and nothing else: with the tag of a request, `CreateSubnet` on a VPC would be allowed in
/// anybody's.
fn made(stack: &Stack<Platform>) -> [Statement; 8] {
    [
        Statement::allow("MakeVpc", &[ec2::CREATE_VPC], &[stack.every::<Vpc>()]),
        Statement::allow("MakeSubnet", &[ec2::CREATE_SUBNET], &[stack.every::<Subnet>()]),
        Statement::allow("MakeRouteTable", &[ec2::CREATE_ROUTE_TABLE], &[stack.every::<RouteTable>()]),
        Statement::allow("MakeAcl", &[ec2::CREATE_NETWORK_ACL], &[stack.every::<NetworkAcl>()]),
        Statement::allow("MakeGroup", &[ec2::CREATE_SECURITY_GROUP], &[stack.every::<SecurityGroup>()]),
        Statement::allow(
            "MakeRule",
            &[ec2::AUTHORIZE_RULE_IN, ec2::AUTHORIZE_RULE_OUT],
            &[stack.every::<SecurityGroupRule>()],
        ),
        Statement::allow("MakeEndpoint", &[ec2::CREATE_VPC_ENDPOINT], &[stack.every::<VpcEndpoint>()]),
        Statement::allow("MakeFlowLog", &[ec2::CREATE_FLOW_LOGS], &[stack.every::<FlowLog>()]),
    ]
    .map(made_own)
}

/// The default security group, network ACL and route table, which EC2 makes with a VPC and without a tag: they are tagged first, or, the
/// ACL, emptied and then tagged, as the provider does it.
fn defaults(stack: &Stack<Platform>) -> [Statement; 2] {
    let untagged = |statement: Statement| statement.when(Operator::Null, key::RESOURCE_TENANT, [Text::literal("true")]);
    let kinds: [ArnOf<Ec2>; 3] = [
        stack.every::<NetworkAcl>().as_of(),
        stack.every::<RouteTable>().as_of(),
        stack.every::<SecurityGroup>().as_of(),
    ];
    [
        made_own(untagged(Statement::allow("TagDefaults", &[ec2::OWN_CREATE_TAGS], &kinds))),
        untagged(Statement::allow("EmptyDefaultAcl", &[ec2::DELETE_ENTRY_OF_ACL], &[stack.every::<NetworkAcl>()])),
    ]
}

/// The names of an AWS service inside of a VPC: EC2 asks Route 53 for them with the caller's rights, when an interface endpoint is made.
fn private_names(stack: &Stack<Platform>) -> Statement {
    let zones = ArnOf::<HostedZone>::every(stack.owner().region().partition());
    Statement::allow("PrivateNames", &[route53::ASSOCIATE_VPC_WITH_HOSTED_ZONE], &[zones]).when(
        Operator::Bool,
        key::VIA_AWS_SERVICE,
        [Text::literal("true")],
    )
}
