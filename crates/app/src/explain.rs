//! `app explain`: one request, and the statements that decide it.

use std::error::Error;
use std::io::{self, Write};

use isolation::iam::Step;
use isolation::{Ask, Explanation, Fleet};

use crate::cli::Question;
use crate::proof;
use crate::read;
use crate::settings::{Settings, SettingsError};
use crate::show::{BAD, CAREFUL, DIM, GOOD};

/// Explains a request among the stacks of a directory, or else of the tenants file, which are made for it and not written.
///
/// # Errors
/// When the stacks cannot be read or made, or don't declare what is asked about.
pub(crate) fn run(
    question: &Question,
    settings: impl FnOnce() -> Result<Settings, SettingsError>,
) -> Result<Explanation, Box<dyn Error>> {
    let fleet = match &question.dir {
        Some(dir) => {
            let mut fleet = Fleet::new();
            read::each_stack(dir, |source, document| {
                if let Some(document) = document {
                    fleet.add(&source.name, &document);
                }
            })?;
            fleet
        }
        None => proof::judged(&settings()?)?.0,
    };
    let mut ask = Ask {
        principal: question.principal.clone(),
        action: question.action.clone(),
        resource: question.resource.clone(),
        ..Ask::default()
    };
    for (key, value) in question.context.iter().cloned() {
        ask.context.entry(key).or_default().push(value);
    }
    Ok(fleet.explain(&ask)?)
}

/// The decision, then what applied, then what did not.
pub(crate) fn show(out: &mut dyn Write, explanation: &Explanation) -> io::Result<()> {
    let Explanation { principal, action, resource, decision, .. } = explanation;
    let (style, word) = if decision.allowed { (GOOD, "allowed") } else { (BAD, "denied") };
    writeln!(out, "{style}{word:<9}{style:#}  {} does {action} on {}", principal.name, resource.name)?;
    writeln!(out, "           {}", decision.reason)?;
    let (applying, others): (Vec<&Step>, Vec<&Step>) = decision.trail.iter().partition(|step| step.applies);
    statements(out, "what applies", &applying)?;
    statements(out, "what does not apply", &others)?;
    writeln!(out)?;
    for (key, values) in &explanation.context {
        writeln!(out, "{DIM}context{DIM:#}    {key} = {}", values.join(", "))?;
    }
    if !explanation.not_given.is_empty() {
        writeln!(out, "{CAREFUL}not given{CAREFUL:#}  {}; absent in this request", explanation.not_given.join(", "))?;
    }
    for unread in &explanation.unread {
        writeln!(out, "{CAREFUL}unread{CAREFUL:#}     {unread}")?;
    }
    Ok(())
}

fn statements(out: &mut dyn Write, head: &str, steps: &[&Step]) -> io::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{DIM}{head}{DIM:#}")?;
    let width = steps.iter().map(|step| step.policy.len()).max().unwrap_or(0);
    for step in steps {
        writeln!(out, "  {:<5}  {:<width$}  {}", step.effect, step.policy, step.statement)?;
        if let Some(because) = &step.because {
            writeln!(out, "         {DIM}{because}{DIM:#}")?;
        }
    }
    Ok(())
}
