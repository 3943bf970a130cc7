//! Alarms. None names an action: every change of an alarm's state is an event on the default bus, which the platform's rule records,
//! so that no tenant's stack needs a topic of another.

use std::collections::BTreeMap;

use construct::{Stack, Text};
use naming::{Owner, ResourceName};

use crate::resources::Alarm;

/// What an alarm watches: a sum over five minutes that must stay at zero.
pub(crate) struct AlarmPlan {
    pub(crate) id: &'static str,
    pub(crate) name: ResourceName,
    pub(crate) description: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) metric: Text,
    pub(crate) statistic: &'static str,
    pub(crate) dimension: Option<(&'static str, Text)>,
}

pub(crate) fn declare<O: Owner>(stack: &mut Stack<O>, plan: AlarmPlan) {
    let tags = stack.owner().tags();
    let alarm = Alarm {
        alarm_description: Text::literal(plan.description),
        alarm_name: plan.name,
        comparison_operator: "GreaterThanThreshold",
        dimensions: BTreeMap::from_iter(plan.dimension),
        evaluation_periods: 1,
        metric_name: plan.metric,
        namespace: plan.namespace,
        period: 300,
        statistic: plan.statistic,
        tags,
        threshold: 0,
        treat_missing_data: "notBreaching",
    };
    stack.add(plan.id, alarm);
}
