//! The build project that deploys tenants' stacks, one tenant for each build.
//!
//! Its commands are fixed words and quoted variables. The one variable that comes from outside, `TENANT_ID`, is set by the workflow, which
//! has parsed it; the program parses it again, and takes it as the value of an option, whatever it begins with.

use construct::arn::{Key, Role};
use construct::{Address, Arn, ArnOf, Attr, Construct, Handle, Resource, Stack, Text, arn};
use naming::{NetworkPlan, Owner, Platform, PlatformKind, ResourceName, Tags, runtime};
use serde::Serialize;
use serde_json::{Value, json};

use crate::workflow::{BUILD_MINUTES, QUEUED_MINUTES};

pub use naming::runtime::RELEASE_ZIP;
/// Where the ARN of the deployer's role stands, in the environment of a build.
pub const DEPLOYER_ROLE_ARN: &str = "DEPLOYER_ROLE_ARN";
/// Where the settings of the environment stand there: a tenants file without its tenants.
pub const FLEET_SETTINGS: &str = "FLEET_SETTINGS";

/// The commands of a build, as a [build specification][buildspec] (JSON is YAML).
///
/// A release holds the program, Terraform, a mirror of its provider and the packages of the functions.
///
/// What the last of them said is exported as [`RUN_RESULT`](runtime::RUN_RESULT), also when it failed: the commands after it are run all the
/// same, in the same shell. Nothing is exported of a program that ended without a word.
///
/// [buildspec]: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
pub fn buildspec() -> Value {
    json!({
        "version": "0.2",
        "env": { "shell": "bash", "exported-variables": [runtime::RUN_RESULT] },
        "phases": {
            "build": { "commands": [
                ": > result.json",
                "./app tenants export --tenant=\"$TENANT_ID\" --settings=\"$FLEET_SETTINGS\" --output-file=tenants.json --format=json > result.json",
                "./app deploy --tenant=\"$TENANT_ID\" --assume-role-arn=\"$DEPLOYER_ROLE_ARN\" --terraform-bin=./terraform \
                 --plugin-dir=./plugins --auto-approve --format=json > result.json",
            ] },
            "post_build": { "commands": ["export RUN_RESULT=\"$(tr -d '\\n' < result.json)\""] },
        },
    })
}

/// The build project.
pub struct PlatformRunner {
    /// The role of the project.
    pub role: ArnOf<Role>,
    /// The role that the builds assume, for one tenant each.
    pub deployer_role: ArnOf<Role>,
    /// The platform's key.
    pub key: ArnOf<Key>,
    /// The network plan of the environment.
    pub network: NetworkPlan,
    /// The version whose release the builds run.
    pub release: &'static str,
    /// What the names of the log streams begin with, before a slash.
    pub streams: &'static str,
    /// Below what the releases lie in the platform's bucket of states.
    pub releases: &'static str,
    /// What must exist before a build can run.
    pub ready: Vec<Address>,
}

/// A CodeBuild project.
#[derive(Serialize)]
pub struct BuildProject {
    artifacts: Artifacts,
    build_timeout: u32,
    description: Text,
    encryption_key: ArnOf<Key>,
    environment: Environment,
    logs_config: LogsConfig,
    name: ResourceName,
    queued_timeout: u32,
    service_role: ArnOf<Role>,
    source: Source,
    tags: Tags,
}

impl Resource for BuildProject {
    const TYPE: &'static str = "aws_codebuild_project";
}

impl BuildProject {
    /// The project's ARN.
    pub const ARN: Attr<Self, Arn<arn::BuildProject>> = Attr::new("arn");
}

#[derive(Serialize)]
struct Artifacts {
    r#type: &'static str,
}

#[derive(Serialize)]
struct Environment {
    compute_type: &'static str,
    environment_variable: Vec<Variable>,
    image: &'static str,
    privileged_mode: bool,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Variable {
    name: &'static str,
    r#type: &'static str,
    value: Text,
}

#[derive(Serialize)]
struct LogsConfig {
    cloudwatch_logs: CloudwatchLogs,
}

#[derive(Serialize)]
struct CloudwatchLogs {
    group_name: ResourceName,
    status: &'static str,
    stream_name: &'static str,
}

#[derive(Serialize)]
struct Source {
    buildspec: Text,
    location: Text,
    r#type: &'static str,
}

impl Construct<Platform> for PlatformRunner {
    type Exports = Handle<BuildProject>;

    fn declare(self, stack: &mut Stack<Platform>) -> Handle<BuildProject> {
        let platform = stack.owner();
        let variable = |name, value: Text| Variable { name, r#type: "PLAINTEXT", value };
        let bucket = platform.name(PlatformKind::State);
        let project = BuildProject {
            artifacts: Artifacts { r#type: "NO_ARTIFACTS" },
            build_timeout: BUILD_MINUTES,
            description: Text::literal("Deploys the stack of one tenant, as that tenant's deployer"),
            encryption_key: self.key.clone(),
            environment: Environment {
                compute_type: "BUILD_GENERAL1_SMALL",
                environment_variable: vec![
                    variable(DEPLOYER_ROLE_ARN, self.deployer_role.text()),
                    variable(FLEET_SETTINGS, self.settings(platform)),
                ],
                image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                privileged_mode: false,
                r#type: "LINUX_CONTAINER",
            },
            logs_config: LogsConfig {
                cloudwatch_logs: CloudwatchLogs {
                    group_name: platform.name(PlatformKind::RunnerLog),
                    status: "ENABLED",
                    stream_name: self.streams,
                },
            },
            name: platform.name(PlatformKind::Runner),
            queued_timeout: QUEUED_MINUTES,
            service_role: self.role,
            source: Source {
                buildspec: Text::literal(buildspec().to_string()),
                location: Text::from(&bucket)
                    .lit("/")
                    .lit(self.releases)
                    .lit("/")
                    .lit(self.release)
                    .lit("/")
                    .lit(RELEASE_ZIP),
                r#type: "S3",
            },
            tags: platform.tags(),
        };
        stack.add_after("runner", project, self.ready)
    }
}

impl PlatformRunner {
    /// The settings of the environment, as a tenants file has them. States lie in the platform's bucket, under the platform's key.
    fn settings(&self, platform: &Platform) -> Text {
        Text::json(&json!({
            "environment_suffix": platform.suffix.as_str(),
            "environment": platform.environment.as_str(),
            "region": platform.region.as_str(),
            "network": {
                "supernet": self.network.supernet().to_string(), "prefix_length": self.network.prefix_length(),
            },
            "backend": {
                "type": "s3", "bucket": platform.name(PlatformKind::State), "kms_key_id": self.key.text(),
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "nothing of the event ever reaches a shell unquoted"
    #[test]
    fn the_commands_are_fixed_words_and_quoted_variables() {
        let spec = buildspec();
        let phases = spec["phases"].as_object().unwrap();
        let commands: Vec<&str> = phases
            .values()
            .flat_map(|phase| phase["commands"].as_array().unwrap())
            .map(|command| command.as_str().unwrap())
            .collect();
        assert_eq!(commands.len(), 4);
        for command in commands {
            // Outside of double quotes there is no `$`; inside, a variable's value is not split and not read again.
            for outside in command.split('"').step_by(2) {
                assert!(!outside.contains(['$', '`', ';', '&', '|']), "{command}");
            }
            assert!(!command.contains("eval") && !command.contains("sh -c"), "{command}");
        }
    }
}
