//! What goes wrong: each error that is caught, what the registry says then, and what is announced.

use std::collections::{BTreeMap, BTreeSet};

use events::asl::interpret::{Execution, TaskError};
use registry::store::memory::Fault;
use registry::{Runs, Status};
use serde_json::{Value, json};

use crate::cell::{Cell, asked, deployed, destroyed, failed};

fn error(run: &Execution) -> &str {
    &run.result.as_ref().expect_err("the run fails").error
}

/// "an event with a bad id, an unknown version or an oversized body goes to the DLQ with a reason"
#[test]
fn an_event_that_is_not_taken_waits_in_the_dead_letter_queue_with_the_reason() {
    let cell = Cell::new();
    let good = asked(&cell, "TenantSignup", "acme", "crm-1", &json!({}));
    let with = |path: &str, value: Value| {
        let mut event = good.clone();
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    let mut large = good.clone();
    large["resources"] = json!(["x".repeat(40_000)]);
    for (event, code) in [
        (with("/detail/tenant_id", json!("Acme; rm -rf /")), "tenant_id"),
        (with("/detail/tenant_id", json!("platform")), "tenant_id"),
        (with("/detail/version", json!("2")), "unknown_version"),
        (with("/detail/request_id", json!("$(id)")), "text"),
        (with("/detail/environment_suffix", json!("prod")), "other_environment"),
        (with("/detail", json!("text")), "wrong_type"),
        (with("/detail-type", json!("TenantGone")), "unknown_detail_type"),
        (large, "oversized"),
    ] {
        let run = cell.event(&event);
        assert_eq!((error(&run), run.path.len()), ("Rejected", 6), "{:?}", run.path);
        let letter = cell.letters.borrow_mut().pop().unwrap();
        assert_eq!(letter["code"], code, "{letter}");
        assert!(!letter["message"].as_str().unwrap().is_empty());
        assert_eq!(letter["event"]["id"], "event-acme-crm-1", "it can be found, and sent again");
        assert!(letter.to_string().len() < 64 * 1024);
    }
    assert!(!cell.is_known("acme") && cell.heard().is_empty());
}

/// "registry conflict"
#[test]
fn a_second_signup_for_a_tenant_is_refused_and_names_the_first() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.heard();
    let run = cell.event(&asked(&cell, "TenantSignup", "acme", "crm-other", &json!({})));
    assert_eq!(error(&run), "Rejected");
    let letter = cell.letters.borrow_mut().pop().unwrap();
    assert_eq!(letter["code"], "exists");
    assert!(letter["message"].as_str().unwrap().contains("request `crm-1` signed it up"), "{letter}");
    let (kind, detail) = cell.bus.borrow_mut().pop().unwrap();
    assert_eq!((kind.as_str(), &detail["phase"]), ("TenantProvisioningFailed", &json!("registration")));
    assert_eq!(detail["request_id"], "crm-other");
    assert_eq!(cell.entry("acme").status, Status::Active, "the tenant is as it was");
}

/// The deployer's role is good for what is in the platform's account.
#[test]
fn a_signup_with_an_account_of_its_own_is_refused_with_the_way_to_deploy_it() {
    let cell = Cell::new();
    let own = json!({ "account_id": "111122223333", "assume_role_arn": "arn:aws:iam::111122223333:role/deployer" });
    let run = cell.event(&asked(&cell, "TenantSignup", "bigbank", "crm-1", &own));
    assert_eq!(error(&run), "Rejected");
    let letter = cell.letters.borrow_mut().pop().unwrap();
    assert_eq!(letter["code"], "own_account");
    assert!(letter["message"].as_str().unwrap().contains("run `app deploy --tenant bigbank`"), "{letter}");
    assert_eq!(cell.heard(), ["TenantProvisioningFailed"]);
    assert!(!cell.is_known("bigbank"), "nothing is held for it");
}

/// "throttle"
#[test]
fn a_registry_that_is_throttled_for_a_while_delays_a_signup_and_no_more() {
    let cell = Cell::new();
    let mut left = 100;
    cell.desk.registry().store().set_faults(move |_| {
        left -= 1;
        (left > 0).then_some(Fault::Throttled)
    });
    let run = cell.signup("acme");
    assert!(run.result.is_ok(), "{run:?}");
    assert_eq!(cell.entry("acme").status, Status::Active);
}

#[test]
fn a_registry_that_stays_throttled_leaves_the_request_in_the_dead_letter_queue() {
    let cell = Cell::new();
    cell.desk.registry().store().set_faults(|_| Some(Fault::Throttled));
    let run = cell.signup("acme");
    assert_eq!(error(&run), "RegistryBusy");
    let letter = cell.letters.borrow_mut().pop().unwrap();
    assert_eq!(letter["run"]["event"]["detail"]["tenant_id"], "acme", "all of the event is there");
    assert_eq!(letter["failure"]["Error"], "RegistryBusy");
    cell.desk.registry().store().set_faults(|_| None);
    assert!(cell.event(&letter["run"]["event"]).result.is_ok(), "and can be sent again");
    assert_eq!(cell.entry("acme").status, Status::Active);
}

/// "build fails"
#[test]
fn a_build_that_fails_is_recorded_and_announced_and_the_same_signup_goes_on() {
    let cell = Cell::new();
    cell.on_build(|_, tenant| Err(failed(tenant)));
    let run = cell.signup("acme");
    assert_eq!(error(&run), "RunFailed");
    let entry = cell.entry("acme");
    let failure = entry.failure.clone().unwrap();
    assert_eq!((entry.status, entry.lease.is_some()), (Status::Failed, false));
    assert_eq!((failure.phase.as_str(), failure.address.as_deref()), ("apply", Some("aws_vpc.tenant")));
    assert!(entry.next_step(cell.now(), Runs::ByEvent).contains("request more VPCs"));
    let (kind, detail) = cell.bus.borrow().last().unwrap().clone();
    assert_eq!(kind, "TenantProvisioningFailed");
    assert_eq!(
        [&detail["cause"], &detail["attempt"], &detail["resumable"]],
        [&json!("VpcLimitExceeded"), &json!(1), &json!(true)]
    );

    cell.heard();
    cell.on_build(|_, tenant| Ok(deployed(tenant)));
    assert!(cell.signup("acme").result.is_ok());
    assert_eq!((cell.entry("acme").status, cell.entry("acme").fencing_token), (Status::Active, 2));
    assert_eq!(cell.heard(), ["TenantProvisioning", "TenantProvisioned"]);
}

/// "build times out"
#[test]
fn a_build_that_takes_too_long_says_so() {
    let cell = Cell::new();
    cell.fail("Build", "States.Timeout", 1);
    assert_eq!(error(&cell.signup("acme")), "RunFailed");
    let entry = cell.entry("acme");
    assert_eq!(entry.status, Status::Failed);
    assert!(entry.failure.as_ref().unwrap().cause.contains("did not end in its time"));
    assert_eq!(cell.heard().last().unwrap(), "TenantProvisioningFailed");
}

/// "runner dies": nobody says anything until the lease is over.
#[test]
fn a_run_that_says_nothing_until_its_lease_ends_is_found_and_its_late_word_does_not_count() {
    let cell = Cell::new();
    cell.on_build(|cell, tenant| {
        cell.pass(3601);
        assert!(cell.reconcile().result.is_ok());
        let entry = cell.entry(tenant);
        assert_eq!((entry.status, entry.lease.is_some()), (Status::Failed, false));
        assert!(entry.failure.as_ref().unwrap().cause.contains("said nothing until its lease ended"));
        Ok(deployed(tenant))
    });
    assert_eq!(error(&cell.signup("acme")), "RunFailed");
    let entry = cell.entry("acme");
    assert_eq!(entry.status, Status::Failed, "fencing makes the late word harmless");
    assert!(entry.next_step(cell.now(), Runs::ByEvent).contains("send the tenant's event again"));
    cell.pass(600);
    cell.reconcile();
    assert_eq!(cell.heard(), ["TenantProvisioning", "TenantProvisioning", "TenantProvisioningFailed"]);
}

/// "out-of-order offboarding"
#[test]
fn an_offboarding_of_nobody_waits_in_the_dead_letter_queue() {
    let cell = Cell::new();
    let run = cell.offboarding("acme");
    assert_eq!((error(&run), run.path.iter().filter(|state| *state == "Offboard").count()), ("UnknownTenant", 7));
    let letter = cell.letters.borrow_mut().pop().unwrap();
    assert!(letter["failure"]["Cause"].as_str().unwrap().contains("send this again after it"), "{letter}");
}

#[test]
fn a_teardown_that_fails_is_recorded_and_the_environment_is_not_forgotten() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.heard();
    cell.on_build(|_, tenant| Err(failed(tenant)));
    assert_eq!(error(&cell.offboarding("acme")), "RunFailed");
    let entry = cell.entry("acme");
    assert_eq!((entry.status, entry.network_index), (Status::Deprovisioning, Some(0)));
    assert!(entry.next_step(cell.now(), Runs::ByEvent).contains("request more VPCs"));
    assert_eq!(cell.heard(), ["TenantOffboarding", "TenantProvisioningFailed"]);
    cell.on_build(|_, tenant| Ok(destroyed(tenant)));
    assert!(cell.offboarding("acme").result.is_ok(), "the same event goes on");
    assert_eq!(cell.entry("acme").status, Status::Removed);
}

/// "admit (name, capacity, quota)"
#[test]
fn a_cell_that_is_full_fails_a_signup_with_what_to_do_and_takes_it_when_there_is_room() {
    let cell = Cell::with_limit(2);
    for tenant in ["a-one", "b-two"] {
        assert!(cell.signup(tenant).result.is_ok(), "{tenant}");
    }
    cell.heard();
    assert_eq!(error(&cell.signup("c-three")), "RunFailed");
    let failure = cell.entry("c-three").failure.unwrap();
    assert_eq!(
        (failure.phase.as_str(), failure.cause.as_str()),
        ("admission", "the cell takes 2 tenants, and 2 came before this one")
    );
    assert_eq!(cell.heard().last().unwrap(), "TenantProvisioningFailed");
    cell.on_build(|_, tenant| Ok(if tenant == "a-one" { destroyed(tenant) } else { deployed(tenant) }));
    assert!(cell.offboarding("a-one").result.is_ok());
    assert!(cell.signup("c-three").result.is_ok());
    assert_eq!(cell.entry("c-three").status, Status::Active);
}

#[test]
fn what_the_bus_does_not_take_stays_and_the_reconciler_announces_it() {
    for error in ["EventBridge.FailedEntry", "AccessDenied"] {
        let cell = Cell::new();
        cell.fail("Publish", error, 100);
        assert!(cell.signup("acme").result.is_ok(), "{error}");
        assert_eq!((cell.entry("acme").status, cell.heard().len()), (Status::Active, 0));
        cell.clear_faults();
        cell.reconcile();
        assert!(cell.heard().is_empty(), "what is young, its own run announces");
        cell.pass(301);
        assert!(cell.reconcile().result.is_ok());
        assert_eq!(cell.heard(), ["TenantProvisioning", "TenantProvisioning", "TenantProvisioned"]);
    }
}

/// Nothing is recorded, not even the failure: the end of the lease tells.
#[test]
fn a_failure_that_cannot_be_recorded_is_found_when_the_lease_is_over() {
    let cell = Cell::new();
    cell.on_build(|cell, tenant| {
        cell.desk.registry().store().set_faults(|_| Some(Fault::Throttled));
        Err(failed(tenant))
    });
    assert_eq!(error(&cell.signup("acme")), "RegistryBusy");
    cell.desk.registry().store().set_faults(|_| None);
    assert_eq!(cell.entry("acme").status, Status::Provisioning);
    cell.pass(3601);
    cell.reconcile();
    let entry = cell.entry("acme");
    assert_eq!((entry.status, entry.lease.is_some()), (Status::Failed, false));
    cell.pass(301);
    cell.reconcile();
    assert_eq!(cell.heard().last().unwrap(), "TenantProvisioningFailed");
}

/// An answer that is lost after the change was made changes nothing twice.
#[test]
fn lost_answers_do_no_harm() {
    for fault in [Fault::LostBefore, Fault::LostAfter] {
        let cell = Cell::new();
        let mut count = 0;
        cell.desk.registry().store().set_faults(move |_| {
            count += 1;
            (count % 2 == 1).then_some(fault)
        });
        assert!(cell.signup("acme").result.is_ok(), "{fault:?}");
        assert_eq!((cell.entry("acme").status, cell.entry("acme").fencing_token), (Status::Active, 1), "{fault:?}");
        let kinds = cell.heard();
        assert_eq!(kinds, ["TenantProvisioning", "TenantProvisioning", "TenantProvisioned"], "{fault:?}");
    }
}

/// "an interpreter-driven test for each Catch path": every task that catches fails for good, in a run that comes by it. Whatever fails,
/// afterwards the request waits in the dead-letter queue or the registry says what to do, nobody holds the lease, and what was announced
/// is announced.
#[test]
fn whatever_fails_somebody_is_told_and_nothing_is_held() {
    let ways: BTreeMap<&str, &str> = BTreeMap::from([
        ("Validate", "signup"),
        ("Reserve", "signup"),
        ("Lease", "signup"),
        ("Admit", "signup"),
        ("Build", "signup"),
        ("Record", "signup"),
        ("Fail", "failing"),
        ("Release", "failing"),
        ("Outbox", "signup"),
        ("Publish", "signup"),
        ("Published", "signup"),
        ("Offboard", "offboarding"),
        ("Due", "offboarding"),
        ("Reconcile", "reconcile"),
        ("AnnounceRefusal", "refused"),
    ]);
    let states = Cell::new().definition["States"].clone();
    let catching: BTreeSet<&str> = states
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, state)| state.get("Catch").is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(catching, ways.keys().copied().collect(), "every state that catches has a way to it");
    for (state, way) in ways {
        let cell = Cell::new();
        if way != "signup" && way != "failing" {
            cell.signup("acme");
            cell.heard();
        }
        cell.fail(state, "Unheard.Of", 200);
        if way == "failing" {
            cell.on_build(|_, tenant| Err(failed(tenant)));
            if state == "Release" {
                cell.fail("Fail", "Unheard.Of", 200);
            }
        }
        let run = match way {
            "offboarding" => {
                cell.on_build(|_, tenant| Ok(destroyed(tenant)));
                cell.offboarding("acme")
            }
            "reconcile" => cell.reconcile(),
            "refused" => cell.event(&asked(&cell, "TenantSignup", "acme", "crm-other", &json!({}))),
            _ => cell.signup("acme"),
        };
        assert!(run.path.contains(&state.to_owned()), "{state}: {:?}", run.path);
        assert_ne!(
            run.result.as_ref().err().map(|error| error.error.as_str()),
            Some("States.Runtime"),
            "{state}: {run:?}"
        );

        cell.clear_faults();
        cell.pass(8 * 24 * 60 * 60);
        assert!(cell.reconcile().result.is_ok(), "{state}");
        cell.pass(301);
        assert!(cell.reconcile().result.is_ok(), "{state}");
        let letters = cell.letters.borrow().len();
        if cell.is_known("acme") {
            let entry = cell.entry("acme");
            let next = entry.next_step(cell.now(), Runs::ByEvent);
            assert!(entry.lease.is_none(), "{state}: the lease is held");
            let settled = matches!(entry.status, Status::Active | Status::Removed) && entry.failure.is_none();
            assert!(
                settled || next.contains("send the same event again") || next.contains("send the tenant's event again"),
                "{state}: {:?}: {next}",
                entry.status
            );
            if run.result.is_err() && way != "reconcile" {
                let told = letters > 0 || cell.heard().contains(&"TenantProvisioningFailed".to_owned());
                assert!(told, "{state}: nobody is told");
            }
        } else {
            assert_eq!(letters, 1, "{state}: the request is lost");
        }
        let left = cell.desk.registry().pending().unwrap();
        assert!(left.is_empty(), "{state}: not announced: {left:?}");
    }
}

/// "200 different indices, no lost or doubled event": here one after the other, with every second answer lost.
#[test]
fn many_signups_give_many_tenants_with_an_index_each() {
    let cell = Cell::new();
    let tenants: Vec<String> = (0..200).map(|number| format!("tenant{number}")).collect();
    for tenant in &tenants {
        assert!(cell.signup(tenant).result.is_ok(), "{tenant}");
    }
    let indices: BTreeSet<u32> = tenants.iter().map(|tenant| cell.entry(tenant).network_index.unwrap()).collect();
    assert_eq!(indices.len(), 200);
    let ids: BTreeSet<String> =
        cell.bus.borrow().iter().map(|(_, detail)| detail["event_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), cell.bus.borrow().len()), (600, 600));
}

#[test]
fn a_build_that_cannot_start_is_tried_again_and_one_that_ran_is_not() {
    let cell = Cell::new();
    cell.fail("Build", "CodeBuild.AccountLimitExceededException", 5);
    let run = cell.signup("acme");
    assert!(run.result.is_ok());
    assert_eq!(run.path.iter().filter(|state| *state == "Build").count(), 6);
    let cell = Cell::new();
    cell.on_build(|_, _| Err(TaskError::new("States.TaskFailed", "{}")));
    let run = cell.signup("acme");
    assert_eq!(run.path.iter().filter(|state| *state == "Build").count(), 1);
}
