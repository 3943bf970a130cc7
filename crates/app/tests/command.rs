//! The program from outside: what it says, where, and with which exit status.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const TENANTS: &str = r#"{ "environment_suffix": "dev", "tenants": [
    { "id": "acme-corp", "network_index": 0 },
    { "id": "retail-co", "network_index": 2, "state": "suspended" },
    { "id": "gone-inc", "network_index": 3, "state": "removed" } ] }"#;

fn app(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
    for variable in
        ["CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "PALISADE_ENVIRONMENT_SUFFIX", "PALISADE_REGION", "PALISADE_BACKEND"]
    {
        command.env_remove(variable);
    }
    command.current_dir(directory).args(arguments).output().unwrap()
}

fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("tenants.json"), TENANTS).unwrap();
    directory
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The CDKTF CLIs show every line of stderr as an error.
#[test]
fn a_synthesis_says_nothing_on_stderr_and_writes_where_the_manifest_says() {
    let project = project();
    let output = app(project.path(), &[]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let out = project.path().join("cdktf.out");
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let stacks = manifest["stacks"].as_object().unwrap();
    let names: Vec<&String> = stacks.keys().collect();
    assert_eq!(
        names,
        ["platform-dev", "tenant-acme-corp-dev", "tenant-gone-inc-dev", "tenant-retail-co-dev"],
        "a removed tenant keeps its stack until its destroy is recorded"
    );
    for (name, stack) in stacks {
        let document = fs::read(out.join(stack["synthesizedStackPath"].as_str().unwrap())).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
        assert_eq!(document["resource"].is_object(), name != "tenant-gone-inc-dev", "{name}");
    }
}

#[test]
fn the_place_of_a_project_does_not_reach_its_stacks() {
    let (one, other) = (project(), project());
    let written = |project: &Path| {
        assert!(app(project, &[]).status.success());
        fs::read(project.join("cdktf.out/stacks/tenant-acme-corp-dev/cdk.tf.json")).unwrap()
    };
    assert!(written(one.path()) == written(other.path()));
}

#[test]
fn a_second_synthesis_leaves_files_alone() {
    let project = project();
    let file = project.path().join("cdktf.out/stacks/platform-dev/cdk.tf.json");
    app(project.path(), &[]);
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let again = app(project.path(), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["files_written"], 0);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
}

#[test]
fn a_synthesis_that_fails_leaves_the_output_as_it_was() {
    let project = project();
    app(project.path(), &[]);
    let manifest = project.path().join("cdktf.out/manifest.json");
    let before = fs::read(&manifest).unwrap();
    fs::write(project.path().join("tenants.json"), "{").unwrap();
    let output = app(project.path(), &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
    assert_eq!(fs::read(&manifest).unwrap(), before);
}

#[test]
fn errors_name_what_is_wrong_and_what_would_do() {
    let project = project();
    fs::create_dir(project.path().join("directory")).unwrap();
    fs::create_dir(project.path().join("thesis")).unwrap();
    fs::write(project.path().join("thesis/chapter.txt"), "").unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--tenants-file", "none.json"], 1, "there is no tenants file `none.json`; name one with `--tenants-file`"),
        (&["--tenants-file", "directory"], 1, "cannot read the tenants file `directory`"),
        (&["--output", "tenants.json"], 1, "is a file; choose another one with `--output`"),
        (&["--output", "thesis"], 1, "holds `chapter.txt`, which is not of this program"),
        (&["--region", "mars"], 1, "flag `--region`: `mars` is no AWS region"),
        (&["outputs", "--tenant", "acme-crop"], 1, "did you mean `acme-corp`?"),
        (&["api", "--tenant", "gone-inc"], 1, "the tenants file says `removed`"),
        (&["plan", "--tenant", "acme*x"], 1, "no tenant with a stack fits `acme*x`; the nearest id is `acme-corp`"),
        (&["deploy", "--tenant", "acme*x"], 1, "no tenant with a stack fits `acme*x`; the nearest id is `acme-corp`"),
        (&["deploy", "--tenant", "Acme"], 2, "no tenant id has 'A'; ids are made of a-z, 0-9 and `-`"),
        (&["deploy", "--waves", "1,10%"], 2, "the last wave is `10%`"),
        (&["deploy", "--failure-budget", "few"], 2, "`few` is no failure budget"),
        (&["deploy", "--health", "url", "--health-command", "x"], 2, "cannot be used with"),
        (&["outputs", "--output-file", "o.json"], 1, "no stack is recorded as deployed; run `app deploy`"),
        (&["list", "--tenant", "zzz"], 1, "`app list` shows those that have one"),
        (&["sinth"], 2, "synth"),
        (&["list", "--format", "xml"], 2, "human, json"),
    ];
    for (arguments, status, message) in cases {
        let output = app(project.path(), arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(*status), "{arguments:?}: {said}");
        assert!(said.contains(message), "{arguments:?}: {said}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
}

/// Every JSON document says which version of itself it is.
#[test]
fn programs_get_one_json_document() {
    let project = project();
    for command in ["synth", "list", "outputs"] {
        let output = app(project.path(), &[command, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["format_version"], "1", "{command}");
    }
}
