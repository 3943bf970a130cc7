//! The onboarding workflow in the [Amazon States Language][asl].
//!
//! It takes a request into the registry, once however often the event is delivered, and says so on the bus. The deployment of the
//! tenant's stack is a state between `Register` and `Announce`; until it is there, a run ends with the tenant registered as `requested`.
//!
//! [asl]: https://states-language.net/spec.html

use construct::Text;
use naming::{Platform, PlatformKind, runtime};
use serde_json::{Value, json};

use crate::names::*;

/// The registry's sort key.
pub(crate) const RECORD: &str = "record";

/// The value of [`RECORD`] on the item that says where a tenant stands.
const TENANT: &str = "tenant";

fn retry() -> Value {
    json!([{
        "ErrorEquals": [
            "DynamoDB.InternalServerErrorException", "DynamoDB.ProvisionedThroughputExceededException", "DynamoDB.RequestLimitExceeded",
            "DynamoDB.ThrottlingException", "DynamoDB.SdkClientException", "EventBridge.InternalException",
        ],
        "BackoffRate": 2, "IntervalSeconds": 2, "JitterStrategy": "FULL", "MaxAttempts": 5, "MaxDelaySeconds": 60,
    }])
}

fn put_event(platform: &Platform, detail_type: &str, detail: Value) -> Value {
    let mut all = json!({
        "version": DETAIL_VERSION,
        "tenant_id.$": "$.detail.tenant_id",
        "request_id.$": "$.detail.request_id",
        "environment_suffix": platform.suffix,
    });
    if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    json!({ "Entries": [{ "Source": PLATFORM_SOURCE, "DetailType": detail_type, "Detail": all }] })
}

fn key() -> Value {
    json!({ runtime::PARTITION_KEY: { "S.$": "$.detail.tenant_id" }, RECORD: { "S": TENANT } })
}

/// The definition of the state machine.
pub(crate) fn definition(platform: &Platform) -> Text {
    let registry = platform.name(PlatformKind::Registry);
    let mut item = key();
    if let Value::Object(item) = &mut item {
        item.extend([
            ("request_id".to_owned(), json!({ "S.$": "$.detail.request_id" })),
            ("requested_at".to_owned(), json!({ "S.$": "$.time" })),
            ("status".to_owned(), json!({ "S": "requested" })),
        ]);
    }
    let failed = json!({ "ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "AnnounceFailure" });
    let known = |next: &str| json!({ "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "ResultPath": "$.known", "Next": next });
    let with = |first: Value| json!([first, failed]);
    Text::json(&json!({
        "Comment": "Takes signups and offboardings into the registry of tenants",
        "TimeoutSeconds": 3600,
        "StartAt": "Route",
        "States": {
            "Route": {
                "Type": "Choice",
                "Choices": [
                    { "Variable": "$.detail-type", "StringEquals": TENANT_SIGNUP, "Next": "Register" },
                    { "Variable": "$.detail-type", "StringEquals": TENANT_OFFBOARDING, "Next": "MarkForOffboarding" },
                ],
                "Default": "UnknownEvent",
            },
            "Register": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {
                    "TableName": registry, "Item": item,
                    "ConditionExpression": "attribute_not_exists(tenant_id)",
                },
                "ResultPath": null, "Retry": retry(), "Catch": with(known("AlreadyKnown")), "Next": "Announce",
            },
            "Announce": {
                "Type": "Task",
                "Resource": "arn:aws:states:::events:putEvents",
                "Parameters": put_event(platform, TENANT_PROVISIONING, json!({ "phase": "registered" })),
                "ResultPath": null, "Retry": retry(), "Catch": [failed], "End": true,
            },
            "MarkForOffboarding": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:updateItem",
                "Parameters": {
                    "TableName": registry, "Key": key(),
                    "ConditionExpression": "attribute_exists(tenant_id)",
                    "UpdateExpression": "SET #status = :status, offboarding_request_id = :request, offboarding_requested_at = :time",
                    "ExpressionAttributeNames": { "#status": "status" },
                    "ExpressionAttributeValues": {
                        ":status": { "S": "offboarding_requested" },
                        ":request": { "S.$": "$.detail.request_id" },
                        ":time": { "S.$": "$.time" },
                    },
                },
                "ResultPath": null, "Retry": retry(), "Catch": with(known("NeverKnown")), "End": true,
            },
            "AlreadyKnown": { "Type": "Succeed", "Comment": "The same signup again, or an id that is taken: nothing changes" },
            "NeverKnown": { "Type": "Succeed", "Comment": "Nobody to take down" },
            "AnnounceFailure": {
                "Type": "Task",
                "Resource": "arn:aws:states:::events:putEvents",
                "Parameters": put_event(platform, TENANT_PROVISIONING_FAILED, json!({
                    "phase": "registration", "error.$": "$.failure.Error", "cause.$": "$.failure.Cause", "resumable": true,
                })),
                "ResultPath": null, "Retry": retry(), "Next": "Failed",
            },
            "Failed": { "Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause" },
            "UnknownEvent": { "Type": "Fail", "Error": "UnknownEvent", "Cause": "The detail-type is neither TenantSignup nor TenantOffboarding" },
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn machine() -> Value {
        let platform = Platform {
            suffix: "dev".parse().unwrap(),
            environment: "test".parse().unwrap(),
            region: naming::Region::default(),
        };
        serde_json::from_str(definition(&platform).as_str()).unwrap()
    }

    fn successors(state: &Value) -> Vec<&str> {
        let own = [&state["Next"], &state["Default"]];
        let inner = ["Choices", "Catch"].into_iter().filter_map(|list| state[list].as_array()).flatten();
        own.into_iter().chain(inner.map(|entry| &entry["Next"])).filter_map(Value::as_str).collect()
    }

    #[test]
    fn every_state_is_reached_and_every_next_exists() {
        let machine = machine();
        let states = machine["States"].as_object().unwrap();
        let mut seen = BTreeSet::new();
        let mut open = vec![machine["StartAt"].as_str().unwrap()];
        while let Some(name) = open.pop() {
            let state = states.get(name).unwrap_or_else(|| panic!("no state `{name}`"));
            if seen.insert(name) {
                open.extend(successors(state));
            }
        }
        assert_eq!(seen.len(), states.len(), "unreached states");
    }

    /// "Provisioning failures are handled, not left to the user"
    #[test]
    fn every_task_of_the_way_in_catches_every_error() {
        for (name, state) in machine()["States"].as_object().unwrap() {
            if state["Type"] == "Task" && name != "AnnounceFailure" {
                let catches = state["Catch"].as_array().unwrap();
                assert_eq!(catches.last().unwrap()["ErrorEquals"][0], "States.ALL", "{name}");
            }
        }
    }
}
