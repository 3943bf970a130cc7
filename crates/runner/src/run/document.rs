//! A stack's Terraform JSON, as far as a run has to know it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The file that is synthesised.
pub(crate) const DOCUMENT: &str = "cdk.tf.json";

/// A stack's Terraform JSON.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// SHA-256 of the file, in hexadecimal.
    pub(crate) digest: String,
    /// Where the state is.
    pub(crate) backend: Backend,
    /// What providers it asks for, as it says so.
    pub(crate) required_providers: Value,
}

/// Where a state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// In a file.
    Local(PathBuf),
    /// Somewhere that only Terraform can ask.
    Remote,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    terraform: Terraform,
}

#[derive(Default, Deserialize)]
struct Terraform {
    #[serde(default)]
    backend: BTreeMap<String, Value>,
    #[serde(default)]
    cloud: Option<Value>,
    #[serde(default)]
    required_providers: Value,
}

impl Document {
    /// Reads the document of a stack's directory.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn read(directory: &Path) -> Result<Self, String> {
        let path = directory.join(DOCUMENT);
        let bytes = fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        let file: File = serde_json::from_slice(&bytes)
            .map_err(|error| format!("`{}` is not Terraform JSON: {error}", path.display()))?;
        let backend = backend(directory, &file.terraform);
        Ok(Self { digest: hex(&bytes), backend, required_providers: file.terraform.required_providers })
    }

    /// Whether it needs any provider that has to be fetched.
    pub(crate) fn needs_plugins(&self) -> bool {
        self.required_providers.as_object().is_some_and(|providers| !providers.is_empty())
    }
}

fn backend(directory: &Path, terraform: &Terraform) -> Backend {
    let local = match terraform.backend.iter().next() {
        None if terraform.cloud.is_some() => return Backend::Remote,
        None => None,
        Some((kind, settings)) if kind == "local" => settings.get("path").and_then(Value::as_str),
        Some(_) => return Backend::Remote,
    };
    Backend::Local(plain(&directory.join(local.unwrap_or("terraform.tfstate"))))
}

/// Without the `..` in it, where its directory is there: people read it.
fn plain(path: &Path) -> PathBuf {
    let parent = path.parent().and_then(|parent| fs::canonicalize(parent).ok());
    parent.zip(path.file_name()).map_or_else(|| path.to_owned(), |(parent, name)| parent.join(name))
}

/// SHA-256 in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    encode(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(crate) fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Result<Document, String> {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::write(root.join(DOCUMENT), text).unwrap();
        let document = Document::read(&root)?;
        let backend = match document.backend {
            Backend::Local(path) => Backend::Local(path.strip_prefix(&root).unwrap().to_owned()),
            Backend::Remote => Backend::Remote,
        };
        Ok(Document { backend, ..document })
    }

    #[test]
    fn the_path_of_a_state_is_told_without_detours() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        let stack = root.join("out/stacks/a");
        fs::create_dir_all(&stack).unwrap();
        assert_eq!(plain(&stack.join("../../../a.tfstate")), root.join("a.tfstate"));
        assert_eq!(plain(Path::new("/no/such/../a.tfstate")), Path::new("/no/such/../a.tfstate"));
    }

    #[test]
    fn the_state_is_where_the_document_says() {
        let local = |path: &str| Backend::Local(path.into());
        for (terraform, expected) in [
            (r#"{"backend":{"local":{"path":"a.tfstate"}}}"#, local("a.tfstate")),
            (r#"{"backend":{"local":{}}}"#, local("terraform.tfstate")),
            ("{}", local("terraform.tfstate")),
            (r#"{"backend":{"s3":{"bucket":"b"}}}"#, Backend::Remote),
            (r#"{"cloud":{}}"#, Backend::Remote),
        ] {
            let found = document(&format!(r#"{{"terraform":{terraform}}}"#)).unwrap();
            assert_eq!(found.backend, expected, "{terraform}");
            assert!(!found.needs_plugins());
        }
        assert_eq!(document("{}").unwrap().backend, local("terraform.tfstate"));
    }

    #[test]
    fn what_is_no_document_is_said() {
        assert!(document("{").unwrap_err().contains("is not Terraform JSON"));
        assert!(Document::read(Path::new("/no/such/stack")).unwrap_err().starts_with("cannot read `/no/such/stack"));
    }

    #[test]
    fn digests_are_those_of_sha_256() {
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
