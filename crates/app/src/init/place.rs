//! Files into a directory: all of them or none, and none in place of another one.
//!
//! They are first written, complete, beside or inside the directory. A directory that is not there yet is then renamed into place. In one that is
//! there, each file gets its name by a hard link, which never replaces anything; where one fails, those before it are taken back. A kill in
//! between leaves whole files, which the next run finds to be its own, and a staging directory, which it removes.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The name of the staging directory inside the target, and the end of its name beside it.
const STAGING: &str = ".app-init.new";

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The path is taken by something that is not a directory.
    #[error("`{}` is a file; name a directory that is new or empty: `app init DIR`", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// Files of these names are there and say something else.
    #[error("nothing was written, for `{}` has {} already; move what is yours away, or name another directory: `app init DIR`", path.display(), listed(.files))]
    Present {
        /// The directory.
        path: PathBuf,
        /// The files, relative to it.
        files: Vec<String>,
    },
    /// A file cannot be written.
    #[error("cannot {doing} `{}`; nothing was written", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

fn listed(files: &[String]) -> String {
    files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ")
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |source| PlaceError::Io { doing, path, source }
}

/// Writes the files, and says which ones; the others were there with the same content.
pub(super) fn all<'a>(directory: &Path, files: &[(&'a str, String)]) -> Result<BTreeSet<&'a str>, PlaceError> {
    match fs::metadata(directory) {
        Ok(found) if !found.is_dir() => Err(PlaceError::NotADirectory { path: directory.to_owned() }),
        Ok(_) => within(directory, files),
        // A link to nothing is not replaced.
        Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(directory).is_err() => {
            fresh(directory, files)
        }
        Err(error) => Err(failed("look at", directory)(error)),
    }
}

/// Into a directory that is not there: made beside it, and renamed.
fn fresh<'a>(directory: &Path, files: &[(&'a str, String)]) -> Result<BTreeSet<&'a str>, PlaceError> {
    let Some(name) = directory.file_name() else {
        return Err(failed("make", directory)(ErrorKind::InvalidInput.into()));
    };
    let mut staging = name.to_owned();
    staging.push(STAGING);
    let staging = directory.with_file_name(staging);
    let made = stage(&staging, &files.iter().collect::<Vec<_>>())
        .and_then(|()| fs::rename(&staging, directory).map_err(failed("move into place", directory)));
    if made.is_err() {
        let _ = fs::remove_dir_all(&staging);
    }
    made.map(|()| files.iter().map(|(path, _)| *path).collect())
}

/// Into a directory that is there, perhaps with a repository's first files.
fn within<'a>(directory: &Path, files: &[(&'a str, String)]) -> Result<BTreeSet<&'a str>, PlaceError> {
    let (mut missing, mut present) = (Vec::new(), Vec::new());
    for file in files {
        let (path, text) = file;
        match fs::symlink_metadata(directory.join(path)) {
            Ok(found)
                if found.is_file() && fs::read(directory.join(path)).is_ok_and(|bytes| bytes == text.as_bytes()) => {}
            Ok(_) => present.push((*path).to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => missing.push(file),
            // A part of the path is a file.
            Err(error) if error.kind() == ErrorKind::NotADirectory => present.push((*path).to_owned()),
            Err(error) => return Err(failed("look at", &directory.join(path))(error)),
        }
    }
    if !present.is_empty() {
        return Err(PlaceError::Present { path: directory.to_owned(), files: present });
    }
    let staging = directory.join(STAGING);
    let mut made = Vec::new();
    let linked = stage(&staging, &missing)
        .and_then(|()| missing.iter().try_for_each(|(path, _)| link(&staging, directory, path, &mut made)));
    let _ = fs::remove_dir_all(&staging);
    if linked.is_err() {
        for (path, is_directory) in made.iter().rev() {
            let _ = if *is_directory { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
    linked.map(|()| missing.iter().map(|(path, _)| *path).collect())
}

/// Writes files into a directory of their own; what an earlier run left there goes first.
fn stage(staging: &Path, files: &[&(&str, String)]) -> Result<(), PlaceError> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed("remove", staging)(error)),
        _ => {}
    }
    for (path, text) in files {
        let path = staging.join(path);
        let parent = path.parent().unwrap_or(staging);
        fs::create_dir_all(parent).map_err(failed("make the directory", parent))?;
        fs::write(&path, text).map_err(failed("write", &path))?;
    }
    Ok(())
}

/// Gives a staged file its name, and notes what has to be taken back if a later one fails.
fn link(staging: &Path, directory: &Path, path: &str, made: &mut Vec<(PathBuf, bool)>) -> Result<(), PlaceError> {
    let mut parents: Vec<&Path> =
        Path::new(path).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()).collect();
    parents.reverse();
    for parent in parents.into_iter().map(|parent| directory.join(parent)) {
        match fs::create_dir(&parent) {
            Ok(()) => made.push((parent, true)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("make the directory", &parent)(error)),
        }
    }
    let (from, to) = (staging.join(path), directory.join(path));
    // Some file systems have no hard links; there the look before has to do.
    let linked = fs::hard_link(&from, &to).or_else(|error| match error.kind() {
        ErrorKind::AlreadyExists => Err(error),
        _ if fs::symlink_metadata(&to).is_ok() => Err(error),
        _ => fs::rename(&from, &to),
    });
    linked.map_err(failed("write", &to))?;
    made.push((to, false));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<(&'static str, String)> {
        [("a.txt", "a"), (".deep/er/b.txt", "b"), ("c.txt", "c")].map(|(path, text)| (path, text.to_owned())).into()
    }

    fn entries(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_directory_appears_whole_and_an_old_one_keeps_what_it_has() {
        let parent = tempfile::tempdir().unwrap();
        let (new, old) = (parent.path().join("new"), parent.path().join("old"));
        assert_eq!(all(&new, &files()).unwrap().len(), 3);
        fs::create_dir_all(old.join(".git")).unwrap();
        assert_eq!(all(&old, &files()).unwrap().len(), 3);
        assert_eq!(entries(&old), [".deep", ".git", "a.txt", "c.txt"]);
        assert_eq!(entries(parent.path()), ["new", "old"], "nothing is left beside them");
        assert_eq!(all(&old, &files()).unwrap().len(), 0, "a second run has nothing to do");
    }

    #[test]
    fn what_is_there_is_named_and_nothing_is_written() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("c.txt"), "mine").unwrap();
        fs::write(directory.path().join(".deep"), "a file where a directory would be").unwrap();
        let error = all(directory.path(), &files()).unwrap_err().to_string();
        assert!(error.contains("`.deep/er/b.txt`, `c.txt` already"), "{error}");
        assert_eq!(entries(directory.path()), [".deep", "c.txt"]);
        assert_eq!(fs::read(directory.path().join("c.txt")).unwrap(), b"mine");
    }

    /// Somebody makes a file between the look and the link.
    #[test]
    fn what_was_written_before_a_failure_is_taken_back() {
        let directory = tempfile::tempdir().unwrap();
        let staging = directory.path().join(STAGING);
        let files = files();
        stage(&staging, &files.iter().collect::<Vec<_>>()).unwrap();
        fs::write(directory.path().join("c.txt"), "theirs").unwrap();
        let mut made = Vec::new();
        let linked: Result<(), _> =
            files.iter().try_for_each(|(path, _)| link(&staging, directory.path(), path, &mut made));
        assert!(linked.unwrap_err().to_string().contains("c.txt"));
        assert_eq!(fs::read(directory.path().join("c.txt")).unwrap(), b"theirs", "a link replaces nothing");
        let taken_back: Vec<bool> = made.iter().map(|(_, is_directory)| *is_directory).collect();
        assert_eq!(taken_back, [false, true, true, false], "a.txt, .deep, .deep/er, b.txt");
    }

    #[test]
    fn what_a_killed_run_left_does_not_stand_in_the_way() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join(STAGING).join("a.txt")).unwrap();
        fs::write(directory.path().join("a.txt"), "a").unwrap();
        assert_eq!(
            all(directory.path(), &files()).unwrap().into_iter().collect::<Vec<_>>(),
            [".deep/er/b.txt", "c.txt"]
        );
        assert_eq!(entries(directory.path()), [".deep", "a.txt", "c.txt"]);
    }

    #[test]
    fn a_file_and_a_dangling_link_are_no_directory() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("file"), "").unwrap();
        std::os::unix::fs::symlink("nowhere", parent.path().join("link")).unwrap();
        assert!(matches!(all(&parent.path().join("file"), &files()), Err(PlaceError::NotADirectory { .. })));
        assert!(matches!(all(&parent.path().join("link"), &files()), Err(PlaceError::Io { .. })));
        assert!(matches!(all(&parent.path().join("file/below"), &files()), Err(PlaceError::Io { .. })));
    }
}
