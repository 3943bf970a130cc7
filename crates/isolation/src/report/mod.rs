//! The whole account of a proof, for machines (`isolation.json`) and, as one page, for people (`isolation.html`).

mod build;
pub(crate) use build::shown;
mod html;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Access, Finding, StatementRef, Summary};
use crate::fleet::PLATFORM;

/// The JSON Schema of `isolation.json`.
pub const SCHEMA: &str = include_str!("../../schema/isolation.schema.json");

/// The account of a proof.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this document's form.
    pub format_version: &'static str,
    /// What made it.
    pub made_by: MadeBy,
    /// Whether no tenant can reach another.
    pub proved: bool,
    /// The verdict in one sentence.
    pub verdict: String,
    /// What was judged, in numbers.
    pub summary: Summary,
    /// The stacks that were judged.
    pub stacks: Vec<StackEntry>,
    /// Tenants that differ only in their names and addresses share a class, and classes an argument.
    pub classes: Vec<Class>,
    /// What stands against isolation.
    pub findings: Vec<Finding>,
    /// The layers, and which of them stops everything alone.
    pub layers: Vec<Layer>,
    /// What happens when one thing goes wrong.
    pub accidents: Vec<Accident>,
    /// What each role of a tenant may do, for one tenant of each class.
    pub roles: Vec<RoleEntry>,
    /// What the code of a tenant's functions calls, and whether it may.
    pub needs: Vec<Need>,
    /// What AWS cannot limit to a tenant, and what that shows.
    pub exemptions: Vec<Exemption>,
    /// What the claim rests on.
    pub assumptions: Vec<String>,
    /// What remains.
    pub residual: Vec<String>,
}

impl Report {
    /// The report as one page that needs nothing but itself.
    pub fn html(&self) -> String {
        html::page(self)
    }
}

/// A program and its version.
#[derive(Clone, Debug, Serialize)]
pub struct MadeBy {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A stack that was judged.
#[derive(Clone, Debug, Serialize)]
pub struct StackEntry {
    /// Its name.
    pub stack: String,
    /// The tenant, or `platform`; none when the stack does not say.
    pub owner: Option<String>,
    /// The AWS account; none for the one that Terraform's own credentials lead to.
    pub account: Option<String>,
    /// The addresses of its VPCs.
    pub networks: Vec<String>,
    /// The number of its class in `classes`.
    pub class: usize,
    /// The SHA-256 of the document that was judged, if it was given.
    pub sha256: Option<String>,
}

impl StackEntry {
    /// The tenant to whom it belongs; none if it is the platform's or does not say.
    pub fn tenant(&self) -> Option<&str> {
        self.owner.as_deref().filter(|owner| *owner != PLATFORM)
    }
}

/// Stacks that are equal but for names and addresses.
#[derive(Clone, Debug, Serialize)]
pub struct Class {
    /// The stack that stands for all of them.
    pub example: String,
    /// How many there are.
    pub members: usize,
}

/// One layer of isolation.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// A short name, for example `boundary`.
    pub id: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is, in a sentence.
    pub what: &'static str,
    /// By kind of resource (`bucket`, `table`, `queue`, `key`, `function`, `logs`, `role`, `network`, …): whether it stops everything alone.
    pub alone: BTreeMap<String, Strength>,
}

/// What a layer does for a kind of resource when no other layer is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// It stops every request of another tenant.
    Stops,
    /// It does not stop all of them.
    Partial,
    /// AWS has no such layer for this kind.
    NotApplicable,
}

/// One thing that goes wrong, and what is left.
#[derive(Clone, Debug, Serialize)]
pub struct Accident {
    /// A short name, for example `identity-widened`.
    pub id: &'static str,
    /// What goes wrong, in a sentence.
    pub what: &'static str,
    /// The layer it takes away, by its `id`.
    pub layer: &'static str,
    /// Whether isolation holds all the same.
    pub holds: bool,
    /// The layers that hold it, by their `id`.
    pub by: Vec<&'static str>,
    /// Why, or why there is no second layer.
    pub why: String,
    /// A way through, if it does not hold.
    pub example: Option<Access>,
}

/// What a role may do.
#[derive(Clone, Debug, Serialize)]
pub struct RoleEntry {
    /// The stack.
    pub stack: String,
    /// The role, as Terraform addresses it.
    pub role: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for, as its description says.
    pub description: Option<String>,
    /// Who may become it, in plain words.
    pub assumed_by: Vec<String>,
    /// The permissions boundary, as Terraform addresses it.
    pub boundary: Option<String>,
    /// What it may do.
    pub grants: Vec<Grant>,
}

/// One statement of what a role may do.
#[derive(Clone, Debug, Serialize)]
pub struct Grant {
    /// In plain words.
    pub words: String,
    /// The actions.
    pub actions: Vec<String>,
    /// The resources.
    pub resources: Vec<String>,
    /// The conditions, each as `operator key value, value`.
    pub conditions: Vec<String>,
    /// Where it stands.
    pub statement: StatementRef,
}

/// What code calls.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    /// The stack.
    pub stack: String,
    /// The function.
    pub function: String,
    /// The action.
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// What for.
    pub why: String,
    /// Whether it is allowed.
    pub allowed: bool,
}

/// What AWS cannot limit to a tenant.
#[derive(Clone, Debug, Serialize)]
pub struct Exemption {
    /// The action.
    pub action: String,
    /// The roles that have it.
    pub roles: Vec<String>,
    /// Why it is there, and what it shows.
    pub why: String,
}
