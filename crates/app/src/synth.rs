//! `app synth`: one document for each stack, judged together, written whole or not at all.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use construct::manifest::{self, Annotation, Manifest};
use construct::{Backend, Fault, S3Backend, Stack};
use isolation::Verdict;
use naming::fleet::{Backend as FleetBackend, Fleet, TenantState};
use naming::{Owner, Tenant};
use serde::Serialize;

use crate::artifacts::Artifacts;
use crate::build::ArtifactError;
use crate::output::{Changes, Output, OutputError};
use crate::proof;
use crate::settings::Settings;
use crate::stacks::{platform_stack, tenant_stack};

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
    #[error("isolation is not proved, so nothing was written:\n{0}")]
    NotIsolated(Verdict),
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

/// Synthesises the whole fleet.
///
/// # Errors
/// When a stack cannot be declared, isolation is not proved, or the output cannot be written. The output is then as it was.
pub fn run(settings: &Settings) -> Result<Report, SynthError> {
    let started = Instant::now();
    let artifacts = Artifacts::find(&settings.project)?;
    let mut run = Run {
        output: Output::open(&settings.output)?,
        settings: terraform(&settings.fleet),
        judged: proof::fleet()?,
        manifest: Manifest::new(),
        stacks: Vec::new(),
        warnings: warnings(&artifacts),
    };
    for (tenant, state) in deployed(&settings.fleet) {
        let about = (Some(tenant.id.to_string()), Some(state), Some(tenant.block().to_string()));
        run.add(tenant_stack(tenant.clone(), artifacts.code.clone()), about)?;
    }
    let platform = platform_stack(settings.fleet.platform(), settings.fleet.plan, artifacts.onboarding.clone());
    run.add(platform, (None, None, None))?;
    for asset in &artifacts.assets {
        let read = std::fs::read(&asset.from);
        let bytes = read.map_err(|source| SynthError::Asset { path: asset.from.clone(), source })?;
        run.output.add(&asset.to, &bytes)?;
    }
    let verdict = run.judged.verdict();
    if !verdict.findings.is_empty() {
        return Err(SynthError::NotIsolated(verdict));
    }
    let manifest =
        pretty(&run.manifest).map_err(|source| SynthError::Json { stack: manifest::FILE_NAME.to_owned(), source })?;
    let Changes { written, removed, kept } = run.output.commit(&manifest)?;
    Ok(Report {
        format_version: "1",
        output: settings.output.clone(),
        stacks: run.stacks,
        removed_stacks: removed,
        kept_directories: kept,
        files_written: written,
        isolation: verdict.summary,
        warnings: run.warnings,
        took: started.elapsed(),
    })
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

/// The tenants that have a stack: all but the removed ones.
pub(crate) fn deployed(fleet: &Fleet) -> impl Iterator<Item = (&Tenant, TenantState)> {
    let tenants = fleet.tenants.iter().filter(|tenant| tenant.state != TenantState::Removed);
    tenants.map(|tenant| (&tenant.tenant, tenant.state))
}

fn warnings(artifacts: &Artifacts) -> Vec<String> {
    match artifacts.missing.as_slice() {
        [] => Vec::new(),
        missing => vec![format!(
            "the functions are not built ({} missing); run `cargo run -p app -- build` before a deployment",
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

/// A run under way. Each document is written to the staging area and judged, then let go: memory does not grow with the fleet.
struct Run {
    output: Output,
    settings: construct::Settings,
    judged: isolation::Fleet,
    manifest: Manifest,
    stacks: Vec<StackReport>,
    warnings: Vec<String>,
}

impl Run {
    fn add<O: Owner>(
        &mut self,
        stack: Stack<O>,
        (tenant, state, network): (Option<String>, Option<TenantState>, Option<String>),
    ) -> Result<(), SynthError> {
        let resources = stack.resource_count();
        let (name, document) = document(stack, &self.settings)?;
        let bytes = pretty(&document).map_err(|source| SynthError::Json { stack: name.clone(), source })?;
        self.output.add(&manifest::stack_path(&name), &bytes)?;
        self.judged.add(&name, &document);
        let annotations = match tenant {
            Some(_) => self.warnings.iter().map(|text| Annotation::warning(&name, text)).collect(),
            None => Vec::new(),
        };
        self.manifest.add(&name, annotations);
        let directory = manifest::working_directory(&name);
        self.stacks.push(StackReport { stack: name, directory, tenant, state, network, resources });
        Ok(())
    }
}
