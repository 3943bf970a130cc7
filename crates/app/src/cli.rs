//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::events::EventsCommand;
use crate::settings::Flags;
use crate::tenants::TenantsCommand;

/// One isolated AWS environment for every tenant, as Terraform.
///
/// Without a command, `synth` runs. Settings come from flags, then environment variables, then the context of cdktf.json, then the
/// tenants file.
#[derive(Debug, Parser)]
#[command(name = "app", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do; `synth` if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  app                                   write the stacks of all tenants to cdktf.out
  app --environment-suffix prod         the same for another environment
  app list --format json                the stacks, for a program
  app outputs --tenant acme-corp        what the stack of one tenant will output
  app verify cdktf.out                  judge stacks, whoever made them
  app build                             build the Lambda functions
  app tenants add acme-corp             a tenant more, with the lowest free network index
  app tenants status acme-corp          where a tenant stands, and what is to be done
  app api --tenant acme-corp            serve a tenant's API on this machine";

const VERIFY_EXAMPLES: &str = "\
Examples:
  app verify cdktf.out                  the stacks that `app`, cdktf or cdktn wrote
  app verify . --format json            every stack below this directory, for a program";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  app explain --principal tenant-acme-corp-api-role-dev --action s3:GetObject \\
      --resource tenant-retail-co-dev:aws_s3_bucket.data/report.pdf
  app explain --principal events.amazonaws.com --action lambda:InvokeFunction \\
      --resource tenant-acme-corp-dev:aws_lambda_function.api \\
      --context aws:SourceArn=tenant-acme-corp-dev:aws_cloudwatch_event_rule.tenant \\
      --context aws:SourceAccount='<account>'
  app explain --dir cdktf.out --action dynamodb:GetItem \\
      --principal tenant-acme-corp-dev:aws_iam_role.api \\
      --resource arn:aws:dynamodb:us-east-1:123456789012:table/tenant-acme-corp-metadata-dev \\
      --context dynamodb:LeadingKeys=acme-corp \\
      --context aws:SourceVpce=tenant-acme-corp-dev:aws_vpc_endpoint.dynamodb";

/// One request.
#[derive(Args, Debug)]
pub struct Question {
    /// A role's ARN or name, STACK:aws_iam_role.ID, or a service such as events.amazonaws.com.
    #[arg(long, value_name = "WHO")]
    pub principal: String,
    /// The action, for example s3:GetObject.
    #[arg(long, value_name = "ACTION")]
    pub action: String,
    /// An ARN, `*`, or STACK:TYPE.ID with what follows in the ARN, for example /key.
    ///
    /// Any account number stands for the account that Terraform's own credentials lead to, `<account>`.
    #[arg(long, value_name = "WHAT")]
    pub resource: String,
    /// Keys of the request's context; a key may be given several times. STACK:TYPE.ID stands for the id or ARN of a resource.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., value_parser = key_and_value)]
    pub context: Vec<(String, String)>,
    /// Ask the stacks of this directory in place of the tenants file's.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, for example aws:SecureTransport=true".to_owned()),
    }
}

/// What every command takes.
#[derive(Args, Debug)]
pub struct Common {
    /// The file that lists the tenants.
    #[arg(long, global = true, value_name = "FILE", default_value = "tenants.json")]
    pub tenants_file: PathBuf,
    /// The last part of every name, in place of the file's [env: PALISADE_ENVIRONMENT_SUFFIX].
    #[arg(long, global = true, value_name = "SUFFIX")]
    pub environment_suffix: Option<String>,
    /// The AWS region, in place of the file's [env: PALISADE_REGION].
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Where stacks are written [env: CDKTF_OUTDIR] [default: cdktf.out].
    #[arg(long, global = true, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// For people, or for programs.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

impl Common {
    /// The part that settings are made from.
    pub fn flags(&self) -> Flags {
        Flags {
            tenants_file: self.tenants_file.clone(),
            environment_suffix: self.environment_suffix.clone(),
            region: self.region.clone(),
            output: self.output.clone(),
        }
    }
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Short and aligned, in colour on a terminal.
    Human,
    /// One JSON document.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the stacks of all tenants, after judging them together. This is what cdktf.json calls.
    ///
    /// Always all of them, so there is no `--tenant`: isolation is a statement about all tenants, and the CDKTF CLIs delete the
    /// directory of a stack that is not in the manifest. What has not changed is not written again.
    Synth,
    /// Show the stacks.
    List(Selection),
    /// Show what each stack outputs after a deployment.
    Outputs(Selection),
    /// Judge the isolation of any directory of Terraform JSON, whoever made it.
    ///
    /// The stacks are those of CDKTF's manifest.json, else every directory at any depth that holds *.tf.json files. The exit status is
    /// 0 if isolation is proved, and 1 if it is not or something cannot be read. What is not judged (HCL, overrides, modules, unknown
    /// types) is named, and nothing is proved then. No tenants file is needed.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify {
        /// The directory, for example cdktf.out.
        dir: PathBuf,
    },
    /// Write the report of the isolation proof: isolation.html for people, isolation.json for programs.
    ///
    /// Both go into the output directory. The report is of the fleet of the tenants file as it would be written now. The exit status is
    /// 1 if isolation is not proved; the report then says why.
    Report,
    /// Show what AWS would say of one request, and the statements that decide it, in order.
    ///
    /// Asked are the stacks of the tenants file, without writing them, or those of a directory. What the stacks say of principal and
    /// resource (their tags) is filled in; every other key of the context that is not given is absent. The exit status is 0 whatever
    /// the decision, and 1 if there is none.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Question),
    /// Build the Lambda functions into target/lambda.
    Build {
        /// What the functions run on.
        #[arg(long, value_enum, default_value_t = Target::X86_64)]
        architecture: Target,
    },
    /// Add, remove and show tenants, with a registry beside the tenants file.
    #[command(subcommand)]
    Tenants(TenantsCommand),
    /// Take events from a file, as the platform takes them from the bus.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Serve a tenant's API on this machine, for development.
    ///
    /// The function is built and called by cargo-lambda, and built again when its code changes.
    Api {
        /// The tenant.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// The port on 127.0.0.1.
        #[arg(long, default_value_t = 9000)]
        port: u16,
        /// An emulator of DynamoDB that runs already, such as 127.0.0.1:4566; else one is started.
        #[arg(long, value_name = "ADDRESS:PORT", value_parser = on_loopback)]
        endpoint: Option<SocketAddr>,
    },
}

/// Made-up credentials and a tenant's documents leave this machine for nowhere.
fn on_loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "it is no address with a port, such as 127.0.0.1:4566".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("an emulator must be on this machine, at 127.0.0.1".to_owned())
    }
}

/// Which tenants.
#[derive(Args, Debug)]
pub struct Selection {
    /// Only this tenant; may be given several times.
    #[arg(long = "tenant", value_name = "ID")]
    pub tenants: Vec<String>,
}

/// What a function runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// 64-bit x86.
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit Arm; needs the standard library of that target.
    #[value(name = "arm64")]
    Arm64,
}

impl From<Target> for compute::Architecture {
    fn from(target: Target) -> Self {
        match target {
            Target::X86_64 => Self::X86_64,
            Target::Arm64 => Self::Arm64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_emulator_is_on_this_machine() {
        let parse = |endpoint| Cli::try_parse_from(["app", "api", "--tenant", "acme-corp", "--endpoint", endpoint]);
        assert!(parse("127.0.0.1:4566").is_ok() && parse("[::1]:8000").is_ok());
        for endpoint in ["10.0.0.1:4566", "dynamodb.us-east-1.amazonaws.com:443", "127.0.0.1"] {
            assert!(parse(endpoint).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn common_flags_stand_before_or_after_the_command() {
        for line in [["app", "--region", "eu-west-1", "list"], ["app", "list", "--region", "eu-west-1"]] {
            assert_eq!(Cli::parse_from(line).common.region.as_deref(), Some("eu-west-1"));
        }
    }
}
