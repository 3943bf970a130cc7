//! `app synth`: one document for each stack, judged together, written whole or not at all.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use construct::manifest::{self, Annotation, Manifest};
use construct::{Backend, Fault, S3Backend, Stack};
use isolation::Verdict;
use naming::fleet::{Backend as FleetBackend, Fleet, TenantState};
use naming::{Owner, Tenant};
use serde::Serialize;

use crate::artifacts::Artifacts;
use crate::build::ArtifactError;
use crate::build::source::is_workspace;
use crate::output::{Changes, Output, OutputError};
use crate::recorded::{self, Recorded};
use crate::settings::Settings;
use crate::{documents, proof};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// A stack was declared wrongly: an error of the program.
    #[error("stack `{stack}` cannot be written: {}; this is an error of the program, please report it", listed(.faults))]
    Faults {
        /// The stack.
        stack: String,
        /// What is wrong with it.
        faults: Vec<Fault>,
    },
    /// A stack cannot be written as JSON: an error of the program.
    #[error("stack `{stack}` cannot be written as JSON")]
    Json {
        /// The stack.
        stack: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Isolation is not proved.
    #[error("isolation is not proved, so nothing was written:\n{verdict}{}", noted(.notes))]
    NotIsolated {
        /// What stands against it.
        verdict: Verdict,
        /// What to know of stacks that are judged and not written.
        notes: Vec<String>,
    },
    /// The copy of a deployed document is damaged.
    #[error(
        "the document that stack `{stack}` was deployed with, `{}` beside its record, cannot be read",
        recorded::APPLIED
    )]
    Deployed {
        /// The stack.
        stack: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The built functions cannot be used.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A built function cannot be read.
    #[error("cannot read `{}`", path.display())]
    Asset {
        /// The package.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The report of the proof cannot be written.
    #[error("cannot write `{}`", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

fn noted(notes: &[String]) -> String {
    notes.iter().map(|note| format!("\n  note: {note}")).collect()
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a run wrote.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The version of this document.
    pub format_version: &'static str,
    /// The output directory.
    pub output: PathBuf,
    /// The stacks, by name.
    pub stacks: Vec<StackReport>,
    /// Stacks that went because their tenants did.
    pub removed_stacks: Vec<String>,
    /// Where the directories of such stacks are now that hold more than was written there.
    pub kept_directories: Vec<String>,
    /// How many files are new or different.
    pub files_written: usize,
    /// What was judged before anything was written.
    pub isolation: isolation::Summary,
    /// Those of them whose destroy is recorded.
    #[serde(skip)]
    pub destroyed_stacks: Vec<String>,
    /// What to know before a deployment.
    pub warnings: Vec<String>,
    /// How long it took.
    #[serde(skip)]
    pub took: Duration,
}

/// One stack.
#[derive(Debug, Serialize)]
pub struct StackReport {
    /// Its name.
    pub stack: String,
    /// Its directory, relative to the output directory.
    pub directory: String,
    /// The tenant; none for the platform.
    pub tenant: Option<String>,
    /// Whether the tenant is served; none for the platform.
    pub state: Option<TenantState>,
    /// The addresses of the tenant.
    pub network: Option<String>,
    /// How many resources Terraform manages.
    pub resources: usize,
}

impl StackReport {
    /// Of a tenant's stack.
    pub(crate) fn of_tenant(tenant: &Tenant, state: TenantState, resources: usize) -> Self {
        let stack = tenant.stack_name();
        Self {
            directory: manifest::working_directory(&stack),
            stack,
            tenant: Some(tenant.id.to_string()),
            state: Some(state),
            network: Some(tenant.block().to_string()),
            resources,
        }
    }

    /// Of the platform's stack.
    pub(crate) fn shared(stack: &str, resources: usize) -> Self {
        Self {
            directory: manifest::working_directory(stack),
            stack: stack.to_owned(),
            tenant: None,
            state: None,
            network: None,
            resources,
        }
    }
}

/// Synthesises the whole fleet.
///
/// # Errors
/// When a stack cannot be declared, isolation is not proved, or the output cannot be written. The output is then as it was.
pub fn run(settings: &Settings) -> Result<Report, SynthError> {
    let started = Instant::now();
    let artifacts = Artifacts::find(&settings.project)?;
    let recorded = Recorded::read(&settings.output);
    let mut output = Output::open(&settings.output)?;
    let mut judged = proof::fleet()?;
    let mut manifest = Manifest::new();
    let mut stacks = Vec::new();
    let unbuilt = warnings(&settings.project, &artifacts);
    // Each document is written to the staging area and judged, then let go: memory does not grow with the fleet.
    documents::each(settings, &artifacts, &recorded, |written| {
        let name = &written.report.stack;
        output.add(&manifest::stack_path(name), &written.bytes)?;
        proof::add(&mut judged, &written)?;
        let mut annotations = written.annotations;
        if written.report.tenant.is_some() && written.report.resources > 0 {
            annotations.extend(unbuilt.iter().map(|text| Annotation::warning(name, text)));
        }
        if written.deployed.is_some() {
            keep_assets(&mut output, &written.document);
        }
        manifest.add(name, annotations);
        stacks.push(written.report);
        Ok(())
    })?;
    for (stack, document) in documents::orphans(settings, &recorded) {
        proof::add_deployed(&mut judged, &stack, &document)?;
    }
    for asset in &artifacts.assets {
        let read = std::fs::read(&asset.from);
        let bytes = read.map_err(|source| SynthError::Asset { path: asset.from.clone(), source })?;
        output.add(&asset.to, &bytes)?;
    }
    let orphans = recorded.warnings_of_orphans(&settings.fleet);
    let verdict = judged.verdict();
    if !verdict.findings.is_empty() {
        return Err(SynthError::NotIsolated { verdict, notes: orphans });
    }
    let manifest =
        pretty(&manifest).map_err(|source| SynthError::Json { stack: manifest::FILE_NAME.to_owned(), source })?;
    let Changes { written, removed, kept } = output.commit(&manifest)?;
    Ok(Report {
        format_version: "1",
        output: settings.output.clone(),
        stacks,
        destroyed_stacks: removed.iter().filter(|stack| recorded.is_gone(stack)).cloned().collect(),
        removed_stacks: removed,
        kept_directories: kept,
        files_written: written,
        isolation: verdict.summary,
        warnings: [unbuilt, recorded.warnings.clone(), orphans].concat(),
        took: started.elapsed(),
    })
}

/// A document that is written as it was deployed names the functions' code of then: it stays in the output as long as it is there.
fn keep_assets(output: &mut Output, document: &serde_json::Value) {
    let functions = document.pointer("/resource/aws_lambda_function").and_then(serde_json::Value::as_object);
    for function in functions.into_iter().flat_map(|functions| functions.values()) {
        let file = function.get("filename").and_then(serde_json::Value::as_str);
        if let Some(asset) =
            file.and_then(|file| file.strip_prefix("../../")).filter(|file| file.starts_with("assets/"))
        {
            output.keep(asset);
        }
    }
}

/// A stack's name and its document.
pub(crate) fn document<O: Owner>(
    stack: Stack<O>,
    settings: &construct::Settings,
) -> Result<(String, serde_json::Value), SynthError> {
    let name = stack.owner().stack_name();
    match stack.synth(settings) {
        Ok(document) => Ok((name, document)),
        Err(faults) => Err(SynthError::Faults { stack: name, faults }),
    }
}

fn warnings(project: &Path, artifacts: &Artifacts) -> Vec<String> {
    let command = match is_workspace(project) {
        true => "cargo run -p app -- build",
        false => "app build --source DIR",
    };
    match artifacts.missing.as_slice() {
        [] => Vec::new(),
        missing => vec![format!(
            "the functions are not built ({} missing); run `{command}` before a deployment",
            missing.join(", ")
        )],
    }
}

/// What every document says to Terraform. States lie beside the output directory: three levels above `OUT/stacks/STACK`.
pub(crate) fn terraform(fleet: &Fleet) -> construct::Settings {
    let backend = match &fleet.backend {
        FleetBackend::Local => Backend::Local { directory: "../../..".to_owned() },
        FleetBackend::S3(s3) => Backend::S3(S3Backend {
            bucket: s3.bucket.clone(),
            key_prefix: s3.key_prefix.clone(),
            region: s3.region.to_string(),
            kms_key_id: s3.kms_key_id.clone(),
        }),
    };
    construct::Settings { backend }
}

pub(crate) fn pretty(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
