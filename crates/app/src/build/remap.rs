//! Keeps the paths of the machine out of the binaries: panic messages name source files, and those of dependencies lie in Cargo's home.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    /// None for the crates of the workspace, whose paths rustc writes relative to its root.
    source: Option<String>,
}

/// What to tell Cargo by `--config`, if anything: that the folders with the sources of the dependencies are called `deps`.
/// Where Cargo cannot list them, the binaries are as good, but not the same bytes as those of another machine.
pub(super) fn config(project: &Path) -> Option<String> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1"])
        .current_dir(project)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    flags(&output.stdout)
}

fn flags(metadata: &[u8]) -> Option<String> {
    let metadata: Metadata = serde_json::from_slice(metadata).ok()?;
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    let folders: BTreeSet<&Path> = foreign.filter_map(|package| package.manifest_path.parent()?.parent()).collect();
    let remaps: Vec<String> =
        folders.iter().filter_map(|folder| Some(format!("--remap-path-prefix={}=deps", folder.to_str()?))).collect();
    // A list of strings is written in JSON as it is in TOML.
    let list = serde_json::to_string(&remaps).ok()?;
    (!remaps.is_empty()).then(|| format!("build.rustflags={list}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_dependencies_are_renamed_and_those_of_the_workspace_left() {
        let package = |path: &str, source: Option<&str>| serde_json::json!({ "manifest_path": path, "source": source });
        let registry = Some("registry+https://github.com/rust-lang/crates.io-index");
        let metadata = serde_json::json!({ "packages": [
            package("/home/me/.cargo/registry/src/index/serde-1.0.0/Cargo.toml", registry),
            package("/home/me/.cargo/registry/src/index/ring-0.17.0/Cargo.toml", registry),
            package("/home/me/project/crates/naming/Cargo.toml", None),
        ] });
        assert_eq!(
            flags(metadata.to_string().as_bytes()).unwrap(),
            r#"build.rustflags=["--remap-path-prefix=/home/me/.cargo/registry/src/index=deps"]"#
        );
        assert_eq!(flags(br#"{ "packages": [] }"#), None);
        assert_eq!(flags(b"error"), None);
    }
}
