//! Rules and targets, as Terraform will get them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use construct::test_util::{platform, tenant};
use construct::{Construct, Stack};
use events::{PlatformRules, TenantEvents};
use serde_json::{Value, json};

fn pattern(rule: &Value) -> Value {
    serde_json::from_str(rule["event_pattern"].as_str().unwrap()).unwrap()
}

fn tenant_rule(id: &str) -> Value {
    let mut stack = Stack::new(tenant(id));
    let events = TenantEvents {
        handler: stack.stand_in("function"),
        handler_name: stack.stand_in("name"),
        dead_letters: stack.stand_in("queue"),
    };
    events.declare(&mut stack);
    stack.resources()
}

/// "Events are routed to the handler of the right tenant": patterns compare whole values, so that one id may start like another.
#[test]
fn a_tenants_rule_hears_of_that_tenant_only() {
    for id in ["acme", "acme-corp"] {
        let resources = tenant_rule(id);
        let pattern = pattern(&resources["aws_cloudwatch_event_rule"]["tenant"]);
        assert_eq!(pattern["detail"]["tenant_id"], json!([id]));
        assert_eq!(pattern["detail"]["environment_suffix"], json!(["dev"]));
        assert_eq!(pattern["source"], json!(["palisade.platform"]));
    }
}

#[test]
fn what_a_handler_cannot_take_is_retried_and_then_kept() {
    let resources = tenant_rule("acme");
    let target = &resources["aws_cloudwatch_event_target"]["tenant"];
    assert_eq!(target["dead_letter_config"]["arn"], "${stand_in.queue.it}");
    assert_eq!(target["retry_policy"], json!({ "maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 60 }));
    assert_eq!(
        resources["aws_lambda_permission"]["take_events"]["source_arn"],
        "${aws_cloudwatch_event_rule.tenant.arn}"
    );
}

/// "Rules that capture signup events and start the deployment of that tenant's stack"
#[test]
fn signups_and_offboardings_of_this_environment_start_the_workflow() {
    let mut stack = Stack::new(platform());
    let rules = PlatformRules {
        workflow: stack.stand_in("workflow"),
        dead_letters: stack.stand_in("queue"),
        event_log: stack.stand_in("log"),
        event_log_ready: stack.stand_in_address("log_policy"),
    };
    rules.declare(&mut stack);
    let resources = stack.resources();
    for (id, detail_type) in [("signup", "TenantSignup"), ("offboarding", "TenantOffboarding")] {
        let pattern = pattern(&resources["aws_cloudwatch_event_rule"][id]);
        assert_eq!(pattern["detail-type"], json!([detail_type]));
        assert_eq!(pattern["detail"]["environment_suffix"], json!(["dev"]));
        assert_eq!(pattern["detail"]["request_id"], json!([{ "exists": true }]));
        let target = &resources["aws_cloudwatch_event_target"][id];
        assert_eq!(
            [&target["arn"], &target["dead_letter_config"]["arn"]],
            ["${stand_in.workflow.it}", "${stand_in.queue.it}"]
        );
    }
}
