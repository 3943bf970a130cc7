//! `app plan`: what a deployment would change, or what is not as it was left. Nothing is changed.

use runner::{Operation, Status};

use crate::fleet::flags::Plan;
use crate::fleet::summary::Summary;
use crate::fleet::{Context, FleetError};
use crate::recorded::Recorded;
use crate::show::say;
use crate::synth;

/// Plans the stacks that are meant.
///
/// # Errors
/// When isolation is not proved, or nothing could be done for any stack.
pub(crate) fn plan(context: &Context<'_>, flags: &Plan) -> Result<Summary, FleetError> {
    let report = synth::run(context.settings)?;
    report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    let stacks = context.stacks(&Recorded::read(&context.settings.output))?;
    let (command, operation) = match flags.detect_drift {
        true => ("detect-drift", Operation::DetectDrift),
        false => ("plan", Operation::Plan { save: false }),
    };
    let outcomes = context.run(command, operation, &stacks)?;
    let mut summary = Summary::new(context.about(command, &stacks, report.warnings), outcomes);
    if summary.count(Status::Pending) > 0 {
        summary.next.push(format!("app deploy{}", context.again()));
    }
    if summary.count(Status::Drifted) > 0 {
        summary.next.push(format!("app deploy{}   (puts it back as it was)", context.again()));
    }
    Ok(summary)
}
