//! `app list` and `app outputs`: what would be written, without writing it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use construct::manifest;
use naming::fleet::Fleet;
use naming::{Owner, Tenant, TenantId};
use serde::Serialize;

use crate::artifacts::{unbuilt, unbuilt_onboarding};
use crate::build::Artifact;
use crate::cli::Selection;
use crate::settings::Settings;
use crate::show::table;
use crate::stacks::{platform_stack, tenant_stack};
use crate::synth::{StackReport, deployed};

/// Why a selection selects nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelectionError {
    /// No tenant with this id.
    #[error("there is no tenant `{given}` with a stack; {hint}")]
    Unknown {
        /// The id as given.
        given: String,
        /// What would do.
        hint: String,
    },
}

/// The stacks of a fleet.
#[derive(Debug, Serialize)]
pub(crate) struct Stacks {
    format_version: &'static str,
    /// The stacks, by name.
    pub stacks: Vec<StackReport>,
}

/// What stacks output after a deployment.
#[derive(Debug, Serialize)]
pub(crate) struct Outputs {
    format_version: &'static str,
    /// By stack, then by output.
    pub stacks: BTreeMap<String, BTreeMap<&'static str, Output>>,
}

/// One output.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    /// What it is.
    pub description: &'static str,
    /// Its type in Terraform.
    pub r#type: &'static str,
}

/// The id that is nearest, if one is near; else where the ids are. A fleet has too many of them to show.
fn hint(fleet: &Fleet, given: &str) -> String {
    if fleet.tenants.iter().any(|tenant| tenant.tenant.id.as_str() == given) {
        return "the tenants file says `removed`".to_owned();
    }
    let ids = deployed(fleet).map(|(tenant, _)| tenant.id.as_str());
    let near = ids.map(|id| (strsim::damerau_levenshtein(id, given), id)).min();
    match near.filter(|(distance, id)| *distance * 3 <= id.len()) {
        Some((_, id)) => format!("did you mean `{id}`?"),
        None => "`app list` shows those that have one".to_owned(),
    }
}

/// A tenant that has a stack.
pub(crate) fn tenant<'a>(settings: &'a Settings, given: &str) -> Result<&'a Tenant, SelectionError> {
    let fleet = &settings.fleet;
    let found = deployed(fleet).map(|(tenant, _)| tenant).find(|tenant| tenant.id.as_str() == given);
    found.ok_or_else(|| SelectionError::Unknown { given: given.to_owned(), hint: hint(fleet, given) })
}

fn selected(fleet: &Fleet, selection: &Selection) -> Result<impl Fn(Option<&TenantId>) -> bool, SelectionError> {
    for given in &selection.tenants {
        if !deployed(fleet).any(|(tenant, _)| tenant.id.as_str() == given) {
            return Err(SelectionError::Unknown { given: given.clone(), hint: hint(fleet, given) });
        }
    }
    let wanted = selection.tenants.clone();
    Ok(move |id: Option<&TenantId>| {
        wanted.is_empty() || id.is_some_and(|id| wanted.iter().any(|given| given == id.as_str()))
    })
}

/// The stacks there are.
pub(crate) fn stacks(settings: &Settings, selection: &Selection) -> Result<Stacks, SelectionError> {
    let fleet = &settings.fleet;
    let wanted = selected(fleet, selection)?;
    let mut stacks = Vec::new();
    for (tenant, state) in deployed(fleet).filter(|(tenant, _)| wanted(Some(&tenant.id))) {
        let stack = tenant.stack_name();
        stacks.push(StackReport {
            directory: manifest::working_directory(&stack),
            stack,
            tenant: Some(tenant.id.to_string()),
            state: Some(state),
            network: Some(tenant.block().to_string()),
            resources: tenant_stack(tenant.clone(), unbuilt()).resource_count(),
        });
    }
    if wanted(None) {
        let platform = fleet.platform();
        let stack = platform.stack_name();
        stacks.push(StackReport {
            directory: manifest::working_directory(&stack),
            stack,
            tenant: None,
            state: None,
            network: None,
            resources: platform_stack(platform, fleet.plan, unbuilt_onboarding()).resource_count(),
        });
    }
    Ok(Stacks { format_version: "1", stacks })
}

/// What the stacks will output.
pub(crate) fn outputs(settings: &Settings, selection: &Selection) -> Result<Outputs, SelectionError> {
    let fleet = &settings.fleet;
    let wanted = selected(fleet, selection)?;
    let schema = |outputs: Vec<(&'static str, &'static str)>| {
        outputs.into_iter().map(|(name, description)| (name, Output { description, r#type: "string" })).collect()
    };
    let mut stacks = BTreeMap::new();
    for (tenant, _) in deployed(fleet).filter(|(tenant, _)| wanted(Some(&tenant.id))) {
        let stack = tenant_stack(tenant.clone(), unbuilt());
        stacks.insert(tenant.stack_name(), schema(stack.outputs().collect()));
    }
    if wanted(None) {
        let stack = platform_stack(fleet.platform(), fleet.plan, unbuilt_onboarding());
        stacks.insert(stack.owner().stack_name(), schema(stack.outputs().collect()));
    }
    Ok(Outputs { format_version: "1", stacks })
}

/// The outputs as tables.
pub(crate) fn show_outputs(out: &mut dyn Write, outputs: &Outputs) -> io::Result<()> {
    for (number, (stack, outputs)) in outputs.stacks.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{stack}")?;
        let rows: Vec<_> =
            outputs.iter().map(|(name, output)| vec![format!("  {name}"), output.description.to_owned()]).collect();
        table(out, &["  OUTPUT", "WHAT IT IS"], &[], &rows)?;
    }
    Ok(())
}

/// The built packages as a table.
pub(crate) fn show_artifacts(out: &mut dyn Write, built: &[Artifact]) -> io::Result<()> {
    let rows: Vec<_> = built
        .iter()
        .map(|artifact| {
            let size = format!("{:.1} MB", artifact.size as f64 / 1e6);
            let architecture = serde_json::to_value(artifact.architecture).ok();
            let architecture = architecture.as_ref().and_then(|value| value.as_str()).unwrap_or_default().to_owned();
            vec![artifact.path.display().to_string(), architecture, size, artifact.sha256_hex.clone()]
        })
        .collect();
    table(out, &["PACKAGE", "ARCHITECTURE", "SIZE", "SHA-256"], &[2], &rows)
}
