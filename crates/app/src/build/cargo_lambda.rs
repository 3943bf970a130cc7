//! cargo-lambda: found, or installed beside the build at a pinned version.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version of cargo-lambda and of the linker that comes with it.
const CARGO_LAMBDA: &str = "1.9.2";
const ZIG: &str = "0.13.0.post1";

/// Why there is no cargo-lambda.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// No Python to install it with.
    #[error(
        "cargo-lambda {CARGO_LAMBDA} is not installed, and python3, which would install it, cannot be run; \
         install cargo-lambda {CARGO_LAMBDA} and Zig from https://www.cargo-lambda.info"
    )]
    NoPython {
        /// Why.
        source: std::io::Error,
    },
    /// pip failed.
    #[error(
        "installing cargo-lambda {CARGO_LAMBDA} failed; look at what pip said above (Debian needs the package python3-venv), or install \
         cargo-lambda {CARGO_LAMBDA} and Zig from https://www.cargo-lambda.info"
    )]
    Install,
}

/// cargo-lambda, ready to run.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) program: PathBuf,
    /// What must come first on the path: where the linker is.
    path: Option<PathBuf>,
}

impl Tool {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(directory) = &self.path {
            command.env("PATH", search_path(directory));
        }
        command
    }
}

#[expect(clippy::disallowed_methods, reason = "the search path of a child process, not a setting")]
fn search_path(first: &Path) -> std::ffi::OsString {
    let mut path = first.as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}

/// The tool on the path, else one that was installed here before, else a new install.
pub(crate) fn find_or_install(project: &Path, say: &mut dyn FnMut(&str)) -> Result<Tool, ToolError> {
    let on_path = Tool { program: PathBuf::from("cargo-lambda"), path: None };
    if is_pinned(&on_path) && runs("zig", &["version"]) {
        return Ok(on_path);
    }
    let home = std::path::absolute(project).unwrap_or_else(|_| project.to_owned()).join("target/tools/cargo-lambda");
    let bin = home.join("bin");
    let own = Tool { program: bin.join("cargo-lambda"), path: Some(bin.clone()) };
    if is_pinned(&own) {
        return Ok(own);
    }
    say(&format!("installing cargo-lambda {CARGO_LAMBDA} into {}", home.display()));
    let python = |args: &[&str]| -> Result<(), ToolError> {
        let mut command = Command::new("python3");
        command.args(args).stdin(Stdio::null()).stdout(std::io::stderr());
        let status = command.status().map_err(|source| ToolError::NoPython { source })?;
        if status.success() { Ok(()) } else { Err(ToolError::Install) }
    };
    python(&["-m", "venv", "--clear", &home.display().to_string()])?;
    let pip = Command::new(bin.join("pip"))
        .args(["install", "--quiet", &format!("cargo-lambda=={CARGO_LAMBDA}"), &format!("ziglang=={ZIG}")])
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status();
    match pip {
        Ok(status) if status.success() && is_pinned(&own) => Ok(own),
        _ => Err(ToolError::Install),
    }
}

fn is_pinned(tool: &Tool) -> bool {
    let output = tool.command().args(["lambda", "--version"]).stdin(Stdio::null()).output();
    output.is_ok_and(|output| is_version(&String::from_utf8_lossy(&output.stdout)))
}

/// Whether a text such as `cargo-lambda 1.9.2 (67129fc 2026-08-21Z)` tells the pinned version.
fn is_version(text: &str) -> bool {
    text.split_whitespace().nth(1) == Some(CARGO_LAMBDA)
}

fn runs(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_version_will_do() {
        assert!(is_version("cargo-lambda 1.9.2 (67129fc 2026-08-21Z)\n"));
        for other in ["cargo-lambda 11.9.2", "cargo-lambda 1.9.20 (x)", "cargo-lambda 1.8.6 (1.9.2)", "error", ""] {
            assert!(!is_version(other), "{other}");
        }
    }
}
