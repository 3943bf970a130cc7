//! What is run.

use std::path::PathBuf;

/// One stack: a directory of Terraform JSON with a state of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Its name, which is also the name of its directory and of its record.
    pub name: String,
    /// The tenant; none for the platform.
    pub tenant: Option<String>,
    /// Where Terraform runs for it.
    pub directory: PathBuf,
    /// Whether it is to stand.
    pub intent: Intent,
}

/// Whether a stack is to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It is created and kept up to date.
    Stand,
    /// Its tenant is removed: what the state records of it is destroyed.
    Go,
}
