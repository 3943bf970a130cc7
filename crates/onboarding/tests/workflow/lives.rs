//! What goes well: a tenant's life from the signup to the end, whatever is said twice or in the wrong order.

use events::asl::interpret::{Execution, Pause};
use registry::{Action, Command, Request, Status};
use serde_json::json;

use crate::cell::{Cell, asked, deployed, destroyed};

fn visits(run: &Execution, state: &str) -> usize {
    run.path.iter().filter(|name| *name == state).count()
}

/// "put a signup event on the bus, the environment exists, a `TenantProvisioned` event with outputs comes out"
#[test]
fn a_signup_makes_an_environment_and_says_so() {
    let cell = Cell::new();
    let run = cell.signup("acme");
    assert!(run.result.is_ok(), "{run:?}");
    let entry = cell.entry("acme");
    assert_eq!((entry.status, entry.network_index, entry.lease.is_some()), (Status::Active, Some(0), false));
    assert_eq!(entry.outputs["api_endpoint"], "https://acme.example.com");
    let bus = cell.bus.borrow();
    let kinds: Vec<&str> = bus.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["TenantProvisioning", "TenantProvisioning", "TenantProvisioned"]);
    assert_eq!(bus[2].1["outputs"], json!({ "api_endpoint": "https://acme.example.com" }));
    assert_eq!(bus[2].1["request_id"], "crm-1");
    assert!(cell.letters.borrow().is_empty());
}

/// "an offboarding event, nothing is left"
#[test]
fn an_offboarding_waits_and_then_takes_the_environment_down() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.heard();
    cell.on_build(|_, tenant| Ok(destroyed(tenant)));
    let run = cell.offboarding("acme");
    assert!(run.result.is_ok(), "{run:?}");
    assert_eq!(*cell.pauses.borrow(), [("WaitingPeriod".to_owned(), Pause::Until("2026-02-07T12:00:00Z".to_owned()))]);
    let entry = cell.entry("acme");
    assert_eq!((entry.status, entry.network_index), (Status::Removed, Some(0)), "the index rests");
    assert_eq!(cell.heard(), ["TenantOffboarding", "TenantDeprovisioned"]);
    cell.pass(31 * 24 * 60 * 60);
    assert!(cell.reconcile().result.is_ok());
    assert_eq!(cell.entry("acme").status, Status::Forgotten);
}

#[test]
fn an_offboarding_that_is_cancelled_in_the_waiting_period_changes_nothing() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.before("Due", |cell| {
        let action = Action::Request {
            request_id: "crm-stay".parse().unwrap(),
            requested_at: cell.now(),
            request: Request::CancelOffboarding,
        };
        // A moment before the period is over.
        let before = registry::Timestamp::from_seconds(cell.now().seconds() - 1);
        cell.desk.registry().apply(&Command { tenant: "acme".parse().unwrap(), action }, before).unwrap();
    });
    cell.on_build(|_, _| panic!("there is nothing to build"));
    let run = cell.offboarding("acme");
    assert!(run.result.is_ok() && visits(&run, "Lease") == 0, "{run:?}");
    assert_eq!(cell.entry("acme").status, Status::Active);
}

/// "duplicate delivery"
#[test]
fn the_same_signup_delivered_again_makes_one_tenant_one_run_and_one_event() {
    let cell = Cell::new();
    let event = asked(&cell, "TenantSignup", "acme", "crm-1", &json!({}));
    let again = event.clone();
    cell.on_build(move |cell, tenant| {
        let second = cell.event(&again);
        assert!(second.result.is_ok() && visits(&second, "Build") == 0, "{second:?}");
        Ok(deployed(tenant))
    });
    assert!(cell.event(&event).result.is_ok());
    let third = cell.event(&event);
    assert!(third.result.is_ok() && visits(&third, "Build") == 0, "{third:?}");
    assert_eq!(cell.heard(), ["TenantProvisioning", "TenantProvisioning", "TenantProvisioned"]);
    assert_eq!(cell.entry("acme").fencing_token, 1);
}

/// "out-of-order offboarding"
#[test]
fn an_offboarding_that_overtakes_its_signup_waits_for_it() {
    let cell = Cell::new();
    for _ in 0..2 {
        cell.before("Offboard", |_| {});
    }
    cell.before("Offboard", |cell| drop(cell.signup("acme")));
    cell.on_build(|cell, tenant| {
        let is_new = cell.entry(tenant).provisioned_at.is_none();
        Ok(if is_new { deployed(tenant) } else { destroyed(tenant) })
    });
    let run = cell.offboarding("acme");
    assert!(run.result.is_ok(), "{run:?}");
    assert_eq!(visits(&run, "Offboard"), 3);
    assert_eq!(cell.entry("acme").status, Status::Removed);
}

#[test]
fn an_offboarding_during_a_build_waits_for_the_build() {
    let cell = Cell::new();
    let tried = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = std::rc::Rc::clone(&tried);
    cell.on_build(move |cell, tenant| {
        counted.set(counted.get() + 1);
        if counted.get() == 1 {
            let event = asked(cell, "TenantOffboarding", tenant, "crm-bye", &json!({}));
            let run = registry::event::Received::read(&event, &"dev".parse().unwrap()).unwrap();
            cell.desk.registry().apply(&Command::of(&run), cell.now()).unwrap();
            return Ok(deployed(tenant));
        }
        Ok(destroyed(tenant))
    });
    assert!(cell.signup("acme").result.is_ok());
    assert_eq!(cell.entry("acme").status, Status::Waiting, "what was asked meanwhile has its turn");
    assert!(!cell.heard().contains(&"TenantProvisioned".to_owned()), "who leaves is not told that it is served");
    let run = cell.offboarding("acme");
    assert!(run.result.is_ok(), "{run:?}");
    assert_eq!((cell.entry("acme").status, tried.get()), (Status::Removed, 2));
}

#[test]
fn another_plan_is_applied_by_another_run_and_waits_for_the_one_before() {
    let cell = Cell::new();
    cell.signup("acme");
    cell.heard();
    // A person deploys the tenant from a laptop, and holds the lease for ten minutes.
    let laptop: registry::LeaseOwner = "laptop".parse().unwrap();
    let action = Action::Lease {
        owner: laptop,
        purpose: registry::Purpose::Deploy,
        duration: std::time::Duration::from_secs(600),
    };
    cell.desk.registry().apply(&Command { tenant: "acme".parse().unwrap(), action }, cell.now()).unwrap();
    let run = cell.event(&asked(&cell, "TenantPlanChanged", "acme", "crm-2", &json!({ "plan": "gold" })));
    assert!(run.result.is_ok(), "{run:?}");
    assert_eq!(visits(&run, "Hold"), 2, "{:?}", run.path);
    let entry = cell.entry("acme");
    assert_eq!(
        (entry.status, entry.applied_plan.map(|plan| plan.to_string())),
        (Status::Active, Some("gold".to_owned()))
    );
    assert_eq!(cell.heard().last().unwrap(), "TenantProvisioned");
}
