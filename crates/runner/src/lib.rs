#![doc = include_str!("../README.md")]

mod endpoints;
mod event;
mod failure;
mod outcome;
mod stack;

pub use endpoints::{Credentials, EndpointError, Endpoints, FILE_NAME as ENDPOINTS_FILE_NAME, OverlayError};
pub use event::{Action, Event, Observer, Phase, Stage, Waiting};
pub use failure::{Class, Failure};
pub use outcome::{Changes, Drift, Outcome, OutputValue, Status};
pub use stack::{Intent, Stack};
