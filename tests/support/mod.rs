//! What the tests share: the program and its output, embedded policies, the provider's schema, the tools.

pub(crate) mod app;
pub(crate) mod build;
pub(crate) mod emulator;
pub(crate) mod http;
pub(crate) mod lambda;
pub(crate) mod policy;
pub(crate) mod schema;
pub(crate) mod stacks;
pub(crate) mod tools;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// A variable that changes how the tests run.
#[expect(clippy::disallowed_methods, reason = "the settings of the tests themselves")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Asks until there is an answer.
pub(crate) fn wait_for<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begun.elapsed() < patience, "{what} does not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}
