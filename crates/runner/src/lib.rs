#![doc = include_str!("../README.md")]

pub mod diagnosis;
mod event;
mod failure;
pub mod message;
mod outcome;
pub mod redact;
mod stack;

pub use event::{Action, Event, Observer, Phase, Stage, Waiting};
pub use failure::{Class, Failure};
pub use outcome::{Changes, Drift, Outcome, OutputValue, Status};
pub use stack::{Intent, Stack};
