//! What watches a tenant: the subscription that feeds the central view, and the alarms.

use construct::arn::Function;
use construct::{Address, ArnOf, Construct, Expr, Stack, Text};
use naming::{Kind, ResourceName, runtime};

use crate::alarms::{self, AlarmPlan};
use crate::resources::{LogGroupName, MetricFilter, MetricTransformation, SubscriptionFilter};

/// The namespace of the metrics that are made from logs.
const NAMESPACE: &str = "Palisade";

/// The tenant's subscription filter, metric filter and alarms.
pub struct TenantMonitoring {
    /// The log group of the tenant API.
    pub api_log: Expr<LogGroupName>,
    /// The log relay.
    pub relay: ArnOf<Function>,
    /// What must exist before CloudWatch Logs may invoke the relay.
    pub relay_ready: Address,
}

impl Construct for TenantMonitoring {
    type Exports = ();

    fn declare(self, stack: &mut Stack) {
        let name = stack.owner().name(Kind::LogFilter);
        let subscription = SubscriptionFilter {
            destination_arn: self.relay,
            distribution: "ByLogStream",
            filter_pattern: "",
            log_group_name: self.api_log.clone(),
            name,
        };
        stack.add_after("relay", subscription, [self.relay_ready]);

        let refused = stack.owner().name(Kind::Refused);
        let filter = MetricFilter {
            log_group_name: self.api_log,
            metric_transformation: MetricTransformation {
                default_value: "0",
                name: refused.clone(),
                namespace: NAMESPACE,
                value: "1",
            },
            name: refused,
            pattern: Text::literal(format!("{{ $.event = \"{}\" }}", runtime::CROSS_TENANT_REFUSED)),
        };
        stack.add("refused", filter);
        for plan in plans(&|kind| stack.owner().name(kind)) {
            alarms::declare(stack, plan);
        }
    }
}

fn plans(name: &dyn Fn(Kind) -> ResourceName) -> [AlarmPlan; 5] {
    let of_function = |id, alarm, description, function, metric| AlarmPlan {
        id,
        name: name(alarm),
        description,
        namespace: "AWS/Lambda",
        metric: Text::literal(metric),
        statistic: "Sum",
        dimension: Some(("FunctionName", name(function).into())),
    };
    [
        of_function("api_errors", Kind::ApiErrors, "The tenant API failed", Kind::Api, "Errors"),
        of_function(
            "api_throttled",
            Kind::ApiThrottled,
            "The tenant API turned requests away: all reserved executions were busy",
            Kind::Api,
            "Throttles",
        ),
        of_function("relay_errors", Kind::RelayErrors, "The log relay failed", Kind::Relay, "Errors"),
        AlarmPlan {
            id: "dead_letters",
            name: name(Kind::DlqMessages),
            description: "Events or log batches wait in the dead-letter queue",
            namespace: "AWS/SQS",
            metric: Text::literal("ApproximateNumberOfMessagesVisible"),
            statistic: "Maximum",
            dimension: Some(("QueueName", name(Kind::Dlq).into())),
        },
        AlarmPlan {
            id: "refused",
            name: name(Kind::RefusedAlarm),
            description: "A request or an event named another tenant and was refused",
            namespace: NAMESPACE,
            metric: name(Kind::Refused).into(),
            statistic: "Sum",
            dimension: None,
        },
    ]
}
