//! Every stack's document as it is written now, and as it is judged.
//!
//! The two are the same but for what AWS still has of an earlier document. A tenant that is being removed is written without resources,
//! so that whatever applies that tears it down; until that is recorded, what it was deployed with is judged in its place. A pinned tenant
//! is written as it was deployed, so that no tool changes it. A tenant that has left the tenants file is not written, but as long as a
//! record says that it stands, what it was deployed with is judged.

use construct::manifest::Annotation;
use construct::{Stack, vacant};
use naming::fleet::TenantState;
use naming::{Owner, Tenant};
use serde_json::Value;

use crate::artifacts::Artifacts;
use crate::capacity;
use crate::in_order::in_order;
use crate::recorded::{Recorded, Standing, with_stack};
use crate::settings::Settings;
use crate::stacks::{platform_stack, tenant_stack};
use crate::synth::{StackReport, SynthError, document, pretty, terraform};

/// One stack of the output.
pub(crate) struct Written {
    /// What the report says of it.
    pub(crate) report: StackReport,
    /// The document.
    pub(crate) document: Value,
    /// The document's bytes.
    pub(crate) bytes: Vec<u8>,
    /// What AWS has of it, where that is to be judged in place of the document.
    pub(crate) deployed: Option<Vec<u8>>,
    /// What a CDKTF CLI is told of it.
    pub(crate) annotations: Vec<Annotation>,
}

/// Makes the document of every stack, on all cores, and hands them over one after the other, always in the same order.
///
/// # Errors
/// When a stack cannot be declared, or the one who takes it fails.
pub(crate) fn each(
    settings: &Settings,
    artifacts: &Artifacts,
    recorded: &Recorded,
    mut take: impl FnMut(Written) -> Result<(), SynthError>,
) -> Result<(), SynthError> {
    let terraform = terraform(&settings.fleet);
    let tenants: Vec<(&Tenant, TenantState)> = with_stack(&settings.fleet, recorded).collect();
    let make = |&(tenant, state): &(&Tenant, TenantState)| {
        of_tenant(tenant, state, artifacts, recorded.of(&tenant.stack_name()), &terraform)
    };
    in_order(&tenants, make, |written| take(written?))?;
    let platform = settings.fleet.platform();
    let name = platform.stack_name();
    let made = platform_stack(platform, capacity::onboarding(settings, artifacts)?);
    let report = StackReport::shared(&name, made.resource_count());
    take(written(made, &terraform, report)?)
}

fn of_tenant(
    tenant: &Tenant,
    state: TenantState,
    artifacts: &Artifacts,
    standing: Option<&Standing>,
    terraform: &construct::Settings,
) -> Result<Written, SynthError> {
    let stack = tenant.stack_name();
    let report = |resources| StackReport::of_tenant(tenant, state, resources);
    let standing = standing.filter(|standing| !standing.gone);
    if state == TenantState::Removed {
        let document = vacant(tenant, terraform);
        return Ok(Written {
            bytes: bytes(&stack, &document)?,
            annotations: vec![Annotation::info(&stack, removal_note(tenant))],
            report: report(0),
            document,
            deployed: standing.and_then(Standing::deployed),
        });
    }
    if let Some(bytes) = standing.filter(|standing| standing.pinned).and_then(Standing::deployed) {
        let parsed = serde_json::from_slice(&bytes);
        let document: Value = parsed.map_err(|source| SynthError::Deployed { stack: stack.clone(), source })?;
        return Ok(Written {
            annotations: vec![Annotation::info(&stack, PINNED)],
            report: report(managed(&document)),
            document,
            deployed: Some(bytes.clone()),
            bytes,
        });
    }
    let made = tenant_stack(tenant.clone(), artifacts.code.clone());
    let report = report(made.resource_count());
    written(made, terraform, report)
}

/// What AWS still has of tenants that are not written any more, by stack.
pub(crate) fn orphans(settings: &Settings, recorded: &Recorded) -> Vec<(String, Vec<u8>)> {
    let orphans = recorded.orphans(&settings.fleet);
    orphans.filter_map(|(_, stack, standing)| Some((stack.to_owned(), standing.deployed()?))).collect()
}

const PINNED: &str = "the tenant is pinned: the stack is written as it was deployed, until `app deploy --unpin`";

/// What is said of a stack without resources.
pub(crate) fn removal_note(tenant: &Tenant) -> String {
    format!(
        "tenant `{}` is removed: this stack declares nothing, and deploying it destroys what the tenant has; it goes from the output once \
         `app deploy` or `app destroy` has recorded that",
        tenant.id
    )
}

fn written<O: Owner>(
    stack: Stack<O>,
    settings: &construct::Settings,
    report: StackReport,
) -> Result<Written, SynthError> {
    let (name, document) = document(stack, settings)?;
    Ok(Written { bytes: bytes(&name, &document)?, report, document, deployed: None, annotations: Vec::new() })
}

fn bytes(stack: &str, document: &Value) -> Result<Vec<u8>, SynthError> {
    pretty(document).map_err(|source| SynthError::Json { stack: stack.to_owned(), source })
}

/// How many resources a document declares.
fn managed(document: &Value) -> usize {
    let kinds = document.get("resource").and_then(Value::as_object).into_iter().flatten();
    kinds.filter_map(|(_, ids)| ids.as_object()).map(serde_json::Map::len).sum()
}
