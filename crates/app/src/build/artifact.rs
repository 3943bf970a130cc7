//! A deployment package: what is in it, and what it runs on.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compute::Architecture;
use sha2::{Digest, Sha256};

/// The most bytes of a package that Lambda takes directly
/// ([quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
const MAX_BYTES: u64 = 50 * 1024 * 1024;

/// A deployment package that can be deployed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Artifact {
    /// The zip.
    pub path: PathBuf,
    /// What its binary runs on, read from the binary.
    pub architecture: Architecture,
    /// The SHA-256 of the zip, in hexadecimal digits.
    pub sha256_hex: String,
    /// The same in base64, as Terraform wants it.
    pub source_code_hash: String,
    /// The size of the zip in bytes.
    pub size: u64,
}

/// Why a file is no deployment package.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is no deployment package: {problem}; run `app build` to make it anew", path.display())]
pub struct ArtifactError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("it cannot be read ({0})")]
    Unreadable(std::io::Error),
    #[error("it has {0} bytes, and Lambda takes {MAX_BYTES}")]
    TooLarge(u64),
    #[error("it is no zip file ({0})")]
    NoZip(zip::result::ZipError),
    #[error("it holds no file `bootstrap`")]
    NoBootstrap,
    #[error("its `bootstrap` is no 64-bit Linux program")]
    NoProgram,
    #[error("its `bootstrap` is for machine type {0}; Lambda runs x86_64 (62) and arm64 (183)")]
    OtherMachine(u16),
}

/// Reads a deployment package.
///
/// # Errors
/// When it is none that Lambda runs.
pub fn read(path: &Path) -> Result<Artifact, ArtifactError> {
    inspect(path).map_err(|problem| ArtifactError { path: path.to_owned(), problem })
}

fn inspect(path: &Path) -> Result<Artifact, Problem> {
    let size = std::fs::metadata(path).map_err(Problem::Unreadable)?.len();
    if size > MAX_BYTES {
        return Err(Problem::TooLarge(size));
    }
    let bytes = std::fs::read(path).map_err(Problem::Unreadable)?;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).map_err(Problem::NoZip)?;
    let mut bootstrap = archive.by_name("bootstrap").map_err(|_| Problem::NoBootstrap)?;
    let mut header = [0; 20];
    bootstrap.read_exact(&mut header).map_err(|_| Problem::NoProgram)?;
    let architecture = architecture(&header)?;
    let digest = Sha256::digest(&bytes);
    let sha256_hex = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Artifact { path: path.to_owned(), architecture, sha256_hex, source_code_hash: STANDARD.encode(digest), size })
}

/// What a program runs on; nothing where it is none that Lambda, or a build, runs.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn machine(program: &Path) -> std::io::Result<Option<Architecture>> {
    let mut header = [0; 20];
    match std::fs::File::open(program)?.read_exact(&mut header) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        read => read.map(|()| architecture(&header).ok()),
    }
}

/// The machine of a little-endian 64-bit ELF file: the field `e_machine`, at byte 18
/// ([ELF header](https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html)).
fn architecture(header: &[u8; 20]) -> Result<Architecture, Problem> {
    let [0x7f, b'E', b'L', b'F', 2, 1, .., low, high] = header else { return Err(Problem::NoProgram) };
    match u16::from_le_bytes([*low, *high]) {
        62 => Ok(Architecture::X86_64),
        183 => Ok(Architecture::Arm64),
        other => Err(Problem::OtherMachine(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::package;

    fn elf(machine: u16) -> Vec<u8> {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1];
        bytes.resize(18, 0);
        bytes.extend(machine.to_le_bytes());
        bytes
    }

    fn packed(binary: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("binary"), dir.path().join("a.zip"));
        std::fs::write(&from, binary).unwrap();
        package::zip(&from, &to).unwrap();
        (dir, to)
    }

    #[test]
    fn the_architecture_is_read_from_the_program() {
        for (machine, architecture) in [(62, Architecture::X86_64), (183, Architecture::Arm64)] {
            let (_dir, zip) = packed(&elf(machine));
            assert_eq!(read(&zip).unwrap().architecture, architecture);
        }
    }

    #[test]
    fn the_same_binary_gives_the_same_package() {
        let ((_a, one), (_b, other)) = (packed(&elf(62)), packed(&elf(62)));
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    }

    #[test]
    fn what_lambda_would_not_run_is_refused_with_the_reason() {
        for (binary, reason) in
            [(elf(40), "machine type 40"), (b"#!/bin/sh\necho a script\n".to_vec(), "no 64-bit Linux program")]
        {
            let (_dir, zip) = packed(&binary);
            let message = read(&zip).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        std::fs::write(&path, "no zip").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("is no zip file"));
        assert!(read(&dir.path().join("none.zip")).unwrap_err().to_string().contains("it cannot be read"));

        let mut other = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        other.start_file("main", zip::write::SimpleFileOptions::default()).unwrap();
        other.finish().unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("holds no file `bootstrap`"));

        std::fs::File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("it has 52428801 bytes, and Lambda takes 52428800"));
    }
}
