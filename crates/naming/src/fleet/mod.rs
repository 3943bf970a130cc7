//! The tenants file: who the tenants are, and the settings of the environment. Parsed once, with every error of the file at once.

mod backend;
mod error;
mod json;
mod reader;
mod tenants;

use crate::{Environment, EnvironmentSuffix, NetworkPlan, Platform, Region, Tenant};
pub use backend::{Backend, S3Backend};
pub use error::{FleetError, FleetErrors, Location, Problem};
use json::Node;
pub use json::SyntaxError;
use reader::Reader;

/// The JSON Schema of the file, for editors. It says all that a schema can say; that ids, indices and accounts are unique and inside
/// the network plan is for [`Fleet::parse`] alone.
pub const SCHEMA: &str = include_str!("../../schema/tenants.schema.json");

/// The tenants of one environment and what they share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// The last part of every name.
    pub environment_suffix: EnvironmentSuffix,
    /// What the tag `Environment` says.
    pub environment: Environment,
    /// Where everything is.
    pub region: Region,
    /// The network plan.
    pub plan: NetworkPlan,
    /// Where Terraform keeps states.
    pub backend: Backend,
    /// The tenants, by id.
    pub tenants: Vec<FleetTenant>,
}

/// A tenant and whether it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// Whether it is served.
    pub state: TenantState,
}

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// It is.
    Active,
    /// Its environment stands, but it is not served.
    Suspended,
    /// Its environment is gone or going; its network index stays reserved.
    Removed,
}

/// A setting that takes precedence over the file, and where it came from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The value as given.
    pub value: String,
    /// For example ``flag `--region` ``.
    pub source: String,
}

/// What takes precedence over the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// In place of `environment_suffix`.
    pub environment_suffix: Option<Override>,
    /// In place of `region`.
    pub region: Option<Override>,
    /// In place of `backend`, as JSON.
    pub backend: Option<Override>,
}

const FIELDS: &[&str] = &["$schema", "environment_suffix", "region", "environment", "network", "backend", "tenants"];

impl Fleet {
    /// The most bytes of a tenants file: about 100 for each tenant of the largest network plan, twice over.
    pub const MAX_BYTES: usize = 16 * 1024 * 1024;

    /// Parses a tenants file. `file` is its name, for messages.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the file. After a syntax error nothing else is looked at.
    pub fn parse(bytes: &[u8], file: &str, overrides: &Overrides) -> Result<Self, FleetErrors> {
        let whole_file = |problem| {
            let error = FleetError { source: file.to_owned(), location: None, field: String::new(), problem };
            FleetErrors(vec![error])
        };
        if bytes.len() > Self::MAX_BYTES {
            return Err(whole_file(Problem::TooLarge { limit: Self::MAX_BYTES }));
        }
        let text =
            std::str::from_utf8(bytes).map_err(|error| whole_file(Problem::NotText { offset: error.valid_up_to() }))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(whole_file(Problem::Empty));
        }
        let mut reader = Reader::new(text, file);
        let root = match json::parse(text) {
            Ok(root) => root,
            Err((at, error)) => {
                reader.error(at, "", Problem::Syntax(error));
                return Err(FleetErrors(reader.errors));
            }
        };
        let fleet = read(&mut reader, &root, overrides);
        reader.errors.sort_by_key(|error| error.location);
        match fleet {
            Some(fleet) if reader.errors.is_empty() => Ok(fleet),
            _ => Err(FleetErrors(reader.errors)),
        }
    }

    /// What the tenants of this environment share.
    pub fn platform(&self) -> Platform {
        Platform {
            suffix: self.environment_suffix.clone(),
            environment: self.environment.clone(),
            region: self.region.clone(),
        }
    }
}

/// A setting from its override, else from the file.
fn setting<T>(reader: &mut Reader<'_>, given: &Option<Override>, node: Option<&Node>, field: &'static str) -> Option<T>
where
    T: std::str::FromStr,
    Problem: From<T::Err>,
{
    // The file's own value is checked even where it is overridden: it will be needed again.
    let from_file = node.map(|node| reader.parsed::<T>(node, field));
    match given {
        Some(given) => match given.value.parse() {
            Ok(value) => Some(value),
            Err(problem) => {
                let error = FleetError {
                    source: given.source.clone(),
                    location: None,
                    field: String::new(),
                    problem: Problem::from(problem),
                };
                reader.errors.push(error);
                None
            }
        },
        None => from_file.flatten(),
    }
}

fn read(reader: &mut Reader<'_>, root: &Node, overrides: &Overrides) -> Option<Fleet> {
    let fields = reader.object(root, "", FIELDS)?;
    let node = |name: &str| fields.get(name).map(|member| &member.node);
    let suffix_node = node("environment_suffix");
    if suffix_node.is_none() && overrides.environment_suffix.is_none() {
        reader.error(root.at, "", Problem::MissingField { name: "environment_suffix" });
    }
    let suffix: Option<EnvironmentSuffix> =
        setting(reader, &overrides.environment_suffix, suffix_node, "environment_suffix");
    let region: Option<Region> = match (&overrides.region, node("region")) {
        (None, None) => Some(Region::default()),
        (given, node) => setting(reader, given, node, "region"),
    };
    let environment: Option<Environment> = match node("environment") {
        Some(node) => reader.parsed(node, "environment"),
        None => suffix.as_ref().and_then(|suffix| suffix.as_str().parse().ok()),
    };
    let plan = match node("network") {
        Some(node) => tenants::plan(reader, node),
        None => Some(NetworkPlan::default()),
    };
    let backend = backend::read(reader, node("backend"), &overrides.backend, region.as_ref());
    let list = reader.required(root, &fields, "", "tenants");
    let drafts = list.map(|node| tenants::read(reader, node, plan.unwrap_or_default()));
    let (environment_suffix, environment, region, plan) = (suffix?, environment?, region?, plan?);
    let tenants = drafts?
        .into_iter()
        .map(|draft| FleetTenant {
            tenant: Tenant {
                id: draft.id,
                suffix: environment_suffix.clone(),
                environment: environment.clone(),
                region: region.clone(),
                plan,
                network_index: draft.network_index,
                placement: draft.placement,
            },
            state: draft.state,
        })
        .collect();
    Some(Fleet { environment_suffix, environment, region, plan, backend: backend?, tenants })
}
