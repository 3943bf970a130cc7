//! `manifest.json`: what the CDKTF CLIs read to find the stacks.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::CDKTF_VERSION;

/// The manifest of an output directory.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    version: &'static str,
    stacks: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    construct_path: String,
    working_directory: String,
    synthesized_stack_path: String,
    annotations: Vec<Annotation>,
    /// Required by the CLIs. Always empty: no stack needs another.
    dependencies: [String; 0],
}

/// A word to whoever runs a CDKTF CLI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation {
    construct_path: String,
    level: Level,
    message: String,
    stacktrace: [String; 0],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Level {
    #[serde(rename = "@cdktf/info")]
    Info,
    #[serde(rename = "@cdktf/warn")]
    Warning,
}

impl Annotation {
    /// Something to know.
    pub fn info(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { construct_path: path.into(), level: Level::Info, message: message.into(), stacktrace: [] }
    }

    /// Something to do before a deployment.
    pub fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { construct_path: path.into(), level: Level::Warning, message: message.into(), stacktrace: [] }
    }

    /// What is said.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The file of the manifest in the output directory.
pub const FILE_NAME: &str = "manifest.json";

/// Where a stack's document is, relative to the output directory. The last directory is the stack's name: the CLIs take any other
/// for an orphan and delete it.
pub fn stack_path(stack: &str) -> String {
    format!("{}/cdk.tf.json", working_directory(stack))
}

/// Where Terraform runs for a stack, relative to the output directory.
pub fn working_directory(stack: &str) -> String {
    format!("stacks/{stack}")
}

impl Manifest {
    /// A manifest without stacks.
    pub fn new() -> Self {
        Self { version: CDKTF_VERSION, stacks: BTreeMap::new() }
    }

    /// Adds a stack.
    pub fn add(&mut self, stack: &str, annotations: Vec<Annotation>) {
        let entry = Entry {
            name: stack.to_owned(),
            construct_path: stack.to_owned(),
            working_directory: working_directory(stack),
            synthesized_stack_path: stack_path(stack),
            annotations,
            dependencies: [],
        };
        self.stacks.insert(stack.to_owned(), entry);
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self::new()
    }
}
