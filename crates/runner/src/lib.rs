#![doc = include_str!("../README.md")]

pub mod diagnosis;
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
mod records;
pub mod redact;
mod run;
mod settings;
mod stack;
mod state;
pub mod terraform;

pub use endpoints::{Credentials, EndpointError, Endpoints, FILE_NAME as ENDPOINTS_FILE_NAME, OverlayError, Session};
pub use event::{Action, Event, Observer, Phase, Stage, Waiting};
pub use failure::{Class, Failure, with_causes};
pub use holder::Holder;
pub use interrupt::Interrupt;
pub use outcome::{Changes, Drift, Outcome, OutputValue, Status};
pub use record::{Deployed, Doubtful, Killed, Mutation, Pin, Record, SavedPlan, Unlock};
pub use records::{RecordError, Records};
pub use run::{RunError, run};
pub use settings::{Assumed, Operation, Settings};
pub use stack::{Intent, Stack};
pub use terraform::{Environment, Terraform, ToolError};
