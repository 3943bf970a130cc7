//! What is kept of what Terraform said in one phase: no more than is needed later.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::message::{Diagnostic, Entry, Hook, Message, Severity, SummaryOf};
use crate::record::Doubtful;
use crate::{Action, Changes, Event, OutputValue, Stage, Waiting};

/// More errors than anybody reads.
const KEPT_ERRORS: usize = 50;

/// So many lines that are no messages are kept, for what Terraform says when it crashes.
const KEPT_LINES: usize = 40;
const KEPT_OF_A_LINE: usize = 400;

/// AWS releases the network interfaces of deleted functions in its own time; until then what they are in cannot be deleted. A deletion
/// of one of these that goes on for so long waits for that.
const WAITS_FOR_INTERFACES: &[&str] = &["aws_security_group", "aws_subnet", "aws_network_interface"];
const PATIENCE: Duration = Duration::from_secs(60);

/// What Terraform and OpenTofu say when they leave without waiting.
const HARD_EXIT: &str = "Two interrupts received";

/// What is kept of what Terraform said in one phase.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) planned: Changes,
    /// What the summary at the end says was done.
    pub(super) applied: Option<Changes>,
    /// What was done so far, for where no summary comes.
    done: Changes,
    pub(super) outputs: BTreeMap<String, OutputValue>,
    /// Creations that were begun, until they fail; with their ids when they are done.
    creations: BTreeMap<String, (String, Option<String>)>,
    pub(super) lines: VecDeque<String>,
    /// Terraform could not write the state anywhere but into the log.
    pub(super) state_dumped: bool,
    /// Terraform was interrupted twice and left without waiting.
    pub(super) left_at_once: bool,
}

impl Said {
    /// Takes what was said and tells what whoever watches is to know of it.
    pub(super) fn hear(&mut self, entry: Entry, tell: &mut dyn FnMut(Event)) {
        match entry {
            Entry::Message(message) => self.hear_message(message, tell),
            Entry::Text(text) => self.keep_line(&text),
            Entry::TooLong { bytes, start } => self.keep_line(&format!("{start}… ({bytes} bytes)")),
        }
    }

    fn hear_message(&mut self, message: Message, tell: &mut dyn FnMut(Event)) {
        if let Some(event) = message.event() {
            tell(event);
        }
        match message {
            Message::Diagnostic(diagnostic) if diagnostic.severity == Severity::Error => {
                self.left_at_once |= diagnostic.summary.contains(HARD_EXIT) || diagnostic.detail.contains(HARD_EXIT);
                if self.errors.len() < KEPT_ERRORS {
                    self.errors.push(diagnostic);
                }
            }
            Message::Summary { of: SummaryOf::Plan, changes } => self.planned = changes,
            Message::Summary { changes, .. } => self.applied = Some(changes),
            Message::Outputs(outputs) => self.outputs = outputs,
            Message::Apply(hook) => self.hear_hook(hook, tell),
            Message::StateDump => self.state_dumped = true,
            Message::Log(text) => self.keep_line(&text),
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
            }
            (Some(Action::Delete), Stage::Going { elapsed })
                if *elapsed >= PATIENCE && WAITS_FOR_INTERFACES.contains(&hook.resource_type.as_str()) =>
            {
                tell(Event::Waiting(Waiting::NetworkInterfaces { address: hook.address }));
            }
            _ => {}
        }
    }

    fn keep_line(&mut self, text: &str) {
        self.left_at_once |= text.contains(HARD_EXIT);
        if text.trim().is_empty() {
            return;
        }
        if self.lines.len() == KEPT_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(text.chars().take(KEPT_OF_A_LINE).collect());
    }

    /// What was changed, as far as it is known.
    pub(super) fn changes(&self) -> Changes {
        self.applied.unwrap_or(self.done)
    }

    /// Whether Terraform said that it has done all of it.
    pub(super) fn is_complete(&self) -> bool {
        self.applied.is_some() && self.errors.is_empty()
    }

    /// What was or may have been created, of a Terraform that may not have saved its state.
    pub(super) fn doubtful(&self) -> Vec<Doubtful> {
        let creations = self.creations.iter();
        creations
            .map(|(address, (resource_type, id))| Doubtful {
                address: address.clone(),
                resource_type: resource_type.clone(),
                id: id.clone(),
            })
            .collect()
    }

    /// The last lines that were no messages.
    pub(super) fn tail(&self) -> String {
        self.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
