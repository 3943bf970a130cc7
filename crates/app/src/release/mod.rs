//! `app release`: what the platform's builds run, as one zip: this program, Terraform, a mirror of its provider, and the functions.
//!
//! The same files give the same bytes, on any machine. The program packs itself, so that the zip is of the version that it says.

mod mirror;
mod pack;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use compute::Architecture;
use naming::{Platform, runtime};
use runner::Environment;
use serde::Serialize;

use crate::build::{ARTIFACT_DIRECTORY, ArtifactError, FUNCTIONS, artifact};
use crate::fleet::{FleetError, terraform};
use crate::recorded;
use crate::settings::{Settings, Surroundings};
use crate::show::GOOD;

use mirror::MirrorError;
use pack::Entry;

pub(crate) const EXAMPLES: &str = "\
Examples:
  app release                           palisade.zip, and what to type to put it into the bucket of states
  app release --output-file /tmp/palisade.zip --plugin-dir mirror";

/// What the builds of the platform run on (`crates/events/src/runner.rs`).
const RUNS_ON: Architecture = Architecture::X86_64;

/// `app release`.
#[derive(Args, Clone, Debug)]
pub struct Release {
    /// The zip.
    #[arg(long, value_name = "FILE", default_value = runtime::RELEASE_ZIP)]
    pub output_file: PathBuf,
    /// The Terraform or OpenTofu that builds run [env: TERRAFORM_BINARY_NAME] [default: terraform, then tofu, on the PATH].
    #[arg(long, value_name = "PROGRAM")]
    pub terraform_bin: Option<PathBuf>,
    /// A filesystem mirror that has the AWS provider, in place of fetching it [env: PALISADE_TF_PLUGIN_DIR].
    #[arg(long, value_name = "DIR")]
    pub plugin_dir: Option<PathBuf>,
}

/// Why there is no release.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReleaseError {
    /// The program cannot read the platform's registry.
    #[error(
        "this program was built without DynamoDB, and a build could not read the registry with it; build it with `cargo build --release -p app \
         --features dynamodb`, and let that one make the release"
    )]
    NoRegistry,
    /// The program does not know where it is.
    #[error("cannot tell where this program is")]
    Itself(#[source] io::Error),
    /// A program is for another machine.
    #[error("`{}` is no program that the platform's builds can run; they run on Linux, x86_64", path.display())]
    OtherMachine {
        /// The program.
        path: PathBuf,
    },
    /// There is no Terraform.
    #[error(transparent)]
    Terraform(Box<FleetError>),
    /// A function is not built.
    #[error("a function is missing; build them with `app build`")]
    Function(#[from] ArtifactError),
    /// There is no provider.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// A file cannot be read or the zip not be written.
    #[error("cannot make `{}`", path.display())]
    Pack {
        /// The zip.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something that a build uses is not in it.
    #[error(
        "the commands of a build use `./{missing}`, which is not in the release; this is an error of the program, please report it"
    )]
    Incomplete {
        /// What.
        missing: String,
    },
}

/// A release that was made.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    format_version: &'static str,
    /// The version.
    release: &'static str,
    /// The zip.
    path: PathBuf,
    /// How many files are in it.
    files: usize,
    /// Its size in bytes.
    size: u64,
    /// Its SHA-256, in hexadecimal digits.
    sha256: String,
    /// Where the platform's builds look for it.
    location: String,
}

/// Makes a release.
///
/// # Errors
/// When a part of it is missing, or is for another machine, or the zip cannot be written.
pub(crate) fn run(
    flags: &Release,
    settings: &Settings,
    surroundings: &Surroundings,
    say: &mut dyn FnMut(&str),
) -> Result<Made, ReleaseError> {
    if !cfg!(feature = "dynamodb") {
        return Err(ReleaseError::NoRegistry);
    }
    let environment = Environment::new(surroundings.variables.iter().cloned());
    let found = terraform(flags.terraform_bin.as_ref(), surroundings, &environment)
        .map_err(|error| ReleaseError::Terraform(Box::new(error)))?;
    let itself = std::env::current_exe().map_err(ReleaseError::Itself)?;
    let mut entries = vec![program("app", itself)?, program("terraform", found.binary().to_owned())?];
    for (_, zip) in FUNCTIONS {
        let path = settings.project.join(ARTIFACT_DIRECTORY).join(zip);
        artifact::read(&path)?;
        entries.push(Entry::file(format!("{ARTIFACT_DIRECTORY}/{zip}"), path));
    }
    let given = flags.plugin_dir.clone().or_else(|| surroundings.plugin_dir.as_ref().map(PathBuf::from));
    let scratch = recorded::home(&settings.output).join("release");
    let mirror = match given {
        Some(given) => mirror::Mirror::at(given),
        None => mirror::Mirror::fetch(&scratch, &found, &environment, say)?,
    };
    entries.extend(mirror.entries("plugins")?);
    entries.sort();
    complete(&entries)?;
    let path = &flags.output_file;
    let packed = pack::write(path, &entries).map_err(|source| ReleaseError::Pack { path: path.clone(), source })?;
    let release = env!("CARGO_PKG_VERSION");
    Ok(Made {
        format_version: "1",
        release,
        path: path.clone(),
        files: entries.len(),
        size: packed.size,
        sha256: packed.sha256,
        location: format!("s3://{}", Platform::release_location_of(&settings.fleet.environment_suffix, release)),
    })
}

/// A program that a build can run.
fn program(name: &str, path: PathBuf) -> Result<Entry, ReleaseError> {
    match artifact::machine(&path) {
        Ok(Some(RUNS_ON)) => Ok(Entry::file(name.to_owned(), path)),
        Ok(_) => Err(ReleaseError::OtherMachine { path }),
        Err(source) => Err(ReleaseError::Pack { path, source }),
    }
}

/// Whether all that the commands of a build use is there: each word `./NAME`.
fn complete(entries: &[Entry]) -> Result<(), ReleaseError> {
    let has =
        |used: &str| entries.iter().any(|entry| entry.name == used || entry.name.starts_with(&format!("{used}/")));
    let missing = used().into_iter().find(|used| !has(used));
    missing.map_or(Ok(()), |missing| Err(ReleaseError::Incomplete { missing }))
}

fn used() -> BTreeSet<String> {
    let spec = events::buildspec().to_string();
    let words = spec.split(|c: char| c.is_whitespace() || "=\"\\".contains(c));
    words.filter_map(|word| Some(word.strip_prefix("./")?.to_owned())).collect()
}

/// What was made, and what to type next.
pub(crate) fn show(out: &mut dyn Write, made: &Made) -> io::Result<()> {
    let Made { release, path, files, size, sha256, location, .. } = made;
    let path = path.display();
    let mebibytes = size.div_ceil(1024 * 1024);
    writeln!(out, "{GOOD}done{GOOD:#}   {path}: release {release}, {files} files, {mebibytes} MiB")?;
    writeln!(out, "sha256 {sha256}")?;
    writeln!(out, "next   aws s3 cp {path} {location}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_commands_of_a_build_use_has_to_be_there() {
        assert_eq!(used(), ["app", "plugins", "terraform"].map(str::to_owned).into());
        let entry = |name: &str| Entry::file(name.to_owned(), PathBuf::new());
        let whole = [entry("app"), entry("terraform"), entry("plugins/registry.terraform.io/x")];
        assert!(complete(&whole).is_ok());
        for without in 0..whole.len() {
            let parts: Vec<Entry> = whole
                .iter()
                .enumerate()
                .filter(|(place, _)| *place != without)
                .map(|(_, entry)| entry.clone())
                .collect();
            assert!(matches!(complete(&parts), Err(ReleaseError::Incomplete { .. })), "without {:?}", whole[without]);
        }
    }

    #[test]
    fn a_script_is_no_program_of_a_release() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("terraform");
        std::fs::write(&path, "#!/bin/sh\nexec terraform-1.10 \"$@\"\n").unwrap();
        let error = program("terraform", path).unwrap_err().to_string();
        assert!(error.contains("they run on Linux, x86_64"), "{error}");
    }
}
