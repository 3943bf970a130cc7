//! `app explain` shows which statements decide a request.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::app::{Run, app, project};
use crate::support::stacks::synthesised;

const OBJECT: &str = "tenant-acme-corp-dev:aws_s3_bucket.data/report.pdf";

fn explain(dir: &Path, principal: &str, action: &str, resource: &str, more: &[&str]) -> Run {
    let asked = ["explain", "--principal", principal, "--action", action, "--resource", resource];
    app(dir, &asked.iter().chain(more).copied().collect::<Vec<_>>())
}

fn applying(explanation: &Value) -> Vec<String> {
    let trail = explanation["decision"]["trail"].as_array().unwrap().iter().filter(|step| step["applies"] == true);
    trail
        .map(|step| format!("{} {}", step["policy"].as_str().unwrap(), step["statement"]["sid"].as_str().unwrap()))
        .collect()
}

#[test]
fn own_access_is_explained_with_every_policy_that_has_to_allow_it() {
    let dir = project();
    let endpoint = "aws:SourceVpce=tenant-acme-corp-dev:aws_vpc_endpoint.s3";
    let more = ["--context", endpoint, "aws:SecureTransport=true", "--format", "json"];
    let found =
        explain(dir.path(), "tenant-acme-corp-api-role-dev", "s3:GetObject", OBJECT, &more).done("explain").json();
    assert_eq!(found["decision"]["allowed"], true, "{found}");
    assert_eq!(applying(&found), ["identity policy Objects", "permissions boundary Own", "endpoint policy Objects"]);
    assert_eq!(found["not_given"], json!([]));
    assert_eq!(found["context"]["aws:PrincipalTag/TenantId"], json!(["acme-corp"]));
    assert!(!dir.path().join("cdktf.out").exists(), "something was written");
}

#[test]
fn foreign_access_is_explained_with_the_statement_that_denies_it() {
    let empty = tempfile::tempdir().unwrap();
    let out = synthesised().out.to_str().unwrap();
    let role = "arn:aws:iam::123456789012:role/tenant-retail-co-api-role-dev";
    let human = explain(empty.path(), role, "s3:GetObject", OBJECT, &["--dir", out]).done("explain").stdout;
    let lines: Vec<&str> = human.lines().collect();
    assert!(lines[0].starts_with("denied     arn:aws:iam::<account>:role/tenant-retail-co-api-role-dev does s3:GetObject on arn:aws:s3:::tenant-acme-corp-data-dev/report.pdf"), "{human}");
    assert!(
        lines[1]
            .contains("a statement of the resource policy denies it: tenant-acme-corp-dev: aws_s3_bucket_policy.data"),
        "{human}"
    );
    let at =
        |line: &str| lines.iter().position(|other| *other == line).unwrap_or_else(|| panic!("no `{line}` in {human}"));
    let denies = lines.iter().position(|line| line.contains("(DenyOtherTenants)") && line.starts_with("  Deny"));
    assert!((at("what applies")..at("what does not apply")).contains(&denies.unwrap()), "{human}");
    assert!(human.contains("`s3:GetObject` is not among its actions"), "{human}");
    assert!(human.contains("not given  ") && human.contains("aws:sourcevpce"), "{human}");
}

/// A session of the deployer is its tenant's: the tag in the context decides, and nothing else.
#[test]
fn a_session_of_the_deployer_is_explained_by_its_tag() {
    let dir = project();
    let (role, function) = ("platform-deployer-role-dev", "tenant-acme-corp-dev:aws_lambda_function.api");
    let ask = |tenant: &str| {
        let more = ["--context", &format!("aws:PrincipalTag/TenantId={tenant}"), "--format", "json"];
        explain(dir.path(), role, "lambda:UpdateFunctionCode", function, &more).done("explain").json()
    };
    let own = ask("acme-corp");
    assert_eq!(own["decision"]["allowed"], true, "{own}");
    assert_eq!(applying(&own), ["identity policy Functions", "permissions boundary Named"]);
    assert_eq!(ask("tech-startup")["decision"]["allowed"], false);
    assert_eq!(ask("platform")["decision"]["allowed"], false);
}

#[test]
fn the_examples_of_the_help_do_what_they_say() {
    let dir = project();
    let help = app(dir.path(), &["explain", "--help"]).done("help").stdout;
    let examples = help.split_once("Examples:\n").unwrap().1.replace("\\\n", " ").replace('\'', "");
    let words = examples.lines().map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>());
    let commands: Vec<Vec<&str>> = words.filter(|words| !words.is_empty()).collect();
    assert_eq!(commands.len(), 3, "{help}");
    app(dir.path(), &[]).done("synth");
    let said = commands.iter().map(|words| app(dir.path(), words).done(&words.join(" ")).stdout);
    let decisions: Vec<String> = said.map(|said| said.split_whitespace().next().unwrap().to_owned()).collect();
    assert_eq!(decisions, ["denied", "allowed", "allowed"]);
}

#[test]
fn what_no_stack_declares_is_told_with_the_nearest_names() {
    let dir = project();
    let said = |principal: &str, action: &str, resource: &str| {
        let run = explain(dir.path(), principal, action, resource, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
        run.stderr
    };
    let role = "tenant-acme-corp-api-role-dev";
    let unknown = said("tenant-acme-corp-api-role-prod", "s3:GetObject", OBJECT);
    assert!(unknown.contains("no stack declares the principal") && unknown.contains(role), "{unknown}");
    let unknown = said(role, "s3:GetObject", "tenant-acme-corp-dev:aws_s3_bucket.date");
    assert!(unknown.contains("nearest are tenant-acme-corp-dev:aws_s3_bucket.data"), "{unknown}");
    assert!(said(role, "s3:*", OBJECT).contains("no action"));
}
