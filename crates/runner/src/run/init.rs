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

/// What names a state in S3; the rest of its backend's settings says how it is asked for.
const PLACE: [&str; 3] = ["bucket", "key", "region"];

/// Whether only the way to the state has changed since the last `init`, as between an emulator and AWS, and not its place: then Terraform
/// may forget what it knew of the backend. It refuses to go on otherwise, and rightly: in another place there is another state.
pub(super) fn is_same_place(directory: &Path) -> bool {
    let known = fs::read(directory.join(".terraform/terraform.tfstate")).unwrap_or_default();
    let known: Value = serde_json::from_slice(&known).unwrap_or_default();
    let wanted = configuration(directory).unwrap_or_default().into_iter().filter_map(|path| {
        let document: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        document.pointer("/terraform/backend/s3").cloned()
    });
    // Overrides that say something else of the place are not ours.
    let mut wanted = wanted.peekable();
    let is_same = |wanted: &Value| {
        PLACE.iter().all(|name| wanted.get(*name) == known.pointer(&format!("/backend/config/{name}")))
    };
    known.pointer("/backend/type").and_then(Value::as_str) == Some("s3")
        && wanted.peek().is_some()
        && wanted.all(|wanted| is_same(&wanted))
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
    fn only_a_state_in_the_same_place_is_asked_for_in_another_way() {
        let dir = tempfile::tempdir().unwrap();
        let write = |file: &str, value: serde_json::Value| fs::write(dir.path().join(file), value.to_string()).unwrap();
        let stack = |key: &str| {
            let s3 = serde_json::json!({ "bucket": "states", "key": key, "region": "us-east-1", "use_lockfile": true });
            write("cdk.tf.json", serde_json::json!({ "terraform": { "backend": { "s3": s3 } } }));
        };
        stack("a.tfstate");
        assert!(!is_same_place(dir.path()), "it was never initialised");
        fs::create_dir(dir.path().join(".terraform")).unwrap();
        let config = serde_json::json!({
            "bucket": "states", "key": "a.tfstate", "region": "us-east-1", "use_lockfile": true, "profile": null,
            "endpoints": { "s3": "http://127.0.0.1:1" }, "use_path_style": true
        });
        write(".terraform/terraform.tfstate", serde_json::json!({ "backend": { "type": "s3", "config": config } }));
        assert!(is_same_place(dir.path()));
        stack("b.tfstate");
        assert!(!is_same_place(dir.path()), "another key is another state");
        write("cdk.tf.json", serde_json::json!({ "terraform": { "backend": { "local": { "path": "a" } } } }));
        assert!(!is_same_place(dir.path()), "so is a file");
        stack("a.tfstate");
        let local = serde_json::json!({ "backend": { "type": "local", "config": { "path": "a" } } });
        write(".terraform/terraform.tfstate", local);
        assert!(!is_same_place(dir.path()), "and what was in a file is not left behind");
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
