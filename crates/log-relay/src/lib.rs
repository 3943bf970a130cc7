#![doc = include_str!("../README.md")]

mod batch;
mod central;
mod relay;
mod request;
mod settings;

pub use batch::{Awslogs, Batch, DecodeError, Delivery, Event, Payload};
pub use central::CloudWatch;
pub use relay::{CentralLog, Copied, Rejected, Relay, RelayError, WriteError};
pub use request::{Day, MAX_MESSAGE_BYTES, MAX_REQUEST_BYTES, MAX_REQUEST_EVENTS, OVERHEAD_BYTES, Request, requests};
pub use settings::{Aws, Relayed, Settings, SettingsError};

/// An error and all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
