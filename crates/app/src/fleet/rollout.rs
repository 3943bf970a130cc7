//! A rollout that is not over: which waves, how far, and why it stopped. Kept in `.palisade/rollout.json`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::file;
use crate::synth::pretty;

/// The version of the file that this program writes, and reads.
const FORMAT: u32 = 1;

/// A rollout that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rollout {
    /// The version of the file.
    pub(crate) format: u32,
    /// What is rolled out: a digest of the documents.
    pub(crate) of: String,
    /// The waves as they were given.
    pub(crate) sizes: String,
    /// The failure budget as it was given.
    pub(crate) failure_budget: String,
    /// The health check as it was given; none: there is none.
    pub(crate) health: Option<String>,
    /// Seconds between a wave and its health check.
    pub(crate) bake: u64,
    /// Whether it stops after each wave.
    pub(crate) pause: bool,
    /// The stacks of each wave, in their order.
    pub(crate) waves: Vec<Vec<String>>,
    /// How many waves are over.
    pub(crate) done: usize,
    /// The stacks that are deployed and well.
    pub(crate) well: BTreeSet<String>,
    /// Why it stopped.
    pub(crate) stopped: Option<Stopped>,
}

/// Why a rollout stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stopped {
    /// More failed than the budget allows.
    Budget,
    /// It was to pause after each wave.
    Pause,
    /// Whoever ran it asked it to stop.
    Interrupted,
}

/// Why the record of a rollout cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RolloutError {
    /// It cannot be read or written.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what this program writes.
    #[error("`{}` is no record of a rollout ({why}); move it away and run `app deploy` without `--resume`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

fn path(home: &Path) -> PathBuf {
    home.join("rollout.json")
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RolloutError {
    let path = path.to_owned();
    move |source| RolloutError::Io { doing, path, source }
}

impl Rollout {
    /// A new one.
    pub(crate) fn new(of: String, waves: Vec<Vec<String>>) -> Self {
        Self {
            format: FORMAT,
            of,
            sizes: String::new(),
            failure_budget: String::new(),
            health: None,
            bake: 0,
            pause: false,
            waves,
            done: 0,
            well: BTreeSet::new(),
            stopped: None,
        }
    }

    /// The rollout that is not over; none where there is none.
    pub(crate) fn read(home: &Path) -> Result<Option<Self>, RolloutError> {
        let path = path(home);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        let damaged = |why: String| RolloutError::Damaged { path: path.clone(), why };
        let read: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        match read.format {
            FORMAT => Ok(Some(read)),
            other => Err(damaged(format!("format {other}, where this program knows {FORMAT}"))),
        }
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&self, home: &Path) -> Result<(), RolloutError> {
        let path = path(home);
        let write = || file::write_private(&path, &pretty(self)?);
        write().map_err(failed("write", &path))
    }

    /// It is over.
    pub(crate) fn over(home: &Path) -> Result<(), RolloutError> {
        let path = path(home);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_is_read_as_it_was_written_and_is_gone_when_it_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join(".palisade");
        assert_eq!(Rollout::read(&home).unwrap(), None);
        let mut rollout = Rollout::new("ab".into(), vec![vec!["tenant-a-dev".into()], vec!["tenant-b-dev".into()]]);
        rollout.write(&home).unwrap();
        rollout.well.insert("tenant-a-dev".into());
        rollout.stopped = Some(Stopped::Pause);
        rollout.write(&home).unwrap();
        assert_eq!(Rollout::read(&home).unwrap(), Some(rollout));
        Rollout::over(&home).unwrap();
        Rollout::over(&home).unwrap();
        assert_eq!(Rollout::read(&home).unwrap(), None);
    }

    #[test]
    fn a_damaged_one_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rollout.json");
        let later = serde_json::to_string(&Rollout { format: 2, ..Rollout::new(String::new(), Vec::new()) }).unwrap();
        for content in ["", "{}", "[", &later] {
            fs::write(&file, content).unwrap();
            let said = Rollout::read(dir.path()).unwrap_err().to_string();
            assert!(said.contains("run `app deploy` without `--resume`"), "{said}");
            assert_eq!(fs::read_to_string(&file).unwrap(), content);
        }
    }

    #[test]
    fn others_cannot_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("new/.palisade");
        Rollout::new(String::new(), Vec::new()).write(&home).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&home), mode(&home.join("rollout.json"))), (0o700, 0o600));
    }
}
