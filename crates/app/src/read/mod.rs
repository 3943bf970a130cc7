//! Reading a directory of Terraform JSON, whoever wrote it.

mod directory;
mod document;
mod strict;

use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) use directory::{Directory, Source, find};

/// The most bytes of one file. (A stack of a thousand resources has about one million.)
const MOST_BYTES: u64 = 64 << 20;

/// Why a file or a directory cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing is there.
    #[error("{}: there is no such {what}; {help}", path.display())]
    Absent {
        /// Where it should be.
        path: PathBuf,
        /// `file` or `directory`.
        what: &'static str,
        /// What would do.
        help: &'static str,
    },
    /// The system does not let it be read.
    #[error("{}: cannot be read: {source}; make it readable, or leave it out of the directory", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is larger than any stack.
    #[error("{}: is larger than {} MiB, which no stack is; leave it out of the directory", path.display(), MOST_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A file is no JSON document.
    #[error("{}: is no JSON document: {source}; synthesise it again", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A file is JSON, but Terraform would not take it.
    #[error("{}: {found}; {help}", path.display())]
    NotTerraform {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
        /// What would do.
        help: &'static str,
    },
    /// There is nothing to judge.
    #[error("{}: holds no stack: no manifest.json of CDKTF, and no *.tf.json at any depth; `app` writes stacks to `cdktf.out`, and `app verify DIR` judges any other directory", path.display())]
    NoStacks {
        /// The directory.
        path: PathBuf,
    },
}

/// Everything in a directory that cannot be read.
#[derive(Debug)]
pub struct ReadErrors(pub Vec<ReadError>);

impl std::fmt::Display for ReadErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.as_slice() {
            [one] => one.fmt(f),
            all => {
                write!(f, "{} files cannot be read:", all.len())?;
                all.iter().try_for_each(|error| write!(f, "\n  {error}"))
            }
        }
    }
}

impl std::error::Error for ReadErrors {}

impl From<ReadError> for ReadErrors {
    fn from(error: ReadError) -> Self {
        Self(vec![error])
    }
}

/// Reads every stack of a directory and hands it on, one at a time: a large fleet fills no memory.
///
/// # Errors
/// When there is no stack, or some file cannot be read; all such files are told.
pub(crate) fn each_stack(dir: &Path, mut take: impl FnMut(&Source, Option<Value>)) -> Result<Directory, ReadErrors> {
    let mut found = find(dir)?;
    let mut errors = std::mem::take(&mut found.errors);
    for source in &found.stacks {
        match document::of(&source.files) {
            Ok(document) => take(source, document),
            Err(more) => errors.extend(more),
        }
    }
    if !errors.is_empty() {
        return Err(ReadErrors(errors));
    }
    if found.stacks.is_empty() {
        return Err(ReadError::NoStacks { path: dir.to_owned() }.into());
    }
    Ok(found)
}

/// One JSON file; what stands twice in an object is an error, as either of the two would be lost.
fn json(path: &Path) -> Result<Value, ReadError> {
    use std::io::Read;
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => {
            ReadError::Absent { path: path.to_owned(), what: "file", help: "synthesise the stacks again" }
        }
        _ => ReadError::Unreadable { path: path.to_owned(), source },
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_BYTES {
        return Err(ReadError::TooLarge { path: path.to_owned() });
    }
    strict::parse(&bytes).map_err(|source| ReadError::NotJson { path: path.to_owned(), source })
}
