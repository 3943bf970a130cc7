//! One stack in a run: what is known of it, from turn to turn.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::earlier::Earlier;
use super::schedule::Turn;
use super::session::Session;
use super::{backoff, steps, unlock};
use crate::diagnosis::LockInfo;
use crate::home::StackHome;
use crate::lock::Lock;
use crate::record::{Doubtful, Record};
use crate::{Changes, Class, Endpoints, Event, Failure, Operation, Outcome, Stack, Status, Waiting};

/// One stack in a run.
pub(super) struct Job<'a> {
    pub(super) stack: &'a Stack,
    pub(super) home: StackHome,
    /// Held from the first turn to the last, also over pauses.
    pub(super) lock: Option<Lock>,
    /// What is known; read when the lock is held.
    pub(super) record: Option<Box<Record>>,
    /// The Terraform of an earlier run.
    pub(super) earlier: Option<Box<Earlier>>,
    /// Whether what an earlier run left is seen to.
    pub(super) settled: bool,
    /// How often it was tried.
    pub(super) attempts: u32,
    /// The last thing that was told of what it waits for.
    pub(super) waits: Option<Waiting>,
    /// Whether endpoints or a session were laid over the stack.
    pub(super) overlaid: bool,
    /// What was looked for after a kill and was not there.
    pub(super) unfound: Vec<Doubtful>,
    /// Whether its Terraform was left running.
    pub(super) left_running: bool,
    began: Option<Instant>,
}

/// Why a turn ends without an outcome of its own.
pub(super) enum Stop {
    /// It waits for something that is not of this run.
    Later(Duration),
    /// It failed.
    Failed(Box<Failure>, Vec<String>),
    /// The lock of its state is held.
    Locked(Box<Failure>, Box<LockInfo>),
    /// It was asked to stop.
    Interrupted(Box<Failure>),
}

impl From<Box<Failure>> for Stop {
    fn from(failure: Box<Failure>) -> Self {
        match failure.class {
            Class::Interrupted => Self::Interrupted(failure),
            _ => Self::Failed(failure, Vec::new()),
        }
    }
}

/// What a turn ends with when it does what was asked.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) status: Option<Status>,
    pub(super) changes: Changes,
    pub(super) drift: Vec<crate::Drift>,
    pub(super) outputs: std::collections::BTreeMap<String, crate::OutputValue>,
}

impl Done {
    pub(super) fn with(status: Status, changes: Changes) -> Self {
        Self { status: Some(status), changes, ..Self::default() }
    }
}

impl<'a> Job<'a> {
    pub(super) fn new(session: &Session, stack: &'a Stack) -> Self {
        Self {
            stack,
            home: session.home.stack(&stack.name),
            lock: None,
            record: None,
            earlier: None,
            settled: false,
            attempts: 0,
            waits: None,
            overlaid: false,
            unfound: Vec::new(),
            left_running: false,
            began: None,
        }
    }

    /// The turn of a stack.
    pub(super) fn turn(mut self, session: &Session) -> Turn<Self, Outcome> {
        self.began.get_or_insert_with(Instant::now);
        let advanced = match steps::advance(session, &mut self) {
            Err(Stop::Locked(failure, lock)) => Err(unlock::locked(session, &mut self, failure, &lock)),
            advanced => advanced,
        };
        match advanced {
            Ok(done) => {
                let mut outcome = self.outcome(session, done.status.unwrap_or(Status::Unchanged));
                outcome.changes = done.changes;
                outcome.drift = done.drift;
                outcome.outputs = done.outputs;
                Turn::Done(self.finish(session, outcome))
            }
            Err(Stop::Later(pause)) => Turn::Later(self, pause),
            Err(Stop::Failed(failure, left)) => self.failed(session, failure, left),
            Err(Stop::Locked(failure, _)) => self.failed(session, failure, Vec::new()),
            Err(Stop::Interrupted(failure)) => {
                let mut outcome = self.outcome(session, Status::Interrupted);
                outcome.changes = self.changes(session);
                outcome.failure = Some(*failure);
                Turn::Done(self.finish(session, outcome))
            }
        }
    }

    /// Tried again if it may help, and if nobody asked to stop meanwhile.
    fn failed(mut self, session: &Session, failure: Box<Failure>, left: Vec<String>) -> Turn<Self, Outcome> {
        let transient = failure.class.is_transient() && failure.resumable;
        // A saved plan is applied once: what it has changed makes it a plan of before.
        let applied =
            session.operation == Operation::DeploySaved && self.record.as_deref().is_some_and(|it| it.plan.is_none());
        let again = transient && !applied && self.attempts < session.settings.attempts;
        if again && !session.interrupt.requested() {
            let pause = backoff::pause(self.attempts);
            let attempt = self.attempts.saturating_add(1);
            let held = failure.class == Class::LockHeld;
            let holder = held.then(|| failure.cause.clone());
            session.tell(&self.stack.name, &Event::Retry { failure, attempt, pause });
            let waiting = if held { Waiting::StateLock { holder } } else { Waiting::Backoff { pause } };
            self.wait(session, waiting);
            return Turn::Later(self, pause);
        }
        let mut outcome = self.outcome(session, if again { Status::Interrupted } else { Status::Failed });
        outcome.changes = self.changes(session);
        outcome.failure = Some(*failure);
        outcome.left = left;
        Turn::Done(self.finish(session, outcome))
    }

    /// Its turn did not come, or not again, before everything was stopped.
    pub(super) fn dropped(self, session: &Session) -> Outcome {
        let status = if self.attempts == 0 { Status::NotStarted } else { Status::Interrupted };
        let mut outcome = self.outcome(session, status);
        outcome.changes = self.changes(session);
        self.finish(session, outcome)
    }

    /// Tells what it waits for, once.
    pub(super) fn wait(&mut self, session: &Session, waiting: Waiting) {
        if self.waits.as_ref() != Some(&waiting) {
            session.tell(&self.stack.name, &Event::Waiting(waiting.clone()));
            self.waits = Some(waiting);
        }
    }

    /// What was changed by this run so far.
    fn changes(&self, session: &Session) -> Changes {
        let record = self.record.as_deref().filter(|record| record.run == session.run);
        record.map(|record| record.changes).unwrap_or_default()
    }

    fn outcome(&self, session: &Session, status: Status) -> Outcome {
        let logs = self.logs(session);
        Outcome {
            stack: self.stack.name.clone(),
            tenant: self.stack.tenant.clone(),
            status,
            changes: Changes::default(),
            drift: Vec::new(),
            outputs: std::collections::BTreeMap::new(),
            failure: None,
            left: Vec::new(),
            attempts: self.attempts,
            took: self.began.map(|began| began.elapsed()).unwrap_or_default(),
            logs: logs.is_dir().then_some(logs),
        }
    }

    fn finish(self, session: &Session, outcome: Outcome) -> Outcome {
        // A Terraform that was left running still needs it.
        if self.overlaid && !self.left_running && Endpoints::remove(&self.stack.directory).is_err() {
            let text = format!("cannot remove `{}`; the next run does", crate::ENDPOINTS_FILE_NAME);
            session.note(&self.stack.name, text);
        }
        session.tell(&self.stack.name, &Event::Finished(Box::new(outcome.clone())));
        outcome
    }

    /// Where the logs of this run are.
    pub(super) fn logs(&self, session: &Session) -> PathBuf {
        session.home.logs(&session.run, &self.stack.name)
    }

    /// Where Terraform works for it.
    pub(super) fn directory(&self) -> &Path {
        &self.stack.directory
    }
}
