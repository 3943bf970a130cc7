//! How a deployment goes about it: in which waves, with what budget of failures, and how it is asked whether a stack is well.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use runner::{Intent, Interrupt, Outcome, Stack, Status};

use crate::fleet::flags::{Deploy, HealthKind};
use crate::fleet::health::{self, Check, Health, Signature};
use crate::fleet::rollout::{Rollout, Stopped};
use crate::fleet::waves::{self, Budget, Waves};
use crate::fleet::{Context, FleetError};
use crate::proof::digest;
use crate::show::{counted, say};

/// Waves, budget, health: from the flags, or, when it is resumed, from the record where the flags say nothing.
pub(super) struct Course {
    pub(super) rollout: Rollout,
    budget: Budget,
    pub(super) health: Option<Health>,
    /// How long a wave stands before it is asked.
    pub(super) bake: Duration,
    pause: bool,
    /// Whether it is recorded how far it is: where there is more than one wave, or a check.
    pub(super) is_kept: bool,
}

impl Course {
    pub(super) fn new(
        context: &Context<'_>,
        flags: &Deploy,
        stacks: &[Stack],
        documents: &BTreeMap<String, String>,
    ) -> Result<Self, FleetError> {
        let earlier = Rollout::read(&context.runner.home);
        let earlier = if flags.resume { earlier? } else { earlier.ok().flatten() };
        if let (false, Some(earlier)) = (flags.resume, &earlier) {
            say(&format!(
                "warning: a rollout stopped after {} of {}; this is a new one (`app deploy --resume` would have gone on)",
                earlier.done,
                counted(earlier.waves.len(), "wave")
            ));
        }
        let earlier = earlier.filter(|_| flags.resume);
        let recorded = |text: &Option<String>| text.as_deref().map(Check::from_record).transpose();
        let check = match (&flags.health, &flags.health_command, &earlier) {
            (Some(HealthKind::Url), ..) => Some(Check::Url),
            (None, Some(command), _) => Some(Check::command(command)?),
            (None, None, Some(earlier)) => recorded(&earlier.health)?,
            (None, None, None) => None,
        };
        let sizes: Waves = match (&flags.waves, &earlier) {
            (Some(waves), _) => waves.clone(),
            (None, Some(earlier)) => earlier.sizes.parse().unwrap_or_else(|_| Waves::all_at_once()),
            (None, None) => Waves::all_at_once(),
        };
        let budget: Budget = match (flags.failure_budget, &earlier) {
            (Some(budget), _) => budget,
            (None, Some(earlier)) => earlier.failure_budget.parse().unwrap_or_default(),
            (None, None) => Budget::default(),
        };
        let bake = flags.bake.or(earlier.as_ref().map(|earlier| earlier.bake)).unwrap_or_default();
        let pause = flags.pause || earlier.as_ref().is_some_and(|earlier| earlier.pause) && flags.resume;
        let of = of(documents);
        let mut rollout = match earlier {
            // The same waves; who has joined since has a turn in the last one.
            Some(earlier) if flags.waves.is_none() => {
                let known: BTreeSet<String> = earlier.waves.iter().flatten().cloned().collect();
                let joined = stacks.iter().map(|stack| stack.name.clone()).filter(|name| !known.contains(name));
                let joined: Vec<String> = joined.collect();
                let mut waves = earlier.waves.clone();
                match waves.last_mut() {
                    Some(last) => last.extend(joined),
                    None => waves.push(joined),
                }
                // What was well with other documents may not be with these.
                let well = if earlier.of == of { earlier.well } else { BTreeSet::new() };
                Rollout { well, ..Rollout::new(of, waves) }
            }
            _ => Rollout::new(of.clone(), cut(context, &sizes, stacks, &of)),
        };
        rollout.sizes = sizes.to_string();
        rollout.failure_budget = budget.to_string();
        rollout.health = check.as_ref().map(Check::recorded);
        rollout.bake = bake;
        rollout.pause = pause;
        let health = check.map(|check| health_of(context, check)).transpose()?;
        let is_kept = rollout.waves.len() > 1 || health.is_some() || pause;
        Ok(Self { rollout, budget, health, bake: Duration::from_secs(bake), pause, is_kept })
    }

    /// Whether it goes no further.
    pub(super) fn stop(&self, interrupt: &Interrupt, outcomes: &[Outcome], more: bool, begun: bool) -> Option<Stopped> {
        if interrupt.requested() {
            return Some(Stopped::Interrupted);
        }
        let failed = outcomes.iter().filter(|outcome| outcome.status == Status::Failed).count();
        if !self.budget.holds(failed, outcomes.len()) && self.is_kept {
            return Some(Stopped::Budget);
        }
        (self.pause && more && begun).then_some(Stopped::Pause)
    }
}

/// What is rolled out: one digest of all documents.
fn of(documents: &BTreeMap<String, String>) -> String {
    digest(documents.values().cloned().collect::<Vec<_>>().join(",").as_bytes())
}

/// The waves: tenants that are to stand in the order of the rollout; the platform comes with the first, and so do pinned ones, with
/// which nothing is done; those that go come with the last.
fn cut(context: &Context<'_>, sizes: &Waves, stacks: &[Stack], rollout: &str) -> Vec<Vec<String>> {
    let is_pinned = |stack: &Stack| context.record(&stack.name).is_some_and(|record| record.pin.is_some());
    let (mut first, mut last, mut tenants) = (Vec::new(), Vec::new(), Vec::new());
    for stack in stacks {
        let group = match stack.intent {
            _ if stack.tenant.is_none() || is_pinned(stack) => &mut first,
            Intent::Go => &mut last,
            Intent::Stand => &mut tenants,
        };
        group.push(stack.name.clone());
    }
    waves::order(&mut tenants, rollout, |name| name);
    let mut waves = sizes.cut(tenants);
    if waves.is_empty() {
        waves.push(Vec::new());
    }
    if let Some(wave) = waves.first_mut() {
        wave.splice(0..0, first);
    }
    if let Some(wave) = waves.last_mut() {
        wave.extend(last);
    }
    waves
}

fn health_of(context: &Context<'_>, check: Check) -> Result<Health, FleetError> {
    let variable = |name| context.runner.environment.get(name).and_then(|value| value.to_str()).map(str::to_owned);
    let emulator = context.runner.endpoints.address("lambda").map(str::to_owned);
    let made_up = emulator.as_ref().map(|_| "test".to_owned());
    let key_id = variable("AWS_ACCESS_KEY_ID").or_else(|| made_up.clone());
    let secret = variable("AWS_SECRET_ACCESS_KEY").or(made_up);
    let signature = match (key_id, secret) {
        (Some(key_id), Some(secret)) => Some(Signature {
            key_id,
            secret,
            token: variable("AWS_SESSION_TOKEN"),
            region: context.settings.fleet.region.to_string(),
            emulator,
        }),
        _ if check == Check::Url => return Err(health::HealthError::NoCredentials.into()),
        _ => None,
    };
    let directory = context.settings.project.clone();
    Ok(Health { check, signature, parallelism: context.runner.parallelism, directory })
}
