//! What is known of a stack between runs: one file each, whole or absent, written before and after everything that changes something.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::home::{Home, StackHome};
use crate::lock::Lock;
use crate::{Changes, Failure, Holder, OutputValue, Status, private};

/// The version of the format that this program writes; it reads no later one.
const FORMAT: u32 = 1;

/// What was done last to a stack, and what is known of it since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format.
    pub format: u32,
    /// The stack.
    pub stack: String,
    /// The run that did it; its logs are in `runs/RUN/STACK`.
    #[serde(default)]
    pub run: String,
    /// What was done.
    #[serde(default)]
    pub operation: Mutation,
    /// How it ended; none while it runs, or when the run was killed.
    #[serde(default)]
    pub status: Option<Status>,
    /// Which attempt it was, from 1; 0 if nothing was ever done.
    #[serde(default)]
    pub attempt: u32,
    /// When it began.
    #[serde(default)]
    pub began: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// SHA-256 of the stack's document then, in hexadecimal.
    #[serde(default)]
    pub document: String,
    /// Terraform or OpenTofu, and its version.
    #[serde(default)]
    pub terraform: String,
    /// Which AWS it was done to: `aws`, or the endpoints of an emulator.
    #[serde(default)]
    pub target: String,
    /// The last Terraform that did not come to its end in order, until a later one has.
    #[serde(default)]
    pub killed: Option<Killed>,
    /// The log of what Terraform said.
    #[serde(default)]
    pub log: Option<PathBuf>,
    /// What was changed.
    #[serde(default)]
    pub changes: Changes,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What is left after a destroy that failed.
    #[serde(default)]
    pub left: Vec<String>,
    /// The outputs after the last deployment that succeeded; the values of sensitive ones are not kept.
    #[serde(default)]
    pub outputs: BTreeMap<String, OutputValue>,
    /// The last deployment that succeeded and is not destroyed.
    #[serde(default)]
    pub deployed: Option<Deployed>,
    /// The plan that waits to be applied.
    #[serde(default)]
    pub plan: Option<SavedPlan>,
    /// What a killed Terraform may have created without noting it in the state.
    #[serde(default)]
    pub doubtful: Vec<Doubtful>,
    /// Every lock of the state that was broken.
    #[serde(default)]
    pub unlocks: Vec<Unlock>,
    /// The stack is to be left as it is.
    #[serde(default)]
    pub pin: Option<Pin>,
}

/// What changes a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// It is created or changed.
    #[default]
    Deploy,
    /// It is destroyed.
    Destroy,
}

/// A deployment that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// The run.
    pub run: String,
    /// SHA-256 of the stack's document.
    pub document: String,
    /// When it was done.
    pub at: Timestamp,
}

/// A plan that waits to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The run that made it.
    pub run: String,
    /// SHA-256 of the document it is of.
    pub document: String,
    /// Which AWS it is for.
    pub target: String,
    /// When it was made.
    pub at: Timestamp,
    /// What it does to resources.
    pub changes: Changes,
    /// Whether it does anything at all, also to outputs alone.
    pub pending: bool,
}

/// A Terraform that did not come to its end in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Killed {
    /// The run that started it.
    pub run: String,
    /// The process.
    pub process: Holder,
    /// When it began.
    pub began: Timestamp,
    /// When it was found gone.
    pub found: Timestamp,
}

/// A resource that may be in AWS and not in the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubtful {
    /// Its address in Terraform.
    pub address: String,
    /// Its type, for example `aws_vpc`.
    pub resource_type: String,
    /// Its id, where AWS had answered.
    #[serde(default)]
    pub id: Option<String>,
}

/// A lock of the state that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlock {
    /// When.
    pub at: Timestamp,
    /// By which run.
    pub run: String,
    /// The id of the lock.
    pub lock: String,
    /// Who held it.
    pub holder: String,
    /// How it is known that the holder is gone.
    pub because: String,
}

/// The wish that a stack is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Since when.
    pub since: Timestamp,
}

impl Record {
    /// Of a stack that nothing is known of.
    pub(crate) fn new(stack: &str) -> Self {
        Self {
            format: FORMAT,
            stack: stack.to_owned(),
            run: String::new(),
            operation: Mutation::default(),
            status: None,
            attempt: 0,
            began: None,
            ended: None,
            document: String::new(),
            terraform: String::new(),
            target: String::new(),
            killed: None,
            log: None,
            changes: Changes::default(),
            failure: None,
            left: Vec::new(),
            outputs: BTreeMap::new(),
            deployed: None,
            plan: None,
            doubtful: Vec::new(),
            unlocks: Vec::new(),
            pin: None,
        }
    }

    /// Notes that the Terraform that was begun last is gone without having come to its end.
    pub(crate) fn note_killed(&mut self, process: Option<Holder>) {
        if let (Some(process), Some(began)) = (process, self.began) {
            self.killed = Some(Killed { run: self.run.clone(), process, began, found: Timestamp::now() });
        }
    }

    /// Whether something was begun whose end is not recorded: it still runs, or was killed.
    pub fn is_open(&self) -> bool {
        self.attempt > 0 && self.status.is_none()
    }
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
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
    #[error("`{}` is no record of a stack: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A later version of this program wrote it.
    #[error("`{}` was written by a later version of this program (format {found}, this one knows up to {FORMAT}); use that one", path.display())]
    Later {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Another run works on the stack.
    #[error("another run works on stack `{stack}`; wait until it has ended")]
    Busy {
        /// The stack.
        stack: String,
    },
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::Io { doing, path, source }
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl StackHome {
    /// The record; none where nothing was ever done.
    pub(crate) fn read(&self) -> Result<Option<Record>, RecordError> {
        let path = self.record();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        let damaged = |error: serde_json::Error| RecordError::Damaged { path: path.clone(), why: error.to_string() };
        let format: Format = serde_json::from_slice(&bytes).map_err(damaged)?;
        if format.format > FORMAT {
            return Err(RecordError::Later { path, found: format.format });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// Writes the record. `now`: it is on the disk when this returns.
    pub(crate) fn write(&self, record: &Record, now: bool) -> Result<(), RecordError> {
        let path = self.record();
        let write = || {
            private::directory(self.directory())?;
            let mut text = serde_json::to_vec_pretty(record)?;
            text.push(b'\n');
            private::durable(&path, &text, now)
        };
        write().map_err(failed("write", &path))
    }

    /// Moves a record that cannot be read aside; it is never deleted.
    pub(crate) fn set_record_aside(&self) -> Result<PathBuf, RecordError> {
        let path = self.record();
        let mut aside = (1_u32..).map(|number| path.with_file_name(format!("record.damaged-{number}.json")));
        let to = aside.find(|to| fs::symlink_metadata(to).is_err()).unwrap_or_else(|| path.with_extension("damaged"));
        fs::rename(&path, &to).map_err(failed("move aside", &path))?;
        Ok(to)
    }
}

/// The records of a fleet.
#[derive(Clone, Debug)]
pub struct Records {
    home: Home,
}

impl Records {
    /// Those in the runner's directory, which need not exist yet.
    pub fn open(home: &Path) -> Self {
        Self { home: Home::new(home) }
    }

    /// The record of a stack; none where nothing was ever done.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(&self, stack: &str) -> Result<Option<Record>, RecordError> {
        self.home.stack(stack).read()
    }

    /// Every record, by the name of the stack; those that cannot be read are told as errors.
    ///
    /// # Errors
    /// When the directory of the records cannot be read.
    pub fn all(&self) -> Result<BTreeMap<String, Result<Record, RecordError>>, RecordError> {
        let path = self.home.stacks();
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        Ok(names.filter_map(|name| Some((name.clone(), self.of(&name).transpose()?))).collect())
    }

    /// Pins a stack: it is left as it is until it is unpinned.
    ///
    /// # Errors
    /// When the record cannot be read or written, or a run works on the stack.
    pub fn pin(&self, stack: &str) -> Result<(), RecordError> {
        self.change(stack, |record| record.pin = Some(record.pin.take().unwrap_or(Pin { since: Timestamp::now() })))
    }

    /// Takes the pin away.
    ///
    /// # Errors
    /// When the record cannot be read or written, or a run works on the stack.
    pub fn unpin(&self, stack: &str) -> Result<(), RecordError> {
        self.change(stack, |record| record.pin = None)
    }

    fn change(&self, stack: &str, change: impl FnOnce(&mut Record)) -> Result<(), RecordError> {
        let home = self.home.stack(stack);
        let lock = Lock::take(&home.lock()).map_err(failed("lock", &home.lock()))?;
        let _lock = lock.ok_or_else(|| RecordError::Busy { stack: stack.to_owned() })?;
        let mut record = home.read()?.unwrap_or_else(|| Record::new(stack));
        change(&mut record);
        home.write(&record, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path()).stack("tenant-acme-dev");
        assert_eq!(home.read().unwrap(), None);
        let mut record = Record::new("tenant-acme-dev");
        record.run = "20260101T000000Z-1".into();
        record.attempt = 2;
        record.status = Some(Status::Deployed);
        record.failure = Some(Failure {
            class: crate::Class::Crash,
            phase: crate::Phase::Apply,
            address: None,
            code: None,
            cause: "killed".into(),
            detail: String::new(),
            fix: "again".into(),
            resumable: true,
            log: None,
        });
        record.deployed = Some(Deployed { run: record.run.clone(), document: "ab".into(), at: Timestamp::UNIX_EPOCH });
        home.write(&record, true).unwrap();
        assert_eq!(home.read().unwrap(), Some(record.clone()));
        let all = Records::open(dir.path()).all().unwrap();
        assert_eq!(all["tenant-acme-dev"].as_ref().unwrap(), &record);
    }

    #[test]
    fn a_damaged_record_is_set_aside_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path()).stack("a");
        private::directory(home.directory()).unwrap();
        for content in ["", "{", "[1]", r#"{ "format": 1 }"#] {
            fs::write(home.record(), content).unwrap();
            assert!(matches!(home.read(), Err(RecordError::Damaged { .. })), "{content}");
            let aside = home.set_record_aside().unwrap();
            assert_eq!(fs::read_to_string(aside).unwrap(), content);
            assert_eq!(home.read().unwrap(), None);
        }
    }

    #[test]
    fn a_record_of_a_later_version_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path()).stack("a");
        private::directory(home.directory()).unwrap();
        fs::write(home.record(), r#"{ "format": 2, "stack": "a" }"#).unwrap();
        let error = home.read().unwrap_err().to_string();
        assert!(error.contains("later version"), "{error}");
    }

    #[test]
    fn a_pin_stays_until_it_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let records = Records::open(dir.path());
        records.pin("a").unwrap();
        let since = records.of("a").unwrap().unwrap().pin.unwrap().since;
        records.pin("a").unwrap();
        assert_eq!(records.of("a").unwrap().unwrap().pin.unwrap().since, since);
        records.unpin("a").unwrap();
        assert_eq!(records.of("a").unwrap().unwrap().pin, None);
        assert!(!records.of("a").unwrap().unwrap().is_open());
    }

    #[test]
    fn a_stack_that_a_run_works_on_is_not_pinned() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Lock::take(&Home::new(dir.path()).stack("a").lock()).unwrap();
        assert!(matches!(Records::open(dir.path()).pin("a"), Err(RecordError::Busy { .. })));
    }
}
