//! What a new output no longer needs: stacks whose tenants are gone, and the code of functions that was replaced.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::ours::is_our_stack;
use super::{ASSETS, Changes, DOCUMENT, KEPT, OutputError, STACKS, STAGING, unfinished};

/// What a synthesis, `terraform init` or a CDKTF CLI's `plan` brings back.
const REPLACEABLE: &[&str] = &[DOCUMENT, ".terraform", ".terraform.lock.hcl", "metadata.json", "plan"];

/// Removes the directories of stacks that are gone.
///
/// One that holds more (a state that Terraform could not upload, an override, a note) is moved to `OUT/kept` instead: the CDKTF CLIs
/// delete whatever stays below `OUT/stacks`. It is as deep there as before, so that relative paths in it stay right and Terraform can
/// still destroy what it knows of.
pub(super) fn stacks(root: &Path, files: &BTreeSet<PathBuf>, changes: &mut Changes) -> Result<(), OutputError> {
    for (name, directory) in directories(&root.join(STACKS)) {
        if !is_our_stack(&name) || files.contains(&Path::new(STACKS).join(&name).join(DOCUMENT)) {
            continue;
        }
        let read = fs::read_dir(&directory).map_err(unfinished("read", &directory))?;
        let precious = read.flatten().any(|entry| !REPLACEABLE.iter().any(|name| entry.file_name() == *name));
        let to = if precious { free_place(root, &name) } else { root.join(STAGING).join(&name) };
        let parent = to.parent().unwrap_or(root);
        fs::create_dir_all(parent).map_err(unfinished("make the directory", parent))?;
        fs::rename(&directory, &to).map_err(unfinished("move away", &directory))?;
        if precious {
            let place = to.file_name().map(OsString::from).unwrap_or_default();
            changes.kept.push(format!("{KEPT}/{}", place.to_string_lossy()));
        } else {
            // What a kill leaves there goes with the next run's staging area.
            fs::remove_dir_all(&to).map_err(unfinished("remove", &to))?;
        }
        changes.removed.push(name);
    }
    Ok(())
}

/// A directory that does not exist yet: a tenant may go more than once.
fn free_place(root: &Path, name: &str) -> PathBuf {
    let kept = root.join(KEPT);
    let candidates = (2_u32..).map(|number| kept.join(format!("{name}-{number}")));
    let mut all = std::iter::once(kept.join(name)).chain(candidates);
    all.find(|place| fs::symlink_metadata(place).is_err()).unwrap_or(kept)
}

/// Removes the packages that no stack uses; their directories are named by a SHA-256.
pub(super) fn assets(root: &Path, files: &BTreeSet<PathBuf>) -> Result<(), OutputError> {
    for (name, directory) in directories(&root.join(ASSETS)) {
        let ours = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let below = Path::new(ASSETS).join(&name);
        if ours && !files.iter().any(|file| file.starts_with(&below)) {
            fs::remove_dir_all(&directory).map_err(unfinished("remove", &directory))?;
        }
    }
    Ok(())
}

/// The real directories in a directory, by name; links to directories are somebody's own.
fn directories(parent: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect();
    found.sort();
    found
}
