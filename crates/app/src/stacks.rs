//! How the families make a stack: the architecture, read from top to bottom.

use compute::{Code, Function, FunctionCode, Queue, TenantDeadLetters, TenantFunctions};
use construct::{Construct, Stack, Text};
use events::{PlatformOnboarding, PlatformRules, PlatformRunner, StateMachine, TenantEvents};
use naming::{NetworkPlan, Owner, Platform, PlatformKind, Tenant};
use network::{SecurityGroup, Subnet, TenantEndpoints, TenantNetwork, Vpc};
use observability::{LogGroup, PlatformLogs, PlatformMonitoring, TenantLogs, TenantMonitoring};
use security::{EndpointPolicies, PlatformDeployer, PlatformKey, Role, TenantIdentity, Walls};
use storage::{Bucket, PlatformStates, Table, TenantStorage};

/// Everything of one tenant.
pub fn tenant_stack(tenant: Tenant, code: FunctionCode) -> Stack {
    let mut stack = Stack::new(tenant);
    let network = TenantNetwork.declare(&mut stack);
    let walls = Walls {
        vpc: network.vpc.get(Vpc::ARN),
        subnets: network.subnets.map(|subnet| subnet.get(Subnet::ARN)),
        function_security_group: network.function_group.get(SecurityGroup::ARN),
    };
    let identity = TenantIdentity { walls }.declare(&mut stack);
    let (key, key_ready) = (&identity.key, &identity.key_ready);
    let logs = TenantLogs { key: key.clone(), key_ready: key_ready.clone() }.declare(&mut stack);
    let policies = EndpointPolicies::of(&stack);
    let endpoints = TenantEndpoints {
        network: &network,
        s3_policy: policies.s3,
        dynamodb_policy: policies.dynamodb,
        logs_policy: policies.logs,
        flow_log: logs.flow.get(LogGroup::ARN),
        flow_role: identity.flow_role.clone(),
    }
    .declare(&mut stack);
    let storage = TenantStorage {
        key: key.clone(),
        key_ready: key_ready.clone(),
        s3_endpoint: endpoints.s3,
        dynamodb_endpoint: endpoints.dynamodb,
    }
    .declare(&mut stack);
    let dead_letters = TenantDeadLetters { key: key.clone(), key_ready: key_ready.clone() }.declare(&mut stack);

    let mut ready = vec![key_ready.clone(), logs.api.address(), logs.relay.address()];
    ready.extend(identity.roles_ready);
    ready.extend(network.walls);
    ready.extend(endpoints.ready);
    let functions = TenantFunctions {
        code,
        key: key.clone(),
        api_role: identity.api_role,
        relay_role: identity.relay_role,
        caller_role: identity.caller_role.clone(),
        subnets: network.subnets.map(|subnet| subnet.get(Subnet::ID)),
        security_group: network.function_group.get(SecurityGroup::ID),
        dead_letters: dead_letters.get(Queue::ARN),
        api_log: logs.api.get(LogGroup::ARN),
        ready,
    }
    .declare(&mut stack);
    TenantMonitoring {
        api_log: logs.api.get(LogGroup::NAME),
        relay: functions.relay.get(Function::ARN),
        relay_ready: functions.relay_ready,
    }
    .declare(&mut stack);
    TenantEvents {
        handler: functions.api.get(Function::ARN),
        handler_name: functions.api.get(Function::NAME),
        dead_letters: dead_letters.get(Queue::ARN),
    }
    .declare(&mut stack);

    let tenant = stack.owner().clone();
    let text = |name: &str| Text::literal(name);
    stack.output("api_endpoint", "HTTPS address of the tenant API; requests are signed (SigV4)", functions.api_url);
    stack.output("api_caller_role_arn", "Role that may call the tenant API", identity.caller_role);
    stack.output("api_function_arn", "Function of the tenant API", functions.api.get(Function::ARN));
    stack.output("bucket_arn", "Bucket of tenant data", storage.bucket.get(Bucket::ARN));
    stack.output("bucket_name", "Name of the bucket of tenant data", storage.bucket.get(Bucket::NAME));
    stack.output("central_log_group_name", "Log group of the central view", tenant.central_log_group());
    stack.output("central_log_stream_prefix", "Start of the tenant's streams there", text(&format!("{}/", tenant.id)));
    stack.output("dead_letter_queue_url", "Where undeliverable events wait", dead_letters.get(Queue::URL));
    stack.output("environment_suffix", "Environment of the stack", text(tenant.suffix.as_str()));
    stack.output("kms_key_arn", "Key of all of the tenant's data", identity.key);
    stack.output("log_group_name", "Log group of the tenant API", logs.api.get(LogGroup::NAME));
    stack.output("log_reader_role_arn", "Role that may read the tenant's logs", identity.reader_role);
    stack.output("region", "Region of the stack", text(tenant.region().as_str()));
    stack.output("table_arn", "Table of tenant metadata", storage.table.get(Table::ARN));
    stack.output("table_name", "Name of the table of tenant metadata", storage.table.get(Table::NAME));
    stack.output("tenant_id", "Tenant of the stack", text(tenant.id.as_str()));
    stack.output("vpc_cidr_block", "Addresses of the tenant's VPC", text(&tenant.block().to_string()));
    stack.output("vpc_id", "VPC of the tenant", network.vpc.get(Vpc::ID));
    stack
}

/// What onboarding is told of the environment.
#[derive(Clone, Debug)]
pub struct Onboarding {
    /// The code of its function.
    pub code: Code,
    /// The network plan.
    pub network: NetworkPlan,
    /// How many tenants the account takes.
    pub tenant_limit: u64,
}

/// The version whose release the platform's builds run: this program's.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// What all tenants of one environment share. No tenant's stack refers to it.
pub fn platform_stack(platform: Platform, onboarding: Onboarding) -> Stack<Platform> {
    let Onboarding { code, network, tenant_limit } = onboarding;
    let mut stack = Stack::new(platform);
    let identity = PlatformKey.declare(&mut stack);
    let (key, key_ready) = (identity.key, identity.key_ready);
    let logs = PlatformLogs { key: key.clone(), key_ready: key_ready.clone() }.declare(&mut stack);
    let states = PlatformStates { key: key.clone(), key_ready: key_ready.clone() }.declare(&mut stack);
    let queue = compute::QueuePlan {
        name: stack.owner().name(PlatformKind::Dlq),
        key: key.clone(),
        key_ready: key_ready.clone(),
        policy: security::guard::platform_queue_policy(&stack),
    };
    let dead_letters = compute::DeadLetterQueue::declare(&mut stack, queue);
    let log = logs.events.get(LogGroup::ARN);
    let deployer = PlatformDeployer { key: key.clone() }.declare(&mut stack);
    let mut ready = vec![key_ready.clone(), logs.runner.address()];
    ready.extend(deployer.ready);
    PlatformRunner {
        role: deployer.runner_role.get(Role::ARN),
        deployer_role: deployer.deployer_role.get(Role::ARN),
        key: key.clone(),
        network,
        release: RELEASE,
        releases: PlatformDeployer::RELEASES,
        streams: PlatformDeployer::BUILD_STREAMS,
        ready,
    }
    .declare(&mut stack);
    let onboarding = PlatformOnboarding {
        code,
        network,
        tenant_limit,
        release: RELEASE,
        key,
        key_ready,
        function_log: logs.function.address(),
        log: log.clone(),
        dead_letters: dead_letters.get(Queue::ARN),
        dead_letters_url: dead_letters.get(Queue::URL).text(),
    }
    .declare(&mut stack);
    let workflow = onboarding.workflow.get(StateMachine::ARN);
    PlatformRules {
        workflow: workflow.clone(),
        dead_letters: dead_letters.get(Queue::ARN),
        event_log: log,
        event_log_ready: logs.events_ready,
    }
    .declare(&mut stack);
    PlatformMonitoring { onboarding: workflow.clone() }.declare(&mut stack);

    stack.output("central_log_group_name", "Log group of the central view", logs.central.get(LogGroup::NAME));
    stack.output("dead_letter_queue_url", "Where undeliverable events wait", dead_letters.get(Queue::URL));
    stack.output(
        "deployer_role_arn",
        "Role that deploys the stack of the tenant with which its session is tagged",
        deployer.deployer_role.get(Role::ARN),
    );
    stack.output("onboarding_workflow_arn", "Workflow that takes signups and offboardings", workflow);
    stack.output("registry_table_name", "Registry of tenants", onboarding.registry.get(Table::NAME));
    stack.output("state_bucket_name", "Bucket for Terraform states", states.get(Bucket::NAME));
    stack
}
