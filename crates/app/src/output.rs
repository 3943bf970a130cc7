//! The output directory: whole or not at all.
//!
//! Files are first written, complete, into `OUT/.staging`; a full disk or a kill there leaves the output as it was. Renaming that
//! directory to `OUT/.commit` is the moment of decision: from then on the new output counts, and what is still to be moved into place is
//! moved, by this run or, after a kill, by the next one before it does anything else. The manifest goes first and comes back last, so
//! that whoever reads in between finds no manifest rather than a mixture. Terraform's own files beside a stack's document stay.
//!
//! - *Why not rename the whole directory into place?* The CDKTF CLIs run Terraform inside it: the provider links and lock files there
//!   would be gone with every synthesis. Way back: move those over before the rename.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use construct::manifest;

const STAGING: &str = ".staging";
const COMMIT: &str = ".commit";
const LOCK: &str = ".lock";
const STACKS: &str = "stacks";
const ASSETS: &str = "assets";
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
    /// The directory holds what is not ours.
    #[error(
        "the directory `{}` holds `{entry}` and no output of this program; choose another one with `--output`, or empty it",
        path.display()
    )]
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
    /// Directories of such stacks that stay, because somebody keeps a Terraform state in them.
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
        fs::create_dir_all(root).map_err(io_error("make the directory", root))?;
        refuse_foreign(root)?;
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
        if fs::read(self.root.join(file)).is_ok_and(|present| present == bytes) {
            return Ok(());
        }
        let path = self.root.join(STAGING).join(file);
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(io_error("make the directory", parent))?;
        let mut staged = File::create(&path).map_err(io_error("write", &path))?;
        staged.write_all(bytes).and_then(|()| staged.sync_all()).map_err(io_error("write", &path))?;
        self.written += 1;
        Ok(())
    }

    /// Makes the new output the output.
    ///
    /// # Errors
    /// When that cannot be decided (the output is as it was), or cannot be finished (the next run does).
    pub fn commit(mut self, manifest: &[u8]) -> Result<Changes, OutputError> {
        self.add(manifest::FILE_NAME, manifest)?;
        let (staging, commit) = (self.root.join(STAGING), self.root.join(COMMIT));
        if self.written > 0 {
            fs::rename(&staging, &commit).map_err(io_error("rename", &staging))?;
            self.finish_commit()?;
        } else {
            fs::remove_dir_all(&staging).map_err(io_error("remove", &staging))?;
        }
        let mut changes = Changes { written: self.written, ..Changes::default() };
        self.remove_stacks(&mut changes)?;
        self.remove_assets()?;
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
        for entry in fs::read_dir(&from).map_err(unfinished("read", &from))? {
            let entry = entry.map_err(unfinished("read", &from))?;
            let inner = below.join(entry.file_name());
            let to = self.root.join(&inner);
            if entry.path().is_dir() {
                fs::create_dir_all(&to).map_err(unfinished("make the directory", &to))?;
                self.move_files(commit, &inner)?;
            } else if inner != Path::new(manifest::FILE_NAME) {
                fs::rename(entry.path(), &to).map_err(unfinished("move into place", &to))?;
            }
        }
        Ok(())
    }

    fn remove_stacks(&self, changes: &mut Changes) -> Result<(), OutputError> {
        for (name, directory) in directories(&self.root.join(STACKS)) {
            let relative = Path::new(STACKS).join(&name).join(DOCUMENT);
            if self.files.contains(&relative) || !directory.join(DOCUMENT).exists() {
                continue;
            }
            if directory.join("terraform.tfstate").exists() {
                let document = directory.join(DOCUMENT);
                fs::remove_file(&document).map_err(unfinished("remove", &document))?;
                changes.kept.push(name);
            } else {
                fs::remove_dir_all(&directory).map_err(unfinished("remove", &directory))?;
                changes.removed.push(name);
            }
        }
        Ok(())
    }

    fn remove_assets(&self) -> Result<(), OutputError> {
        for (name, directory) in directories(&self.root.join(ASSETS)) {
            let below = Path::new(ASSETS).join(name);
            if !self.files.iter().any(|file| file.starts_with(&below)) {
                fs::remove_dir_all(&directory).map_err(unfinished("remove", &directory))?;
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

fn directories(parent: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    found.sort();
    found
}

/// A directory without a manifest may hold only what a run of ours, or of a CDKTF CLI, leaves.
fn refuse_foreign(root: &Path) -> Result<(), OutputError> {
    if root.join(manifest::FILE_NAME).is_file() {
        return Ok(());
    }
    let ours = [STAGING, COMMIT, LOCK, STACKS, ASSETS];
    for entry in fs::read_dir(root).map_err(io_error("read", root))? {
        let name = entry.map_err(io_error("read", root))?.file_name().to_string_lossy().into_owned();
        if !ours.contains(&name.as_str()) {
            return Err(OutputError::Foreign { path: root.to_owned(), entry: name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, files: &[(&str, &str)], manifest: &str) -> Changes {
        let mut output = Output::open(root).unwrap();
        for (file, text) in files {
            output.add(file, text.as_bytes()).unwrap();
        }
        output.commit(manifest.as_bytes()).unwrap()
    }

    fn read(root: &Path, file: &str) -> Option<String> {
        fs::read_to_string(root.join(file)).ok()
    }

    #[test]
    fn a_run_that_does_not_commit_leaves_the_output_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[("stacks/a/cdk.tf.json", "old")], "one");
        let mut output = Output::open(dir.path()).unwrap();
        output.add("stacks/a/cdk.tf.json", b"new").unwrap();
        drop(output);
        assert_eq!(read(dir.path(), "stacks/a/cdk.tf.json").as_deref(), Some("old"));
        assert!(!dir.path().join(STAGING).exists());
    }

    /// What a kill between the decision and its end leaves is finished by the next run, even by one that fails.
    #[test]
    fn a_decided_run_is_finished_by_the_next_one() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[("stacks/a/cdk.tf.json", "old")], "one");
        fs::create_dir_all(dir.path().join(".commit/stacks/a")).unwrap();
        fs::write(dir.path().join(".commit/stacks/a/cdk.tf.json"), "new").unwrap();
        fs::write(dir.path().join(".commit/manifest.json"), "two").unwrap();
        drop(Output::open(dir.path()).unwrap());
        assert_eq!(read(dir.path(), "stacks/a/cdk.tf.json").as_deref(), Some("new"));
        assert_eq!(read(dir.path(), "manifest.json").as_deref(), Some("two"));
        assert!(!dir.path().join(COMMIT).exists());
    }

    #[test]
    fn an_undecided_run_that_was_killed_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[("stacks/a/cdk.tf.json", "old")], "one");
        fs::create_dir_all(dir.path().join(".staging/stacks/a")).unwrap();
        fs::write(dir.path().join(".staging/stacks/a/cdk.tf.json"), "half").unwrap();
        write(dir.path(), &[("stacks/a/cdk.tf.json", "old")], "one");
        assert_eq!(read(dir.path(), "stacks/a/cdk.tf.json").as_deref(), Some("old"));
    }

    #[test]
    fn stacks_of_removed_tenants_go_and_terraforms_own_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[("stacks/a/cdk.tf.json", "a"), ("stacks/b/cdk.tf.json", "b")], "both");
        fs::write(dir.path().join("stacks/a/.terraform.lock.hcl"), "lock").unwrap();
        let changes = write(dir.path(), &[("stacks/a/cdk.tf.json", "a")], "one");
        assert_eq!(changes.removed, ["b"]);
        assert!(!dir.path().join("stacks/b").exists());
        assert!(dir.path().join("stacks/a/.terraform.lock.hcl").exists());
    }

    #[test]
    fn a_state_inside_a_removed_stack_is_never_deleted() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[("stacks/b/cdk.tf.json", "b")], "one");
        fs::write(dir.path().join("stacks/b/terraform.tfstate"), "state").unwrap();
        let changes = write(dir.path(), &[], "none");
        assert_eq!(changes.kept, ["b"]);
        assert!(dir.path().join("stacks/b/terraform.tfstate").exists());
    }

    #[test]
    fn somebody_elses_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
        let message = Output::open(dir.path()).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("holds `thesis.txt`"), "{message}");
    }

    #[test]
    fn a_second_run_at_the_same_time_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Output::open(dir.path()).unwrap();
        assert!(matches!(Output::open(dir.path()), Err(OutputError::Busy { .. })));
    }

    #[test]
    fn unchanged_files_are_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let files = [("stacks/a/cdk.tf.json", "a")];
        assert_eq!(write(dir.path(), &files, "one").written, 2);
        assert_eq!(write(dir.path(), &files, "one").written, 0);
    }
}
