//! The onboarding workflow and the registry of tenants that it writes.

use construct::arn::{EventBus, Key, LogGroup};
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{Owner, Platform, PlatformKind, runtime};
use security::policy::action::{dynamodb, events, kms, logs, sts};
use security::policy::{Operator, Policy, Principal, Statement, key};
use security::{Role, RolePolicy, Service};
use storage::{SecureTable, Table, TableKeys, TablePlan, TableResourcePolicy};

use crate::resources::{LoggingConfiguration, StateMachine};
use crate::workflow;

/// The role of the workflow. It is declared before the platform's key, whose policy names it.
pub struct OnboardingRole;

impl Construct<Platform> for OnboardingRole {
    type Exports = Handle<Role>;

    fn declare(self, stack: &mut Stack<Platform>) -> Handle<Role> {
        let platform = stack.owner();
        let machine = stack.arn::<construct::arn::StateMachine>(&platform.name(PlatformKind::Onboarding));
        let trust = service_trust(stack, Service::StepFunctions, [machine.text()]);
        platform_role(stack, "onboarding", PlatformKind::OnboardingRole, "Runs the onboarding workflow", trust)
    }
}

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

/// The registry and the workflow.
pub struct PlatformOnboarding {
    /// The role of the workflow.
    pub role: Handle<Role>,
    /// The platform's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
    /// The log group of the workflow.
    pub log: ArnOf<LogGroup>,
}

/// What other families need of the workflow.
pub struct Onboarding {
    /// The registry of tenants.
    pub registry: Handle<Table>,
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
                keys: TableKeys { partition: runtime::PARTITION_KEY, sort: Some(workflow::RECORD) },
                expiry: None,
                key: self.key.clone(),
                key_ready: self.key_ready,
            },
        );
        let policy = security::guard::registry_policy(stack);
        stack.add("registry", TableResourcePolicy { resource_arn: registry.get(Table::ARN), policy });

        let policy = workflow_policy(stack, &registry, &self.key);
        let name = stack.owner().name(PlatformKind::OnboardingRole);
        let allowed = stack.add("onboarding", RolePolicy { name, role: self.role.get(Role::NAME), policy });
        let machine = StateMachine {
            definition: workflow::definition(stack.owner()),
            logging_configuration: LoggingConfiguration {
                include_execution_data: false,
                level: "ERROR",
                log_destination: self.log.with_streams(),
            },
            name: stack.owner().name(PlatformKind::Onboarding),
            role_arn: self.role.get(Role::ARN),
            tags: stack.owner().tags(),
            r#type: "STANDARD",
        };
        let workflow = stack.add_after("onboarding", machine, [allowed.address()]);
        Onboarding { registry, workflow }
    }
}

fn workflow_policy(stack: &Stack<Platform>, registry: &Handle<Table>, key_arn: &ArnOf<Key>) -> Text {
    let platform = stack.owner();
    let bus: ArnOf<EventBus> = stack.default_bus();
    Policy::new([
        Statement::allow("Registry", &[dynamodb::PUT_ITEM, dynamodb::UPDATE_ITEM], &[registry.get(Table::ARN)]),
        Statement::allow("Key", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], std::slice::from_ref(key_arn))
            .when(Operator::StringEquals, key::VIA_SERVICE, [Text::literal(Service::DynamoDb.via(platform.region()))]),
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
