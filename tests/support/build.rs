//! The functions, built once as they are deployed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::app::{binary, clean, run};
use super::{root, setting};

/// The directory of the three packages, as they are deployed: built, or others that a setting names.
pub(crate) fn packages() -> PathBuf {
    setting("PALISADE_FUNCTIONS").map_or_else(|| built().1.to_owned(), PathBuf::from)
}

/// What `app build` says of the packages, and a copy of them: whoever builds again takes the programs away while it does.
pub(crate) fn built() -> (&'static Value, &'static Path) {
    static BUILT: OnceLock<(Value, TempDir)> = OnceLock::new();
    let (said, copy) = BUILT.get_or_init(|| {
        let said =
            run(clean(binary()).args(["build", "--format", "json"]).current_dir(root())).done("app build").json();
        let copy = tempfile::tempdir().expect("a temporary directory");
        for function in ["tenant-api", "log-relay", "onboarding"] {
            std::fs::create_dir(copy.path().join(function)).expect("a directory in it");
            for file in [format!("{function}.zip"), format!("{function}/bootstrap")] {
                std::fs::copy(root().join("target/lambda").join(&file), copy.path().join(&file))
                    .expect("`app build` leaves it");
            }
        }
        (said, copy)
    });
    (said, copy.path())
}
