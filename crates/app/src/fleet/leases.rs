//! What the registry of the tenants file is told of a run: that it is under way for a tenant, and how it ended.
//!
//! It is told of what changes where a tenant stands: a tenant that is to be made or destroyed has a lease while that lasts; one that stands
//! is mentioned when a run fails, or when what it outputs is another. A registry that cannot be used costs no deployment: what keeps runs
//! apart are the locks of the states, and the next run tells it.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use naming::TenantId;
use registry::event::FailureNote;
use registry::store::file::FileStore;
use registry::store::memory::MemoryStore;
use registry::{
    Action, Command, Entry, Fence, LeaseOwner, Outcome as Ending, Purpose, Registry, RegistryError, Release, Request,
    Rules, Status as Stands, Timestamp,
};
use runner::{Intent, Outcome, Stack, Status};

use crate::fleet::{Context, words};
use crate::show::say;

/// Every run of this machine: who is killed has left a lease, which the next run takes up.
const OWNER: &str = "app";

/// Longer than a deployment. After it, the tenant counts as failed.
const LEASE: Duration = Duration::from_secs(4 * 60 * 60);

/// The leases of a run.
pub(crate) struct Leases<'a> {
    context: &'a Context<'a>,
    stacks: &'a [Stack],
    held: BTreeMap<TenantId, Fence>,
}

impl<'a> Leases<'a> {
    /// Takes the leases of those that are to be made or destroyed.
    pub(crate) fn take(context: &'a Context<'a>, stacks: &'a [Stack]) -> Self {
        let mut leases = Self { context, stacks, held: BTreeMap::new() };
        if stacks.iter().any(|stack| stack.tenant.is_some()) {
            warn(leases.take_all());
        }
        leases
    }

    /// Tells how the stacks ended, and gives the leases back.
    pub(crate) fn end(mut self, outcomes: &[Outcome]) {
        if outcomes.iter().any(|outcome| outcome.tenant.is_some()) || !self.held.is_empty() {
            warn(self.end_all(outcomes));
        }
    }

    fn take_all(&mut self) -> Result<(), LeaseError> {
        let (context, stacks) = (self.context, self.stacks);
        self.held = tell(context, |registry| {
            let entries = entries(registry)?;
            let mut held = BTreeMap::new();
            // Nothing is done to what is pinned.
            let is_pinned = |stack: &Stack| context.record(&stack.name).is_some_and(|record| record.pin.is_some());
            for stack in stacks.iter().filter(|stack| !is_pinned(stack)) {
                let Some(entry) = stack.tenant.as_deref().and_then(|tenant| entries.get(tenant)) else { continue };
                if let Some(purpose) = purpose(entry, stack.intent) {
                    held.extend(granted(lease(registry, &entry.tenant, purpose)).map(|it| (entry.tenant.clone(), it)));
                }
            }
            Ok(held)
        })?;
        Ok(())
    }

    fn end_all(&mut self, outcomes: &[Outcome]) -> Result<(), LeaseError> {
        let mut held = std::mem::take(&mut self.held);
        tell(self.context, |registry| {
            let entries = entries(registry)?;
            for outcome in outcomes {
                let Some(entry) = outcome.tenant.as_deref().and_then(|tenant| entries.get(tenant)) else { continue };
                let intent = self.stacks.iter().find(|stack| stack.name == outcome.stack).map(|stack| stack.intent);
                let Some(intent) = intent else { continue };
                let fence = held.remove(&entry.tenant);
                let Some(ending) = self.ending(entry, intent, outcome, fence.is_some()) else { continue };
                let fence = fence.or_else(|| granted(lease(registry, &entry.tenant, Purpose::Deploy)));
                granted(fence.map_or(Ok(()), |fence| end(registry, &entry.tenant, fence, ending)));
            }
            // Of these it is not known how they ended.
            for (tenant, fence) in held {
                granted(end(registry, &tenant, fence, Ending::Released));
            }
            Ok(())
        })
    }

    /// What the registry is told of an outcome, if it is to hear of it.
    fn ending(&self, entry: &Entry, intent: Intent, outcome: &Outcome, held: bool) -> Option<Ending> {
        let stands = matches!(entry.status, Stands::Active | Stands::Suspended);
        match (intent, outcome.status) {
            (Intent::Stand, Status::Deployed | Status::Unchanged) => {
                let outputs = self.outputs(outcome);
                (held || stands && outputs != entry.outputs)
                    .then(|| Ending::Provisioned { outputs, release: env!("CARGO_PKG_VERSION").parse().ok() })
            }
            (Intent::Go, Status::Destroyed | Status::Absent) if held => Some(Ending::Deprovisioned),
            // It is to stand, and was destroyed all the same.
            (Intent::Go, Status::Destroyed) if stands => Some(Ending::Failed(FailureNote {
                phase: "destroy".to_owned(),
                address: None,
                cause: "`app destroy` took the environment down".to_owned(),
                fix: format!("`app deploy --tenant {}` makes it again", entry.tenant),
                attempt: 0,
                resumable: true,
            })),
            (_, Status::Failed | Status::Interrupted) if held || stands => {
                Some(Ending::Failed(note(&entry.tenant, outcome)))
            }
            (_, Status::NotStarted) if held => Some(Ending::Failed(note(&entry.tenant, outcome))),
            _ => held.then_some(Ending::Released),
        }
    }

    /// What a stack outputs, without what must not be shown and what no registry has room for.
    fn outputs(&self, outcome: &Outcome) -> BTreeMap<String, String> {
        let recorded = if outcome.outputs.is_empty() { self.context.record(&outcome.stack) } else { None };
        let outputs = recorded.map_or_else(|| outcome.outputs.clone(), |record| record.outputs);
        let texts = outputs.into_iter().filter_map(|(name, output)| {
            let value = output.value.filter(|_| !output.sensitive)?;
            Some((name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        });
        texts.filter(|(_, text)| text.chars().nth(Ending::MAX_OUTPUT).is_none()).take(Ending::MAX_OUTPUTS).collect()
    }
}

/// Tells the registry all of it at once; the events that follow are published before it counts.
fn tell<T>(context: &Context<'_>, act: impl FnOnce(&Told) -> Result<T, LeaseError>) -> Result<T, LeaseError> {
    let fleet = &context.settings.fleet;
    let store = FileStore::open(&context.tenants_file, context.overrides.clone(), Timestamp::now())?;
    let rules = Rules::new(fleet.environment_suffix.clone(), fleet.plan);
    store.all_at_once(|memory| {
        let registry = Registry::new(memory, rules);
        let result = act(&registry)?;
        registry.publish(&mut store.event_log())?;
        Ok(result)
    })?
}

/// Tells the registry who is pinned to what is deployed from now on, and who follows the fleet again.
pub(crate) fn tell_pins(context: &Context<'_>, pinned: &[TenantId], unpinned: &[TenantId]) {
    warn(tell(context, |registry| {
        let now = Timestamp::now();
        let ask = |tenant: &TenantId, what: &str, release: Option<Release>| {
            let request_id = format!("app-{now}-{}-{what}", std::process::id()).parse()?;
            let action = Action::Request { request_id, requested_at: now, request: Request::Pin { release } };
            registry.apply(&Command { tenant: tenant.clone(), action }, now)?;
            Ok::<_, LeaseError>(())
        };
        for tenant in unpinned {
            granted(ask(tenant, "unpin", None));
        }
        for tenant in pinned {
            // Of what is not deployed there is no release to stay on.
            let Some(release) = registry.entry(tenant)?.and_then(|entry| entry.release) else { continue };
            granted(ask(tenant, "pin", Some(release)));
        }
        Ok(())
    }));
}

/// What a stack is leased for, if its tenant is to be made or destroyed.
fn purpose(entry: &Entry, intent: Intent) -> Option<Purpose> {
    match (intent, entry.status) {
        (Intent::Stand, Stands::Requested | Stands::Provisioning | Stands::Failed) => Some(Purpose::Deploy),
        (Intent::Stand, Stands::Active | Stands::Suspended) => {
            let stale = entry.failure.is_some() || entry.plan != entry.applied_plan || entry.lease.is_some();
            stale.then_some(Purpose::Deploy)
        }
        (Intent::Go, Stands::Deprovisioning) => Some(Purpose::Destroy),
        _ => None,
    }
}

impl Drop for Leases<'_> {
    /// A run that could not begin gives back what it has.
    fn drop(&mut self) {
        if !self.held.is_empty() {
            warn(self.end_all(&[]));
        }
    }
}

type LeaseError = Box<dyn Error>;

/// The registry while it is told.
type Told<'s> = Registry<&'s MemoryStore>;

fn entries(registry: &Told) -> Result<BTreeMap<String, Entry>, RegistryError> {
    Ok(registry.entries()?.into_iter().map(|entry| (entry.tenant.to_string(), entry)).collect())
}

fn lease(registry: &Told, tenant: &TenantId, purpose: Purpose) -> Result<Fence, LeaseError> {
    let owner: LeaseOwner = OWNER.parse()?;
    let action = Action::Lease { owner: owner.clone(), purpose, duration: LEASE };
    let applied = registry.apply(&Command { tenant: tenant.clone(), action }, Timestamp::now())?;
    Ok(Fence { owner, token: applied.entry.fencing_token })
}

fn end(registry: &Told, tenant: &TenantId, fence: Fence, outcome: Ending) -> Result<(), LeaseError> {
    let action = Action::End { fence, outcome };
    registry.apply(&Command { tenant: tenant.clone(), action }, Timestamp::now())?;
    Ok(())
}

fn note(tenant: &TenantId, outcome: &Outcome) -> FailureNote {
    let stopped = || FailureNote {
        phase: FailureNote::LOST.to_owned(),
        address: None,
        cause: "the run was stopped".to_owned(),
        fix: format!("`app deploy --tenant {tenant}` goes on from there"),
        attempt: 0,
        resumable: true,
    };
    outcome.failure.as_ref().map_or_else(stopped, |failure| FailureNote {
        phase: words::phase(failure.phase).to_owned(),
        address: failure.address.clone(),
        cause: failure.cause.clone(),
        fix: failure.fix.clone(),
        attempt: 0,
        resumable: failure.resumable,
    })
}

/// What was granted; where it was not, people are told, and the others are not concerned.
fn granted<T>(result: Result<T, LeaseError>) -> Option<T> {
    result.map_err(|error| warn(Err(error))).ok()
}

fn warn(result: Result<(), LeaseError>) {
    let Err(error) = result else { return };
    let cause = runner::with_causes(&*error);
    say(&format!("warning: where the tenants stand is not noted: {cause}; the deployment is not concerned"));
}
