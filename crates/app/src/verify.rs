//! `app verify`: the proof for any directory of Terraform JSON.

use std::io::{self, Write};
use std::path::Path;

use isolation::{Finding, Fleet, Rule, Summary, Verdict};
use serde::Serialize;

use crate::read::{self, ReadErrors, Source};
use crate::show::{BAD, CAREFUL, GOOD, counted};

/// The judgement of a directory.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// The version of this document.
    pub format_version: &'static str,
    /// Whether no tenant can reach another.
    pub proved: bool,
    /// What stands against it.
    pub findings: Vec<Finding>,
    /// What was judged.
    pub summary: Summary,
    /// What of the directory was passed by, and why.
    pub left_out: Vec<String>,
}

/// Sections of a configuration that are judged, or that give nobody access to anything.
const JUDGED: [&str; 11] = [
    "terraform",
    "provider",
    "resource",
    "data",
    "locals",
    "module",
    "variable",
    "output",
    "moved",
    "import",
    "removed",
];

/// Judges the stacks of a directory together.
///
/// # Errors
/// When there is none, or some file cannot be read.
pub fn run(dir: &Path) -> Result<Verified, ReadErrors> {
    let mut fleet = Fleet::new();
    let mut unjudged = Vec::new();
    let found = read::each_stack(dir, |source, document| {
        let Source { name, .. } = source;
        unjudged.extend(source.unjudged.iter().map(|(file, why)| not_judged(name, file, why)));
        if let Some(document) = document {
            let sections = document.as_object().into_iter().flat_map(|sections| sections.keys());
            let strange = sections.filter(|section| !JUDGED.contains(&section.as_str()));
            unjudged.extend(strange.map(|section| not_judged(name, section, "blocks of this kind are not judged")));
            fleet.add(name, &document);
        }
    })?;
    let Verdict { mut findings, mut summary } = fleet.verdict();
    // What the code of these functions calls stands in no stack.
    summary.rules.retain(|rule| *rule != Rule::OwnNeeds);
    findings.append(&mut unjudged);
    findings.sort();
    let proved = findings.is_empty();
    Ok(Verified { format_version: "1", proved, findings, summary, left_out: found.left_out })
}

fn not_judged(stack: &str, what: &str, why: &str) -> Finding {
    Finding {
        rule: Rule::FullyRead,
        stacks: vec![stack.to_owned()],
        resource: what.to_owned(),
        found: format!("not proved: {why}"),
        access: None,
    }
}

/// The findings, and the verdict in one line.
pub(crate) fn show(out: &mut dyn Write, verified: &Verified) -> io::Result<()> {
    for finding in &verified.findings {
        writeln!(out, "{finding}")?;
    }
    if !verified.findings.is_empty() {
        writeln!(out)?;
    }
    for left_out in &verified.left_out {
        writeln!(out, "{CAREFUL}left out{CAREFUL:#}    {left_out}")?;
    }
    let Summary { stacks, tenants, pairs, rules, .. } = &verified.summary;
    let judged = format!(
        "{} in {}, {} judged by {} rules",
        counted(*tenants, "tenant"),
        counted(*stacks, "stack"),
        counted(*pairs, "tenant pair"),
        rules.len()
    );
    match verified.findings.len() {
        0 => writeln!(out, "{GOOD}isolated{GOOD:#}    {judged}"),
        count => writeln!(out, "{BAD}not proved{BAD:#}  {}; {judged}", counted(count, "finding")),
    }
}
