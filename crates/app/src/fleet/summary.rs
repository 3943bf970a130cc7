//! What a run came to: a table, each failure with what to do, and one document for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use runner::{Changes, Class, Failure, Outcome, Status};
use serde::Serialize;

use crate::fleet::rollout::Stopped;
use crate::fleet::words;
use crate::show::{BAD, CAREFUL, DIM, GOOD, counted, table};

/// The JSON Schema of what `plan`, `deploy` and `destroy` say to programs.
pub const SCHEMA: &str = include_str!("../../schema/run.schema.json");

/// So many failures are told one by one; there is a record of each.
const MOST_FAILURES: usize = 20;
/// So many stacks, or resources, are named in one line.
const MOST_NAMES: usize = 6;

/// What a run came to.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// The version of this document.
    pub(crate) format_version: &'static str,
    /// `plan`, `detect-drift`, `deploy` or `destroy`.
    pub(crate) command: &'static str,
    /// Whether every stack came to what was asked, and nothing stopped the run.
    pub(crate) succeeded: bool,
    /// The runs of Terraform it was made of, by the names of their directories of logs.
    pub(crate) runs: BTreeSet<String>,
    /// What ran.
    pub(crate) terraform: Tool,
    /// Which AWS it was about: `AWS`, or the endpoints of an emulator.
    pub(crate) target: String,
    /// How far the waves are; none where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rollout: Option<Far>,
    /// How each stack ended, in the order of their names.
    pub(crate) stacks: Vec<Outcome>,
    /// Since when stacks are pinned, and at which document.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) pins: BTreeMap<String, Pinned>,
    /// How many stacks ended how.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    /// What was done, or would be, in all.
    pub(crate) changes: Changes,
    /// What to know.
    pub(crate) warnings: Vec<String>,
    /// Why nothing was changed although there was something to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_done: Option<String>,
    /// What to type next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) next: Vec<String>,
}

/// What ran.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tool {
    /// `terraform` or `opentofu`.
    pub(crate) product: String,
    /// Its version.
    pub(crate) version: String,
}

/// How far the waves are.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Far {
    /// How many waves there are.
    pub(crate) waves: usize,
    /// How many are over.
    pub(crate) done: usize,
    /// How many stacks each of them has.
    pub(crate) sizes: Vec<usize>,
    /// Why it stopped before the end.
    pub(crate) stopped: Option<Stopped>,
}

/// Since when a stack is pinned, and at which document.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pinned {
    /// The time, in UTC.
    pub(crate) since: String,
    /// SHA-256 of the document that is deployed; none where nothing is.
    pub(crate) document: Option<String>,
}

/// What a summary is made from beside the outcomes.
pub(crate) struct About {
    pub(crate) command: &'static str,
    pub(crate) terraform: Tool,
    pub(crate) target: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) pins: BTreeMap<String, Pinned>,
}

impl Summary {
    pub(crate) fn new(about: About, mut stacks: Vec<Outcome>) -> Self {
        stacks.sort_by(|a, b| a.stack.cmp(&b.stack));
        let mut counts = BTreeMap::new();
        let mut changes = Changes::default();
        for outcome in &stacks {
            *counts.entry(name(outcome.status)).or_insert(0) += 1;
            let Changes { add, change, remove, import } = outcome.changes;
            changes.add += add;
            changes.change += change;
            changes.remove += remove;
            changes.import += import;
        }
        let run = |logs: &PathBuf| Some(logs.parent()?.file_name()?.to_str()?.to_owned());
        let About { command, terraform, target, warnings, pins } = about;
        Self {
            format_version: "1",
            command,
            succeeded: stacks.iter().all(|outcome| outcome.status.is_good()),
            runs: stacks.iter().filter_map(|outcome| outcome.logs.as_ref().and_then(run)).collect(),
            terraform,
            target,
            rollout: None,
            pins,
            counts,
            changes,
            warnings,
            not_done: None,
            next: Vec::new(),
            stacks,
        }
    }

    /// The flag that breaks locks, where one is held whose holder is known to be gone.
    pub(crate) fn unlock(&self) -> &'static str {
        let breakable = |failure: &Failure| failure.class == Class::LockHeld && failure.fix.contains("`--unlock`");
        match self.stacks.iter().filter_map(|outcome| outcome.failure.as_ref()).any(breakable) {
            true => " --unlock",
            false => "",
        }
    }

    /// How many stacks ended so.
    pub(crate) fn count(&self, status: Status) -> usize {
        self.stacks.iter().filter(|outcome| outcome.status == status).count()
    }
}

/// The name of a status in documents.
fn name(status: Status) -> &'static str {
    match status {
        Status::Unchanged => "unchanged",
        Status::Pending => "pending",
        Status::Deployed => "deployed",
        Status::Destroyed => "destroyed",
        Status::Absent => "absent",
        Status::Drifted => "drifted",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
        Status::NotStarted => "not_started",
        Status::Pinned => "pinned",
    }
}

/// The stacks as a table. Also shown before the question.
pub(crate) fn outcomes(out: &mut dyn Write, stacks: &[Outcome]) -> io::Result<()> {
    let number = |count: u32| if count == 0 { "-".to_owned() } else { count.to_string() };
    let row = |outcome: &Outcome| {
        let Changes { add, change, remove, import } = outcome.changes;
        let took = if outcome.attempts == 0 { "-".to_owned() } else { words::pause(outcome.took) };
        vec![
            outcome.stack.clone(),
            words::status(outcome.status).to_owned(),
            number(add + import),
            number(change),
            number(remove),
            took,
            number(outcome.attempts),
        ]
    };
    let rows: Vec<_> = stacks.iter().map(row).collect();
    table(out, &["STACK", "RESULT", "ADD", "CHANGE", "REMOVE", "TOOK", "ATTEMPTS"], &[2, 3, 4, 5, 6], &rows)
}

/// The table, every failure, and what to do next.
pub(crate) fn show(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    // Where nothing was begun there is nothing to show of it.
    if summary.not_done.is_none() || summary.stacks.iter().any(|outcome| outcome.status != Status::NotStarted) {
        outcomes(out, &summary.stacks)?;
        writeln!(out)?;
    }
    drift(out, &summary.stacks)?;
    failures(out, &summary.stacks)?;
    for outcome in summary.stacks.iter().filter(|outcome| !outcome.left.is_empty()) {
        let what = counted(outcome.left.len(), "resource");
        let named = words::listed(&outcome.left, MOST_NAMES);
        writeln!(out, "{CAREFUL}left{CAREFUL:#}      {}: {what}: {named}", outcome.stack)?;
    }
    for (stack, Pinned { since, document }) in &summary.pins {
        let at = document.as_deref().and_then(|document| document.get(..12)).unwrap_or("nothing that is recorded");
        writeln!(
            out,
            "{CAREFUL}pinned{CAREFUL:#}    {stack}: since {since}, at {at}; `app deploy --unpin ID` ends it"
        )?;
    }
    if let Some(Far { waves, done, sizes, stopped }) = &summary.rollout {
        let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        let how = match stopped {
            None => String::new(),
            Some(Stopped::Budget) => "; stopped: more failed than the failure budget allows".to_owned(),
            Some(Stopped::Pause) => "; it pauses, as was asked".to_owned(),
            Some(Stopped::Interrupted) => "; stopped: it was interrupted".to_owned(),
        };
        let style = if stopped.is_some() { CAREFUL } else { GOOD };
        writeln!(out, "{style}waves{style:#}     {done} of {waves} done, of {} stacks{how}", sizes.join(" + "))?;
    }
    if let Some(not_done) = &summary.not_done {
        writeln!(out, "{CAREFUL}not done{CAREFUL:#}  {not_done}")?;
    }
    if summary.not_done.is_none() {
        verdict(out, summary)?;
    }
    let logs: BTreeSet<&Path> = summary.stacks.iter().filter_map(|outcome| outcome.logs.as_deref()?.parent()).collect();
    for log in logs {
        writeln!(out, "{DIM}logs{DIM:#}      {}", near(log).display())?;
    }
    for next in &summary.next {
        writeln!(out, "{DIM}next{DIM:#}      {next}")?;
    }
    Ok(())
}

/// A path as it is seen from the current directory, where it is below it.
fn near(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.as_ref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path).to_owned()
}

fn verdict(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let all = counted(summary.stacks.len(), "stack");
    let bad = summary.stacks.iter().filter(|outcome| !outcome.status.is_good()).count();
    if bad > 0 && !summary.succeeded {
        let parts = [(Status::Failed, "failed"), (Status::Interrupted, "stopped"), (Status::NotStarted, "not run")];
        let parts: Vec<String> = parts
            .iter()
            .map(|(status, word)| (summary.count(*status), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        return writeln!(out, "{BAD}failed{BAD:#}    {} of {all}: {}", bad, parts.join(", "));
    }
    let word = match summary.command {
        "plan" => "planned",
        "detect-drift" => "looked at",
        "destroy" => "destroyed",
        _ => "deployed",
    };
    let nothing = summary.changes.is_empty() && summary.count(Status::Pending) == 0;
    let what = match summary.command {
        "plan" if nothing => "nothing to change".to_owned(),
        "plan" => words::plan(summary.changes),
        "detect-drift" => format!("{} not as left", counted(summary.count(Status::Drifted), "stack")),
        _ if nothing => "nothing to do; nothing was changed".to_owned(),
        _ => words::changes(summary.changes),
    };
    let all = match bad {
        0 => all,
        to_come => format!("{} of {all}", summary.stacks.len() - to_come),
    };
    writeln!(out, "{GOOD}{word}{GOOD:#}{0:<1$}{all}: {what}", "", 10_usize.saturating_sub(word.len()).max(1))
}

fn drift(out: &mut dyn Write, stacks: &[Outcome]) -> io::Result<()> {
    for outcome in stacks {
        for drift in &outcome.drift {
            let attributes = if drift.attributes.is_empty() {
                String::new()
            } else {
                format!(": {}", words::listed(&drift.attributes, MOST_NAMES))
            };
            let how = words::done(drift.action);
            writeln!(out, "{CAREFUL}drifted{CAREFUL:#}   {}: {} was {how}{attributes}", outcome.stack, drift.address)?;
        }
    }
    Ok(())
}

/// Every failure once: stacks that failed in the same way stand together.
fn failures(out: &mut dyn Write, stacks: &[Outcome]) -> io::Result<()> {
    let mut alike: Vec<(&Failure, Vec<&str>)> = Vec::new();
    for outcome in stacks {
        let Some(failure) = &outcome.failure else { continue };
        let same = |(other, _): &&mut (&Failure, Vec<&str>)| {
            (other.class, other.phase, &other.cause, &other.fix)
                == (failure.class, failure.phase, &failure.cause, &failure.fix)
        };
        match alike.iter_mut().find(same) {
            Some((_, stacks)) => stacks.push(&outcome.stack),
            None => alike.push((failure, vec![&outcome.stack])),
        }
    }
    for (failure, stacks) in alike.iter().take(MOST_FAILURES) {
        let at = match &failure.address {
            Some(address) => format!(", at {address}"),
            None => String::new(),
        };
        let (class, phase) = (words::class(failure.class), words::phase(failure.phase));
        writeln!(out, "{BAD}failed{BAD:#}    {}", words::listed(stacks, MOST_NAMES))?;
        writeln!(out, "  where   {phase}{at} ({class})")?;
        let mut lines = failure.cause.lines();
        writeln!(out, "  cause   {}", lines.next().unwrap_or_default())?;
        let detail = failure.detail.lines().filter(|line| !failure.cause.contains(line.trim()));
        for line in lines.chain(detail).filter(|line| !line.trim().is_empty()).take(6) {
            writeln!(out, "          {}", line.trim_end())?;
        }
        writeln!(out, "  fix     {}", failure.fix)?;
        if let Some(log) = &failure.log {
            writeln!(out, "  log     {}", near(log).display())?;
        }
        writeln!(out)?;
    }
    match alike.len().saturating_sub(MOST_FAILURES) {
        0 => Ok(()),
        more => writeln!(out, "… {more} more kinds of failure; `--format json` has all\n"),
    }
}

#[cfg(test)]
mod tests;
