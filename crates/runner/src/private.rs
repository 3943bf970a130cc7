//! Files that only their owner may read, and that are whole or absent: states, plans and logs hold secrets, and a power cut may come at
//! any time.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FILE: u32 = 0o600;
const DIRECTORY: u32 = 0o700;

/// Makes a directory and those above it.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(DIRECTORY).create(path)
}

/// A new file to append to.
pub(crate) fn append_to_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create_new(true).mode(FILE).open(path)
}

/// Takes a file that another program wrote from everybody but its owner.
pub(crate) fn restrict(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(FILE))
}

/// A file to hold a lock; it has no content.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(FILE).open(path)
}

/// Writes a file whole or not at all. What a power cut loses is not missed: `durable` is for what is.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(content))
}

/// The same with a writer.
pub(crate) fn write_with(path: &Path, content: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    replace(path, &temporary(path), |file| content(file))
}

/// Writes a file whole or not at all, also over a power cut. `now`: it is there when this returns; otherwise a power cut may leave what was
/// there before.
pub(crate) fn durable(path: &Path, content: &[u8], now: bool) -> io::Result<()> {
    durable_by(&temporary(path), path, content)?;
    if now { sync_directory(path) } else { Ok(()) }
}

/// The same by a temporary file of another name, for a directory in which every name means something.
pub(crate) fn durable_by(temporary: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, temporary, |file| {
        file.write_all(content)?;
        file.sync_all()
    })
}

/// Copies a file durably.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    replace(to, &temporary(to), |file| {
        io::copy(&mut source, file)?;
        file.sync_all()
    })
}

fn replace(path: &Path, temporary: &Path, content: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    // What a killed run left there.
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE).open(temporary)?;
    let done = content(&mut file).and_then(|()| fs::rename(temporary, path));
    if done.is_err() {
        let _ = fs::remove_file(temporary);
    }
    done
}

/// Beside the file, so that the rename stays within one file system. One writer at a time: the stack's lock sees to it.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_completed_leaves_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record.json");
        durable(&path, b"old", true).unwrap();
        let broken = write_with(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(broken.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_half_written_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/record.json");
        directory(path.parent().unwrap()).unwrap();
        fs::write(temporary(&path), b"half").unwrap();
        durable(&path, b"whole", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
