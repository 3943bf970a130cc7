//! Taking over what AWS has and the state lacks: what a Terraform that was killed between the two has created, and a state that it could
//! not write to its place.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::document::{DOCUMENT, Document};
use super::ids::{Known, import_id, is_imported};
use super::job::{Job, Stop};
use super::session::Session;
use super::{fault, states, steps};
use crate::record::Doubtful;
use crate::state::{self, Found};
use crate::{Class, Failure, Operation, Phase, private};

/// What Terraform leaves beside the document when it cannot write the state to its place.
pub(super) const ERRORED: &str = "errored.tfstate";

/// Declares what is imported and is not in the document any more.
const STUBS: &str = "palisade_recovery.tf.json";

/// Takes over what an earlier Terraform has left outside the state.
pub(super) fn take_over(session: &Session, job: &mut Job, document: &Document) -> Result<(), Stop> {
    // What a killed run has left.
    remove(&job.directory().join(STUBS))?;
    push_errored(session, job, document)?;
    if job.record.as_deref().is_none_or(|record| record.doubtful.is_empty()) {
        return Ok(());
    }
    let state = states::raw_state(session, job, document)?;
    let present = match state::parse(&state) {
        Found::Whole(state) => state.addresses,
        _ => Vec::new(),
    };
    let path = job.directory().join(DOCUMENT);
    let text = fs::read(&path).map_err(|error| fault::file(Phase::Start, "read", &path, &error))?;
    let known = Known::new(&text, &state);
    drop((text, state));
    let doubtful = steps::record(job).doubtful.clone();
    let lacking: Vec<&Doubtful> =
        doubtful.iter().filter(|it| !present.contains(&it.address) && is_imported(&it.resource_type)).collect();
    let mut left = Vec::new();
    let mut stubs = Map::new();
    for it in &lacking {
        declare(&known, it, &mut stubs);
    }
    if !stubs.is_empty() {
        let stubs = json!({ "resource": stubs }).to_string();
        let path = job.directory().join(STUBS);
        private::write(&path, stubs.as_bytes()).map_err(|error| fault::file(Phase::Start, "write", &path, &error))?;
    }
    let mut result = Ok(());
    job.unfound.clear();
    for it in lacking {
        match take(session, job, document, &known, it) {
            Ok(Taken::Yes) => {}
            Ok(Taken::NotThere) => job.unfound.push(it.clone()),
            Ok(Taken::Unknown) => left.push(it.clone()),
            Err(stop) => {
                result = Err(stop);
                break;
            }
        }
    }
    remove(&job.directory().join(STUBS))?;
    result?;
    steps::record(job).doubtful = left;
    Ok(steps::write(job, Phase::Start, true)?)
}

/// What is declared no longer has to be, to be imported; nothing but its name.
fn declare(known: &Known, it: &Doubtful, stubs: &mut Map<String, Value>) {
    let Some(name) = plain_name(it) else { return };
    if known.declares(&it.resource_type, name) {
        return;
    }
    let of_type = stubs.entry(it.resource_type.clone()).or_insert_with(|| json!({}));
    if let Some(of_type) = of_type.as_object_mut() {
        of_type.insert(name.to_owned(), json!({}));
    }
}

/// The name of a resource that is neither in a module nor one of several.
fn plain_name(it: &Doubtful) -> Option<&str> {
    let name = it.address.strip_prefix(it.resource_type.as_str())?.strip_prefix('.')?;
    (!name.contains(['.', '['])).then_some(name)
}

/// What became of one.
enum Taken {
    /// The state has it.
    Yes,
    /// AWS does not have it, or not yet.
    NotThere,
    /// It may be there.
    Unknown,
}

/// Whether AWS says that something is there that was looked for and not found: its creation was still under way. It is looked for again.
pub(super) fn is_there_after_all(job: &mut Job, failure: &Failure) -> bool {
    if failure.class != Class::NameTaken {
        return false;
    }
    let Some(place) = job.unfound.iter().position(|it| failure.address.as_deref() == Some(it.address.as_str())) else {
        return false;
    };
    // Once: if it is not found again, the name is somebody else's.
    let it = job.unfound.swap_remove(place);
    steps::record(job).doubtful.push(it);
    true
}

/// Takes one over.
fn take(session: &Session, job: &Job, document: &Document, known: &Known, it: &Doubtful) -> Result<Taken, Stop> {
    let stack = &job.stack.name;
    let argument = |name: &str| match name {
        "id" => it.id.clone(),
        name => known.argument(&it.resource_type, plain_name(it)?, name),
    };
    let Some(id) = import_id(&argument, &it.resource_type) else {
        let text = format!(
            "the creation of {} was begun by a Terraform that was killed, and AWS alone knows its id: if it is there, it is not in the \
             state; look for it by its tags",
            it.address
        );
        session.note(stack, text);
        return Ok(Taken::Unknown);
    };
    steps::init_if_needed(session, job, document)?;
    let seconds = session.settings.lock_timeout.as_secs();
    let arguments: Vec<OsString> = vec![
        "import".into(),
        "-input=false".into(),
        "-no-color".into(),
        format!("-lock-timeout={seconds}s").into(),
        it.address.clone().into(),
        id.clone().into(),
    ];
    let phase = if session.operation == Operation::Destroy { Phase::Destroy } else { Phase::Apply };
    let answer = steps::call(session, job, phase, "import", arguments, false)?;
    if answer.succeeded() {
        session.note(stack, format!("took over {} ({id}), which a killed Terraform had created", it.address));
        return Ok(Taken::Yes);
    }
    if answer.status.is_none() || session.interrupt.requested() {
        return Err(steps::stop(session, job.stack, phase, &answer));
    }
    let failure = steps::failure(session, job.stack, phase, &answer);
    if says(&failure, "already managed by Terraform") {
        return Ok(Taken::Yes);
    }
    if says(&failure, "non-existent remote object") {
        return Ok(Taken::NotThere);
    }
    match failure.class {
        // These are not about this resource.
        Class::LockHeld
        | Class::Credentials
        | Class::Network
        | Class::Throttled
        | Class::Service
        | Class::Tool
        | Class::Disk
        | Class::State
        | Class::Crash => Err(steps::stop(session, job.stack, phase, &answer)),
        _ => {
            session.note(stack, format!("cannot take over {} ({id}): {}", it.address, failure.cause));
            Ok(Taken::Unknown)
        }
    }
}

/// Terraform breaks its lines where it likes.
fn says(failure: &Failure, what: &str) -> bool {
    let said = format!("{} {}", failure.cause, failure.detail);
    said.split_whitespace().collect::<Vec<_>>().join(" ").contains(what)
}

/// Brings a state that Terraform could not write to its place.
fn push_errored(session: &Session, job: &Job, document: &Document) -> Result<(), Stop> {
    let path = job.directory().join(ERRORED);
    if !path.exists() {
        return Ok(());
    }
    steps::init_if_needed(session, job, document)?;
    let seconds = session.settings.lock_timeout.as_secs();
    let arguments: Vec<OsString> =
        vec!["state".into(), "push".into(), format!("-lock-timeout={seconds}s").into(), ERRORED.into()];
    let answer = steps::call(session, job, Phase::Start, "push", arguments, false)?;
    if !answer.succeeded() {
        let mut failure = steps::failure(session, job.stack, Phase::Start, &answer);
        if answer.status.is_none() || session.interrupt.requested() || failure.class.is_transient() {
            return Err(steps::stop(session, job.stack, Phase::Start, &answer));
        }
        failure.class = Class::State;
        failure.resumable = false;
        failure.cause = format!(
            "an earlier Terraform left a state in `{}`, which cannot be put in its place: {}",
            path.display(),
            failure.cause
        );
        failure.fix = format!(
            "compare it with the state (`terraform state pull`), push the right one with `terraform state push` in `{}`, and move the file away",
            job.directory().display()
        );
        return Err(failure.into());
    }
    let copies = job.home.state_copies();
    let to = copies.join(format!("{}-{ERRORED}", session.run));
    private::directory(&copies)
        .and_then(|()| private::copy(&path, &to))
        .and_then(|()| fs::remove_file(&path))
        .map_err(|error| fault::file(Phase::Start, "move the state", &path, &error))?;
    session.note(
        &job.stack.name,
        format!("put the state in its place that an earlier Terraform left in `{}`", path.display()),
    );
    Ok(())
}

fn remove(path: &Path) -> Result<(), Stop> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(fault::file(Phase::Start, "remove", path, &error).into())
        }
        _ => Ok(()),
    }
}
