//! The provider of a release: from a filesystem mirror that is there, or fetched by Terraform.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use runner::{Environment, Terraform};
use serde_json::json;

use super::pack::Entry;

/// What builds run on, as Terraform calls it.
const PLATFORM: &str = "linux_amd64";
/// The one provider.
const PROVIDER: &str = "hashicorp/aws";

/// Why there is no provider.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MirrorError {
    /// Terraform did not fetch it.
    #[error(
        "Terraform could not fetch the provider: {said}; name a filesystem mirror that has it, with `--plugin-dir`"
    )]
    Fetch {
        /// What it said.
        said: String,
    },
    /// The mirror has it not.
    #[error("`{}` has no `{PROVIDER}` for {PLATFORM}; name a filesystem mirror that has it, with `--plugin-dir`", path.display())]
    Absent {
        /// The mirror.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> MirrorError {
    let path = path.to_owned();
    |source| MirrorError::Unusable { path, source }
}

/// A filesystem mirror of providers ([layout](https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror)).
pub(super) struct Mirror {
    directory: PathBuf,
    /// What is removed when the release is made.
    scratch: Option<PathBuf>,
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // What stays is of no use to anybody, and the next one removes it.
        self.scratch.iter().for_each(|scratch| drop(fs::remove_dir_all(scratch)));
    }
}

impl Mirror {
    pub(super) fn at(directory: PathBuf) -> Self {
        Self { directory, scratch: None }
    }

    /// Lets Terraform make one.
    pub(super) fn fetch(
        scratch: &Path,
        terraform: &Terraform,
        environment: &Environment,
        say: &mut dyn FnMut(&str),
    ) -> Result<Self, MirrorError> {
        let (configuration, mirror) = (scratch.join("configuration"), scratch.join("plugins"));
        drop(fs::remove_dir_all(scratch));
        fs::create_dir_all(&configuration).map_err(unusable(&configuration))?;
        let made = Self { directory: mirror, scratch: Some(scratch.to_owned()) };
        let main = configuration.join("main.tf.json");
        let provider = json!({ "aws": { "source": PROVIDER, "version": construct::AWS_PROVIDER } });
        let text = json!({ "terraform": { "required_providers": provider } }).to_string();
        fs::write(&main, text).map_err(unusable(&main))?;
        say("fetching the provider");
        let mut command = Command::new(terraform.binary());
        environment.apply(&mut command);
        command.args(["providers", "mirror", &format!("-platform={PLATFORM}"), "../plugins"]);
        let output = command.current_dir(&configuration).stdin(Stdio::null()).output();
        let output = output.map_err(unusable(terraform.binary()))?;
        if !output.status.success() {
            return Err(MirrorError::Fetch { said: String::from_utf8_lossy(&output.stderr).trim().to_owned() });
        }
        Ok(made)
    }

    /// The files of the provider, below a directory of the release.
    pub(super) fn entries(&self, below: &str) -> Result<Vec<Entry>, MirrorError> {
        let mut entries = Vec::new();
        for host in children(&self.directory)? {
            let Some(host_name) = name(&host) else { continue };
            let provider = host.join(PROVIDER);
            if provider.is_dir() {
                collect(&provider, &format!("{below}/{host_name}/{PROVIDER}"), &mut entries)?;
            }
        }
        if entries.is_empty() {
            return Err(MirrorError::Absent { path: self.directory.clone() });
        }
        Ok(entries)
    }
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

fn children(directory: &Path) -> Result<Vec<PathBuf>, MirrorError> {
    let read = fs::read_dir(directory).map_err(unusable(directory))?;
    read.map(|child| Ok(child.map_err(unusable(directory))?.path())).collect()
}

/// The files for the builds' machines: `VERSION/PLATFORM/FILE`, or `terraform-provider-NAME_VERSION_PLATFORM.zip`.
fn collect(directory: &Path, below: &str, entries: &mut Vec<Entry>) -> Result<(), MirrorError> {
    let packed = format!("_{PLATFORM}.zip");
    for path in children(directory)? {
        let Some(file_name) = name(&path) else { continue };
        let below = format!("{below}/{file_name}");
        if path.is_dir() {
            collect(&path, &below, entries)?;
        } else if file_name.ends_with(&packed) || below.split('/').any(|part| part == PLATFORM) {
            entries.push(Entry::file(below, path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_provider_for_the_builds_machines_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let aws = "registry.terraform.io/hashicorp/aws";
        for file in [
            format!("{aws}/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0_x5"),
            format!("{aws}/5.100.0/darwin_arm64/terraform-provider-aws_v5.100.0_x5"),
            format!("{aws}/terraform-provider-aws_6.0.0_linux_amd64.zip"),
            format!("{aws}/terraform-provider-aws_6.0.0_windows_amd64.zip"),
            format!("{aws}/index.json"),
            "registry.terraform.io/hashicorp/random/3.0.0/linux_amd64/terraform-provider-random".to_owned(),
        ] {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mirror = Mirror::at(directory.path().to_owned());
        let mut names: Vec<String> = mirror.entries("plugins").unwrap().into_iter().map(|entry| entry.name).collect();
        names.sort();
        assert_eq!(
            names,
            [
                format!("plugins/{aws}/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0_x5"),
                format!("plugins/{aws}/terraform-provider-aws_6.0.0_linux_amd64.zip"),
            ]
        );
        let empty = tempfile::tempdir().unwrap();
        let error = Mirror::at(empty.path().to_owned()).entries("plugins").unwrap_err().to_string();
        assert!(error.contains("has no `hashicorp/aws` for linux_amd64"), "{error}");
    }
}
