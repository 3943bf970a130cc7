//! `app verify` judges any directory of Terraform JSON, whoever made it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::app::{Run, app, clean, run};
use crate::support::root;
use crate::support::stacks::synthesised;
use crate::support::tools::tool;

/// A directory with files.
fn tree(files: &[(&str, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// The example fleet as it was written, below `stacks`, with one document changed.
fn changed(stack: &str, change: impl Fn(&mut Value)) -> tempfile::TempDir {
    let stacks = &synthesised().stacks;
    let files = stacks.iter().map(|other| {
        let mut body = other.body.clone();
        if other.name == stack {
            change(&mut body);
        }
        (format!("stacks/{}/cdk.tf.json", other.name), body.to_string())
    });
    let files: Vec<(String, String)> = files.collect();
    tree(&files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect::<Vec<_>>())
}

fn verify(dir: &Path) -> Run {
    app(dir, &["verify", ".", "--format", "json"])
}

fn findings(run: &Run) -> Vec<Value> {
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    let verdict = run.json();
    assert_eq!(verdict["proved"], false);
    verdict["findings"].as_array().unwrap().clone()
}

/// The one line of a run that could not be judged.
fn refused(dir: &Path, arguments: &[&str]) -> String {
    let run = app(dir, arguments);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run.stderr
}

/// A small stack of one tenant, and nothing in it that could grant anything.
fn small(id: &str) -> Value {
    json!({ "provider": { "aws": [{ "region": "us-east-1" }] }, "resource": { "aws_s3_bucket": { "data": { "bucket": format!("tenant-{id}-data-dev"), "tags": { "TenantId": id } } } } })
}

#[test]
fn the_own_output_is_proved_without_a_tenants_file() {
    let dir = tempfile::tempdir().unwrap();
    let out = synthesised().out.to_str().unwrap();
    let human = app(dir.path(), &["verify", out]).done("verify");
    assert_eq!(human.stdout.lines().count(), 1, "{}", human.stdout);
    assert!(human.stdout.contains("isolated    3 tenants in 4 stacks, 6 tenant pairs"), "{}", human.stdout);
    let verdict = app(dir.path(), &["verify", out, "--format", "json"]).done("verify").json();
    assert_eq!(
        (&verdict["format_version"], &verdict["proved"], &verdict["findings"]),
        (&json!("1"), &json!(true), &json!([]))
    );
    assert_eq!((&verdict["summary"]["stacks"], &verdict["summary"]["pairs"]), (&json!(4), &json!(6)));
}

#[test]
fn the_same_stacks_without_a_manifest_are_proved_too() {
    let dir = changed("none", |_| {});
    assert_eq!(verify(dir.path()).done("verify").json()["summary"]["tenants"], 3);
}

#[test]
fn a_spoiled_copy_is_refused_with_tenants_statement_request_and_help() {
    let dir = changed("tenant-retail-co-dev", |body| {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Oops", "Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::tenant-retail-co-data-dev/*" }] });
        body["resource"]["aws_s3_bucket_policy"]["data"]["policy"] = json!(policy.to_string());
    });
    let found = findings(&verify(dir.path()));
    let crossing =
        |finding: &&Value| finding["access"]["from"] == "acme-corp" && finding["access"]["to"] == "retail-co";
    let finding = found.iter().find(crossing).unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(finding["rule"], "no-cross-tenant-access");
    assert_eq!(finding["access"]["statements"][0]["resource"], "aws_s3_bucket_policy.data");
    assert_eq!(finding["access"]["statements"][0]["sid"], "Oops");
    let human = app(dir.path(), &["verify", "."]);
    assert_eq!(human.code, Some(1));
    for part in [
        "tenant-acme-corp-dev and tenant-retail-co-dev: aws_s3_bucket.data: tenant `acme-corp`",
        "request:   arn:aws:iam::",
        "on arn:aws:s3:::tenant-retail-co-data-dev/",
        "statement: tenant-retail-co-dev: aws_s3_bucket_policy.data.policy.Statement[0] (Oops)",
        "help: ",
        "not proved  ",
    ] {
        assert!(human.stdout.contains(part), "no `{part}` in {}", human.stdout);
    }
}

#[test]
fn what_cannot_be_read_is_one_line_each_with_the_file_and_what_would_do() {
    let good = || small("acme").to_string();
    let twice = r#"{ "resource": { "aws_s3_bucket": { "data": {}, "data": {} } } }"#;
    for (what, files, words) in [
        (
            "broken",
            vec![("a/cdk.tf.json", "{".to_owned())],
            &["a/cdk.tf.json: is no JSON document", "synthesise it again"][..],
        ),
        ("no object", vec![("a/cdk.tf.json", "[]".to_owned())], &["a/cdk.tf.json", "no JSON object"]),
        ("a key twice", vec![("a/cdk.tf.json", twice.to_owned())], &["`data` stands twice"]),
        (
            "a block twice",
            vec![("a/x.tf.json", good()), ("a/y.tf.json", good())],
            &["a/y.tf.json", "`resource.aws_s3_bucket.data`"],
        ),
        ("no stack", vec![("a/readme.md", String::new())], &["holds no stack", "cdktf.out"]),
        ("broken manifest", vec![("manifest.json", "{".to_owned())], &["manifest.json: is no JSON document"]),
        (
            "missing stack",
            vec![(
                "manifest.json",
                r#"{ "stacks": { "s": { "synthesizedStackPath": "stacks/s/cdk.tf.json" } } }"#.to_owned(),
            )],
            &["stacks/s/cdk.tf.json: there is no such file", "synthesise"],
        ),
    ] {
        let dir = tree(&files);
        let said = refused(dir.path(), &["verify", "."]);
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
        for word in words {
            assert!(said.contains(word), "{what}: no `{word}` in {said}");
        }
    }
    let dir =
        tree(&[("a/cdk.tf.json", "{".to_owned()), ("b/cdk.tf.json", "nul".to_owned()), ("c/cdk.tf.json", good())]);
    let said = refused(dir.path(), &["verify", "."]);
    assert!(said.starts_with("error: 2 files cannot be read:\n  "), "{said}");
    assert_eq!(said.lines().count(), 3, "{said}");
    for path in ["nowhere", "a/cdk.tf.json"] {
        let said = refused(dir.path(), &["verify", path]);
        assert!(said.contains(path) && said.contains("no such directory"), "{said}");
    }
}

#[test]
fn an_empty_directory_holds_no_stack() {
    let dir = tempfile::tempdir().unwrap();
    assert!(refused(dir.path(), &["verify", "."]).contains("holds no stack"));
}

#[test]
fn the_files_of_one_directory_are_judged_as_one_stack() {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": ["${aws_s3_bucket.data.arn}", "${aws_s3_bucket.data.arn}/*"] }] });
    let other = json!({ "resource": [{ "aws_s3_bucket_policy": [{ "open": { "bucket": "${aws_s3_bucket.data.id}", "policy": policy.to_string() } }] }] });
    let dir = tree(&[
        ("acme/a.tf.json", small("acme").to_string()),
        ("acme/b.tf.json", other.to_string()),
        ("bolt/a.tf.json", small("bolt").to_string()),
    ]);
    let found = findings(&verify(dir.path()));
    assert!(found[0]["access"]["statements"].to_string().contains("aws_s3_bucket_policy.open"), "{found:?}");
    fs::remove_file(dir.path().join("acme/b.tf.json")).unwrap();
    verify(dir.path()).done("without it");
}

#[test]
fn what_is_not_judged_is_named_and_nothing_is_proved() {
    for (file, text, words) in [
        ("acme/x_override.tf.json", "{}", "an override"),
        ("acme/override.tf", "", "an override"),
        ("acme/main.tf", "", "HCL"),
        ("other/main.tf", "", "HCL"),
        ("acme/main.tofu", "", "OpenTofu"),
        ("acme/more.tf.json", r#"{ "ephemeral": { "random_password": { "p": {} } } }"#, "not judged"),
        ("acme/more.tf.json", r#"{ "module": { "m": { "source": "./m" } } }"#, "module"),
    ] {
        let dir = tree(&[("acme/a.tf.json", small("acme").to_string()), (file, text.to_owned())]);
        let found = findings(&verify(dir.path()));
        assert_eq!(found.len(), 1, "{file}: {found:?}");
        assert_eq!(found[0]["rule"], "fully-read", "{file}");
        assert!(found[0]["found"].as_str().unwrap().contains(words), "{file}: {found:?}");
        let (stack, name) = file.split_once('/').unwrap();
        assert_eq!(found[0]["stacks"][0], stack);
        assert!(found[0]["resource"] == name || name == "more.tf.json", "{found:?}");
    }
}

#[test]
fn what_terraform_keeps_for_itself_is_left_out_and_said() {
    let dir =
        tree(&[("acme/a.tf.json", small("acme").to_string()), ("acme/.terraform/modules/x/main.tf", String::new())]);
    let verdict = verify(dir.path()).done("verify").json();
    assert!(verdict["left_out"][0].as_str().unwrap().contains(".terraform"), "{verdict}");
    let human = app(dir.path(), &["verify", "."]).done("verify");
    assert!(human.stdout.contains("left out    ./acme/.terraform"), "{}", human.stdout);
}

/// The fleet of tests/peers, synthesised by a library that is not ours.
pub(crate) fn peer(node: &Path, library: &str, variant: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let libraries = node.ancestors().find(|path| path.ends_with("node_modules/node")).and_then(Path::parent).unwrap();
    let mut command = clean(node);
    command.arg(root().join("tests/peers/fleet/app.js")).args([library, variant]).current_dir(dir.path());
    command.env("NODE_PATH", libraries).env("CDKTF_OUTDIR", dir.path().join("cdktf.out"));
    run(&mut command).done(&format!("{library} {variant}"));
    dir
}

fn peers_are_judged(test: &str, library: &str) {
    let Some(node) = tool(test, "node") else { return };
    let judged =
        |variant: &str| app(peer(&node, library, variant).path(), &["verify", "cdktf.out", "--format", "json"]);

    let verdict = judged("isolated").done("isolated").json();
    assert_eq!((&verdict["summary"]["tenants"], &verdict["summary"]["pairs"]), (&json!(2), &json!(2)), "{library}");

    let found = findings(&judged("leaky"));
    assert_eq!(found.len(), 2, "{library}: {found:?}");
    for (finding, (from, to)) in found.iter().zip([("acme", "bolt"), ("bolt", "acme")]) {
        assert_eq!((&finding["rule"], &finding["access"]["to"]), (&json!("no-cross-tenant-access"), &json!(to)));
        let statement = &finding["access"]["statements"][0];
        assert_eq!(statement["stack"], format!("tenant-{from}-dev"), "{library}");
        assert_eq!((&statement["resource"], &statement["sid"]), (&json!("aws_iam_role.worker"), &json!("Objects")));
    }

    let found = findings(&judged("opaque"));
    for address in ["aws_iam_role_policy.computed", "aws_appsync_graphql_api.api"] {
        let names = |finding: &&Value| finding["rule"] == "fully-read" && finding["resource"] == address;
        assert_eq!(found.iter().filter(names).count(), 2, "{library} {address}: {found:?}");
    }
}

#[test]
fn a_fleet_of_plain_cdktf_gets_a_sensible_verdict() {
    peers_are_judged("a_fleet_of_plain_cdktf_gets_a_sensible_verdict", "cdktf");
}

#[test]
fn a_fleet_of_plain_cdktn_gets_a_sensible_verdict() {
    peers_are_judged("a_fleet_of_plain_cdktn_gets_a_sensible_verdict", "cdktn");
}
