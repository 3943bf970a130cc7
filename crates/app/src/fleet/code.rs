//! The code of the functions before a deployment: built where it is missing or older than its sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::artifacts::Artifacts;
use crate::build::source::{is_workspace, own_crate};
use crate::build::{self, ARTIFACT_DIRECTORY, FUNCTIONS, artifact};
use crate::fleet::FleetError;

/// What the packages are made from beside the functions' own crates, relative to the workspace.
const SHARED: &[&str] = &[
    "Cargo.lock",
    "crates/naming/Cargo.toml",
    "crates/naming/src",
    "crates/registry/Cargo.toml",
    "crates/registry/src",
];

/// Sees to it that the packages are there, and of the present code where that is here too.
///
/// # Errors
/// When they are not there and cannot be built.
pub(crate) fn ensure(project: &Path, say: &mut dyn FnMut(&str)) -> Result<(), FleetError> {
    let found = Artifacts::find(project)?;
    if !is_workspace(project) {
        return match found.missing.is_empty() {
            true => Ok(()),
            false => Err(FleetError::Unbuilt { directory: project.join(ARTIFACT_DIRECTORY), missing: found.missing }),
        };
    }
    let zips = zips(project);
    let why = match (found.missing.as_slice(), is_stale(project, &zips)) {
        ([], false) => return Ok(()),
        ([], true) => "older than its code".to_owned(),
        (missing, _) => format!("{} missing", missing.join(", ")),
    };
    say(&format!("building the functions ({why})"));
    let architecture = artifact::read(&zips[0]).map(|artifact| artifact.architecture).unwrap_or_default();
    build::run(project, architecture, say).map(drop).map_err(|error| FleetError::Build(Box::new(error)))
}

fn zips(project: &Path) -> [PathBuf; FUNCTIONS.len()] {
    FUNCTIONS.map(|(_, zip)| project.join(ARTIFACT_DIRECTORY).join(zip))
}

/// Whether a source is newer than the oldest package.
fn is_stale(project: &Path, zips: &[PathBuf]) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    let Some(oldest) = zips.iter().map(|zip| modified(zip)).min().flatten() else { return true };
    let own = FUNCTIONS.iter().map(|(function, _)| own_crate(project, function));
    let sources = SHARED.iter().map(|source| project.join(source)).chain(own);
    sources.filter_map(|source| newest(&source)).any(|source| source > oldest)
}

/// When the newest file at or below a path was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let found = fs::symlink_metadata(path).ok()?;
    if !found.is_dir() {
        return found.modified().ok();
    }
    fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest(&entry.path())).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn workspace() -> (tempfile::TempDir, [PathBuf; FUNCTIONS.len()]) {
        let dir = tempfile::tempdir().unwrap();
        for file in [
            "Cargo.lock",
            "crates/tenant-api/Cargo.toml",
            "crates/tenant-api/src/lib.rs",
            "crates/log-relay/Cargo.toml",
            "crates/onboarding/Cargo.toml",
            "crates/registry/src/lib.rs",
        ] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let zips = super::zips(dir.path());
        fs::create_dir_all(zips[0].parent().unwrap()).unwrap();
        (dir, zips)
    }

    fn touch(path: &Path, after: Duration) {
        let file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() + after).unwrap();
    }

    #[test]
    fn packages_are_stale_when_a_source_is_newer() {
        let (dir, zips) = workspace();
        assert!(is_workspace(dir.path()) && is_stale(dir.path(), &zips), "there are none");
        let mut age = 10;
        for source in ["crates/tenant-api/src/lib.rs", "crates/registry/src/lib.rs"] {
            zips.iter().for_each(|zip| touch(zip, Duration::from_secs(age)));
            assert!(!is_stale(dir.path(), &zips), "{source}");
            touch(&dir.path().join(source), Duration::from_secs(age + 10));
            assert!(is_stale(dir.path(), &zips), "{source}");
            age += 20;
        }
    }

    /// Only the stacks are here, as in a pipeline that was handed them.
    #[test]
    fn without_the_workspace_missing_packages_are_named_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let said = ensure(dir.path(), &mut |_| ()).unwrap_err().to_string();
        assert!(
            said.contains(
                "has no tenant-api.zip, log-relay.zip, onboarding.zip; build them where the code is, with `app build --source DIR`"
            ),
            "{said}"
        );
    }
}
