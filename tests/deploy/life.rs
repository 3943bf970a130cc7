//! The life of a fleet, in steps: a deployment of which one tenant fails, the repair, drift, other tools on the same states, a removal,
//! the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fleet::{Fleet, PATIENCE, more, outcome, statuses};
use crate::support::tools::tool;
use crate::support::wait_for;

const TEST: &str = "a_fleet_is_deployed_repaired_shrunk_and_destroyed";
const TENANTS: [&str; 3] = ["acme-corp", "tech-startup", "retail-co"];
const PLATFORM: &str = "platform-dev";
const ACME: &str = "tenant-acme-corp-dev";
const TECH: &str = "tenant-tech-startup-dev";
const RETAIL: &str = "tenant-retail-co-dev";

/// "3 tenants + platform deploy in parallel, second plan empty for every stack, `/health` of a deployed function answers through the
/// emulator, outputs file complete, one tenant broken on purpose while the others finish, repaired and resumed, destroy leaves zero
/// resources (asked of the emulator, not of the state)"
#[test]
fn a_fleet_is_deployed_repaired_shrunk_and_destroyed() {
    let Some(fleet) = Fleet::new(TEST, &TENANTS) else { return };
    let before = fleet.aws.inventory();
    one_tenant_fails_and_the_others_are_deployed(&fleet);
    the_broken_tenant_is_repaired_and_the_run_resumed(&fleet);
    a_second_plan_is_empty(&fleet);
    every_output_is_told_and_every_api_answers(&fleet);
    drift_is_found_named_and_mended(&fleet);
    the_cdktf_clis_take_over_and_give_back(&fleet);
    a_removed_tenant_goes_and_the_others_stay(&fleet);
    nothing_is_left(&fleet, &before);
}

fn one_tenant_fails_and_the_others_are_deployed(fleet: &Fleet) {
    fleet.step("deploy, while somebody else has the bucket name of one tenant");
    fleet.aws.s3("111111111111", "PUT /tenant-retail-co-data-dev", &[], "");
    let run = fleet.app(&["deploy", "--auto-approve"], 1);
    assert_eq!(statuses(&run), [(PLATFORM, "deployed"), (ACME, "deployed"), (RETAIL, "failed"), (TECH, "deployed")]);
    for (stack, declared) in declared(fleet) {
        if stack != RETAIL {
            assert_eq!(outcome(&run, &stack)["changes"]["add"], declared, "{stack}");
        }
    }
    let failure = &outcome(&run, RETAIL)["failure"];
    assert_eq!(
        [&failure["class"], &failure["phase"], &failure["address"], &failure["code"], &failure["resumable"]],
        [
            &json!("name_taken"),
            &json!("apply"),
            &json!("aws_s3_bucket.data"),
            &json!("BucketAlreadyExists"),
            &json!(false)
        ],
        "{failure:#}"
    );
    let log = std::fs::read_to_string(failure["log"].as_str().expect("a log")).expect("the log that is named");
    assert!(log.contains("BucketAlreadyExists"), "{log}");
}

/// How many resources each stack declares.
fn declared(fleet: &Fleet) -> Vec<(String, usize)> {
    let stacks = std::fs::read_dir(fleet.path("cdktf.out/stacks")).expect("stacks").flatten();
    let count = |name: &str| {
        let kinds = document(fleet, name)["resource"].as_object().expect("resources").clone();
        kinds.values().map(|kind| kind.as_object().expect("resources").len()).sum()
    };
    stacks
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .map(|name| (name.clone(), count(&name)))
        .collect()
}

fn document(fleet: &Fleet, stack: &str) -> Value {
    let text = std::fs::read(fleet.stack(stack).join("cdk.tf.json")).expect("a document");
    serde_json::from_slice(&text).expect("JSON")
}

fn the_broken_tenant_is_repaired_and_the_run_resumed(fleet: &Fleet) {
    fleet.step("repair and resume");
    fleet.aws.s3("111111111111", "DELETE /tenant-retail-co-data-dev", &[], "");
    let run = fleet.app(&["deploy", "--auto-approve", "--resume"], 0);
    assert_eq!(outcome(&run, RETAIL)["status"], "deployed");
    let others = statuses(&run).into_iter().filter(|(stack, _)| *stack != RETAIL);
    let touched: Vec<_> = others.filter(|(_, status)| *status != "unchanged").collect();
    assert_eq!(touched, [], "what was deployed is left alone");
}

fn a_second_plan_is_empty(fleet: &Fleet) {
    fleet.step("plan again");
    let run = fleet.app(&["plan"], 0);
    assert_eq!(statuses(&run), [PLATFORM, ACME, RETAIL, TECH].map(|stack| (stack, "unchanged")), "{run:#}");
    for stack in [PLATFORM, ACME, RETAIL, TECH] {
        let files: Vec<_> = std::fs::read_dir(fleet.stack(stack)).expect("a directory").flatten().collect();
        let left = files.iter().find(|file| file.file_name().to_string_lossy().contains("override"));
        assert!(left.is_none(), "{stack}: {left:?} is left");
    }
}

fn every_output_is_told_and_every_api_answers(fleet: &Fleet) {
    fleet.step("outputs and health");
    let file = fleet.path("outputs.json");
    fleet.app(&["outputs", "--output-file", "outputs.json"], 0);
    let told: Value = serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON");
    for stack in [PLATFORM, ACME, RETAIL, TECH] {
        let declared = document(fleet, stack)["output"].as_object().expect("outputs").clone();
        let outputs = told["stacks"][stack]["outputs"].as_object().unwrap_or_else(|| panic!("{stack}: {told:#}"));
        assert_eq!(outputs.keys().collect::<Vec<_>>(), declared.keys().collect::<Vec<_>>(), "{stack}");
        let empty = outputs.iter().find(|(_, value)| value.as_str().is_none_or(str::is_empty));
        assert_eq!(empty, None, "{stack}");
    }
    for tenant in TENANTS {
        let url =
            told["stacks"][format!("tenant-{tenant}-dev")]["outputs"]["api_endpoint"].as_str().expect("an address");
        let answer = fleet.aws.function_url(url, "/health");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.word(1), "200", "{tenant}: {body}");
        assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON"), json!({ "status": "ok", "tenant": tenant }));
        // The table answers, under the role and the name that the stack gives.
        let answer = fleet.aws.function_url(url, "/v1/resources");
        assert_eq!(String::from_utf8_lossy(&answer.body), r#"{"resources":[]}"#, "{tenant}: {}", answer.start);
    }
    // What the functions said reaches the central view, each in the streams of its tenant.
    let streams = wait_for("a stream of each tenant", PATIENCE, || {
        let of = json!({ "logGroupName": "platform-central-log-dev" });
        let answer = fleet.aws.call("logs", "Logs_20140328.DescribeLogStreams", &of);
        let streams = answer["logStreams"].as_array().expect("streams").iter();
        let names: BTreeSet<String> =
            streams.map(|stream| stream["logStreamName"].as_str().expect("a name").to_owned()).collect();
        (names.len() >= TENANTS.len()).then_some(names)
    });
    for tenant in TENANTS {
        assert!(streams.iter().any(|stream| stream.starts_with(&format!("{tenant}/"))), "{tenant}: {streams:?}");
    }
}

fn drift_is_found_named_and_mended(fleet: &Fleet) {
    fleet.step("drift");
    let change = json!({ "logGroupName": "tenant-acme-corp-api-log-dev", "retentionInDays": 1 });
    fleet.aws.call("logs", "Logs_20140328.PutRetentionPolicy", &change);
    let run = fleet.app(&["plan", "--detect-drift"], 2);
    assert_eq!(
        statuses(&run),
        [(PLATFORM, "unchanged"), (ACME, "drifted"), (RETAIL, "unchanged"), (TECH, "unchanged")],
        "{run:#}"
    );
    let drift =
        json!([{ "address": "aws_cloudwatch_log_group.api", "action": "update", "attributes": ["retention_in_days"] }]);
    assert_eq!(outcome(&run, ACME)["drift"], drift, "{run:#}");
    fleet.step("mend it");
    let run = fleet.app(&["deploy", "--auto-approve", "--tenant", "acme-*"], 0);
    assert_eq!(statuses(&run), [(ACME, "deployed")]);
    assert_eq!(outcome(&run, ACME)["changes"], json!({ "add": 0, "change": 1, "remove": 0, "import": 0 }));
}

/// "`cdktf` and `cdktn` keep working on the same output and the same state: deploy with one, destroy with the other."
fn the_cdktf_clis_take_over_and_give_back(fleet: &Fleet) {
    let (Some(cdktf), Some(cdktn)) = (tool(TEST, "cdktf"), tool(TEST, "cdktn")) else { return };
    let overrides: Vec<_> = [ACME, TECH].map(|stack| fleet.aws.override_by_hand(&fleet.stack(stack))).into();
    fleet.step("cdktf diff");
    // Without it both CLIs ask the registry what the lock file holds already.
    let lock = "--skip-provider-lock";
    let said = fleet.cli(&cdktf, &["diff", ACME, lock]);
    assert!(said.stdout.contains("No changes."), "{}", said.stdout);
    fleet.step("cdktf destroy");
    let all = fleet.aws.inventory();
    fleet.cli(&cdktf, &["destroy", TECH, "--auto-approve", lock]);
    let without = fleet.aws.inventory();
    assert!(without.is_subset(&all) && !without.iter().any(|name| name.contains("tech-startup")), "{without:?}");
    fleet.step("cdktn deploy");
    fleet.cli(&cdktn, &["deploy", TECH, "--auto-approve", lock]);
    assert_eq!(kinds(&fleet.aws.inventory()), kinds(&all), "as many as before");
    overrides.iter().for_each(|path| std::fs::remove_file(path).expect("the override"));
    fleet.step("plan after it");
    let run = fleet.app(&["plan", "--tenant", "acme-corp", "--tenant", "tech-startup"], 0);
    assert_eq!(statuses(&run), [(ACME, "unchanged"), (TECH, "unchanged")], "{run:#}");
}

/// How many there are of each kind.
fn kinds(inventory: &BTreeSet<String>) -> BTreeMap<&str, usize> {
    let mut kinds = BTreeMap::new();
    for name in inventory {
        let (kind, _) = name.split_once(' ').expect("a kind and a name");
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

/// "A tenant whose state is `removed` is torn down from recorded state"
fn a_removed_tenant_goes_and_the_others_stay(fleet: &Fleet) {
    fleet.step("remove a tenant");
    let before = fleet.aws.inventory();
    let state = std::fs::read_to_string(fleet.path(&format!("terraform.{RETAIL}.tfstate"))).expect("its state");
    let file = [("acme-corp", "active"), ("tech-startup", "active"), ("retail-co", "removed")];
    fleet.write_tenants(&file, &json!({ "type": "local" }));
    let run = fleet.app(&["deploy", "--auto-approve"], 0);
    assert_eq!(
        statuses(&run),
        [(PLATFORM, "unchanged"), (ACME, "unchanged"), (RETAIL, "destroyed"), (TECH, "unchanged")]
    );
    let after = fleet.aws.inventory();
    assert_eq!(more(&after, &before), [""; 0], "nothing new");
    for gone in more(&before, &after) {
        let (_, name) = gone.split_once(' ').expect("a kind and a name");
        // The main route table, the default list and group go with the VPC; Terraform knows them too.
        assert!(state.contains(name), "{gone} was not in the state of {RETAIL}");
    }
    assert!(!after.iter().any(|name| name.contains("retail-co")), "{after:?}");
    fleet.synth();
    assert!(!fleet.path("cdktf.out/stacks").join(RETAIL).exists(), "its stack goes once its destroy is recorded");
}

/// "`destroy` empties the fleet"; "destroy of what was never deployed is a no-op"
fn nothing_is_left(fleet: &Fleet, before: &BTreeSet<String>) {
    fleet.step("destroy");
    let run = fleet.app(&["destroy", "--auto-approve"], 0);
    assert_eq!(statuses(&run), [PLATFORM, ACME, TECH].map(|stack| (stack, "destroyed")), "{run:#}");
    assert_eq!(more(&fleet.aws.inventory(), before), [""; 0]);
    fleet.step("destroy again");
    let run = fleet.app(&["destroy", "--auto-approve"], 0);
    assert_eq!(statuses(&run), [PLATFORM, ACME, TECH].map(|stack| (stack, "absent")), "{run:#}");
    fleet.step("done");
}
