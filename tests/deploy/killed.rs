//! What is killed, or cut off, in the middle, with states in S3: the next run finds what happened and converges.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::aws::ACCOUNT;
use super::fleet::{Fleet, PATIENCE, PROVIDER, more, outcome, statuses};
use crate::support::wait_for;

const TEST: &str = "what_is_killed_in_the_middle_converges_with_the_next_run";
const STACK: &str = "tenant-acme-corp-dev";
const STATES: &str = "palisade-states";
const LOCK: &str = "tenants/tenant-acme-corp-dev.tfstate.tflock";

const DEPLOY: [&str; 4] = ["deploy", "--auto-approve", "--tenant", "acme-corp"];

/// "SIGKILL of `app`, of terraform, of the provider, […] a lost network: the next run finds what happened, offers the safe way (`--unlock`
/// only when the holder is gone, recorded) and converges. No state is ever deleted."
/// "S3 backend: bucket, key per stack, KMS, `use_lockfile`; tested against the emulator, with lock contention."
#[test]
fn what_is_killed_in_the_middle_converges_with_the_next_run() {
    let Some(fleet) = Fleet::new(TEST, &["acme-corp"]) else { return };
    let key = make_a_place_for_states(&fleet);
    let before = fleet.aws.inventory();
    let vpc = terraform_is_killed_while_aws_makes_a_vpc(&fleet, &before);
    the_lock_is_broken_and_the_provider_killed(&fleet);
    another_machine_waits_for_the_lock_and_this_program_is_killed(&fleet);
    assert_eq!(vpcs(&fleet, &before), [vpc.as_str()], "what was being created is taken over and not created again");
    assert!(state(&fleet).contains(&vpc), "by the state, too");
    the_network_is_lost_in_a_plan_and_a_destroy(&fleet);
    fleet.step("look for what is left");
    assert_eq!(more(&fleet.aws.inventory(), &before), [""; 0]);
    the_state_is_there_empty_and_under_its_key(&fleet, &key);
    fleet.step("done");
}

/// The bucket and the key of the states, which the stacks of the platform make in AWS.
fn make_a_place_for_states(fleet: &Fleet) -> String {
    fleet.aws.s3("test", &format!("PUT /{STATES}"), &[], "");
    let key = fleet.aws.call("kms", "TrentService.CreateKey", &json!({}))["KeyMetadata"]["KeyId"]
        .as_str()
        .expect("a key")
        .to_owned();
    let backend = json!({ "type": "s3", "bucket": STATES, "key_prefix": "tenants", "kms_key_id": key });
    fleet.write_tenants(&[("acme-corp", "active")], &backend);
    key
}

fn lock_is_held(fleet: &Fleet) -> bool {
    fleet.aws.s3("test", &format!("GET /{STATES}?list-type=2"), &[], "").contains(LOCK)
}

/// The VPCs that were made since.
fn vpcs(fleet: &Fleet, before: &BTreeSet<String>) -> Vec<String> {
    let new = more(&fleet.aws.inventory(), before);
    new.iter().filter_map(|name| name.strip_prefix("Vpcs ")).map(str::to_owned).collect()
}

/// AWS makes a VPC, and Terraform is killed before it hears of it.
fn terraform_is_killed_while_aws_makes_a_vpc(fleet: &Fleet, before: &BTreeSet<String>) -> String {
    fleet.step("kill terraform");
    let directory = fleet.path("");
    fleet.aws.hold_ec2(Some("Action=CreateVpc&"));
    let mut run = fleet.start(&directory, &DEPLOY);
    fleet.wait_for_resource("Buckets tenant-acme-corp-data-dev", &mut run);
    let vpc = wait_for("a VPC", PATIENCE, || {
        run.must_run();
        if fleet.aws.holds_ec2() { vpcs(fleet, before).pop() } else { None }
    });
    fleet.kill_while_creating(STACK, "terraform", &mut run);
    let run = run.end(1);
    let failed = outcome(&run, STACK);
    assert_eq!([&failed["status"], &failed["failure"]["class"]], ["failed", "crash"], "{run:#}");
    wait_for("the end of the provider", PATIENCE, || fleet.processes(STACK, PROVIDER).is_empty().then_some(()));
    fleet.aws.hold_ec2(None);
    assert!(lock_is_held(fleet), "a killed Terraform leaves its lock");

    fleet.step("a run that may not break the lock");
    let run = fleet.app(&DEPLOY, 1);
    let failure = &outcome(&run, STACK)["failure"];
    assert_eq!(failure["class"], "lock_held", "{run:#}");
    assert!(failure["fix"].as_str().is_some_and(|fix| fix.contains("--unlock")), "{failure:#}");
    assert!(lock_is_held(fleet), "and it does not");
    vpc
}

fn the_lock_is_broken_and_the_provider_killed(fleet: &Fleet) {
    fleet.step("break the lock, and kill the provider");
    let directory = fleet.path("");
    let mut run = fleet.start(&directory, &[&DEPLOY[..], &["--unlock"]].concat());
    fleet.kill_while_creating(STACK, PROVIDER, &mut run);
    let run = run.end(1);
    let failure = &outcome(&run, STACK)["failure"];
    assert_eq!(failure["class"], "crash", "{run:#}");
    assert!(!lock_is_held(fleet), "Terraform outlives its provider and releases its lock");
    let record = std::fs::read(fleet.path(&format!(".palisade/stacks/{STACK}/record.json"))).expect("a record");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!(record["unlocks"].as_array().map(Vec::len), Some(1), "{record:#}");
}

fn another_machine_waits_for_the_lock_and_this_program_is_killed(fleet: &Fleet) {
    fleet.step("go on; meanwhile, another checkout");
    let directory = fleet.path("");
    let mut run = fleet.start(&directory, &DEPLOY);
    // It keeps the lock for as long as the other one asks for it: it waits for an answer.
    let mut is_kept = false;
    wait_for("a Terraform that waits with the lock", PATIENCE, || {
        run.must_run();
        let (waits, is_locked) = (fleet.aws.holds_ec2(), lock_is_held(fleet));
        if is_locked && !is_kept || !is_locked && waits {
            is_kept = is_locked;
            fleet.aws.hold_ec2(is_kept.then_some("Action=Describe"));
        }
        (waits && is_locked).then_some(())
    });
    let elsewhere = fleet.second_checkout();
    let other = fleet.start(elsewhere.path(), &["plan", "--tenant", "acme-corp"]);
    let refused = other.end(1);
    let failure = &outcome(&refused, STACK)["failure"];
    assert_eq!(failure["class"], "lock_held", "{refused:#}");

    fleet.step("kill this program");
    run.kill();
    fleet.aws.hold_ec2(None);
    fleet.step("the next run");
    let run = fleet.app(&DEPLOY, 0);
    let ended = statuses(&run);
    assert!(ended == [(STACK, "deployed")] || ended == [(STACK, "unchanged")], "{run:#}");
}

fn the_network_is_lost_in_a_plan_and_a_destroy(fleet: &Fleet) {
    fleet.step("plan");
    let run = fleet.app(&["plan", "--tenant", "acme-corp"], 0);
    assert_eq!(statuses(&run), [(STACK, "unchanged")], "{run:#}");

    fleet.step("destroy what the state does not know of either, and lose the network");
    what_aws_names_is_lost(fleet);
    let all = fleet.aws.inventory();
    let directory = fleet.path("");
    let mut run = fleet.start(&directory, &["destroy", "--auto-approve", "--tenant", "acme-corp"]);
    wait_for("the first to go", PATIENCE, || {
        run.must_run();
        (fleet.aws.inventory().len() < all.len()).then_some(())
    });
    fleet.aws.shut();
    std::thread::sleep(std::time::Duration::from_secs(10));
    run.must_run();
    fleet.aws.open();
    let run = run.end(0);
    assert_eq!(statuses(&run), [(STACK, "destroyed")], "{run:#}");
}

/// As a Terraform leaves it that is killed while AWS makes one of each kind that AWS alone names: the state has none of them, and of
/// their ids nothing is known.
fn what_aws_names_is_lost(fleet: &Fleet) {
    const LOST: [&str; 10] = [
        "aws_kms_key.tenant",
        "aws_network_acl.private",
        "aws_route_table.private",
        "aws_route_table_association.private_a",
        "aws_security_group.endpoints",
        "aws_subnet.private_a",
        "aws_vpc.tenant",
        "aws_vpc_endpoint.s3",
        "aws_vpc_security_group_egress_rule.functions_to_s3",
        "aws_vpc_security_group_ingress_rule.endpoints_from_functions",
    ];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut whole: Value = serde_json::from_str(&state(fleet)).expect("a state");
    let resources = whole["resources"].as_array_mut().expect("resources");
    let before = resources.len();
    resources.retain(|it| !LOST.contains(&format!("{}.{}", text(&it["type"]), text(&it["name"])).as_str()));
    assert_eq!(before - resources.len(), LOST.len());
    whole["serial"] = json!(whole["serial"].as_u64().expect("a number") + 1);
    fleet.aws.s3("test", &format!("PUT {STATE}"), &[], &whole.to_string());
    let path = fleet.path(&format!(".palisade/stacks/{STACK}/record.json"));
    let mut record: Value = serde_json::from_slice(&std::fs::read(&path).expect("a record")).expect("JSON");
    let doubtful =
        LOST.map(|address| json!({ "address": address, "resource_type": address.split('.').next(), "id": null }));
    record["doubtful"] = json!(doubtful);
    std::fs::write(&path, record.to_string()).expect("the record");
}

/// Where the state is.
const STATE: &str = "/palisade-states/tenants/tenant-acme-corp-dev.tfstate";

fn state(fleet: &Fleet) -> String {
    fleet.aws.s3("test", &format!("GET {STATE}"), &[], "")
}

fn the_state_is_there_empty_and_under_its_key(fleet: &Fleet, key: &str) {
    let state: Value = serde_json::from_str(&state(fleet)).expect("a state");
    assert_eq!(state["resources"], json!([]));
    let head = fleet.aws.s3_headers(&format!("HEAD {STATE}"));
    let encrypted =
        |name: &str| head.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    assert_eq!(encrypted("x-amz-server-side-encryption").as_deref(), Some("aws:kms"));
    let by = encrypted("x-amz-server-side-encryption-aws-kms-key-id").unwrap_or_default();
    assert!(by == key || by == format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}"), "{by}");
}
