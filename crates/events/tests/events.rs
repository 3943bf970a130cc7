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

/// "Rules that capture signup events and start the deployment of that tenant's stack". What is wrong with an event of this environment is
/// for the workflow to say: a rule that did not let it through would lose it in silence.
#[test]
fn whatever_is_asked_of_this_environment_starts_the_workflow() {
    let mut stack = Stack::new(platform());
    let rules = PlatformRules {
        workflow: stack.stand_in("workflow"),
        dead_letters: stack.stand_in("queue"),
        event_log: stack.stand_in("log"),
        event_log_ready: stack.stand_in_address("log_policy"),
    };
    rules.declare(&mut stack);
    let resources = stack.resources();
    let asked =
        [("signup", "TenantSignup"), ("offboarding", "TenantOffboarding"), ("plan_changed", "TenantPlanChanged")];
    for (id, detail_type) in asked {
        let pattern = pattern(&resources["aws_cloudwatch_event_rule"][id]);
        let detail = json!({ "environment_suffix": ["dev"] });
        assert_eq!(pattern, json!({ "source": ["palisade.signup"], "detail-type": [detail_type], "detail": detail }));
        let target = &resources["aws_cloudwatch_event_target"][id];
        assert_eq!(
            [&target["arn"], &target["dead_letter_config"]["arn"]],
            ["${stand_in.workflow.it}", "${stand_in.queue.it}"]
        );
    }
}

/// "a reconciler on a schedule"
#[test]
fn time_starts_the_workflow_too() {
    let mut stack = Stack::new(platform());
    let rules = PlatformRules {
        workflow: stack.stand_in("workflow"),
        dead_letters: stack.stand_in("queue"),
        event_log: stack.stand_in("log"),
        event_log_ready: stack.stand_in_address("log_policy"),
    };
    rules.declare(&mut stack);
    let resources = stack.resources();
    let rule = &resources["aws_cloudwatch_event_rule"]["reconcile"];
    assert_eq!(rule["schedule_expression"], "rate(15 minutes)");
    // … and what it found to be lost is begun again, in this environment.
    let pattern = pattern(rule);
    assert_eq!(
        pattern,
        json!({ "source": ["palisade.platform"], "detail-type": ["TenantRestarting"], "detail": { "environment_suffix": ["dev"] } })
    );
    assert_eq!(resources["aws_cloudwatch_event_target"]["reconcile"]["arn"], "${stand_in.workflow.it}");
    let trust: Value =
        serde_json::from_str(resources["aws_iam_role"]["starter"]["assume_role_policy"].as_str().unwrap()).unwrap();
    let sources = trust["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"].as_array().unwrap();
    assert_eq!(sources.len(), 4, "the four rules and nobody else");
}

/// The role of the workflow may do what the definition does, and beside that only deliver the log.
#[test]
fn the_role_of_the_workflow_has_the_actions_of_its_definition() {
    let mut stack = Stack::new(platform());
    let code = compute::Code { filename: "f.zip".to_owned(), source_code_hash: None, architecture: Default::default() };
    let onboarding = events::PlatformOnboarding {
        code,
        network: naming::NetworkPlan::default(),
        tenant_limit: 256,
        release: "0.1.0",
        key: stack.stand_in("key"),
        key_ready: stack.stand_in_address("key_policy"),
        function_log: stack.stand_in_address("function_log"),
        log: stack.stand_in("log"),
        dead_letters: stack.stand_in("queue"),
        dead_letters_url: construct::Text::literal("https://queue"),
    };
    onboarding.declare(&mut stack);
    let platform = platform();
    let workflow = events::workflow::Workflow { platform: &platform, dead_letters: construct::Text::literal("q") };
    let mut wanted: Vec<&str> = workflow.machine().calls().flat_map(|call| call.actions()).copied().collect();
    wanted.extend(["kms:Decrypt", "kms:GenerateDataKey"]);
    wanted.sort_unstable();
    wanted.dedup();
    let resources = stack.resources();
    let policy = resources["aws_iam_role_policy"]["onboarding"]["policy"].as_str().unwrap();
    let policy: Value = serde_json::from_str(policy).unwrap();
    let mut given: Vec<String> = Vec::new();
    for statement in policy["Statement"].as_array().unwrap() {
        assert!(statement["Sid"] == "DeliverLog" || statement["Resource"] != "*", "{statement}");
        let actions = statement["Action"].clone();
        let actions = if actions.is_array() { actions } else { json!([actions]) };
        if statement["Sid"] != "DeliverLog" {
            given.extend(actions.as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned()));
        }
    }
    given.sort_unstable();
    assert_eq!(given, wanted);
    let states = policy["Statement"].as_array().unwrap().iter().find(|statement| statement["Sid"] == "States").unwrap();
    assert_eq!(states["Condition"], json!({ "StringEquals": { "s3:prefix": "tenant-" } }));
    assert!(
        states["Resource"].as_str().unwrap().ends_with(":s3:::platform-state-dev"),
        "names and sizes of states only"
    );
    let announce =
        policy["Statement"].as_array().unwrap().iter().find(|statement| statement["Sid"] == "Announce").unwrap();
    assert_eq!(announce["Condition"]["StringEquals"]["events:source"], "palisade.platform");
}
