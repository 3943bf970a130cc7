//! Is what was deployed well? Its function URL is asked, or a command of the user's is run for each stack.

mod command;
#[cfg(test)]
mod tests;
mod url;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use runner::{Class, Event, Failure, Interrupt, Observer, Outcome, Phase, Status};
use serde_json::Value;

pub(crate) use url::Signature;

/// The output that holds the address of a tenant's API.
const ENDPOINT: &str = "api_endpoint";
/// How it is found out whether a stack is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// `GET /health` at its function URL, signed.
    Url,
    /// A program with its arguments, run once for each stack.
    Command(Vec<String>),
}

/// Why there is no health check.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// No program is named.
    #[error("`--health-command` names no program; write it with its arguments, such as './smoke-test --fast'")]
    NoProgram,
    /// There is nothing to sign requests with.
    #[error(
        "a signed request to a function URL needs credentials in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); with a profile, \
         put them there with `eval \"$(aws configure export-credentials --format env)\"`, or use `--health-command`"
    )]
    NoCredentials,
}

/// Health checks of a run.
pub(crate) struct Health {
    pub(crate) check: Check,
    pub(crate) signature: Option<Signature>,
    pub(crate) parallelism: NonZeroUsize,
    /// Where commands run.
    pub(crate) directory: PathBuf,
}

impl Check {
    /// The program and its arguments, parted at white space: no shell reads them.
    pub(crate) fn command(text: &str) -> Result<Self, HealthError> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() { Err(HealthError::NoProgram) } else { Ok(Self::Command(words)) }
    }

    /// As the record of a rollout keeps it.
    pub(crate) fn recorded(&self) -> String {
        match self {
            Self::Url => "url".to_owned(),
            Self::Command(words) => format!("command:{}", words.join(" ")),
        }
    }

    /// What [`Check::recorded`] gave.
    pub(crate) fn from_record(text: &str) -> Result<Self, HealthError> {
        match text.strip_prefix("command:") {
            Some(command) => Self::command(command),
            None => Ok(Self::Url),
        }
    }
}

impl Health {
    /// Whether a stack stands, so that it can be asked.
    pub(crate) fn asks(outcome: &Outcome) -> bool {
        matches!(outcome.status, Status::Deployed | Status::Unchanged)
    }

    /// Checks every stack that stands, several at once. One that is not well has failed.
    pub(crate) fn check(&self, outcomes: &mut [Outcome], observer: &dyn Observer, interrupt: &Interrupt) {
        let asked = outcomes.iter_mut().filter(|outcome| Self::asks(outcome));
        let jobs: Vec<Mutex<&mut Outcome>> = asked.map(Mutex::new).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                let mut outcome = job.lock().unwrap_or_else(PoisonError::into_inner);
                observer.event(&outcome.stack, &Event::Phase(Phase::Health));
                if let Err(failure) = self.of(&outcome, interrupt) {
                    outcome.status =
                        if failure.class == Class::Interrupted { Status::Interrupted } else { Status::Failed };
                    outcome.failure = Some(*failure);
                }
                observer.event(&outcome.stack, &Event::Finished(Box::new((**outcome).clone())));
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.parallelism.get().min(jobs.len()) {
                scope.spawn(work);
            }
        });
    }

    fn of(&self, outcome: &Outcome, interrupt: &Interrupt) -> Result<(), Box<Failure>> {
        match &self.check {
            Check::Command(words) => command::run(words, &self.directory, outcome, interrupt),
            Check::Url => match (output(outcome, ENDPOINT), &self.signature) {
                (Some(url), Some(signature)) => url::ask(&url, signature, interrupt),
                // The platform has no address.
                (None, _) => Ok(()),
                (Some(_), None) => {
                    Err(unhealthy("nothing to sign the request with", &HealthError::NoCredentials.to_string()))
                }
            },
        }
    }
}

fn output(outcome: &Outcome, name: &str) -> Option<String> {
    outcome.outputs.get(name)?.value.as_ref().and_then(Value::as_str).map(str::to_owned)
}

fn unhealthy(cause: &str, fix: &str) -> Box<Failure> {
    Box::new(Failure {
        class: Class::Unhealthy,
        phase: Phase::Health,
        address: None,
        code: None,
        cause: cause.to_owned(),
        detail: String::new(),
        fix: fix.to_owned(),
        resumable: true,
        log: None,
    })
}

fn interrupted() -> Box<Failure> {
    Box::new(Failure {
        class: Class::Interrupted,
        fix: "`app deploy --resume` goes on".to_owned(),
        ..*unhealthy("the health check was stopped", "")
    })
}
