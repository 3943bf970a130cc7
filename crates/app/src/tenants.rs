//! `app tenants`: signups and offboardings from the command line, and where each tenant stands.

mod export;
mod ledger;
mod pins;
mod table;

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use naming::fleet::Fleet;
use naming::{AccountId, Placement, RoleArn, TenantId};
use registry::event::Signup;
use registry::store::file::FileStore;
use registry::{
    Action, Applied, Change, Command, Entry, Registry, RegistryError, Release, Request, RequestId, Rules, Runs, Status,
    Timestamp, What,
};
use runner::Records;
use serde::Serialize;

use crate::cli::Format;
use crate::settings::{Flags, Settings, Surroundings, overrides};
use crate::show::{BAD, CAREFUL, GOOD, print, table};

pub(crate) use export::ExportError;
pub(crate) use ledger::Ledger;
pub use ledger::{Kind, Place};

/// `app tenants`.
#[derive(Args, Debug)]
pub struct Tenants {
    /// Which registry.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub command: TenantsCommand,
}

const ADD_EXAMPLES: &str = "\
Examples:
  app tenants add acme-corp             in the shared account, with the lowest free network index
  app tenants add acme-corp --index 7 --request-id crm-4711
  app tenants add bigbank --account-id 123456789012 --assume-role-arn arn:aws:iam::123456789012:role/deployer";

const REMOVE_EXAMPLES: &str = "\
Examples:
  app tenants remove acme-corp          the next deployment destroys it
  app tenants remove acme-corp --waiting-days 7";

const EXPORT_EXAMPLES: &str = "\
Examples:
  app tenants export --tenant acme-corp --settings \"$FLEET_SETTINGS\" > tenants.json
  app tenants export --tenant acme-corp --settings \"$FLEET_SETTINGS\" --output-file tenants.json --format json";

const PIN_EXAMPLES: &str = "\
Examples:
  app tenants pin acme-corp             leave it at what is deployed
  app tenants pin acme-corp 0.1.0 --registry dynamodb
                                        its builds run this release";

const UNPIN_EXAMPLES: &str = "\
Examples:
  app tenants unpin acme-corp           the next deployment brings it up to date
  app tenants unpin acme-corp --registry dynamodb";

const LIST_EXAMPLES: &str = "\
Examples:
  app tenants list                      of the tenants file
  app tenants list --registry dynamodb  of the platform";

const STATUS_EXAMPLES: &str = "\
Examples:
  app tenants status                    what happens next to each
  app tenants status acme-corp          all that is known of one, with its history";

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// Add a tenant to the tenants file, with the lowest free network index.
    ///
    /// The file is edited in place, so that its layout stays. The same request id again changes nothing.
    #[command(after_help = ADD_EXAMPLES)]
    Add(Add),
    /// Mark a tenant as removed; its environment is destroyed by the next `app deploy`.
    ///
    /// Its line stays, and its network index stays reserved until the destroy is recorded and a quarantine of 30 days is over.
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// The tenant.
        #[arg(value_name = "ID")]
        id: TenantId,
        /// What names this request; the same again changes nothing.
        #[arg(long, value_name = "ID")]
        request_id: Option<RequestId>,
        /// How many days the environment still stands before it is marked as removed.
        #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=365))]
        waiting_days: u32,
    },
    /// Write the tenants file with which a build of the platform deploys one tenant, from the platform's registry in DynamoDB.
    ///
    /// Credentials and the way to AWS are found as the AWS SDKs find them. A run must have the tenant's lease.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export {
        /// The tenant that is to be deployed.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// What a tenants file has beside its tenants, as a JSON object.
        #[arg(long, value_name = "JSON")]
        settings: String,
        /// The file; else it goes to stdout.
        #[arg(long, value_name = "FILE")]
        output_file: Option<PathBuf>,
    },
    /// Keep a tenant on a release while the others go on to newer ones.
    ///
    /// On the platform, builds of the tenant run that release. Beside a tenants file, the tenant is left at what is deployed, as by `app deploy
    /// --pin`. `app tenants unpin` ends it.
    #[command(after_help = PIN_EXAMPLES)]
    Pin {
        /// The tenant.
        #[arg(value_name = "ID")]
        id: TenantId,
        /// The release; the one that made the environment where it is left out.
        #[arg(value_name = "VERSION")]
        release: Option<Release>,
        /// What names this request; the same again changes nothing.
        #[arg(long, value_name = "ID")]
        request_id: Option<RequestId>,
    },
    /// Let a tenant follow the fleet again.
    #[command(after_help = UNPIN_EXAMPLES)]
    Unpin {
        /// The tenant.
        #[arg(value_name = "ID")]
        id: TenantId,
        /// What names this request; the same again changes nothing.
        #[arg(long, value_name = "ID")]
        request_id: Option<RequestId>,
    },
    /// Show the tenants and where they stand.
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Show what happens next to each tenant, or all that is known of one.
    #[command(after_help = STATUS_EXAMPLES)]
    Status {
        /// The tenant; all of them where none is named.
        #[arg(value_name = "ID")]
        id: Option<TenantId>,
    },
}

/// A tenant more.
#[derive(Args, Debug)]
pub struct Add {
    /// The tenant.
    #[arg(value_name = "ID")]
    pub id: TenantId,
    /// What names this request; the same again changes nothing.
    #[arg(long, value_name = "ID")]
    pub request_id: Option<RequestId>,
    /// The tenant's own AWS account; the shared account where it is left out.
    #[arg(long, value_name = "ACCOUNT", requires = "assume_role_arn")]
    pub account_id: Option<AccountId>,
    /// The role that Terraform assumes in that account.
    #[arg(long, value_name = "ARN", requires = "account_id")]
    pub assume_role_arn: Option<RoleArn>,
    /// The place in the network plan; the lowest free one where it is left out.
    #[arg(long, value_name = "N")]
    pub index: Option<u32>,
}

/// Why a command on tenants failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TenantsError {
    /// The role is in another account.
    #[error("the role is in account {role}, but `--account-id` says {account}")]
    RoleOfOtherAccount {
        /// The account of the role.
        role: String,
        /// The account that was named.
        account: AccountId,
    },
    /// The fleet is full.
    #[error("tenant `{tenant}` could not be taken in: {cause}; {fix}")]
    NotAdmitted {
        /// Who.
        tenant: TenantId,
        /// Why.
        cause: String,
        /// What to do.
        fix: String,
    },
    /// No such tenant.
    #[error("there is no tenant `{tenant}`; `app tenants list` shows those that there are")]
    Unknown {
        /// Who.
        tenant: TenantId,
    },
}

/// The registry of this project.
pub(crate) struct Project {
    pub(crate) fleet: Fleet,
    pub(crate) registry: Registry<Ledger>,
    pub(crate) now: Timestamp,
    /// What earlier runs left of the stacks.
    pub(crate) records: Records,
}

impl Project {
    pub(crate) fn open(flags: &Flags, surroundings: &Surroundings, place: Place) -> Result<Self, Box<dyn Error>> {
        // Says what is wrong with the file, where and how, as every other command does.
        let Settings { fleet, output, .. } = Settings::load(flags, surroundings)?;
        let now = Timestamp::now();
        let rules = Rules::new(fleet.environment_suffix.clone(), fleet.plan);
        let (store, rules) = match place.registry {
            Kind::Files => {
                let overrides = overrides(flags, surroundings)?;
                (Ledger::Files(FileStore::open(&flags.tenants_file, overrides, now)?), rules)
            }
            Kind::Dynamodb => (Ledger::Table(table::open(&fleet)?), Rules { runs: Runs::ByEvent, ..rules }),
        };
        let records = Records::open(&crate::recorded::home(&output));
        Ok(Self { fleet, registry: Registry::new(store, rules), now, records })
    }

    /// Brings every tenant up to what time has done to it.
    pub(crate) fn reconcile(&self) -> Result<(), RegistryError> {
        self.registry.reconcile_all(self.now).map(drop)
    }

    /// Writes what happened to where it is heard. What happened in the platform's registry, its reconciler announces.
    pub(crate) fn publish(&self, say: &mut dyn FnMut(&str)) -> Result<(), RegistryError> {
        let Some(store) = self.registry.store().files() else { return Ok(()) };
        let published = self.registry.publish(&mut store.event_log())?;
        if let Some((_, why)) = published.left.first() {
            say(&format!("warning: {} events wait to be published: {why}", published.left.len()));
        }
        Ok(())
    }

    pub(crate) fn apply(
        &self,
        tenant: &TenantId,
        request_id: RequestId,
        request: Request,
    ) -> Result<Applied, RegistryError> {
        let action = Action::Request { request_id, requested_at: self.now, request };
        self.registry.apply(&Command { tenant: tenant.clone(), action }, self.now)
    }

    /// The tenants file as it is, where the registry lies beside it.
    fn listed(&self) -> Result<Option<Fleet>, Box<dyn Error>> {
        Ok(self.registry.store().files().map(FileStore::fleet).transpose()?)
    }

    fn view(&self, listed: Option<&Fleet>, entry: Entry) -> View {
        let index = entry.network_index.and_then(|index| self.fleet.plan.index(u64::from(index)).ok());
        let network = index.map(|index| self.fleet.plan.block(index).to_string());
        let is_gone = |listed: &Fleet| !listed.tenants.iter().any(|line| line.tenant.id == entry.tenant);
        let gone = entry.network_index.filter(|_| listed.is_some_and(is_gone));
        let next_step = match gone {
            Some(index) => format!(
                "its line is gone from the tenants file, its index is still reserved; put `{{ \"id\": \"{}\", \"network_index\": {index} }}` \
                 back, with `\"state\": \"removed\"` to have it destroyed",
                entry.tenant
            ),
            None => entry.next_step(self.now, self.registry.rules().runs),
        };
        View { entry, network, next_step }
    }

    fn views(&self) -> Result<Vec<View>, Box<dyn Error>> {
        let listed = self.listed()?;
        let entries = self.registry.entries()?;
        Ok(entries.into_iter().map(|entry| self.view(listed.as_ref(), entry)).collect())
    }
}

/// A tenant, as it is shown.
#[derive(Debug, Serialize)]
struct View {
    #[serde(flatten)]
    entry: Entry,
    /// Its addresses.
    network: Option<String>,
    /// What happens next, and what a person is to do.
    next_step: String,
}

/// What was done to a tenant.
#[derive(Debug, Serialize)]
struct Done {
    format_version: &'static str,
    /// What was done; nothing where the request was known.
    done: Option<What>,
    tenant: View,
}

/// All tenants.
#[derive(Debug, Serialize)]
struct List {
    format_version: &'static str,
    tenants: Vec<View>,
}

/// All that is known of one tenant.
#[derive(Debug, Serialize)]
struct Detail {
    format_version: &'static str,
    tenant: View,
    history: Vec<Change>,
}

/// A request that nobody gave an id.
fn request_id(given: Option<&RequestId>, now: Timestamp) -> Result<RequestId, Box<dyn Error>> {
    match given {
        Some(given) => Ok(given.clone()),
        None => Ok(format!("app-{now}-{}", std::process::id()).parse()?),
    }
}

/// Runs one of the commands.
pub(crate) fn run(
    Tenants { place, command }: &Tenants,
    flags: &Flags,
    surroundings: &Surroundings,
    format: Format,
    say: &mut dyn FnMut(&str),
) -> Result<(), Box<dyn Error>> {
    if let TenantsCommand::Export { tenant, settings, output_file } = command {
        let text = export::tenants_file(settings, tenant, Timestamp::now(), table::open)?;
        return export::write(&text, output_file.as_deref(), format);
    }
    let project = Project::open(flags, surroundings, *place)?;
    match command {
        // It has no project: it makes the tenants file.
        TenantsCommand::Export { .. } => {}
        TenantsCommand::Add(add) => {
            project.reconcile()?;
            let applied = project.add(add)?;
            project.publish(say)?;
            project.show_done(format, applied)?;
        }
        TenantsCommand::Remove { id, request_id: given, waiting_days } => {
            project.reconcile()?;
            let waiting = Duration::from_secs(u64::from(*waiting_days) * 24 * 60 * 60);
            let request = Request::Offboard { waiting: Some(waiting) };
            let applied = project.apply(id, request_id(given.as_ref(), project.now)?, request)?;
            project.publish(say)?;
            project.show_done(format, applied)?;
        }
        TenantsCommand::Pin { id, release, request_id: given } => {
            project.reconcile()?;
            let applied = project.pin(id, request_id(given.as_ref(), project.now)?, release.as_ref())?;
            project.publish(say)?;
            project.show_done(format, applied)?;
        }
        TenantsCommand::Unpin { id, request_id: given } => {
            project.reconcile()?;
            let applied = project.unpin(id, request_id(given.as_ref(), project.now)?)?;
            project.publish(say)?;
            project.show_done(format, applied)?;
        }
        TenantsCommand::List => {
            let list = List { format_version: "1", tenants: project.views()? };
            print(format, &list, |out| show_list(out, &list.tenants))?;
        }
        TenantsCommand::Status { id: None } => {
            let list = List { format_version: "1", tenants: project.views()? };
            print(format, &list, |out| show_steps(out, &list.tenants))?;
        }
        TenantsCommand::Status { id: Some(id) } => {
            let entry = project.registry.entry(id)?.ok_or_else(|| TenantsError::Unknown { tenant: id.clone() })?;
            let tenant = project.view(project.listed()?.as_ref(), entry);
            let detail = Detail { format_version: "1", tenant, history: project.registry.history(id)? };
            print(format, &detail, |out| show_detail(out, &detail))?;
        }
    }
    Ok(())
}

impl Project {
    fn add(&self, add: &Add) -> Result<Applied, Box<dyn Error>> {
        let placement = match (&add.account_id, &add.assume_role_arn) {
            (Some(account), Some(role)) if role.account_id() != account.as_str() => {
                let role = role.account_id().to_owned();
                return Err(TenantsError::RoleOfOtherAccount { role, account: account.clone() }.into());
            }
            (Some(account_id), Some(role)) => {
                Placement::OwnAccount { account_id: account_id.clone(), assume_role_arn: role.clone() }
            }
            _ => Placement::Shared,
        };
        let request_id = request_id(add.request_id.as_ref(), self.now)?;
        let signup = Signup {
            tenant_id: add.id.clone(),
            request_id: request_id.clone(),
            placement,
            plan: None,
            network_index: add.index,
        };
        let applied = self.apply(&add.id, request_id, Request::Signup(signup))?;
        match (applied.entry.network_index, &applied.entry.failure) {
            (None, Some(failure)) => Err(TenantsError::NotAdmitted {
                tenant: add.id.clone(),
                cause: failure.cause.clone(),
                fix: failure.fix.clone(),
            }
            .into()),
            _ => Ok(applied),
        }
    }

    fn show_done(&self, format: Format, applied: Applied) -> Result<(), Box<dyn Error>> {
        let tenant = self.view(self.listed()?.as_ref(), applied.entry);
        let done = Done { format_version: "1", done: applied.what, tenant };
        print(format, &done, |out| show_done(out, &done))?;
        Ok(())
    }
}

fn show_done(out: &mut dyn Write, done: &Done) -> io::Result<()> {
    let View { entry, network, next_step } = &done.tenant;
    let network = match (network, entry.network_index) {
        (Some(network), Some(index)) => format!(", network {network} (index {index})"),
        _ => String::new(),
    };
    match done.done {
        Some(_) => writeln!(out, "{GOOD}done{GOOD:#}   {} is {}{network}", entry.tenant, entry.status)?,
        None => writeln!(
            out,
            "{CAREFUL}known{CAREFUL:#}  this request was taken before; {} is {}{network}",
            entry.tenant, entry.status
        )?,
    }
    writeln!(out, "next   {next_step}")
}

fn cell(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "-".to_owned())
}

/// The release that made an environment, and the one that it is pinned to.
fn release(entry: &Entry) -> String {
    let made = entry.release.as_ref().map(ToString::to_string);
    match (&entry.pinned, made) {
        (None, made) => cell(made.as_ref()),
        (Some(pinned), Some(made)) if pinned.to_string() == made => format!("{made}, pinned"),
        (Some(pinned), made) => format!("{}, pinned to {pinned}", cell(made.as_ref())),
    }
}

fn show_list(out: &mut dyn Write, tenants: &[View]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = tenants
        .iter()
        .map(|view| {
            let entry = &view.entry;
            vec![
                entry.tenant.to_string(),
                entry.status.to_string(),
                cell(view.network.as_ref()),
                release(entry),
                entry.account_id.as_ref().map_or_else(|| "shared".to_owned(), ToString::to_string),
                entry.request_id.to_string(),
                entry.updated_at.to_string(),
            ]
        })
        .collect();
    table(out, &["TENANT", "STATUS", "NETWORK", "RELEASE", "ACCOUNT", "REQUEST", "CHANGED"], &[], &rows)
}

fn show_steps(out: &mut dyn Write, tenants: &[View]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = tenants
        .iter()
        .map(|view| vec![view.entry.tenant.to_string(), view.entry.status.to_string(), view.next_step.clone()])
        .collect();
    table(out, &["TENANT", "STATUS", "WHAT HAPPENS NEXT"], &[], &rows)
}

fn show_detail(out: &mut dyn Write, detail: &Detail) -> io::Result<()> {
    let View { entry, network, next_step } = &detail.tenant;
    let style = match entry.status {
        Status::Active => GOOD,
        Status::Failed => BAD,
        _ => CAREFUL,
    };
    writeln!(out, "{} is {style}{}{style:#}", entry.tenant, entry.status)?;
    writeln!(out, "  next      {next_step}")?;
    writeln!(out, "  network   {}", cell(network.as_ref()))?;
    writeln!(out, "  request   {} of {}", entry.request_id, entry.requested_at)?;
    if let Some(plan) = &entry.plan {
        writeln!(out, "  plan      {plan}")?;
    }
    if entry.release.is_some() || entry.pinned.is_some() {
        writeln!(out, "  release   {}", release(entry))?;
    }
    if let Some(lease) = &entry.lease {
        writeln!(out, "  lease     {} until {}, token {}", lease.owner, lease.expires_at, lease.token)?;
    }
    for (name, value) in &entry.outputs {
        writeln!(out, "  output    {name} = {value}")?;
    }
    writeln!(out)?;
    let rows: Vec<Vec<String>> = detail
        .history
        .iter()
        .map(|change| {
            let what = serde_json::to_value(change.what).ok();
            let what = what.as_ref().and_then(|what| what.as_str()).unwrap_or_default().to_owned();
            vec![change.at.to_string(), what, change.status.to_string(), change.by.clone(), cell(change.note.as_ref())]
        })
        .collect();
    table(out, &["WHEN", "WHAT", "STATUS", "BY", "NOTE"], &[], &rows)
}
