//! `app deploy`: everything comes to what the tenants file says, all at once or in waves.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use runner::{Intent, Operation, Outcome, Stack, Status};

use crate::capacity;
use crate::fleet::approve::{self, Answer};
use crate::fleet::course::Course;
use crate::fleet::destroy::{not_started, outcome};
use crate::fleet::flags::Deploy;
use crate::fleet::leases::{self, Leases};
use crate::fleet::rollout::{Rollout, Stopped};
use crate::fleet::select::Pattern;
use crate::fleet::summary::{self, Far, Summary};
use crate::fleet::{Context, FleetError, code, words};
use crate::proof::digest;
use crate::recorded::{Recorded, with_stack};
use crate::show::{counted, say};
use crate::synth;

/// Deploys the stacks that are meant.
///
/// # Errors
/// When isolation is not proved, the fleet cannot fit, or nothing could be done for any stack.
pub(crate) fn deploy(context: &Context<'_>, flags: &Deploy) -> Result<Summary, FleetError> {
    // Who is not there is told before the functions are built, which takes minutes.
    context.stacks(&Recorded::read(&context.settings.output))?;
    pin(context, flags)?;
    code::ensure(&context.settings.project, &mut say)?;
    let report = synth::run(context.settings)?;
    report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    let recorded = Recorded::read(&context.settings.output);
    let stacks = context.stacks(&recorded)?;
    admit(context, flags, &stacks, &recorded)?;
    let documents = documents(&stacks);
    let course = Course::new(context, flags, &stacks, &documents)?;
    let mut rollout = course.rollout.clone();
    let (mut done, mut open) = (Vec::new(), stacks.clone());
    if flags.resume {
        (done, open) = part(open, |stack| is_done(context, &recorded, &course, stack, &documents));
        rollout.well.extend(done.iter().map(|stack| stack.name.clone()));
    }
    let mut outcomes: Vec<Outcome> = done.iter().map(|stack| outcome(stack, Status::Unchanged)).collect();
    let about = |outcomes| Summary::new(context.about("deploy", &stacks, report.warnings.clone()), outcomes);
    let mut operation = Operation::Deploy;
    if !flags.auto_approve {
        match approved(context, &mut open, &mut outcomes)? {
            Approval::Given => operation = Operation::DeploySaved,
            Approval::NothingToDo => {}
            Approval::Refused(why) => {
                outcomes.extend(open.iter().map(not_started));
                let mut summary = about(outcomes);
                summary.not_done = Some(why);
                return Ok(summary);
            }
        }
    }
    let mut stopped = None;
    let waves: Vec<Vec<String>> = rollout.waves.clone();
    for (number, names) in waves.iter().enumerate() {
        let wave = open.iter().filter(|stack| names.contains(&stack.name)).cloned().collect::<Vec<_>>();
        let begins = !wave.is_empty();
        if stopped.is_some() {
            outcomes.extend(wave.iter().map(not_started));
            continue;
        }
        if begins && waves.len() > 1 {
            say(&format!("wave {} of {}: {}", number + 1, waves.len(), counted(wave.len(), "stack")));
        }
        let ended = run(context, operation, &course, &wave)?;
        rollout
            .well
            .extend(ended.iter().filter(|outcome| outcome.status.is_good()).map(|outcome| outcome.stack.clone()));
        outcomes.extend(ended);
        stopped = course.stop(&context.interrupt, &outcomes, number + 1 < waves.len(), begins);
        if stopped.is_none() || stopped == Some(Stopped::Pause) {
            rollout.done = number + 1;
        }
        rollout.stopped = stopped;
        if course.is_kept {
            rollout.write(&context.runner.home)?;
        }
    }
    let mut summary = about(outcomes);
    if stopped == Some(Stopped::Pause) {
        // Those whose wave is still to come have not failed.
        let come = |outcome: &Outcome| outcome.status.is_good() || outcome.status == Status::NotStarted;
        summary.succeeded = summary.stacks.iter().all(come);
    }
    if course.is_kept {
        let sizes = waves.iter().map(Vec::len).collect();
        summary.rollout = Some(Far { waves: waves.len(), done: rollout.done, sizes, stopped });
        if summary.succeeded && stopped.is_none() {
            Rollout::over(&context.runner.home)?;
        }
    }
    next(context, flags, &mut summary, stopped);
    Ok(summary)
}

/// Deploys the stacks of a wave, and asks those that are to stand whether they are well.
fn run(
    context: &Context<'_>,
    operation: Operation,
    course: &Course,
    wave: &[Stack],
) -> Result<Vec<Outcome>, FleetError> {
    let leases = Leases::take(context, wave);
    let mut ended = context.run("deploy", operation, wave)?;
    if !wave.is_empty()
        && let Some(health) = &course.health
    {
        let stand: Vec<&Stack> = wave.iter().filter(|stack| stack.intent == Intent::Stand).collect();
        let (mut asked, others): (Vec<_>, Vec<_>) =
            ended.into_iter().partition(|outcome| stand.iter().any(|stack| stack.name == outcome.stack));
        if course.bake > Duration::ZERO {
            say(&format!("waiting {} before the health check", words::pause(course.bake)));
            context.interrupt.pause(course.bake);
        }
        context.check(health, &mut asked);
        asked.extend(others);
        ended = asked;
    }
    leases.end(&ended);
    Ok(ended)
}

/// Refuses what cannot fit into the account.
fn admit(context: &Context<'_>, flags: &Deploy, stacks: &[Stack], recorded: &Recorded) -> Result<(), FleetError> {
    let stand = stacks.iter().filter(|stack| stack.intent == Intent::Stand);
    let run = capacity::Run {
        stacks: &stand.map(|stack| stack.name.clone()).collect(),
        deployed: &recorded.standing().map(str::to_owned).collect(),
        parallelism: NonZeroU64::try_from(context.runner.parallelism).ok(),
        quotas: &flags.quotas.quotas,
        emulated: !context.runner.endpoints.is_aws(),
    };
    capacity::admit(context.settings, run).map_err(FleetError::from)
}

/// Pins and unpins, before anything is written: a pinned stack is written as it was deployed.
fn pin(context: &Context<'_>, flags: &Deploy) -> Result<(), FleetError> {
    if flags.pin.is_empty() && flags.unpin.is_empty() {
        return Ok(());
    }
    let recorded = Recorded::read(&context.settings.output);
    let fleet = &context.settings.fleet;
    let each = |patterns: &[Pattern], act: &dyn Fn(&str) -> Result<(), FleetError>| {
        let selection = crate::fleet::select::Selection { tenants: patterns.to_vec(), platform: false };
        selection.check(fleet, &recorded)?;
        use naming::{Owner, Tenant};
        let meant =
            with_stack(fleet, &recorded).filter(|(tenant, _)| patterns.iter().any(|p| p.matches(tenant.id.as_str())));
        let meant: Vec<&Tenant> = meant.map(|(tenant, _)| tenant).collect();
        meant.iter().try_for_each(|tenant| act(&tenant.stack_name()))?;
        Ok::<_, FleetError>(meant.iter().map(|tenant| tenant.id.clone()).collect::<Vec<_>>())
    };
    let unpinned = each(&flags.unpin, &|stack| Ok(context.records.unpin(stack)?))?;
    let pinned = each(&flags.pin, &|stack| Ok(context.records.pin(stack)?))?;
    leases::tell_pins(context, &pinned, &unpinned);
    Ok(())
}

/// The SHA-256 of each stack's document as it is written now.
fn documents(stacks: &[Stack]) -> BTreeMap<String, String> {
    let read = |stack: &Stack| {
        let bytes = std::fs::read(stack.directory.join("cdk.tf.json")).ok()?;
        Some((stack.name.clone(), digest(&bytes)))
    };
    stacks.iter().filter_map(read).collect()
}

fn part(stacks: Vec<Stack>, is_done: impl Fn(&Stack) -> bool) -> (Vec<Stack>, Vec<Stack>) {
    stacks.into_iter().partition(|stack| is_done(stack))
}

/// Whether a stack has come to what is asked already.
fn is_done(
    context: &Context<'_>,
    recorded: &Recorded,
    course: &Course,
    stack: &Stack,
    documents: &BTreeMap<String, String>,
) -> bool {
    if stack.intent == Intent::Go {
        return recorded.is_gone(&stack.name);
    }
    let Some(record) = context.record(&stack.name) else { return false };
    let good = record.status.is_some_and(|status| matches!(status, Status::Deployed | Status::Unchanged));
    let same = record.deployed.is_some_and(|deployed| documents.get(&stack.name) == Some(&deployed.document));
    good && same && (course.health.is_none() || course.rollout.well.contains(&stack.name))
}

enum Approval {
    Given,
    NothingToDo,
    Refused(String),
}

/// Plans everything, shows it, and asks once. What has nothing to do, or cannot be planned, is not part of what is applied.
fn approved(context: &Context<'_>, open: &mut Vec<Stack>, outcomes: &mut Vec<Outcome>) -> Result<Approval, FleetError> {
    let planned = context.run("plan", Operation::Plan { save: true }, open)?;
    let (pending, over): (Vec<Outcome>, Vec<Outcome>) =
        planned.into_iter().partition(|outcome| outcome.status == Status::Pending);
    open.retain(|stack| pending.iter().any(|outcome| outcome.stack == stack.name));
    if context.interrupt.requested() {
        outcomes.extend(over);
        return Ok(Approval::Refused("nothing was changed, as was asked".to_owned()));
    }
    if pending.is_empty() {
        outcomes.extend(over);
        return Ok(Approval::NothingToDo);
    }
    let mut table = [pending.as_slice(), over.as_slice()].concat();
    table.sort_by(|a, b| a.stack.cmp(&b.stack));
    let mut err = anstream::stderr().lock();
    let _ = summary::outcomes(&mut err, &table);
    drop(err);
    let all = Summary::new(context.about("plan", &[], Vec::new()), pending.clone()).changes;
    let failed = over.iter().filter(|outcome| !outcome.status.is_good()).count();
    let but = match failed {
        0 => String::new(),
        count => format!(" ({} could not be planned and would be left)", counted(count, "stack")),
    };
    let question = format!(
        "\nChange {} in {} as shown: {}{but}?",
        counted(pending.len(), "stack"),
        context.runner.endpoints,
        words::plan(all)
    );
    outcomes.extend(over);
    Ok(match approve::ask(&question, &context.interrupt) {
        Answer::Yes => Approval::Given,
        Answer::No | Answer::Interrupted => Approval::Refused("nothing was changed, as was answered".to_owned()),
        Answer::NobodyToAsk => Approval::Refused(format!(
            "nothing was changed: there is no terminal to ask at; add `--auto-approve` to deploy without a question ({} to change)",
            counted(pending.len(), "stack")
        )),
    })
}

/// What to type next.
fn next(context: &Context<'_>, flags: &Deploy, summary: &mut Summary, stopped: Option<Stopped>) {
    let again = context.again();
    let approve = if flags.auto_approve { " --auto-approve" } else { "" };
    if stopped.is_some() || !summary.succeeded {
        summary.next.push(format!("app deploy --resume{approve}{}{again}", summary.unlock()));
    } else if summary.count(Status::Deployed) > 0 {
        summary.next.push("app outputs".to_owned());
    }
}
