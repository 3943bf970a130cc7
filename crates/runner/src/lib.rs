#![doc = include_str!("../README.md")]

mod endpoints;
mod event;
mod failure;
mod holder;
mod home;
mod interrupt;
mod lock;
pub mod message;
mod outcome;
mod private;
mod record;
mod run;
mod settings;
mod stack;
mod state;
pub mod terraform;

pub use endpoints::{Credentials, EndpointError, Endpoints, FILE_NAME as ENDPOINTS_FILE_NAME, OverlayError};
pub use event::{Action, Event, Observer, Phase, Stage, Waiting};
pub use failure::{Class, Failure};
pub use outcome::{Changes, Drift, Outcome, OutputValue, Status};
pub use stack::{Intent, Stack};
