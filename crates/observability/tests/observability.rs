//! Log groups, the central view and alarms, as Terraform will get them.

use construct::test_util::{platform, tenant};
use construct::{Construct, Stack};
use naming::{Placement, Tenant};
use observability::{PlatformLogs, TenantLogs, TenantMonitoring};
use serde_json::{Value, json};

fn logs(tenant: Tenant) -> Value {
    let mut stack = Stack::new(tenant);
    TenantLogs { key: stack.stand_in("key"), key_ready: stack.stand_in_address("key_policy") }.declare(&mut stack);
    stack.resources()
}

/// "CloudWatch log groups, retention 30 days"
#[test]
fn log_groups_keep_30_days_under_the_tenants_key() {
    let groups = &logs(tenant("acme"))["aws_cloudwatch_log_group"];
    assert_eq!(groups.as_object().unwrap().len(), 3);
    for (id, group) in groups.as_object().unwrap() {
        assert_eq!(group["retention_in_days"], 30, "{id}");
        assert_eq!(group["kms_key_id"], "${stand_in.key.it}", "{id}");
        assert_eq!(group["depends_on"], json!(["stand_in.key_policy"]), "{id}");
    }
}

#[test]
fn a_tenant_with_an_account_of_its_own_has_a_central_log_group_there() {
    let placement = Placement::OwnAccount {
        account_id: "210987654321".parse().unwrap(),
        assume_role_arn: "arn:aws:iam::210987654321:role/deployer".parse().unwrap(),
    };
    let groups = logs(Tenant { placement, ..tenant("acme") });
    assert_eq!(groups["aws_cloudwatch_log_group"]["central"]["name"], "tenant-acme-central-log-dev");
}

/// "Subscription filters for central monitoring aggregation"
#[test]
fn everything_the_api_logs_goes_to_the_tenants_own_relay_once_it_may() {
    let mut stack = Stack::new(tenant("acme"));
    let monitoring = TenantMonitoring {
        api_log: stack.stand_in("log"),
        relay: stack.stand_in("relay"),
        relay_ready: stack.stand_in_address("permission"),
    };
    monitoring.declare(&mut stack);
    let resources = stack.resources();
    let filter = &resources["aws_cloudwatch_log_subscription_filter"]["relay"];
    assert_eq!([&filter["filter_pattern"], &filter["destination_arn"]], ["", "${stand_in.relay.it}"]);
    assert_eq!(filter["depends_on"], json!(["stand_in.permission"]));
    assert_eq!(resources["aws_cloudwatch_metric_alarm"].as_object().unwrap().len(), 5);
}

#[test]
fn only_the_platforms_own_rule_writes_the_log_of_events() {
    let mut stack = Stack::new(platform());
    PlatformLogs { key: stack.stand_in("key"), key_ready: stack.stand_in_address("key_policy") }.declare(&mut stack);
    let resources = stack.resources();
    let policy = resources["aws_cloudwatch_log_resource_policy"]["events"]["policy_document"].as_str().unwrap();
    let policy: Value = serde_json::from_str(policy).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        let source = statement["Condition"]["ArnEquals"]["aws:SourceArn"].as_str().unwrap();
        assert!(source.ends_with(":rule/platform-alarms-dev"), "{statement}");
        assert!(statement["Resource"].as_str().unwrap().contains(":log-group:platform-event-log-dev:"), "{statement}");
    }
}
