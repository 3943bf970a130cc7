//! What `plan`, `deploy`, `destroy` and `outputs` take on the command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use naming::{RoleArn, Tags};
use runner::Assumed;

use crate::cli::Quotas;
use crate::fleet::select::{Pattern, Selection};
use crate::fleet::waves::{Budget, Waves};

/// What every command that runs Terraform takes.
#[derive(Args, Clone, Debug)]
pub struct Running {
    /// Which stacks.
    #[command(flatten)]
    pub selection: Selection,
    /// How many stacks are worked on at once [default: eight for each core, one for each GiB of free memory, at most 32].
    #[arg(long, value_name = "N")]
    pub parallelism: Option<NonZeroUsize>,
    /// The Terraform or OpenTofu to use [env: TERRAFORM_BINARY_NAME] [default: terraform, then tofu, on the PATH].
    #[arg(long, value_name = "PROGRAM")]
    pub terraform_bin: Option<PathBuf>,
    /// Ask an emulator in place of AWS: URL, or SERVICE=URL for one service; may be given several times. The
    /// variables `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` do the same.
    ///
    /// The stacks stay as they are: a file of Terraform's override kind lies beside each of them for the time of the run.
    #[arg(long = "endpoint-url", value_name = "URL")]
    pub endpoint_urls: Vec<String>,
    /// Work as this role, which is assumed for each tenant with the session tag TenantId, in place of the caller; states in S3 too.
    ///
    /// It is how the platform's builds work: the role can touch nothing but what is the one tenant's. Tenants with an AWS account of their
    /// own have a role of their own there.
    #[arg(long, value_name = "ARN")]
    pub assume_role_arn: Option<RoleArn>,
    /// A filesystem mirror of providers to take plugins from, in place of fetching them once [env: PALISADE_TF_PLUGIN_DIR].
    #[arg(long, value_name = "DIR")]
    pub plugin_dir: Option<PathBuf>,
    /// Break the lock of a state whose holder is known to be gone; it is recorded. Where that is not known, say how to find out.
    #[arg(long)]
    pub unlock: bool,
    /// Tell each resource.
    #[arg(long, short)]
    pub verbose: bool,
}

/// `app plan`.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// What every command that runs Terraform takes.
    #[command(flatten)]
    pub running: Running,
    /// Tell what in AWS is not as it was left, in place of what a deployment would change. The exit status is 2 if there is something.
    #[arg(long)]
    pub detect_drift: bool,
}

/// `app deploy`.
#[derive(Args, Clone, Debug)]
pub struct Deploy {
    /// What every command that runs Terraform takes.
    #[command(flatten)]
    pub running: Running,
    /// Don't ask.
    #[arg(long)]
    pub auto_approve: bool,
    /// Go on with what was begun: only stacks that are not yet deployed with their present document, in the same waves.
    #[arg(long)]
    pub resume: bool,
    /// Deploy in waves: how far the rollout is after each of them, in tenants or percent, for example 1,10%,100%.
    ///
    /// Which tenants come first is another choice for each new version, and the same on every machine. The platform comes with the first
    /// wave, tenants that are removed with the last one.
    #[arg(long, value_name = "LIST")]
    pub waves: Option<Waves>,
    /// How many stacks may fail before no further wave is begun: a number, or a percentage of those tried [default: 0].
    #[arg(long, value_name = "N|P%")]
    pub failure_budget: Option<Budget>,
    /// After each wave, ask whether what was deployed is well: `url` asks each tenant's function URL for /health, signed.
    #[arg(long, value_enum, value_name = "HOW", conflicts_with = "health_command")]
    pub health: Option<HealthKind>,
    /// After each wave, run this program for each stack that was deployed; a status other than 0 is a failure.
    ///
    /// Its arguments are parted at spaces; no shell reads them. STACK, TENANT and `OUTPUT_<NAME>` are in its environment.
    #[arg(long, value_name = "COMMAND")]
    pub health_command: Option<String>,
    /// How long to wait after a wave before the health check [default: 0].
    #[arg(long, value_name = "SECONDS")]
    pub bake: Option<u64>,
    /// Stop after each wave; `app deploy --resume` goes on with the next one.
    #[arg(long)]
    pub pause: bool,
    /// Leave this tenant at what is deployed, from now on; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub pin: Vec<Pattern>,
    /// Bring this tenant up to date again; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub unpin: Vec<Pattern>,
    /// What the account has: the deployment is refused, before anything is created, if it cannot fit.
    #[command(flatten)]
    pub quotas: Quotas,
}

/// How a health check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HealthKind {
    /// `GET /health` at the function URL.
    Url,
}

/// `app destroy`.
#[derive(Args, Clone, Debug)]
pub struct Destroy {
    /// What every command that runs Terraform takes.
    #[command(flatten)]
    pub running: Running,
    /// Don't ask.
    #[arg(long)]
    pub auto_approve: bool,
}

/// `app outputs`.
#[derive(Args, Clone, Debug)]
pub struct Outputs {
    /// Which stacks.
    #[command(flatten)]
    pub selection: Selection,
    /// Tell what each output is, in place of its value.
    #[arg(long, conflicts_with_all = ["output_file", "refresh"])]
    pub describe: bool,
    /// Write the values into this file as one JSON document, whole or not at all.
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Ask Terraform, in place of what the last deployment recorded.
    #[arg(long)]
    pub refresh: bool,
    /// The Terraform or OpenTofu that is asked [env: TERRAFORM_BINARY_NAME] [default: terraform, then tofu, on the PATH].
    #[arg(long, value_name = "PROGRAM")]
    pub terraform_bin: Option<PathBuf>,
    /// Ask an emulator in place of AWS for states that are in S3: URL, or SERVICE=URL [env: AWS_ENDPOINT_URL].
    #[arg(long = "endpoint-url", value_name = "URL")]
    pub endpoint_urls: Vec<String>,
}

impl Running {
    /// The flags that a next command needs to mean the same stacks in the same place.
    pub(crate) fn again(&self) -> String {
        let tenants = self.selection.tenants.iter().map(|pattern| match pattern.to_string() {
            pattern if pattern.contains(['*', '?']) => format!(" --tenant '{pattern}'"),
            id => format!(" --tenant {id}"),
        });
        let platform = self.selection.platform.then(|| " --platform".to_owned());
        let endpoints = self.endpoint_urls.iter().map(|url| format!(" --endpoint-url {url}"));
        let role = self.assume_role_arn.iter().map(|role| format!(" --assume-role-arn {role}"));
        tenants.chain(platform).chain(endpoints).chain(role).collect()
    }

    /// The role that is assumed for each tenant.
    pub(crate) fn assumed(&self) -> Option<Assumed> {
        let tenant_tag = Tags::TENANT_ID.to_owned();
        self.assume_role_arn.as_ref().map(|role| Assumed { arn: role.to_string(), tenant_tag })
    }
}
