//! What an account has and uses, asked with Terraform: with its data sources and the caller's own credentials, so that this program needs
//! no AWS SDK. Nothing is created: the configuration has no resource, and Terraform is told to refresh only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use capacity::{Key, Raise, Scope};
use runner::message::{Entry, Message, Severity};
use runner::{Credentials, Endpoints, Environment, OutputValue, OverlayError, Terraform};
use serde_json::{Map, Value, json};

/// Why an account could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The program does not start any more.
    #[error("cannot start `{}`; name a Terraform or OpenTofu that can be run with `--terraform-bin`", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The scratch directory cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The endpoints cannot be laid over the configuration.
    #[error(transparent)]
    Endpoints(#[from] OverlayError),
    /// Terraform failed as a whole, for example for want of credentials.
    #[error(
        "`terraform {verb}` could not ask the account: {said}; check the credentials and the region, or leave `--read-account` out"
    )]
    Failed {
        /// `init` or `apply`.
        verb: &'static str,
        /// What it said.
        said: String,
    },
}

/// How Terraform is called.
#[derive(Clone, Debug)]
pub struct Tool {
    /// The program.
    pub terraform: Terraform,
    /// What it gets of the caller's environment.
    pub environment: Environment,
    /// Where it asks.
    pub endpoints: Endpoints,
    /// A filesystem mirror that has the AWS provider.
    pub plugin_dir: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How large quotas are, in their own units.
    pub limits: BTreeMap<Key, u64>,
    /// What others in the account use.
    pub before: BTreeMap<Key, u64>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// Provider settings: where the account is asked, and where quotas that are not of a region are.
const HOME: &str = "us-east-1";
/// Each round leaves out what the one before could not read.
const ROUNDS: usize = 5;

/// Asks the account for its quotas, and for what others than the stacks of this environment use.
///
/// # Errors
/// When Terraform cannot be started, or cannot reach the account at all. What it cannot read one by one is told in the answer.
pub fn read(scratch: &Path, region: &str, suffix: &str, tool: &Tool) -> Result<Found, AccountError> {
    let scratch = Scratch::make(scratch)?;
    let mut found = Found::default();
    let mut left_out = BTreeSet::new();
    for round in 0..ROUNDS {
        scratch.write("main.tf.json", &configuration(region, suffix, &left_out))?;
        if round == 0 {
            tool.endpoints.install(&scratch.0, Credentials::of(&tool.environment), None)?;
            let mut arguments = vec!["init".to_owned(), "-input=false".to_owned(), "-no-color".to_owned()];
            arguments.extend(tool.plugin_dir.iter().map(|dir| format!("-plugin-dir={}", dir.display())));
            let output = scratch.terraform(tool, &arguments)?;
            if !output.status.success() {
                return Err(AccountError::Failed { verb: "init", said: last_words(&output.stderr) });
            }
        }
        let arguments = ["apply", "-refresh-only", "-auto-approve", "-input=false", "-json"].map(str::to_owned);
        let output = scratch.terraform(tool, &arguments)?;
        let answer = Answer::of(&output.stdout);
        if output.status.success() {
            take(&mut found, &answer.outputs);
            return Ok(found);
        }
        let blamed: Vec<(String, String)> = answer
            .errors
            .iter()
            .filter_map(|(address, said)| Some((data_of(address.as_deref()?)?, said.clone())))
            .collect();
        if blamed.is_empty() {
            let said = answer.errors.into_iter().map(|(_, said)| said).next();
            return Err(AccountError::Failed {
                verb: "apply",
                said: said.unwrap_or_else(|| last_words(&output.stderr)),
            });
        }
        for (data, said) in blamed {
            if left_out.insert(data.clone()) {
                found.unread.push(format!("{}: {}", named(&data), shortened(&said)));
            }
        }
    }
    Err(AccountError::Failed { verb: "apply", said: found.unread.join("; ") })
}

/// The address of a data source without its module, instance and `data.`.
fn data_of(address: &str) -> Option<String> {
    let address = address.strip_prefix("data.")?;
    Some(address.split('[').next().unwrap_or(address).to_owned())
}

/// What a person calls it.
fn named(data: &str) -> String {
    match data.strip_prefix("aws_servicequotas_service_quota.") {
        Some(id) => format!("quota `{}`", id.replace('_', "-")),
        None => format!("use of `{data}`"),
    }
}

/// The beginning of a message, which has what matters.
fn shortened(said: &str) -> String {
    const MOST: usize = 160;
    match said.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", said.get(..end).unwrap_or_default()),
        None => said.to_owned(),
    }
}

fn last_words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(|line| line.trim_matches(['│', '╷', '╵', ' '])).filter(|line| !line.is_empty());
    lines.take(3).collect::<Vec<_>>().join(" ")
}

/// What Terraform's machine-readable output says in the end.
#[derive(Debug, Default)]
struct Answer {
    outputs: BTreeMap<String, OutputValue>,
    /// Each error, and the resource it is of.
    errors: Vec<(Option<String>, String)>,
}

impl Answer {
    /// Lines that are no message are nobody's.
    fn of(bytes: &[u8]) -> Self {
        let mut answer = Self::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            match Entry::of(line) {
                Entry::Message(Message::Outputs(outputs)) => answer.outputs.extend(outputs),
                Entry::Message(Message::Diagnostic(diagnostic)) if diagnostic.severity == Severity::Error => {
                    let said = match diagnostic.detail.lines().next() {
                        Some(detail) if !detail.is_empty() => format!("{}: {detail}", diagnostic.summary),
                        _ => diagnostic.summary,
                    };
                    answer.errors.push((diagnostic.address, said));
                }
                _ => {}
            }
        }
        answer
    }
}

fn take(found: &mut Found, outputs: &BTreeMap<String, OutputValue>) {
    for key in Key::ALL.iter().copied() {
        let id = id(key);
        let number = |name: String| {
            let value = outputs.get(&name)?.value.as_ref()?;
            // Service Quotas counts in floating point numbers.
            value.as_u64().or_else(|| value.as_f64().filter(|it| *it >= 0.0).map(|it| it as u64))
        };
        found.limits.extend(number(format!("limit_{id}")).map(|value| (key, value)));
        found.before.extend(number(format!("before_{id}")).map(|value| (key, value)));
    }
}

fn id(key: Key) -> String {
    key.as_str().replace('-', "_")
}

/// A data source that tells what is in use, the filter by which it finds the environment's own, and the expression that counts the others.
struct Use {
    key: Key,
    data: Vec<(&'static str, &'static str, Value)>,
    others: String,
}

fn uses(suffix: &str) -> Vec<Use> {
    let own_names = format!("^(tenant|platform)-.*-{suffix}$");
    // An empty list may come as null.
    let foreign =
        |list: &str| format!("[for name in compact(flatten([{list}])) : name if !can(regex(\"{own_names}\", name))]");
    let tagged = |name: String| json!({ "filter": [{ "name": "tag:Name", "values": [name] }] });
    let vpcs = ("aws_vpcs", "own", tagged(format!("tenant-*-vpc-{suffix}")));
    vec![
        Use {
            key: Key::VpcsPerRegion,
            data: vec![("aws_vpcs", "all", json!({})), vpcs.clone()],
            others: "length(data.aws_vpcs.all.ids) - length(data.aws_vpcs.own.ids)".to_owned(),
        },
        Use {
            key: Key::SecurityGroupsPerRegion,
            data: vec![
                ("aws_security_groups", "all", json!({})),
                ("aws_security_groups", "own", tagged(format!("tenant-*-{suffix}"))),
            ],
            others: "length(data.aws_security_groups.all.ids) - length(data.aws_security_groups.own.ids)".to_owned(),
        },
        Use {
            key: Key::NetworkInterfacesPerRegion,
            data: vec![
                ("aws_network_interfaces", "all", json!({})),
                vpcs,
                (
                    "aws_network_interfaces",
                    "own",
                    json!({ "filter": [{ "name": "vpc-id", "values": "${concat(data.aws_vpcs.own.ids, [\"none\"])}" }] }),
                ),
            ],
            others: "length(data.aws_network_interfaces.all.ids) - length(data.aws_network_interfaces.own.ids)".to_owned(),
        },
        Use {
            key: Key::IamRoles,
            data: vec![("aws_iam_roles", "all", json!({}))],
            others: format!("length({})", foreign("data.aws_iam_roles.all.names")),
        },
        Use {
            key: Key::DynamoDbTables,
            data: vec![("aws_dynamodb_tables", "all", json!({}))],
            others: format!("length({})", foreign("data.aws_dynamodb_tables.all.names")),
        },
        Use {
            key: Key::LogGroups,
            data: vec![("aws_cloudwatch_log_groups", "all", json!({}))],
            others: format!("length({})", foreign("data.aws_cloudwatch_log_groups.all.log_group_names")),
        },
        Use {
            key: Key::LambdaConcurrency,
            data: vec![
                ("aws_lambda_functions", "all", json!({})),
                (
                    "aws_lambda_function",
                    "other",
                    json!({
                        "for_each": format!("${{toset({})}}", foreign("data.aws_lambda_functions.all.function_names")),
                        "function_name": "${each.value}",
                    }),
                ),
            ],
            others: "sum(concat([0], [for it in data.aws_lambda_function.other : max(it.reserved_concurrent_executions, 0)]))"
                .to_owned(),
        },
    ]
}

/// The configuration that asks, without what is left out and what depends on it.
pub fn configuration(region: &str, suffix: &str, left_out: &BTreeSet<String>) -> Value {
    let mut data: Map<String, Value> = Map::new();
    let mut outputs = Map::new();
    let asked = |kind: &str, id: &str| !left_out.contains(&format!("{kind}.{id}"));
    let mut ask = |kind: &str, id: &str, body: Value| {
        let kinds = data.entry(kind).or_insert_with(|| json!({}));
        if let Some(kinds) = kinds.as_object_mut() {
            kinds.insert(id.to_owned(), body);
        }
    };
    for key in Key::declarable() {
        let Raise::Request { service, code, .. } = key.quota().raise else { continue };
        let (kind, id) = ("aws_servicequotas_service_quota", id(key));
        if asked(kind, &id) {
            let mut body = json!({ "service_code": service, "quota_code": code });
            if key.quota().scope == Scope::Account
                && let Some(body) = body.as_object_mut()
            {
                body.insert("provider".to_owned(), json!("aws.home"));
            }
            ask(kind, &id, body);
            outputs.insert(format!("limit_{id}"), json!({ "value": format!("${{data.{kind}.{id}.value}}") }));
        }
    }
    for Use { key, data, others } in uses(suffix) {
        if data.iter().all(|(kind, id, _)| asked(kind, id)) {
            for (kind, id, body) in data {
                ask(kind, id, body);
            }
            outputs.insert(format!("before_{}", id(key)), json!({ "value": format!("${{try({others}, null)}}") }));
        }
    }
    json!({
        "terraform": { "required_providers": { "aws": { "source": "hashicorp/aws", "version": construct::AWS_PROVIDER } } },
        // A quota that a service does not tell is no reason to wait for minutes.
        "provider": { "aws": [
            { "region": region, "max_retries": 3 },
            { "alias": "home", "region": HOME, "max_retries": 3 },
        ] },
        "data": data,
        "output": outputs,
    })
}

/// A directory that goes when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn make(path: &Path) -> Result<Self, AccountError> {
        let failed = |source| AccountError::Write { path: path.to_owned(), source };
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        fs::create_dir_all(path).map_err(failed)?;
        Ok(Self(path.to_owned()))
    }

    fn write(&self, name: &str, value: &Value) -> Result<(), AccountError> {
        let path = self.0.join(name);
        fs::write(&path, value.to_string()).map_err(|source| AccountError::Write { path, source })
    }

    fn terraform(&self, tool: &Tool, arguments: &[String]) -> Result<Output, AccountError> {
        let program = tool.terraform.binary();
        let mut command = Command::new(program);
        tool.environment.apply(&mut command);
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null());
        command.output().map_err(|source| AccountError::Start { program: program.to_owned(), source })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is of no use to anybody, and the next run removes it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_left_out_with_what_depends_on_it() {
        let whole = configuration("eu-west-1", "dev", &BTreeSet::new());
        assert_eq!(whole["provider"]["aws"][0]["region"], "eu-west-1");
        assert_eq!(whole["data"]["aws_servicequotas_service_quota"]["iam_roles"]["provider"], "aws.home");
        assert!(whole["output"]["before_network_interfaces_per_region"].is_object());
        assert!(whole.get("resource").is_none(), "nothing is ever created");
        let left_out = ["aws_vpcs.own", "aws_servicequotas_service_quota.iam_roles"].map(str::to_owned);
        let rest = configuration("eu-west-1", "dev", &BTreeSet::from(left_out));
        let gone = ["before_vpcs_per_region", "before_network_interfaces_per_region", "limit_iam_roles"];
        assert!(gone.iter().all(|name| rest["output"].get(name).is_none()), "{rest}");
        assert!(rest["output"]["before_iam_roles"].is_object());
        assert!(rest["data"].get("aws_vpcs").is_none() && rest["data"].get("aws_network_interfaces").is_none());
    }

    #[test]
    fn terraforms_messages_are_read_and_the_rest_passed_by() {
        let text = concat!(
            "not JSON\n",
            r#"{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"old"}}"#,
            "\n",
            r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"no","detail":"a\nb","address":"data.aws_vpcs.all"}}"#,
            "\n",
            r#"{"type":"outputs","outputs":{"limit_vpcs_per_region":{"value":300.0},"before_iam_roles":{"value":12},"x":{}}}"#,
        );
        let answer = Answer::of(text.as_bytes());
        assert_eq!(answer.errors, [(Some("data.aws_vpcs.all".to_owned()), "no: a".to_owned())]);
        let mut found = Found::default();
        take(&mut found, &answer.outputs);
        assert_eq!(found.limits, BTreeMap::from([(Key::VpcsPerRegion, 300)]));
        assert_eq!(found.before, BTreeMap::from([(Key::IamRoles, 12)]));
    }

    #[test]
    fn addresses_lead_to_data_sources() {
        assert_eq!(data_of(r#"data.aws_lambda_function.other["x"]"#).as_deref(), Some("aws_lambda_function.other"));
        assert_eq!(data_of("aws_vpc.x"), None);
        assert_eq!(named("aws_servicequotas_service_quota.vpcs_per_region"), "quota `vpcs-per-region`");
    }
}
