//! `app init`: a new fleet repository. All of it or nothing, and never in place of what is there.

mod place;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use naming::fleet::{Fleet, FleetErrors, SCHEMA};
use serde::Serialize;

use crate::settings::{self, Flags, SettingsError, Surroundings};
use crate::show::{DIM, GOOD};
pub use place::PlaceError;

/// Why there is no new repository.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A flag that has no meaning here.
    #[error(
        "`app init` has no use for `{flag}`: a fleet repository has its tenants in tenants.json and its output in cdktf.out; leave the flag out"
    )]
    Flag {
        /// The flag.
        flag: &'static str,
    },
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The suffix or the region is none.
    #[error("{0}")]
    Fleet(FleetErrors),
    /// The files cannot be written.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// What `app init` did.
#[derive(Debug, Serialize)]
pub struct Initialised {
    /// The version of this document.
    pub format_version: &'static str,
    /// The repository's directory.
    pub directory: PathBuf,
    /// The last part of every name.
    pub environment_suffix: String,
    /// The AWS region.
    pub region: String,
    /// The example tenants.
    pub tenants: Vec<String>,
    /// Every file of it.
    pub files: Vec<File>,
    /// What has to be filled in before the pipeline deploys.
    pub placeholders: Vec<Placeholder>,
    /// What to type next.
    pub next: Vec<String>,
}

/// A file of the new repository.
#[derive(Debug, Serialize)]
pub struct File {
    /// Where it is, relative to the directory.
    pub path: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Whether it was written; false where the same file was there already.
    pub written: bool,
}

/// Something that only its owner knows.
#[derive(Debug, Serialize)]
pub struct Placeholder {
    /// What to set.
    pub name: &'static str,
    /// To what.
    pub value: &'static str,
}

const TENANTS: &str = include_str!("../../init/tenants.json");

/// The files beside the tenants file: path, purpose, text.
const FILES: [(&str, &str, &str); 7] = [
    ("tenants.json", "who the tenants are; all that there is to edit", TENANTS),
    ("tenants.schema.json", "lets editors complete and check it", SCHEMA),
    ("cdktf.json", "lets `cdktf` and `cdktn` run `app`", include_str!("../../init/cdktf.json")),
    (".github/workflows/fleet.yml", "proves, plans and deploys", include_str!("../../init/github/workflow.yml")),
    (".github/actions/palisade/action.yml", "installs `app` for it", include_str!("../../init/github/action.yml")),
    (".gitignore", "keeps output and states out of Git", include_str!("../../init/gitignore")),
    ("README.md", "the commands, for whoever comes next", include_str!("../../init/README.md")),
];

const PLACEHOLDERS: [Placeholder; 5] = [
    Placeholder { name: "backend (in tenants.json)", value: "an S3 bucket for states" },
    Placeholder { name: "PALISADE_REPOSITORY (variable of the repository)", value: "where Palisade is, as OWNER/NAME" },
    Placeholder { name: "PALISADE_REVISION (variable of the repository)", value: "the commit or tag of it" },
    Placeholder {
        name: "AWS_PLAN_ROLE_ARN (variable of the repository)",
        value: "the role that plans, assumed by OIDC",
    },
    Placeholder {
        name: "AWS_DEPLOY_ROLE_ARN (variable of the repository)",
        value: "the role that deploys, assumed by OIDC",
    },
];

/// Makes a new fleet repository in a directory.
///
/// # Errors
/// When a setting is wrong, a file of the same name says something else, or a file cannot be written. Nothing is left behind then.
pub fn run(directory: &Path, flags: &Flags, surroundings: &Surroundings) -> Result<Initialised, InitError> {
    if flags.tenants_file != Path::new("tenants.json") {
        return Err(InitError::Flag { flag: "--tenants-file" });
    }
    if flags.output.is_some() {
        return Err(InitError::Flag { flag: "--output" });
    }
    let overrides = settings::overrides(flags, surroundings)?;
    let defaults = filled(TENANTS, "dev", "us-east-1");
    let fleet = Fleet::parse(defaults.as_bytes(), "tenants.json", &overrides).map_err(InitError::Fleet)?;
    let (suffix, region) = (fleet.environment_suffix.to_string(), fleet.region.to_string());
    let texts: Vec<(&str, String)> = FILES
        .iter()
        // The schema is the one that the program was built with, to the byte.
        .map(|(path, _, text)| {
            (*path, if *text == SCHEMA { SCHEMA.to_owned() } else { filled(text, &suffix, &region) })
        })
        .collect();
    let written = place::all(directory, &texts)?;
    let files =
        FILES.iter().map(|(path, purpose, _)| File { path, purpose, written: written.contains(path) }).collect();
    Ok(Initialised {
        format_version: "1",
        directory: directory.to_owned(),
        tenants: fleet.tenants.iter().map(|tenant| tenant.tenant.id.to_string()).collect(),
        environment_suffix: suffix,
        region,
        files,
        placeholders: PLACEHOLDERS.into(),
        next: next(directory),
    })
}

fn filled(text: &str, suffix: &str, region: &str) -> String {
    text.replace("SUFFIX", suffix).replace("REGION", region)
}

fn next(directory: &Path) -> Vec<String> {
    let change = (directory != Path::new(".")).then(|| format!("cd {}", quoted(directory)));
    let commands = ["app", "app verify cdktf.out", "app build --source PALISADE_CHECKOUT", "app deploy"];
    change.into_iter().chain(commands.map(str::to_owned)).collect()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// What was made, what to type next, and what to fill in.
pub(crate) fn show(out: &mut dyn Write, done: &Initialised) -> io::Result<()> {
    let wide = done.files.iter().map(|file| file.path.len()).max().unwrap_or(0);
    for file in &done.files {
        let word = if file.written { "written" } else { "there  " };
        writeln!(out, "{GOOD}{word}{GOOD:#}  {:wide$}  {DIM}{}{DIM:#}", file.path, file.purpose)?;
    }
    writeln!(out, "\nnext")?;
    for command in &done.next {
        writeln!(out, "  {command}")?;
    }
    writeln!(out, "\nbefore the pipeline deploys, set (README.md says how)")?;
    let wide = done.placeholders.iter().map(|placeholder| placeholder.name.len()).max().unwrap_or(0);
    for Placeholder { name, value } in &done.placeholders {
        writeln!(out, "  {name:wide$}  {DIM}{value}{DIM:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("../fleet")), "../fleet");
        assert_eq!(quoted(Path::new("it's here; rm")), r"'it'\''s here; rm'");
    }
}
