//! The onboarding workflow, the function that carries out its steps, and the registry of tenants that they write.

use compute::{Code, Function, OnboardingFunction};
use construct::arn::{self, EventBus, Key, LogGroup, Queue};
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{NetworkPlan, Owner, Platform, PlatformKind, runtime};
use security::policy::action::{codebuild, dynamodb, events, kms, lambda, logs, s3, sqs, sts};
use security::policy::{Operator, Policy, Principal, Statement, key};
use security::{Role, RolePolicy, Service};
use storage::{SecureTable, Table, TableKeys, TablePlan, TableResourcePolicy};

use crate::resources::{LoggingConfiguration, StateMachine};
use crate::workflow::{LEASE, Workflow};

/// The rule by which Step Functions hears of the end of a build. It makes the rule itself, once for the account
/// ([CodeBuild](https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html)).
const END_OF_BUILD: &str = "StepFunctionsGetEventForCodeBuildStartBuildRule";

/// A trust policy for one service that acts for these resources of this account.
pub(crate) fn service_trust(
    stack: &Stack<Platform>,
    service: Service,
    sources: impl IntoIterator<Item = Text>,
) -> Text {
    let reason = "a trust policy has no resource: it is the role's own";
    Policy::new([Statement::allow_on_any("AllowAssume", &[sts::ASSUME_ROLE], reason)
        .principal(Principal::Service(service.principal(stack.owner().region())))
        .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [stack.account()])
        .when(Operator::ArnEquals, key::SOURCE_ARN, sources)])
    .trust_text()
}

/// Declares a role of the platform.
pub(crate) fn platform_role(
    stack: &mut Stack<Platform>,
    id: &'static str,
    kind: PlatformKind,
    description: &'static str,
    trust: Text,
) -> Handle<Role> {
    let platform = stack.owner();
    let role = Role {
        name: platform.name(kind),
        description: Text::literal(description),
        assume_role_policy: trust,
        permissions_boundary: None,
        force_detach_policies: true,
        tags: platform.tags(),
    };
    stack.add(id, role)
}

/// The registry, the function and the workflow.
pub struct PlatformOnboarding {
    /// The deployment package of the function.
    pub code: Code,
    /// The network plan of the environment.
    pub network: NetworkPlan,
    /// How many tenants the account takes.
    pub tenant_limit: u64,
    /// The version whose release builds run, where a tenant is pinned to no other.
    pub release: &'static str,
    /// The platform's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
    /// The log group of the function, which must exist before it.
    pub function_log: Address,
    /// The log group of the workflow.
    pub log: ArnOf<LogGroup>,
    /// The dead-letter queue.
    pub dead_letters: ArnOf<Queue>,
    /// Its URL.
    pub dead_letters_url: Text,
}

/// What other families need of the workflow.
pub struct Onboarding {
    /// The registry of tenants.
    pub registry: Handle<Table>,
    /// The function that carries out the steps.
    pub function: Handle<Function>,
    /// The workflow.
    pub workflow: Handle<StateMachine>,
}

impl Construct<Platform> for PlatformOnboarding {
    type Exports = Onboarding;

    fn declare(self, stack: &mut Stack<Platform>) -> Onboarding {
        let registry = SecureTable::declare(
            stack,
            "registry",
            TablePlan {
                name: stack.owner().name(PlatformKind::Registry),
                keys: TableKeys { partition: runtime::PARTITION_KEY, sort: Some(runtime::RECORD) },
                expiry: None,
                key: self.key.clone(),
                key_ready: self.key_ready.clone(),
            },
        );
        let policy = security::guard::registry_policy(stack);
        stack.add("registry", TableResourcePolicy { resource_arn: registry.get(Table::ARN), policy });

        let (role, allowed) = function_role(stack, &registry, &self.key);
        let function = OnboardingFunction {
            code: self.code.clone(),
            key: self.key.clone(),
            role: role.get(Role::ARN),
            network: self.network,
            tenant_limit: self.tenant_limit,
            release: self.release,
            lease_seconds: LEASE.get(),
            ready: vec![self.key_ready.clone(), self.function_log.clone(), allowed],
        }
        .declare(stack);
        let workflow = self.workflow(stack, &function);
        Onboarding { registry, function, workflow }
    }
}

impl PlatformOnboarding {
    fn workflow(&self, stack: &mut Stack<Platform>, function: &Handle<Function>) -> Handle<StateMachine> {
        let platform = stack.owner();
        let (name, kind) = (platform.name(PlatformKind::Onboarding), PlatformKind::OnboardingRole);
        let machine = stack.arn::<arn::StateMachine>(&name);
        let trust = service_trust(stack, Service::StepFunctions, [machine.text()]);
        let role = platform_role(stack, "onboarding", kind, "Runs the onboarding workflow", trust);
        let policy = self.workflow_policy(stack, function);
        let policy = RolePolicy { name: stack.owner().name(kind), role: role.get(Role::NAME), policy };
        let allowed = stack.add("onboarding", policy);
        let workflow = Workflow { platform: stack.owner(), dead_letters: self.dead_letters_url.clone() };
        let machine = StateMachine {
            definition: workflow.machine().definition(stack.owner().region().partition()),
            logging_configuration: LoggingConfiguration {
                include_execution_data: false,
                level: "ERROR",
                log_destination: self.log.with_streams(),
            },
            name,
            role_arn: role.get(Role::ARN),
            tags: stack.owner().tags(),
            r#type: "STANDARD",
        };
        stack.add_after("onboarding", machine, [allowed.address()])
    }

    /// What the definition does, and no more.
    fn workflow_policy(&self, stack: &Stack<Platform>, function: &Handle<Function>) -> Text {
        let platform = stack.owner();
        let bus: ArnOf<EventBus> = stack.default_bus();
        let project = stack.arn::<arn::BuildProject>(&platform.name(PlatformKind::Runner));
        Policy::new([
            Statement::allow("Steps", &[lambda::INVOKE_FUNCTION], &[function.get(Function::ARN)]),
            Statement::allow(
                "Builds",
                &[codebuild::BATCH_GET_BUILDS, codebuild::START_BUILD, codebuild::STOP_BUILD],
                &[project],
            ),
            Statement::allow(
                "EndOfBuilds",
                &[events::DESCRIBE_RULE, events::PUT_RULE, events::PUT_TARGETS],
                &[stack.service_rule(END_OF_BUILD)],
            ),
            // Names and sizes, by which the reconciler finds states of nobody; no state can be read.
            Statement::allow(
                "States",
                &[s3::LIST_BUCKET],
                &[stack.arn::<arn::Bucket>(&platform.name(PlatformKind::State))],
            )
            .when(Operator::StringEquals, key::S3_PREFIX, [Text::literal(runtime::STATE_PREFIX)]),
            Statement::allow("Letters", &[sqs::SEND_MESSAGE], std::slice::from_ref(&self.dead_letters)),
            Statement::allow("LetterKey", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], std::slice::from_ref(&self.key))
                .when(Operator::StringEquals, key::VIA_SERVICE, [Text::literal(Service::Sqs.via(platform.region()))]),
            Statement::allow("Announce", &[events::PUT_EVENTS], &[bus]).when(
                Operator::StringEquals,
                key::EVENT_SOURCE,
                [Text::literal(crate::names::PLATFORM_SOURCE)],
            ),
            // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
            Statement::allow_on_any(
                "DeliverLog",
                &[
                    logs::CREATE_LOG_DELIVERY,
                    logs::DELETE_LOG_DELIVERY,
                    logs::DESCRIBE_ALL_LOG_GROUPS,
                    logs::DESCRIBE_RESOURCE_POLICIES,
                    logs::GET_LOG_DELIVERY,
                    logs::LIST_LOG_DELIVERIES,
                    logs::PUT_RESOURCE_POLICY,
                    logs::UPDATE_LOG_DELIVERY,
                ],
                "log delivery has no resource level, and Step Functions sets it up with the role of the state machine",
            ),
        ])
        .text()
    }
}

/// The role of the function: the registry, its own log, the platform's key for both, and nothing else.
fn function_role(
    stack: &mut Stack<Platform>,
    registry: &Handle<Table>,
    key_arn: &ArnOf<Key>,
) -> (Handle<Role>, Address) {
    let platform = stack.owner();
    let kind = PlatformKind::OnboardingFunctionRole;
    let reason = "a trust policy has no resource: it is the role's own";
    // Lambda sends neither source account nor source ARN when it assumes an execution role.
    let trust = Policy::new([Statement::allow_on_any("AllowAssume", &[sts::ASSUME_ROLE], reason)
        .principal(Principal::Service(Service::Lambda.principal(platform.region())))])
    .trust_text();
    let function = stack.arn::<arn::Function>(&platform.name(PlatformKind::OnboardingFunction));
    let log = stack.arn::<LogGroup>(&platform.name(PlatformKind::OnboardingFunctionLog));
    let through = |service: Service| [Text::literal(service.via(platform.region()))];
    let on_key = std::slice::from_ref(key_arn);
    let policy = Policy::new([
        Statement::allow(
            "Registry",
            &[dynamodb::BATCH_GET_ITEM, dynamodb::DELETE_ITEM, dynamodb::PUT_ITEM, dynamodb::QUERY],
            &[registry.get(Table::ARN)],
        ),
        Statement::allow("RegistryKey", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], on_key)
            .when(Operator::StringEquals, key::VIA_SERVICE, through(Service::DynamoDb))
            .when(Operator::StringEquals, key::CONTEXT_TABLE, [platform.name(PlatformKind::Registry)]),
        Statement::allow("Settings", &[kms::DECRYPT], on_key)
            .when(Operator::StringEquals, key::VIA_SERVICE, through(Service::Lambda))
            .when(Operator::StringEquals, key::CONTEXT_FUNCTION, [&function]),
        Statement::allow("OwnLog", &[logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS], &[log.streams()]),
    ])
    .text();
    let description = "Carries out the steps of the onboarding workflow";
    let role = platform_role(stack, "onboarding_function", kind, description, trust);
    let policy = RolePolicy { name: stack.owner().name(kind), role: role.get(Role::NAME), policy };
    let allowed = stack.add("onboarding_function", policy).address();
    (role, allowed)
}
