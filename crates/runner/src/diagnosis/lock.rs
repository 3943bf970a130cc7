//! Who holds the lock of a state.

use serde::{Deserialize, Serialize};

/// What Terraform tells of a lock that is held, as its holder wrote it. Fields are empty where the backend does not know them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// The id, for `terraform force-unlock`.
    pub id: String,
    /// The state.
    pub path: String,
    /// For example `OperationTypeApply`.
    pub operation: String,
    /// User and host, for example `ci@runner-7`.
    pub who: String,
    /// The version of Terraform.
    pub version: String,
    /// When, in UTC, for example `2026-11-27 01:49:07.504437641 +0000 UTC`.
    pub created: String,
    /// What the holder had to say.
    pub info: String,
}

impl LockInfo {
    /// Reads the block that begins with `Lock Info:`. None where there is no such block, or neither id nor holder in it.
    pub fn parse(text: &str) -> Option<Self> {
        let (_, block) = text.split_once("Lock Info:")?;
        let mut lock = Self::default();
        for line in block.lines().skip(1) {
            let line = line.trim_start_matches('│').trim();
            let Some((key, value)) = line.split_once(':') else { break };
            let value = value.trim().to_owned();
            match key {
                "ID" => lock.id = value,
                "Path" => lock.path = value,
                "Operation" => lock.operation = value,
                "Who" => lock.who = value,
                "Version" => lock.version = value,
                "Created" => lock.created = value,
                "Info" => lock.info = value,
                _ => break,
            }
        }
        (!lock.id.is_empty() || !lock.who.is_empty()).then_some(lock)
    }

    /// Who and since when, for people, for example `ci@runner-7 since 2026-11-27 01:49:07 UTC (apply)`.
    pub fn holder(&self) -> String {
        let mut text = if self.who.is_empty() { "somebody" } else { &self.who }.to_owned();
        // Fractions of a second and the offset, which is always that of UTC, help nobody.
        let since = self.created.split(['.', '+']).next().unwrap_or_default().trim();
        if !since.is_empty() {
            text.push_str(&format!(" since {since} UTC"));
        }
        let operation = self.operation.trim_start_matches("OperationType");
        if !operation.is_empty() {
            text.push_str(&format!(" ({})", operation.to_lowercase()));
        }
        text
    }
}
