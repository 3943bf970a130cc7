//! The tenant API and the log relay.

use std::collections::BTreeMap;

use construct::arn::{self, Key, LogGroup, Role};
use construct::{Address, ArnOf, Construct, Expr, Handle, Stack, Text};
use naming::{Kind, Owner, runtime};
use network::{SecurityGroupId, SubnetId};
use security::Service;

use crate::code::{Code, FunctionCode};
use crate::resources::*;

/// What each function gets: 256 MB of memory and 60 seconds.
const MEMORY_MB: u16 = 256;
const TIMEOUT_SECONDS: u16 = 60;
/// The tenant API's share of the account's concurrency: no tenant takes it from another.
const API_CONCURRENCY: u16 = 10;
/// The log relay's share.
const RELAY_CONCURRENCY: u16 = 2;

/// The tenant's functions, inside the tenant's VPC.
pub struct TenantFunctions {
    /// The deployment packages.
    pub code: FunctionCode,
    /// The tenant's key, which encrypts the functions' environments.
    pub key: ArnOf<Key>,
    /// The execution role of the tenant API.
    pub api_role: ArnOf<Role>,
    /// The execution role of the log relay.
    pub relay_role: ArnOf<Role>,
    /// The role that calls the API.
    pub caller_role: ArnOf<Role>,
    /// The private subnets.
    pub subnets: [Expr<SubnetId>; 2],
    /// The security group of the functions.
    pub security_group: Expr<SecurityGroupId>,
    /// The tenant's dead-letter queue.
    pub dead_letters: ArnOf<arn::Queue>,
    /// The log group of the tenant API, from which the relay takes events.
    pub api_log: ArnOf<LogGroup>,
    /// What must exist before a function runs: its log group, its role's policy, the key's policy, the walls of the network.
    pub ready: Vec<Address>,
}

/// What other families need of the functions.
pub struct Functions {
    /// The tenant API.
    pub api: Handle<Function>,
    /// The address of the tenant API.
    pub api_url: Expr<Url>,
    /// The log relay.
    pub relay: Handle<Function>,
    /// What must exist before the log group of the API can be subscribed to.
    pub relay_ready: Address,
}

/// What the two functions differ in.
struct FunctionPlan {
    kind: Kind,
    log: Kind,
    description: &'static str,
    code: Code,
    role: ArnOf<Role>,
    concurrency: u16,
    variables: BTreeMap<&'static str, Text>,
}

impl TenantFunctions {
    fn function(&self, stack: &Stack, plan: FunctionPlan) -> Function {
        let tenant = stack.owner();
        let mut variables = plan.variables;
        variables.insert(runtime::TENANT_ID, Text::literal(tenant.id.as_str()));
        variables.insert(runtime::ENVIRONMENT_SUFFIX, Text::literal(tenant.suffix.as_str()));
        Function {
            architectures: [plan.code.architecture],
            dead_letter_config: Some(DeadLetterConfig { target_arn: self.dead_letters.clone() }),
            description: Text::literal(plan.description),
            environment: Environment { variables },
            filename: Text::literal(&plan.code.filename),
            function_name: tenant.name(plan.kind),
            handler: "bootstrap",
            kms_key_arn: self.key.clone(),
            logging_config: LoggingConfig { log_format: "JSON", log_group: tenant.name(plan.log).into() },
            memory_size: MEMORY_MB,
            reserved_concurrent_executions: Some(plan.concurrency),
            role: plan.role,
            runtime: "provided.al2023",
            source_code_hash: plan.code.source_code_hash,
            tags: tenant.tags(),
            timeout: TIMEOUT_SECONDS,
            tracing_config: TracingConfig { mode: "PassThrough" },
            vpc_config: Some(VpcConfig {
                security_group_ids: [self.security_group.clone()],
                subnet_ids: self.subnets.clone(),
            }),
        }
    }
}

impl Construct for TenantFunctions {
    type Exports = Functions;

    fn declare(self, stack: &mut Stack) -> Functions {
        let tenant = stack.owner();
        let api = FunctionPlan {
            kind: Kind::Api,
            log: Kind::ApiLog,
            description: "The tenant API",
            code: self.code.api.clone(),
            role: self.api_role.clone(),
            concurrency: API_CONCURRENCY,
            variables: BTreeMap::from([
                (runtime::TABLE_NAME, tenant.name(Kind::Metadata).into()),
                (runtime::BUCKET_NAME, tenant.name(Kind::Data).into()),
            ]),
        };
        let relay = FunctionPlan {
            kind: Kind::Relay,
            log: Kind::RelayLog,
            description: "Copies the tenant's log events to its own streams of the central log group",
            code: self.code.relay.clone(),
            role: self.relay_role.clone(),
            concurrency: RELAY_CONCURRENCY,
            variables: BTreeMap::from([
                (runtime::CENTRAL_LOG_GROUP_NAME, tenant.central_log_group().into()),
                (runtime::RELAYED_LOG_GROUP_NAME, tenant.name(Kind::ApiLog).into()),
            ]),
        };
        let api = stack.add_after("api", self.function(stack, api), self.ready.iter().cloned());
        let relay = stack.add_after("relay", self.function(stack, relay), self.ready.iter().cloned());

        let api_name = api.get(Function::NAME);
        let url = stack.add(
            "api",
            FunctionUrl { authorization_type: "AWS_IAM", function_name: api_name.clone(), invoke_mode: "BUFFERED" },
        );
        let [call_url, call_through_url] = Permission::url_caller(&api_name, &self.caller_role);
        stack.add("call_url", call_url);
        stack.add("call_through_url", call_through_url);

        let logs = Service::LogSubscription.principal(stack.owner().region());
        let source = self.api_log.with_streams().text();
        let permission = Permission::service("RelayLogs", relay.get(Function::NAME), logs, source, stack.account());
        let relay_ready = stack.add("relay_logs", permission).address();
        Functions { api, api_url: url.get(FunctionUrl::URL), relay, relay_ready }
    }
}
