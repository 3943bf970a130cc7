//! The states.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::choice::Choice;
use super::failure::{ErrorName, OnFailure, Retry};
use super::path::Path;
use super::template::Template;
use super::time::Seconds;

/// A task. Every field has to be given: what it may take, when it is tried again, and what becomes of it when it fails.
///
/// A `Next` is one of the machine's own states, so that one which does not exist does not compile:
///
/// ```
/// use events::asl::{Attempts, Call, OnFailure, Outcome, Seconds, State, Succeed, Task, Template};
/// events::states! {
///     /// Two states.
///     enum Step { First, Last }
/// }
/// fn first() -> State<Step> {
///     let call = Call::Invoke { function: "f".into(), payload: Template::new() };
///     let failure = OnFailure::Uncaught { why: "an example" };
///     Task { call, within: Seconds::of::<60>(), retries: vec![], outcome: Outcome::Dropped, failure, next: Step::Last }.into()
/// }
/// ```
///
/// ```compile_fail
/// use events::asl::{Attempts, Call, OnFailure, Outcome, Seconds, State, Succeed, Task, Template};
/// events::states! {
///     /// Two states.
///     enum Step { First, Last }
/// }
/// fn first() -> State<Step> {
///     let call = Call::Invoke { function: "f".into(), payload: Template::new() };
///     let failure = OnFailure::Uncaught { why: "an example" };
///     Task { call, within: Seconds::of::<60>(), retries: vec![], outcome: Outcome::Dropped, failure, next: Step::Lost }.into()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Task<N> {
    /// What it does.
    pub call: Call,
    /// How long it may take; then it fails with [`ErrorName::TIMEOUT`].
    pub within: Seconds,
    /// When it is tried again.
    pub retries: Vec<Retry>,
    /// What is kept of its answer.
    pub outcome: Outcome,
    /// What becomes of it when it fails.
    pub failure: OnFailure<N>,
    /// Where the run goes on.
    pub next: N,
}

/// What is kept of a task's answer.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing; the data stay as they are.
    Dropped,
    /// It is put into the data.
    At(Path),
    /// Part of it is put into the data. With [`Path::ROOT`] it takes their place.
    Selected(Template, Path),
}

/// A pause.
#[derive(Clone, Copy, Debug)]
pub enum Wait<N> {
    /// So long.
    For(Seconds, N),
    /// Until the time that stands there, in RFC 3339.
    Until(Path, N),
}

/// Puts data together.
#[derive(Clone, Debug)]
pub struct Pass<N> {
    /// The new data.
    pub parameters: Template,
    /// Where they are put.
    pub at: Path,
    /// Where the run goes on.
    pub next: N,
}

/// The end of a run that did what it should. There is nothing after it.
#[derive(Clone, Copy, Debug)]
pub struct Succeed {
    /// What that means.
    pub comment: &'static str,
}

/// The end of a run that failed.
#[derive(Clone, Copy, Debug)]
pub enum Fail {
    /// For this reason.
    With(ErrorName, &'static str),
    /// For the reason that the data tell.
    From {
        /// Where the name of the error stands.
        error: Path,
        /// Where the cause stands.
        cause: Path,
    },
}

#[derive(Clone, Debug)]
enum Body<N> {
    Task(Box<Task<N>>),
    Choice(Choice<N>),
    Wait(Wait<N>),
    Pass(Pass<N>),
    Succeed(Succeed),
    Fail(Fail),
}

/// A state.
#[derive(Clone, Debug)]
pub struct State<N>(Body<N>);

macro_rules! into_state {
    ($($body:ident($of:ty)),+) => {
        $(impl<N> From<$of> for State<N> {
            fn from(body: $of) -> Self {
                Self(Body::$body(body.into()))
            }
        })+
    };
}

into_state!(Task(Task<N>), Choice(Choice<N>), Wait(Wait<N>), Pass(Pass<N>), Succeed(Succeed), Fail(Fail));

impl<N: Copy> State<N> {
    pub(crate) fn call(&self) -> Option<&Call> {
        match &self.0 {
            Body::Task(task) => Some(&task.call),
            _ => None,
        }
    }

    pub(crate) fn retries(&self) -> &[Retry] {
        match &self.0 {
            Body::Task(task) => &task.retries,
            _ => &[],
        }
    }

    /// Whether the run can end here.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self.0, Body::Succeed(_) | Body::Fail(_))
    }

    pub(crate) fn successors(&self) -> Vec<N> {
        match &self.0 {
            Body::Task(task) => [task.next].into_iter().chain(task.failure.successors()).collect(),
            Body::Choice(choice) => choice.rules.iter().map(|(_, next)| *next).chain([choice.otherwise]).collect(),
            Body::Wait(Wait::For(_, next) | Wait::Until(_, next)) => vec![*next],
            Body::Pass(pass) => vec![pass.next],
            Body::Succeed(_) | Body::Fail(_) => Vec::new(),
        }
    }

    /// The names of the fields of its templates.
    pub(crate) fn field_names(&self) -> Vec<(&'static str, bool)> {
        let mut found = Vec::new();
        match &self.0 {
            Body::Task(task) => {
                task.call.names(&mut found);
                if let Outcome::Selected(template, _) = &task.outcome {
                    template.names(&mut found);
                }
            }
            Body::Pass(pass) => pass.parameters.names(&mut found),
            _ => {}
        }
        found
    }

    pub(crate) fn render(&self, partition: &str, name: &dyn Fn(N) -> &'static str) -> Value {
        match &self.0 {
            Body::Task(task) => render_task(task, partition, name),
            Body::Choice(choice) => {
                let rule = |(test, next): &(Test, N)| with(test.render(), [("Next", json!(name(*next)))]);
                let rules: Vec<Value> = choice.rules.iter().map(rule).collect();
                json!({ "Type": "Choice", "Choices": rules, "Default": name(choice.otherwise) })
            }
            Body::Wait(Wait::For(seconds, next)) => {
                json!({ "Type": "Wait", "Seconds": seconds.get(), "Next": name(*next) })
            }
            Body::Wait(Wait::Until(path, next)) => {
                json!({ "Type": "Wait", "TimestampPath": path.as_str(), "Next": name(*next) })
            }
            Body::Pass(pass) => json!({
                "Type": "Pass", "Parameters": pass.parameters.render(), "ResultPath": pass.at.as_str(), "Next": name(pass.next),
            }),
            Body::Succeed(Succeed { comment }) => json!({ "Type": "Succeed", "Comment": comment }),
            Body::Fail(Fail::With(error, cause)) => json!({ "Type": "Fail", "Error": error.as_str(), "Cause": cause }),
            Body::Fail(Fail::From { error, cause }) => {
                json!({ "Type": "Fail", "ErrorPath": error.as_str(), "CausePath": cause.as_str() })
            }
        }
    }
}

use super::choice::Test;

fn render_task<N: Copy>(task: &Task<N>, partition: &str, name: &dyn Fn(N) -> &'static str) -> Value {
    let mut fields = json!({
        "Type": "Task",
        "Resource": task.call.arn(partition),
        "Parameters": task.call.parameters(),
        "TimeoutSeconds": task.within.get(),
        "Next": name(task.next),
    });
    if !task.retries.is_empty() {
        fields = with(fields, [("Retry", task.retries.iter().map(Retry::render).collect())]);
    }
    if let Some(catch) = task.failure.render(name) {
        fields = with(fields, [("Catch", catch)]);
    }
    match &task.outcome {
        Outcome::Dropped => with(fields, [("ResultPath", Value::Null)]),
        Outcome::At(path) => with(fields, [("ResultPath", json!(path.as_str()))]),
        Outcome::Selected(template, path) => {
            with(fields, [("ResultSelector", template.render()), ("ResultPath", json!(path.as_str()))])
        }
    }
}

fn with<const COUNT: usize>(object: Value, more: [(&str, Value); COUNT]) -> Value {
    let mut fields = match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(fields)
}
