//! What is not as it was left: attributes by their names, never by their values.
//!
//! Drift is what a plan would put back. A refresh alone tells more: what AWS computes (a role shows the policies that other resources of the
//! stack have put on it), and the same in other words (`6` for `tcp`), which only the provider's plan knows to be the same. The exception is
//! what a stack leaves empty and nobody else may fill.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use super::document::Document;
use super::job::{Done, Job, Stop};
use super::session::Session;
use super::{capture, fault, mutate, plan, states, steps};
use crate::{Action, Class, Drift, Event, Phase, Status, private};

/// Looks for what is not as it was left.
pub(super) fn detect(session: &Session, job: &mut Job, document: &Document) -> Result<Done, Stop> {
    states::keep_state(session, job, document)?;
    if states::read_state(session, job, document)?.is_none_or(|state| state.is_empty()) {
        return Ok(Done::with(Status::Absent, crate::Changes::default()));
    }
    let kept = job.home.drift_plan();
    private::directory(job.home.directory())
        .map_err(|error| fault::file(Phase::Plan, "make the directory", job.home.directory(), &error))?;
    let mut arguments = mutate::common(session, "plan");
    let mut out = std::ffi::OsString::from("-out=");
    out.push(&kept);
    arguments.extend(["-detailed-exitcode".into(), out]);
    steps::init_if_needed(session, job, document)?;
    session.tell(&job.stack.name, &Event::Phase(Phase::Plan));
    let run = || steps::call(session, job, Phase::Plan, "drift", arguments.clone(), false);
    let answer = steps::initialised(session, job, document, &run)?;
    let drift = match answer.code() {
        Some(0 | plan::PENDING) if answer.said.drifted => read(session, job, &kept),
        Some(0 | plan::PENDING) => Ok(Vec::new()),
        _ => Err(steps::stop(session, job.stack, Phase::Plan, &answer)),
    };
    // It holds the values.
    match fs::remove_file(&kept) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(fault::file(Phase::Plan, "remove", &kept, &error).into());
        }
        _ => {}
    }
    let drift = drift?;
    let status = if drift.is_empty() { Status::Unchanged } else { Status::Drifted };
    Ok(Done { drift, ..Done::with(status, crate::Changes::default()) })
}

fn read(session: &Session, job: &Job, plan: &std::path::Path) -> Result<Vec<Drift>, Stop> {
    private::restrict(plan).map_err(|error| fault::file(Phase::Plan, "protect", plan, &error))?;
    let path = plan.to_string_lossy();
    let answer = capture::ask(session, job.stack, Phase::Plan, &["show", "-json", &path])?;
    parse(&answer).map_err(|error| {
        let cause = format!("`show -json` did not answer with a plan: {error}");
        fault::new(Class::Unknown, Phase::Plan, cause, "run the same command again").into()
    })
}

/// What no stack sets, and tells of an access that somebody gave: the policies that are attached to a role, but for those that resources of
/// the stack attach.
const ROLE: &str = "aws_iam_role";
const ATTACHED: &str = "managed_policy_arns";
const ATTACHMENT: &str = "aws_iam_role_policy_attachment";

#[derive(Deserialize)]
struct Plan {
    #[serde(default)]
    resource_drift: Vec<Resource>,
    #[serde(default)]
    resource_changes: Vec<Resource>,
    #[serde(default)]
    prior_state: State,
}

#[derive(Default, Deserialize)]
struct State {
    #[serde(default)]
    values: Values,
}

#[derive(Default, Deserialize)]
struct Values {
    #[serde(default)]
    root_module: Module,
}

#[derive(Default, Deserialize)]
struct Module {
    #[serde(default)]
    resources: Vec<Known>,
}

/// A resource as the state has it.
#[derive(Deserialize)]
struct Known {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    values: Value,
}

#[derive(Deserialize)]
struct Resource {
    address: String,
    mode: String,
    #[serde(rename = "type", default)]
    kind: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    actions: Vec<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
}

fn parse(plan: &[u8]) -> serde_json::Result<Vec<Drift>> {
    let plan: Plan = serde_json::from_slice(plan)?;
    let changes = plan
        .resource_changes
        .iter()
        .map(|planned| (planned.address.as_str(), differing(&planned.change.before, &planned.change.after)));
    let changes: BTreeMap<&str, Vec<String>> = changes.collect();
    let known = plan.prior_state.values.root_module.resources;
    let managed = plan.resource_drift.into_iter().filter(|resource| resource.mode == "managed");
    let drift = managed.filter_map(|resource| {
        let action = match resource.change.actions.first().map(String::as_str) {
            Some("delete") => Action::Delete,
            Some("update") => Action::Update,
            // A moved or imported resource, and one that is only read.
            _ => return None,
        };
        let attributes = match action {
            Action::Update => {
                let counts = |name: &String| {
                    changes.get(resource.address.as_str()).is_some_and(|planned| planned.contains(name))
                        || resource.kind == ROLE && name == ATTACHED && has_more(&resource.change, &known)
                };
                let differing = differing(&resource.change.before, &resource.change.after);
                differing.into_iter().filter(counts).collect()
            }
            _ => Vec::new(),
        };
        if action == Action::Update && attributes.is_empty() {
            return None;
        }
        Some(Drift { address: resource.address, action, attributes })
    });
    Ok(drift.collect())
}

/// Whether a role has policies that nothing of the stack attaches.
fn has_more(role: &Change, known: &[Known]) -> bool {
    let name = role.after.get("name");
    let attached = known.iter().filter(|it| it.kind == ATTACHMENT && it.values.get("role") == name);
    let attached: Vec<&Value> = attached.filter_map(|it| it.values.get("policy_arn")).collect();
    let listed = |of: &Value| of.get(ATTACHED).and_then(Value::as_array).cloned().unwrap_or_default();
    let before = listed(&role.before);
    listed(&role.after).iter().any(|arn| !before.contains(arn) && !attached.contains(&arn))
}

/// The names of the attributes that differ.
fn differing(before: &Value, after: &Value) -> Vec<String> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Vec::new() };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_names_attributes_and_no_values() {
        let plan = r#"{ "format_version": "1.2", "prior_state": { "values": { "root_module": { "resources": [
            { "address": "aws_iam_role_policy_attachment.g", "type": "aws_iam_role_policy_attachment",
              "values": { "role": "g", "policy_arn": "arn:aws:iam::1:policy/own" } },
            { "address": "aws_iam_role_policy_attachment.f", "type": "aws_iam_role_policy_attachment",
              "values": { "role": "f", "policy_arn": "arn:aws:iam::1:policy/own" } }] } } }, "resource_changes": [
            { "address": "aws_vpc.a", "mode": "managed", "change": { "actions": ["update"],
              "before": { "id": "vpc-1", "tags": { "a": "secret-after" }, "gone": null, "protocol": "6" },
              "after": { "id": "vpc-1", "tags": { "a": "secret-before" }, "gone": 1, "protocol": "6" } } },
            { "address": "aws_vpc.new", "mode": "managed", "change": { "actions": ["create"], "before": null, "after": { "tags": {} } } },
            { "address": "aws_iam_role.e", "mode": "managed", "type": "aws_iam_role", "change": { "actions": ["no-op"],
              "before": { "name": "e", "inline_policy": [1] }, "after": { "name": "e", "inline_policy": [1] } } }], "resource_drift": [
            { "address": "aws_iam_role.e", "mode": "managed", "type": "aws_iam_role", "change": { "actions": ["update"],
              "before": { "name": "e", "inline_policy": [] }, "after": { "name": "e", "inline_policy": [1] } } },
            { "address": "aws_iam_role.f", "mode": "managed", "type": "aws_iam_role", "change": { "actions": ["update"],
              "before": { "name": "f", "managed_policy_arns": [] }, "after": { "name": "f", "managed_policy_arns": ["arn:aws:iam::aws:policy/A"] } } },
            { "address": "aws_iam_role.g", "mode": "managed", "type": "aws_iam_role", "change": { "actions": ["update"],
              "before": { "name": "g", "managed_policy_arns": [] }, "after": { "name": "g", "managed_policy_arns": ["arn:aws:iam::1:policy/own"] } } },
            { "address": "aws_vpc.a", "mode": "managed", "change": { "actions": ["update"],
              "before": { "id": "vpc-1", "tags": { "a": "secret-before" }, "gone": 1, "protocol": "tcp" },
              "after": { "id": "vpc-1", "tags": { "a": "secret-after" }, "gone": null, "protocol": "6" } } },
            { "address": "aws_sqs_queue.b", "mode": "managed", "change": { "actions": ["delete"], "before": {}, "after": null } },
            { "address": "aws_vpc.c", "mode": "managed", "change": { "actions": ["no-op"] } },
            { "address": "data.aws_region.d", "mode": "data", "change": { "actions": ["update"] } }] }"#;
        let drift = parse(plan.as_bytes()).unwrap();
        let expected = [
            Drift {
                address: "aws_iam_role.f".into(),
                action: Action::Update,
                attributes: vec!["managed_policy_arns".into()],
            },
            Drift {
                address: "aws_vpc.a".into(),
                action: Action::Update,
                attributes: vec!["gone".into(), "tags".into()],
            },
            Drift { address: "aws_sqs_queue.b".into(), action: Action::Delete, attributes: Vec::new() },
        ];
        assert_eq!(drift, expected);
        assert_eq!(parse(b"{}").unwrap(), []);
        assert!(parse(b"not a plan").is_err());
    }
}
