//! The platform's rules on the default bus: what is asked starts the workflow, and so does time; alarms of tenants are recorded.

use construct::arn::{self, LogGroup, Queue, Role as RoleMarker, StateMachine};
use construct::{Address, ArnOf, Construct, Stack, Text};
use naming::{Owner, Platform, PlatformKind};
use security::policy::action::states;
use security::policy::{Policy, Statement};
use security::{Role, RolePolicy, Service};
use serde_json::{Value, json};

use crate::names::*;
use crate::onboarding::{platform_role, service_trust};
use crate::resources::{DeadLetterConfig, RetryPolicy, Rule, Target};

/// The platform's rules.
pub struct PlatformRules {
    /// The onboarding workflow.
    pub workflow: ArnOf<StateMachine>,
    /// Where an event goes that could not be delivered.
    pub dead_letters: ArnOf<Queue>,
    /// The log of events.
    pub event_log: ArnOf<LogGroup>,
    /// What must exist before EventBridge may write the log of events.
    pub event_log_ready: Address,
}

/// What the rules differ in.
struct RulePlan {
    id: &'static str,
    kind: PlatformKind,
    description: &'static str,
    when: When,
    target: Text,
    role: Option<ArnOf<RoleMarker>>,
    ready: Option<Address>,
}

/// What sets a rule off.
enum When {
    /// Events of this pattern.
    Event(Value),
    /// Time, and events of this pattern.
    Every(&'static str, Value),
}

impl Construct<Platform> for PlatformRules {
    type Exports = ();

    fn declare(self, stack: &mut Stack<Platform>) {
        let starter = starter(stack, &self.workflow);
        // Whose it is, and no more: what is wrong with an event, the first step of the workflow says, and keeps the event.
        let request = |stack: &Stack<Platform>, detail_type: &str| {
            When::Event(json!({
                "source": [SIGNUP_SOURCE],
                "detail-type": [detail_type],
                "detail": { "environment_suffix": [stack.owner().suffix] },
            }))
        };
        let alarms = json!({
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": { "alarmName": [
                { "wildcard": format!("tenant-*-{}", stack.owner().suffix) },
                { "wildcard": format!("platform-*-{}", stack.owner().suffix) },
            ] },
        });
        // What the platform announces of itself, so that a lost run is begun again by an event as the first one was.
        let restarts = json!({
            "source": [PLATFORM_SOURCE],
            "detail-type": [TENANT_RESTARTING],
            "detail": { "environment_suffix": [stack.owner().suffix] },
        });
        let plans = [
            RulePlan {
                id: "signup",
                kind: PlatformKind::Signup,
                description: "A customer signed up: start the deployment of the tenant's stack",
                when: request(stack, TENANT_SIGNUP),
                target: self.workflow.text(),
                role: Some(starter.clone()),
                ready: None,
            },
            RulePlan {
                id: "offboarding",
                kind: PlatformKind::Offboarding,
                description: "A customer leaves: start the removal of the tenant's stack",
                when: request(stack, TENANT_OFFBOARDING),
                target: self.workflow.text(),
                role: Some(starter.clone()),
                ready: None,
            },
            RulePlan {
                id: "plan_changed",
                kind: PlatformKind::PlanChanged,
                description: "A customer buys another plan: start the change of the tenant's stack",
                when: request(stack, TENANT_PLAN_CHANGED),
                target: self.workflow.text(),
                role: Some(starter.clone()),
                ready: None,
            },
            RulePlan {
                id: "reconcile",
                kind: PlatformKind::Reconcile,
                description: "Finds lost runs, leases that ended, states of nobody and events that were not announced; begins lost runs again",
                when: When::Every("rate(15 minutes)", restarts),
                target: self.workflow.text(),
                role: Some(starter),
                ready: None,
            },
            RulePlan {
                id: "alarms",
                kind: PlatformKind::Alarms,
                description: "Records when an alarm of the environment changes its state",
                when: When::Event(alarms),
                target: self.event_log.text(),
                role: None,
                ready: Some(self.event_log_ready),
            },
        ];
        for plan in plans {
            declare(stack, plan, &self.dead_letters);
        }
    }
}

fn declare(stack: &mut Stack<Platform>, plan: RulePlan, dead_letters: &ArnOf<Queue>) {
    let (name, tags) = (stack.owner().name(plan.kind), stack.owner().tags());
    let (event_pattern, schedule_expression) = match plan.when {
        When::Event(pattern) => (Some(Text::json(&pattern)), None),
        // A rule may have both (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html).
        When::Every(schedule, pattern) => (Some(Text::json(&pattern)), Some(schedule)),
    };
    let description = Text::literal(plan.description);
    let rule = stack.add(plan.id, Rule { description, event_pattern, name: name.clone(), schedule_expression, tags });
    let target = Target {
        arn: plan.target,
        dead_letter_config: DeadLetterConfig { arn: dead_letters.clone() },
        retry_policy: RetryPolicy::ONE_HOUR,
        role_arn: plan.role,
        rule: rule.get(Rule::NAME),
        target_id: name,
    };
    stack.add_after(plan.id, target, plan.ready);
}

/// The role with which EventBridge starts the workflow, for these rules only.
fn starter(stack: &mut Stack<Platform>, workflow: &ArnOf<StateMachine>) -> ArnOf<RoleMarker> {
    let rules = [PlatformKind::Signup, PlatformKind::Offboarding, PlatformKind::PlanChanged, PlatformKind::Reconcile]
        .map(|kind| stack.arn::<arn::Rule>(&stack.owner().name(kind)).text());
    let trust = service_trust(stack, Service::EventBridge, rules);
    let kind = PlatformKind::StarterRole;
    let role = platform_role(stack, "starter", kind, "Starts the onboarding workflow", trust);
    let policy = Policy::new([Statement::allow("Start", &[states::START_EXECUTION], std::slice::from_ref(workflow))]);
    let name = stack.owner().name(kind);
    stack.add("starter", RolePolicy { name, role: role.get(Role::NAME), policy: policy.text() });
    role.get(Role::ARN)
}
