//! What becomes of a task that fails: tried again, or caught.

use serde_json::{Value, json};

use super::path::Path;
use super::time::{Attempts, Seconds};

/// The name of an error. `States.ALL` is none: it stands alone and last, where [`OnFailure::Catch`] puts it, and is never retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorName(&'static str);

impl ErrorName {
    /// A task took longer than it may.
    pub const TIMEOUT: Self = Self("States.Timeout");
    /// A task failed, whatever its error.
    pub const TASK_FAILED: Self = Self("States.TaskFailed");

    /// The error of a service or of a function. The names that begin with `States.` are Step Functions' own.
    ///
    /// ```
    /// use events::asl::ErrorName;
    /// const THROTTLED: ErrorName = ErrorName::of("Throttled");
    /// ```
    ///
    /// ```compile_fail
    /// use events::asl::ErrorName;
    /// const THROTTLED: ErrorName = ErrorName::of("States.ALL");
    /// ```
    ///
    /// # Panics
    /// When the name is empty or Step Functions' own; in a constant, the program then does not compile.
    pub const fn of(name: &'static str) -> Self {
        let own = matches!(name.as_bytes(), [b'S', b't', b'a', b't', b'e', b's', b'.', ..] | []);
        assert!(!own, "a name of a service's or function's error");
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// When a task is tried again: after some errors, with pauses that double and vary ([error handling][errors]).
///
/// [errors]: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// After these errors. They must be ones that pass by themselves.
    pub on: &'static [ErrorName],
    /// The first pause.
    pub first_pause: Seconds,
    /// The longest pause; longer than the first.
    pub longest_pause: Seconds,
    /// How often.
    pub attempts: Attempts,
}

impl Retry {
    pub(crate) fn render(&self) -> Value {
        json!({
            "ErrorEquals": names(self.on),
            "BackoffRate": 2,
            "IntervalSeconds": self.first_pause.get(),
            "JitterStrategy": "FULL",
            "MaxAttempts": self.attempts.get(),
            "MaxDelaySeconds": self.longest_pause.get(),
        })
    }
}

/// What becomes of a task whose attempts are used up.
///
/// A task has to say it, and an error that is not named is caught as well:
///
/// ```
/// use events::asl::OnFailure;
/// let on_failure: OnFailure<u8> = OnFailure::Uncaught { why: "there is nobody left to tell" };
/// ```
///
/// ```compile_fail
/// use events::asl::OnFailure;
/// let on_failure: OnFailure<u8> = OnFailure::Uncaught {};
/// ```
#[derive(Clone, Debug)]
pub enum OnFailure<N> {
    /// The run goes on.
    Catch {
        /// Where it goes on after errors with a name.
        named: Vec<(&'static [ErrorName], N)>,
        /// Where it goes on after every other one.
        others: N,
        /// Where the error is put in the state's data, with the fields `Error` and `Cause`.
        at: Path,
    },
    /// The run fails.
    Uncaught {
        /// Why that is right.
        why: &'static str,
    },
}

impl<N: Copy> OnFailure<N> {
    /// Every error, to one state.
    pub fn all(next: N, at: Path) -> Self {
        Self::Catch { named: Vec::new(), others: next, at }
    }

    pub(crate) fn successors(&self) -> Vec<N> {
        match self {
            Self::Catch { named, others, .. } => named.iter().map(|(_, next)| *next).chain([*others]).collect(),
            Self::Uncaught { .. } => Vec::new(),
        }
    }

    pub(crate) fn render(&self, name: impl Fn(N) -> &'static str) -> Option<Value> {
        let Self::Catch { named, others, at } = self else { return None };
        let catch =
            |errors: Value, next: N| json!({ "ErrorEquals": errors, "Next": name(next), "ResultPath": at.as_str() });
        let named = named.iter().map(|(errors, next)| catch(names(errors), *next));
        Some(named.chain([catch(json!(["States.ALL"]), *others)]).collect())
    }
}

fn names(errors: &[ErrorName]) -> Value {
    errors.iter().map(|error| json!(error.as_str())).collect()
}
