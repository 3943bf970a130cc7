//! The onboarding workflow as a state machine: from an event to an environment, or to none.
//!
//! The function decides and the machine carries out. Each step of the function that changes the registry says in `$.course.go` what
//! comes next; before that, what is to be announced goes onto the bus ([`Step::Outbox`], [`Step::Publish`], [`Step::Published`]). An error
//! of a step is tried again where it passes by itself, and else caught: with a lease, it is recorded in the registry and announced
//! ([`Step::Fail`]); without one, the request waits in the dead-letter queue with the reason ([`Step::KeepRequest`]), to be sent again.
//! What nobody could record any more, the lease's end and the reconciler find.

use construct::Text;
use naming::{Platform, PlatformKind, runtime};

use crate::asl::{
    Attempts, Call, Choice, Context, ErrorName, Fail, Machine, OnFailure, Outcome, Pass, Path, Retry, Seconds, State,
    Succeed, Task, Template, Test, Wait,
};
use crate::path;

/// The minutes that a build may take from its start: a destroy that waits for the network interfaces of functions takes an hour.
pub(crate) const BUILD_MINUTES: u32 = 150;
/// The minutes that a build may wait for its turn before that.
pub(crate) const QUEUED_MINUTES: u32 = 120;
/// A build, with a margin: CodeBuild's own limits come first.
const BUILD: Seconds = Seconds::of::<{ (BUILD_MINUTES + QUEUED_MINUTES + 10) * 60 }>();
/// A build that cannot start because too many run is tried again for more than three hours.
const START: Retry = Retry {
    on: BUILD_TRANSIENT,
    first_pause: Seconds::of::<30>(),
    longest_pause: Seconds::of::<300>(),
    attempts: Attempts::of::<40>(),
};
/// The time for which a run has the lease. Nothing renews it while a build runs, so it outlasts the attempts to start, the build and
/// what records it.
pub(crate) const LEASE: Seconds = Seconds::of::<{ 40 * 300 + (BUILD_MINUTES + QUEUED_MINUTES + 30) * 60 }>();
/// A call of the function. The function itself stops earlier.
const STEP: Seconds = Seconds::of::<90>();
/// A call of a service.
const SERVICE: Seconds = Seconds::of::<60>();
/// A pause before the lease is asked for again, while another run has it.
const HOLD: Seconds = Seconds::of::<300>();
/// A run can wait for the end of a waiting period; Step Functions allows a year.
const RUN: Seconds = Seconds::of::<{ 120 * 24 * 60 * 60 }>();

/// The errors by which the function says that the same may go well a little later.
pub const REGISTRY_BUSY: ErrorName = ErrorName::of(runtime::REGISTRY_BUSY);
/// The error by which the function says that the tenant is not there; its signup may be on its way.
pub const UNKNOWN_TENANT: ErrorName = ErrorName::of(runtime::UNKNOWN_TENANT);

/// What goes wrong between Step Functions and Lambda and passes by itself ([error handling][errors]).
///
/// [errors]: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
const TRANSIENT: &[ErrorName] = &[
    REGISTRY_BUSY,
    ErrorName::of("Lambda.ClientExecutionTimeoutException"),
    ErrorName::of("Lambda.ServiceException"),
    ErrorName::of("Lambda.AWSLambdaException"),
    ErrorName::of("Lambda.SdkClientException"),
    ErrorName::of("Lambda.TooManyRequestsException"),
    ErrorName::of("Sandbox.Timedout"),
    ErrorName::TIMEOUT,
];

const SERVICE_TRANSIENT: &[ErrorName] = &[
    ErrorName::of("EventBridge.FailedEntry"),
    ErrorName::of("EventBridge.InternalException"),
    ErrorName::of("EventBridge.SdkClientException"),
    ErrorName::of("EventBridge.ThrottlingException"),
    ErrorName::of("S3.S3Exception"),
    ErrorName::of("S3.SdkClientException"),
    ErrorName::of("SQS.RequestThrottledException"),
    ErrorName::of("SQS.SdkClientException"),
    ErrorName::of("SQS.AmazonSQSException"),
    ErrorName::TIMEOUT,
];

/// What keeps a build from starting and passes by itself: too many at once, or CodeBuild cannot be reached. A build that ran and failed
/// is not begun again: its cause is recorded, and the same signup sent again goes on where it stopped.
const BUILD_TRANSIENT: &[ErrorName] = &[
    ErrorName::of("CodeBuild.AccountLimitExceededException"),
    ErrorName::of("CodeBuild.AWSCodeBuildException"),
    ErrorName::of("CodeBuild.SdkClientException"),
    ErrorName::of("CodeBuild.ThrottlingException"),
];

const SOON: Retry = Retry {
    on: TRANSIENT,
    first_pause: Seconds::of::<2>(),
    longest_pause: Seconds::of::<60>(),
    attempts: Attempts::of::<8>(),
};

/// An event may overtake another one. For about an hour and a half the signup may come.
const AFTER_SIGNUP: Retry = Retry {
    on: &[UNKNOWN_TENANT],
    first_pause: Seconds::of::<60>(),
    longest_pause: Seconds::of::<1800>(),
    attempts: Attempts::of::<6>(),
};

crate::states! {
    /// The states.
    pub enum Step {
        /// Whether time calls, or an event.
        Route,
        /// Whether the event is one that is taken.
        Validate,
        /// What it asks.
        Asked,
        /// Takes a signup or a change of the plan into the registry.
        Reserve,
        /// Takes an offboarding into the registry.
        Offboard,
        /// What waits to be announced.
        Outbox,
        /// Whether there is something.
        Announce,
        /// Puts it on the bus.
        Publish,
        /// Whether the bus took all of it.
        Taken,
        /// Takes it out of the outbox.
        Published,
        /// What comes next.
        Continue,
        /// Asks for the right to change the environment.
        Lease,
        /// Another run has it.
        Hold,
        /// Whether there is room for the environment.
        Admit,
        /// Runs the deployment.
        Build,
        /// Records the environment, or its end.
        Record,
        /// Records a failure.
        Fail,
        /// Gives the lease back where even that failed.
        Release,
        /// A tenant that leaves keeps its environment for a while.
        WaitingPeriod,
        /// What the tenant needs now: the period is over, or a run was lost.
        Due,
        /// Starts at the first tenant.
        Sweep,
        /// Brings tenants up to what time has done to them.
        Reconcile,
        /// Whether there are more.
        Swept,
        /// What states there are.
        ListStates,
        /// Whether one of them is nobody's.
        Orphans,
        /// Keeps an event that is not taken, with the reason.
        KeepLetter,
        /// Whether there is somebody to tell.
        Told,
        /// Tells who asked.
        AnnounceRefusal,
        /// Keeps a request that could not be carried out, with the reason.
        KeepRequest,
        /// All is done.
        Done,
        /// The event is not taken.
        Rejected,
        /// The environment could not be made or removed; the registry says why.
        Failed,
        /// The request waits in the dead-letter queue.
        NotCarriedOut,
        /// The failure could not be recorded; the reconciler finds it.
        NotRecorded,
    }
}

/// How many states are looked at in one go.
const MOST_STATES: u32 = 300;
/// Where what is told of states stands, or why nothing is.
const STATES: Path = path!("$.states");
/// Where a caught error stands.
const FAILURE: Path = path!("$.failure");

/// What the machine refers to.
#[derive(Clone, Debug)]
pub struct Workflow<'a> {
    /// Whose it is.
    pub platform: &'a Platform,
    /// The URL of the dead-letter queue.
    pub dead_letters: Text,
}

impl Workflow<'_> {
    /// The machine.
    pub fn machine(&self) -> Machine<Step> {
        Machine::new("Makes and removes the environments of tenants", Step::Route, RUN, |step| self.state(step))
    }

    fn name(&self, kind: PlatformKind) -> Text {
        self.platform.name(kind).into()
    }

    /// A step of the function.
    fn step(&self, name: &'static str, input: Template, outcome: Outcome, failed: Step, next: Step) -> Task<Step> {
        Task {
            call: Call::Invoke {
                function: self.name(PlatformKind::OnboardingFunction),
                payload: input.with("step", name).with("execution", Context::EXECUTION_ID),
            },
            within: STEP,
            retries: vec![SOON],
            outcome,
            failure: OnFailure::all(failed, FAILURE),
            next,
        }
    }

    fn state(&self, step: Step) -> State<Step> {
        let run = || Template::new().with("run", path!("$.run"));
        // What the function answers becomes the run's data, whole: nothing of an earlier step is taken for a later one's.
        let answered = || Outcome::Selected(Template::new().with("run", path!("$.Payload")), Path::ROOT);
        let go = |word| Test::Is(path!("$.run.go"), word);
        match step {
            // Nobody but AWS can put events of this source on the bus.
            Step::Route => {
                let scheduled =
                    Test::All(vec![Test::Present(path!("$.source")), Test::Is(path!("$.source"), "aws.events")]);
                Choice::when(scheduled, Step::Sweep).otherwise(Step::Validate).into()
            }
            Step::Validate => {
                let event = Template::new().with("event", Path::ROOT);
                self.step("validate", event, answered(), Step::KeepRequest, Step::Asked).into()
            }
            Step::Asked => Choice::when(go("reserve"), Step::Reserve)
                .or(go("offboard"), Step::Offboard)
                .or(go("due"), Step::Due)
                .otherwise(Step::KeepLetter)
                .into(),
            Step::Reserve | Step::Offboard => {
                let name = if step == Step::Reserve { "reserve" } else { "offboard" };
                let task = self.step(name, run(), answered(), Step::KeepRequest, Step::Outbox);
                Task { retries: vec![SOON, AFTER_SIGNUP], ..task }.into()
            }
            // What cannot be announced now stays in the outbox, and the reconciler announces it: no reason to stop.
            Step::Outbox => {
                let batch = Outcome::Selected(Template::new().with("batch", path!("$.Payload")), path!("$.outbox"));
                self.step("outbox", run(), batch, Step::Continue, Step::Announce).into()
            }
            Step::Announce => Choice::when(Test::MoreThan(path!("$.outbox.batch.count"), 0), Step::Publish)
                .otherwise(Step::Continue)
                .into(),
            Step::Publish => Task {
                call: Call::PutEvents { entries: path!("$.outbox.batch.entries") },
                within: SERVICE,
                retries: vec![Retry { on: SERVICE_TRANSIENT, ..SOON }],
                outcome: Outcome::Selected(
                    Template::new().with("failed", path!("$.FailedEntryCount")),
                    path!("$.published"),
                ),
                failure: OnFailure::all(Step::Continue, path!("$.unpublished")),
                next: Step::Taken,
            }
            .into(),
            // Step Functions looks at the count itself; where something else runs the machine, an event is still not lost.
            Step::Taken => Choice::when(Test::MoreThan(path!("$.published.failed"), 0), Step::Continue)
                .otherwise(Step::Published)
                .into(),
            Step::Published => {
                let input = run().with("records", path!("$.outbox.batch.records"));
                self.step("published", input, Outcome::Dropped, Step::Continue, Step::Outbox).into()
            }
            Step::Continue => Choice::when(go("lease"), Step::Lease)
                .or(go("hold"), Step::Hold)
                .or(go("admit"), Step::Admit)
                .or(go("build"), Step::Build)
                .or(go("wait"), Step::WaitingPeriod)
                .or(go("failed"), Step::Failed)
                .or(go("refused"), Step::KeepLetter)
                .otherwise(Step::Done)
                .into(),
            Step::Lease => self.step("lease", run(), answered(), Step::KeepRequest, Step::Outbox).into(),
            Step::Hold => Wait::For(HOLD, Step::Lease).into(),
            Step::Admit => self.step("admit", run(), answered(), Step::Fail, Step::Outbox).into(),
            Step::Build => Task {
                call: Call::RunBuild {
                    project: self.name(PlatformKind::Runner),
                    source: path!("$.run.source.location"),
                    variables: vec![(runtime::TENANT_ID, path!("$.run.tenant_id"))],
                },
                within: BUILD,
                retries: vec![START],
                outcome: Outcome::At(path!("$.build")),
                failure: OnFailure::all(Step::Fail, FAILURE),
                next: Step::Record,
            }
            .into(),
            Step::Record => {
                let input = run().with("build", path!("$.build"));
                self.step("record", input, answered(), Step::Fail, Step::Outbox).into()
            }
            Step::Fail => {
                let input = run().with("failure", FAILURE);
                self.step("fail", input, answered(), Step::Release, Step::Outbox).into()
            }
            Step::Release => self.step("release", run(), Outcome::Dropped, Step::NotRecorded, Step::NotRecorded).into(),
            Step::WaitingPeriod => Wait::Until(path!("$.run.until"), Step::Due).into(),
            Step::Due => self.step("due", run(), answered(), Step::KeepRequest, Step::Outbox).into(),
            Step::Sweep => {
                let run = Template::new().with("kind", "reconcile").with("after", "").with("go", "sweep");
                Pass { parameters: Template::new().with("run", run), at: Path::ROOT, next: Step::Reconcile }.into()
            }
            Step::Reconcile => self.step("reconcile", run(), answered(), Step::NotRecorded, Step::Swept).into(),
            Step::Swept => Choice::when(go("sweep"), Step::Reconcile)
                .or(go("states"), Step::ListStates)
                .otherwise(Step::Outbox)
                .into(),
            // Whether it was told or not, the step behind it says what was found.
            Step::ListStates => Task {
                call: Call::ListObjects {
                    bucket: self.name(PlatformKind::State),
                    prefix: runtime::STATE_PREFIX,
                    after: path!("$.run.after"),
                    most: MOST_STATES,
                },
                within: SERVICE,
                retries: vec![Retry { on: SERVICE_TRANSIENT, ..SOON }],
                outcome: Outcome::At(STATES),
                failure: OnFailure::all(Step::Orphans, STATES),
                next: Step::Orphans,
            }
            .into(),
            Step::Orphans => {
                let input = run().with("states", STATES);
                self.step("orphans", input, answered(), Step::NotRecorded, Step::Swept).into()
            }
            Step::KeepLetter => self.keep(path!("$.run.letter"), Step::Told),
            Step::Told => Choice::when(go("refused"), Step::AnnounceRefusal).otherwise(Step::Rejected).into(),
            Step::AnnounceRefusal => Task {
                call: Call::PutEvents { entries: path!("$.run.refusal") },
                within: SERVICE,
                retries: vec![Retry { on: SERVICE_TRANSIENT, ..SOON }],
                outcome: Outcome::Dropped,
                failure: OnFailure::all(Step::Rejected, path!("$.unpublished")),
                next: Step::Rejected,
            }
            .into(),
            Step::KeepRequest => self.keep(Path::ROOT, Step::NotCarriedOut),
            Step::Done => Succeed { comment: "The registry says where the tenant stands" }.into(),
            Step::Rejected => Fail::With(
                ErrorName::of("Rejected"),
                "The event is not taken; it waits in the dead-letter queue with the reason",
            )
            .into(),
            Step::Failed => Fail::With(
                ErrorName::of("RunFailed"),
                "The environment could not be made or removed; the registry says why and what to do",
            )
            .into(),
            Step::NotCarriedOut | Step::NotRecorded => {
                Fail::From { error: path!("$.failure.Error"), cause: path!("$.failure.Cause") }.into()
            }
        }
    }

    fn keep(&self, body: Path, next: Step) -> State<Step> {
        Task {
            call: Call::SendMessage { queue_url: self.dead_letters.clone(), body },
            within: SERVICE,
            retries: vec![Retry { on: SERVICE_TRANSIENT, ..SOON }],
            outcome: Outcome::Dropped,
            failure: OnFailure::Uncaught {
                why: "the run fails with the queue's error, and keeps the request in its input",
            },
            next,
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn workflow(platform: &Platform) -> Workflow<'_> {
        Workflow { platform, dead_letters: Text::literal("https://queue") }
    }

    #[test]
    fn the_workflow_is_a_machine_without_faults() {
        let platform = construct::test_util::platform();
        let definition = workflow(&platform).machine().definition("aws");
        assert_eq!(definition.faults(), []);
        assert!(definition.text().unwrap().as_str().len() < 32 * 1024);
    }

    /// "Provisioning failures are handled, not left to the user"
    #[test]
    fn every_task_but_the_last_resort_catches_every_error() {
        let platform = construct::test_util::platform();
        let definition = workflow(&platform).machine().definition("aws");
        let definition: serde_json::Value = serde_json::from_str(definition.text().unwrap().as_str()).unwrap();
        let uncaught: BTreeSet<&str> = definition["States"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, state)| state["Type"] == "Task" && state["Catch"].as_array().is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(uncaught, BTreeSet::from(["KeepLetter", "KeepRequest"]), "the dead-letter queue is the last resort");
    }

    #[test]
    fn the_lease_outlasts_every_attempt_to_start_a_build_and_the_build() {
        let starts = u32::from(40_u8) * START.longest_pause.get();
        assert!(LEASE.get() > starts + BUILD.get() && BUILD.get() > (BUILD_MINUTES + QUEUED_MINUTES) * 60);
    }
}
