//! An AWS of a test's own on loopback: ministack, with moto for EC2, CloudWatch and CodeBuild, behind doors that a test can shut.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::door::Door;
use crate::support::app::clean;
use crate::support::http::{Message, free_port, send};
use crate::support::tools::tool;
use crate::support::{root, wait_for};

/// The account of both emulators.
pub(crate) const ACCOUNT: &str = "123456789012";

/// The services that moto answers for: ministack's EC2 and build projects lack what the provider reads back, and its alarms lose their
/// tags.
const MOTO: [&str; 3] = ["ec2", "cloudwatch", "codebuild"];

/// The emulators of a test. They end with it, however it ends.
pub(crate) struct Aws {
    ministack: SocketAddr,
    moto: SocketAddr,
    /// What Terraform is sent to.
    doors: [Door; 2],
    /// Each ends when its end of the pipe is closed.
    _running: [Child; 2],
    _home: TempDir,
}

impl Aws {
    /// Starts them; without the tools, the test says that it was skipped.
    pub(crate) fn start(test: &str) -> Option<Self> {
        Self::start_with(test, &[])
    }

    /// The same, with more settings of ministack.
    pub(crate) fn start_with(test: &str, settings: &[(&str, &str)]) -> Option<Self> {
        let (ministack, moto) = (tool(test, "ministack")?, tool(test, "moto")?);
        let home = tempfile::tempdir().expect("a temporary directory");
        let addresses = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
        let [of_ministack, of_moto] = addresses;
        let mut first = clean("sh");
        first.envs([
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &of_ministack.port().to_string()),
            ("MINISTACK_ACCOUNT_ID", ACCOUNT),
            ("LAMBDA_EXECUTOR", "local"),
            ("IOT_MTLS_ENABLED", "0"),
            ("SFTP_ENABLED", "0"),
            // Where a function finds its AWS.
            ("AWS_ENDPOINT_URL", &format!("http://{of_ministack}")),
        ]);
        first.envs(settings.iter().copied());
        let mut second = clean("sh");
        // Both are made to answer as AWS does, by the Python that they were installed for.
        for (command, server) in [(&mut first, ministack), (&mut second, moto)] {
            command.args(["-c", TIED, "sh"]).arg(server.with_file_name("python"));
        }
        first.arg(root().join("tests/deploy/ministack_as_aws.py"));
        second.arg(root().join("tests/deploy/moto_as_aws.py"));
        second.args(["-H", "127.0.0.1", "-p", &of_moto.port().to_string()]);
        let running = [("ministack", first), ("moto", second)].map(|(name, command)| spawn(name, command, home.path()));
        for address in addresses {
            wait_for(&format!("an emulator at {address}"), Duration::from_secs(120), || {
                TcpStream::connect(address).ok()
            });
        }
        let doors = addresses.map(Door::before);
        Some(Self { ministack: of_ministack, moto: of_moto, doors, _running: running, _home: home })
    }

    /// The arguments that send `app` there.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut given = vec![format!("http://{}", self.doors[0].address)];
        given.extend(MOTO.map(|service| format!("{service}=http://{}", self.doors[1].address)));
        given.into_iter().flat_map(|endpoint| ["--endpoint-url".to_owned(), endpoint]).collect()
    }

    /// The variables that send `app` there.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let mut given = vec![("AWS_ENDPOINT_URL".to_owned(), format!("http://{}", self.doors[0].address))];
        given.extend(MOTO.map(|service| {
            (format!("AWS_ENDPOINT_URL_{}", service.to_uppercase()), format!("http://{}", self.doors[1].address))
        }));
        given
    }

    /// Where ministack listens.
    pub(crate) fn ministack(&self) -> SocketAddr {
        self.ministack
    }

    /// Writes an override that sends a stack there, as somebody does who runs Terraform or a CDKTF CLI without `app`.
    pub(super) fn override_by_hand(&self, stack: &Path) -> PathBuf {
        let [all, moto] = [0, 1].map(|door: usize| format!("http://{}", self.doors[door].address));
        let services = ["dynamodb", "events", "iam", "kms", "lambda", "logs", "s3", "sfn", "sqs", "sts"];
        let mut endpoints: serde_json::Map<_, _> =
            services.map(|name| (name.to_owned(), json!(all))).into_iter().collect();
        endpoints.extend(MOTO.map(|name| (name.to_owned(), json!(moto))));
        let provider = json!({
            "access_key": "test", "secret_key": "test", "s3_use_path_style": true, "skip_credentials_validation": true,
            "skip_metadata_api_check": true, "skip_region_validation": true, "endpoints": endpoints
        });
        let path = stack.join("by_hand_override.tf.json");
        std::fs::write(&path, json!({ "provider": { "aws": [provider] } }).to_string()).expect("an override");
        path
    }

    /// Lets nothing through, and cuts what is going on.
    pub(super) fn shut(&self) {
        self.doors.iter().for_each(Door::shut);
    }

    /// Lets everything through again.
    pub(super) fn open(&self) {
        self.doors.iter().for_each(Door::open);
    }

    /// Has EC2 do what requests that contain this ask for, and keeps its answers back; with none, no longer.
    pub(super) fn hold_ec2(&self, request: Option<&str>) {
        self.doors[1].hold(request);
    }

    /// Whether an answer of EC2 is kept back.
    pub(super) fn holds_ec2(&self) -> bool {
        self.doors[1].holds()
    }

    /// Calls an operation of a service that speaks JSON.
    pub(crate) fn call(&self, service: &str, target: &str, input: &Value) -> Value {
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")];
        let answer = ask(self.ministack, service, "test", "POST /", &headers, &input.to_string());
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// Makes a function.
    pub(crate) fn create_function(&self, input: &Value) -> Value {
        let headers = [("content-type", "application/json")];
        let answer = ask(self.ministack, "lambda", "test", "POST /2015-03-31/functions", &headers, &input.to_string());
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// Calls an operation of EC2.
    pub(super) fn ec2(&self, query: &str) -> String {
        self.query(self.moto, "ec2", "2016-11-15", query)
    }

    fn query(&self, of: SocketAddr, service: &str, version: &str, query: &str) -> String {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = ask(of, service, "test", "POST /", &headers, &format!("Action={query}&Version={version}"));
        String::from_utf8(answer.body).expect("UTF-8")
    }

    /// Sends a request to S3 as an account, `test` being the tests' own.
    pub(crate) fn s3(&self, account: &str, request: &str, headers: &[(&str, &str)], body: &str) -> String {
        let answer = ask(self.ministack, "s3", account, request, headers, body);
        String::from_utf8(answer.body).expect("UTF-8")
    }

    /// The headers of an answer of S3.
    pub(super) fn s3_headers(&self, request: &str) -> Vec<(String, String)> {
        // Without a body of the length that the answer to HEAD tells.
        ask(self.ministack, "s3", "test", &request.replacen("HEAD", "GET", 1), &[], "").headers
    }

    /// Asks a function by its URL, with a signature that the emulator does not check.
    pub(super) fn function_url(&self, url: &str, path: &str) -> Message {
        let host = url.trim_start_matches("https://").trim_end_matches('/');
        // ministack keeps the path `/health` for itself, whatever the host; it knows this form too.
        let id = host.split('.').next().unwrap_or_default();
        let (host, path) = if path == "/health" {
            ("localhost", format!("/_aws/lambda-url/{id}/health"))
        } else {
            (host, path.to_owned())
        };
        let headers = [("host", host), ("connection", "close"), ("authorization", &signature("test", "lambda"))];
        send(self.ministack, &Message::new(format!("GET {path} HTTP/1.1"), &headers, "")).expect("an answer")
    }

    /// Everything that there is, as `KIND NAME`: what a stack makes, and what was there before. Keys that wait for their deletion are
    /// deleted, as AWS sees it, and endpoints that are still told of are, too.
    pub(crate) fn inventory(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (service, target, list, name) in [
            ("dynamodb", "DynamoDB_20120810.ListTables", "TableNames", ""),
            ("events", "AWSEvents.ListRules", "Rules", "Name"),
            ("kms", "TrentService.ListAliases", "Aliases", "AliasName"),
            ("logs", "Logs_20140328.DescribeLogGroups", "logGroups", "logGroupName"),
            ("logs", "Logs_20140328.DescribeMetricFilters", "metricFilters", "filterName"),
            ("logs", "Logs_20140328.DescribeResourcePolicies", "resourcePolicies", "policyName"),
            ("sqs", "AmazonSQS.ListQueues", "QueueUrls", ""),
            ("states", "AWSStepFunctions.ListStateMachines", "stateMachines", "name"),
        ] {
            let answer = self.call(service, target, &json!({}));
            let items = answer[list].as_array().unwrap_or_else(|| panic!("{target}: {answer}"));
            let names = items.iter().map(|item| if name.is_empty() { item } else { &item[name] });
            // A queue is told of by its address, whose host is the caller's choice.
            let own = |name: &str| {
                name.rsplit_once("://").and_then(|(_, url)| url.rsplit('/').next()).unwrap_or(name).to_owned()
            };
            found.extend(names.map(|name| format!("{list} {}", own(name.as_str().expect("a name")))));
        }
        for key in self.call("kms", "TrentService.ListKeys", &json!({}))["Keys"].as_array().expect("keys") {
            let described = self.call("kms", "TrentService.DescribeKey", &json!({ "KeyId": key["KeyId"] }));
            if described["KeyMetadata"]["KeyState"] != "PendingDeletion" {
                found.insert(format!("Keys {}", key["KeyId"].as_str().expect("a name")));
            }
        }
        let functions = ask(self.ministack, "lambda", "test", "GET /2015-03-31/functions/", &[], "");
        let functions: Value = serde_json::from_slice(&functions.body).expect("JSON");
        let names = functions["Functions"].as_array().expect("functions").iter();
        found.extend(names.map(|function| format!("Functions {}", function["FunctionName"].as_str().expect("a name"))));
        let iam = |query| self.query(self.ministack, "iam", "2010-05-08", query);
        let alarms = self.query(self.moto, "monitoring", "2010-08-01", "DescribeAlarms");
        for (what, answer, name) in [
            ("Buckets", self.s3("test", "GET /", &[], ""), "Name"),
            ("Roles", iam("ListRoles"), "RoleName"),
            ("Policies", iam("ListPolicies&Scope=Local"), "PolicyName"),
            ("Alarms", alarms, "AlarmName"),
            ("Vpcs", self.ec2("DescribeVpcs"), "vpcId"),
            ("Subnets", self.ec2("DescribeSubnets"), "subnetId"),
            ("RouteTables", self.ec2("DescribeRouteTables"), "routeTableId"),
            ("NetworkAcls", self.ec2("DescribeNetworkAcls"), "networkAclId"),
            ("SecurityGroups", self.ec2("DescribeSecurityGroups"), "groupId"),
            ("SecurityGroupRules", self.ec2("DescribeSecurityGroupRules"), "securityGroupRuleId"),
            ("VpcEndpoints", self.ec2(&format!("DescribeVpcEndpoints&{AVAILABLE}")), "vpcEndpointId"),
            ("FlowLogs", self.ec2("DescribeFlowLogs"), "flowLogId"),
            ("NetworkInterfaces", self.ec2("DescribeNetworkInterfaces"), "networkInterfaceId"),
        ] {
            found.extend(elements(&answer, name).map(|name| format!("{what} {name}")));
        }
        let headers =
            [("x-amz-target", "CodeBuild_20161006.ListProjects"), ("content-type", "application/x-amz-json-1.1")];
        let projects = ask(self.moto, "codebuild", "test", "POST /", &headers, "{}");
        let projects: Value = serde_json::from_slice(&projects.body).expect("JSON");
        let names = projects["projects"].as_array().expect("projects").iter();
        found.extend(names.map(|name| format!("Projects {}", name.as_str().expect("a name"))));
        found
    }
}

/// Of endpoints, those that are there.
const AVAILABLE: &str = "Filter.1.Name=vpc-endpoint-state&Filter.1.Value.1=available";

/// Runs a program until the other end of its standard input is closed.
const TIED: &str = "\"$@\" & read _; kill $!";

fn spawn(name: &str, mut command: Command, home: &Path) -> Child {
    let log = std::fs::File::create(home.join(format!("{name}.log"))).expect("a log");
    command.env("HOME", home).env("TMPDIR", home).current_dir(home).stdin(Stdio::piped());
    command.stdout(log.try_clone().expect("a log")).stderr(log).spawn().expect("sh runs")
}

/// What tells an emulator the account and the service.
fn signature(account: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

fn ask(of: SocketAddr, service: &str, account: &str, request: &str, headers: &[(&str, &str)], body: &str) -> Message {
    let signature = signature(account, service);
    let own = [("host", "localhost"), ("connection", "close"), ("authorization", &signature)];
    let headers: Vec<_> = own.into_iter().chain(headers.iter().copied()).collect();
    let answer = send(of, &Message::new(format!("{request} HTTP/1.1"), &headers, body)).expect("an answer");
    assert!(
        answer.word(1).starts_with('2'),
        "{service} {request}: {}\n{}",
        answer.start,
        String::from_utf8_lossy(&answer.body)
    );
    answer
}

/// The texts of the elements of this name.
pub(super) fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let texts: Vec<&str> = xml.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0)).collect();
    texts.into_iter()
}
