//! What an earlier run left that did not come to its end: its Terraform may still be at work, or was killed.

use std::fs;
use std::time::Duration;

use super::errored::ERRORED;
use super::job::{Job, Stop};
use super::said::Said;
use super::session::Session;
use super::{fault, steps};
use crate::holder::{Holder, Presence, terraform_in};
use crate::message::Decoder;
use crate::record::{Doubtful, Record};
use crate::terraform::{Raw, redact_left_over};
use crate::{Event, Phase, Status, Waiting};

/// How often it is looked whether it has ended.
const TICK: Duration = Duration::from_millis(500);

/// The Terraform of an earlier run, followed by its log.
pub(super) struct Earlier {
    log: Option<Raw>,
    decoder: Decoder,
    said: Said,
}

impl Earlier {
    fn new(record: &Record) -> Self {
        let log = record.log.as_deref().map(|log| Raw::new(log.to_owned()));
        Self { log, decoder: Decoder::default(), said: Said::default() }
    }

    /// Reads what is new in the log. One that is gone or cannot be read tells nothing.
    fn read(&mut self, tell: &mut dyn FnMut(Event)) {
        let Self { log: Some(log), decoder, said } = self else { return };
        let _ = log.read(|bytes| decoder.push(bytes, &mut |entry| said.hear(entry, tell)));
    }
}

/// Waits for the Terraform of an earlier run while there is one, and notes what became of it when it is gone.
pub(super) fn settle(session: &Session, job: &mut Job) -> Result<(), Stop> {
    let name = job.stack.name.as_str();
    let Some(record) = job.record.as_deref() else { return Ok(()) };
    if !record.is_open() {
        return Ok(());
    }
    let mut earlier = job.earlier.take().unwrap_or_else(|| {
        let mut earlier = Box::new(Earlier::new(record));
        // What it did before is no news.
        earlier.read(&mut |_| ());
        earlier
    });
    if let Some(pid) = at_work(session, job) {
        earlier.read(&mut |event| session.tell(name, &event));
        job.earlier = Some(earlier);
        job.wait(session, Waiting::EarlierRun { pid });
        return Err(Stop::Later(TICK));
    }
    earlier.read(&mut |_| ());
    let Earlier { decoder, said, .. } = &mut *earlier;
    decoder.finish(&mut |entry| said.hear(entry, &mut |_| ()));
    let Some(record) = job.record.as_deref_mut() else { return Ok(()) };
    session.note(name, account(record, &earlier.said));
    record.doubtful = merged(std::mem::take(&mut record.doubtful), earlier.said.doubtful());
    record.note_killed(Holder::read(&job.home.process()));
    record.status = Some(Status::Interrupted);
    record.changes = earlier.said.changes();
    steps::write(job, Phase::Start, true)?;
    let Some(record) = job.record.as_deref() else { return Ok(()) };
    let _ = fs::remove_file(job.home.process());
    let logs = session.home.logs(&record.run, name);
    redact_left_over(&logs, &session.redactor, &job.directory().join(ERRORED))
        .map_err(|error| fault::file(Phase::Start, "rewrite the logs in", &logs, &error))?;
    Ok(())
}

/// Rewrites the logs that killed runs left with secrets in them, and removes the plans that nobody knows of.
pub(super) fn clean(session: &Session, job: &Job) -> Result<(), Stop> {
    let _ = fs::remove_file(job.home.drift_plan());
    let raw = session.home.raw_logs(&job.stack.name, &session.run);
    if raw.is_empty() || terraform_in(job.directory(), session.settings.terraform.binary()).is_some() {
        return Ok(());
    }
    for logs in raw {
        redact_left_over(&logs, &session.redactor, &job.directory().join(ERRORED))
            .map_err(|error| fault::file(Phase::Start, "rewrite the logs in", &logs, &error))?;
    }
    Ok(())
}

/// The process id of an earlier Terraform that is still there.
fn at_work(session: &Session, job: &Job) -> Option<u32> {
    match Holder::read(&job.home.process()) {
        Some(holder) => match holder.presence() {
            Presence::Alive => Some(holder.pid),
            // Elsewhere nothing can be known; the lock of the state keeps the two apart.
            Presence::Gone | Presence::Elsewhere => None,
        },
        // Killed between the start of Terraform and the note of it.
        None => terraform_in(job.directory(), session.settings.terraform.binary()),
    }
}

/// What became of it, in words.
fn account(record: &Record, said: &Said) -> String {
    let run = &record.run;
    if said.is_complete() {
        return format!("run {run} ended early, but its Terraform went on and finished");
    }
    let begun: Vec<String> = said.doubtful().into_iter().filter(|it| it.id.is_none()).map(|it| it.address).collect();
    let during = match begun.as_slice() {
        [] => "no creation was under way".to_owned(),
        begun => format!("under way was the creation of {}", begun.join(", ")),
    };
    format!(
        "run {run} was killed in attempt {} while Terraform worked on this stack; {during}; going on from there",
        record.attempt
    )
}

/// Both, each address once; what has an id wins.
pub(super) fn merged(mut known: Vec<Doubtful>, more: Vec<Doubtful>) -> Vec<Doubtful> {
    for it in more {
        match known.iter_mut().find(|known| known.address == it.address) {
            Some(known) if it.id.is_some() => *known = it,
            Some(_) => {}
            None => known.push(it),
        }
    }
    known
}
