#![doc = include_str!("../README.md")]

mod batch;
mod central;
mod cloudwatch;
mod error;
mod piece;
mod relay;
mod report;
mod request;
mod settings;
mod time;
mod written;

pub use batch::{Awslogs, Batch, DecodeError, Delivery, Event, Payload};
pub use central::{CentralLog, Rejection, WriteError};
pub use cloudwatch::CloudWatch;
pub use error::{RelayError, chain};
pub use piece::{MAX_MESSAGE_BYTES, MAX_TEXT_BYTES, OVERHEAD_BYTES, Piece, Untimely};
pub use relay::{Invocation, Relay, Tally};
pub use report::Report;
pub use request::{MAX_REQUEST_BYTES, MAX_REQUEST_EVENTS};
pub use settings::{Aws, Relayed, Settings, SettingsError};
pub use time::{Day, Moment};
