//! The tenant's own rule: events that carry exactly this tenant's id reach this tenant's handler.

use compute::{FunctionName, Permission};
use construct::arn::{Function, Queue};
use construct::{ArnOf, Construct, Expr, Stack, Text};
use naming::{Kind, Owner};
use security::Service;
use serde_json::json;

use crate::names::*;
use crate::resources::{DeadLetterConfig, RetryPolicy, Rule, Target};

/// The rule and its target.
pub struct TenantEvents {
    /// The tenant's handler: the function of the tenant API.
    pub handler: ArnOf<Function>,
    /// The handler's name.
    pub handler_name: Expr<FunctionName>,
    /// Where an event goes that the handler could not take.
    pub dead_letters: ArnOf<Queue>,
}

/// What a tenant hears of. Values of a pattern are compared whole, so that `acme` does not get what is meant for `acme-corp`.
const HEARD: [&str; 5] =
    [TENANT_PROVISIONED, TENANT_SUSPENDED, TENANT_RESUMED, TENANT_OFFBOARDING, TENANT_SETTINGS_CHANGED];

impl Construct for TenantEvents {
    type Exports = ();

    fn declare(self, stack: &mut Stack) {
        let tenant = stack.owner();
        let (name, tags) = (tenant.name(Kind::Events), tenant.tags());
        let pattern = json!({
            "source": [PLATFORM_SOURCE],
            "detail-type": HEARD,
            "detail": { "tenant_id": [tenant.id], "environment_suffix": [tenant.suffix] },
        });
        let events = Service::EventBridge.principal(tenant.region());
        let rule = stack.add(
            "tenant",
            Rule {
                description: Text::literal("Brings the tenant's own events to its handler"),
                event_pattern: Some(Text::json(&pattern)),
                name: name.clone(),
                schedule_expression: None,
                tags,
            },
        );
        let account = stack.account();
        let permission =
            Permission::service("TakeEvents", self.handler_name, events, rule.get(Rule::ARN).text(), account);
        let permission = stack.add("take_events", permission);
        let target = Target {
            arn: self.handler.text(),
            dead_letter_config: DeadLetterConfig { arn: self.dead_letters },
            retry_policy: RetryPolicy::ONE_HOUR,
            role_arn: None,
            rule: rule.get(Rule::NAME),
            target_id: name,
        };
        stack.add_after("tenant", target, [permission.address()]);
    }
}
