//! The state of a stack in a run: seen to before anything is done to it, wherever it is.

use std::fs;
use std::path::Path;

use super::document::{Backend, Document};
use super::job::{Job, Stop};
use super::session::Session;
use super::{capture, fault, steps};
use crate::state::{self, Found, State};
use crate::{Class, Phase};

/// Sees that a local state is whole, and keeps a copy of it.
pub(super) fn keep_state(session: &Session, job: &Job, document: &Document) -> Result<(), Stop> {
    let Some(path) = local(document) else { return Ok(()) };
    if look_at_state(session, job, path)?.is_some() {
        let copies = job.home.state_copies();
        state::keep_copy(path, &copies, &session.run)
            .map_err(|error| fault::file(Phase::Start, "copy the state to", &copies, &error))?;
    }
    Ok(())
}

/// What the state has, wherever it is; none where there is none.
pub(super) fn read_state(session: &Session, job: &Job, document: &Document) -> Result<Option<State>, Stop> {
    let what = local(document).map_or("what the backend keeps".to_owned(), |path| format!("`{}`", path.display()));
    found(state::parse(&raw_state(session, job, document)?), &what)
}

/// The state as it is; empty where there is none.
pub(super) fn raw_state(session: &Session, job: &Job, document: &Document) -> Result<Vec<u8>, Stop> {
    let Some(path) = local(document) else {
        steps::init_if_needed(session, job, document)?;
        return capture::ask(session, job.stack, Phase::Start, &["state", "pull"]);
    };
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(fault::file(Phase::Start, "read the state", path, &error).into()),
    }
}

fn found(found: Found, what: &str) -> Result<Option<State>, Stop> {
    match found {
        Found::Absent | Found::Blank => Ok(None),
        Found::Whole(state) => Ok(Some(state)),
        Found::Damaged(why) => {
            let fix = "restore the state from an earlier version of it, then run the same command again";
            Err(fault::open(Class::State, Phase::Start, format!("{what} is no state: {why}"), fix).into())
        }
    }
}

/// What a local state has. One that is damaged is no state to go on from.
fn look_at_state(session: &Session, job: &Job, path: &Path) -> Result<Option<State>, Stop> {
    let found = state::look(path).map_err(|error| fault::file(Phase::Start, "read the state", path, &error))?;
    let copy = state::best_copy(path, &job.home.state_copies());
    let why = match found {
        Found::Absent => return Ok(None),
        Found::Whole(state) => return Ok(Some(state)),
        Found::Blank if copy.is_none() => {
            // Terraform makes it when it locks a state that is not there yet.
            session.note(&job.stack.name, format!("the state `{}` is still empty", path.display()));
            return Ok(None);
        }
        Found::Blank => "it is empty".to_owned(),
        Found::Damaged(why) => why,
    };
    let cause = format!("the state `{}` is damaged: {why}", path.display());
    let fix = match &copy {
        Some(copy) => format!(
            "the newest whole copy is `{copy}`; move the damaged file aside and put the copy in its place: mv '{state}' '{state}.damaged' && cp '{copy}' '{state}'",
            copy = copy.display(),
            state = path.display()
        ),
        None => "there is no copy of it; if it cannot be restored from elsewhere, move it aside and run the same command again: what \
            Terraform created is then reported as taken"
            .to_owned(),
    };
    Err(fault::open(Class::State, Phase::Start, cause, fix).into())
}

/// The local state of a stack, if it has one of that kind.
fn local(document: &Document) -> Option<&Path> {
    match &document.backend {
        Backend::Local(path) => Some(path),
        Backend::Remote => None,
    }
}
