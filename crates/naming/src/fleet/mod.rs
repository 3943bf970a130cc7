//! The tenants file: who the tenants are, and the settings of the environment. Parsed once, with every error of the file at once.

mod backend;
mod edit;
mod error;
mod json;
mod literal;
mod position;
mod problem;
mod quotas;
mod reader;
mod s3;
mod tenants;

use std::collections::BTreeMap;

use crate::{Environment, EnvironmentSuffix, NetworkPlan, Platform, Region, Tenant};
pub use backend::{Backend, BucketNameError, KeyPrefixError, KmsKeyIdError, S3Backend};
pub use edit::{Edit, EditError, edit};
pub use error::{FleetError, FleetErrors, Location};
use json::Node;
pub use json::SyntaxError;
use position::Positions;
pub use problem::Problem;
pub use quotas::QUOTAS;
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
    /// What AWS allows the shared account, where that is not its default: by the names of [`QUOTAS`].
    pub quotas: BTreeMap<&'static str, u64>,
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

const FIELDS: &[&str] =
    &["$schema", "environment_suffix", "region", "environment", "network", "backend", "quotas", "tenants"];

impl Fleet {
    /// The most bytes of a tenants file: about 100 for each tenant of the largest network plan, twice over.
    pub const MAX_BYTES: usize = 16 * 1024 * 1024;

    /// Parses a tenants file. `file` is its name, for messages.
    ///
    /// ```
    /// use naming::fleet::{Fleet, Overrides};
    ///
    /// let text = r#"{ "environment_suffix": "dev", "tenants": [{ "id": "acme", "network_indx": 0 }] }"#;
    /// assert_eq!(
    ///     Fleet::parse(text.as_bytes(), "tenants.json", &Overrides::default()).unwrap_err().to_string(),
    ///     "tenants.json:1:44: tenants[0]: the field `network_index` is missing\n  \
    ///        help: add `\"network_index\": 0`\n\
    ///      tenants.json:1:60: tenants[0]: unknown field `network_indx`; known are `id`, `network_index`, `state`, `account_id`, \
    ///      `assume_role_arn`\n  \
    ///        help: did you mean `network_index`?",
    /// );
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the file. What a syntax error hides is not looked at.
    pub fn parse(bytes: &[u8], file: &str, overrides: &Overrides) -> Result<Self, FleetErrors> {
        let positions = Positions::new(bytes);
        let whole_file = |location, problem| {
            let error = FleetError { source: file.to_owned(), location, field: String::new(), problem };
            FleetErrors { errors: vec![error], not_kept: 0 }
        };
        if bytes.len() > Self::MAX_BYTES {
            return Err(whole_file(None, Problem::TooLarge { limit: Self::MAX_BYTES }));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let offset = error.valid_up_to();
            whole_file(Some(positions.at(offset)), Problem::NotText { offset })
        })?;
        // Some editors write a byte order mark, which stands for no character.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(whole_file(None, Problem::Empty));
        }
        let positions = Positions::new(text.as_bytes());
        let mut reader = Reader::new(file, &positions);
        let parsed = json::parse(text, &positions);
        for (at, error) in parsed.errors {
            reader.error(at, "", error);
        }
        match parsed.root.and_then(|root| read(&mut reader, &root, overrides)) {
            Some(fleet) if reader.is_faultless() => Ok(fleet),
            _ => Err(reader.finish()),
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
fn setting<T>(reader: &mut Reader<'_>, given: &Option<Override>, node: Option<&Node<'_>>, field: &str) -> Option<T>
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
                reader.push(error);
                None
            }
        },
        None => from_file.flatten(),
    }
}

fn read(reader: &mut Reader<'_>, root: &Node<'_>, overrides: &Overrides) -> Option<Fleet> {
    let fields = reader.object(root, "", FIELDS)?;
    let node = |name: &str| fields.get(name).map(|member| &member.node);
    if let Some(schema) = node("$schema") {
        // For editors; here it only has to be a text.
        reader.text(schema, "$schema");
    }
    let suffix_node = node("environment_suffix");
    if suffix_node.is_none() && overrides.environment_suffix.is_none() {
        reader.error(root.at, "", Problem::MissingField { name: "environment_suffix", example: r#""dev""# });
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
    let quotas = quotas::read(reader, node("quotas"));
    let list = reader.required(root, &fields, "", ("tenants", "[]"));
    let drafts = list.map(|node| tenants::read(reader, node, plan));
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
    Some(Fleet { environment_suffix, environment, region, plan, backend: backend?, quotas: quotas?, tenants })
}
