//! Records on the disk: whole or absent, never deleted, one writer at a time.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::home::{Home, StackHome};
use crate::lock::Lock;
use crate::private;
use crate::record::{FORMAT, Pin, Record};

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
    use crate::{Deployed, Failure, Status};

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
