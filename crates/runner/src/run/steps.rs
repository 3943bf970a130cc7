//! The steps of one turn of a stack.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::call::{Answer, Call};
use super::document::Document;
use super::job::{Done, Job, Stop};
use super::session::Session;
use super::{drift, earlier, fault, init, mutate, plan, plugins};
use crate::diagnosis::{About, Command};
use crate::lock::Lock;
use crate::record::Record;
use crate::records::RecordError;
use crate::{
    Class, Credentials, Event, Failure, Intent, Operation, OverlayError, Phase, Stack, Status, Waiting, with_causes,
};

/// How often it is looked whether another run is done with the stack.
const TICK: Duration = Duration::from_secs(1);

/// Brings a stack on as far as it goes.
pub(super) fn advance(session: &Session, job: &mut Job) -> Result<Done, Stop> {
    take_lock(session, job)?;
    if !job.settled {
        read_record(session, job)?;
        earlier::settle(session, job)?;
        earlier::clean(session, job)?;
        check_target(session, job)?;
        job.settled = true;
    }
    let only_looks = matches!(session.operation, Operation::DetectDrift | Operation::Outputs);
    if job.record.as_deref().is_some_and(|record| record.pin.is_some()) && !only_looks {
        return Ok(Done::with(Status::Pinned, crate::Changes::default()));
    }
    job.attempts = job.attempts.saturating_add(1);
    job.waits = None;
    let assumed = assumed(session, job.stack)?;
    let credentials = Credentials::of(&session.settings.environment);
    let overlaid = session.settings.endpoints.install(job.directory(), credentials, assumed.as_ref());
    job.overlaid = overlaid.map_err(|error| {
        let fix = match error {
            OverlayError::OwnRole { .. } => "run the same command without `--assume-role-arn`",
            _ => "see to the file that is named, then run the same command again",
        };
        fault::new(Class::Configuration, Phase::Start, with_causes(&error), fix)
    })?;
    let document = Document::read(job.directory()).map_err(|cause| {
        fault::new(
            Class::Configuration,
            Phase::Start,
            cause,
            "synthesise the stacks again, then run the same command again",
        )
    })?;
    match (session.operation, job.stack.intent) {
        (Operation::Plan { save }, _) => plan::plan(session, job, &document, save),
        (Operation::DetectDrift, _) => drift::detect(session, job, &document),
        (Operation::Outputs, _) => plan::tell_outputs(session, job, &document),
        (Operation::Deploy, Intent::Stand) => mutate::deploy(session, job, &document),
        (Operation::DeploySaved, _) => plan::apply_saved(session, job, &document),
        (Operation::Destroy, _) | (Operation::Deploy, Intent::Go) => mutate::destroy(session, job, &document),
    }
}

/// The session in which a stack is worked on: tagged with its tenant, so that it is good for no other.
fn assumed(session: &Session, stack: &Stack) -> Result<Option<crate::Session>, Box<Failure>> {
    let Some(role) = &session.settings.assumed else { return Ok(None) };
    let Some(tenant) = &stack.tenant else {
        let cause =
            format!("`{}` is no tenant's stack, and `{}` is assumed for one tenant at a time", stack.name, role.arn);
        let fix = "name tenants with `--tenant`, or leave `--assume-role-arn` out";
        return Err(fault::new(Class::Configuration, Phase::Start, cause, fix));
    };
    let tags = BTreeMap::from([(role.tenant_tag.clone(), tenant.clone())]);
    Ok(Some(crate::Session { role_arn: role.arn.clone(), name: stack.name.clone(), tags }))
}

fn take_lock(session: &Session, job: &mut Job) -> Result<(), Stop> {
    if job.lock.is_some() {
        return Ok(());
    }
    let name = &job.stack.name;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        let cause = format!("`{name}` cannot be the name of a stack: it is the name of its directory too");
        return Err(fault::new(Class::Configuration, Phase::Start, cause, "give the stack another name").into());
    }
    if !job.directory().is_dir() {
        let cause = format!("there is no directory `{}`", job.directory().display());
        return Err(fault::new(Class::Configuration, Phase::Start, cause, "synthesise the stacks first").into());
    }
    let path = job.home.lock();
    job.lock = Lock::take(&path).map_err(|error| fault::file(Phase::Start, "lock", &path, &error))?;
    if job.lock.is_none() {
        job.wait(session, Waiting::OtherRun);
        return Err(Stop::Later(TICK));
    }
    Ok(())
}

fn read_record(session: &Session, job: &mut Job) -> Result<(), Stop> {
    if job.record.is_some() {
        return Ok(());
    }
    let record = match job.home.read() {
        Ok(record) => record,
        Err(error @ RecordError::Damaged { .. }) => {
            let aside = job.home.set_record_aside().map_err(|error| record_fault(Phase::Start, &error))?;
            let text = format!("{error}; it was moved to `{}`, and the run goes on without it", aside.display());
            session.note(&job.stack.name, text);
            None
        }
        Err(error) => return Err(record_fault(Phase::Start, &error).into()),
    };
    job.record = Some(Box::new(record.unwrap_or_else(|| Record::new(&job.stack.name))));
    Ok(())
}

fn record_fault(phase: Phase, error: &RecordError) -> Box<Failure> {
    match error {
        RecordError::Later { .. } => {
            let fix = "use the version of this program that wrote it";
            fault::open(Class::State, phase, error.to_string(), fix)
        }
        _ => fault::disk(phase, &with_causes(error)),
    }
}

/// The record of a job whose lock is held.
pub(super) fn record<'j>(job: &'j mut Job<'_>) -> &'j mut Record {
    job.record.get_or_insert_with(|| Box::new(Record::new(&job.stack.name)))
}

/// Writes the record.
pub(super) fn write(job: &mut Job, phase: Phase, now: bool) -> Result<(), Box<Failure>> {
    record(job);
    let Some(record) = job.record.as_deref() else { return Ok(()) };
    job.home.write(record, now).map_err(|error| record_fault(phase, &error))
}

/// What stands in one place is not looked for in another: the state has the ids of that place.
fn check_target(session: &Session, job: &Job) -> Result<(), Stop> {
    let Some(record) = job.record.as_deref() else { return Ok(()) };
    let nothing_there = matches!(record.status, Some(Status::Destroyed | Status::Absent));
    if record.target.is_empty() || record.target == session.target || (nothing_there && record.doubtful.is_empty()) {
        return Ok(());
    }
    let cause = format!("the stack was last run against {}, and this run is against {}", record.target, session.target);
    let fix =
        "run it against the same place (`--endpoint-url`), destroy it there first, or use another output directory";
    Err(fault::open(Class::Configuration, Phase::Start, cause, fix).into())
}

/// Runs `init` unless it was done for just this.
pub(super) fn init_if_needed(session: &Session, job: &Job, document: &Document) -> Result<(), Stop> {
    let plugins = plugin_dir(session, document);
    if init::is_done(session, job.directory(), plugins.as_deref()) {
        return Ok(());
    }
    init_now(session, job, document)
}

pub(super) fn init_now(session: &Session, job: &Job, document: &Document) -> Result<(), Stop> {
    let plugins = plugin_dir(session, document);
    init::forget(job.directory());
    plugins::fetch(session, job.stack, document)?;
    session.tell(&job.stack.name, &Event::Phase(Phase::Init));
    let mut arguments = init::arguments(plugins.as_deref(), true);
    if init::is_same_place(job.directory()) {
        arguments.push("-reconfigure".into());
    }
    let answer = call(session, job, Phase::Init, "init", arguments, false)?;
    if !answer.succeeded() {
        return Err(stop(session, job.stack, Phase::Init, &answer));
    }
    init::note(session, job.directory(), plugins.as_deref())
        .map_err(|error| fault::file(Phase::Init, "write into", &job.directory().join(".terraform"), &error).into())
}

/// Where plugins come from; none where none are needed.
pub(super) fn plugin_dir(session: &Session, document: &Document) -> Option<PathBuf> {
    let needed = document.needs_plugins();
    // Terraform runs in the directories of the stacks.
    let given =
        session.settings.plugin_dir.as_ref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
    needed.then(|| given.unwrap_or_else(|| session.home.plugins()))
}

/// Runs Terraform, after `init` if it asks for that.
pub(super) fn initialised(
    session: &Session,
    job: &Job,
    document: &Document,
    run: &dyn Fn() -> Result<Answer, Stop>,
) -> Result<Answer, Stop> {
    init_if_needed(session, job, document)?;
    let answer = run()?;
    if !answer.succeeded() && answer.said.evidence.wants_init() && !session.interrupt.requested() {
        init_now(session, job, document)?;
        return run();
    }
    Ok(answer)
}

/// Nothing is started any more when it was asked to stop.
pub(super) fn go_on(session: &Session, phase: Phase) -> Result<(), Box<Failure>> {
    match session.interrupt.requested() {
        true => Err(fault::interrupted(phase, "stopped as asked before it was started")),
        false => Ok(()),
    }
}

/// Runs Terraform.
pub(super) fn call(
    session: &Session,
    job: &Job,
    phase: Phase,
    name: &'static str,
    arguments: Vec<std::ffi::OsString>,
    noted: bool,
) -> Result<Answer, Stop> {
    let call = Call { session, stack: job.stack, phase, name, arguments, variables: Vec::new(), noted };
    let log = call.log().map_err(|error| fault::file(phase, "make a log in", &job.logs(session), &error))?;
    Ok(call.run(log)?)
}

/// Why a Terraform that did not succeed did not.
pub(super) fn stop(session: &Session, stack: &Stack, phase: Phase, answer: &Answer) -> Stop {
    if answer.status.is_none() {
        let cause = "Terraform still works on the stack and was left running";
        let fix = "run the same command again: it waits for that Terraform, then goes on";
        return Stop::Interrupted(fault::new(Class::Interrupted, phase, cause, fix));
    }
    if session.interrupt.requested() {
        let cause = match phase {
            Phase::Apply | Phase::Destroy => "stopped as asked; the state has what was done until then",
            _ => "stopped as asked before anything was changed",
        };
        return Stop::Interrupted(fault::interrupted(phase, cause));
    }
    let failure = failure(session, stack, phase, answer);
    match answer.said.evidence.lock() {
        Some(lock) if failure.class == Class::LockHeld => Stop::Locked(failure, Box::new(lock)),
        _ => failure.into(),
    }
}

/// The failure of a Terraform that has ended.
pub(super) fn failure(session: &Session, stack: &Stack, phase: Phase, answer: &Answer) -> Box<Failure> {
    let about = about(session, stack, phase, Some(answer.log.clone()));
    Box::new(answer.said.evidence.failure(&answer.end(), &about, &session.redactor))
}

/// What a failure is about.
pub(super) fn about<'a>(session: &Session, stack: &'a Stack, phase: Phase, log: Option<PathBuf>) -> About<'a> {
    let command = match session.operation {
        Operation::Plan { .. } | Operation::DetectDrift | Operation::Outputs => Command::Plan,
        Operation::Deploy | Operation::DeploySaved => Command::Deploy,
        Operation::Destroy => Command::Destroy,
    };
    About { stack: &stack.name, tenant: stack.tenant.as_deref(), directory: &stack.directory, command, phase, log }
}
