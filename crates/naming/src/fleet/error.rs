//! All that is wrong with a tenants file, and how it is shown.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::problem::Problem;

/// A place in a file; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Location {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetError {
    /// The file, or the flag, variable or context from which the value came.
    pub source: String,
    /// Where in the file; nothing for the whole file, and for what did not come from a file.
    pub location: Option<Location>,
    /// The field, for example `tenants[2].id`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(Location { line, column }) = self.location {
            write!(f, ":{line}:{column}")?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// As `{ source, line, column, field, code, message, help }`; what is not known is `null`.
impl Serialize for FleetError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("FleetError", 7)?;
        fields.serialize_field("source", &self.source)?;
        fields.serialize_field("line", &self.location.map(|location| location.line))?;
        fields.serialize_field("column", &self.location.map(|location| location.column))?;
        fields.serialize_field("field", &self.field)?;
        fields.serialize_field("code", self.problem.code())?;
        fields.serialize_field("message", &self.problem.to_string())?;
        fields.serialize_field("help", &self.problem.help())?;
        fields.end()
    }
}

/// Everything that is wrong with a tenants file, in the order of the file. There is always at least one error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
pub struct FleetErrors {
    pub(super) errors: Vec<FleetError>,
    /// How many more were found and not kept.
    pub(super) not_kept: usize,
}

impl FleetErrors {
    /// How many errors a text shows.
    pub const SHOWN: usize = 50;
    /// How many errors are kept; beyond these they are only counted, so that no file fills the memory.
    pub const KEPT: usize = 10_000;

    /// The errors, one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, FleetError> {
        self.errors.iter()
    }

    /// How many errors there are, with those that were not kept.
    #[expect(clippy::len_without_is_empty, reason = "there is always at least one error")]
    pub fn len(&self) -> usize {
        self.errors.len() + self.not_kept
    }
}

impl<'a> IntoIterator for &'a FleetErrors {
    type Item = &'a FleetError;
    type IntoIter = std::slice::Iter<'a, FleetError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for FleetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().take(Self::SHOWN).enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{error}")?;
            if let Some(help) = error.problem.help() {
                write!(f, "\n  help: {help}")?;
            }
        }
        match self.len().saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}
