//! The only ways out of the VPC: endpoints of S3, DynamoDB and CloudWatch Logs, each with a policy; and the flow log.

use construct::arn::{LogGroup, Role};
use construct::{Address, ArnOf, Construct, Expr, Handle, Stack, Text};
use naming::{Kind, Owner};

use crate::Network;
use crate::resources::*;

/// The tenant's endpoints and flow log.
pub struct TenantEndpoints<'a> {
    /// The network that they belong to.
    pub network: &'a Network,
    /// What the endpoint of S3 lets through.
    pub s3_policy: Text,
    /// What the endpoint of DynamoDB lets through.
    pub dynamodb_policy: Text,
    /// What the endpoint of CloudWatch Logs lets through.
    pub logs_policy: Text,
    /// Where the flow log is kept.
    pub flow_log: ArnOf<LogGroup>,
    /// Who writes the flow log.
    pub flow_role: ArnOf<Role>,
}

/// What other families need of the endpoints.
pub struct Endpoints {
    /// Of S3.
    pub s3: Expr<EndpointId>,
    /// Of DynamoDB.
    pub dynamodb: Expr<EndpointId>,
    /// What must exist before a function can reach the endpoints.
    pub ready: Vec<Address>,
}

impl Construct for TenantEndpoints<'_> {
    type Exports = Endpoints;

    fn declare(self, stack: &mut Stack) -> Endpoints {
        let network = self.network;
        let s3 = gateway(stack, "s3", Kind::S3Endpoint, network, self.s3_policy);
        let dynamodb = gateway(stack, "dynamodb", Kind::DynamodbEndpoint, network, self.dynamodb_policy);
        let tenant = stack.owner();
        let logs = VpcEndpoint {
            policy: self.logs_policy,
            private_dns_enabled: Some(true),
            route_table_ids: None,
            security_group_ids: Some([network.endpoint_group.get(SecurityGroup::ID)]),
            service_name: service_name(stack, "logs"),
            subnet_ids: Some(network.subnets.map(|subnet| subnet.get(Subnet::ID))),
            tags: tenant.tags().named(tenant.name(Kind::LogsEndpoint)),
            vpc_endpoint_type: "Interface",
            vpc_id: network.vpc.get(Vpc::ID),
        };
        let logs = stack.add("logs", logs);

        let mut ready = vec![s3.address(), dynamodb.address(), logs.address()];
        for (id, description, endpoint) in
            [("functions_to_s3", "To S3", &s3), ("functions_to_dynamodb", "To DynamoDB", &dynamodb)]
        {
            let peer = Peer::Service(endpoint.get(VpcEndpoint::PREFIX_LIST));
            let tags = stack.owner().tags();
            let rule = HttpsRule::new(description, network.function_group.get(SecurityGroup::ID), peer, tags);
            ready.push(stack.add(id, EgressRule(rule)).address());
        }

        let tenant = stack.owner();
        let flow_log = FlowLog {
            iam_role_arn: self.flow_role,
            log_destination: self.flow_log,
            log_destination_type: "cloud-watch-logs",
            max_aggregation_interval: 60,
            tags: tenant.tags().named(tenant.name(Kind::Flow)),
            traffic_type: "ALL",
            vpc_id: network.vpc.get(Vpc::ID),
        };
        stack.add("tenant", flow_log);
        Endpoints { s3: s3.get(VpcEndpoint::ID), dynamodb: dynamodb.get(VpcEndpoint::ID), ready }
    }
}

fn service_name(stack: &Stack, service: &str) -> Text {
    Text::literal(format!("com.amazonaws.{}.{service}", stack.owner().region()))
}

fn gateway(
    stack: &mut Stack,
    service: &'static str,
    kind: Kind,
    network: &Network,
    policy: Text,
) -> Handle<VpcEndpoint> {
    let tenant = stack.owner();
    let endpoint = VpcEndpoint {
        policy,
        private_dns_enabled: None,
        route_table_ids: Some([network.routes.get(RouteTable::ID)]),
        security_group_ids: None,
        service_name: service_name(stack, service),
        subnet_ids: None,
        tags: tenant.tags().named(tenant.name(kind)),
        vpc_endpoint_type: "Gateway",
        vpc_id: network.vpc.get(Vpc::ID),
    };
    stack.add(service, endpoint)
}
