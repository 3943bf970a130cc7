//! The output directory: whole or not at all.
//!
//! Files are first written, complete, into `OUT/.staging`; a full disk or a kill there leaves the output as it was. Renaming that
//! directory to `OUT/.commit` is the moment of decision: from then on the new output counts, and what is still to be moved into place is
//! moved, by this run or, after a kill, by the next one before it does anything else. The manifest goes first and comes back last, so
//! that whoever reads in between finds no manifest rather than a mixture. Terraform's own files beside a stack's document stay.
//!
//! Everything is inside the output directory, so that every rename is within one file system and atomic, also where the directory is a
//! symbolic link or a mount, or its parent cannot be written to. The lock is one that the system lets go with its process: it is never
//! stale. Only what is known to be ours is ever replaced or removed (`ours`, `leavings`).
//!
//! - *Why is nothing forced to the disk?* Waiting for the disk at every file was half of a synthesis' time, and protects only from a
//!   power cut: what that loses is written again by the next run, which compares every file with what it should be. Way back:
//!   `sync_all` in `stage`.
//! - *Why not rename the whole directory into place?* The CDKTF CLIs run Terraform inside it: the provider links and lock files there
//!   would be gone with every synthesis. Way back: move those over before the rename.

mod leavings;
mod ours;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use construct::manifest;

const STAGING: &str = ".staging";
const COMMIT: &str = ".commit";
const LOCK: &str = ".lock";
const STACKS: &str = "stacks";
const ASSETS: &str = "assets";
const KEPT: &str = "kept";
const DOCUMENT: &str = "cdk.tf.json";

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The path is taken by something that is not a directory.
    #[error("the output directory `{}` is a file; choose another one with `--output`", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The path is a symbolic link to nothing.
    #[error("the output directory `{}` is a link to what is not there; choose another one with `--output`", path.display())]
    Dangling {
        /// The link.
        path: PathBuf,
    },
    /// The directory holds what is not ours.
    #[error("the directory `{}` holds `{entry}`, which is not of this program; choose another one with `--output`", path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// One of the things in it.
        entry: String,
    },
    /// Another run writes there.
    #[error("another run is writing to `{}`; wait until it has ended, or choose another directory with `--output`", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// Something could not be written, read or moved.
    #[error("cannot {doing} `{}`; the output is as it was", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The new output is complete, but could not be moved into place.
    #[error("cannot {doing} `{}`; the new output is complete, and the next run will put the rest of it into place", path.display())]
    Unfinished {
        /// What was tried.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// What a finished run changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// How many files are new or different.
    pub written: usize,
    /// Stacks whose directories are gone because their tenants are.
    pub removed: Vec<String>,
    /// Where the directories of such stacks are now that hold more than a synthesis and `terraform init` can bring back.
    pub kept: Vec<String>,
}

/// An output directory that this run alone writes to.
pub struct Output {
    root: PathBuf,
    /// Every file of the new output, relative to the directory.
    files: BTreeSet<PathBuf>,
    written: usize,
    _lock: File,
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { doing, path, source }
}

fn unfinished(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Unfinished { doing, path, source }
}

impl Output {
    /// Opens the directory, makes it where it is missing, and completes what a run before this one had decided but not finished.
    ///
    /// # Errors
    /// When the path is no directory, holds somebody else's files, is in use, or cannot be written to.
    pub fn open(root: &Path) -> Result<Self, OutputError> {
        if fs::metadata(root).is_ok_and(|found| !found.is_dir()) {
            return Err(OutputError::NotADirectory { path: root.to_owned() });
        }
        let fresh = !root.exists();
        if fresh && fs::symlink_metadata(root).is_ok_and(|found| found.is_symlink()) {
            return Err(OutputError::Dangling { path: root.to_owned() });
        }
        fs::create_dir_all(root).map_err(io_error("make the directory", root))?;
        ours::check(root)?;
        let lock_path = root.join(LOCK);
        let lock = File::create(&lock_path).map_err(io_error("write", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutputError::Busy { path: root.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io_error("lock", &lock_path)(source)),
        }
        let output = Self { root: root.to_owned(), files: BTreeSet::new(), written: 0, _lock: lock };
        if !fresh {
            output.recover()?;
        }
        let staging = root.join(STAGING);
        fs::create_dir_all(&staging).map_err(io_error("make the directory", &staging))?;
        Ok(output)
    }

    fn recover(&self) -> Result<(), OutputError> {
        self.finish_commit()?;
        let staging = self.root.join(STAGING);
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error("remove", &staging)(error)),
            _ => Ok(()),
        }
    }

    /// Adds a file to the new output. One that has not changed is left alone.
    ///
    /// # Errors
    /// When it cannot be written; the output is then as it was.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), OutputError> {
        self.files.insert(PathBuf::from(file));
        if self.holds(file, bytes) {
            return Ok(());
        }
        self.written += 1;
        self.stage(file, bytes)
    }

    /// Keeps a file of the old output that the new one still needs; one that is not there is not missed.
    pub fn keep(&mut self, file: &str) {
        if self.root.join(file).is_file() {
            self.files.insert(PathBuf::from(file));
        }
    }

    fn holds(&self, file: &str, bytes: &[u8]) -> bool {
        let path = self.root.join(file);
        let length = fs::symlink_metadata(&path).map(|found| found.len());
        length.is_ok_and(|length| length == bytes.len() as u64) && fs::read(&path).is_ok_and(|present| present == bytes)
    }

    fn stage(&self, file: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let path = self.root.join(STAGING).join(file);
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(io_error("make the directory", parent))?;
        fs::write(&path, bytes).map_err(io_error("write", &path))
    }

    /// Makes the new output the output.
    ///
    /// # Errors
    /// When that cannot be decided (the output is as it was), or cannot be finished (the next run does).
    pub fn commit(mut self, manifest: &[u8]) -> Result<Changes, OutputError> {
        let (staging, commit) = (self.root.join(STAGING), self.root.join(COMMIT));
        if !self.holds(manifest::FILE_NAME, manifest) {
            self.written += 1;
        }
        if self.written > 0 {
            // Also when it has not changed: it must be away while the documents are neither the old nor the new ones.
            self.stage(manifest::FILE_NAME, manifest)?;
            fs::rename(&staging, &commit).map_err(io_error("rename", &staging))?;
            self.finish_commit()?;
        } else {
            fs::remove_dir_all(&staging).map_err(io_error("remove", &staging))?;
        }
        let mut changes = Changes { written: self.written, ..Changes::default() };
        leavings::stacks(&self.root, &self.files, &mut changes)?;
        leavings::assets(&self.root, &self.files)?;
        Ok(changes)
    }

    /// Moves what was decided into place; to be repeated as often as needed.
    fn finish_commit(&self) -> Result<(), OutputError> {
        let commit = self.root.join(COMMIT);
        if !commit.exists() {
            return Ok(());
        }
        let (new, old) = (commit.join(manifest::FILE_NAME), self.root.join(manifest::FILE_NAME));
        if new.exists() && old.exists() {
            fs::remove_file(&old).map_err(unfinished("remove", &old))?;
        }
        self.move_files(&commit, Path::new(""))?;
        if new.exists() {
            fs::rename(&new, &old).map_err(unfinished("move into place", &old))?;
        }
        fs::remove_dir_all(&commit).map_err(unfinished("remove", &commit))
    }

    fn move_files(&self, commit: &Path, below: &Path) -> Result<(), OutputError> {
        let from = commit.join(below);
        // All of them before the first one moves away under the reader.
        let entries = fs::read_dir(&from).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.map_err(unfinished("read", &from))? {
            let inner = below.join(entry.file_name());
            let to = self.root.join(&inner);
            // A directory that is not there yet moves whole.
            if entry.path().is_dir() && to.exists() {
                self.move_files(commit, &inner)?;
            } else if inner != Path::new(manifest::FILE_NAME) {
                fs::rename(entry.path(), &to).map_err(unfinished("move into place", &to))?;
            }
        }
        Ok(())
    }
}

/// A run that did not commit leaves nothing behind.
impl Drop for Output {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.root.join(STAGING));
    }
}
