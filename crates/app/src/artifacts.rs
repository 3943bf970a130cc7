//! The built functions: read from `target/lambda`, copied into the output by content, so that a stack names the code that it was made
//! with.

use std::path::{Path, PathBuf};

use compute::{Architecture, Code, FunctionCode};

use crate::build::artifact::{self, Artifact, ArtifactError};
use crate::build::{API_ZIP, ARTIFACT_DIRECTORY, ONBOARDING_ZIP, RELAY_ZIP};

/// A file to be copied into the output.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The built zip.
    pub from: PathBuf,
    /// Its place, relative to the output directory.
    pub to: String,
}

/// The code of the functions and the files that belong to it.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// What the tenants' stacks are told.
    pub code: FunctionCode,
    /// What the platform's stack is told.
    pub onboarding: Code,
    /// What is copied.
    pub assets: Vec<Asset>,
    /// The zips that are not built yet.
    pub missing: Vec<&'static str>,
}

impl Artifacts {
    /// The functions that were built in a project directory.
    ///
    /// # Errors
    /// When a zip is there but is no deployment package.
    pub fn find(project: &Path) -> Result<Self, ArtifactError> {
        let mut found =
            Self { code: unbuilt(), onboarding: unbuilt_onboarding(), assets: Vec::new(), missing: Vec::new() };
        let directory = project.join(ARTIFACT_DIRECTORY);
        let api = found.take(&directory, API_ZIP)?;
        let relay = found.take(&directory, RELAY_ZIP)?;
        found.code = FunctionCode { api, relay };
        found.onboarding = found.take(&directory, ONBOARDING_ZIP)?;
        Ok(found)
    }

    fn take(&mut self, directory: &Path, zip: &'static str) -> Result<Code, ArtifactError> {
        let path = directory.join(zip);
        if !path.exists() {
            self.missing.push(zip);
            return Ok(unbuilt_zip(zip));
        }
        let Artifact { architecture, sha256_hex, source_code_hash, .. } = artifact::read(&path)?;
        let to = format!("assets/{sha256_hex}/{zip}");
        let filename = format!("../../{to}");
        self.assets.push(Asset { from: path, to });
        Ok(Code { filename, source_code_hash: Some(source_code_hash), architecture })
    }
}

/// The code of functions that are not built.
pub fn unbuilt() -> FunctionCode {
    FunctionCode { api: unbuilt_zip(API_ZIP), relay: unbuilt_zip(RELAY_ZIP) }
}

/// The code of the platform's function where it is not built.
pub fn unbuilt_onboarding() -> Code {
    unbuilt_zip(ONBOARDING_ZIP)
}

/// Where a zip would be; Terraform says at deployment that it is not there.
fn unbuilt_zip(zip: &str) -> Code {
    Code { filename: format!("../../assets/{zip}"), source_code_hash: None, architecture: Architecture::default() }
}
