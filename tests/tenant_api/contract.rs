//! What is written about the API is true: its description, and the examples of its page.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;

use super::{Stage, body, status};
use crate::support::app::{clean, run};
use crate::support::lambda::function_url;
use crate::support::root;
use crate::support::tools::tool;

/// Every path, and the methods of each.
#[test]
fn the_description_lists_what_the_api_answers() {
    let Some(stage) = Stage::of("the_description_lists_what_the_api_answers", "acme-corp") else { return };
    let answer = stage.get("/openapi.json");
    let description = body(&answer);
    assert_eq!((status(&answer), &description["openapi"]), (200, &Value::from("3.1.0")));
    for (path, operations) in description["paths"].as_object().unwrap() {
        let options = stage.send("OPTIONS", &path.replace("{resource_type}", "plan"), &[], "");
        let allowed: BTreeSet<String> =
            options.header("allow").unwrap().split(", ").map(str::to_ascii_lowercase).collect();
        let described: BTreeSet<String> =
            operations.as_object().unwrap().keys().filter(|name| *name != "parameters").cloned().collect();
        assert_eq!(described, allowed, "{path}");
    }
    let source = std::fs::read_to_string(root().join("crates/tenant-api/src/problem.rs")).unwrap();
    let kinds = description["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
    let table = source.split("kinds! {").nth(1).unwrap().split("\n}").next().unwrap();
    assert_eq!(kinds.len(), table.matches(';').count(), "each problem is described");
    for kind in kinds {
        let slug = kind.as_str().unwrap().trim_start_matches("urn:palisade:problem:");
        assert!(table.contains(&format!("\"{slug}\"")), "{slug}");
    }
}

/// "`schemathesis` against the served OpenAPI document"
#[test]
fn schemathesis_finds_no_answer_that_is_not_described() {
    let test = "schemathesis_finds_no_answer_that_is_not_described";
    let (Some(stage), Some(schemathesis)) = (Stage::of(test, "acme-corp"), tool(test, "schemathesis")) else { return };
    let directory = tempfile::tempdir().unwrap();
    let url = function_url(Arc::new(stage.function));
    let mut command = clean(schemathesis);
    command.arg("--config-file").arg(root().join("tests/tools/schemathesis.toml"));
    command.current_dir(&directory).args([
        "run",
        &format!("http://{url}/openapi.json"),
        "--checks",
        "all",
        "--header",
        "Authorization: signed",
    ]);
    // A caller's signature is checked by AWS, before the function; what is not signed gets 403, and the check insists on 401.
    command.args([
        "--exclude-checks",
        "ignored_auth,missing_required_header",
        "--max-examples",
        "40",
        "--seed",
        "1",
        "--no-color",
    ]);
    command.args(["--suppress-health-check", "all", "--workers", "1", "--generation-database", "none"]);
    let done = run(&mut command);
    assert_eq!(done.code, Some(0), "{}\n{}", done.stdout, done.stderr);
}

/// "A page in `docs/` shows the API with working `curl` (SigV4) examples"
#[test]
fn the_examples_of_the_page_work() {
    let Some(stage) = Stage::of("the_examples_of_the_page_work", "acme-corp") else { return };
    let url = function_url(Arc::new(stage.function));
    let page = std::fs::read_to_string(root().join("docs/api.md")).unwrap();
    let mut script = format!(
        "set -eu\nexport URL=http://{url} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_SESSION_TOKEN=test\n"
    );
    let mut wanted = Vec::new();
    for block in page.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()) {
        script.push_str(block);
        wanted.extend(block.lines().filter_map(|line| line.split_once("# → ")).map(|(_, status)| &status[..3]));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("bash");
    let done = run(command.args(["-c", &script]).current_dir(&directory)).done("the examples");
    let got: Vec<&str> =
        done.stdout.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).map(|line| &line[..3]).collect();
    assert!(wanted.len() > 8, "{wanted:?}");
    assert_eq!(got, wanted, "{}", done.stdout);
}
