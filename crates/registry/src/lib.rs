#![doc = include_str!("../README.md")]

mod command;
mod decide;
mod entry;
pub mod event;
mod registry;
mod release;
pub mod store;
mod text;
mod time;

pub use command::{Action, Command, Fence, Outcome, Refusal, Request, Rules};
pub use decide::{Decided, Pending};
pub use entry::{Change, Ended, Ending, Entry, Lease, Leaving, Purpose, Runs, Status, What};
pub use registry::{Applied, Prepared, Published, Publisher, Reconciled, Registry, RegistryError};
pub use release::{Release, ReleaseError};
pub use text::{LeaseOwner, PlanName, RequestId, TextError};
pub use time::{Timestamp, TimestampError};
