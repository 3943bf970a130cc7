//! `app events`: the events of a file, taken as the platform takes them from the bus: validated, admitted, reserved.

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use naming::fleet::Fleet;
use registry::event::Received;
use registry::store::Store;
use registry::{Command, Registry, RegistryError, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Format;
use crate::settings::{Flags, Surroundings};
use crate::show::{BAD, CAREFUL, GOOD, print};
use crate::tenants::{Place, Project};

pub(crate) const REPLAY_EXAMPLES: &str = "\
Examples:
  app events replay signup.json --dry-run    what the events of a file would do
  app events replay dead-letters.jsonl       take those that a dead-letter queue held";

/// `app events`.
#[derive(Args, Debug)]
pub struct Events {
    /// Which registry.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub command: EventsCommand,
}

/// What to do with events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Take the events of a file, in its order: one event, a list of them, or one on each line.
    ///
    /// An event is what EventBridge delivers: `source`, `detail-type`, `time`, `detail`. One that was taken before changes nothing, so a
    /// file can be replayed. The exit status is 1 if an event was rejected or refused; the others are taken all the same.
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay {
        /// The file.
        file: PathBuf,
        /// Only say what they would do.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Why no event was taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// The file cannot be read.
    #[error("cannot read the events of `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is too large.
    #[error("`{}` is larger than {} bytes; replay it in parts", path.display(), Fleet::MAX_BYTES)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file holds nothing.
    #[error("`{}` holds no event", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Only files can be copied.
    #[error("`--dry-run` tries events out on a copy of the registry, and the platform's cannot be copied")]
    NoDryRun,
    /// The registry failed in the middle.
    #[error(
        "event {number} could not be taken, and those behind it were not tried; replay the file, what was taken is known"
    )]
    Stopped {
        /// Which event, from 1.
        number: usize,
        /// Why.
        source: RegistryError,
    },
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It changed something.
    Done,
    /// It was taken before.
    Known,
    /// It is a right event, and what it asks may not be done.
    Refused,
    /// It is no right event.
    Rejected,
}

/// One event.
#[derive(Debug, Serialize)]
struct Taken {
    /// Its place in the file, from 1.
    number: usize,
    event_id: Option<String>,
    detail_type: Option<&'static str>,
    tenant_id: Option<String>,
    request_id: Option<String>,
    outcome: Outcome,
    /// What was done, or the kind of refusal.
    code: Option<String>,
    /// For people.
    message: String,
}

/// All of them.
#[derive(Debug, Serialize)]
struct Replayed {
    format_version: &'static str,
    dry_run: bool,
    events: Vec<Taken>,
}

/// Runs the command; `false` if an event was rejected or refused.
pub(crate) fn run(
    Events { place, command }: &Events,
    flags: &Flags,
    surroundings: &Surroundings,
    format: Format,
    say: &mut dyn FnMut(&str),
) -> Result<bool, Box<dyn Error>> {
    let EventsCommand::Replay { file, dry_run } = command;
    let project = Project::open(flags, surroundings, *place)?;
    let events = read(file)?;
    let taken = if *dry_run {
        let files = project.registry.store().files().ok_or(ReplayError::NoDryRun)?;
        let copy = Registry::new(files.copy()?, project.registry.rules().clone());
        take_all(&copy, &events, project.now)?
    } else {
        project.reconcile()?;
        let taken = take_all(&project.registry, &events, project.now);
        // Also what came before the one that stopped it.
        project.publish(say)?;
        taken?
    };
    let replayed = Replayed { format_version: "1", dry_run: *dry_run, events: taken };
    print(format, &replayed, |out| show(out, &replayed))?;
    Ok(replayed.events.iter().all(|event| matches!(event.outcome, Outcome::Done | Outcome::Known)))
}

/// The events of a file, each as it stands there.
fn read(path: &Path) -> Result<Vec<Vec<u8>>, ReplayError> {
    let failed = |source| ReplayError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let limit = u64::try_from(Fleet::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > Fleet::MAX_BYTES {
        return Err(ReplayError::TooLarge { path: path.to_owned() });
    }
    let events: Vec<Vec<u8>> = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Array(events)) => events.iter().map(|event| event.to_string().into_bytes()).collect(),
        Ok(event) => vec![event.to_string().into_bytes()],
        Err(_) => bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
            .map(<[u8]>::to_vec)
            .collect(),
    };
    if events.is_empty() { Err(ReplayError::Empty { path: path.to_owned() }) } else { Ok(events) }
}

fn take_all<S: Store>(registry: &Registry<S>, events: &[Vec<u8>], now: Timestamp) -> Result<Vec<Taken>, ReplayError> {
    let taken = events.iter().enumerate().map(|(place, event)| {
        let number = place + 1;
        take(registry, number, event, now).map_err(|source| ReplayError::Stopped { number, source })
    });
    taken.collect()
}

fn take<S: Store>(registry: &Registry<S>, number: usize, event: &[u8], now: Timestamp) -> Result<Taken, RegistryError> {
    let received = match Received::parse(event, &registry.rules().environment) {
        Ok(received) => received,
        Err(rejection) => {
            return Ok(Taken {
                number,
                event_id: None,
                detail_type: None,
                tenant_id: None,
                request_id: None,
                outcome: Outcome::Rejected,
                code: Some(rejection.code().to_owned()),
                message: rejection.to_string(),
            });
        }
    };
    let (outcome, code, message) = match registry.apply(&Command::of(&received), now) {
        Ok(applied) => {
            let entry = &applied.entry;
            let network = entry.network_index.map(|index| format!(" with network_index {index}")).unwrap_or_default();
            let message = format!(
                "{} is {}{network}; {}",
                entry.tenant,
                entry.status,
                entry.next_step(now, registry.rules().runs)
            );
            let what = applied.what.and_then(|what| Some(serde_json::to_value(what).ok()?.as_str()?.to_owned()));
            (if applied.what.is_some() { Outcome::Done } else { Outcome::Known }, what, message)
        }
        Err(RegistryError::Refused(refusal)) => {
            (Outcome::Refused, Some(refusal.code().to_owned()), refusal.to_string())
        }
        Err(error) => return Err(error),
    };
    Ok(Taken {
        number,
        event_id: received.event_id.clone(),
        detail_type: Some(received.asked.detail_type()),
        tenant_id: Some(received.asked.tenant_id().to_string()),
        request_id: Some(received.asked.request_id().to_string()),
        outcome,
        code,
        message,
    })
}

fn show(out: &mut dyn Write, replayed: &Replayed) -> io::Result<()> {
    for event in &replayed.events {
        let (style, word) = match event.outcome {
            Outcome::Done if replayed.dry_run => (GOOD, "would do"),
            Outcome::Done => (GOOD, "done"),
            Outcome::Known => (CAREFUL, "known"),
            Outcome::Refused => (BAD, "refused"),
            Outcome::Rejected => (BAD, "rejected"),
        };
        let name = event.detail_type.unwrap_or("event");
        writeln!(out, "{style}{word:<8}{style:#}  {:>3}  {name}: {}", event.number, event.message)?;
    }
    Ok(())
}
