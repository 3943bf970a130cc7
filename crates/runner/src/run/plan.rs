//! Plans: made without changing anything, kept, and applied later as they are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::document::Document;
use super::job::{Done, Job, Stop};
use super::session::Session;
use super::{capture, fault, mutate, recover, states, steps};
use crate::record::SavedPlan;
use crate::{Changes, Class, Event, Intent, OutputValue, Phase, Status, private};

/// `-detailed-exitcode`: there is something to do.
pub(super) const PENDING: i32 = 2;

/// Tells what a deployment would do.
pub(super) fn plan(session: &Session, job: &mut Job, document: &Document, save: bool) -> Result<Done, Stop> {
    states::keep_state(session, job, document)?;
    if save {
        // It changes the state and nothing in AWS; without it the plan would create again what is there.
        recover::take_over(session, job, document)?;
    }
    let going = job.stack.intent == Intent::Go;
    if going && states::read_state(session, job, document)?.is_none_or(|state| state.is_empty()) {
        if save {
            keep(session, job, document, Changes::default(), false)?;
        }
        return Ok(Done::with(Status::Absent, Changes::default()));
    }
    let mut arguments = mutate::common(session, "plan");
    arguments.push("-detailed-exitcode".into());
    if going {
        arguments.push("-destroy".into());
    }
    if save {
        private::directory(job.home.directory())
            .map_err(|error| fault::file(Phase::Plan, "make the directory", job.home.directory(), &error))?;
        let mut out = std::ffi::OsString::from("-out=");
        out.push(job.home.plan());
        arguments.push(out);
    }
    steps::init_if_needed(session, job, document)?;
    session.tell(&job.stack.name, &Event::Phase(Phase::Plan));
    let run = || steps::call(session, job, Phase::Plan, "plan", arguments.clone(), false);
    let answer = steps::initialised(session, job, document, &run)?;
    let (pending, changes) = match (answer.code(), answer.said.planned) {
        (Some(0), Some(changes)) => (false, changes),
        (Some(PENDING), Some(changes)) => (true, changes),
        _ => return Err(steps::stop(session, job.stack, Phase::Plan, &answer)),
    };
    if save {
        keep(session, job, document, changes, pending)?;
    }
    Ok(Done::with(if pending { Status::Pending } else { Status::Unchanged }, changes))
}

fn keep(session: &Session, job: &mut Job, document: &Document, changes: Changes, pending: bool) -> Result<(), Stop> {
    if pending {
        private::restrict(&job.home.plan())
            .map_err(|error| fault::file(Phase::Plan, "protect", &job.home.plan(), &error))?;
    }
    steps::record(job).plan = Some(SavedPlan {
        run: session.run.clone(),
        document: document.digest.clone(),
        target: session.target.clone(),
        at: Timestamp::now(),
        changes,
        pending,
    });
    Ok(steps::write(job, Phase::Plan, true)?)
}

/// Does what the saved plan says, and nothing else.
pub(super) fn apply_saved(session: &Session, job: &mut Job, document: &Document) -> Result<Done, Stop> {
    let plan = steps::record(job).plan.clone();
    let again = |cause: &str| {
        let fix = "run the same command again: it plans anew and asks again";
        fault::open(Class::Configuration, Phase::Plan, cause, fix)
    };
    let Some(plan) = plan else { return Err(again("there is no plan that was kept for this stack").into()) };
    if plan.document != document.digest {
        return Err(again("the stack has changed since it was planned").into());
    }
    if plan.target != session.target {
        return Err(
            again(&format!("the plan is for {}, and this run is against {}", plan.target, session.target)).into()
        );
    }
    let going = job.stack.intent == Intent::Go;
    if !plan.pending {
        let _ = std::fs::remove_file(job.home.plan());
        if going {
            return mutate::absent(job);
        }
        let outputs = outputs(session, job, document)?;
        return mutate::unchanged(session, job, document, outputs);
    }
    if !job.home.plan().is_file() {
        return Err(again("the plan that was kept is gone").into());
    }
    states::keep_state(session, job, document)?;
    let mut arguments = mutate::common(session, "apply");
    arguments.push(job.home.plan().into());
    if going {
        session.tell(&job.stack.name, &Event::Phase(Phase::Destroy));
        return mutate::tear_down(session, job, document, arguments);
    }
    session.tell(&job.stack.name, &Event::Phase(Phase::Apply));
    mutate::apply(session, job, document, arguments)
}

/// Tells what the state has of outputs, and changes nothing.
pub(super) fn tell_outputs(session: &Session, job: &mut Job, document: &Document) -> Result<Done, Stop> {
    if states::read_state(session, job, document)?.is_none_or(|state| state.is_empty()) {
        return Ok(Done::with(Status::Absent, Changes::default()));
    }
    let outputs = outputs(session, job, document)?;
    Ok(Done { outputs, ..Done::with(Status::Unchanged, Changes::default()) })
}

#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    value: Value,
}

/// The outputs in the state.
fn outputs(session: &Session, job: &Job, document: &Document) -> Result<BTreeMap<String, OutputValue>, Stop> {
    steps::init_if_needed(session, job, document)?;
    session.tell(&job.stack.name, &Event::Phase(Phase::Output));
    let answer = capture::ask(session, job.stack, Phase::Output, &["output", "-json"])?;
    let outputs: BTreeMap<String, Output> = serde_json::from_slice(&answer).map_err(|error| {
        let cause = format!("`output -json` did not answer with outputs: {error}");
        fault::new(Class::Unknown, Phase::Output, cause, "run the same command again")
    })?;
    let value = |output: Output| OutputValue {
        sensitive: output.sensitive,
        value: if output.sensitive { None } else { Some(output.value) },
    };
    Ok(outputs.into_iter().map(|(name, output)| (name, value(output))).collect())
}
