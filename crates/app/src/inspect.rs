//! `app list` and `app outputs`: what would be written, without writing it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use construct::Stack;
use naming::fleet::{Fleet, TenantState};
use naming::{Owner, Platform};
use serde::Serialize;

use crate::artifacts::{unbuilt, unbuilt_onboarding};
use crate::build::Artifact;
use crate::fleet::select::{self, Selection, SelectionError};
use crate::recorded::{Recorded, with_stack};
use crate::settings::Settings;
use crate::show::table;
use crate::stacks::{Onboarding, platform_stack, tenant_stack};
use crate::synth::StackReport;

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

/// The platform's stack; how many tenants it takes changes nothing of what is told here.
fn shared(fleet: &Fleet) -> Stack<Platform> {
    let (code, network) = (unbuilt_onboarding(), fleet.plan);
    platform_stack(fleet.platform(), Onboarding { code, network, tenant_limit: network.capacity() })
}

/// The stacks there are.
pub(crate) fn stacks(settings: &Settings, selection: &Selection) -> Result<Stacks, SelectionError> {
    let (fleet, recorded) = (&settings.fleet, Recorded::read(&settings.output));
    selection.check(fleet, &recorded)?;
    let mut stacks = Vec::new();
    for (tenant, state) in with_stack(fleet, &recorded).filter(|(tenant, _)| selection.takes(Some(&tenant.id))) {
        let resources = match state {
            TenantState::Removed => 0,
            _ => tenant_stack(tenant.clone(), unbuilt()).resource_count(),
        };
        stacks.push(StackReport::of_tenant(tenant, state, resources));
    }
    if let Some(platform) = select::platform(fleet, selection) {
        stacks.push(StackReport::shared(&platform, shared(fleet).resource_count()));
    }
    Ok(Stacks { format_version: "1", stacks })
}

/// What the stacks will output.
pub(crate) fn outputs(settings: &Settings, selection: &Selection) -> Result<Outputs, SelectionError> {
    let (fleet, recorded) = (&settings.fleet, Recorded::read(&settings.output));
    selection.check(fleet, &recorded)?;
    let schema = |outputs: Vec<(&'static str, &'static str)>| {
        outputs.into_iter().map(|(name, description)| (name, Output { description, r#type: "string" })).collect()
    };
    let mut stacks = BTreeMap::new();
    let standing = with_stack(fleet, &recorded).filter(|(_, state)| *state != TenantState::Removed);
    for (tenant, _) in standing.filter(|(tenant, _)| selection.takes(Some(&tenant.id))) {
        let stack = tenant_stack(tenant.clone(), unbuilt());
        stacks.insert(tenant.stack_name(), schema(stack.outputs().collect()));
    }
    if let Some(platform) = select::platform(fleet, selection) {
        stacks.insert(platform, schema(shared(fleet).outputs().collect()));
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
