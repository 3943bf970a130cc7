//! Where a tenant stands follows from what became of its runs.

use serde_json::{Value, json};

use super::project::{ACME, Fleet, RETAIL};

fn tenant(fleet: &Fleet, id: &str) -> Value {
    fleet.document(&["tenants", "status", id])
}

fn status(fleet: &Fleet, id: &str) -> String {
    tenant(fleet, id)["tenant"]["status"].as_str().unwrap().to_owned()
}

fn done(tenant: &Value) -> Vec<&str> {
    tenant["history"].as_array().unwrap().iter().map(|change| change["what"].as_str().unwrap()).collect()
}

#[test]
fn a_tenant_that_signs_up_is_active_once_it_is_deployed_and_gone_once_it_is_destroyed() {
    let fleet = Fleet::new();
    fleet.run(&["tenants", "add", "newco"]).done("add");
    assert_eq!(status(&fleet, "newco"), "requested");
    fleet.deploy(&["--tenant", "newco"]);
    let told = tenant(&fleet, "newco");
    let entry = &told["tenant"];
    assert_eq!((&entry["status"], &entry["lease"], &entry["failure"]), (&json!("active"), &Value::Null, &Value::Null));
    assert_eq!((&entry["outputs"]["tenant_id"], &entry["next_step"]), (&json!("newco"), &json!("nothing")));
    assert_eq!(done(&told), ["signed_up", "leased", "provisioned"]);
    assert_eq!(status(&fleet, "acme-corp"), "requested", "it was not meant");

    fleet.deploy(&["--tenant", "newco"]);
    assert_eq!(done(&tenant(&fleet, "newco")).len(), 3, "nothing changed, so nothing is noted");

    fleet.run(&["tenants", "remove", "newco"]).done("remove");
    assert_eq!(status(&fleet, "newco"), "deprovisioning");
    fleet.deploy(&["--tenant", "newco"]);
    let told = tenant(&fleet, "newco");
    assert_eq!(told["tenant"]["status"], "removed");
    assert_eq!(done(&told)[3..], ["offboarded", "leased", "deprovisioned"]);
    let next = fleet.document(&["tenants", "add", "othernewco"]);
    assert_eq!(next["tenant"]["network_index"], 4, "the index of a tenant that is gone rests");
    let events = std::fs::read_to_string(fleet.path().join(".palisade/events.jsonl")).unwrap();
    let of = |kind: &str| events.matches(&format!(r#""detail-type":"{kind}""#)).count();
    assert_eq!((of("TenantProvisioned"), of("TenantDeprovisioned")), (1, 1), "{events}");
}

#[test]
fn a_failed_run_is_noted_with_what_to_do_and_forgotten_once_another_one_succeeds() {
    let fleet = Fleet::new();
    fleet.synth();
    let quota = "creating EC2 VPC: operation error EC2: CreateVpc, api error VpcLimitExceeded: The maximum number of VPCs has been reached.";
    let fault = json!({ "at": "before", "resource": "aws_vpc.tenant", "fail": { "summary": quota, "detail": "" } });
    fleet.script(RETAIL, json!({ "faults": [fault] }));
    fleet.told(&["deploy", "--auto-approve"]);
    let told = tenant(&fleet, "retail-co");
    let entry = &told["tenant"];
    assert_eq!((&entry["status"], &entry["failure"]["address"]), (&json!("failed"), &json!("aws_vpc.tenant")));
    assert!(entry["next_step"].as_str().unwrap().contains("request a higher quota"), "{entry:#}");
    assert_eq!(status(&fleet, "acme-corp"), "active");

    fleet.repair(RETAIL);
    fleet.deploy(&["--resume"]);
    let told = tenant(&fleet, "retail-co");
    assert_eq!((&told["tenant"]["status"], &told["tenant"]["failure"]), (&json!("active"), &Value::Null));

    fleet.fail(ACME, "start", "creating nothing: api error AccessDenied: no");
    fleet.told(&["deploy", "--auto-approve", "--tenant", "acme-corp"]);
    let told = tenant(&fleet, "acme-corp");
    assert_eq!(told["tenant"]["status"], "active", "what stands stays");
    assert!(told["tenant"]["failure"]["cause"].as_str().unwrap().contains("AccessDenied"), "{told:#}");
}

#[test]
fn who_takes_down_what_is_to_stand_reads_it_where_the_tenant_stands() {
    let fleet = Fleet::new();
    fleet.deploy(&[]);
    fleet.run(&["destroy", "--auto-approve", "--tenant", "acme-corp"]).done("destroy");
    let told = tenant(&fleet, "acme-corp");
    let next = told["tenant"]["next_step"].as_str().unwrap();
    assert!(
        next.contains("`app destroy` took the environment down; `app deploy --tenant acme-corp` makes it again"),
        "{next}"
    );
    fleet.deploy(&["--tenant", "acme-corp"]);
    assert_eq!(tenant(&fleet, "acme-corp")["tenant"]["next_step"], "nothing");
}

#[test]
fn the_lease_of_a_run_that_was_killed_is_taken_up_by_the_next() {
    let fleet = Fleet::new();
    fleet.synth();
    fleet.script(ACME, json!({ "faults": [{ "at": "start", "hang": { "millis": 5_000, "obeys": true } }] }));
    let mut run = fleet.start(&["deploy", "--auto-approve", "--tenant", "acme-corp"]);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while status(&fleet, "acme-corp") != "provisioning" {
        assert!(std::time::Instant::now() < patience, "it never began");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let told = tenant(&fleet, "acme-corp");
    assert!(told["tenant"]["next_step"].as_str().unwrap().starts_with("a run of `app` is under way"), "{told:#}");
    fleet.repair(ACME);
    fleet.deploy(&["--tenant", "acme-corp"]);
    assert_eq!(status(&fleet, "acme-corp"), "active");
}

#[test]
fn a_registry_that_cannot_be_read_costs_no_deployment() {
    let fleet = Fleet::new();
    std::fs::create_dir_all(fleet.path().join(".palisade")).unwrap();
    std::fs::write(fleet.path().join(".palisade/registry.json"), "no registry").unwrap();
    let run = fleet.deploy(&[]);
    assert!(run.stderr.contains("warning: where the tenants stand is not noted: "), "{}", run.stderr);
    assert!(run.stderr.contains("registry.json` is no registry of this program"), "{}", run.stderr);
}

/// "one meaning only": whichever command pins a tenant, it stays at what is deployed, and is shown as pinned to the release that deployed it.
#[test]
fn a_tenant_is_pinned_by_either_command_and_goes_on_again_by_either() {
    let fleet = Fleet::new();
    let version = env!("CARGO_PKG_VERSION");
    let pin = |fleet: &Fleet| tenant(fleet, "acme-corp")["tenant"]["pinned"].clone();
    let stays = |fleet: &Fleet, stack: &str| {
        let run = fleet.document(&["deploy", "--auto-approve"]);
        let stack = run["stacks"].as_array().unwrap().iter().find(|it| it["stack"] == stack).unwrap().clone();
        stack["status"] == "pinned"
    };
    let refused = |arguments: &[&str]| fleet.run(arguments).stderr;
    let said = refused(&["tenants", "pin", "acme-corp"]);
    assert!(said.contains("no release is recorded that made the environment of tenant `acme-corp`"), "{said}");
    fleet.deploy(&[]);
    for wrong in ["latest", "../0.1.0", "0.1.0/x", "1.2", "$(id)"] {
        let said = refused(&["tenants", "pin", "acme-corp", wrong]);
        assert!(said.contains("is no version of a release"), "{wrong}: {said}");
    }
    let said = refused(&["tenants", "pin", "acme-corp", "9.9.9"]);
    assert!(said.contains(&format!("was made by release {version}, not 9.9.9")), "{said}");
    assert_eq!(pin(&fleet), Value::Null, "nothing that was refused pins");

    // By the one, …
    fleet.run(&["tenants", "pin", "acme-corp", version]).done("pin");
    assert_eq!(pin(&fleet), version);
    let shown = fleet.run(&["tenants", "list"]).done("list").stdout;
    assert!(shown.contains(&format!("{version}, pinned")), "{shown}");
    assert!(stays(&fleet, ACME) && !stays(&fleet, RETAIL));
    assert_eq!(tenant(&fleet, "acme-corp")["tenant"]["status"], "active", "it is as it was");
    fleet.run(&["deploy", "--auto-approve", "--unpin", "acme-corp"]).done("unpin on its way");
    assert_eq!(pin(&fleet), Value::Null);
    // … and by the other.
    fleet.run(&["deploy", "--auto-approve", "--pin", "acme-corp"]).done("pin on its way");
    assert_eq!(pin(&fleet), version);
    assert!(stays(&fleet, ACME));
    fleet.run(&["tenants", "unpin", "acme-corp"]).done("unpin");
    assert_eq!(pin(&fleet), Value::Null);
    assert!(!stays(&fleet, ACME));
    assert_eq!(done(&tenant(&fleet, "acme-corp"))[3..], ["pinned", "pinned", "pinned", "pinned"]);
}
