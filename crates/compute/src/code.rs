//! The code of the functions: known here only as a file.

use serde::Serialize;

/// What the function's code runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Architecture {
    /// 64-bit x86, the default.
    #[default]
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
}

/// The deployment package of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The zip file, relative to the stack's directory.
    pub filename: String,
    /// The base64 of the zip's SHA-256, by which Terraform sees that the code changed; none while the code is not built.
    pub source_code_hash: Option<String>,
    /// What the binary in the zip runs on.
    pub architecture: Architecture,
}

/// The deployment packages of a tenant's functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCode {
    /// The tenant API.
    pub api: Code,
    /// The log relay.
    pub relay: Code,
}
