//! Tenants that go, and tenants that stay as they are.

use serde_json::json;

use super::project::{ACME, FLEET, Fleet, PLATFORM, RETAIL, TECH, endings};

/// "A tenant whose state is `removed` is torn down from recorded state, and its stack kept synthesised until then"
#[test]
fn a_removed_tenant_is_destroyed_by_a_deployment_and_then_leaves_the_output() {
    let fleet = Fleet::new();
    fleet.deploy(&[]);
    fleet.tenants(&[("acme-corp", 0, None), ("tech-startup", 1, None), ("retail-co", 2, Some("removed"))]);
    let planned = fleet.document(&["plan", "--tenant", "retail-co"]);
    assert_eq!((planned["changes"]["remove"].as_u64(), planned["changes"]["add"].as_u64()), (Some(64), Some(0)));
    assert_eq!(fleet.declared(RETAIL), 0);

    let done = fleet.document(&["deploy", "--auto-approve"]);
    let expected = [(PLATFORM, "unchanged"), (ACME, "unchanged"), (RETAIL, "destroyed"), (TECH, "unchanged")];
    assert_eq!(endings(&done), expected);
    assert_eq!(fleet.resources(RETAIL), 0);

    let next = fleet.document(&["deploy", "--auto-approve"]);
    assert_eq!(endings(&next).len(), 3, "its destroy is recorded, and it has no stack any more");
}

/// "Destroy of what was never deployed is a no-op"
#[test]
fn a_tenant_that_was_removed_before_it_was_ever_deployed_costs_nothing() {
    let fleet = Fleet::new();
    fleet.tenants(&[("acme-corp", 0, None), ("retail-co", 2, Some("removed"))]);
    let done = fleet.document(&["deploy", "--auto-approve"]);
    assert!(endings(&done).contains(&(RETAIL, "absent")), "{done}");
    assert_eq!(endings(&fleet.document(&["deploy", "--auto-approve"])).len(), 2);
}

#[test]
fn a_tenant_that_was_forgotten_in_the_file_is_told_by_every_command_and_can_be_brought_back() {
    let fleet = Fleet::new();
    fleet.deploy(&[]);
    fleet.tenants(&[("acme-corp", 0, None), ("tech-startup", 1, None)]);
    for command in [&["synth"][..], &["plan"], &["deploy", "--auto-approve"]] {
        let run = fleet.run(command).done("forgotten");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("tenant `retail-co` is not in the tenants file any more"), "{command:?}: {said}");
        assert!(said.contains(r#"{ "id": "retail-co", "network_index": 2, "state": "removed" }"#), "{said}");
    }
    fleet.tenants(&[("acme-corp", 0, None), ("tech-startup", 1, None), ("retail-co", 2, Some("removed"))]);
    let done = fleet.document(&["deploy", "--auto-approve", "--tenant", "retail-co"]);
    assert_eq!(endings(&done), [(RETAIL, "destroyed")]);
}

#[test]
fn a_pinned_tenant_stays_as_it_is_while_the_others_are_brought_up_to_date() {
    let fleet = Fleet::new();
    fleet.deploy(&[]);
    let before = std::fs::read(fleet.stack(ACME).join("cdk.tf.json")).unwrap();
    let done = fleet.document(&["deploy", "--auto-approve", "--region", "eu-west-1", "--pin", "acme-corp"]);
    let expected = [(PLATFORM, "deployed"), (ACME, "pinned"), (RETAIL, "deployed"), (TECH, "deployed")];
    assert_eq!(endings(&done), expected);
    assert_eq!(done["pins"][ACME]["document"], fleet.record(ACME)["deployed"]["document"]);
    assert!(std::fs::read(fleet.stack(ACME).join("cdk.tf.json")).unwrap() == before, "every tool leaves it as it is");

    let shown = fleet.deploy(&["--region", "eu-west-1"]);
    assert!(shown.stdout.contains("pinned    tenant-acme-corp-dev: since 20"), "{}", shown.stdout);
    let kept = fleet.document(&["destroy", "--auto-approve"]);
    assert!(endings(&kept).contains(&(ACME, "pinned")), "{kept}");

    let done = fleet.document(&["deploy", "--auto-approve", "--region", "eu-west-1", "--unpin", "acme-*"]);
    assert!(endings(&done).contains(&(ACME, "deployed")), "{done}");
    assert_eq!(done["pins"], json!(null));
}

#[test]
fn stacks_are_chosen_by_patterns_and_the_platform_by_name() {
    let fleet = Fleet::new();
    let deployed = |arguments: &[&str]| -> Vec<String> {
        let done = fleet.document(&[&["deploy", "--auto-approve"], arguments].concat());
        endings(&done).into_iter().map(|(stack, _)| stack.to_owned()).collect()
    };
    assert_eq!(deployed(&["--tenant", "*-co*"]), [ACME, RETAIL]);
    assert_eq!(deployed(&["--platform"]), [PLATFORM]);
    assert_eq!(deployed(&["--tenant", "tech-startup", "--platform"]), [PLATFORM, TECH]);
    assert_eq!(deployed(&[]), FLEET);
}
