//! Whether a directory is an output of this program: what is somebody else's is neither replaced nor removed.

use std::fs;
use std::path::Path;

use construct::manifest;
use serde_json::Value;

use crate::proof;

use super::{ASSETS, COMMIT, KEPT, LOCK, OutputError, STACKS, STAGING, io_error};

/// What stands in an output beside its manifest.
const PARTS: &[&str] = &[ASSETS, COMMIT, KEPT, LOCK, STACKS, STAGING, proof::HTML, proof::JSON];

/// Refuses a directory that is not ours.
///
/// It is ours where its manifest is, where it is empty, or where a run of ours was killed: then there is no manifest, but a lock, and
/// nothing but the parts of an output. What else stands in an output of ours stays untouched.
pub(super) fn check(root: &Path) -> Result<(), OutputError> {
    let foreign = |entry: &str| OutputError::Foreign { path: root.to_owned(), entry: entry.to_owned() };
    let manifest = root.join(manifest::FILE_NAME);
    if fs::symlink_metadata(&manifest).is_ok() {
        let bytes = fs::read(&manifest).map_err(io_error("read", &manifest))?;
        return if is_our_manifest(&bytes) { Ok(()) } else { Err(foreign(manifest::FILE_NAME)) };
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(root).map_err(io_error("read", root))? {
        names.push(entry.map_err(io_error("read", root))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let killed_run = names.iter().any(|name| [LOCK, proof::HTML, proof::JSON].contains(&name.as_str()));
    let strange = names.iter().find(|name| !PARTS.contains(&name.as_str()));
    match strange.or_else(|| names.first().filter(|_| !killed_run)) {
        Some(name) => Err(foreign(name)),
        None => Ok(()),
    }
}

/// A CDKTF manifest in which every stack is a tenant's or a platform's, where this program puts it.
fn is_our_manifest(bytes: &[u8]) -> bool {
    let Ok(manifest) = serde_json::from_slice::<Value>(bytes) else { return false };
    let Some(stacks) = manifest.get("stacks").and_then(Value::as_object) else { return false };
    stacks.iter().all(|(name, stack)| {
        let directory = stack.get("workingDirectory").and_then(Value::as_str);
        is_our_stack(name) && directory == Some(manifest::working_directory(name).as_str())
    })
}

/// What [`naming::Owner::stack_name`] gives.
pub(super) fn is_our_stack(name: &str) -> bool {
    name.starts_with("tenant-") || name.starts_with("platform-")
}
