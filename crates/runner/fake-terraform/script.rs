//! What it is to do wrong.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use serde::Deserialize;

use crate::apply::Interrupts;
use crate::record::{VARIABLE, variable};
use crate::say::{self, Say};
use crate::{Exit, sleep};

/// What it is to do, and to do wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Script {
    /// How long `init` takes, in milliseconds.
    init: u64,
    /// How long a plan takes.
    plan: u64,
    /// How long each resource takes.
    resource: u64,
    /// Whether a lock stays when its holder is killed, as one in S3 does and one of a local state does not.
    pub(crate) lock_stays: bool,
    /// Whether the state is written at the end only, not after each resource.
    pub(crate) save_at_end: bool,
    /// Whether a state that cannot be saved is said, and not even written beside the document.
    pub(crate) dump_state: bool,
    /// What goes wrong; the first that fits.
    faults: Vec<Fault>,
}

/// What goes wrong, where, and how often.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    /// `init`, `plan`, `output`, `show`, `state`; of an apply or destroy: `start` (locked, nothing done), `before` and `after` (AWS was
    /// asked for a resource, and the state not yet written), `saved` (it is), `save` (the state is complete and not
    /// yet written: a failure here loses it), `end` (it is written, nothing said of it).
    at: String,
    /// The resource, for `before`, `after` and `saved`: any if none is named.
    #[serde(default)]
    resource: Option<String>,
    /// How often; always if it is not said.
    #[serde(default)]
    times: Option<u64>,
    #[serde(flatten)]
    what: What,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum What {
    /// An error. Of a resource, the others are done nevertheless.
    Fail {
        summary: String,
        #[serde(default)]
        detail: String,
    },
    /// It kills itself with this signal.
    Kill(i32),
    /// It says and does nothing for so many milliseconds; when it `obeys`, until it is asked to stop.
    Hang { millis: u64, obeys: bool },
    /// It writes this and ends with this exit status.
    Write { text: String, exit: u8 },
    /// It writes these bytes and ends with this exit status.
    Bytes { bytes: Vec<u8>, exit: u8 },
    /// It writes a line of so many bytes, and goes on.
    LongLine(usize),
    /// It writes this, and goes on.
    Say(String),
    /// It makes the state of no bytes, and kills itself.
    TruncateState,
}

impl Script {
    pub(crate) fn read() -> io::Result<Self> {
        let common = variable(VARIABLE).map(|directory| PathBuf::from(directory).join("script.json"));
        for path in [Some(PathBuf::from("fake.json")), common].into_iter().flatten() {
            match fs::read(&path) {
                Ok(bytes) => return serde_json::from_slice(&bytes).map_err(io::Error::other),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self::default())
    }

    pub(crate) fn init(&self) -> Duration {
        Duration::from_millis(self.init)
    }

    pub(crate) fn plan(&self) -> Duration {
        Duration::from_millis(self.plan)
    }

    pub(crate) fn resource(&self) -> Duration {
        Duration::from_millis(self.resource)
    }

    /// Does wrong what is to be done wrong here.
    pub(crate) fn act(
        &self,
        at: &str,
        resource: Option<&str>,
        say: &Say,
        stop: Option<&Interrupts>,
    ) -> Result<(), Exit> {
        for (number, fault) in self.faults.iter().enumerate() {
            let here = fault.at == at && (fault.resource.is_none() || fault.resource.as_deref() == resource);
            if here && due(number, fault.times)? {
                fault.what.happen(resource, say, stop)?;
            }
        }
        Ok(())
    }
}

/// Whether it is to happen once more; counted in the stack's directory.
fn due(number: usize, times: Option<u64>) -> io::Result<bool> {
    let Some(times) = times else { return Ok(true) };
    let directory = Path::new(".fake");
    fs::create_dir_all(directory)?;
    let mut file = OpenOptions::new().create(true).append(true).open(directory.join(format!("fault-{number}")))?;
    if file.metadata()?.len() >= times {
        return Ok(false);
    }
    file.write_all(b".")?;
    Ok(true)
}

impl What {
    fn happen(&self, resource: Option<&str>, say: &Say, stop: Option<&Interrupts>) -> Result<(), Exit> {
        match self {
            Self::Fail { summary, detail } => Err(say.error(summary, detail, resource, 1)),
            Self::Kill(signal) => kill(*signal),
            Self::Hang { millis, obeys } => {
                sleep(Duration::from_millis(*millis), || *obeys && stop.is_some_and(|stop| stop.count() > 0));
                Ok(())
            }
            Self::Write { text, exit } => {
                say::raw(text.as_bytes())?;
                Err(Exit(*exit))
            }
            Self::Bytes { bytes, exit } => {
                say::raw(bytes)?;
                Err(Exit(*exit))
            }
            Self::LongLine(length) => {
                say::line(&"x".repeat(*length));
                Ok(())
            }
            Self::Say(text) => Ok(say::raw(text.as_bytes())?),
            Self::TruncateState => {
                let world = crate::world::World::open()?;
                fs::write(world.state_path(), "")?;
                kill(9)
            }
        }
    }
}

fn kill(signal: i32) -> Result<(), Exit> {
    if let Some(signal) = Signal::from_named_raw(signal) {
        kill_process(getpid(), signal).map_err(io::Error::from)?;
    }
    // A signal to oneself may take a moment.
    sleep(Duration::from_secs(10), || false);
    Err(Exit(71))
}
