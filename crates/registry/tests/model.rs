//! Any interleaving of many processes that sign up, remove, deploy, crash and come back keeps the registry whole.
//!
//! Processes read, decide and write at moments of their own; between them others write, time passes, answers are lost, and some processes
//! are never heard of again. After each write the whole registry is judged, and so is the step that was made.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use naming::{NetworkPlan, Placement, TenantId};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use registry::event::Signup;
use registry::store::memory::{Fault, MemoryStore};
use registry::{
    Action, Command, Fence, Outcome, Purpose, Reconciled, Registry, Request, Rules, Status, Timestamp, What,
};
use support::world::{LEASE, PATIENCE, QUARANTINE, START, World, steps, tenant};
use support::{Dump, check_outbox};

/// "any interleaving of N concurrent signups, removals and crashes keeps the registry's invariants (model-based)"
#[test]
fn any_interleaving_of_requests_runs_crashes_and_lost_answers_keeps_the_registry_whole() {
    use What::*;
    let all_done = BTreeSet::from([
        SignedUp,
        NotAdmitted,
        Leased,
        Renewed,
        Released,
        Provisioned,
        Failed,
        Deprovisioned,
        Offboarded,
        OffboardingCancelled,
        PlanChanged,
        Suspended,
        Resumed,
        Pinned,
        LeaseExpired,
        Restarted,
        GivenUp,
        DestroyDue,
        Forgotten,
    ]);
    let all_refused = BTreeSet::from([
        "account_taken",
        "exists",
        "fenced",
        "index_taken",
        "leased",
        "leaves",
        "request_reused",
        "status",
        "unknown_tenant",
    ]);
    let (mut done, mut refused) = (BTreeSet::new(), BTreeSet::new());
    // The test is worth something only if all of it happened; what is rare may take another round.
    let mut rounds = 0..10;
    while (&done, &refused) != (&all_done, &all_refused) && rounds.next().is_some() {
        let config = ProptestConfig {
            cases: 200,
            failure_persistence: None,
            max_shrink_iters: 4000,
            ..ProptestConfig::default()
        };
        let seen = std::sync::Mutex::new((&mut done, &mut refused));
        TestRunner::new(config)
            .run(&steps(), |steps| {
                let mut world = World::new(MemoryStore::new());
                for step in &steps {
                    world.step(step);
                }
                world.end();
                check_outbox(&world.registry, &world.watch.announced, steps.len() % 4);
                let mut seen = seen.lock().unwrap();
                seen.0.extend(world.watch.done);
                seen.1.extend(world.refusals);
                Ok(())
            })
            .unwrap();
    }
    assert_eq!((done, refused), (all_done, all_refused));
}

/// Threads at once, and a store that fails every third time in one way or another.
#[test]
fn many_signups_at_once_get_as_many_tenants_and_indices_whatever_the_store_does() {
    const SIGNUPS: u32 = 96;
    let store = MemoryStore::new();
    let count = AtomicU64::new(0);
    store.set_faults(move |_| match count.fetch_add(1, Ordering::Relaxed) % 12 {
        0 => Some(Fault::Conflict),
        3 => Some(Fault::Throttled),
        6 => Some(Fault::LostBefore),
        9 => Some(Fault::LostAfter),
        _ => None,
    });
    let registry = Registry::new(&store, Rules::new("dev".parse().unwrap(), NetworkPlan::default()));
    let now = Timestamp::from_seconds(START);
    let signup = |number: u32, round: u32| {
        let (tenant_id, request_id): (TenantId, _) =
            (format!("tenant-{number}").parse().unwrap(), format!("crm-{number}").parse().unwrap());
        let request = Request::Signup(Signup {
            tenant_id: tenant_id.clone(),
            request_id: format!("crm-{number}").parse().unwrap(),
            placement: Placement::Shared,
            plan: None,
            network_index: None,
        });
        // A second delivery is later.
        let requested_at = now.after(Duration::from_secs(u64::from(round)));
        let command = Command { tenant: tenant_id, action: Action::Request { request_id, requested_at, request } };
        registry.apply(&command, requested_at).unwrap().entry.network_index.unwrap()
    };
    let answers: Vec<(u32, u32)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..16)
            .map(|worker| {
                // Every signup is delivered by two workers.
                let mine = (0..SIGNUPS).filter(move |number| number % 8 == worker % 8);
                scope.spawn(move || mine.map(|number| (number, signup(number, worker / 8))).collect::<Vec<_>>())
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let mut of: BTreeMap<u32, u32> = BTreeMap::new();
    for (number, index) in answers {
        assert_eq!(*of.entry(number).or_insert(index), index, "both deliveries of signup {number} get one answer");
    }
    assert_eq!(of.values().collect::<BTreeSet<_>>().len(), SIGNUPS as usize, "no index twice");
    let dump: Dump = store.dump().into_iter().collect();
    support::check_state(&dump, now);
    assert_eq!(registry.entries().unwrap().len(), SIGNUPS as usize);
    assert_eq!(registry.pending().unwrap().len(), SIGNUPS as usize, "one event for each");
}

/// A lone signup gets the lowest free index, also one that has just become free.
#[test]
fn a_signup_gets_the_lowest_free_index_and_a_resting_one_only_after_its_quarantine() {
    let mut world = World::new(MemoryStore::new());
    let ask = |world: &mut World<MemoryStore>, number: usize, id: &str, request: Request| {
        let action = Action::Request { request_id: id.parse().unwrap(), requested_at: world.now, request };
        world.registry.apply(&Command { tenant: tenant(number), action }, world.now).unwrap().entry
    };
    let signup = |number: usize| {
        Request::Signup(Signup {
            tenant_id: tenant(number),
            request_id: "s".parse().unwrap(),
            placement: Placement::Shared,
            plan: None,
            network_index: None,
        })
    };
    assert_eq!(ask(&mut world, 0, "s", signup(0)).network_index, Some(0));
    ask(&mut world, 0, "o", Request::Offboard { waiting: Some(Duration::ZERO) });
    let owner: registry::LeaseOwner = "run".parse().unwrap();
    let lease = Action::Lease { owner: owner.clone(), purpose: Purpose::Destroy, duration: Duration::from_secs(LEASE) };
    world.registry.apply(&Command { tenant: tenant(0), action: lease }, world.now).unwrap();
    // Not before the destroy is recorded …
    world.now = world.now.after(Duration::from_secs(10 * QUARANTINE));
    assert_eq!(ask(&mut world, 1, "s", signup(1)).network_index, Some(1));
    let end = Action::End { fence: Fence { owner, token: 1 }, outcome: Outcome::Deprovisioned };
    world.registry.apply(&Command { tenant: tenant(0), action: end }, world.now).unwrap();
    // … and not before the quarantine is over; until then a signup waits, and says for what.
    world.now = world.now.after(Duration::from_secs(QUARANTINE - 1));
    let waiting = ask(&mut world, 2, "s", signup(2));
    assert_eq!((waiting.status, waiting.network_index), (Status::Failed, None));
    assert!(
        waiting
            .next_step(world.now, registry::Runs::ByHand)
            .contains("all 2 network indices of the plan are taken or rest"),
        "{waiting:?}"
    );
    world.now = world.now.after(Duration::from_secs(1));
    assert_eq!(ask(&mut world, 2, "s", signup(2)).network_index, Some(0), "the same signup again gets it");
    assert_eq!(world.registry.entry(&tenant(0)).unwrap().unwrap().status, Status::Forgotten);
}

/// A run that is lost is begun again twice, told each time, and then the tenant waits for somebody, with what to do.
#[test]
fn a_lost_run_is_begun_again_and_not_for_ever() {
    let mut world = World::new(MemoryStore::new());
    let acme = tenant(0);
    let request = Request::Signup(Signup {
        tenant_id: acme.clone(),
        request_id: "s".parse().unwrap(),
        placement: Placement::Shared,
        plan: None,
        network_index: None,
    });
    let action = Action::Request { request_id: "s".parse().unwrap(), requested_at: world.now, request };
    world.registry.apply(&Command { tenant: acme.clone(), action }, world.now).unwrap();
    let entry = |world: &World<MemoryStore>| world.registry.entry(&acme).unwrap().unwrap();
    let found = |world: &World<MemoryStore>| world.registry.reconcile_all(world.now).unwrap();
    let lease = |world: &World<MemoryStore>, owner: &str| {
        let duration = Duration::from_secs(LEASE);
        let action = Action::Lease { owner: owner.parse().unwrap(), purpose: Purpose::Deploy, duration };
        world.registry.apply(&Command { tenant: acme.clone(), action }, world.now).unwrap();
    };

    assert_eq!(found(&world), Reconciled::default(), "a run may still begin");
    world.now = world.now.after(Duration::from_secs(PATIENCE));
    assert_eq!(found(&world).changed, [(acme.clone(), What::Restarted)]);
    assert_eq!(found(&world), Reconciled::default(), "once, and it may still begin");
    lease(&world, "run-1");
    world.now = world.now.after(Duration::from_secs(LEASE));
    // It had the lease and said nothing: that is told, and it is begun again at once.
    let lost = found(&world);
    assert_eq!(lost.changed, [(acme.clone(), What::LeaseExpired), (acme.clone(), What::Restarted)]);
    assert_eq!((entry(&world).status, lost.attention), (Status::Requested, vec![]));
    lease(&world, "run-2");
    world.now = world.now.after(Duration::from_secs(LEASE));
    let lost = found(&world);
    assert_eq!(lost.changed, [(acme.clone(), What::LeaseExpired)], "twice is enough");
    let [(_, what_to_do)] = &lost.attention[..] else { panic!("{lost:?}") };
    assert!(what_to_do.contains("send the tenant's event again"), "{what_to_do}");
    assert_eq!(found(&world).changed, []);

    // Somebody did, and it went well: the next loss is a new one.
    lease(&world, "run-3");
    let outcome = Outcome::Provisioned { outputs: BTreeMap::new(), release: Some("0.1.0".parse().unwrap()) };
    let fence = Fence { owner: "run-3".parse().unwrap(), token: 3 };
    world.registry.apply(&Command { tenant: acme.clone(), action: Action::End { fence, outcome } }, world.now).unwrap();
    let pin = |world: &World<MemoryStore>, id: &str, release: Option<&str>| {
        let request = Request::Pin { release: release.map(|release| release.parse().unwrap()) };
        let action = Action::Request { request_id: id.parse().unwrap(), requested_at: world.now, request };
        world.registry.apply(&Command { tenant: acme.clone(), action }, world.now).unwrap().what
    };
    assert_eq!(pin(&world, "p1", Some("0.1.0")), Some(What::Pinned));
    world.now = world.now.after(Duration::from_secs(PATIENCE));
    assert_eq!(found(&world), Reconciled::default(), "that release made it");
    // Another one did not, and nothing begins a run for it but the reconciler.
    assert_eq!(pin(&world, "p2", Some("0.0.9")), Some(What::Pinned));
    assert_eq!(pin(&world, "p3", Some("0.0.9")), None, "it is pinned to it already");
    for _ in 0..2 {
        world.now = world.now.after(Duration::from_secs(PATIENCE));
        assert_eq!(found(&world).changed, [(acme.clone(), What::Restarted)]);
    }
    world.now = world.now.after(Duration::from_secs(PATIENCE));
    let given_up = found(&world);
    assert_eq!(given_up.changed, [(acme.clone(), What::GivenUp)]);
    assert_eq!(
        (entry(&world).status, given_up.attention.len()),
        (Status::Active, 1),
        "the environment stands as it was"
    );
    assert_eq!(pin(&world, "p4", None), Some(What::Pinned));
    assert_eq!(entry(&world).pinned, None);
}
