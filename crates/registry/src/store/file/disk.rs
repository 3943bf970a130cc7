//! Files that are the old ones or the new ones, and a lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::FileError;

/// Holds others off while it lives. The system lets go of it when the process ends, however it ends.
pub(super) struct Lock(#[expect(dead_code, reason = "held, not read")] Option<File>);

fn failed<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> FileError + 'a {
    move |source| FileError::Write { doing, path: path.to_owned(), source }
}

impl Lock {
    /// Against writers; none where nothing was ever written.
    pub(super) fn to_read(home: &Path) -> Result<Self, FileError> {
        let path = home.join("registry.lock");
        let read = |source| FileError::Read { path: path.clone(), source };
        match File::open(&path) {
            Ok(file) => file.lock_shared().map(|()| Self(Some(file))).map_err(read),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self(None)),
            Err(error) => Err(read(error)),
        }
    }

    /// Against everybody.
    pub(super) fn to_write(home: &Path) -> Result<Self, FileError> {
        make_directory(home).map_err(failed("make", home))?;
        let path = home.join("registry.lock");
        let file = private(OpenOptions::new().create(true).truncate(false).write(true)).open(&path);
        let file = file.map_err(failed("open", &path))?;
        file.lock().map_err(failed("lock", &path))?;
        Ok(Self(Some(file)))
    }
}

/// For this user alone: outputs and histories of tenants are nobody else's business.
fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A file; never more than one byte over the limit, so that a device fills no memory and a file that is too large is seen as such.
pub(super) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Puts a file into the place of another, or makes it: whole, and on the disk. Whoever calls holds the lock, so that the name of the new
/// file is nobody else's; what a kill leaves under that name the next call writes over.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.new"));
    let mut file = private(OpenOptions::new().create(true).truncate(true).write(true))
        .open(&new)
        .map_err(failed("write", path))?;
    let written = file.write_all(bytes).and_then(|()| {
        match fs::metadata(path) {
            Ok(old) => file.set_permissions(old.permissions())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        file.sync_all()?;
        fs::rename(&new, path)?;
        // The rename itself; a directory cannot be opened everywhere.
        match path.parent().map(File::open) {
            Some(Ok(directory)) => directory.sync_all(),
            _ => Ok(()),
        }
    });
    if written.is_err() {
        // It is of no use to anybody; the error is what counts.
        let _ = fs::remove_file(&new);
    }
    written.map_err(failed("write", path))
}

/// Adds to a file, or makes it; what is added is on the disk afterwards.
pub(super) fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(home) = path.parent() {
        make_directory(home)?;
    }
    let mut file = private(OpenOptions::new().create(true).append(true)).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}
