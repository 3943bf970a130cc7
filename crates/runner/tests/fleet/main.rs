//! Runs of fleets with a Terraform that does wrong what it is told to: failures, throttles, crashes at every phase, hangs, garbage, held
//! locks, interrupts, kills. See `fake-terraform/main.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod crashes;
mod disk;
mod failures;
mod fair;
mod garbage;
mod interrupts;
mod locks;
#[path = "../support/log.rs"]
mod log;
mod plans;
mod search;
mod secrets;
mod support;
