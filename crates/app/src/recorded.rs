//! What earlier runs left of each stack: whether it stands, with which document, and whether it is pinned.
//!
//! Read from the records of [`runner`], beside the output directory. A record that cannot be read counts as one of a stack that stands:
//! nothing of it is taken for gone, and it is named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use naming::fleet::{Fleet, TenantState};
use naming::{Owner, TenantId};
use runner::{Records, Status};
use serde_json::Value;

/// The directory of the records, beside the states and the output directory.
pub(crate) const HOME: &str = ".palisade";

/// What is known of the stacks of a fleet from earlier runs.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    stacks: BTreeMap<String, Standing>,
    /// What could not be read, and what that means.
    pub(crate) warnings: Vec<String>,
}

/// What an earlier run left of a stack.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// Whether nothing of it is left: its destroy is recorded, or it was found never to have been there.
    pub(crate) gone: bool,
    /// Where the document is that it was last deployed with.
    applied: PathBuf,
    /// Whether something was done to it, so that AWS may have something of it.
    pub(crate) begun: bool,
    /// Whether it stays at what is deployed.
    pub(crate) pinned: bool,
}

impl Standing {
    /// The document that it was last deployed with, as it was written. Read where it is asked for: few are, and they are large.
    pub(crate) fn deployed(&self) -> Option<Vec<u8>> {
        std::fs::read(&self.applied).ok()
    }

    /// The document that AWS has, if it is known.
    pub(crate) fn document(&self) -> Option<Value> {
        if self.gone { None } else { serde_json::from_slice(&self.deployed()?).ok() }
    }
}

/// Where records lie for an output directory: beside it, like the states.
pub(crate) fn home(output: &Path) -> PathBuf {
    let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).join(HOME)
}

impl Recorded {
    /// Whether a tenant that the file calls removed still has a stack: until its destroy is recorded.
    pub(crate) fn is_gone(&self, stack: &str) -> bool {
        self.stacks.get(stack).is_some_and(|standing| standing.gone)
    }

    /// What is recorded of a stack.
    pub(crate) fn of(&self, stack: &str) -> Option<&Standing> {
        self.stacks.get(stack)
    }

    /// The stacks of which AWS has something, as far as is recorded.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &str> {
        self.stacks.iter().filter(|(_, standing)| standing.begun && !standing.gone).map(|(stack, _)| stack.as_str())
    }

    /// Stacks that stand, as far as is recorded, of tenants of this environment that the tenants file does not mention any more.
    pub(crate) fn orphans<'a>(&'a self, fleet: &'a Fleet) -> impl Iterator<Item = (TenantId, &'a str, &'a Standing)> {
        let listed: BTreeSet<String> = fleet.tenants.iter().map(|tenant| tenant.tenant.stack_name()).collect();
        let end = format!("-{}", fleet.environment_suffix);
        self.stacks
            .iter()
            .filter(move |(stack, standing)| standing.begun && !standing.gone && !listed.contains(*stack))
            .filter_map(move |(stack, standing)| {
                let id = stack.strip_prefix("tenant-")?.strip_suffix(end.as_str())?;
                Some((id.parse().ok()?, stack.as_str(), standing))
            })
    }

    /// What to say of each orphan.
    pub(crate) fn warnings_of_orphans(&self, fleet: &Fleet) -> Vec<String> {
        let orphans = self.orphans(fleet);
        orphans
            .map(|(id, stack, standing)| {
                let index = index_of(fleet, standing).map_or_else(|| "ITS OLD INDEX".to_owned(), |index| index.to_string());
                format!(
                    "tenant `{id}` is not in the tenants file any more, but stack `{stack}` is recorded as standing: its resources are \
                     orphaned; bring it back as `{{ \"id\": \"{id}\", \"network_index\": {index}, \"state\": \"removed\" }}`, and \
                     `app deploy --tenant {id}` destroys them"
                )
            })
            .collect()
    }

    /// Reads the records beside an output directory.
    pub(crate) fn read(output: &Path) -> Self {
        let home = home(output);
        let mut recorded = Self::default();
        let records = match Records::open(&home).all() {
            Ok(records) => records,
            Err(error) => {
                recorded.warnings.push(format!("{error}: what is deployed is not known"));
                return recorded;
            }
        };
        for (stack, record) in records {
            let applied = home.join("stacks").join(&stack).join(APPLIED);
            let standing = match record {
                Ok(record) => Standing {
                    gone: record.status.is_some_and(|status| matches!(status, Status::Destroyed | Status::Absent)),
                    begun: record.attempt > 0,
                    pinned: record.pin.is_some(),
                    applied,
                },
                Err(error) => {
                    recorded.warnings.push(format!("{error}; stack `{stack}` counts as standing"));
                    Standing { begun: true, applied, ..Standing::default() }
                }
            };
            recorded.stacks.insert(stack, standing);
        }
        recorded
    }
}

/// The copy of the document that a stack was last applied with, in the directory of its record.
pub(crate) const APPLIED: &str = "applied.tf.json";

/// The place in the network plan that a deployed document tells by its VPC.
fn index_of(fleet: &Fleet, standing: &Standing) -> Option<u64> {
    let document = standing.document()?;
    let vpcs = document.pointer("/resource/aws_vpc")?.as_object()?;
    let block = vpcs.values().next()?.get("cidr_block")?.as_str()?;
    let plan = &fleet.plan;
    (0..plan.capacity()).find(|n| plan.index(*n).is_ok_and(|index| plan.block(index).to_string() == block))
}

/// The tenants that have a stack, in the order of their ids: all but those that are removed and gone.
pub(crate) fn with_stack<'a>(
    fleet: &'a Fleet,
    recorded: &'a Recorded,
) -> impl Iterator<Item = (&'a naming::Tenant, TenantState)> {
    let listed = fleet.tenants.iter().map(|tenant| (&tenant.tenant, tenant.state));
    listed.filter(|(tenant, state)| *state != TenantState::Removed || !recorded.is_gone(&tenant.stack_name()))
}
