//! Tenants that go, that are pinned, and that were forgotten: what is written and what is judged while AWS still has something of them.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const ACME: &str = r#"{ "id": "acme-corp", "network_index": 0 }"#;
const RETAIL: &str = r#"{ "id": "retail-co", "network_index": 2 }"#;
const RETAIL_REMOVED: &str = r#"{ "id": "retail-co", "network_index": 2, "state": "removed" }"#;
const STACK: &str = "tenant-retail-co-dev";

struct Project(tempfile::TempDir);

impl Project {
    /// Both tenants synthesised, and the second one recorded as deployed with that document.
    fn deployed() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.tenants(&[ACME, RETAIL]);
        project.done(&[]);
        project.record(json!({ "status": "deployed" }));
        fs::copy(project.document(), project.home().join("applied.tf.json")).unwrap();
        project
    }

    fn tenants(&self, tenants: &[&str]) {
        let text = format!(r#"{{ "environment_suffix": "dev", "tenants": [{}] }}"#, tenants.join(","));
        fs::write(self.0.path().join("tenants.json"), text).unwrap();
    }

    fn home(&self) -> PathBuf {
        self.0.path().join(".palisade/stacks").join(STACK)
    }

    /// The record of the second tenant.
    fn record(&self, fields: Value) {
        let mut record = json!({ "format": 1, "stack": STACK, "attempt": 1 });
        record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        fs::create_dir_all(self.home()).unwrap();
        fs::write(self.home().join("record.json"), record.to_string()).unwrap();
    }

    fn document(&self) -> PathBuf {
        self.0.path().join("cdktf.out/stacks").join(STACK).join("cdk.tf.json")
    }

    fn written(&self) -> Value {
        serde_json::from_slice(&fs::read(self.document()).unwrap()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
        for variable in
            ["CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "PALISADE_ENVIRONMENT_SUFFIX", "PALISADE_REGION", "PALISADE_BACKEND"]
        {
            command.env_remove(variable);
        }
        command.current_dir(self.0.path()).args(arguments).output().unwrap()
    }

    /// What a run said that must have succeeded.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run said that must have failed.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--format", "json"]].concat())).unwrap()
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Terraform destroys what its state has and the document does not. An empty document can make nothing anew.
#[test]
fn a_removed_tenant_keeps_a_stack_without_resources_until_its_destroy_is_recorded() {
    let project = Project::deployed();
    let before = project.written();
    project.tenants(&[ACME, RETAIL_REMOVED]);
    project.done(&[]);
    let document = project.written();
    let sections: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(sections, ["//", "provider", "terraform"]);
    assert_eq!((&document["provider"], &document["terraform"]), (&before["provider"], &before["terraform"]));
    assert_eq!(document["//"]["outputs"], json!({ STACK: {} }));

    let manifest: Value = serde_json::from_str(&text(&project.0.path().join("cdktf.out/manifest.json"))).unwrap();
    let annotation = &manifest["stacks"][STACK]["annotations"][0];
    assert_eq!(annotation["level"], "@cdktf/info");
    assert!(annotation["message"].as_str().unwrap().contains("deploying it destroys what the tenant has"));

    let listed = &project.json(&["list", "--tenant", "retail-co"])["stacks"][0];
    assert_eq!(
        (&listed["stack"], &listed["state"], &listed["resources"]),
        (&json!(STACK), &json!("removed"), &json!(0))
    );

    project.record(json!({ "status": "destroyed", "operation": "destroy" }));
    let said = project.done(&[]);
    assert!(said.contains(&format!("removed  {STACK}: its destroy is recorded")), "{said}");
    assert!(!project.document().exists());
    let said = project.refused(&["list", "--tenant", "retail-co"]);
    assert!(said.contains("the tenants file says `removed`, and its destroy is recorded"), "{said}");
}

/// A record that cannot be read, or none, is no proof that nothing is there.
#[test]
fn only_a_recorded_destroy_lets_the_stack_of_a_removed_tenant_go() {
    let project = Project::deployed();
    project.tenants(&[ACME, RETAIL_REMOVED]);
    for record in [json!({ "status": "failed", "operation": "destroy" }), json!({ "status": "deployed" }), json!({})] {
        project.record(record.clone());
        project.done(&[]);
        assert!(project.document().exists(), "{record}");
    }
    fs::write(project.home().join("record.json"), "{").unwrap();
    let said = project.done(&[]);
    assert!(project.document().exists() && said.contains("counts as standing"), "{said}");
    fs::remove_file(project.home().join("record.json")).unwrap();
    project.done(&[]);
    assert!(project.document().exists());
}

/// The empty document grants nothing, but AWS still has what was deployed.
#[test]
fn what_aws_still_has_of_a_removed_tenant_is_judged() {
    let project = Project::deployed();
    project.tenants(&[ACME, RETAIL_REMOVED]);
    let report = project.json(&["synth"]);
    assert_eq!(report["isolation"]["tenants"], 2, "the one that goes is judged by what it was deployed with");
    let copy = project.home().join("applied.tf.json");
    let open = text(&copy).replace("tenant-retail-co-data-dev", "tenant-acme-corp-data-dev");
    fs::write(&copy, open).unwrap();
    let said = project.refused(&["synth"]);
    assert!(said.contains("isolation is not proved") && said.contains(STACK), "{said}");
    project.record(json!({ "status": "destroyed", "operation": "destroy" }));
    assert_eq!(project.json(&["synth"])["isolation"]["tenants"], 1);
}

#[test]
fn a_damaged_copy_of_what_was_deployed_is_named_and_nothing_is_written() {
    let project = Project::deployed();
    project.tenants(&[ACME, RETAIL_REMOVED]);
    fs::write(project.home().join("applied.tf.json"), "{").unwrap();
    let before = text(&project.document());
    let said = project.refused(&["synth"]);
    assert!(said.contains("`applied.tf.json` beside its record, cannot be read"), "{said}");
    assert_eq!(text(&project.document()), before);
}

#[test]
fn a_tenant_that_was_deleted_from_the_file_is_told_with_how_to_bring_it_back() {
    let project = Project::deployed();
    project.tenants(&[ACME]);
    let said = project.done(&[]);
    assert!(said.contains("tenant `retail-co` is not in the tenants file any more"), "{said}");
    assert!(said.contains(r#"`{ "id": "retail-co", "network_index": 2, "state": "removed" }`"#), "{said}");
    assert!(said.contains("`app deploy --tenant retail-co` destroys them"), "{said}");
    project.record(json!({ "status": "destroyed", "operation": "destroy" }));
    assert!(!project.done(&[]).contains("orphaned"));
}

/// Its network is still there: who got its index would be its neighbour in the same addresses.
#[test]
fn the_index_of_a_forgotten_tenant_that_stands_cannot_be_given_to_another() {
    let project = Project::deployed();
    project.tenants(&[ACME, r#"{ "id": "newcomer", "network_index": 2 }"#]);
    let said = project.refused(&["synth"]);
    assert!(
        said.contains("overlap") && said.contains("note: tenant `retail-co` is not in the tenants file any more"),
        "{said}"
    );
}

/// Records of another environment lie beside the same states.
#[test]
fn stacks_of_another_environment_are_not_taken_for_forgotten_ones() {
    let project = Project::deployed();
    project.tenants(&[ACME]);
    assert!(!project.done(&["--environment-suffix", "prod", "--output", "prod"]).contains("orphaned"));
}

#[test]
fn a_pinned_tenant_is_written_and_judged_as_it_was_deployed() {
    let project = Project::deployed();
    let pinned = json!({ "status": "deployed", "pin": { "since": "2026-01-01T00:00:00Z" } });
    project.record(pinned);
    let before = text(&project.document());
    project.done(&["--region", "eu-west-1"]);
    assert!(text(&project.document()) == before, "it is written as it was deployed");
    let other = text(&project.0.path().join("cdktf.out/stacks/tenant-acme-corp-dev/cdk.tf.json"));
    assert!(other.contains("eu-west-1"));
    project.record(json!({ "status": "deployed" }));
    project.done(&["--region", "eu-west-1"]);
    assert!(text(&project.document()) != before, "without the pin it is brought up to date");
}
