//! `terraform init`, when something that it depends on has changed.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::session::Session;
use crate::private;

/// Beside what `init` makes, so that it goes with it.
const MARK: &str = ".terraform/palisade-init";
pub(super) const LOCK_FILE: &str = ".terraform.lock.hcl";

/// Whether `init` was done for just this.
pub(super) fn is_done(session: &Session, directory: &Path, plugins: Option<&Path>) -> bool {
    let known = fs::read_to_string(directory.join(MARK)).unwrap_or_default();
    digest(&session.settings.terraform.to_string(), directory, plugins).is_ok_and(|digest| digest == known)
}

/// Notes that `init` is done.
pub(super) fn note(session: &Session, directory: &Path, plugins: Option<&Path>) -> io::Result<()> {
    let digest = digest(&session.settings.terraform.to_string(), directory, plugins)?;
    private::write(&directory.join(MARK), digest.as_bytes())
}

/// Forgets that it is done.
pub(super) fn forget(directory: &Path) {
    let _ = fs::remove_file(directory.join(MARK));
}

/// The arguments of `init`.
pub(super) fn arguments(plugins: Option<&Path>, backend: bool) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["init".into(), "-input=false".into(), "-json".into()];
    if !backend {
        arguments.push("-backend=false".into());
    }
    if let Some(plugins) = plugins {
        let mut argument = OsString::from("-plugin-dir=");
        argument.push(plugins);
        arguments.push(argument);
    }
    arguments
}

/// The lock file of a stack; empty where there is none.
pub(super) fn lock_file(directory: &Path) -> Vec<u8> {
    fs::read(directory.join(LOCK_FILE)).unwrap_or_default()
}

/// SHA-256 of all that `init` depends on.
fn digest(terraform: &str, directory: &Path, plugins: Option<&Path>) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut part = |name: &[u8], content: &[u8]| {
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name);
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(content);
    };
    part(b"terraform", terraform.as_bytes());
    part(b"plugins", plugins.map(Path::as_os_str).unwrap_or_default().as_encoded_bytes());
    part(b"lock", &lock_file(directory));
    for path in configuration(directory)? {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        part(name, &of_interest(&path)?);
    }
    Ok(super::document::encode(&digest.finalize()))
}

/// The files of a stack's configuration, in order.
fn configuration(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let known = |name: &str| [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|end| name.ends_with(end));
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(known) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// What of a file `init` depends on: backend, required providers and modules. All of it where it is not JSON.
fn of_interest(path: &Path) -> io::Result<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Parts {
        #[serde(default)]
        terraform: Value,
        #[serde(default)]
        module: Value,
    }
    let bytes = fs::read(path)?;
    match serde_json::from_slice::<Parts>(&bytes) {
        Ok(parts) => Ok(serde_json::to_vec(&(parts.terraform, parts.module))?),
        Err(_) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = r#"{ "terraform": { "required_version": ">= 1.10" }, "resource": {} }"#;

    fn of(directory: &Path) -> String {
        digest("Terraform 1.11.4", directory, None).unwrap()
    }

    #[test]
    fn init_is_needed_again_when_what_it_depends_on_has_changed_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("cdk.tf.json", STACK);
        let first = of(dir.path());
        write("cdk.tf.json", &STACK.replace(r#""resource": {}"#, r#""resource": { "terraform_data": { "a": {} } }"#));
        write("notes.txt", "x");
        assert_eq!(of(dir.path()), first, "resources need no init");
        let mut seen = vec![first];
        let mut changed = |what: &str, digest: String| {
            assert!(!seen.contains(&digest), "{what}");
            seen.push(digest);
        };
        changed("the version", digest("Terraform 1.12.0", dir.path(), None).unwrap());
        changed("the plugins", digest("Terraform 1.11.4", dir.path(), Some(Path::new("/mirror"))).unwrap());
        write("cdk.tf.json", &STACK.replace("1.10", "1.11"));
        changed("the terraform block", of(dir.path()));
        write(LOCK_FILE, "provider {}");
        changed("the lock file", of(dir.path()));
        write("x_override.tf.json", r#"{ "terraform": { "backend": { "s3": {} } } }"#);
        changed("an override", of(dir.path()));
        write("hand.tf", "# a file in Terraform's own language");
        changed("another file", of(dir.path()));
    }
}
