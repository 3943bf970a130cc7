//! What is kept of what Terraform said in one phase: no more than is needed later.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::diagnosis::Evidence;
use crate::message::{Diagnostic, Entry, Hook, Message, SummaryOf};
use crate::record::Doubtful;
use crate::{Action, Changes, Event, OutputValue, Stage, Waiting};

/// AWS releases the network interfaces of deleted functions in its own time; until then what they are in cannot be deleted. A deletion
/// of one of these that goes on for so long waits for that.
const WAITS_FOR_INTERFACES: &[&str] = &["aws_security_group", "aws_subnet", "aws_network_interface"];
const PATIENCE: Duration = Duration::from_secs(60);

/// What Terraform and OpenTofu say when they leave without waiting.
const HARD_EXIT: &str = "Two interrupts received";

/// What is kept of what Terraform said in one phase.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) evidence: Evidence,
    /// What the summary of the plan says is to be done.
    pub(super) planned: Option<Changes>,
    /// What the summary at the end says was done.
    pub(super) applied: Option<Changes>,
    /// What was done so far, for where no summary comes.
    done: Changes,
    pub(super) outputs: BTreeMap<String, OutputValue>,
    /// Some output will not be as it is. Terraform's summaries count resources only.
    pub(super) outputs_change: bool,
    /// Something is not as the state has it.
    pub(super) drifted: bool,
    /// Creations that were begun, until they fail; with their ids when they are done.
    creations: BTreeMap<String, (String, Option<String>)>,
    /// Creations that failed, with their types.
    failed: BTreeMap<String, String>,
    /// Terraform was interrupted twice and left without waiting.
    pub(super) left_at_once: bool,
}

impl Said {
    /// Takes what was said and tells what whoever watches is to know of it.
    pub(super) fn hear(&mut self, entry: Entry, tell: &mut dyn FnMut(Event)) {
        self.evidence.see(&entry);
        match entry {
            Entry::Message(message) => self.hear_message(message, tell),
            Entry::Text(text) => self.left_at_once |= text.contains(HARD_EXIT),
            Entry::TooLong { .. } => {}
        }
    }

    fn hear_message(&mut self, message: Message, tell: &mut dyn FnMut(Event)) {
        if let Some(event) = message.event() {
            tell(event);
        }
        match message {
            Message::Diagnostic(it) => {
                self.left_at_once |= it.summary.contains(HARD_EXIT) || it.detail.contains(HARD_EXIT);
            }
            Message::Log(text) => self.left_at_once |= text.contains(HARD_EXIT),
            Message::Summary { of: SummaryOf::Plan, changes } => self.planned = Some(changes),
            Message::Summary { changes, .. } => self.applied = Some(changes),
            Message::ResourceDrift(_) => self.drifted = true,
            Message::PlannedOutputs { changing } => self.outputs_change = !changing.is_empty(),
            Message::Outputs(outputs) => self.outputs = outputs,
            Message::Apply(hook) => self.hear_hook(hook, tell),
            _ => {}
        }
    }

    fn hear_hook(&mut self, hook: Hook, tell: &mut dyn FnMut(Event)) {
        let action = hook.action.action();
        if hook.stage == Stage::Done {
            match action {
                Some(Action::Create) => self.done.add = self.done.add.saturating_add(1),
                Some(Action::Update) => self.done.change = self.done.change.saturating_add(1),
                Some(Action::Delete) => self.done.remove = self.done.remove.saturating_add(1),
                Some(Action::Read) | None => {}
            }
        }
        match (action, &hook.stage) {
            (Some(Action::Create), Stage::Started) => {
                self.creations.insert(hook.address, (hook.resource_type, None));
            }
            (Some(Action::Create), Stage::Done) => {
                let id = hook.id.map(|(_, value)| value);
                self.creations.insert(hook.address, (hook.resource_type, id));
            }
            // Terraform notes what it has of it in the state, and nothing if AWS refused it.
            (Some(Action::Create), Stage::Failed) => {
                self.creations.remove(&hook.address);
                self.failed.insert(hook.address, hook.resource_type);
            }
            (Some(Action::Delete), Stage::Going { elapsed })
                if *elapsed >= PATIENCE && WAITS_FOR_INTERFACES.contains(&hook.resource_type.as_str()) =>
            {
                tell(Event::Waiting(Waiting::NetworkInterfaces { address: hook.address }));
            }
            _ => {}
        }
    }

    /// What was changed, as far as it is known.
    pub(super) fn changes(&self) -> Changes {
        self.applied.unwrap_or(self.done)
    }

    /// Whether Terraform said that it has done all of it.
    pub(super) fn is_complete(&self) -> bool {
        self.applied.is_some() && self.evidence.errors().is_empty()
    }

    /// What was or may have been created, of a Terraform that may not have saved its state.
    pub(super) fn doubtful(&self) -> Vec<Doubtful> {
        let creations = self.creations.iter();
        let begun = creations.map(|(address, (resource_type, id))| Doubtful {
            address: address.clone(),
            resource_type: resource_type.clone(),
            id: id.clone(),
        });
        begun.chain(self.unanswered()).collect()
    }

    /// What may have been created although Terraform was told that it failed: the answer of AWS was lost, with the provider or on its way.
    pub(super) fn unanswered(&self) -> Vec<Doubtful> {
        let lost = self.evidence.errors().iter().filter(|error| self.evidence.is_unanswered(error));
        let lost: BTreeSet<String> = lost.filter_map(Diagnostic::resource).collect();
        let failed = self.failed.iter().filter(|(address, _)| lost.contains(*address));
        failed
            .map(|(address, resource_type)| Doubtful {
                address: address.clone(),
                resource_type: resource_type.clone(),
                id: None,
            })
            .collect()
    }
}
