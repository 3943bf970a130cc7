//! The events: what may be asked of the platform, what it announces, and a JSON Schema for the detail of each.

mod announced;
mod asked;
mod reader;
mod rejection;
pub mod schema;

pub use announced::{
    Announced, Announcement, AnnouncementError, DeprovisionedNote, FailureNote, Header, OffboardingNote, Phase,
    ProvisionedNote, ProvisioningNote, RestartingNote, Resumed, ResumedNote, Suspended, SuspendedNote, Version,
};
pub use asked::{Asked, Offboarding, PlanChanged, Received, Signup};
pub use rejection::Rejection;

/// The most bytes of an event that is taken: far more than any of ours has, far fewer than EventBridge passes on (256 KiB,
/// [quotas](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)).
pub const MAX_BYTES: usize = 32 * 1024;
