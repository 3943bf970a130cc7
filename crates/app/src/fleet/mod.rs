//! Deploying, planning and destroying a fleet: what people and programs see of it. The work is done by [`runner`].

mod approve;
mod code;
mod context;
mod course;
mod deploy;
mod destroy;
mod error;
mod flags;
pub mod health;
mod keeper;
mod leases;
mod parallelism;
mod plan;
pub(crate) mod progress;
pub mod rollout;
pub mod select;
pub mod summary;
pub mod values;
pub mod waves;
pub(crate) mod words;

pub(crate) use context::{Context, terraform};
pub(crate) use deploy::deploy;
pub(crate) use destroy::destroy;
pub use error::FleetError;
pub use flags::{Deploy, Destroy, HealthKind, Outputs, Plan, Running};
pub(crate) use health::Health;
pub(crate) use plan::plan;
pub(crate) use values::outputs;
