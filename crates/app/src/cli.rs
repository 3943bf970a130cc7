//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::events::{self, Events};
use crate::fleet;
use crate::fleet::select::Selection;
use crate::release::{self, Release};
use crate::settings::Flags;
use crate::tenants::Tenants;

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
  app build                             build the Lambda functions
  app deploy                            show what would change in AWS, ask, and do it
  app outputs --tenant acme-corp        what the stack of one tenant outputs
  app verify cdktf.out                  judge stacks, whoever made them
  app capacity --tenants 100            the AWS quotas that 100 tenants need
  app tenants add acme-corp             a tenant more, with the lowest free network index
  app tenants status acme-corp          where a tenant stands, and what is to be done
  app api --tenant acme-corp            serve a tenant's API on this machine
  app init fleet                        a new fleet repository in the directory fleet
  app diagram > fleet.svg               a picture of all of it

Each command has examples of its own: app deploy --help";

const SYNTH_EXAMPLES: &str = "\
Examples:
  app synth                             the same as app
  app synth --output /tmp/look --format json
                                        elsewhere, with the summary for a program
  cdktf deploy 'tenant-*' platform-dev  the CDKTF CLIs run it as cdktf.json says";

const LIST_EXAMPLES: &str = "\
Examples:
  app list                              all stacks
  app list --tenant 'acme-*' --format json";

const REPORT_EXAMPLES: &str = "\
Examples:
  app report                            cdktf.out/isolation.html and cdktf.out/isolation.json
  app report --output /tmp/audit        elsewhere";

const BUILD_EXAMPLES: &str = "\
Examples:
  app build                             from the code in this project, into target/lambda
  app build --source ../palisade        for a fleet's repository, from a checkout of Palisade
  app build --architecture arm64";

const API_EXAMPLES: &str = "\
Examples:
  app api --tenant acme-corp            on 127.0.0.1:9000, with an emulated DynamoDB of its own
  app api --tenant acme-corp --port 8080 --endpoint 127.0.0.1:4566";

const DIAGRAM_EXAMPLES: &str = "\
Examples:
  app diagram > fleet.svg               the platform, the tenants, and what goes between them
  app diagram --tenant acme-corp > acme-corp.svg
  app diagram --format mermaid          for Markdown, as GitHub shows it
  app diagram --format json             boxes and arrows, for a program";

const INIT_EXAMPLES: &str = "\
Examples:
  app init fleet                        a new repository in the directory fleet
  app init                              in this directory
  app init prod --environment-suffix prod --region eu-central-1";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  app completions bash > ~/.local/share/bash-completion/completions/app
  app completions zsh > \"${fpath[1]}/_app\"
  app completions fish > ~/.config/fish/completions/app.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  app man ~/.cargo/share/man/man1       then: man app, man app-deploy
  app man | man -l -                    look at it now";

const TENANTS_EXAMPLES: &str = "\
Examples:
  app tenants add acme-corp             a tenant more, with the lowest free network index
  app tenants remove acme-corp --waiting-days 7
  app tenants status acme-corp          where a tenant stands, and what is to be done
  app tenants list --format json";

const PLAN_EXAMPLES: &str = "\
Examples:
  app plan                              what a deployment of the whole fleet would change
  app plan --tenant 'acme-*'            of these tenants only
  app plan --detect-drift               what was changed behind Terraform's back; exit status 2 if anything was";

const DEPLOY_EXAMPLES: &str = "\
Examples:
  app deploy                            show what would change, ask once, do it
  app deploy --tenant acme-corp --auto-approve
  app deploy --auto-approve --waves 1,10%,100% --failure-budget 1 --health url --bake 300
                                        one tenant, then a tenth, then all, as long as they are well
  app deploy --resume                   go on after a failure, a pause or an interrupt
  app deploy --pin acme-corp            leave this tenant at what is deployed
  app deploy --auto-approve --endpoint-url http://127.0.0.1:4566
                                        deploy to an emulator
  app deploy --auto-approve --format json > run.json";

const DESTROY_EXAMPLES: &str = "\
Examples:
  app destroy --tenant acme-corp        one tenant; asks first
  app destroy --auto-approve            the whole fleet, the platform too
  app destroy --unlock                  also where a run that was killed left a lock behind";

const OUTPUTS_EXAMPLES: &str = "\
Examples:
  app outputs                           the values of all stacks, as the last deployments recorded them
  app outputs --output-file outputs.json
                                        one file for automation: {\"stacks\": {STACK: {\"tenant\", \"outputs\"}}}
  app outputs --refresh                 ask Terraform, also for what another tool deployed
  app outputs --describe                what each output is";

const VERIFY_EXAMPLES: &str = "\
Examples:
  app verify                            the stacks in cdktf.out, whether `app`, cdktf or cdktn wrote them
  app verify elsewhere/cdktf.out        those of another directory
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

const CAPACITY_EXAMPLES: &str = "\
Examples:
  app capacity                          what the tenants file's tenants need, and how many fit
  app capacity --tenants 100            the same for 100 tenants, with what to ask AWS for
  app capacity --quota vpcs-per-region=300 --quota lambda-concurrency=5000
  app capacity --read-account           ask the account itself, with Terraform";

/// Which quotas an account has, where they are not AWS's defaults.
#[derive(Args, Clone, Debug, Default)]
pub struct Quotas {
    /// How large a quota of the shared account is, in place of AWS's default and of `quotas` in the tenants file.
    #[arg(long = "quota", value_name = "KEY=NUMBER", value_parser = quota)]
    pub quotas: Vec<(capacity::Key, u64)>,
}

fn quota(text: &str) -> Result<(capacity::Key, u64), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=NUMBER, for example vpcs-per-region=300")?;
    let key = key.parse().map_err(|error: capacity::KeyError| error.to_string())?;
    let value = value.parse().map_err(|_| format!("`{value}` is no whole number"))?;
    Ok((key, value))
}

/// For how many tenants, and where.
#[derive(Args, Debug)]
pub struct Capacity {
    /// Ask for so many tenants in the shared account, not for those of the tenants file. Each is taken to be like a standard one, with
    /// the longest id that there can be.
    #[arg(long, value_name = "NUMBER")]
    pub tenants: Option<u64>,
    /// How many stacks are deployed at a time; else all of them.
    #[arg(long, value_name = "NUMBER")]
    pub parallelism: Option<std::num::NonZeroU64>,
    /// What the account has.
    #[command(flatten)]
    pub quotas: Quotas,
    /// Ask the shared account for its quotas and for what others use there, with Terraform and the credentials that it finds. Nothing is
    /// created.
    #[arg(long)]
    pub read_account: bool,
    /// The program that asks; else `terraform`, or `tofu`.
    #[arg(long, value_name = "FILE", requires = "read_account")]
    pub terraform_bin: Option<PathBuf>,
    /// A filesystem mirror that has the AWS provider; else Terraform gets it.
    #[arg(long, value_name = "DIR", requires = "read_account")]
    pub plugin_dir: Option<PathBuf>,
}

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
    /// The flags that were given, for a next command.
    pub(crate) fn again(&self) -> String {
        let file = (self.tenants_file.as_os_str() != "tenants.json").then(|| self.tenants_file.display().to_string());
        let given = [
            ("--tenants-file", file),
            ("--environment-suffix", self.environment_suffix.clone()),
            ("--region", self.region.clone()),
            ("--output", self.output.as_ref().map(|output| output.display().to_string())),
        ];
        given.into_iter().filter_map(|(flag, value)| Some(format!(" {flag} {}", value?))).collect()
    }

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

/// The forms of a picture.
fn picture() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["svg", "mermaid", "json"]).map(|form| match form.as_str() {
        "mermaid" => Format::Mermaid,
        "json" => Format::Json,
        _ => Format::Svg,
    })
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Short and aligned, in colour on a terminal.
    Human,
    /// One JSON document.
    Json,
    /// A picture of its own: `app diagram` only.
    #[value(skip)]
    Svg,
    /// A picture for Markdown: `app diagram` only.
    #[value(skip)]
    Mermaid,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the stacks of all tenants, after judging them together. This is what cdktf.json calls.
    ///
    /// Always all of them, so there is no `--tenant`: isolation is a statement about all tenants, and the CDKTF CLIs delete the
    /// directory of a stack that is not in the manifest. What has not changed is not written again.
    #[command(after_help = SYNTH_EXAMPLES)]
    Synth,
    /// Show the stacks.
    #[command(after_help = LIST_EXAMPLES)]
    List(Selection),
    /// Tell what would change in AWS, or, with --detect-drift, what is not as it was left; change nothing.
    ///
    /// The stacks are written first, and isolation is proved. The exit status is 0, with --detect-drift 2 if something is not as it was
    /// left, and 1 if a stack could not be planned.
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(fleet::Plan),
    /// Bring AWS to what the tenants file says, all stacks in parallel; one stack's failure costs no other anything.
    ///
    /// The stacks are written first, and isolation is proved. Functions are built where they are missing or older than their code. What
    /// would change is shown and asked about once, unless --auto-approve is given. Tenants whose state is `removed` are destroyed. A second
    /// run with nothing to do changes nothing. The exit status is 1 if any stack failed, and at the end only.
    #[command(after_help = DEPLOY_EXAMPLES)]
    Deploy(Box<fleet::Deploy>),
    /// Destroy what is deployed, with all data in it; all stacks in parallel.
    ///
    /// What was never deployed is left alone. What could not be destroyed is named, and the next run goes on with it.
    #[command(after_help = DESTROY_EXAMPLES)]
    Destroy(fleet::Destroy),
    /// Show what each stack outputs: the values after a deployment, before it what there will be.
    #[command(after_help = OUTPUTS_EXAMPLES)]
    Outputs(fleet::Outputs),
    /// Judge the isolation of any directory of Terraform JSON, whoever made it.
    ///
    /// The stacks are those of CDKTF's manifest.json, else every directory at any depth that holds *.tf.json files. The exit status is
    /// 0 if isolation is proved, and 1 if it is not or something cannot be read. What is not judged (HCL, overrides, modules, unknown
    /// types) is named, and nothing is proved then. No tenants file is needed.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify {
        /// The directory; else the output directory.
        dir: Option<PathBuf>,
    },
    /// Write the report of the isolation proof: isolation.html for people, isolation.json for programs.
    ///
    /// Both go into the output directory. The report is of the fleet of the tenants file as it would be written now. The exit status is
    /// 1 if isolation is not proved; the report then says why.
    #[command(after_help = REPORT_EXAMPLES)]
    Report,
    /// Show what AWS would say of one request, and the statements that decide it, in order.
    ///
    /// Asked are the stacks of the tenants file, without writing them, or those of a directory. What the stacks say of principal and
    /// resource (their tags) is filled in; every other key of the context that is not given is absent. The exit status is 0 whatever
    /// the decision, and 1 if there is none.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Question),
    /// Show how many tenants fit into AWS's quotas, which one bites first, and what to ask AWS for.
    ///
    /// What a tenant uses is counted from its stack. Quotas are AWS's defaults, unless the tenants file (`quotas`), the account itself or a
    /// flag says otherwise. The exit status is 1 if the tenants that are asked for do not fit.
    #[command(after_help = CAPACITY_EXAMPLES)]
    Capacity(Capacity),
    /// Build the Lambda functions into target/lambda.
    ///
    /// Their code is in Palisade's own repository; a fleet's repository names a checkout of it with --source.
    #[command(after_help = BUILD_EXAMPLES)]
    Build {
        /// What the functions run on.
        #[arg(long, value_enum, default_value_t = Target::X86_64)]
        architecture: Target,
        /// The checkout of Palisade that has their code; else the project itself.
        #[arg(long, value_name = "DIR")]
        source: Option<PathBuf>,
    },
    /// Make the release that the platform's builds run: this program, Terraform with its provider, and the functions, as one zip.
    ///
    /// The same files give the same bytes. It goes into the platform's bucket of states, below its version, before the platform's stack names it.
    #[command(after_help = release::EXAMPLES)]
    Release(Release),
    /// Draw the fleet, or one tenant's environment, from the stacks as they would be written now.
    ///
    /// Every box is a resource, every arrow a reference or a name in a policy. An SVG loads nothing and suits light and dark pages; Mermaid is
    /// what GitHub shows in Markdown. The picture goes to stdout.
    #[command(after_help = DIAGRAM_EXAMPLES)]
    Diagram {
        /// The tenant; else the whole fleet.
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// The form of the picture.
        // In place of the flag that every command has, and of its type: clap hands a global flag's value from command to command.
        #[arg(id = "format", long, value_name = "FORMAT", default_value = "svg", value_parser = picture())]
        format: Format,
    },
    /// Make a new fleet repository: tenants.json and its schema, cdktf.json, a pipeline, README.md.
    ///
    /// Nothing is overwritten: where a file of that name says something else, it is named and nothing is written. What is written synthesises and
    /// proves as it is.
    #[command(after_help = INIT_EXAMPLES)]
    Init {
        /// The directory; it is made where it is missing.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Print the script that completes this command line in a shell.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write a man page for the program and one for each command; without a directory, print the program's.
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// The directory, for example ~/.cargo/share/man/man1.
        dir: Option<PathBuf>,
    },
    /// Add, remove and show tenants, with a registry beside the tenants file.
    #[command(after_help = TENANTS_EXAMPLES)]
    Tenants(Tenants),
    /// Take events from a file, as the platform takes them from the bus.
    #[command(after_help = events::REPLAY_EXAMPLES)]
    Events(Events),
    /// Serve a tenant's API on this machine, for development.
    ///
    /// The function is built and called by cargo-lambda, and built again when its code changes.
    #[command(after_help = API_EXAMPLES)]
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

    /// clap hands the value of a global flag from command to command, so both must be of one type.
    #[test]
    fn a_picture_has_forms_of_its_own_and_other_commands_have_theirs() {
        let format = |line: &[&str]| Cli::try_parse_from(line).map(|cli| cli.common.format).ok();
        assert_eq!(format(&["app", "diagram"]), Some(Format::Svg));
        assert_eq!(format(&["app", "diagram", "--format", "mermaid"]), Some(Format::Mermaid));
        assert_eq!(format(&["app", "--format", "json", "diagram"]), Some(Format::Json));
        assert_eq!(format(&["app", "list"]), Some(Format::Human));
        for line in [&["app", "list", "--format", "svg"][..], &["app", "--format", "svg", "diagram"]] {
            assert_eq!(format(line), None, "{line:?}");
        }
        assert_eq!(format(&["app", "diagram", "--format", "human"]), None);
    }

    #[test]
    fn common_flags_stand_before_or_after_the_command() {
        for line in [["app", "--region", "eu-west-1", "list"], ["app", "list", "--region", "eu-west-1"]] {
            assert_eq!(Cli::parse_from(line).common.region.as_deref(), Some("eu-west-1"));
        }
    }
}
