//! The proof as this program asks for it: with what the functions' code calls, and its report as files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use construct::Stack;
use isolation::report::Report;
use isolation::{Call, Fleet};
use naming::Owner;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::artifacts::Artifacts;
use crate::settings::Settings;
use crate::show::{BAD, CAREFUL, GOOD};
use crate::stacks::{platform_stack, tenant_stack};
use crate::synth::{SynthError, deployed, document, pretty, terraform};

/// The functions and the lists of calls that stand beside their code. A list may name its functions itself.
const CALLS: [(&str, &str); 4] = [
    ("aws_lambda_function.api", include_str!("../../tenant-api/calls.json")),
    ("aws_lambda_function.relay", include_str!("../../log-relay/calls.json")),
    ("aws_lambda_function.onboarding", include_str!("../../onboarding/calls.json")),
    ("", compute::CALLS),
];

/// What every tenant's functions call.
///
/// # Errors
/// When a list is not as it should be: an error of the program.
pub fn calls() -> serde_json::Result<Vec<Call>> {
    let mut all = Vec::new();
    for (function, list) in CALLS {
        let mut calls: Vec<Call> = serde_json::from_str(list)?;
        for call in calls.iter_mut().filter(|call| call.function.is_empty()) {
            function.clone_into(&mut call.function);
        }
        all.append(&mut calls);
    }
    Ok(all)
}

/// An empty fleet that knows what functions call.
///
/// # Errors
/// When a list of calls is not as it should be: an error of the program.
pub fn fleet() -> Result<Fleet, SynthError> {
    let mut fleet = Fleet::new();
    fleet.expect(calls().map_err(|source| SynthError::Json { stack: "calls.json".to_owned(), source })?);
    Ok(fleet)
}

/// What `app report` did.
#[derive(Debug, Serialize)]
pub struct Written {
    /// The version of this document.
    pub format_version: &'static str,
    /// Whether no tenant can reach another.
    pub proved: bool,
    /// The verdict in one sentence.
    pub verdict: String,
    /// How many accidents leave isolation whole, of how many.
    pub accidents: (usize, usize),
    /// The report for programs.
    pub json: PathBuf,
    /// The report for people.
    pub html: PathBuf,
}

/// The fleet of the tenants file, judged in memory; nothing is written.
///
/// # Errors
/// When a stack cannot be declared.
pub fn judged(settings: &Settings) -> Result<(Fleet, BTreeMap<String, String>), SynthError> {
    let artifacts = Artifacts::find(&settings.project)?;
    let terraform = terraform(&settings.fleet);
    let mut judged = fleet()?;
    let mut hashes = BTreeMap::new();
    for (tenant, _) in deployed(&settings.fleet) {
        add(tenant_stack(tenant.clone(), artifacts.code.clone()), &terraform, &mut judged, &mut hashes)?;
    }
    add(
        platform_stack(settings.fleet.platform(), settings.fleet.plan, artifacts.onboarding.clone()),
        &terraform,
        &mut judged,
        &mut hashes,
    )?;
    Ok((judged, hashes))
}

fn add<O: Owner>(
    stack: Stack<O>,
    settings: &construct::Settings,
    judged: &mut Fleet,
    hashes: &mut BTreeMap<String, String>,
) -> Result<(), SynthError> {
    let (name, document) = document(stack, settings)?;
    let bytes = pretty(&document).map_err(|source| SynthError::Json { stack: name.clone(), source })?;
    judged.add(&name, &document);
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    hashes.insert(name, hash);
    Ok(())
}

/// Writes the report of the fleet's proof into a directory.
///
/// # Errors
/// When a stack cannot be declared, or a file cannot be written.
pub fn report(settings: &Settings) -> Result<Written, SynthError> {
    let (judged, hashes) = judged(settings)?;
    let report = judged.report(&hashes);
    let json = serde_json::to_vec_pretty(&report)
        .map_err(|source| SynthError::Json { stack: "the report".to_owned(), source })?;
    let write = |name: &str, bytes: &[u8]| {
        let path = settings.output.join(name);
        put(&settings.output, &path, bytes).map_err(|source| SynthError::Report { path: path.clone(), source })?;
        Ok::<_, SynthError>(path)
    };
    Ok(Written {
        format_version: "1",
        proved: report.proved,
        accidents: holding(&report),
        json: write(JSON, &json)?,
        html: write(HTML, report.html().as_bytes())?,
        verdict: report.verdict,
    })
}

/// The files of a report.
pub(crate) const JSON: &str = "isolation.json";
pub(crate) const HTML: &str = "isolation.html";

/// A file whole or not at all.
fn put(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(&new, path)
}

fn holding(report: &Report) -> (usize, usize) {
    (report.accidents.iter().filter(|accident| accident.holds).count(), report.accidents.len())
}

/// The verdict, and where the report is.
pub(crate) fn show(out: &mut dyn Write, written: &Written) -> io::Result<()> {
    let (style, word) = if written.proved { (GOOD, "isolated") } else { (BAD, "not proved") };
    writeln!(out, "{style}{word}{style:#}    {}", written.verdict)?;
    let (holding, all) = written.accidents;
    writeln!(out, "{CAREFUL}accidents{CAREFUL:#}   {holding} of {all} leave isolation whole")?;
    writeln!(out, "written     {} and {}", written.html.display(), written.json.display())
}
