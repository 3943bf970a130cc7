//! What became of tenants in a deployment, into the registry beside the tenants file: where a tenant stands there is what was seen.
//!
//! The lease is taken and given back when the run is over: on one machine the runner's own locks see to it that no two runs change one stack,
//! and a run that is killed leaves nothing to be waited for. A tenants file without a registry gets none by it.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use naming::TenantId;
use registry::event::FailureNote;
use registry::store::file::FileStore;
use registry::{Action, Command, Entry, Fence, LeaseOwner, Outcome, Purpose, RegistryError, Release, Status};
use runner::OutputValue;
use serde_json::Value;

use super::{Place, Project};
use crate::settings::{Flags, Surroundings};

/// For as long as it takes to say what became of the run.
const LEASE: Duration = Duration::from_secs(60);

/// Records how the stacks of a run ended. What cannot be recorded is said, and the next run records it: nothing of the run depends on it.
pub(crate) fn record(
    flags: &Flags,
    surroundings: &Surroundings,
    outcomes: &[runner::Outcome],
    say: &mut dyn FnMut(&str),
) {
    if let Err(error) = try_to_record(flags, surroundings, outcomes, say) {
        say(&format!(
            "warning: the registry beside the tenants file does not say what became of this run: {error}; the next run makes up for it"
        ));
    }
}

fn try_to_record(
    flags: &Flags,
    surroundings: &Surroundings,
    outcomes: &[runner::Outcome],
    say: &mut dyn FnMut(&str),
) -> Result<(), Box<dyn Error>> {
    let project = Project::open(flags, surroundings, Place::default())?;
    if !project.registry.store().files().is_some_and(FileStore::is_kept) {
        return Ok(());
    }
    project.reconcile()?;
    let owner: LeaseOwner = format!("app-{}-{}", project.now, std::process::id()).parse()?;
    for outcome in outcomes {
        let Some(tenant) = outcome.tenant.as_deref().and_then(|id| id.parse::<TenantId>().ok()) else { continue };
        let Some(entry) = project.registry.entry(&tenant)? else { continue };
        let Some((purpose, ended)) = news(&entry, outcome) else { continue };
        let apply = |action| project.registry.apply(&Command { tenant: tenant.clone(), action }, project.now);
        let told = apply(Action::Lease { owner: owner.clone(), purpose, duration: LEASE }).and_then(|leased| {
            let fence = Fence { owner: owner.clone(), token: leased.entry.fencing_token };
            apply(Action::End { fence, outcome: ended })
        });
        match told {
            // One tenant's refusal is no reason to say nothing of the others.
            Err(RegistryError::Refused(refusal)) => say(&format!("warning: not recorded: {refusal}")),
            other => drop(other?),
        }
    }
    project.publish(say)?;
    Ok(())
}

/// What the registry does not know yet of a tenant; nothing where it is as it was, or where the registry did not ask for it.
fn news(entry: &Entry, outcome: &runner::Outcome) -> Option<(Purpose, Outcome)> {
    let leaves = entry.status == Status::Deprovisioning;
    let made = matches!(entry.status, Status::Active | Status::Suspended);
    let settled = made && entry.failure.is_none() && entry.plan == entry.applied_plan;
    let stands = made || matches!(entry.status, Status::Requested | Status::Provisioning | Status::Failed);
    match outcome.status {
        runner::Status::Unchanged if settled => None,
        runner::Status::Deployed | runner::Status::Unchanged if stands => {
            let release: Option<Release> = env!("CARGO_PKG_VERSION").parse().ok();
            Some((Purpose::Deploy, Outcome::Provisioned { outputs: texts(&outcome.outputs), release }))
        }
        runner::Status::Destroyed | runner::Status::Absent if leaves => {
            Some((Purpose::Destroy, Outcome::Deprovisioned))
        }
        runner::Status::Failed if leaves || stands => {
            let failure = outcome.failure.as_ref()?;
            let phase = serde_json::to_value(failure.phase).ok()?.as_str()?.to_owned();
            let note = FailureNote {
                phase,
                address: failure.address.clone(),
                cause: failure.cause.clone(),
                fix: failure.fix.clone(),
                attempt: 0,
                resumable: failure.resumable,
            };
            let purpose = if leaves { Purpose::Destroy } else { Purpose::Deploy };
            Some((purpose, Outcome::Failed(note.bounded())))
        }
        _ => None,
    }
}

/// Outputs as texts; those that are secret have no value.
fn texts(outputs: &BTreeMap<String, OutputValue>) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    outputs.iter().filter_map(|(name, output)| Some((name.clone(), text(output.value.as_ref()?)))).collect()
}
