#![doc = include_str!("../README.md")]

mod event;
mod function;
mod http;
mod problem;
mod settings;

pub use event::{EventError, LifecycleEvent};
pub use function::{Function, PayloadError, Reply};
pub use http::{Answer, Api};
pub use problem::Problem;
pub use settings::{Settings, SettingsError};

/// An error and all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
