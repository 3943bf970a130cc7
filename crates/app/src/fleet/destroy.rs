//! `app destroy`: what is deployed goes, tenants' stacks and the platform's alike.

use runner::{Intent, Operation, Outcome, Stack, Status};

use crate::fleet::approve::{self, Answer};
use crate::fleet::flags::Destroy;
use crate::fleet::leases::Leases;
use crate::fleet::summary::Summary;
use crate::fleet::{Context, FleetError, words};
use crate::recorded::Recorded;
use crate::show::{counted, say};
use crate::synth;

/// Destroys the stacks that are meant.
///
/// # Errors
/// When the stacks have to be written first and cannot be, or nothing could be done for any stack.
pub(crate) fn destroy(context: &Context<'_>, flags: &Destroy) -> Result<Summary, FleetError> {
    let recorded = Recorded::read(&context.settings.output);
    let mut stacks = context.stacks(&recorded)?;
    // A state and its provider are all that a destroy needs. It must not fail because the new stacks cannot be written.
    let is_there = |stack: &Stack| stack.directory.join("cdk.tf.json").is_file();
    let mut warnings = recorded.warnings_of_orphans(&context.settings.fleet);
    if !stacks.iter().all(is_there) {
        warnings = synth::run(context.settings)?.warnings;
        stacks = context.stacks(&Recorded::read(&context.settings.output))?;
    }
    warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    for stack in &mut stacks {
        stack.intent = Intent::Go;
    }
    if let Some(not_done) = refused(context, flags, &stacks) {
        let outcomes = stacks.iter().map(not_started).collect();
        let mut summary = Summary::new(context.about("destroy", &stacks, warnings), outcomes);
        summary.not_done = Some(not_done);
        return Ok(summary);
    }
    let leases = Leases::take(context, &stacks);
    let outcomes = context.run("destroy", Operation::Destroy, &stacks)?;
    leases.end(&outcomes);
    let mut summary = Summary::new(context.about("destroy", &stacks, warnings), outcomes);
    if !summary.succeeded {
        let (unlock, again) = (summary.unlock(), context.again());
        summary.next.push(format!("app destroy{unlock}{again}   (goes on with what is left)"));
    }
    Ok(summary)
}

/// Why nothing is to be destroyed.
fn refused(context: &Context<'_>, flags: &Destroy, stacks: &[Stack]) -> Option<String> {
    if flags.auto_approve || stacks.is_empty() {
        return None;
    }
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let question = format!(
        "Destroy {} in {}, with all data in {}: {}?\nNothing of it can be brought back.",
        counted(stacks.len(), "stack"),
        context.runner.endpoints,
        if stacks.len() == 1 { "it" } else { "them" },
        words::listed(&names, 12),
    );
    match approve::ask(&question, &context.interrupt) {
        Answer::Yes => None,
        Answer::No | Answer::Interrupted => Some("nothing was destroyed, as was answered".to_owned()),
        Answer::NobodyToAsk => Some(
            "nothing was destroyed: there is no terminal to ask at; add `--auto-approve` to destroy without a question"
                .to_owned(),
        ),
    }
}

/// A stack whose turn never came.
pub(crate) fn not_started(stack: &Stack) -> Outcome {
    outcome(stack, Status::NotStarted)
}

/// A stack with which nothing was done.
pub(crate) fn outcome(stack: &Stack, status: Status) -> Outcome {
    Outcome {
        stack: stack.name.clone(),
        tenant: stack.tenant.clone(),
        status,
        changes: Default::default(),
        drift: Vec::new(),
        outputs: Default::default(),
        failure: None,
        left: Vec::new(),
        attempts: 0,
        took: std::time::Duration::ZERO,
        logs: None,
    }
}
