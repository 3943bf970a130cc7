//! A tenant's functions, queue, log groups, alarms and rule.

use construct::arn::{Alarm, Function, LogGroup, Queue, Rule};
use construct::{ArnOf, Stack};
use naming::Platform;

use super::session::SessionArns;
use crate::policy::action::{Action, cloudwatch, events, lambda, logs, sqs};
use crate::policy::{Operator, Statement, key};

const FUNCTION: &[Action<Function>] = &[
    lambda::ADD_PERMISSION,
    lambda::CREATE_FUNCTION,
    lambda::CREATE_FUNCTION_URL_CONFIG,
    lambda::DELETE_FUNCTION,
    lambda::DELETE_FUNCTION_CONCURRENCY,
    lambda::DELETE_FUNCTION_URL_CONFIG,
    lambda::GET_FUNCTION,
    lambda::GET_FUNCTION_CODE_SIGNING_CONFIG,
    lambda::GET_FUNCTION_CONFIGURATION,
    lambda::GET_FUNCTION_URL_CONFIG,
    lambda::GET_POLICY,
    lambda::LIST_TAGS,
    lambda::LIST_VERSIONS_BY_FUNCTION,
    lambda::PUT_FUNCTION_CONCURRENCY,
    lambda::REMOVE_PERMISSION,
    lambda::TAG_RESOURCE,
    lambda::UNTAG_RESOURCE,
    lambda::UPDATE_FUNCTION_CODE,
    lambda::UPDATE_FUNCTION_CONFIGURATION,
    lambda::UPDATE_FUNCTION_URL_CONFIG,
];

const QUEUE: &[Action<Queue>] = &[
    sqs::CREATE_QUEUE,
    sqs::DELETE_QUEUE,
    sqs::GET_QUEUE_ATTRIBUTES,
    sqs::GET_QUEUE_URL,
    sqs::LIST_QUEUE_TAGS,
    sqs::SET_QUEUE_ATTRIBUTES,
    sqs::TAG_QUEUE,
    sqs::UNTAG_QUEUE,
];

const LOG_GROUP: &[Action<LogGroup>] = &[
    logs::ASSOCIATE_KMS_KEY,
    logs::CREATE_LOG_GROUP,
    logs::DELETE_LOG_GROUP,
    logs::DELETE_METRIC_FILTER,
    logs::DELETE_RETENTION_POLICY,
    logs::DELETE_SUBSCRIPTION_FILTER,
    logs::DESCRIBE_METRIC_FILTERS,
    logs::DESCRIBE_SUBSCRIPTION_FILTERS,
    logs::DISASSOCIATE_KMS_KEY,
    logs::LIST_TAGS_FOR_RESOURCE,
    logs::PUT_METRIC_FILTER,
    logs::PUT_RETENTION_POLICY,
    logs::PUT_SUBSCRIPTION_FILTER,
    logs::TAG_RESOURCE,
    logs::UNTAG_RESOURCE,
];

const ALARM: &[Action<Alarm>] = &[
    cloudwatch::DELETE_ALARMS,
    cloudwatch::LIST_TAGS_FOR_RESOURCE,
    cloudwatch::PUT_METRIC_ALARM,
    cloudwatch::TAG_RESOURCE,
    cloudwatch::UNTAG_RESOURCE,
];

const RULE: &[Action<Rule>] = &[
    events::DELETE_RULE,
    events::DESCRIBE_RULE,
    events::LIST_TAGS_FOR_RESOURCE,
    events::LIST_TARGETS_BY_RULE,
    events::PUT_RULE,
    events::REMOVE_TARGETS,
    events::TAG_RESOURCE,
    events::UNTAG_RESOURCE,
];

pub(super) fn allowed(stack: &Stack<Platform>, arns: &SessionArns) -> Vec<Statement> {
    let rule = std::slice::from_ref(&arns.rule);
    // Most calls name a group with `:*` behind it, those for tags without
    // (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html).
    let groups: Vec<ArnOf<LogGroup>> =
        arns.log_groups.iter().flat_map(|group| [group.clone(), group.with_streams()]).collect();
    vec![
        Statement::allow("Functions", FUNCTION, &arns.functions),
        Statement::allow("Queue", QUEUE, std::slice::from_ref(&arns.dlq)),
        Statement::allow("LogGroups", LOG_GROUP, &groups),
        Statement::allow_on_any(
            "ListLogGroups",
            &[logs::DESCRIBE_ALL_LOG_GROUPS],
            "the list of groups, by which Terraform looks for one, has no resource level; it shows names and settings, and no events",
        ),
        Statement::allow("Alarms", ALARM, &arns.alarms),
        // Alarms are looked up by name, for which CloudWatch asks on all of them. It shows settings and states.
        Statement::allow("ListAlarms", &[cloudwatch::DESCRIBE_ALARMS], &[stack.every::<Alarm>()]),
        Statement::allow("Rule", RULE, rule),
        Statement::allow("RuleTargets", &[events::PUT_TARGETS], rule).when(
            Operator::ArnEquals,
            key::EVENT_TARGET,
            &arns.functions,
        ),
    ]
}
