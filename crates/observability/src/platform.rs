//! The central view: one log group with a prefix of streams for each tenant, and the log of the platform's own events.

use construct::arn::{self, Key};
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{Owner, Platform, PlatformKind};
use security::Service;
use security::policy::action::logs;
use security::policy::{Operator, Policy, Principal, Statement, key};

use crate::alarms::{self, AlarmPlan};
use crate::groups::log_group;
use crate::resources::{LogGroup, LogResourcePolicy};

/// The platform's log groups.
pub struct PlatformLogs {
    /// The platform's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
}

/// What other families need of the platform's log groups.
pub struct PlatformLogsExports {
    /// The central log group.
    pub central: Handle<LogGroup>,
    /// The log of the platform's events and of its workflow.
    pub events: Handle<LogGroup>,
    /// What must exist before EventBridge may write the log of events.
    pub events_ready: Address,
    /// The log of the onboarding function.
    pub function: Handle<LogGroup>,
    /// The log of the builds that deploy tenants' stacks.
    pub runner: Handle<LogGroup>,
}

impl Construct<Platform> for PlatformLogs {
    type Exports = PlatformLogsExports;

    fn declare(self, stack: &mut Stack<Platform>) -> PlatformLogsExports {
        let name = stack.owner().name(PlatformKind::CentralLog);
        let central = log_group(stack, "central", name, &self.key, &self.key_ready);
        let name = stack.owner().name(PlatformKind::EventLog);
        let events = log_group(stack, "events", name, &self.key, &self.key_ready);
        let policy_document = event_log_policy(stack);
        let policy_name = stack.owner().name(PlatformKind::EventLogPolicy);
        let policy = stack.add("events", LogResourcePolicy { policy_document, policy_name });
        let name = stack.owner().name(PlatformKind::OnboardingFunctionLog);
        let function = log_group(stack, "onboarding", name, &self.key, &self.key_ready);
        let name = stack.owner().name(PlatformKind::RunnerLog);
        let runner = log_group(stack, "runner", name, &self.key, &self.key_ready);
        PlatformLogsExports { central, events, events_ready: policy.address(), function, runner }
    }
}

/// Lets EventBridge write the log of events, for the platform's rule on alarms, and nothing else: to the central log group go the
/// tenants' relays alone
/// ([EventBridge and CloudWatch Logs](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html)).
fn event_log_policy(stack: &Stack<Platform>) -> Text {
    let platform = stack.owner();
    let streams = stack.arn::<arn::LogGroup>(&platform.name(PlatformKind::EventLog)).streams();
    let rule = stack.arn::<arn::Rule>(&platform.name(PlatformKind::Alarms));
    let write = |sid, service: Service| {
        Statement::allow(sid, &[logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS], std::slice::from_ref(&streams))
            .principal(Principal::Service(service.principal(platform.region())))
            .when(Operator::ArnEquals, key::SOURCE_ARN, [&rule])
            .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [stack.account()])
    };
    Policy::new([write("AllowEvents", Service::EventBridge), write("AllowDelivery", Service::LogDelivery)]).text()
}

/// The platform's alarms.
pub struct PlatformMonitoring {
    /// The onboarding workflow.
    pub onboarding: ArnOf<arn::StateMachine>,
}

impl Construct<Platform> for PlatformMonitoring {
    type Exports = ();

    fn declare(self, stack: &mut Stack<Platform>) {
        let platform = stack.owner();
        let plans = [
            AlarmPlan {
                id: "dead_letters",
                name: platform.name(PlatformKind::DlqMessages),
                description: "Signups or offboardings wait in the dead-letter queue",
                namespace: "AWS/SQS",
                metric: Text::literal("ApproximateNumberOfMessagesVisible"),
                statistic: "Maximum",
                dimension: Some(("QueueName", platform.name(PlatformKind::Dlq).into())),
            },
            AlarmPlan {
                id: "onboarding_failed",
                name: platform.name(PlatformKind::OnboardingFailed),
                description: "A run of the onboarding workflow failed",
                namespace: "AWS/States",
                metric: Text::literal("ExecutionsFailed"),
                statistic: "Sum",
                dimension: Some(("StateMachineArn", self.onboarding.text())),
            },
            AlarmPlan {
                id: "onboarding_ended",
                name: platform.name(PlatformKind::OnboardingEnded),
                description: "A run of the onboarding workflow took too long",
                namespace: "AWS/States",
                metric: Text::literal("ExecutionsTimedOut"),
                statistic: "Sum",
                dimension: Some(("StateMachineArn", self.onboarding.text())),
            },
            AlarmPlan {
                id: "attention",
                name: platform.name(PlatformKind::Attention),
                description: "Tenants or states wait for somebody: `app tenants status`, and `orphans` in the log of the function, say what to do",
                namespace: "Palisade",
                metric: Text::literal("TenantsThatNeedAttention"),
                statistic: "Maximum",
                dimension: Some(("environment_suffix", Text::literal(platform.suffix.as_str()))),
            },
        ];
        for plan in plans {
            alarms::declare(stack, plan);
        }
    }
}
