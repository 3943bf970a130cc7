//! Fleets deployed by the program with a real Terraform and the real AWS provider, to an AWS that is emulated. Every kind of resource
//! that a stack declares is deployed; docs/deployment.md says what the emulators cannot show.

pub(crate) mod aws;
mod door;
mod fleet;
mod killed;
mod life;
