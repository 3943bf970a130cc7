//! The bodies of the CloudWatch resources, with the fields that are set.

use std::collections::BTreeMap;

use construct::arn::{self, Key};
use construct::{Arn, ArnOf, Attr, Expr, Resource, Text};
use naming::{ResourceName, Tags};
use serde::{Serialize, Serializer};

/// The name of a log group, as other resources refer to it.
pub struct LogGroupName;

/// For how long log events are kept. AWS takes a few values only
/// ([PutRetentionPolicy](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Retention {
    /// 30 days.
    Days30,
}

impl Serialize for Retention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Days30 => serializer.serialize_u16(30),
        }
    }
}

/// A CloudWatch Logs log group.
#[derive(Serialize)]
pub struct LogGroup {
    pub(crate) kms_key_id: ArnOf<Key>,
    pub(crate) name: ResourceName,
    pub(crate) retention_in_days: Retention,
    pub(crate) tags: Tags,
}

impl Resource for LogGroup {
    const TYPE: &'static str = "aws_cloudwatch_log_group";
}

impl LogGroup {
    /// The group's ARN, without `:*`.
    pub const ARN: Attr<Self, Arn<arn::LogGroup>> = Attr::new("arn");
    /// The group's name.
    pub const NAME: Attr<Self, LogGroupName> = Attr::new("name");
}

#[derive(Serialize)]
pub(crate) struct SubscriptionFilter {
    pub(crate) destination_arn: ArnOf<arn::Function>,
    pub(crate) distribution: &'static str,
    pub(crate) filter_pattern: &'static str,
    pub(crate) log_group_name: Expr<LogGroupName>,
    pub(crate) name: ResourceName,
}

impl Resource for SubscriptionFilter {
    const TYPE: &'static str = "aws_cloudwatch_log_subscription_filter";
}

#[derive(Serialize)]
pub(crate) struct MetricFilter {
    pub(crate) log_group_name: Expr<LogGroupName>,
    pub(crate) metric_transformation: MetricTransformation,
    pub(crate) name: ResourceName,
    pub(crate) pattern: Text,
}

impl Resource for MetricFilter {
    const TYPE: &'static str = "aws_cloudwatch_log_metric_filter";
}

#[derive(Serialize)]
pub(crate) struct MetricTransformation {
    pub(crate) default_value: &'static str,
    pub(crate) name: ResourceName,
    pub(crate) namespace: &'static str,
    pub(crate) value: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Alarm {
    pub(crate) alarm_description: Text,
    pub(crate) alarm_name: ResourceName,
    pub(crate) comparison_operator: &'static str,
    pub(crate) dimensions: BTreeMap<&'static str, Text>,
    pub(crate) evaluation_periods: u8,
    pub(crate) metric_name: Text,
    pub(crate) namespace: &'static str,
    pub(crate) period: u16,
    pub(crate) statistic: &'static str,
    pub(crate) tags: Tags,
    pub(crate) threshold: u16,
    pub(crate) treat_missing_data: &'static str,
}

impl Resource for Alarm {
    const TYPE: &'static str = "aws_cloudwatch_metric_alarm";
}

#[derive(Serialize)]
pub(crate) struct LogResourcePolicy {
    pub(crate) policy_document: Text,
    pub(crate) policy_name: ResourceName,
}

impl Resource for LogResourcePolicy {
    const TYPE: &'static str = "aws_cloudwatch_log_resource_policy";
}
