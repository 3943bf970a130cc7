//! The tools that some tests need: found or installed by `tests/setup`, or the test says that it was skipped and why.

use std::path::PathBuf;
use std::process::Command;

/// The path of a tool; none when it cannot be had, which the continuous integration (`PALISADE_NO_SKIP`) takes as a failure.
pub fn find(test: &str, tool: &str) -> Option<PathBuf> {
    let output = Command::new(crate::workspace().join("tests/setup")).arg(tool).output().expect("tests/setup runs");
    let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let answer = line.split_once('=').map_or("", |(_, answer)| answer);
    match answer.strip_prefix("SKIPPED") {
        None if !answer.is_empty() => Some(PathBuf::from(answer)),
        reason => {
            let reason = reason.unwrap_or("tests/setup said nothing").trim();
            assert!(!no_skip(), "{test} would be skipped: {reason}");
            eprintln!("SKIPPED {test}: {reason}");
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the program")]
fn no_skip() -> bool {
    std::env::var_os("PALISADE_NO_SKIP").is_some()
}
