//! The bodies of the EventBridge and Step Functions resources, with the fields that are set.

use construct::arn::{self, Role};
use construct::{Arn, ArnOf, Attr, Expr, Resource, Text};
use naming::{ResourceName, Tags};
use serde::Serialize;

use crate::asl::Definition;

/// The name of a rule, as its targets refer to it.
pub(crate) struct RuleName;

#[derive(Serialize)]
pub(crate) struct Rule {
    pub(crate) description: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_pattern: Option<Text>,
    pub(crate) name: ResourceName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule_expression: Option<&'static str>,
    pub(crate) tags: Tags,
}

impl Resource for Rule {
    const TYPE: &'static str = "aws_cloudwatch_event_rule";
}

impl Rule {
    pub(crate) const NAME: Attr<Self, RuleName> = Attr::new("name");
    pub(crate) const ARN: Attr<Self, Arn<arn::Rule>> = Attr::new("arn");
}

#[derive(Serialize)]
pub(crate) struct Target {
    pub(crate) arn: Text,
    pub(crate) dead_letter_config: DeadLetterConfig,
    pub(crate) retry_policy: RetryPolicy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role_arn: Option<ArnOf<Role>>,
    pub(crate) rule: Expr<RuleName>,
    pub(crate) target_id: ResourceName,
}

impl Resource for Target {
    const TYPE: &'static str = "aws_cloudwatch_event_target";
}

#[derive(Serialize)]
pub(crate) struct DeadLetterConfig {
    pub(crate) arn: ArnOf<arn::Queue>,
}

#[derive(Serialize)]
pub(crate) struct RetryPolicy {
    pub(crate) maximum_event_age_in_seconds: u32,
    pub(crate) maximum_retry_attempts: u16,
}

impl RetryPolicy {
    /// For one hour and 60 times at most; then the event goes to the dead-letter queue, where an alarm sees it.
    pub(crate) const ONE_HOUR: Self = Self { maximum_event_age_in_seconds: 3600, maximum_retry_attempts: 60 };
}

/// A Step Functions state machine.
#[derive(Serialize)]
pub struct StateMachine {
    pub(crate) definition: Definition,
    pub(crate) logging_configuration: LoggingConfiguration,
    pub(crate) name: ResourceName,
    pub(crate) role_arn: ArnOf<Role>,
    pub(crate) tags: Tags,
    pub(crate) r#type: &'static str,
}

impl Resource for StateMachine {
    const TYPE: &'static str = "aws_sfn_state_machine";
}

impl StateMachine {
    /// The state machine's ARN.
    pub const ARN: Attr<Self, Arn<arn::StateMachine>> = Attr::new("arn");
}

#[derive(Serialize)]
pub(crate) struct LoggingConfiguration {
    pub(crate) include_execution_data: bool,
    pub(crate) level: &'static str,
    pub(crate) log_destination: ArnOf<arn::LogGroup>,
}
