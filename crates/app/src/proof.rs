//! The proof as this program asks for it: with what the functions' code calls, and its report as files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use isolation::report::Report;
use isolation::{Call, Fleet};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::artifacts::Artifacts;
use crate::documents;
use crate::file;
use crate::recorded::Recorded;
use crate::settings::Settings;
use crate::show::{BAD, CAREFUL, GOOD};
use crate::synth::SynthError;

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

/// Takes a stack that is written among those that are judged together: its document, or what AWS has in its place.
pub(crate) fn add(fleet: &mut Fleet, written: &documents::Written) -> Result<(), SynthError> {
    let stack = &written.report.stack;
    match &written.deployed {
        Some(deployed) => add_deployed(fleet, stack, deployed)?,
        None => fleet.add(stack, &written.document),
    }
    Ok(())
}

/// What AWS has of a stack.
pub(crate) fn add_deployed(fleet: &mut Fleet, stack: &str, bytes: &[u8]) -> Result<(), SynthError> {
    let document =
        serde_json::from_slice(bytes).map_err(|source| SynthError::Deployed { stack: stack.to_owned(), source })?;
    fleet.add_deployed(stack, &document);
    Ok(())
}

/// The SHA-256 of a document, in hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fleet of the tenants file, judged in memory, and the SHA-256 of each judged document, by stack; nothing is written.
///
/// # Errors
/// When a stack cannot be declared.
pub fn judged(settings: &Settings) -> Result<(Fleet, BTreeMap<String, String>), SynthError> {
    let artifacts = Artifacts::find(&settings.project)?;
    let recorded = Recorded::read(&settings.output);
    let mut fleet = fleet()?;
    let mut hashes = BTreeMap::new();
    documents::each(settings, &artifacts, &recorded, |written| {
        add(&mut fleet, &written)?;
        hashes.insert(written.report.stack, digest(written.deployed.as_ref().unwrap_or(&written.bytes)));
        Ok(())
    })?;
    for (stack, document) in documents::orphans(settings, &recorded) {
        add_deployed(&mut fleet, &stack, &document)?;
        hashes.insert(stack, digest(&document));
    }
    Ok((fleet, hashes))
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
        let written = fs::create_dir_all(&settings.output).and_then(|()| file::write(&path, bytes));
        written.map_err(|source| SynthError::Report { path: path.clone(), source })?;
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
