//! The function of the platform that carries out the steps of the onboarding workflow.

use std::collections::BTreeMap;

use construct::arn::{Key, Role};
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{NetworkPlan, Owner, Platform, PlatformKind, lifecycle, runtime};

use crate::code::Code;
use crate::resources::{Environment, Function, LoggingConfig, TracingConfig};

const MEMORY_MB: u16 = 256;
/// A step that meets a busy registry tries for half a minute.
const TIMEOUT_SECONDS: u16 = 60;

/// The onboarding function. It is in no VPC: it calls DynamoDB alone, and its role may do nothing else. It has no share of the account's
/// concurrency of its own: what it waits for, the workflow tries again.
pub struct OnboardingFunction {
    /// The deployment package.
    pub code: Code,
    /// The platform's key, which encrypts the function's environment.
    pub key: ArnOf<Key>,
    /// The execution role.
    pub role: ArnOf<Role>,
    /// The network plan.
    pub network: NetworkPlan,
    /// How many tenants the account takes.
    pub tenant_limit: u64,
    /// The version whose release builds run, where a tenant is pinned to no other.
    pub release: &'static str,
    /// For how many seconds a run has the lease of a tenant.
    pub lease_seconds: u32,
    /// What must exist before the function runs: its log group, its role's policy, the key's policy.
    pub ready: Vec<Address>,
}

impl Construct<Platform> for OnboardingFunction {
    type Exports = Handle<Function>;

    fn declare(self, stack: &mut Stack<Platform>) -> Handle<Function> {
        let platform = stack.owner();
        let text = |value: &dyn std::fmt::Display| Text::literal(value.to_string());
        let variables = BTreeMap::from([
            (runtime::ENVIRONMENT_SUFFIX, text(&platform.suffix)),
            (runtime::TABLE_NAME, platform.name(PlatformKind::Registry).into()),
            (runtime::NETWORK_SUPERNET, text(&self.network.supernet())),
            (runtime::NETWORK_PREFIX_LENGTH, text(&self.network.prefix_length())),
            (runtime::TENANT_LIMIT, text(&self.tenant_limit)),
            (runtime::RELEASE, Text::literal(self.release)),
            (runtime::LEASE_SECONDS, text(&self.lease_seconds)),
            (runtime::WAITING_SECONDS, text(&lifecycle::WAITING.as_secs())),
            (runtime::QUARANTINE_SECONDS, text(&lifecycle::QUARANTINE.as_secs())),
        ]);
        let function = Function {
            architectures: [self.code.architecture],
            dead_letter_config: None,
            description: Text::literal("Carries out the steps of the onboarding workflow"),
            environment: Environment { variables },
            filename: Text::literal(&self.code.filename),
            function_name: platform.name(PlatformKind::OnboardingFunction),
            handler: "bootstrap",
            kms_key_arn: self.key,
            logging_config: LoggingConfig {
                log_format: "JSON",
                log_group: platform.name(PlatformKind::OnboardingFunctionLog).into(),
            },
            memory_size: MEMORY_MB,
            reserved_concurrent_executions: None,
            role: self.role,
            runtime: "provided.al2023",
            source_code_hash: self.code.source_code_hash,
            tags: platform.tags(),
            timeout: TIMEOUT_SECONDS,
            tracing_config: TracingConfig { mode: "PassThrough" },
            vpc_config: None,
        };
        stack.add_after("onboarding", function, self.ready)
    }
}
