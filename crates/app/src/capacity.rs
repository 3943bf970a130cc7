//! `app capacity`: how many tenants fit into AWS's quotas; and the check that a deployment passes before anything is created.

pub mod account;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use capacity::{
    AccountLedger, Blocks, Fits, Fleet, Key, Limit, Limits, Origin, Part, Question, Report, Row, Scope, Shortage, Unit,
};
use construct::Stack;
use naming::fleet::TenantState;
use naming::{NetworkPlan, Owner, Placement, Tenant, TenantId};
use runner::terraform::ToolError;
use runner::{EndpointError, Endpoints, Environment, Terraform};
use serde_json::Value;

pub use account::{AccountError, Found, Tool};

use crate::artifacts::Artifacts;
use crate::cli;
use crate::recorded;
use crate::settings::{Settings, Surroundings};
use crate::show::{BAD, CAREFUL, DIM, GOOD, counted, table};
use crate::stacks::{Onboarding, platform_stack, tenant_stack};
use crate::synth::{SynthError, document, terraform};

/// Why there is no ledger.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError {
    /// A stack cannot be declared.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// The account could not be asked.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// There is no Terraform to ask with.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// An endpoint of the environment is none.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The scratch directory has no absolute path.
    #[error("the path of the scratch directory `{}` cannot be made absolute", path.display())]
    Path {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The ledger that was asked for.
///
/// # Errors
/// When a stack cannot be declared, or the account could not be asked.
pub fn run(settings: &Settings, surroundings: &Surroundings, asked: &cli::Capacity) -> Result<Report, CapacityError> {
    let found = if asked.read_account { read_account(settings, surroundings, asked)? } else { Found::default() };
    let stacks = Stacks::of(settings)?;
    let mut fleet = stacks.empty();
    fleet.set_standard(&stacks.standard()?);
    // The key of a removed tenant counts until AWS has deleted it, which nothing here knows.
    let part = |_: &str, state| Some(if state == TenantState::Removed { Part::Leaving } else { Part::Tenant });
    stacks.each(part, |name, part, document| fleet.add(name, part, document))?;
    let question = question(settings, &found, &asked.quotas.quotas, (asked.tenants, asked.parallelism));
    let mut report = fleet.report(&question);
    report.unread = found.unread;
    Ok(report)
}

/// Below the directory of what runs leave, beside the states, Terraform asks the account.
fn read_account(
    settings: &Settings,
    surroundings: &Surroundings,
    asked: &cli::Capacity,
) -> Result<Found, CapacityError> {
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|source| CapacityError::Path { path: path.to_owned(), source });
    let scratch = absolute(&recorded::home(&settings.output).join("capacity"))?;
    let environment = Environment::new(surroundings.variables.iter().cloned());
    let tool = Tool {
        terraform: Terraform::find(asked.terraform_bin.as_deref(), &environment)?,
        endpoints: Endpoints::from_variables(surroundings.texts())?,
        environment,
        plugin_dir: asked.plugin_dir.as_deref().map(absolute).transpose()?,
    };
    let fleet = &settings.fleet;
    Ok(account::read(&scratch, fleet.region.as_str(), fleet.environment_suffix.as_str(), &tool)?)
}

/// What a deployment is about to do.
#[derive(Clone, Copy, Debug)]
pub struct Run<'r> {
    /// The stacks of this run, by name.
    pub stacks: &'r BTreeSet<String>,
    /// The stacks that exist already, by name: those whose record says that they were deployed, also in part.
    pub deployed: &'r BTreeSet<String>,
    /// How many stacks are deployed at a time.
    pub parallelism: Option<NonZeroU64>,
    /// What `--quota` said.
    pub quotas: &'r [(Key, u64)],
    /// Whether an emulator is deployed to: it has none of AWS's default quotas, and what was declared holds all the same.
    pub emulated: bool,
}

/// Why a deployment was not begun.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// Some quotas are too small.
    #[error("{0}")]
    TooSmall(Shortages),
    /// A stack cannot be declared.
    #[error(transparent)]
    Synth(#[from] SynthError),
}

/// The quotas that are too small.
#[derive(Debug)]
pub struct Shortages(pub Vec<Shortage>);

impl fmt::Display for Shortages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let quotas = if count == 1 { "1 AWS quota is" } else { &format!("{count} AWS quotas are") };
        write!(f, "nothing was created: {quotas} too small for this deployment")?;
        self.0.iter().try_for_each(|shortage| write!(f, "\n{shortage}"))
    }
}

/// Admits a deployment, before anything is created: the stacks that will exist after it are held against the quotas of each account.
/// Tenants of the file that are neither deployed nor part of the run do not count, as they use nothing.
///
/// # Errors
/// When a quota is too small, as far as it is known, or a stack cannot be declared.
pub fn admit(settings: &Settings, run: Run<'_>) -> Result<(), AdmissionError> {
    let stacks = Stacks::of(settings)?;
    let mut fleet = stacks.empty();
    let part = |name: &str, state: TenantState| match state {
        // It stands until its destroy has ended, and new stacks do not wait for that.
        TenantState::Removed if run.deployed.contains(name) => Some(Part::Tenant),
        TenantState::Removed => Some(Part::Leaving),
        TenantState::Active | TenantState::Suspended => {
            (run.stacks.contains(name) || run.deployed.contains(name)).then_some(Part::Tenant)
        }
    };
    stacks.each(part, |name, part, document| fleet.add(name, part, document))?;
    let question = question(settings, &Found::default(), run.quotas, (None, run.parallelism));
    let mut shortages = fleet.admit(run.deployed, &question).err().unwrap_or_default();
    shortages.retain(|shortage| !run.emulated || shortage.limit.origin != Origin::AwsDefault);
    if shortages.is_empty() { Ok(()) } else { Err(AdmissionError::TooSmall(Shortages(shortages))) }
}

/// What onboarding is told of the environment, with as many tenants as fit into the shared account: by AWS's defaults, and by what the
/// tenants file declares.
///
/// # Errors
/// When a stack cannot be declared.
pub(crate) fn onboarding(settings: &Settings, artifacts: &Artifacts) -> Result<Onboarding, SynthError> {
    let stacks = Stacks { settings, artifacts: artifacts.clone(), terraform: terraform(&settings.fleet) };
    let mut fleet = stacks.empty();
    fleet.set_standard(&stacks.standard()?);
    let (name, document) = stacks.platform()?;
    fleet.add(&name, Part::Shared, &document);
    let report = fleet.report(&question(settings, &Found::default(), &[], (None, None)));
    let shared = report.accounts.iter().find(|ledger| ledger.account.is_none());
    let tenant_limit = match shared.map(|ledger| ledger.fits) {
        Some(Fits::AtMost(most)) => most,
        Some(Fits::Any) | None => settings.fleet.plan.capacity(),
    };
    Ok(Onboarding { tenant_limit, ..stacks.onboarding() })
}

/// The stacks of a tenants file, made one at a time.
struct Stacks<'s> {
    settings: &'s Settings,
    artifacts: Artifacts,
    terraform: construct::Settings,
}

impl<'s> Stacks<'s> {
    fn of(settings: &'s Settings) -> Result<Self, SynthError> {
        let artifacts = Artifacts::find(&settings.project)?;
        Ok(Self { settings, artifacts, terraform: terraform(&settings.fleet) })
    }

    /// A fleet that knows how large the built packages are.
    fn empty(&self) -> Fleet {
        let size = |path| std::fs::metadata(path).map_or(0, |found| found.len());
        let packages = self.artifacts.assets.iter().map(|asset| (format!("../../{}", asset.to), size(&asset.from)));
        Fleet::new(packages.collect::<BTreeMap<String, u64>>())
    }

    /// Hands on the stacks that count: those of tenants, by name and state, then the platform's, as if it were an active tenant.
    fn each(
        &self,
        part: impl Fn(&str, TenantState) -> Option<Part>,
        mut take: impl FnMut(&str, Part, &Value),
    ) -> Result<(), SynthError> {
        for tenant in &self.settings.fleet.tenants {
            if let Some(part) = part(&tenant.tenant.stack_name(), tenant.state) {
                let (name, document) = self.document(self.tenant(tenant.tenant.clone()))?;
                take(&name, part, &document);
            }
        }
        let platform = self.settings.fleet.platform();
        if part(&platform.stack_name(), TenantState::Active).is_some() {
            let (name, document) = self.platform()?;
            take(&name, Part::Shared, &document);
        }
        Ok(())
    }

    /// How many tenants it takes does not change what it uses.
    fn platform(&self) -> Result<(String, Value), SynthError> {
        self.document(platform_stack(self.settings.fleet.platform(), self.onboarding()))
    }

    fn onboarding(&self) -> Onboarding {
        let plan = self.settings.fleet.plan;
        Onboarding { code: self.artifacts.onboarding.clone(), network: plan, tenant_limit: plan.capacity() }
    }

    fn tenant(&self, tenant: Tenant) -> Stack {
        tenant_stack(tenant, self.artifacts.code.clone())
    }

    fn document<O: Owner>(&self, stack: Stack<O>) -> Result<(String, Value), SynthError> {
        document(stack, &self.terraform)
    }

    /// A tenant with the longest id that there can be, so that no policy of another one is longer.
    fn standard(&self) -> Result<Value, SynthError> {
        let fleet = &self.settings.fleet;
        let longest: Result<TenantId, _> = "x".repeat(TenantId::MAX).parse();
        let (Ok(id), Ok(network_index)) = (longest, fleet.plan.index(0)) else { return Ok(Value::Null) };
        let tenant = Tenant {
            id,
            suffix: fleet.environment_suffix.clone(),
            environment: fleet.environment.clone(),
            region: fleet.region.clone(),
            plan: fleet.plan,
            network_index,
            placement: Placement::Shared,
        };
        Ok(self.document(self.tenant(tenant))?.1)
    }
}

/// What is known of the shared account: AWS's defaults, then the tenants file, then the account itself, then flags.
fn question(
    settings: &Settings,
    found: &Found,
    flags: &[(Key, u64)],
    (tenants, parallelism): (Option<u64>, Option<NonZeroU64>),
) -> Question {
    let fleet = &settings.fleet;
    let mut shared = Limits::default();
    for key in Key::declarable() {
        if let Some(value) = fleet.quotas.get(key.as_str()) {
            shared.set(key, Limit { value: *value, origin: Origin::TenantsFile });
        }
    }
    for (key, value) in &found.limits {
        shared.set(*key, Limit { value: *value, origin: Origin::Account });
    }
    for (key, used) in &found.before {
        shared.set_before(*key, *used);
    }
    for (key, value) in flags {
        shared.set(*key, Limit { value: *value, origin: Origin::Flag });
    }
    let blocks = Blocks {
        taken: u64::try_from(fleet.tenants.len()).unwrap_or(u64::MAX),
        total: fleet.plan.capacity(),
        prefix_length: fleet.plan.prefix_length(),
        longest: NetworkPlan::SMALLEST_BLOCK,
    };
    Question { tenants, parallelism, limits: BTreeMap::from([(None, shared)]), blocks: Some(blocks) }
}

/// How many of the quotas that bite are shown at least.
const ROWS: usize = 5;
/// How many of the quotas that could not be read are shown.
const UNREAD: usize = 3;
/// Of the others, those are shown that bite before the fleet has grown by this factor.
const GROWTH: u64 = 10;

/// A table for the shared account, and what to do.
pub(crate) fn show(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let (shared, own): (Vec<&AccountLedger>, Vec<&AccountLedger>) =
        report.accounts.iter().partition(|account| account.account.is_none());
    for account in shared {
        show_account(out, account)?;
    }
    let tight: Vec<&AccountLedger> =
        own.iter().copied().filter(|account| account.rows.iter().any(|row| row.short)).collect();
    for account in &tight {
        writeln!(out)?;
        show_account(out, account)?;
    }
    let roomy = own.len() - tight.len();
    if roomy > 0 {
        writeln!(out, "{GOOD}own{GOOD:#}        {roomy} tenants in accounts of their own fit, by AWS's defaults")?;
    }
    for what in report.unread.iter().take(UNREAD) {
        writeln!(out, "{CAREFUL}unread{CAREFUL:#}     {what}")?;
    }
    if report.unread.len() > UNREAD {
        writeln!(
            out,
            "{DIM}           and {} more; `--format json` has them all{DIM:#}",
            report.unread.len() - UNREAD
        )?;
    }
    for what in &report.uncounted {
        writeln!(out, "{CAREFUL}uncounted{CAREFUL:#}  {what}")?;
    }
    Ok(())
}

fn show_account(out: &mut dyn Write, account: &AccountLedger) -> io::Result<()> {
    let bites = |row: &&Row| row.fits != Fits::Any;
    let near = account.wanted.max(account.tenants).max(1).saturating_mul(GROWTH);
    let biting: Vec<&Row> = account.rows.iter().filter(bites).collect();
    let shown = biting.iter().enumerate().filter(|(at, row)| *at < ROWS || row.short || !row.fits.holds(near));
    let rows: Vec<&Row> = shown.map(|(_, row)| *row).collect();
    let cells = rows.iter().map(|row| {
        let limit = match row.unit {
            Unit::Gigabytes => format!("{} GB", row.limit),
            _ => row.limit.to_string(),
        };
        vec![
            row.key.as_str().to_owned(),
            amount(row.used, row.unit),
            amount(row.per_tenant, row.unit),
            limit,
            fits(row.fits),
            row.limit_from.to_string(),
        ]
    });
    let head = ["QUOTA", "USED", "PER TENANT", "LIMIT", "TENANTS", "LIMIT FROM"];
    table(out, &head, &[1, 2, 3, 4], &cells.collect::<Vec<_>>())?;
    let later = biting.len() - rows.len();
    let never = account.rows.iter().filter(|row| !bites(row));
    let fullest = account.rows.iter().filter(|row| row.scope == Scope::Resource).max_by_key(|row| row.percent());
    write!(out, "{DIM}{later} more bite later, {} never", never.count())?;
    if let Some((row, resource)) = fullest.and_then(|row| Some((row, row.fullest.as_deref()?))) {
        write!(out, "; the fullest resource: {} at {} % ({resource})", row.key.as_str(), row.percent())?;
    }
    writeln!(out, "{DIM:#}\n")?;
    verdict(out, account)?;
    for row in rows {
        if let (Some(days), Some(replaced)) = (row.lingers_days, row.replaced_per_day) {
            let key = row.key.as_str();
            writeln!(
                out,
                "{CAREFUL}days{CAREFUL:#}       {key}: what is destroyed counts for {days} days; {replaced} tenants can be replaced each day"
            )?;
        }
    }
    Ok(())
}

fn verdict(out: &mut dyn Write, account: &AccountLedger) -> io::Result<()> {
    let place =
        account.account.as_deref().map_or_else(|| "the shared account".to_owned(), |id| format!("account {id}"));
    let AccountLedger { wanted, region, .. } = account;
    let at = format!("in {place}, {region}");
    let asked = counted(*wanted, "tenant");
    let first = account.bites_first.map(|key| format!("; `{}` bites first", key.as_str())).unwrap_or_default();
    let short: Vec<&Row> = account.rows.iter().filter(|row| row.short).collect();
    if short.is_empty() {
        writeln!(out, "{GOOD}fits{GOOD:#}       {asked} {at}; there is room for {}{first}", fits(account.fits))?;
        return Ok(());
    }
    let quotas = if short.len() == 1 { "1 quota is".to_owned() } else { format!("{} quotas are", short.len()) };
    writeln!(
        out,
        "{BAD}too small{BAD:#}  {quotas} too small for {asked} {at}; there is room for {}{first}",
        fits(account.fits)
    )?;
    if let Some(cells) = account.cells.as_ref().filter(|cells| cells.accounts > 1) {
        writeln!(
            out,
            "{CAREFUL}accounts{CAREFUL:#}   {} for {asked}: one holds at most {} (`{}`); requests are for {} in each",
            cells.accounts,
            cells.tenants_per_account,
            cells.limited_by.as_str(),
            cells.tenants_in_each
        )?;
    }
    for row in &account.rows {
        if let Some(command) = &row.request {
            writeln!(out, "{CAREFUL}request{CAREFUL:#}    {command}")?;
        } else if let Some(words) = &row.advice {
            writeln!(out, "{CAREFUL}advice{CAREFUL:#}     {}: {words}", row.key.as_str())?;
        }
    }
    Ok(())
}

fn fits(fits: Fits) -> String {
    match fits {
        Fits::Any => "any number".to_owned(),
        Fits::AtMost(most) => most.to_string(),
    }
}

/// What is counted, short enough for a table.
fn amount(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Gigabytes => format!("{} MB", value.div_ceil(1 << 20)),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use naming::fleet::{Overrides, QUOTAS};

    use super::*;

    fn settings(tenants: &str, more: &str) -> (tempfile::TempDir, Settings) {
        let file = format!(r#"{{ "environment_suffix": "dev", {more} "tenants": [{tenants}] }}"#);
        let project = tempfile::tempdir().unwrap();
        let fleet = naming::fleet::Fleet::parse(file.as_bytes(), "tenants.json", &Overrides::default()).unwrap();
        let settings = Settings { fleet, output: project.path().join("out"), project: project.path().to_owned() };
        (project, settings)
    }

    fn five() -> String {
        let tenant = |n: usize| format!(r#"{{ "id": "tenant{n}", "network_index": {n} }}"#);
        (0..5).map(tenant).collect::<Vec<_>>().join(", ")
    }

    fn names(numbers: std::ops::Range<usize>) -> BTreeSet<String> {
        let tenants = numbers.map(|n| format!("tenant-tenant{n}-dev"));
        tenants.chain(["platform-dev".to_owned()]).collect()
    }

    #[test]
    fn the_tenants_file_can_declare_every_quota_that_may_differ_and_no_other() {
        let keys: BTreeSet<&str> = Key::declarable().map(Key::as_str).collect();
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), QUOTAS);
    }

    #[test]
    fn a_deployment_is_refused_before_anything_is_created_and_says_what_would_do() {
        let (_project, settings) = settings(&five(), "");
        let run =
            Run { stacks: &names(0..5), deployed: &BTreeSet::new(), parallelism: None, quotas: &[], emulated: false };
        let said = admit(&settings, run).unwrap_err().to_string();
        assert!(
            said.starts_with("nothing was created: 1 AWS quota is too small for this deployment\nVPCs per Region"),
            "{said}"
        );
        assert!(said.contains("limit 5 (AWS's default); 4 new tenants still fit"), "{said}");
        let flag = Run { quotas: &[(Key::VpcsPerRegion, 6)], ..run };
        admit(&settings, flag).unwrap();
    }

    /// "admit (name, capacity, quota)"
    #[test]
    fn onboarding_takes_as_many_tenants_as_fit_by_what_is_known_of_the_account() {
        for (tenants, quotas, limit) in [
            (five(), "", 4),
            (String::new(), "", 4),
            (String::new(), r#""quotas": { "vpcs-per-region": 300, "gateway-endpoints-per-region": 600 },"#, 75),
            (String::new(), r#""quotas": { "lambda-concurrency": 10 },"#, 0),
        ] {
            let (_project, settings) = settings(&tenants, quotas);
            let artifacts = Artifacts::find(&settings.project).unwrap();
            assert_eq!(onboarding(&settings, &artifacts).unwrap().tenant_limit, limit, "{quotas}");
        }
    }

    /// "Only tenants not yet deployed are new; the whole fleet of an account counts"
    #[test]
    fn tenants_that_are_neither_deployed_nor_in_the_run_take_nothing() {
        let (_project, settings) = settings(&five(), "");
        let run = Run { stacks: &names(0..2), deployed: &names(1..4), parallelism: None, quotas: &[], emulated: false };
        admit(&settings, run).unwrap();
        let last = Run { stacks: &names(4..5), deployed: &names(0..4), ..run };
        assert!(admit(&settings, last).is_err(), "the fifth of an account that has four");
        let again = Run { stacks: &names(0..5), deployed: &names(0..5), ..run };
        assert!(admit(&settings, again).is_ok(), "what exists is no matter of quotas");
    }

    #[test]
    fn an_emulator_has_only_the_quotas_that_were_declared() {
        let (_project, settings) = settings(&five(), "");
        let emulated =
            Run { stacks: &names(0..5), deployed: &BTreeSet::new(), parallelism: None, quotas: &[], emulated: true };
        admit(&settings, emulated).unwrap();
        let declared = Run { quotas: &[(Key::VpcsPerRegion, 3)], ..emulated };
        let said = admit(&settings, declared).unwrap_err().to_string();
        assert!(said.contains("limit 3 (`--quota`); 2 new tenants still fit"), "{said}");
    }

    #[test]
    fn a_removed_tenant_counts_until_its_destroy_is_recorded() {
        let removed = five().replace(r#""network_index": 0"#, r#""network_index": 0, "state": "removed""#);
        let (_project, settings) = settings(&removed, "");
        let run = Run { stacks: &names(0..5), deployed: &names(0..4), parallelism: None, quotas: &[], emulated: false };
        assert!(admit(&settings, run).is_err(), "four stand, and one is new");
        let gone = Run { deployed: &names(1..4), ..run };
        assert!(admit(&settings, gone).is_ok());
    }

    #[test]
    fn declared_quotas_and_tenants_in_accounts_of_their_own_count() {
        let (_project, declared) = settings(&five(), r#""quotas": { "vpcs-per-region": 10 },"#);
        let run =
            Run { stacks: &names(0..5), deployed: &BTreeSet::new(), parallelism: None, quotas: &[], emulated: false };
        assert!(admit(&declared, run).is_ok());
        let own = five().replace(
            r#""network_index": 4"#,
            r#""network_index": 4, "account_id": "123456789012", "assume_role_arn": "arn:aws:iam::123456789012:role/d""#,
        );
        let (_project, apart) = settings(&own, "");
        assert!(admit(&apart, run).is_ok(), "four here and one there");
    }
}
