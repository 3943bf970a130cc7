//! The tenant's functions, as Terraform will get them.

use compute::{Architecture, Code, FunctionCode, TenantFunctions};
use construct::test_util::tenant;
use construct::{Construct, Stack};
use serde_json::{Value, json};

fn code(zip: &str) -> Code {
    Code {
        filename: format!("../../assets/{zip}.zip"),
        source_code_hash: Some("hash".to_owned()),
        architecture: Architecture::Arm64,
    }
}

fn resources() -> Value {
    let mut stack = Stack::new(tenant("acme"));
    let functions = TenantFunctions {
        code: FunctionCode { api: code("api"), relay: code("relay") },
        key: stack.stand_in("key"),
        api_role: stack.stand_in("api_role"),
        relay_role: stack.stand_in("relay_role"),
        caller_role: stack.stand_in("caller_role"),
        subnets: [stack.stand_in("a"), stack.stand_in("b")],
        security_group: stack.stand_in("group"),
        dead_letters: stack.stand_in("queue"),
        api_log: stack.stand_in("log"),
        ready: vec![stack.stand_in_address("walls")],
    };
    functions.declare(&mut stack);
    stack.resources()
}

/// "256 MB memory, 60 s timeout", "Reserved concurrency 10 per tenant"
#[test]
fn functions_have_their_memory_time_and_share_of_concurrency() {
    let resources = resources();
    for (id, concurrency) in [("api", 10), ("relay", 2)] {
        let function = &resources["aws_lambda_function"][id];
        let found = [&function["memory_size"], &function["timeout"], &function["reserved_concurrent_executions"]];
        assert_eq!(found, [256, 60, concurrency], "{id}");
    }
}

#[test]
fn functions_run_inside_the_vpc_under_the_key_and_only_once_the_walls_stand() {
    let resources = resources();
    for id in ["api", "relay"] {
        let function = &resources["aws_lambda_function"][id];
        assert_eq!(function["vpc_config"]["subnet_ids"], json!(["${stand_in.a.it}", "${stand_in.b.it}"]), "{id}");
        assert_eq!(function["kms_key_arn"], "${stand_in.key.it}", "{id}");
        assert_eq!(function["depends_on"], json!(["stand_in.walls"]), "{id}");
        assert_eq!(function["architectures"], json!(["arm64"]), "{id}");
    }
}

/// A function URL asks for two permissions, and its caller has to sign.
#[test]
fn only_the_caller_role_calls_the_url() {
    let resources = resources();
    assert_eq!(resources["aws_lambda_function_url"]["api"]["authorization_type"], "AWS_IAM");
    for (id, action) in [("call_url", "lambda:InvokeFunctionUrl"), ("call_through_url", "lambda:InvokeFunction")] {
        let permission = &resources["aws_lambda_permission"][id];
        assert_eq!([&permission["action"], &permission["principal"]], [action, "${stand_in.caller_role.it}"]);
    }
    assert_eq!(resources["aws_lambda_permission"]["call_url"]["function_url_auth_type"], "AWS_IAM");
}

#[test]
fn cloudwatch_logs_invokes_the_relay_for_the_one_log_group_only() {
    let permission = &resources()["aws_lambda_permission"]["relay_logs"];
    assert_eq!(permission["source_arn"], "${stand_in.log.it}:*");
    assert_eq!(permission["source_account"], "${data.aws_caller_identity.current.account_id}");
    assert_eq!(permission["principal"], "logs.amazonaws.com");
}
