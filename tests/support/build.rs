//! The functions, built once as they are deployed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use super::app::{binary, clean, run};
use super::root;

/// What `app build` says of the packages, and where it left them.
pub(crate) fn built() -> &'static (Value, PathBuf) {
    static BUILT: OnceLock<(Value, PathBuf)> = OnceLock::new();
    BUILT.get_or_init(|| {
        let said =
            run(clean(binary()).args(["build", "--format", "json"]).current_dir(root())).done("app build").json();
        (said, root().join("target/lambda"))
    })
}

/// The directory of the packages.
pub(crate) fn packages() -> &'static Path {
    &built().1
}
