//! A2, A6, A7, B1.5, B2.2: functions, logs, events.

use serde_json::{Value, json};

use crate::support::stacks::{list, one, platform, refers, stacks, tenants, text};

/// A2.1 "Lambda functions for the tenant API endpoints", A2.2 "256 MB memory, 60 s timeout", A2.3 "Reserved concurrency 10 per tenant",
/// B2.2 "Functions use reserved concurrency"
#[test]
fn every_function_has_256_mb_60_seconds_and_reserved_executions() {
    for (tenant, stack) in tenants() {
        for (id, concurrency) in [("api", 10), ("relay", 2)] {
            let function = stack.all("aws_lambda_function")[id];
            let found = [&function["memory_size"], &function["timeout"], &function["reserved_concurrent_executions"]];
            assert_eq!(found, [256, 60, concurrency], "{tenant}: {id}");
            assert_eq!(
                list(&one(&function["vpc_config"])["subnet_ids"]).len(),
                2,
                "{tenant}: {id} runs outside the VPC"
            );
            assert!(!text(&one(&function["dead_letter_config"])["target_arn"]).is_empty(), "{tenant}: {id}");
        }
        let (_, url) = stack.only("aws_lambda_function_url");
        assert_eq!(url["authorization_type"], "AWS_IAM", "{tenant}");
    }
}

/// A2.4 "Functions log to tenant-specific log streams", A6.1 "CloudWatch log groups, retention 30 days"
#[test]
fn functions_log_to_groups_of_their_tenant_that_keep_30_days() {
    for stack in stacks() {
        for (id, group) in stack.all("aws_cloudwatch_log_group") {
            assert_eq!(group["retention_in_days"], 30, "{}: {id}", stack.name);
        }
    }
    for (tenant, stack) in tenants() {
        for (id, function) in stack.all("aws_lambda_function") {
            let group = text(&one(&function["logging_config"])["log_group"]);
            assert_eq!(group, format!("tenant-{tenant}-{id}-log-dev"));
            let made = stack.all("aws_cloudwatch_log_group").values().any(|made| text(&made["name"]) == group);
            assert!(made, "{tenant}: {group}");
            let waits = list(&function["depends_on"]).contains(&&json!(format!("aws_cloudwatch_log_group.{id}")));
            assert!(waits, "{tenant}: {id} does not wait for its log group");
        }
    }
}

/// A6.2 "A centralised log group with tenant-prefixed log streams", A6.3 "Subscription filters for central monitoring aggregation"
#[test]
fn the_relay_of_each_tenant_feeds_the_central_log_group() {
    let central = &platform().all("aws_cloudwatch_log_group")["central"]["name"];
    for (tenant, stack) in tenants() {
        let (_, filter) = stack.only("aws_cloudwatch_log_subscription_filter");
        assert!(refers(&filter["destination_arn"], "aws_lambda_function", "relay"), "{tenant}");
        assert!(refers(&filter["log_group_name"], "aws_cloudwatch_log_group", "api"), "{tenant}");
        let variables = &one(&stack.all("aws_lambda_function")["relay"]["environment"])["variables"];
        assert_eq!(&variables["CENTRAL_LOG_GROUP_NAME"], central, "{tenant}");
        assert_eq!(text(&variables["TENANT_ID"]), tenant);
    }
}

fn pattern(rule: &Value) -> Value {
    serde_json::from_str(text(&rule["event_pattern"])).unwrap()
}

/// A7.1 "EventBridge rules that trigger tenant provisioning workflows", A7.2 "Rules that capture signup events and start the deployment"
#[test]
fn signups_and_offboardings_start_the_workflow_with_retry_and_dead_letters() {
    let stack = platform();
    let asked =
        [("signup", "TenantSignup"), ("offboarding", "TenantOffboarding"), ("plan_changed", "TenantPlanChanged")];
    for (id, detail_type) in asked {
        assert_eq!(pattern(stack.all("aws_cloudwatch_event_rule")[id])["detail-type"], json!([detail_type]));
        let target = stack.all("aws_cloudwatch_event_target")[id];
        assert!(refers(&target["arn"], "aws_sfn_state_machine", "onboarding"), "{id}");
        assert!(refers(&one(&target["dead_letter_config"])["arn"], "aws_sqs_queue", "dead_letters"), "{id}");
        assert!(one(&target["retry_policy"])["maximum_retry_attempts"].as_i64() > Some(0), "{id}");
    }
    let workflow: Value = serde_json::from_str(text(&stack.only("aws_sfn_state_machine").1["definition"])).unwrap();
    let build = &workflow["States"]["Build"];
    assert_eq!(build["Resource"], "arn:aws:states:::codebuild:startBuild.sync");
    let (_, project) = stack.only("aws_codebuild_project");
    assert_eq!(build["Parameters"]["ProjectName"], project["name"]);
    let step = &workflow["States"]["Reserve"]["Parameters"];
    assert_eq!(step["FunctionName"], stack.all("aws_lambda_function")["onboarding"]["function_name"]);
}

/// "its own role that may only assume the per-tenant deployer role", and the build runs nothing that an event could have brought
#[test]
fn a_build_runs_the_programs_own_release_as_the_runner_for_one_tenant() {
    let stack = platform();
    let (_, project) = stack.only("aws_codebuild_project");
    assert!(refers(&project["service_role"], "aws_iam_role", "runner"));
    assert!(refers(&project["encryption_key"], "aws_kms_key", "platform"));
    assert_eq!(one(&project["environment"])["privileged_mode"], false);
    let source = one(&project["source"]);
    assert_eq!(source["location"], format!("platform-state-dev/releases/{}/palisade.zip", env!("CARGO_PKG_VERSION")));
    let log = &one(&one(&project["logs_config"])["cloudwatch_logs"])["group_name"];
    assert_eq!(*log, stack.all("aws_cloudwatch_log_group")["runner"]["name"]);
    let workflow: Value = serde_json::from_str(text(&stack.only("aws_sfn_state_machine").1["definition"])).unwrap();
    let variables = &workflow["States"]["Build"]["Parameters"]["EnvironmentVariablesOverride"];
    assert_eq!(*variables, json!([{ "Name": "TENANT_ID", "Type": "PLAINTEXT", "Value.$": "$.run.tenant_id" }]));
}

/// A7.3 "Events are routed to the handler of the right tenant"
#[test]
fn a_tenants_rule_takes_events_of_exactly_that_tenant_to_its_own_function() {
    for (tenant, stack) in tenants() {
        let (_, rule) = stack.only("aws_cloudwatch_event_rule");
        assert_eq!(pattern(rule)["detail"]["tenant_id"], json!([tenant]));
        let (_, target) = stack.only("aws_cloudwatch_event_target");
        assert!(refers(&target["arn"], "aws_lambda_function", "api"), "{tenant}");
        let permission = stack.all("aws_lambda_permission")["take_events"];
        assert!(refers(&permission["source_arn"], "aws_cloudwatch_event_rule", "tenant"), "{tenant}");
    }
}

/// B1.5 "Provisioning failures are handled, not left to the user"
#[test]
fn failures_of_the_workflow_are_caught_announced_and_watched() {
    let stack = platform();
    let workflow: Value = serde_json::from_str(text(&stack.only("aws_sfn_state_machine").1["definition"])).unwrap();
    for (name, state) in workflow["States"].as_object().unwrap() {
        if state["Type"] == "Task" {
            assert!(!list(&state["Retry"]).is_empty(), "{name}");
            assert!(name.starts_with("Keep") || !list(&state["Catch"]).is_empty(), "{name}");
            assert!(state["TimeoutSeconds"].is_u64(), "{name}");
        }
    }
    let watched: Vec<&str> = stack.all("aws_cloudwatch_metric_alarm").into_keys().collect();
    assert_eq!(watched, ["attention", "dead_letters", "onboarding_ended", "onboarding_failed"]);
    for (tenant, stack) in tenants() {
        assert_eq!(stack.all("aws_cloudwatch_metric_alarm").len(), 5, "{tenant}");
    }
}
