//! Functions, tables, buckets, logs, events, alarms, workflows and builds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Texts;
use crate::document::{Document, Resource, items};
use crate::ledger::Key;
use crate::size::{bytes, characters};
use crate::usage::{Tally, Usage, target};

pub(super) fn count(texts: &Texts<'_>, packages: &BTreeMap<String, u64>, usage: &mut Usage) {
    let document = texts.document;
    functions(document, packages, usage);
    usage.add(Key::DynamoDbTables, document.count("aws_dynamodb_table"));
    // A table is in one operation at a time; Terraform works on all tables of a stack at once.
    usage.add(Key::DynamoDbOperations, document.count("aws_dynamodb_table"));
    texts.sizes(usage, Key::TablePolicy, ("aws_dynamodb_resource_policy", "policy"), bytes);
    usage.add(Key::S3Buckets, document.count("aws_s3_bucket"));
    texts.sizes(usage, Key::BucketPolicy, ("aws_s3_bucket_policy", "policy"), bytes);
    logs(document, usage);
    events(texts, usage);
    usage.add(
        Key::Alarms,
        document.count("aws_cloudwatch_metric_alarm") + document.count("aws_cloudwatch_composite_alarm"),
    );
    usage.add(Key::StateMachines, document.count("aws_sfn_state_machine"));
    texts.sizes(usage, Key::StateMachineDefinition, ("aws_sfn_state_machine", "definition"), bytes);
    builds(document, usage);
}

fn functions(document: Document<'_>, packages: &BTreeMap<String, u64>, usage: &mut Usage) {
    for function in document.of("aws_lambda_function") {
        // -1, which Terraform takes for "none", is no u64.
        let reserved = function.number("reserved_concurrent_executions").unwrap_or(0);
        usage.add(Key::LambdaConcurrency, reserved * function.copies);
        let size = function.text("filename").and_then(|path| packages.get(path)).copied().unwrap_or(0);
        usage.add(Key::LambdaCodeStorage, size * function.copies);
    }
}

/// Adds up resources by what a field of theirs refers to.
fn by_field(document: Document<'_>, kind: &str, field: &str) -> Tally {
    let mut tally = Tally::default();
    for resource in document.of(kind) {
        tally.add(resource.text(field).map_or_else(|| resource.address(), target), resource.copies);
    }
    tally
}

fn logs(document: Document<'_>, usage: &mut Usage) {
    usage.add(Key::LogGroups, document.count("aws_cloudwatch_log_group"));
    usage.add(Key::LogResourcePolicies, document.count("aws_cloudwatch_log_resource_policy"));
    by_field(document, "aws_cloudwatch_log_subscription_filter", "log_group_name")
        .hold(usage, Key::SubscriptionFilters);
    by_field(document, "aws_cloudwatch_log_metric_filter", "log_group_name").hold(usage, Key::MetricFilters);
}

fn events(texts: &Texts<'_>, usage: &mut Usage) {
    for rule in texts.document.of("aws_cloudwatch_event_rule") {
        let bus = bus(&rule);
        usage.add_in(Key::EventRulesPerBus, &bus, rule.copies);
        if rule.text("event_pattern").is_some_and(has_wildcard) {
            usage.add_in(Key::WildcardRulesPerBus, &bus, rule.copies);
        }
    }
    by_field(texts.document, "aws_cloudwatch_event_target", "rule").hold(usage, Key::TargetsPerRule);
    texts.sizes(usage, Key::EventPattern, ("aws_cloudwatch_event_rule", "event_pattern"), characters);
}

/// The name of a rule's bus. A bus that is declared in the same stack has its address for a name.
fn bus(rule: &Resource<'_>) -> String {
    rule.text("event_bus_name").map_or_else(|| "default".to_owned(), target)
}

/// Whether a pattern matches with `{"wildcard": …}` anywhere in it.
fn has_wildcard(pattern: &str) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::Object(fields) => fields.contains_key("wildcard") || fields.values().any(within),
            Value::Array(values) => values.iter().any(within),
            _ => false,
        }
    }
    serde_json::from_str(pattern).is_ok_and(|pattern| within(&pattern))
}

/// Projects of the type and size that the ledger has a row for, as many builds of each as it allows at a time.
fn builds(document: Document<'_>, usage: &mut Usage) {
    for project in document.of("aws_codebuild_project") {
        let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        let small = items(project.body.get("environment")).any(|environment| {
            text(environment, "type").as_deref() == Some("LINUX_CONTAINER")
                && text(environment, "compute_type").as_deref() == Some("BUILD_GENERAL1_SMALL")
        });
        if small {
            usage.add(Key::CodeBuildLinuxSmall, project.number("concurrent_build_limit").unwrap_or(1).max(1));
        }
    }
}
