//! Processes that read, decide and write at moments of their own, with whatever can come between.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use naming::{NetworkPlan, Placement, TenantId};
use proptest::prelude::*;
use registry::event::{FailureNote, Signup};
use registry::store::memory::{Fault, MemoryStore};
use registry::store::{Store, StoreError};
use registry::{
    Action, Command, Decided, Fence, Outcome, Prepared, Purpose, Refusal, Registry, RegistryError, Request, Rules,
    Runs, Status, Timestamp, What,
};

use super::{Dump, Watch, entries};

/// A store that is watched.
pub(crate) trait Subject: Store {
    /// Every item.
    fn everything(&self) -> Dump;
    /// Lets the next transaction go wrong, or no longer.
    fn fail_next(&self, fault: Option<Fault>);
}

impl Subject for MemoryStore {
    fn everything(&self) -> Dump {
        self.dump().into_iter().collect()
    }

    fn fail_next(&self, mut fault: Option<Fault>) {
        self.set_faults(move |_| fault.take());
    }
}

pub(crate) const TENANTS: usize = 5;
/// Fewer than tenants, so that indices run out and are used again.
pub(crate) const INDICES: u32 = 2;
pub(crate) const LEASE: u64 = 10;
pub(crate) const WAITING: u64 = 20;
pub(crate) const QUARANTINE: u64 = 60;
pub(crate) const PATIENCE: u64 = 4;
pub(crate) const START: u32 = 1_700_000_000;

pub(crate) fn rules() -> Rules {
    let network = NetworkPlan::new("10.0.0.0/15".parse().unwrap(), 16).unwrap();
    assert_eq!(network.capacity(), u64::from(INDICES));
    let [waiting, quarantine, patience] = [WAITING, QUARANTINE, PATIENCE].map(Duration::from_secs);
    Rules { waiting, quarantine, patience, runs: Runs::ByEvent, ..Rules::new("dev".parse().unwrap(), network) }
}

pub(crate) fn tenant(number: usize) -> TenantId {
    // Ids that are prefixes of one another.
    ["acme", "acme-corp", "acme-corp-2", "ac", "zeta"][number].parse().unwrap()
}

/// What a process sets out to do.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Request { tenant: usize, id: u8, ask: Ask },
    Lease { tenant: usize, owner: u8, purpose: Purpose },
    Renew { tenant: usize, owner: u8, token: Token },
    End { tenant: usize, owner: u8, how: u8, token: Token },
    Reconcile { tenant: usize },
}

/// Which of the tokens that a run got it shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    Last,
    /// That of an earlier lease: of a run that came back after it was given up.
    Earlier,
}

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Signup { index: Option<u32>, account: bool },
    Offboard { at_once: bool },
    Cancel,
    Plan(u8),
    Suspend,
    Resume,
    Pin(Option<u8>),
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A process does all of it, and nobody comes between.
    Do(Op),
    /// A process reads and decides.
    Begin(Op),
    /// The process in this place writes.
    Write { place: prop::sample::Index, fault: Option<Fault> },
    /// The process in this place is gone.
    Crash { place: prop::sample::Index },
    /// Time passes.
    Wait(u32),
}

pub(crate) fn ops() -> impl Strategy<Value = Op> {
    // Some have more to do with one another than others.
    let tenants = || prop_oneof![6 => Just(0), 3 => Just(1), 1 => 0..TENANTS];
    let ask = prop_oneof![
        4 => (prop::option::weighted(0.2, 0..INDICES), prop::bool::weighted(0.2))
            .prop_map(|(index, account)| Ask::Signup { index, account }),
        2 => any::<bool>().prop_map(|at_once| Ask::Offboard { at_once }),
        1 => Just(Ask::Cancel),
        1 => (0_u8..2).prop_map(Ask::Plan),
        1 => Just(Ask::Suspend),
        1 => Just(Ask::Resume),
        1 => prop::option::of(0_u8..2).prop_map(Ask::Pin),
    ];
    let token = || prop_oneof![4 => Just(Token::Last), 1 => Just(Token::Earlier)];
    let purpose = prop_oneof![2 => Just(Purpose::Deploy), 1 => Just(Purpose::Destroy)];
    prop_oneof![
        5 => (tenants(), 0_u8..4, ask).prop_map(|(tenant, id, ask)| Op::Request { tenant, id, ask }),
        4 => (tenants(), 0_u8..2, purpose).prop_map(|(tenant, owner, purpose)| Op::Lease { tenant, owner, purpose }),
        1 => (tenants(), 0_u8..2, token()).prop_map(|(tenant, owner, token)| Op::Renew { tenant, owner, token }),
        4 => (tenants(), 0_u8..2, 0_u8..5, token())
            .prop_map(|(tenant, owner, how, token)| Op::End { tenant, owner, how, token }),
        3 => tenants().prop_map(|tenant| Op::Reconcile { tenant }),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fault =
        prop_oneof![Just(Fault::Conflict), Just(Fault::Throttled), Just(Fault::LostBefore), Just(Fault::LostAfter)];
    let step = prop_oneof![
        10 => ops().prop_map(Step::Do),
        8 => ops().prop_map(Step::Begin),
        10 => (any::<prop::sample::Index>(), prop::option::weighted(0.2, fault))
            .prop_map(|(place, fault)| Step::Write { place, fault }),
        1 => any::<prop::sample::Index>().prop_map(|place| Step::Crash { place }),
        2 => prop_oneof![3 => 0_u32..12, 1 => 12_u32..90].prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..140)
}

/// A process between reading and writing.
pub(crate) struct Process {
    command: Command,
    prepared: Option<Box<Decided>>,
    attempt: u32,
}

pub(crate) struct World<S> {
    pub(crate) registry: Registry<S>,
    pub(crate) now: Timestamp,
    processes: Vec<Process>,
    pub(crate) watch: Watch,
    /// The tokens that each run got, of which some are stale.
    tokens: BTreeMap<(usize, u8), Vec<u64>>,
    pub(crate) refusals: BTreeSet<&'static str>,
}

impl<S: Subject> World<S> {
    pub(crate) fn new(store: S) -> Self {
        Self {
            registry: Registry::new(store, rules()).with_wait(|_| {}),
            now: Timestamp::from_seconds(START),
            processes: Vec::new(),
            watch: Watch::default(),
            tokens: BTreeMap::new(),
            refusals: BTreeSet::new(),
        }
    }

    pub(crate) fn dump(&self) -> Dump {
        self.registry.store().everything()
    }

    fn command(&self, op: &Op) -> Command {
        let fence = |number: usize, owner: u8, token: Token| {
            let mut tokens = self.tokens.get(&(number, owner)).into_iter().flatten().rev();
            let token = match token {
                Token::Last => tokens.next(),
                Token::Earlier => tokens.nth(1),
            };
            Fence { owner: format!("run-{owner}").parse().unwrap(), token: token.copied().unwrap_or(1) }
        };
        let (number, action) = match op {
            Op::Request { tenant: number, id, ask } => {
                let request = match ask {
                    Ask::Signup { index, account } => {
                        let account_id = "123456789012".parse().unwrap();
                        let assume_role_arn = "arn:aws:iam::123456789012:role/deployer".parse().unwrap();
                        let placement = match account {
                            true => Placement::OwnAccount { account_id, assume_role_arn },
                            false => Placement::Shared,
                        };
                        Request::Signup(Signup {
                            tenant_id: tenant(*number),
                            request_id: format!("request-{id}").parse().unwrap(),
                            placement,
                            plan: None,
                            network_index: *index,
                        })
                    }
                    Ask::Offboard { at_once } => Request::Offboard { waiting: at_once.then_some(Duration::ZERO) },
                    Ask::Cancel => Request::CancelOffboarding,
                    Ask::Plan(plan) => Request::ChangePlan { plan: format!("plan-{plan}").parse().unwrap() },
                    Ask::Suspend => Request::Suspend,
                    Ask::Resume => Request::Resume,
                    Ask::Pin(version) => {
                        Request::Pin { release: version.map(|version| format!("0.{version}.0").parse().unwrap()) }
                    }
                };
                // Ids of different kinds of requests seldom meet, those of one kind often.
                let request_id = format!("{}-{id}", request.name().split(' ').next().unwrap()).parse().unwrap();
                (*number, Action::Request { request_id, requested_at: self.now, request })
            }
            Op::Lease { tenant, owner, purpose } => {
                let owner = format!("run-{owner}").parse().unwrap();
                (*tenant, Action::Lease { owner, purpose: *purpose, duration: Duration::from_secs(LEASE) })
            }
            Op::Renew { tenant, owner, token } => {
                (*tenant, Action::Renew { fence: fence(*tenant, *owner, *token), duration: Duration::from_secs(LEASE) })
            }
            Op::End { tenant, owner, how, token } => {
                let note = FailureNote {
                    phase: "apply".into(),
                    address: Some("aws_vpc.tenant".into()),
                    cause: "VpcLimitExceeded".into(),
                    fix: "raise the quota".into(),
                    attempt: 99,
                    resumable: true,
                };
                let outcome = match how {
                    0 | 1 => Outcome::Provisioned { outputs: BTreeMap::new(), release: None },
                    2 => Outcome::Deprovisioned,
                    3 => Outcome::Failed(note),
                    _ => Outcome::Released,
                };
                (*tenant, Action::End { fence: fence(*tenant, *owner, *token), outcome })
            }
            Op::Reconcile { tenant } => (*tenant, Action::Reconcile),
        };
        Command { tenant: tenant(number), action }
    }

    /// Reads and decides; `None` when there is nothing to write.
    fn prepare(&mut self, command: &Command, attempt: u32) -> Option<Box<Decided>> {
        match self.registry.prepare(command, self.now, attempt) {
            Ok(Prepared::Change(decided)) => Some(decided),
            Ok(Prepared::Same(entry)) => {
                assert_eq!(entry.tenant, command.tenant);
                None
            }
            Ok(Prepared::First(tenant)) => {
                let before = self.dump();
                // Its steps are one change each; here there is one to be made.
                let command = Command { tenant, action: Action::Reconcile };
                self.registry.apply(&command, self.now).unwrap();
                let after = self.dump();
                self.watch.check_change(&before, &after, self.now);
                None
            }
            Err(RegistryError::Refused(refusal)) => {
                assert!(!refusal.to_string().is_empty());
                self.refusals.insert(refusal.code());
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn begin(&mut self, op: &Op) {
        let command = self.command(op);
        if let Some(prepared) = self.prepare(&command, 0) {
            self.processes.push(Process { command, prepared: Some(prepared), attempt: 0 });
        }
    }

    fn write(&mut self, place: prop::sample::Index, fault: Option<Fault>) {
        if self.processes.is_empty() {
            return;
        }
        let place = place.index(self.processes.len());
        let Some(decided) = self.processes[place].prepared.take() else {
            // It met something, and reads again.
            let command = self.processes[place].command.clone();
            self.processes[place].attempt += 1;
            let attempt = self.processes[place].attempt;
            match self.prepare(&command, attempt) {
                Some(prepared) => self.processes[place].prepared = Some(prepared),
                None => drop(self.processes.remove(place)),
            }
            return;
        };
        let before = self.dump();
        self.registry.store().fail_next(fault);
        let answer = self.registry.store().transact(&decided.transaction);
        self.registry.store().fail_next(None);
        let after = self.dump();
        self.watch.check_change(&before, &after, self.now);
        match answer {
            Ok(()) => {
                assert_ne!(before, after, "{:?} changed nothing", decided.what);
                let Process { command, .. } = self.processes.remove(place);
                self.note(&command, &decided);
                self.check_again(&command, decided.what);
            }
            Err(StoreError::Conflict { .. } | StoreError::Throttled(_)) => assert_eq!(before, after),
            Err(StoreError::Unknown(_)) => {
                // A run whose lease was given learns its token when it asks again.
                if before != after {
                    let command = self.processes[place].command.clone();
                    self.note(&command, &decided);
                }
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn note(&mut self, command: &Command, decided: &Decided) {
        if let Action::End { fence, .. } | Action::Renew { fence, .. } = &command.action {
            assert_eq!(fence.token, decided.entry.fencing_token, "the word of an earlier run counted");
        }
        if let (Action::Lease { owner, .. }, What::Leased) = (&command.action, decided.what) {
            let number = (0..TENANTS).find(|number| tenant(*number) == command.tenant).unwrap();
            let owner = owner.as_str().trim_start_matches("run-").parse().unwrap();
            self.tokens.entry((number, owner)).or_default().push(decided.entry.fencing_token);
        }
    }

    /// The same again changes nothing.
    fn check_again(&mut self, command: &Command, what: What) {
        let settled = matches!(command.action, Action::Request { .. } | Action::End { .. });
        if settled && what != What::NotAdmitted {
            let again = self.registry.prepare(command, self.now, 0);
            // A tenant that is forgotten answers nobody but the requests it knew.
            let fine = match &again {
                Ok(Prepared::Same(_)) => true,
                Err(RegistryError::Refused(Refusal::Unknown { .. })) => what == What::Forgotten,
                _ => false,
            };
            assert!(fine, "{command:?} again: {again:?}");
        }
    }

    pub(crate) fn step(&mut self, step: &Step) {
        match step {
            Step::Do(op) => {
                let command = self.command(op);
                let before = self.dump();
                match self.prepare(&command, 0) {
                    Some(decided) if before == self.dump() => {
                        self.registry.store().transact(&decided.transaction).unwrap();
                        let after = self.dump();
                        self.watch.check_change(&before, &after, self.now);
                        self.note(&command, &decided);
                        self.check_again(&command, decided.what);
                    }
                    _ => {}
                }
            }
            Step::Begin(op) => self.begin(op),
            Step::Write { place, fault } => self.write(*place, *fault),
            Step::Crash { place } if !self.processes.is_empty() => {
                let place = place.index(self.processes.len());
                drop(self.processes.remove(place));
            }
            Step::Crash { .. } => {}
            Step::Wait(seconds) => self.now = self.now.after(Duration::from_secs(u64::from(*seconds))),
        }
    }

    fn do_now(&mut self, command: &Command) {
        let before = self.dump();
        match self.registry.apply(command, self.now) {
            Ok(_) | Err(RegistryError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
        let after = self.dump();
        self.watch.check_change(&before, &after, self.now);
    }

    /// Whatever happened, every tenant can be brought to its end, and then nothing is held any more.
    pub(crate) fn end(&mut self) {
        self.processes.clear();
        self.now = self.now.after(Duration::from_secs(LEASE + WAITING));
        for number in 0..TENANTS {
            let tenant = tenant(number);
            let reconcile = Command { tenant: tenant.clone(), action: Action::Reconcile };
            for _ in 0..4 {
                self.do_now(&reconcile);
            }
            let request = Request::Offboard { waiting: Some(Duration::ZERO) };
            let (request_id, requested_at) = ("the-end".parse().unwrap(), self.now);
            self.do_now(&Command {
                tenant: tenant.clone(),
                action: Action::Request { request_id, requested_at, request },
            });
            let (owner, duration) = ("run-end", Duration::from_secs(LEASE));
            let lease = Action::Lease { owner: owner.parse().unwrap(), purpose: Purpose::Destroy, duration };
            self.do_now(&Command { tenant: tenant.clone(), action: lease });
            let token = entries(&self.dump()).get(tenant.as_str()).map_or(0, |(entry, _)| entry.fencing_token);
            let fence = Fence { owner: owner.parse().unwrap(), token };
            self.do_now(&Command { tenant, action: Action::End { fence, outcome: Outcome::Deprovisioned } });
        }
        self.now = self.now.after(Duration::from_secs(QUARANTINE));
        for number in 0..TENANTS {
            self.do_now(&Command { tenant: tenant(number), action: Action::Reconcile });
        }
        let left: Vec<Status> = entries(&self.dump()).into_values().map(|(entry, _)| entry.status).collect();
        assert!(left.iter().all(|status| *status == Status::Forgotten), "{left:?}");
        assert_eq!(self.registry.entries().unwrap(), vec![]);
    }
}
