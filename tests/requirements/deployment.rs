//! A8, B1.1, B1.3, B4, B5: outputs, region, destroying, documents.

use serde_json::json;

use crate::support::app::{app, project};
use crate::support::root;
use crate::support::stacks::{list, one, stacks, tenants, text};

/// A8.1 "Tenant API endpoint", A8.2 "S3 bucket name", A8.3 "DynamoDB table ARN"
#[test]
fn each_tenant_stack_outputs_endpoint_bucket_and_table() {
    for (tenant, stack) in tenants() {
        for (name, value) in [
            ("api_endpoint", "${aws_lambda_function_url.api.function_url}"),
            ("bucket_name", "${aws_s3_bucket.data.bucket}"),
            ("table_arn", "${aws_dynamodb_table.metadata.arn}"),
        ] {
            assert_eq!(text(&stack.body["output"][name]["value"]), value, "{tenant}");
        }
    }
}

/// A8.4 "All of them usable by downstream automation"
#[test]
fn the_outputs_are_told_as_json_and_to_the_cdktf_clis() {
    let dir = project();
    let told = app(dir.path(), &["outputs", "--format", "json"]).done("outputs").json();
    for stack in stacks() {
        let outputs = stack.body["output"].as_object().unwrap();
        for name in outputs.keys() {
            assert!(told["stacks"][&stack.name][name]["description"].is_string(), "{}: {name}", stack.name);
            assert_eq!(text(&stack.body["//"]["outputs"][&stack.name][name]), name, "{}", stack.name);
        }
        assert_eq!(told["stacks"][&stack.name].as_object().unwrap().len(), outputs.len(), "{}", stack.name);
    }
}

/// B1.1 "Region us-east-1"
#[test]
fn everything_is_in_us_east_1() {
    for stack in stacks() {
        assert_eq!(text(&list(&stack.body["provider"]["aws"])[0]["region"]), "us-east-1", "{}", stack.name);
    }
}

/// B1.3 "Everything can be destroyed: no retain, no deletion protection"
#[test]
fn nothing_stands_in_the_way_of_a_destroy() {
    for stack in stacks() {
        assert!(!stack.text.contains("prevent_destroy") && !stack.text.contains("skip_destroy"), "{}", stack.name);
        for (kind, id, body) in stack.resources() {
            let at = format!("{}: {kind}.{id}", stack.name);
            assert!(body["deletion_protection_enabled"] != true, "{at}");
            match kind {
                "aws_s3_bucket" => assert_eq!(body["force_destroy"], true, "{at}"),
                "aws_security_group" | "aws_subnet" => {
                    assert_eq!(text(&one(&body["timeouts"])["delete"]), "45m", "{at}")
                }
                "aws_iam_role" => assert_eq!(body["force_detach_policies"], true, "{at}"),
                _ => {}
            }
        }
    }
}

/// B4.1 "Unit tests", B4.2 "Documentation of architecture and deployment", B4.3 "`cdktf.json`", B4.4 "The Lambda's code"
#[test]
fn what_was_asked_for_beside_the_stacks_is_there() {
    for file in [
        "docs/architecture.md",
        "docs/isolation.md",
        "docs/deployment.md",
        "docs/operations.md",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
    ] {
        assert!(std::fs::read_to_string(root().join(file)).unwrap().len() > 500, "{file}");
    }
    let cdktf: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("cdktf.json")).unwrap()).unwrap();
    assert_eq!([&cdktf["language"], &cdktf["app"]], ["rust", "cargo run --quiet --package app"]);
    for package in ["tenant-api", "log-relay"] {
        assert!(root().join("crates").join(package).join("src/main.rs").is_file(), "{package}");
    }
}

/// B5 "It deploys with `cdktf deploy` and destroys cleanly": each stack has a state of its own, outside what the CDKTF CLIs delete
#[test]
fn every_stack_has_a_state_of_its_own_beside_the_output_directory() {
    for stack in stacks() {
        let path = format!("../../../terraform.{}.tfstate", stack.name);
        assert_eq!(stack.body["terraform"]["backend"], json!({ "local": { "path": path } }), "{}", stack.name);
    }
}

/// The same input gives the same bytes, from wherever it is read.
#[test]
fn the_output_depends_on_the_input_alone() {
    use crate::support::app::files;
    let (here, there) = (project(), tempfile::tempdir().unwrap());
    app(here.path(), &[]).done("here");
    let file = here.path().join("tenants.json");
    app(there.path(), &["--tenants-file", file.to_str().unwrap(), "--output", "cdktf.out"]).done("there");
    assert!(files(&here.path().join("cdktf.out")) == files(&there.path().join("cdktf.out")));
}

/// The stack of a removed tenant stays, without resources, until its destroy is recorded: whatever deploys it tears the tenant down.
#[test]
fn a_removed_tenants_stack_declares_nothing_and_stays_until_its_destroy_is_recorded() {
    let dir = project();
    app(dir.path(), &[]).done("all three");
    let file = dir.path().join("tenants.json");
    let without = std::fs::read_to_string(&file)
        .unwrap()
        .replace(r#""network_index": 2"#, r#""network_index": 2, "state": "removed""#);
    std::fs::write(&file, without).unwrap();
    app(dir.path(), &[]).done("two, and one that goes");
    let stack = "tenant-retail-co-dev";
    let document = std::fs::read(dir.path().join("cdktf.out/stacks").join(stack).join("cdk.tf.json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert!(document["resource"].is_null() && document["data"].is_null() && document["output"].is_null(), "{document}");
    let record = dir.path().join(".palisade/stacks").join(stack);
    std::fs::create_dir_all(&record).unwrap();
    let destroyed = json!({ "format": 1, "stack": stack, "operation": "destroy", "status": "destroyed", "attempt": 1 });
    std::fs::write(record.join("record.json"), destroyed.to_string()).unwrap();
    let run = app(dir.path(), &[]).done("two");
    assert!(run.stdout.contains(&format!("removed  {stack}: its destroy is recorded")), "{}", run.stdout);
    assert!(!dir.path().join("cdktf.out/stacks").join(stack).exists());
}
