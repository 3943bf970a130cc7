//! `app tenants export`: the tenants file with which a build of the platform deploys one tenant, from the registry in DynamoDB.
//!
//! The file lists all tenants that may have something in AWS, so that isolation is proved for all of them. Only the one tenant whose build
//! it is may be listed as removed: a run has its lease, and destroys it. The others count as standing until their destroy is recorded.

use std::error::Error;
use std::path::{Path, PathBuf};

use naming::TenantId;
use naming::fleet::{Fleet, FleetErrors, Overrides, TenantState};
use registry::store::Store;
use registry::{Entry, Registry, Rules, Status, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::Format;
use crate::{file, show};

/// The settings as the file that they are part of, for messages.
const SOURCE: &str = "--settings";

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The settings are no JSON object.
    #[error("`{SOURCE}` is no JSON object; give what a tenants file has beside its `tenants`")]
    Settings(#[source] serde_json::Error),
    /// The settings list tenants.
    #[error("`{SOURCE}` lists tenants; who the tenants are is for the registry to say")]
    Listed,
    /// The settings, or what came out, have errors.
    #[error("{0}")]
    Fleet(FleetErrors),
    /// No such tenant.
    #[error("the registry has no tenant `{tenant}`; sign it up first")]
    Unknown {
        /// Who.
        tenant: TenantId,
    },
    /// It cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No run may change it.
    #[error(
        "no run has the lease of tenant `{tenant}`, which is {status}; builds are started by the workflow: send the tenant's event again"
    )]
    NotLeased {
        /// Who.
        tenant: TenantId,
        /// Where it stands.
        status: Status,
    },
}

/// The tenants file for the build of a tenant. `open` finds the registry of an environment.
///
/// # Errors
/// When the settings are none, no run has the tenant's lease, or the registry cannot be read.
pub(crate) fn tenants_file<S: Store>(
    settings: &str,
    tenant: &TenantId,
    now: Timestamp,
    open: impl FnOnce(&Fleet) -> Result<S, Box<dyn Error>>,
) -> Result<String, Box<dyn Error>> {
    let mut file: Map<String, Value> = serde_json::from_str(settings).map_err(ExportError::Settings)?;
    if file.insert("tenants".to_owned(), json!([])).is_some() {
        return Err(ExportError::Listed.into());
    }
    let fleet = parse(&file)?;
    let store = open(&fleet)?;
    let registry = Registry::new(store, Rules::new(fleet.environment_suffix.clone(), fleet.plan));
    let entries = registry.entries()?;
    let own = entries.iter().find(|entry| entry.tenant == *tenant);
    let own = own.ok_or_else(|| ExportError::Unknown { tenant: tenant.clone() })?;
    if !own.lease.as_ref().is_some_and(|lease| lease.is_valid(now)) {
        return Err(ExportError::NotLeased { tenant: tenant.clone(), status: own.status }.into());
    }
    let lines = entries.iter().filter_map(|entry| line(entry, entry.tenant == *tenant));
    file.insert("tenants".to_owned(), lines.collect());
    parse(&file)?;
    let mut text = serde_json::to_string_pretty(&file)?;
    text.push('\n');
    Ok(text)
}

/// What is told of a file that was written.
#[derive(Debug, Serialize)]
struct Written<'a> {
    format_version: &'static str,
    written: &'a Path,
}

/// Writes the file to where it is wanted.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(text: &str, to: Option<&Path>, format: Format) -> Result<(), Box<dyn Error>> {
    let Some(path) = to else { return Ok(show::write(text.as_bytes())?) };
    file::write(path, text.as_bytes()).map_err(|source| ExportError::Write { path: path.to_owned(), source })?;
    let written = Written { format_version: "1", written: path };
    Ok(show::print(format, &written, |out| writeln!(out, "written to {}", path.display()))?)
}

fn parse(file: &Map<String, Value>) -> Result<Fleet, ExportError> {
    let bytes = Value::Object(file.clone()).to_string().into_bytes();
    Fleet::parse(&bytes, SOURCE, &Overrides::default()).map_err(ExportError::Fleet)
}

/// The line of a tenant; none of one that has no environment and gets none.
fn line(entry: &Entry, is_own: bool) -> Option<Value> {
    let (network_index, state) = entry.line()?;
    let state = match (is_own, state) {
        (false, TenantState::Removed) if entry.status == Status::Removed => return None,
        (false, TenantState::Removed) => TenantState::Active,
        (_, state) => state,
    };
    let mut line = json!({ "id": entry.tenant, "network_index": network_index, "state": state });
    if let (Some(account_id), Some(role), Some(line)) =
        (&entry.account_id, &entry.assume_role_arn, line.as_object_mut())
    {
        line.insert("account_id".to_owned(), json!(account_id));
        line.insert("assume_role_arn".to_owned(), json!(role));
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use naming::Placement;
    use registry::event::Signup;
    use registry::store::memory::MemoryStore;
    use registry::{Action, Command, Fence, Outcome, Purpose, Request};

    const SETTINGS: &str = r#"{ "environment_suffix": "dev", "region": "us-east-1", "environment": "development",
        "network": { "supernet": "10.0.0.0/8", "prefix_length": 16 },
        "backend": { "type": "s3", "bucket": "platform-state-dev" } }"#;

    struct World {
        registry: Registry<MemoryStore>,
        now: Timestamp,
    }

    impl World {
        fn new() -> Self {
            let rules = Rules::new("dev".parse().unwrap(), naming::NetworkPlan::default());
            Self { registry: Registry::new(MemoryStore::new(), rules), now: Timestamp::from_seconds(1_700_000_000) }
        }

        fn apply(&self, tenant: &str, action: Action) -> Entry {
            self.registry.apply(&Command { tenant: tenant.parse().unwrap(), action }, self.now).unwrap().entry
        }

        fn request(&self, tenant: &str, request: Request) {
            let request_id = format!("{}-{tenant}", request.name().replace(' ', "-")).parse().unwrap();
            self.apply(tenant, Action::Request { request_id, requested_at: self.now, request });
        }

        fn sign_up(&self, tenant: &str, placement: Placement) {
            let signup = Signup {
                tenant_id: tenant.parse().unwrap(),
                request_id: "unused".parse().unwrap(),
                placement,
                plan: None,
                network_index: None,
            };
            self.request(tenant, Request::Signup(signup));
        }

        fn lease(&self, tenant: &str, purpose: Purpose) -> Fence {
            let owner: registry::LeaseOwner = format!("run-{tenant}").parse().unwrap();
            let duration = Duration::from_secs(3600);
            let entry = self.apply(tenant, Action::Lease { owner: owner.clone(), purpose, duration });
            Fence { owner, token: entry.fencing_token }
        }

        fn make(&self, tenant: &str) {
            self.sign_up(tenant, Placement::Shared);
            let fence = self.lease(tenant, Purpose::Deploy);
            let outcome = Outcome::Provisioned { outputs: Default::default(), release: None };
            self.apply(tenant, Action::End { fence, outcome });
        }

        fn leave(&self, tenant: &str) {
            self.request(tenant, Request::Offboard { waiting: Some(Duration::ZERO) });
        }

        fn export(&self, tenant: &str) -> Result<Vec<(String, u64, String)>, String> {
            let open = |_: &Fleet| Ok(self.registry.store());
            let text =
                tenants_file(SETTINGS, &tenant.parse().unwrap(), self.now, open).map_err(|error| error.to_string())?;
            let fleet = Fleet::parse(text.as_bytes(), "tenants.json", &Overrides::default()).unwrap();
            assert_eq!(fleet.environment.as_str(), "development");
            let file: Value = serde_json::from_str(&text).unwrap();
            let line = |line: &Value| {
                let text = |name: &str| line[name].as_str().unwrap().to_owned();
                (text("id"), line["network_index"].as_u64().unwrap(), text("state"))
            };
            Ok(file["tenants"].as_array().unwrap().iter().map(line).collect())
        }
    }

    fn lines(lines: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
        lines.iter().map(|(id, index, state)| ((*id).to_owned(), *index, (*state).to_owned())).collect()
    }

    #[test]
    fn all_who_may_have_something_in_aws_are_listed_and_only_the_own_tenant_can_go() {
        let world = World::new();
        for tenant in ["acme", "acme-corp", "bolt", "gone"] {
            world.make(tenant);
        }
        for tenant in ["acme", "bolt", "gone"] {
            world.leave(tenant);
        }
        world.sign_up("new", Placement::Shared);
        let [gone, _, _] = ["gone", "acme", "new"].map(|tenant| {
            let purpose = if tenant == "new" { Purpose::Deploy } else { Purpose::Destroy };
            world.lease(tenant, purpose)
        });
        world.apply("gone", Action::End { fence: gone, outcome: Outcome::Deprovisioned });
        let others = [("acme-corp", 1, "active"), ("bolt", 2, "active"), ("new", 4, "active")];
        let of = |acme| lines(&[&[("acme", 0, acme)], others.as_slice()].concat());
        assert_eq!(world.export("acme").unwrap(), of("removed"));
        assert_eq!(world.export("new").unwrap(), of("active"), "what is being destroyed still stands");
    }

    #[test]
    fn without_the_lease_nothing_is_deployed() {
        let mut world = World::new();
        world.make("acme");
        let said = world.export("acme").unwrap_err();
        assert!(said.starts_with("no run has the lease of tenant `acme`, which is active"), "{said}");
        world.lease("acme", Purpose::Deploy);
        assert!(world.export("acme").is_ok());
        world.now = world.now.after(Duration::from_secs(3601));
        assert!(world.export("acme").is_err(), "a lease that has ended is none");
        assert_eq!(world.export("acme-corp").unwrap_err(), "the registry has no tenant `acme-corp`; sign it up first");
    }

    #[test]
    fn an_account_of_its_own_is_told() {
        let world = World::new();
        let role = "arn:aws:iam::123456789012:role/deployer";
        let placement = Placement::OwnAccount {
            account_id: "123456789012".parse().unwrap(),
            assume_role_arn: role.parse().unwrap(),
        };
        world.sign_up("bigbank", placement.clone());
        world.lease("bigbank", Purpose::Deploy);
        let open = |_: &Fleet| Ok(world.registry.store());
        let text = tenants_file(SETTINGS, &"bigbank".parse().unwrap(), world.now, open).unwrap();
        let fleet = Fleet::parse(text.as_bytes(), "tenants.json", &Overrides::default()).unwrap();
        assert_eq!(fleet.tenants[0].tenant.placement, placement);
    }

    #[test]
    fn settings_that_are_none_are_told() {
        let tell = |settings: &str| {
            let open = |_: &Fleet| Ok(MemoryStore::new());
            tenants_file(settings, &"acme".parse().unwrap(), Timestamp::now(), open).unwrap_err().to_string()
        };
        assert!(tell("[]").starts_with("`--settings` is no JSON object"));
        assert!(tell(r#"{ "environment_suffix": "dev", "tenants": [] }"#).contains("lists tenants"));
        assert!(tell(r#"{ "environment_suffix": "d-v" }"#).contains("--settings:"));
    }
}
