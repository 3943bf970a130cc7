//! What the commands over a fleet share: settings, Terraform, records, the stacks that are meant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use construct::manifest;
use naming::Owner;
use naming::fleet::{Overrides, TenantState};
use runner::{Endpoints, Environment, Intent, Interrupt, Operation, Outcome, Record, Records, Stack, Terraform};

use crate::cli::Common;
use crate::fleet::flags::Running;
use crate::fleet::keeper::Keeper;
use crate::fleet::progress::Progress;
use crate::fleet::select::{self, Selection};
use crate::fleet::summary::{About, Pinned, Tool};
use crate::fleet::{FleetError, Health, parallelism};
use crate::recorded::{self, Recorded, with_stack};
use crate::settings::{self, Settings, Surroundings};

/// What a command over a fleet works with.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) running: &'a Running,
    /// The tenants file, and what takes precedence over it.
    pub(crate) tenants_file: PathBuf,
    pub(crate) overrides: Overrides,
    common: &'a Common,
    pub(crate) runner: runner::Settings,
    pub(crate) records: Records,
    pub(crate) interrupt: Interrupt,
}

/// The endpoints that are asked: those of the command line, else those of the environment.
pub(crate) fn endpoints(given: &[String], surroundings: &Surroundings) -> Result<Endpoints, FleetError> {
    if given.is_empty() {
        return Ok(Endpoints::from_variables(surroundings.texts())?);
    }
    Ok(Endpoints::parse(given.iter().map(String::as_str))?)
}

/// The Terraform that is used: that of the command line, else the one that the CDKTF CLIs would use, else the first on the path.
pub(crate) fn terraform(
    given: Option<&PathBuf>,
    surroundings: &Surroundings,
    environment: &Environment,
) -> Result<Terraform, FleetError> {
    let named = surroundings.terraform_binary.as_ref().map(PathBuf::from);
    Ok(Terraform::find(given.or(named.as_ref()).map(PathBuf::as_path), environment)?)
}

/// The stacks that are meant, with what is to become of them: tenants in the order of their ids, then the platform.
///
/// # Errors
/// When a pattern fits no tenant.
pub(crate) fn stacks(
    settings: &Settings,
    selection: &Selection,
    recorded: &Recorded,
) -> Result<Vec<Stack>, FleetError> {
    selection.check(&settings.fleet, recorded)?;
    let stack = |name: String, tenant: Option<String>, intent| Stack {
        directory: settings.output.join(manifest::working_directory(&name)),
        name,
        tenant,
        intent,
    };
    let meant = with_stack(&settings.fleet, recorded).filter(|(tenant, _)| selection.takes(Some(&tenant.id)));
    let mut stacks: Vec<Stack> = meant
        .map(|(tenant, state)| {
            let intent = if state == TenantState::Removed { Intent::Go } else { Intent::Stand };
            stack(tenant.stack_name(), Some(tenant.id.to_string()), intent)
        })
        .collect();
    let platform = select::platform(&settings.fleet, selection);
    stacks.extend(platform.map(|name| stack(name, None, Intent::Stand)));
    Ok(stacks)
}

impl<'a> Context<'a> {
    /// Finds Terraform and whatever else the runs of a command need.
    ///
    /// # Errors
    /// When there is no Terraform, or an endpoint is none.
    pub(crate) fn new(
        settings: &'a Settings,
        surroundings: &Surroundings,
        common: &'a Common,
        running: &'a Running,
    ) -> Result<Self, FleetError> {
        let flags = common.flags();
        let environment = Environment::new(surroundings.variables.iter().cloned());
        let home = recorded::home(&settings.output);
        let runner = runner::Settings {
            endpoints: endpoints(&running.endpoint_urls, surroundings)?,
            terraform: terraform(running.terraform_bin.as_ref(), surroundings, &environment)?,
            parallelism: running.parallelism.unwrap_or_else(parallelism::usual),
            plugin_dir: running.plugin_dir.clone().or_else(|| surroundings.plugin_dir.as_ref().map(PathBuf::from)),
            lock_timeout: runner::Settings::LOCK_TIMEOUT,
            attempts: runner::Settings::ATTEMPTS,
            assumed: running.assumed(),
            unlock: running.unlock,
            environment,
            home: home.clone(),
        };
        let interrupt = Interrupt::listen().map_err(FleetError::Signals)?;
        Ok(Self {
            settings,
            running,
            overrides: settings::overrides(&flags, surroundings)?,
            tenants_file: flags.tenants_file,
            common,
            runner,
            records: Records::open(&home),
            interrupt,
        })
    }

    /// The stacks that are meant, with what is to become of them.
    ///
    /// # Errors
    /// When a pattern fits no tenant.
    pub(crate) fn stacks(&self, recorded: &Recorded) -> Result<Vec<Stack>, FleetError> {
        stacks(self.settings, &self.running.selection, recorded)
    }

    /// Does the same thing to every stack, and tells how it goes.
    ///
    /// # Errors
    /// When nothing could be done for any stack.
    pub(crate) fn run(
        &self,
        what: &'static str,
        operation: Operation,
        stacks: &[Stack],
    ) -> Result<Vec<Outcome>, FleetError> {
        if stacks.is_empty() {
            return Ok(Vec::new());
        }
        let progress = Progress::on_stderr(what, stacks.iter().map(|stack| stack.name.as_str()), self.running.verbose);
        if operation == Operation::DeploySaved {
            for stack in stacks {
                if let Some(plan) = self.record(&stack.name).and_then(|record| record.plan) {
                    progress.expect(&stack.name, plan.changes);
                }
            }
        }
        let keeper = Keeper::new(&progress, &self.runner.home, stacks);
        Ok(runner::run(operation, stacks, &self.runner, &keeper, &self.interrupt)?)
    }

    /// Asks whether what was deployed is well.
    pub(crate) fn check(&self, health: &Health, outcomes: &mut [Outcome]) {
        let asked = outcomes.iter().filter(|outcome| Health::asks(outcome)).map(|outcome| outcome.stack.as_str());
        let progress = Progress::on_stderr("health", asked, false);
        health.check(outcomes, &progress, &self.interrupt);
    }

    /// The flags that a next command needs to mean the same stacks in the same place.
    pub(crate) fn again(&self) -> String {
        format!("{}{}", self.running.again(), self.common.again())
    }

    /// The record of a stack. One that cannot be read is told by the run.
    pub(crate) fn record(&self, stack: &str) -> Option<Record> {
        self.records.of(stack).ok().flatten()
    }

    /// What a summary says beside how the stacks ended.
    pub(crate) fn about(&self, command: &'static str, stacks: &[Stack], warnings: Vec<String>) -> About {
        let terraform = &self.runner.terraform;
        let tool =
            Tool { product: terraform.product().to_string().to_lowercase(), version: terraform.version().to_string() };
        About { command, terraform: tool, target: self.runner.endpoints.to_string(), warnings, pins: self.pins(stacks) }
    }

    fn pins(&self, stacks: &[Stack]) -> BTreeMap<String, Pinned> {
        let pin = |stack: &Stack| {
            let record = self.record(&stack.name)?;
            let since = record.pin?.since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            Some((stack.name.clone(), Pinned { since, document: record.deployed.map(|deployed| deployed.document) }))
        };
        stacks.iter().filter_map(pin).collect()
    }
}
