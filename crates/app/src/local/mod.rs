//! `app api`: serves a tenant's API on loopback, from the code as it is, against an emulator's DynamoDB.

mod emulator;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use naming::{Kind, Tenant, runtime};

use crate::build::{Tool, ToolError, find_or_install};
pub use emulator::EmulatorError;

/// Where the API is served, and from what.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The port of the API.
    pub port: u16,
    /// An emulator that runs already.
    pub endpoint: Option<SocketAddr>,
}

/// Why the API is not served.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// cargo-lambda could not be had.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// There is no DynamoDB.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// cargo-lambda could not be run.
    #[error("cannot run `{}`", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It ended by itself.
    #[error("cargo-lambda ended ({0}); what it said stands above")]
    Ended(std::process::ExitStatus),
}

/// Serves the API of a tenant until it is interrupted.
///
/// # Errors
/// When it cannot be served.
pub fn serve(project: &Path, tenant: &Tenant, place: Place, say: &mut dyn FnMut(&str)) -> Result<(), LocalError> {
    let tool = find_or_install(project, say)?;
    let own = match place.endpoint {
        Some(_) => None,
        None => Some(emulator::start(project, say)?),
    };
    let endpoint = place.endpoint.or(own.as_ref().map(|own| own.address)).unwrap_or(emulator::USUAL);
    let table = tenant.name(Kind::Metadata);
    emulator::create_table(endpoint, table.as_str())?;
    say(&format!(
        "http://127.0.0.1:{} serves the API of {} from the table {table}; it is built at the first call",
        place.port, tenant.id
    ));
    let mut command = watch(&tool, tenant, place.port, endpoint);
    let status = command.current_dir(project).status();
    match status.map_err(|source| LocalError::Run { program: tool.program.clone(), source })? {
        status if status.success() => Ok(()),
        status => Err(LocalError::Ended(status)),
    }
}

/// `cargo lambda watch`, which builds the function, starts it, calls it, and builds it again when its code changes.
fn watch(tool: &Tool, tenant: &Tenant, port: u16, endpoint: SocketAddr) -> std::process::Command {
    let mut command = tool.command();
    command.args(["lambda", "watch", "--package", "tenant-api", "--wait", "--disable-cors"]);
    command.args(["--invoke-address", "127.0.0.1", "--invoke-port", &port.to_string()]);
    command.envs([
        (runtime::TENANT_ID, tenant.id.to_string()),
        (runtime::ENVIRONMENT_SUFFIX, tenant.suffix.to_string()),
        (runtime::TABLE_NAME, tenant.name(Kind::Metadata).to_string()),
        ("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{endpoint}")),
        ("AWS_REGION", tenant.region.to_string()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ]);
    command.env_remove("AWS_SESSION_TOKEN");
    command
}
