//! What goes wrong: each error that is caught, what the registry says then, and what is announced.

use std::cell::Cell as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use events::asl::interpret::{Execution, TaskError};
use onboarding::Answer;
use registry::event::Received;
use registry::store::memory::{Fault, MemoryStore};
use registry::{Action, Command, Request, Runs, Status, What};
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

/// "runner dies": nobody says anything until the lease is over. Then the run is begun again, and the late word of the first does not count.
#[test]
fn a_run_that_says_nothing_until_its_lease_ends_is_begun_again_and_its_late_word_does_not_count() {
    let cell = Cell::new();
    let builds = Rc::new(Slot::new(0));
    let counted = Rc::clone(&builds);
    cell.on_build(move |cell, tenant| {
        counted.set(counted.get() + 1);
        if counted.get() == 1 {
            cell.pass(3601);
            assert!(cell.reconcile().result.is_ok());
            let entry = cell.entry(tenant);
            assert_eq!((entry.status, entry.fencing_token, entry.lease), (Status::Active, 2, None));
        }
        Ok(deployed(tenant))
    });
    assert_eq!(error(&cell.signup("acme")), "RunFailed");
    let entry = cell.entry("acme");
    assert_eq!(
        (entry.status, entry.fencing_token, entry.restarts),
        (Status::Active, 2, 0),
        "fencing makes the late word harmless"
    );
    assert_eq!(builds.get(), 2);
    let history = cell.desk.registry().history(&"acme".parse().unwrap()).unwrap();
    let whats: Vec<What> = history.iter().map(|change| change.what).collect();
    use What::*;
    assert_eq!(whats, [SignedUp, Leased, LeaseExpired, Restarted, Leased, Provisioned]);
    let heard = cell.heard();
    let wanted = [
        "TenantProvisioning",
        "TenantProvisioning",
        "TenantRestarting",
        "TenantProvisioningFailed",
        "TenantProvisioning",
        "TenantProvisioned",
    ];
    assert_eq!(heard, wanted);
}

/// "a reconciler on a schedule finds stuck runs": a request is in the registry, and its run is gone, or never was.
#[test]
fn a_request_without_a_run_gets_one_from_the_reconciler() {
    let cell = Cell::new();
    let take = |event: Value| {
        let received = Received::read(&event, &"dev".parse().unwrap()).unwrap();
        cell.desk.registry().apply(&Command::of(&received), cell.now()).unwrap();
    };
    take(asked(&cell, "TenantSignup", "acme", "crm-1", &json!({})));
    cell.pass(3599);
    cell.reconcile();
    assert_eq!(cell.entry("acme").status, Status::Requested, "a run may still begin");
    cell.pass(1);
    assert!(cell.reconcile().result.is_ok());
    assert_eq!((cell.entry("acme").status, cell.letters.borrow().len()), (Status::Active, 0));

    // Another plan, and nothing of its run.
    take(asked(&cell, "TenantPlanChanged", "acme", "crm-2", &json!({ "plan": "gold" })));
    cell.pass(3600);
    cell.reconcile();
    assert_eq!(cell.entry("acme").applied_plan.map(|plan| plan.to_string()).as_deref(), Some("gold"));

    // A destroy that is due, and nothing of its run.
    take(asked(&cell, "TenantOffboarding", "acme", "crm-bye", &json!({})));
    cell.on_build(|_, tenant| Ok(destroyed(tenant)));
    cell.pass(7 * 24 * 3600);
    cell.reconcile();
    assert_eq!(cell.entry("acme").status, Status::Deprovisioning, "it is due, and a run may still come");
    cell.pass(3600);
    cell.reconcile();
    assert_eq!(cell.entry("acme").status, Status::Removed);
}

/// "bounded": three runs in all, then the tenant waits for somebody, and says for what.
#[test]
fn a_run_that_never_comes_to_its_work_is_not_begun_again_for_ever() {
    let cell = Cell::new();
    cell.fail("Lease", "Unheard.Of", 1000);
    assert!(cell.signup("acme").result.is_err());
    for _ in 0..10 {
        cell.pass(3600);
        assert!(cell.reconcile().result.is_ok());
    }
    let entry = cell.entry("acme");
    assert_eq!(
        (entry.status, cell.letters.borrow().len()),
        (Status::Failed, 3),
        "each run that was lost left a letter"
    );
    let next = entry.next_step(cell.now(), Runs::ByEvent);
    assert!(
        next.contains("no run began, though one was begun again 2 times")
            && next.contains("send the tenant's event again"),
        "{next}"
    );
    assert!(entry.needs_somebody(Runs::ByEvent));
    assert_eq!(attention(&cell.reconcile()), 1);
    cell.pass(301);
    cell.reconcile();
    assert_eq!(cell.heard().iter().filter(|kind| *kind == "TenantRestarting").count(), 2);
    cell.clear_faults();
    assert!(cell.signup("acme").result.is_ok());
    assert_eq!((cell.entry("acme").status, attention(&cell.reconcile())), (Status::Active, 0));
}

/// What the reconciler announces begins runs; what somebody else says in its words begins nothing that the registry does not want.
#[test]
fn a_restart_that_nobody_needs_or_that_is_none_does_nothing() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.on_build(|_, _| panic!("there is nothing to build"));
    let restart = |tenant: &str, environment: &str, purpose: &str| {
        json!({
            "id": "x", "source": "palisade.platform", "detail-type": "TenantRestarting", "time": cell.now().to_string(), "detail": {
                "version": "1", "event_id": "e", "tenant_id": tenant, "environment_suffix": environment, "request_id": "r",
                "occurred_at": cell.now().to_string(), "restart": 1, "purpose": purpose,
            },
        })
    };
    for purpose in ["deploy", "destroy"] {
        let run = cell.event(&restart("acme", "dev", purpose));
        assert!(run.result.is_ok() && !run.path.contains(&"Lease".to_owned()), "{run:?}");
    }
    assert_eq!(cell.entry("acme").status, Status::Active);
    for (event, code) in [
        (restart("acme", "prod", "deploy"), "other_source"),
        (restart("acme; id", "dev", "deploy"), "other_source"),
        (restart("acme", "dev", "drop"), "other_source"),
    ] {
        assert_eq!(error(&cell.event(&event)), "Rejected");
        assert_eq!(cell.letters.borrow_mut().pop().unwrap()["code"], code);
    }
    // Somebody who is gone: the letter tells.
    assert_eq!(error(&cell.event(&restart("ghost", "dev", "deploy"))), "UnknownTenant");
    assert_eq!(cell.letters.borrow().len(), 1);
}

/// "orphaned state": named with what to do, counted, and left alone.
#[test]
fn states_of_nobody_are_found_and_counted() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.signup("gone");
    cell.on_build(|_, tenant| Ok(destroyed(tenant)));
    assert!(cell.offboarding("gone").result.is_ok());
    let states = [
        ("tenant-acme-dev.tfstate", 90_000),
        ("tenant-acme-dev.tfstate.tflock", 600),
        ("tenant-empty-dev.tfstate", 181),
        ("tenant-ghost-dev.tfstate", 90_000),
        ("tenant-gone-dev.tfstate", 182),
        ("tenant-other-prod.tfstate", 90_000),
    ];
    let put = |states: &[(&str, u64)]| {
        cell.states.borrow_mut().extend(states.iter().map(|(key, size)| ((*key).to_owned(), *size)))
    };
    put(&states);
    let run = cell.reconcile();
    assert_eq!(run.path.iter().filter(|state| *state == "ListStates").count(), 3, "page by page");
    assert_eq!(attention(&run), 1, "the one that nobody knows");
    put(&[("tenant-gone-dev.tfstate", 4000)]);
    assert_eq!(attention(&cell.reconcile()), 2, "something is left of one whose destroy is recorded");
    let call = json!({
        "step": "orphans", "execution": "arn", "run": { "go": "states", "kind": "reconcile", "after": "tenant-" },
        "states": { "Contents": [{ "Key": "tenant-ghost-dev.tfstate", "Size": 4000 }, { "Key": "tenant-gone-dev.tfstate", "Size": 4000 }] },
    });
    let answer = cell.desk.step(onboarding::Desk::<MemoryStore>::read(call).unwrap(), cell.now()).unwrap();
    let Answer::Sweep(sweep) = answer else { panic!("{answer:?}") };
    let [ghost, gone] = &sweep.orphans[..] else { panic!("{sweep:?}") };
    assert!(
        ghost.contains("`tenant-ghost-dev.tfstate`") && ghost.contains("the registry has no such tenant"),
        "{ghost}"
    );
    assert!(gone.contains("has its destroy recorded") && gone.contains("run `app deploy --tenant gone`"), "{gone}");
    // A list that cannot be had is told too.
    cell.fail("ListStates", "S3.AccessDenied", 1);
    assert_eq!(attention(&cell.reconcile()), 1);
}

/// How many the reconciler counted that wait for somebody.
fn attention(run: &Execution) -> u64 {
    run.result.as_ref().unwrap()["run"]["attention"].as_u64().unwrap()
}

/// "each failure path leaves a registry entry that says what to do": a build can end in many ways before Terraform begins.
#[test]
fn a_build_that_ends_before_terraform_leaves_its_phase_and_a_fix_of_its_own() {
    let ended = |status: &str, phase: &str, said: &Value| {
        json!({
            "Id": "platform-runner-dev:1", "BuildStatus": status,
            "ExportedEnvironmentVariables": [{ "Name": "RUN_RESULT", "Value": if said.is_null() { String::new() } else { said.to_string() } }],
            "Phases": [
                { "PhaseType": "SUBMITTED", "PhaseStatus": "SUCCEEDED" },
                { "PhaseType": phase, "PhaseStatus": status, "Contexts": [{ "Message": "why" }] },
            ],
        })
    };
    let word = |phase: &str| json!({ "error": { "phase": phase, "cause": "why", "fix": format!("mend the {phase}"), "resumable": true } });
    let none = Value::Null;
    let builds = [
        ("release", ended("FAILED", "DOWNLOAD_SOURCE", &none)),
        ("queue", ended("TIMED_OUT", "QUEUED", &none)),
        ("provisioning", ended("FAULT", "PROVISIONING", &none)),
        ("export", ended("FAILED", "BUILD", &word("export"))),
        ("proof", ended("FAILED", "BUILD", &word("proof"))),
        ("capacity", ended("FAILED", "BUILD", &word("capacity"))),
        ("program", ended("FAILED", "BUILD", &none)),
        ("timeout", ended("TIMED_OUT", "BUILD", &none)),
        ("stopped", ended("STOPPED", "BUILD", &none)),
    ];
    let mut fixes = BTreeSet::new();
    for (phase, build) in builds {
        let cell = Cell::new();
        cell.on_build(move |_, _| Err(TaskError::new("States.TaskFailed", build.to_string())));
        assert_eq!(error(&cell.signup("acme")), "RunFailed", "{phase}");
        let entry = cell.entry("acme");
        let failure = entry.failure.clone().unwrap_or_else(|| panic!("{phase}"));
        assert_eq!((entry.status, failure.phase.as_str(), failure.resumable), (Status::Failed, phase, true));
        assert!(failure.cause.contains("why"), "{failure:?}");
        assert!(entry.next_step(cell.now(), Runs::ByEvent).contains(&failure.fix), "{phase}");
        assert!(failure.fix.contains("send the same event again"), "{failure:?}");
        let (kind, detail) = cell.bus.borrow().last().unwrap().clone();
        assert_eq!((kind.as_str(), &detail["phase"]), ("TenantProvisioningFailed", &json!(phase)));
        assert!(fixes.insert(failure.fix), "{phase}: the fix of another one");
        // Nothing of it is begun again by itself: somebody has to do something first.
        cell.pass(9 * 3600);
        cell.reconcile();
        assert_eq!((cell.entry("acme").status, attention(&cell.reconcile())), (Status::Failed, 1), "{phase}");
        cell.on_build(|_, tenant| Ok(deployed(tenant)));
        assert!(cell.signup("acme").result.is_ok(), "{phase}: the same event goes on");
    }
}

/// "the run of a pinned tenant uses the pinned release"
#[test]
fn a_pinned_tenant_is_built_by_its_own_release() {
    let cell = Cell::new();
    let pin = |id: &str, release: Option<&str>| {
        let request = Request::Pin { release: release.map(|release| release.parse().unwrap()) };
        let action = Action::Request { request_id: id.parse().unwrap(), requested_at: cell.now(), request };
        cell.desk.registry().apply(&Command { tenant: "acme".parse().unwrap(), action }, cell.now()).unwrap();
    };
    let made = || cell.entry("acme").release.map(|release| release.to_string()).unwrap_or_default();
    let source = || cell.sources.borrow().last().unwrap().clone();
    cell.signup("acme");
    assert_eq!(
        [source(), made()],
        ["platform-state-dev/releases/0.2.0/palisade.zip", "0.2.0"],
        "the environment's own"
    );
    pin("p-1", Some("0.1.0-rc.1"));
    cell.pass(3600);
    cell.reconcile();
    assert_eq!([source(), made()], ["platform-state-dev/releases/0.1.0-rc.1/palisade.zip", "0.1.0-rc.1"]);
    // It stays there, whatever is asked of it.
    cell.event(&asked(&cell, "TenantPlanChanged", "acme", "crm-2", &json!({ "plan": "gold" })));
    assert_eq!([source(), made()], ["platform-state-dev/releases/0.1.0-rc.1/palisade.zip", "0.1.0-rc.1"]);
    pin("p-2", None);
    cell.event(&asked(&cell, "TenantPlanChanged", "acme", "crm-3", &json!({ "plan": "iron" })));
    assert_eq!([source(), made()], ["platform-state-dev/releases/0.2.0/palisade.zip", "0.2.0"]);
    // A release that is not there is told with the way out.
    pin("p-3", Some("9.9.9"));
    let gone = json!({ "Id": "b", "BuildStatus": "FAILED", "Phases": [{ "PhaseType": "DOWNLOAD_SOURCE", "PhaseStatus": "FAILED" }] });
    cell.on_build(move |_, _| Err(TaskError::new("States.TaskFailed", gone.to_string())));
    cell.pass(3600);
    cell.reconcile();
    let next = cell.entry("acme").next_step(cell.now(), Runs::ByEvent);
    assert!(
        next.contains("release 9.9.9 could not be had") && next.contains("app tenants unpin acme --registry dynamodb"),
        "{next}"
    );
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
fn a_destroy_that_fails_is_recorded_and_the_environment_is_not_forgotten() {
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
    cell.on_build(|_, tenant| Ok(deployed(tenant)));
    cell.pass(3601);
    cell.reconcile();
    assert_eq!((cell.entry("acme").status, cell.entry("acme").fencing_token), (Status::Active, 2), "it is begun again");
    let heard = cell.heard();
    assert!(
        heard.contains(&"TenantProvisioningFailed".to_owned()) && heard.last().unwrap() == "TenantProvisioned",
        "{heard:?}"
    );
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
        ("ListStates", "reconcile"),
        ("Orphans", "reconcile"),
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
    // One way for each state is one for each catch, as long as a state catches all errors alike.
    for state in &catching {
        assert_eq!(states[*state]["Catch"].as_array().unwrap().len(), 1, "{state}: give each catch a way of its own");
    }
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
        for pause in [8 * 24 * 60 * 60, 3600, 301] {
            cell.pass(pause);
            assert!(cell.reconcile().result.is_ok(), "{state}");
        }
        let letters = cell.letters.borrow().len();
        if cell.is_known("acme") {
            let entry = cell.entry("acme");
            let next = entry.next_step(cell.now(), Runs::ByEvent);
            assert!(entry.lease.is_none(), "{state}: the lease is held");
            let settled = matches!(entry.status, Status::Active | Status::Removed) && entry.failure.is_none();
            let fix = entry.failure.as_ref().map(|failure| failure.fix.as_str()).filter(|fix| !fix.is_empty());
            assert!(settled || fix.is_some_and(|fix| next.contains(fix)), "{state}: {:?}: {next}", entry.status);
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
