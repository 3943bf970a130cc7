//! The ARNs that a tenant's policies name, all exact.

use construct::arn::{Bucket, Function, Key, LogGroup, LogStream, Queue, Role, Rule, Table};
use construct::{ArnOf, Stack, Text};
use naming::{Kind, Owner};

/// What a tenant owns, by ARN. Made from names rather than references, because the policies and what they protect name each other.
#[derive(Clone, Debug)]
pub struct TenantArns {
    /// The execution role of the tenant API.
    pub api_role: ArnOf<Role>,
    /// The execution role of the log relay.
    pub relay_role: ArnOf<Role>,
    /// The role that writes the VPC flow log.
    pub flow_role: ArnOf<Role>,
    /// The role that calls the API.
    pub caller_role: ArnOf<Role>,
    /// The role that reads logs.
    pub reader_role: ArnOf<Role>,
    /// The table of tenant metadata.
    pub table: ArnOf<Table>,
    /// The bucket of tenant data.
    pub bucket: ArnOf<Bucket>,
    /// The dead-letter queue.
    pub dlq: ArnOf<Queue>,
    /// The function of the tenant API.
    pub api: ArnOf<Function>,
    /// The log relay.
    pub relay: ArnOf<Function>,
    /// The rule that brings the tenant's events to its handler.
    pub rule: ArnOf<Rule>,
    /// The log group of the tenant API.
    pub api_log: ArnOf<LogGroup>,
    /// The log group of the log relay.
    pub relay_log: ArnOf<LogGroup>,
    /// The log group of the VPC flow log.
    pub flow_log: ArnOf<LogGroup>,
    /// The tenant's own streams of the central log group.
    pub central_streams: ArnOf<LogStream>,
    /// The central log group itself where it is the tenant's own.
    pub own_central_log: Option<ArnOf<LogGroup>>,
}

impl TenantArns {
    /// The ARNs of the tenant that a stack belongs to.
    pub fn of(stack: &Stack) -> Self {
        let tenant = stack.owner();
        let central = stack.arn::<LogGroup>(&tenant.central_log_group());
        let own = tenant.central_log_group() == tenant.name(Kind::CentralLog);
        Self {
            api_role: stack.arn(&tenant.name(Kind::ApiRole)),
            relay_role: stack.arn(&tenant.name(Kind::RelayRole)),
            flow_role: stack.arn(&tenant.name(Kind::FlowRole)),
            caller_role: stack.arn(&tenant.name(Kind::CallerRole)),
            reader_role: stack.arn(&tenant.name(Kind::ReaderRole)),
            table: stack.arn(&tenant.name(Kind::Metadata)),
            bucket: stack.arn(&tenant.name(Kind::Data)),
            dlq: stack.arn(&tenant.name(Kind::Dlq)),
            api: stack.arn(&tenant.name(Kind::Api)),
            relay: stack.arn(&tenant.name(Kind::Relay)),
            rule: stack.arn(&tenant.name(Kind::Events)),
            api_log: stack.arn(&tenant.name(Kind::ApiLog)),
            relay_log: stack.arn(&tenant.name(Kind::RelayLog)),
            flow_log: stack.arn(&tenant.name(Kind::FlowLog)),
            central_streams: central.streams_under(tenant.id.as_str()),
            own_central_log: own.then_some(central),
        }
    }

    /// Every role of the tenant.
    pub fn roles(&self) -> [&ArnOf<Role>; 5] {
        [&self.api_role, &self.relay_role, &self.flow_role, &self.caller_role, &self.reader_role]
    }

    /// Every log group under the tenant's key.
    pub fn log_groups(&self) -> Vec<&ArnOf<LogGroup>> {
        [&self.api_log, &self.relay_log, &self.flow_log].into_iter().chain(&self.own_central_log).collect()
    }
}

/// The account of a stack as the principal that stands for its own IAM policies.
pub(crate) fn account_root<O: Owner>(stack: &Stack<O>) -> Text {
    let partition = stack.owner().region().partition();
    Text::literal(format!("arn:{partition}:iam::")).then(stack.account()).lit(":root")
}

/// Every ARN of a network interface in the stack's account and region.
pub(crate) fn network_interfaces(stack: &Stack) -> Text {
    let region = stack.owner().region();
    Text::literal(format!("arn:{}:ec2:{region}:", region.partition())).then(stack.account()).lit(":network-interface/*")
}

/// The key of a tenant, as a label for the resource of its own policy.
pub(crate) type KeyArn = ArnOf<Key>;
