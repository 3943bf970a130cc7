//! What each role of a tenant may do: exact ARNs, listed actions. The permissions boundary is made from the same lists.

use construct::arn::{SecurityGroup, Subnet};
use construct::{ArnOf, Stack, Text};

use crate::arns::{KeyArn, TenantArns, network_interfaces};
use crate::identity::Walls;
use crate::policy::action::{Action, dynamodb, ec2, kms, lambda, logs, s3, sqs};
use crate::policy::{Operator, Statement, key};
use crate::service::Service;

/// All that the lists are made from.
pub(crate) struct Grants<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) arns: &'a TenantArns,
    pub(crate) key: &'a KeyArn,
    pub(crate) walls: &'a Walls,
}

/// What the tenant API does with the objects of its bucket.
pub(crate) const OBJECT_ACTIONS: &[Action<construct::arn::Object>] =
    &[s3::ABORT_MULTIPART_UPLOAD, s3::DELETE_OBJECT, s3::GET_OBJECT, s3::PUT_OBJECT];

/// What functions and flow logs do with the streams of a log group.
pub(crate) const STREAM_WRITES: &[Action<construct::arn::LogStream>] = &[logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS];

/// What the tenant API does with the table.
pub(crate) const TABLE_ACTIONS: &[Action<construct::arn::Table>] = &[
    dynamodb::BATCH_GET_ITEM,
    dynamodb::BATCH_WRITE_ITEM,
    dynamodb::CONDITION_CHECK_ITEM,
    dynamodb::DELETE_ITEM,
    dynamodb::GET_ITEM,
    dynamodb::PUT_ITEM,
    dynamodb::QUERY,
    dynamodb::UPDATE_ITEM,
];

impl Grants<'_> {
    fn tenant(&self) -> Text {
        Text::literal(self.stack.owner().id.as_str())
    }

    fn via(&self, services: &[Service]) -> Vec<Text> {
        services.iter().map(|service| Text::literal(service.via(&self.stack.owner().region))).collect()
    }

    /// The tenant API: its table by its own partition key, its bucket, its key, its log group, its dead-letter queue.
    pub(crate) fn api(&self) -> Vec<Statement> {
        let arns = self.arns;
        let mut statements = vec![
            Statement::allow("Items", TABLE_ACTIONS, std::slice::from_ref(&arns.table)).when(
                Operator::ForAnyValueStringEquals,
                key::LEADING_KEYS,
                [self.tenant()],
            ),
            Statement::allow("Objects", OBJECT_ACTIONS, &[arns.bucket.objects()]),
            Statement::allow("Bucket", &[s3::LIST_BUCKET], std::slice::from_ref(&arns.bucket)),
            self.use_key(),
            Statement::allow("OwnLog", STREAM_WRITES, &[arns.api_log.streams()]),
            self.dead_letters(),
        ];
        statements.extend(self.interfaces());
        statements
    }

    /// The log relay: the tenant's own streams of the central log group, its own log group, the dead-letter queue.
    pub(crate) fn relay(&self) -> Vec<Statement> {
        let arns = self.arns;
        let mut statements = vec![
            Statement::allow("CentralStreams", STREAM_WRITES, std::slice::from_ref(&arns.central_streams)),
            Statement::allow("OwnLog", STREAM_WRITES, &[arns.relay_log.streams()]),
            self.use_key(),
            self.dead_letters(),
        ];
        statements.extend(self.interfaces());
        statements
    }

    /// VPC flow logs: the log group of the flow log
    /// ([role for publishing](https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html)).
    pub(crate) fn flow(&self) -> Vec<Statement> {
        let group = &self.arns.flow_log;
        vec![
            Statement::allow("FlowLog", STREAM_WRITES, &[group.streams()]),
            Statement::allow(
                "FlowLogGroup",
                &[logs::DESCRIBE_LOG_GROUPS, logs::DESCRIBE_LOG_STREAMS],
                &[group.with_streams()],
            ),
        ]
    }

    /// Whoever calls the API: both permissions that a function URL asks for, the second only by way of the URL
    /// ([function URL access](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html)).
    pub(crate) fn caller(&self) -> Vec<Statement> {
        let api = std::slice::from_ref(&self.arns.api);
        vec![
            Statement::allow("CallUrl", &[lambda::INVOKE_FUNCTION_URL], api).when(
                Operator::StringEquals,
                key::FUNCTION_URL_AUTH,
                [Text::literal("AWS_IAM")],
            ),
            Statement::allow("CallThroughUrl", &[lambda::INVOKE_FUNCTION], api).when(
                Operator::Bool,
                key::INVOKED_VIA_URL,
                [Text::literal("true")],
            ),
        ]
    }

    /// Whoever reads the tenant's logs: by stream only. A group-level read of the central group would read every tenant.
    pub(crate) fn reader(&self) -> Vec<Statement> {
        let arns = self.arns;
        let streams = [&arns.api_log, &arns.relay_log, &arns.flow_log].map(|group| group.streams());
        vec![
            Statement::allow("OwnStreams", &[logs::GET_LOG_EVENTS], &streams),
            Statement::allow("OwnCentralStreams", &[logs::GET_LOG_EVENTS], std::slice::from_ref(&arns.central_streams)),
        ]
    }

    /// Use of the tenant's key, by way of the services that hold the tenant's data.
    fn use_key(&self) -> Statement {
        Statement::allow("Key", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], std::slice::from_ref(self.key))
            .when(
                Operator::StringEquals,
                key::VIA_SERVICE,
                self.via(&[Service::DynamoDb, Service::Lambda, Service::S3, Service::Sqs]),
            )
    }

    fn dead_letters(&self) -> Statement {
        Statement::allow("DeadLetters", &[sqs::SEND_MESSAGE], std::slice::from_ref(&self.arns.dlq))
    }

    /// What Lambda asks of the execution role of a function in a VPC, for this tenant's subnets, group and VPC
    /// ([execution role](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)). The function's own code is denied all
    /// of it ([`Grants::deny`]).
    fn interfaces(&self) -> Vec<Statement> {
        let walls = self.walls;
        let subnets: &[ArnOf<Subnet>] = &walls.subnets;
        let group: &ArnOf<SecurityGroup> = &walls.function_security_group;
        let all = network_interfaces(self.stack);
        vec![
            Statement::allow("SubnetsOfInterfaces", &[ec2::CREATE_NETWORK_INTERFACE_IN_SUBNET], subnets),
            Statement::allow(
                "GroupOfInterfaces",
                &[ec2::CREATE_NETWORK_INTERFACE_WITH_GROUP],
                std::slice::from_ref(group),
            ),
            Statement::allow_on_interfaces("Interfaces", &[ec2::CREATE_NETWORK_INTERFACE], all.clone()),
            // EC2 gives `ec2:Vpc` with every network interface that exists. It is missing only where Lambda asks, before any exists,
            // whether the role would be allowed: hence `IfExists`.
            Statement::allow_on_interfaces(
                "InterfacesOfVpc",
                &[ec2::ASSIGN_PRIVATE_IP_ADDRESSES, ec2::DELETE_NETWORK_INTERFACE, ec2::UNASSIGN_PRIVATE_IP_ADDRESSES],
                all,
            )
            .when(Operator::ArnEqualsIfExists, key::EC2_VPC, [&walls.vpc]),
            Statement::allow_on_any(
                "Describe",
                &[
                    ec2::DESCRIBE_NETWORK_INTERFACES,
                    ec2::DESCRIBE_SECURITY_GROUPS,
                    ec2::DESCRIBE_SUBNETS,
                    ec2::DESCRIBE_VPCS,
                ],
                "EC2 has no resource level for descriptions, which show no tenant's data; the functions' code is denied them",
            ),
        ]
    }

    /// What the functions must not do although something allows it: read or write under another partition key, and use the
    /// permissions that are there for Lambda itself.
    pub(crate) fn deny(&self) -> [Statement; 2] {
        let names: Vec<&'static str> = TABLE_ACTIONS.iter().map(|action| action.name()).collect();
        let functions = [&self.arns.api, &self.arns.relay];
        [
            Statement::deny("DenyOtherPartitions", &names, [Text::literal("*")]).when(
                Operator::ForAnyValueStringNotEquals,
                key::LEADING_KEYS,
                [self.tenant()],
            ),
            Statement::deny("DenyNetworkToCode", &["ec2:*"], [Text::literal("*")]).when(
                Operator::ArnEquals,
                key::SOURCE_FUNCTION,
                functions,
            ),
        ]
    }
}
