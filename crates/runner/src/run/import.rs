//! `terraform import` of what was created and not noted.

use std::ffi::OsString;

use super::call::Answer;
use super::document::Document;
use super::job::{Job, Stop};
use super::session::Session;
use super::steps;
use crate::record::Doubtful;
use crate::{Class, Failure, Operation, Phase};

/// AWS gives a new security group a rule that lets everything out, and the provider takes it away with a second request. A group that was
/// killed between the two keeps the rule, and no plan would find it: a stack that declares its rules one by one says nothing of others.
const MADE_IN_STEPS: &[&str] = &["aws_security_group"];

/// What became of one.
pub(super) enum Taken {
    /// The state has it.
    Yes,
    /// AWS does not have it, or not yet.
    NotThere,
    /// It may be there.
    Unknown,
}

/// Takes one over.
pub(super) fn take(session: &Session, job: &Job, document: &Document, it: &Doubtful, id: &str) -> Result<Taken, Stop> {
    let stack = &job.stack.name;
    steps::init_if_needed(session, job, document)?;
    let arguments: Vec<OsString> = vec![
        "import".into(),
        "-input=false".into(),
        "-no-color".into(),
        lock_timeout(session),
        it.address.clone().into(),
        id.into(),
    ];
    let phase = phase(session);
    let answer = steps::call(session, job, phase, "import", arguments, false)?;
    if answer.succeeded() {
        session.note(stack, format!("took over {} ({id}), which was created and not noted in the state", it.address));
        return Ok(Taken::Yes);
    }
    let failure = failure(session, job, phase, &answer)?;
    if says(&failure, "already managed by Terraform") {
        return Ok(Taken::Yes);
    }
    if says(&failure, "non-existent remote object") {
        return Ok(Taken::NotThere);
    }
    if is_of_more(failure.class) {
        return Err(steps::stop(session, job.stack, phase, &answer));
    }
    session.note(stack, format!("cannot take over {} ({id}): {}", it.address, failure.cause));
    Ok(Taken::Unknown)
}

/// Has what was taken over in the middle of its creation made again by the next apply, where a plan would not see what it lacks.
pub(super) fn have_made_whole(session: &Session, job: &Job, it: &Doubtful) -> Result<(), Stop> {
    let phase = phase(session);
    if phase == Phase::Destroy || !MADE_IN_STEPS.contains(&it.resource_type.as_str()) {
        return Ok(());
    }
    let arguments: Vec<OsString> = vec!["taint".into(), lock_timeout(session), it.address.clone().into()];
    let answer = steps::call(session, job, phase, "taint", arguments, false)?;
    if answer.succeeded() {
        session.note(&job.stack.name, format!("{} may be half made: it is made again", it.address));
        return Ok(());
    }
    failure(session, job, phase, &answer)?;
    Err(steps::stop(session, job.stack, phase, &answer))
}

/// Why it failed, unless it was stopped.
fn failure(session: &Session, job: &Job, phase: Phase, answer: &Answer) -> Result<Box<Failure>, Stop> {
    if answer.status.is_none() || session.interrupt.requested() {
        return Err(steps::stop(session, job.stack, phase, answer));
    }
    Ok(steps::failure(session, job.stack, phase, answer))
}

fn lock_timeout(session: &Session) -> OsString {
    format!("-lock-timeout={}s", session.settings.lock_timeout.as_secs()).into()
}

/// In what it is done.
pub(super) fn phase(session: &Session) -> Phase {
    if session.operation == Operation::Destroy { Phase::Destroy } else { Phase::Apply }
}

/// Whether a failure is not of one resource.
pub(super) fn is_of_more(class: Class) -> bool {
    matches!(
        class,
        Class::LockHeld
            | Class::Credentials
            | Class::Network
            | Class::Throttled
            | Class::Service
            | Class::Tool
            | Class::Disk
            | Class::State
            | Class::Crash
    )
}

/// Terraform breaks its lines where it likes.
fn says(failure: &Failure, what: &str) -> bool {
    let said = format!("{} {}", failure.cause, failure.detail);
    said.split_whitespace().collect::<Vec<_>>().join(" ").contains(what)
}
