//! Lists of tenants: awkward ids, one tenant, many, and tenants in accounts of their own.

use serde_json::json;

use crate::fleet::{ACME, Fleet, PLATFORM, RETAIL, TECH, judge, tenant};

#[test]
fn another_name_and_block_of_addresses_make_one_tenants_stack_the_others() {
    let golden = Fleet::golden();
    assert!(golden.stacks[ACME] == tenant("acme-corp", 0));
    assert!(golden.stacks[TECH] == tenant("tech-startup", 1));
    assert!(golden.stacks[RETAIL] == tenant("retail-co", 2));
}

#[test]
fn ids_that_begin_or_end_like_one_another_are_proved() {
    proved(&Fleet::of(&["acme", "acme-corp", "corp", "acme-corp-eu", "acm", "corp-acme"]), "prefixes and suffixes");
}

#[test]
fn ids_that_are_called_like_parts_of_names_are_proved() {
    let ids = ["tenant", "dev", "platform-x", "role", "central", "log", "tenant-dev", "x-tenant"];
    proved(&Fleet::of(&ids), "parts of names");
}

#[test]
fn ids_that_are_called_like_resources_in_the_stack_are_proved() {
    proved(&Fleet::of(&["api", "caller", "data", "metadata", "relay", "tenant", "dev"]), "resources");
}

#[test]
fn the_shortest_ids_are_proved() {
    proved(&Fleet::of(&["a1", "a2", "a", "b", "a-1", "1a"]), "short ids");
}

#[test]
fn ids_that_only_a_question_mark_tells_apart_are_proved() {
    proved(&Fleet::of(&["team-a", "team-b", "team-ab", "team-1"]), "alike");
}

#[test]
fn one_tenant_is_proved() {
    proved(&Fleet::of(&["acme-corp"]), "one tenant");
}

#[test]
fn two_tenants_are_proved() {
    proved(&Fleet::of(&["acme-corp", "acme"]), "two tenants");
}

#[test]
fn no_tenant_is_proved() {
    proved(&Fleet::of(&[]), "no tenant");
}

#[test]
fn tenants_without_a_platform_are_proved() {
    let mut fleet = Fleet::of(&["acme", "acme-corp"]);
    fleet.stacks.remove(PLATFORM);
    proved(&fleet, "no platform");
}

#[test]
fn forty_tenants_are_proved() {
    let ids: Vec<String> = (0..40).map(|number| format!("team-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    proved(&Fleet::of(&ids), "forty tenants");
}

#[test]
fn tenants_in_accounts_of_their_own_are_proved() {
    let mut fleet = Fleet::of(&["acme", "acme-corp", "corp"]);
    account(&mut fleet, "tenant-acme-dev", "111122223333");
    account(&mut fleet, "tenant-corp-dev", "222233334444");
    proved(&fleet, "accounts of their own");
}

#[test]
fn the_order_of_stacks_does_not_matter() {
    let fleet = Fleet::golden();
    assert_eq!(fleet.verdict(), judge(fleet.stacks.iter().rev()));
}

fn account(fleet: &mut Fleet, stack: &str, account: &str) {
    let role = format!("arn:aws:iam::{account}:role/deployer");
    fleet.document(stack)["provider"]["aws"][0]["assume_role"] = json!([{ "role_arn": role }]);
}

fn proved(fleet: &Fleet, what: &str) {
    let verdict = fleet.verdict();
    let first: Vec<String> = verdict.findings.iter().take(5).map(ToString::to_string).collect();
    assert!(verdict.proved(), "{what}: {} findings\n{}", verdict.findings.len(), first.join("\n"));
}
