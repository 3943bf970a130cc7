//! What Terraform says: into a private file, read while it grows, rewritten without secrets when it is complete.
//!
//! A file and not a pipe: when this program is killed, a pipe would break and take Terraform with it in the middle of an apply. With a
//! file Terraform goes on, saves its state and gives its lock back.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::private;
use crate::redact::Redactor;

/// The end of the name of a log whose secrets are still in it.
pub(crate) const RAW: &str = "raw";

/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// A log that is being written.
#[derive(Debug)]
pub(crate) struct Raw {
    log: PathBuf,
    raw: PathBuf,
    reader: Option<File>,
}

impl Raw {
    /// A log that is going to be at this path.
    pub(crate) fn new(log: PathBuf) -> Self {
        let mut raw = log.clone().into_os_string();
        raw.push(".");
        raw.push(RAW);
        Self { log, raw: raw.into(), reader: None }
    }

    /// The file to write to, new and readable by its owner alone. Every writer appends.
    pub(crate) fn create(&self) -> io::Result<File> {
        private::append_to_new(&self.raw)
    }

    /// Where the log is when it is complete.
    pub(crate) fn path(&self) -> &Path {
        &self.log
    }

    /// Gives what was written since the last call, in pieces that end anywhere.
    pub(crate) fn read(&mut self, mut give: impl FnMut(&[u8])) -> io::Result<()> {
        if self.reader.is_none() {
            // A log of an earlier run may be rewritten already.
            let opened = [&self.raw, &self.log].into_iter().map(File::open);
            let absent =
                |opened: &io::Result<File>| opened.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            let Some(file) = opened.into_iter().find(|opened| !absent(opened)) else { return Ok(()) };
            self.reader = Some(file?);
        }
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut chunk = [0; CHUNK];
        loop {
            match reader.read(&mut chunk)? {
                0 => return Ok(()),
                read => give(chunk.get(..read).unwrap_or_default()),
            }
        }
    }

    /// Whether it, or what it becomes, is there already.
    pub(crate) fn exists(&self) -> bool {
        [&self.log, &self.raw].into_iter().any(|path| fs::symlink_metadata(path).is_ok())
    }

    /// Saves a state that is in it, if Terraform could write it nowhere else, and rewrites the log without secrets. Only when its writer
    /// is gone.
    pub(crate) fn finish(self, redactor: &Redactor, errored: &Path) -> io::Result<()> {
        redact_file(&self.raw, &self.log, redactor, errored)
    }
}

/// Does the same to every log of a directory that a killed run left with secrets in it. Only when their writers are gone.
pub(crate) fn redact_left_over(directory: &Path, redactor: &Redactor, errored: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries.flatten() {
        let raw = entry.path();
        if raw.extension().is_some_and(|extension| extension == RAW) {
            redact_file(&raw, &raw.with_extension(""), redactor, errored)?;
        }
    }
    Ok(())
}

fn redact_file(raw: &Path, log: &Path, redactor: &Redactor, errored: &Path) -> io::Result<()> {
    super::dump::rescue(raw, errored)?;
    let mut source = BufReader::with_capacity(CHUNK, File::open(raw)?);
    private::write_with(log, |file| {
        let mut target = BufWriter::with_capacity(CHUNK, file);
        redactor.copy(&mut source, &mut target)?;
        target.flush()
    })?;
    fs::remove_file(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_given_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut raw = Raw::new(dir.path().join("apply.log"));
        let mut seen = Vec::new();
        raw.read(|bytes| seen.extend_from_slice(bytes)).unwrap();
        let mut file = raw.create().unwrap();
        for piece in ["one\ntw", "o\n", "", &"x".repeat(3 * CHUNK)] {
            seen.clear();
            file.write_all(piece.as_bytes()).unwrap();
            raw.read(|bytes| seen.extend_from_slice(bytes)).unwrap();
            assert_eq!(seen, piece.as_bytes());
        }
    }

    #[test]
    fn a_complete_log_is_private_and_the_raw_one_is_gone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let raw = Raw::new(dir.path().join("apply.log"));
        raw.create().unwrap().write_all(b"plain\nlast").unwrap();
        redact_left_over(dir.path(), &Redactor::new(), &dir.path().join("errored.tfstate")).unwrap();
        let log = dir.path().join("apply.log");
        assert_eq!(fs::read_to_string(&log).unwrap(), "plain\nlast");
        assert_eq!(log.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
