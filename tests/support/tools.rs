//! The tools that `tests/setup` gets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::{root, setting};

/// What `tests/setup` said: a path, or why there is none.
fn found() -> &'static BTreeMap<String, Result<PathBuf, String>> {
    static FOUND: OnceLock<BTreeMap<String, Result<PathBuf, String>>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut command = Command::new("bash");
        let output = command.arg(root().join("tests/setup")).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let Ok(output) = output else {
            return BTreeMap::new();
        };
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let parse = |line: &str| {
            let (tool, value) = line.split_once('=')?;
            let value = match value.strip_prefix("SKIPPED ") {
                Some(reason) => Err(reason.to_owned()),
                None => Ok(PathBuf::from(value)),
            };
            Some((tool.to_owned(), value))
        };
        lines.lines().filter_map(parse).collect()
    })
}

/// A tool's path, or nothing where it is only a matter of taste.
pub(crate) fn optional(tool: &str) -> Result<PathBuf, String> {
    found().get(tool).cloned().unwrap_or_else(|| Err("tests/setup does not run here".to_owned()))
}

/// A tool's path; without it the test says that it was skipped, and fails where nothing may be (`PALISADE_NO_SKIP`).
pub(crate) fn tool(test: &str, tool: &str) -> Option<PathBuf> {
    optional(tool).map_err(|reason| skipped(test, &format!("{tool}: {reason}"))).ok()
}

/// Says that a test could not be run.
pub(crate) fn skipped(test: &str, reason: &str) {
    assert!(setting("PALISADE_NO_SKIP").is_none(), "{test} may not be skipped here: {reason}");
    // Past the test harness, which hides the output of tests that pass.
    let line = format!("SKIPPED {test}: {reason}\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}
