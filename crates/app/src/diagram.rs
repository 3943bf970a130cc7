//! `app diagram`: pictures of the stacks as they would be written now.

use std::io::{self, Write};

use diagram::{Graph, Stack};
use naming::Owner;
use serde::Serialize;
use serde_json::Value;

use crate::artifacts::Artifacts;
use crate::cli::Format;
use crate::documents;
use crate::fleet::select::{self, SelectionError};
use crate::recorded::Recorded;
use crate::settings::Settings;
use crate::synth::SynthError;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum DiagramError {
    /// There is no such tenant.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// A stack cannot be declared.
    #[error(transparent)]
    Synth(#[from] SynthError),
}

/// A picture, in the form that programs get.
#[derive(Debug, Serialize)]
pub struct Diagram {
    format_version: &'static str,
    #[serde(flatten)]
    graph: Graph,
}

/// The picture of one tenant, or of the fleet.
///
/// # Errors
/// When the tenant has no stack, or a stack cannot be declared.
pub fn run(settings: &Settings, tenant: Option<&str>) -> Result<Diagram, DiagramError> {
    let artifacts = Artifacts::find(&settings.project).map_err(SynthError::from)?;
    let recorded = Recorded::read(&settings.output);
    let only = tenant.map(|id| select::tenant(&settings.fleet, &recorded, id)).transpose()?;
    let only = only.map(Owner::stack_name);
    let mut kept: Vec<(String, Option<String>, Value)> = Vec::new();
    documents::each(settings, &artifacts, &recorded, |written| {
        let report = written.report;
        if report.tenant.is_none() || only.as_ref().is_none_or(|only| *only == report.stack) {
            kept.push((report.stack, report.tenant, written.document));
        }
        Ok(())
    })?;
    let stacks: Vec<Stack<'_>> =
        kept.iter().map(|(name, tenant, document)| Stack { name, tenant: tenant.as_deref(), document }).collect();
    let of = |name: &str| stacks.iter().find(|stack| stack.name == name);
    let platform = stacks.iter().find(|stack| stack.tenant.is_none());
    let graph = match only.as_deref().and_then(of) {
        Some(stack) => Graph::of_tenant(stack, platform),
        None => Graph::of_fleet(&stacks),
    };
    Ok(Diagram { format_version: "1", graph })
}

/// Writes the picture: SVG, unless Mermaid is asked for.
pub(crate) fn show(out: &mut dyn Write, diagram: &Diagram, format: Format) -> io::Result<()> {
    let picture = if format == Format::Mermaid { diagram.graph.mermaid() } else { diagram.graph.svg() };
    out.write_all(picture.as_bytes())
}
