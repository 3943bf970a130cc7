//! The run of a fleet: every stack by itself, as many at once as there are slots.

mod backoff;
mod call;
mod capture;
mod document;
mod drift;
mod earlier;
mod errored;
mod fault;
mod ids;
mod import;
mod init;
mod job;
mod known;
mod mutate;
mod plan;
mod plugins;
mod recover;
mod said;
mod schedule;
mod search;
mod session;
mod states;
mod steps;
mod unlock;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use self::job::Job;
use self::schedule::schedule;
use self::session::Session;
use crate::{Class, Event, Interrupt, Observer, Operation, Outcome, Phase, Settings, Stack, Waiting};

/// Why there was no run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The runner's directory cannot be used.
    #[error("cannot use the directory `{}` for records and logs; make room, or see that it may be written to", path.display())]
    Home {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Two stacks have the same name.
    #[error("two stacks have the name `{stack}`; a stack is known by its name")]
    Twice {
        /// The name.
        stack: String,
    },
}

/// The outcome of a stack that met a bug of this program.
fn lost(session: &Session, stack: Option<&Stack>) -> Outcome {
    let cause = "this program failed in a way that it should not: a bug";
    let fix = "report it with what was printed; the record and the logs of the stack are as they were, and a later run goes on from there";
    let failure = fault::new(Class::Unknown, Phase::Start, cause, fix);
    let outcome = Outcome::failed(stack, *failure);
    // Whoever watches may be what failed.
    let tell = || session.tell(&outcome.stack, &Event::Finished(Box::new(outcome.clone())));
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(tell));
    outcome
}

/// Does the same thing to every stack, and tells how each ended, in the order of the stacks.
///
/// Nothing of one stack waits for another but for a free slot, and no failure of one is one of another.
///
/// # Errors
/// When nothing could be done for any stack. What goes wrong with one is its outcome.
pub fn run(
    operation: Operation,
    stacks: &[Stack],
    settings: &Settings,
    observer: &dyn Observer,
    interrupt: &Interrupt,
) -> Result<Vec<Outcome>, RunError> {
    let mut names = BTreeSet::new();
    if let Some(stack) = stacks.iter().find(|stack| !names.insert(stack.name.as_str())) {
        return Err(RunError::Twice { stack: stack.name.clone() });
    }
    let session = Session::new(operation, settings, observer, interrupt)
        .map_err(|source| RunError::Home { path: settings.home.clone(), source })?;
    for stack in stacks.iter().skip(settings.parallelism.get()) {
        session.tell(&stack.name, &Event::Waiting(Waiting::Slot));
    }
    let jobs = stacks.iter().map(|stack| Job::new(&session, stack)).collect();
    let mut told = 0;
    let outcomes = schedule(
        jobs,
        settings.parallelism,
        || interrupt.requested(),
        |job: Job| job.turn(&session),
        |job: Job| job.dropped(&session),
        |index| lost(&session, stacks.get(index)),
        || {
            let requests = interrupt.requests();
            while told < requests {
                told += 1;
                session.tell_interrupted(told);
            }
        },
    );
    Ok(outcomes)
}
