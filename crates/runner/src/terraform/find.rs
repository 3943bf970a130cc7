//! Which Terraform or OpenTofu there is.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::Environment;

/// The oldest version that works: the S3 backend's own lock file came with it (Terraform 1.10, OpenTofu 1.10).
pub const MINIMUM: Version = Version { major: 1, minor: 10, patch: 0 };

/// Which of the two programs it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// HashiCorp's Terraform.
    Terraform,
    /// OpenTofu.
    OpenTofu,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terraform => "Terraform",
            Self::OpenTofu => "OpenTofu",
        })
    }
}

/// A version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: u32,
    /// The third.
    pub patch: u32,
}

impl Version {
    /// Reads `1.11.4`, also with a pre-release behind it (`1.12.0-beta1`), which counts as the version it leads to.
    fn parse(text: &str) -> Option<Self> {
        let numbers = text.trim_start_matches('v').split(['-', '+']).next()?;
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let version = Self { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? };
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Why there is no Terraform to work with.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// Neither is on the path.
    #[error(
        "there is neither `terraform` nor `tofu` on the PATH; install Terraform or OpenTofu {MINIMUM} or later, or name one with `--terraform-bin`"
    )]
    Absent,
    /// It cannot be started.
    #[error("cannot start `{}`; name a Terraform or OpenTofu that can be run with `--terraform-bin`", path.display())]
    Start {
        /// The program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It starts, but is not one of the two.
    #[error("`{} version -json` does not answer as Terraform or OpenTofu do: {said}", path.display())]
    Foreign {
        /// The program.
        path: PathBuf,
        /// What it said.
        said: String,
    },
    /// It is too old.
    #[error("`{}` is {product} {version}; {MINIMUM} or later is needed", path.display())]
    Old {
        /// The program.
        path: PathBuf,
        /// Which one.
        product: Product,
        /// Its version.
        version: Version,
    },
}

/// A Terraform or OpenTofu that can be used.
#[derive(Clone, Debug)]
pub struct Terraform {
    binary: PathBuf,
    product: Product,
    version: Version,
}

#[derive(Deserialize)]
struct Answer {
    terraform_version: String,
}

impl Terraform {
    /// The chosen program, or the first `terraform`, then the first `tofu`, on the `PATH` of the environment.
    ///
    /// # Errors
    /// When there is none, or it does not run, or is too old.
    pub fn find(chosen: Option<&Path>, environment: &Environment) -> Result<Self, ToolError> {
        let binary = match chosen {
            Some(path) if path.components().count() > 1 => path.to_owned(),
            Some(name) => on_path(name, environment).unwrap_or_else(|| name.to_owned()),
            None => ["terraform", "tofu"]
                .iter()
                .find_map(|name| on_path(Path::new(name), environment))
                .ok_or(ToolError::Absent)?,
        };
        // Terraform runs in the directories of the stacks.
        let binary = std::path::absolute(&binary).unwrap_or(binary);
        Self::ask(binary, environment)
    }

    fn ask(binary: PathBuf, environment: &Environment) -> Result<Self, ToolError> {
        let mut command = Command::new(&binary);
        environment.apply(&mut command);
        // The root, so that no configuration of the current directory is looked at.
        command.args(["version", "-json"]).current_dir("/").stdin(Stdio::null());
        let output = command.output().map_err(|source| ToolError::Start { path: binary.clone(), source })?;
        let answer: Option<Answer> = serde_json::from_slice(&output.stdout).ok();
        let Some(version) = answer.and_then(|answer| Version::parse(&answer.terraform_version)) else {
            return Err(ToolError::Foreign { path: binary, said: excerpt(&output.stdout, &output.stderr) });
        };
        let product = product(&binary, environment);
        if version < MINIMUM {
            return Err(ToolError::Old { path: binary, product, version });
        }
        Ok(Self { binary, product, version })
    }

    /// The program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Which of the two it is.
    pub fn product(&self) -> Product {
        self.product
    }

    /// Its version.
    pub fn version(&self) -> Version {
        self.version
    }
}

impl fmt::Display for Terraform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.product, self.version)
    }
}

/// Both answer `version -json` alike; only the text for people names the product.
fn product(binary: &Path, environment: &Environment) -> Product {
    let mut command = Command::new(binary);
    environment.apply(&mut command);
    let output = command.arg("version").current_dir("/").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.stdout.starts_with(b"OpenTofu") => Product::OpenTofu,
        _ => Product::Terraform,
    }
}

fn on_path(name: &Path, environment: &Environment) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let runs =
        |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    environment.path().into_iter().map(|directory| directory.join(name)).find(runs)
}

/// The first line of what a program said, short enough for a message.
fn excerpt(stdout: &[u8], stderr: &[u8]) -> String {
    let said = if stdout.is_empty() { stderr } else { stdout };
    let text = String::from_utf8_lossy(said);
    let line: String =
        text.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing").chars().take(120).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(directory: &Path, name: &str, says: &str) -> PathBuf {
        let path = directory.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{says}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn environment(directory: &Path) -> Environment {
        let path = format!("{}:/usr/bin:/bin", directory.display());
        Environment::new([("PATH".into(), path.into())])
    }

    fn answering(product: &str, version: &str) -> String {
        format!(
            "if [ \"$2\" = -json ]; then echo '{{\"terraform_version\": \"{version}\"}}'; else echo '{product} v{version}'; fi"
        )
    }

    #[test]
    fn terraform_is_taken_before_opentofu_and_a_chosen_one_before_both() {
        let dir = tempfile::tempdir().unwrap();
        let tofu = program(dir.path(), "tofu", &answering("OpenTofu", "1.11.0"));
        let only = |chosen| {
            let environment = Environment::new([("PATH".into(), dir.path().into())]);
            Terraform::find(chosen, &environment).unwrap()
        };
        assert_eq!(only(None).to_string(), "OpenTofu 1.11.0");
        program(dir.path(), "terraform", &answering("Terraform", "1.12.0-beta1"));
        assert_eq!(only(None).to_string(), "Terraform 1.12.0");
        assert_eq!(only(Some(tofu.as_path())).product(), Product::OpenTofu);
        assert_eq!(only(Some(Path::new("tofu"))).binary(), tofu);
    }

    #[test]
    fn errors_say_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let empty = Environment::new([("PATH".into(), dir.path().into())]);
        let error = |chosen: Option<&Path>| Terraform::find(chosen, &empty).unwrap_err().to_string();
        assert!(error(None).contains("--terraform-bin"), "{}", error(None));
        assert!(error(Some(Path::new("/no/such/terraform"))).starts_with("cannot start `/no/such/terraform`"));
        let old = program(dir.path(), "old", &answering("Terraform", "1.5.7"));
        let found = Terraform::find(Some(&old), &environment(dir.path())).unwrap_err().to_string();
        assert_eq!(found, format!("`{}` is Terraform 1.5.7; 1.10.0 or later is needed", old.display()));
        let foreign = program(dir.path(), "foreign", "echo hello");
        let found = Terraform::find(Some(&foreign), &environment(dir.path())).unwrap_err().to_string();
        assert!(found.ends_with("does not answer as Terraform or OpenTofu do: hello"), "{found}");
    }
}
