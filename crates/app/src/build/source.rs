//! The functions' code, where it is not in the project: a fleet's repository has none.

use std::path::{Path, PathBuf};

use compute::Architecture;

use crate::build::{self, ARTIFACT_DIRECTORY, Artifact, BuildError, FUNCTIONS, artifact};
use crate::file;

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no code.
    #[error(
        "`{}` has no code of the functions; name a checkout of Palisade: `app build --source DIR`", directory.display()
    )]
    NoCode {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// It does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Builds the functions from the code in `source`, else from the project's own, into the project's `target/lambda`.
///
/// # Errors
/// When there is no code, it does not build, or a package cannot be written.
pub fn run(
    source: Option<&Path>,
    project: &Path,
    architecture: Architecture,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Artifact>, SourceError> {
    let code = source.unwrap_or(project);
    if !is_workspace(code) {
        return Err(SourceError::NoCode { directory: code.to_owned() });
    }
    let built = build::run(code, architecture, say)?;
    if source.is_none() {
        return Ok(built);
    }
    Ok(built.iter().map(|package| copied(&package.path, project)).collect::<Result<_, _>>()?)
}

/// Whether a directory has the functions' code.
pub(crate) fn is_workspace(directory: &Path) -> bool {
    let has_code = |(function, _): (&str, _)| own_crate(directory, function).join("Cargo.toml").is_file();
    directory.join("Cargo.lock").is_file() && FUNCTIONS.into_iter().all(has_code)
}

/// The crate of a function.
pub(crate) fn own_crate(directory: &Path, function: &str) -> PathBuf {
    directory.join("crates").join(function)
}

/// Copies a package into the project, whole or not at all.
fn copied(from: &Path, project: &Path) -> Result<Artifact, BuildError> {
    let directory = project.join(ARTIFACT_DIRECTORY);
    let to = directory.join(from.file_name().unwrap_or_default());
    let failed = |source| BuildError::Package { path: to.clone(), source };
    std::fs::create_dir_all(&directory).map_err(failed)?;
    // The code's own project: the package is in place.
    if from.canonicalize().ok() != to.canonicalize().ok() {
        file::write(&to, &std::fs::read(from).map_err(failed)?).map_err(failed)?;
    }
    Ok(artifact::read(&to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_code_is_named_with_what_to_type() {
        let directory = tempfile::tempdir().unwrap();
        for source in [None, Some(directory.path())] {
            let error = run(source, directory.path(), Architecture::default(), &mut |_| ()).unwrap_err().to_string();
            assert!(
                error.contains("has no code of the functions") && error.contains("app build --source DIR"),
                "{error}"
            );
        }
    }
}
