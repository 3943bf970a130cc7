#![doc = include_str!("../README.md")]

mod cursor;
mod document;
mod etag;
mod event;
mod function;
mod http;
mod lock;
mod log;
mod problem;
mod resource_type;
mod settings;
mod table;

pub use event::EventError;
pub use function::{Call, Function, PayloadError, Reply};
pub use log::Log;
pub use settings::{Aws, Settings, SettingsError};
pub use table::{Table, TableError};

/// An error and all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
