//! A zip of many files, the same bytes for the same files: fixed order, times and modes. Files are read and written piece by piece: a provider has
//! hundreds of megabytes.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// A file of the zip.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// Its name in the zip.
    pub(super) name: String,
    from: PathBuf,
}

impl Entry {
    pub(super) fn file(name: String, from: PathBuf) -> Self {
        Self { name, from }
    }
}

/// A zip that was written.
pub(super) struct Packed {
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Writes the zip, whole or not at all.
pub(super) fn write(to: &Path, entries: &[Entry]) -> io::Result<Packed> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = to.with_file_name(name);
    let written = fill(&new, entries).and_then(|()| digest(&new));
    match written {
        Ok(packed) => fs::rename(&new, to).map(|()| packed),
        Err(error) => {
            let _ = fs::remove_file(&new);
            Err(error)
        }
    }
}

fn fill(to: &Path, entries: &[Entry]) -> io::Result<()> {
    let mut writer = zip::ZipWriter::new(BufWriter::new(File::create(to)?));
    for Entry { name, from } in entries {
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("`{}`: {error}", from.display()));
        let mut file = File::open(from).map_err(failed)?;
        let is_program = file.metadata().map_err(failed)?.permissions().mode() & 0o111 != 0;
        // What is packed already gets no smaller.
        let method = if name.ends_with(".zip") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(if is_program { 0o755 } else { 0o644 });
        writer.start_file(name.as_str(), options).map_err(io::Error::other)?;
        io::copy(&mut file, &mut writer).map_err(failed)?;
    }
    writer.finish().map_err(io::Error::other)?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn digest(path: &Path) -> io::Result<Packed> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut hash, mut size, mut piece) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = reader.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
        size += u64::try_from(read).unwrap_or_default();
    }
    Ok(Packed { size, sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "reproducibly"
    #[test]
    fn the_same_files_give_the_same_bytes_wherever_and_whenever_they_lie() {
        let make = |age: u64| {
            let directory = tempfile::tempdir().unwrap();
            for (name, mode, text) in [("app", 0o750, "program"), ("a.zip", 0o600, "packed"), ("notes", 0o640, "text")]
            {
                let path = directory.path().join(name);
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(age);
                File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).ok();
            }
            let entries =
                ["a.zip", "app", "notes"].map(|name| Entry::file(name.to_owned(), directory.path().join(name)));
            let to = directory.path().join("out.zip");
            let packed = write(&to, &entries).unwrap();
            (fs::read(&to).unwrap(), packed.sha256, packed.size, directory)
        };
        let (one, hash, size, directory) = make(1_000_000_000);
        let (other, ..) = make(1_700_000_000);
        assert_eq!(one, other);
        assert_eq!((size, hash), (one.len() as u64, Sha256::digest(&one).iter().map(|b| format!("{b:02x}")).collect()));
        let mut archive = zip::ZipArchive::new(io::Cursor::new(one)).unwrap();
        let modes: Vec<(String, u32)> = (0..archive.len())
            .map(|place| {
                let file = archive.by_index(place).unwrap();
                (file.name().to_owned(), file.unix_mode().unwrap() & 0o777)
            })
            .collect();
        let wanted = [("a.zip", 0o644), ("app", 0o755), ("notes", 0o644)].map(|(name, mode)| (name.to_owned(), mode));
        assert_eq!(modes, wanted, "what a build runs can be run");
        // What cannot be read leaves nothing half made.
        let gone = [Entry::file("gone".to_owned(), directory.path().join("gone"))];
        let to = directory.path().join("other.zip");
        assert!(write(&to, &gone).err().unwrap().to_string().contains("gone"));
        assert!(!to.exists() && !directory.path().join("other.zip.new").exists());
    }
}
