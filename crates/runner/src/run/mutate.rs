//! What changes a stack: `apply` and its reverse, with the record before and after.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;

use jiff::Timestamp;

use super::call::{Answer, Call};
use super::document::{DOCUMENT, Document};
use super::earlier::merged;
use super::job::{Done, Job, Stop};
use super::known::Known;
use super::session::Session;
use super::{fault, recover, states, steps};
use crate::record::{Deployed, Mutation};
use crate::{Changes, Class, Event, Failure, Operation, OutputValue, Phase, Status, private};

/// Creates the stack or brings it up to date.
pub(super) fn deploy(session: &Session, job: &mut Job, document: &Document) -> Result<Done, Stop> {
    states::keep_state(session, job, document)?;
    steps::init_if_needed(session, job, document)?;
    recover::take_over(session, job, document)?;
    session.tell(&job.stack.name, &Event::Phase(Phase::Apply));
    let mut arguments = common(session, "apply");
    arguments.push("-auto-approve".into());
    apply(session, job, document, arguments)
}

/// Applies, with or without a plan, and notes what became of it.
pub(super) fn apply(
    session: &Session,
    job: &mut Job,
    document: &Document,
    arguments: Vec<OsString>,
) -> Result<Done, Stop> {
    let answer = mutating(session, job, document, Mutation::Deploy, arguments)?;
    let changes = answer.said.changes();
    if !answer.applied() {
        return Err(failed(session, job, Phase::Apply, &answer, Vec::new()));
    }
    // A saved plan that is applied says nothing of outputs once more; it would not have been kept without something to do.
    let same = changes.is_empty() && !answer.said.outputs_change && session.operation != Operation::DeploySaved;
    settle(session, job, document, answer.said.outputs, changes, same)
}

/// There was nothing to do.
pub(super) fn unchanged(
    session: &Session,
    job: &mut Job,
    document: &Document,
    outputs: BTreeMap<String, OutputValue>,
) -> Result<Done, Stop> {
    let attempts = job.attempts;
    let record = steps::record(job);
    record.run.clone_from(&session.run);
    record.operation = Mutation::Deploy;
    record.target.clone_from(&session.target);
    record.attempt = attempts;
    record.plan = None;
    settle(session, job, document, outputs, Changes::default(), true)
}

/// The stack stands.
fn settle(
    session: &Session,
    job: &mut Job,
    document: &Document,
    outputs: BTreeMap<String, OutputValue>,
    changes: Changes,
    same: bool,
) -> Result<Done, Stop> {
    let record = steps::record(job);
    let status = if same { Status::Unchanged } else { Status::Deployed };
    record.outputs.clone_from(&outputs);
    record.deployed =
        Some(Deployed { run: session.run.clone(), document: document.digest.clone(), at: Timestamp::now() });
    record.doubtful.clear();
    end(job, Phase::Apply, status, changes)?;
    // What stands now is what a damaged state would have to be restored to.
    states::keep_state(session, job, document)?;
    Ok(Done { outputs, ..Done::with(status, changes) })
}

/// Removes everything that the state has.
pub(super) fn destroy(session: &Session, job: &mut Job, document: &Document) -> Result<Done, Stop> {
    states::keep_state(session, job, document)?;
    recover::take_over(session, job, document)?;
    if states::read_state(session, job, document)?.is_none_or(|state| state.is_empty()) {
        return absent(job);
    }
    session.tell(&job.stack.name, &Event::Phase(Phase::Destroy));
    let mut arguments = common(session, "apply");
    arguments.extend(["-destroy".into(), "-auto-approve".into()]);
    tear_down(session, job, document, arguments)
}

/// Destroys, with or without a plan, and sees what is left.
pub(super) fn tear_down(
    session: &Session,
    job: &mut Job,
    document: &Document,
    arguments: Vec<OsString>,
) -> Result<Done, Stop> {
    let answer = mutating(session, job, document, Mutation::Destroy, arguments)?;
    let changes = answer.said.changes();
    let left = if answer.status.is_some() {
        states::read_state(session, job, document).ok().flatten().map(|state| state.addresses).unwrap_or_default()
    } else {
        Vec::new()
    };
    if !answer.applied() {
        return Err(failed(session, job, Phase::Destroy, &answer, left));
    }
    if !left.is_empty() {
        let cause = format!("Terraform says that it destroyed everything, but the state still has {}", left.join(", "));
        let failure = fault::new(Class::State, Phase::Destroy, cause, "run the same command again");
        note_failure(job, &failure, Status::Failed, changes, left.clone())?;
        return Err(Stop::Failed(failure, left));
    }
    gone(job, Status::Destroyed, changes)
}

/// Nothing of it is there, and nothing was done.
pub(super) fn absent(job: &mut Job) -> Result<Done, Stop> {
    let record = steps::record(job);
    // What a destroy before this one achieved stays known.
    let status = match record.status {
        Some(Status::Destroyed) => return Ok(Done::with(Status::Absent, Changes::default())),
        _ => Status::Absent,
    };
    if record.attempt == 0 && record.deployed.is_none() && record.plan.is_none() {
        // Nothing is known, so nothing is to be written.
        record.operation = Mutation::Destroy;
    }
    gone(job, status, Changes::default())
}

fn gone(job: &mut Job, status: Status, changes: Changes) -> Result<Done, Stop> {
    let record = steps::record(job);
    record.operation = Mutation::Destroy;
    record.deployed = None;
    record.outputs.clear();
    end(job, Phase::Destroy, status, changes)?;
    Ok(Done::with(status, changes))
}

/// The arguments that every planning or applying Terraform gets.
pub(super) fn common(session: &Session, command: &str) -> Vec<OsString> {
    let seconds = session.settings.lock_timeout.as_secs();
    vec![command.into(), "-json".into(), "-input=false".into(), format!("-lock-timeout={seconds}s").into()]
}

/// Runs a Terraform that changes something: what it is about to do is on the disk before it starts.
fn mutating(
    session: &Session,
    job: &mut Job,
    document: &Document,
    operation: Mutation,
    arguments: Vec<OsString>,
) -> Result<Answer, Stop> {
    steps::init_if_needed(session, job, document)?;
    let answer = recorded(session, job, document, operation, arguments.clone())?;
    if !answer.succeeded() && answer.said.evidence.wants_init() && !session.interrupt.requested() {
        steps::init_now(session, job, document)?;
        return recorded(session, job, document, operation, arguments);
    }
    Ok(answer)
}

fn recorded(
    session: &Session,
    job: &mut Job,
    document: &Document,
    operation: Mutation,
    arguments: Vec<OsString>,
) -> Result<Answer, Stop> {
    let (phase, name) = match operation {
        Mutation::Deploy => (Phase::Apply, "apply"),
        Mutation::Destroy => (Phase::Destroy, "destroy"),
    };
    steps::go_on(session, phase)?;
    let call = Call { session, stack: job.stack, phase, name, arguments, variables: Vec::new(), noted: true };
    let log = call.log().map_err(|error| fault::file(phase, "make a log in", &job.logs(session), &error))?;
    if operation == Mutation::Deploy {
        keep_begun(job, phase)?;
    }
    let attempt = job.attempts;
    let record = steps::record(job);
    record.run.clone_from(&session.run);
    record.operation = operation;
    record.status = None;
    record.attempt = attempt;
    record.began = Some(Timestamp::now());
    record.ended = None;
    record.document.clone_from(&document.digest);
    record.terraform = session.settings.terraform.to_string();
    record.target.clone_from(&session.target);
    record.log = Some(log.path().to_owned());
    record.changes = Changes::default();
    record.failure = None;
    record.left.clear();
    if session.operation != Operation::DeploySaved {
        // Whatever happens now, a plan of before is no longer about what is there.
        record.plan = None;
    }
    steps::write(job, phase, true)?;
    let answer = match call.run(log) {
        Ok(answer) => answer,
        Err(failure) => {
            let status = if failure.class == Class::Interrupted { Status::Interrupted } else { Status::Failed };
            note_failure(job, &failure, status, Changes::default(), Vec::new())?;
            return Err(failure.into());
        }
    };
    if !answer.ended_in_order() && answer.status.is_some() {
        let record = steps::record(job);
        record.note_killed(answer.process.clone());
        record.doubtful = merged(std::mem::take(&mut record.doubtful), answer.said.doubtful());
    } else if answer.status.is_some() {
        let record = steps::record(job);
        record.doubtful = merged(std::mem::take(&mut record.doubtful), answer.said.unanswered());
    }
    Ok(answer)
}

/// Keeps what the stack is to be until it stands: what Terraform creates and does not come to note is as this says.
fn keep_begun(job: &Job, phase: Phase) -> Result<(), Box<Failure>> {
    let (from, to) = (job.directory().join(DOCUMENT), job.home.begun());
    let text = fs::read(&from).map_err(|error| fault::file(phase, "read", &from, &error))?;
    private::directory(job.home.directory())
        .and_then(|()| private::write(&to, &Known::kept(&text)))
        .map_err(|error| fault::file(phase, "write", &to, &error))
}

/// Notes why a Terraform did not succeed, and how it goes on.
fn failed(session: &Session, job: &mut Job, phase: Phase, answer: &Answer, left: Vec<String>) -> Stop {
    let stop = steps::stop(session, job.stack, phase, answer);
    let changes = answer.said.changes();
    let again = matches!(&stop, Stop::Failed(failure, _) if recover::is_there_after_all(job, failure));
    let noted = match &stop {
        Stop::Later(_) => Ok(()),
        // It still runs: the record stays open, and the next run waits for it.
        Stop::Interrupted(_) if answer.status.is_none() => {
            job.left_running = true;
            Ok(())
        }
        Stop::Interrupted(failure) => note_failure(job, failure, Status::Interrupted, changes, left.clone()),
        Stop::Failed(failure, _) | Stop::Locked(failure, _) => {
            note_failure(job, failure, Status::Failed, changes, left.clone())
        }
    };
    match (noted, stop) {
        (Err(disk), _) => disk.into(),
        (Ok(()), Stop::Failed(failure, _)) if again => {
            let address = failure.address.unwrap_or_default();
            session.note(&job.stack.name, format!("{address} is there after all; it is taken over"));
            Stop::Later(std::time::Duration::from_secs(1))
        }
        (Ok(()), Stop::Failed(failure, _)) => Stop::Failed(failure, left),
        (Ok(()), stop) => stop,
    }
}

fn note_failure(
    job: &mut Job,
    failure: &Failure,
    status: Status,
    changes: Changes,
    left: Vec<String>,
) -> Result<(), Box<Failure>> {
    let record = steps::record(job);
    record.failure = Some(failure.clone());
    record.left = left;
    finish(job, failure.phase, status, changes)
}

fn end(job: &mut Job, phase: Phase, status: Status, changes: Changes) -> Result<(), Box<Failure>> {
    let record = steps::record(job);
    record.failure = None;
    record.left.clear();
    finish(job, phase, status, changes)
}

fn finish(job: &mut Job, phase: Phase, status: Status, changes: Changes) -> Result<(), Box<Failure>> {
    let record = steps::record(job);
    if status != Status::Failed || !changes.is_empty() {
        record.plan = None;
    }
    record.status = Some(status);
    record.ended = Some(Timestamp::now());
    record.changes = changes;
    if record.plan.is_none() {
        // It holds secrets and is of no use any more.
        let _ = fs::remove_file(job.home.plan());
    }
    if status.is_good() {
        steps::record(job).killed = None;
        if steps::record(job).doubtful.is_empty() {
            let _ = fs::remove_file(job.home.begun());
        }
    }
    // A power cut may undo this: the record then says that it was begun, and the next run finds that there is nothing to do.
    steps::write(job, phase, false)
}
