#![doc = include_str!("../README.md")]

mod build;
mod call;
mod client;
mod desk;
mod error;
mod log;
mod settings;

pub use build::Said;
pub use call::{Answer, Batch, Call, Caught, Entry, Go, Kind, Letter, Outgoing, Run, Source, Sweep, TenantRun};
pub use client::client;
pub use desk::Desk;
pub use error::{StepError, chain};
pub use log::{Line, Log};
pub use settings::{Settings, SettingsError};
