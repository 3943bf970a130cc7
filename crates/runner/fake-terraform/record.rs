//! What was called, for the tests to look at.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

/// The variable that names the directory of the record and of the common script.
pub(crate) const VARIABLE: &str = "FAKE_TERRAFORM";

#[expect(clippy::disallowed_methods, reason = "it takes the place of Terraform, whose settings are variables")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) struct Record(Option<PathBuf>);

impl Record {
    pub(crate) fn begin(arguments: &[String]) -> Self {
        let record = Self(variable(VARIABLE).map(|directory| PathBuf::from(directory).join("calls.jsonl")));
        let variables: Map<String, Value> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into()))
            .collect();
        let directory = std::env::current_dir().unwrap_or_default();
        record.write(json!({
            "pid": std::process::id(), "at": now(), "arguments": arguments, "directory": directory, "environment": variables,
        }));
        record
    }

    pub(crate) fn end(&self, code: u8) {
        self.write(json!({"pid": std::process::id(), "at": now(), "exit": code}));
    }

    fn write(&self, line: Value) {
        let Some(path) = &self.0 else { return };
        // One write each: others append at the same time.
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// Microseconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(0))
}
