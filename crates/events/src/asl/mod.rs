//! The [Amazon States Language](https://states-language.net/spec.html) as types.
//!
//! What cannot be written: a `Next` that does not exist, a state without a definition or with two, a task without a time limit or
//! without a word on its failure, a choice without a default, a retry of every error or without an end, a path that is none, an end
//! with a successor. What can be written all the same (a state that no run reaches, one that no run leaves, a definition that is too
//! large) is a [`Fault`] of the definition, and so of the stack that holds it.
//!
//! Determinations. *The names of states: texts, handles, or an enumeration?* An enumeration: handles would have to be made before the
//! states that name each other in a circle. *JSONPath or JSONata?* JSONPath: the emulators know it best, and the data are made by one
//! function; the way back is [`Template`].

mod call;
mod choice;
mod failure;
#[cfg(feature = "test-util")]
pub mod interpret;
mod machine;
mod path;
mod state;
mod template;
#[cfg(test)]
mod tests;
mod time;

pub use call::Call;
pub use choice::{Choice, Rules, Test};
pub use failure::{ErrorName, OnFailure, Retry};
pub use machine::{Definition, Fault, Faults, Machine, StateNames};
pub use path::{Context, Path};
pub use state::{Fail, Outcome, Pass, State, Succeed, Task, Wait};
pub use template::{Arg, Template};
pub use time::{Attempts, Seconds};
