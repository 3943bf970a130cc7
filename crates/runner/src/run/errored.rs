//! A state that an earlier Terraform could not write to its place.

use std::ffi::OsString;
use std::fs;

use super::document::Document;
use super::job::{Job, Stop};
use super::session::Session;
use super::{fault, steps};
use crate::{Class, Phase, private};

/// What Terraform leaves beside the document when it cannot write the state to its place.
pub(super) const ERRORED: &str = "errored.tfstate";

/// Brings a state that Terraform could not write to its place.
pub(super) fn push(session: &Session, job: &Job, document: &Document) -> Result<(), Stop> {
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
