//! The platform's stack in the emulator, as far as onboarding goes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::runner::{Answer, Runner};
use crate::log_relay::emulator::Emulator;
use crate::support::stacks::platform;
use crate::support::{root, tools::tool, wait_for};

const ACCOUNT: &str = "123456789012";
const HEARD: &str = "heard";
/// A test of many runs waits so long for the last one.
const PATIENCE: Duration = Duration::from_secs(900);

/// The built function.
fn bootstrap() -> &'static [u8] {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        cargo.args(["build", "--quiet", "--package", "onboarding", "--bin", "onboarding", "--message-format", "json"]);
        let built = cargo.current_dir(root()).output().expect("cargo runs");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let messages = String::from_utf8(built.stdout).expect("cargo speaks UTF-8");
        let executable = |line: &str| {
            let message: Value = serde_json::from_str(line).ok()?;
            message["executable"].as_str().map(str::to_owned)
        };
        let path = messages.lines().filter_map(executable).next_back().expect("cargo names the executable");
        std::fs::read(path).expect("the function is built")
    })
}

fn package() -> String {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).expect("a zip");
    zip.write_all(bootstrap()).expect("a zip");
    STANDARD.encode(zip.finish().expect("a zip").into_inner())
}

pub(super) struct Cell {
    aws: Emulator,
    directory: TempDir,
    /// What was heard and not asked for yet.
    heard: Mutex<Vec<(String, Value)>>,
}

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:us-east-1:{ACCOUNT}:{rest}")
}

impl Cell {
    /// The stack's resources in an emulator of their own; nothing where there is none.
    pub(super) fn start(test: &str) -> Option<Self> {
        let ministack = tool(test, "ministack")?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        // A pause of an hour takes 3.6 seconds; as many functions at once as there are calls.
        let settings = [("SFN_WAIT_SCALE", "0.001"), ("LAMBDA_ACCOUNT_CONCURRENCY", "0")];
        let aws = Emulator::start_with(&ministack, directory.path(), &settings);
        let cell = Self { aws, directory, heard: Mutex::default() };
        cell.deploy();
        Some(cell)
    }

    fn deploy(&self) {
        let stack = platform();
        let table = stack.all("aws_dynamodb_table")["registry"];
        let keys = [("HASH", &table["hash_key"]), ("RANGE", &table["range_key"])];
        let create = json!({
            "TableName": table["name"], "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": keys.map(|(kind, name)| json!({ "AttributeName": name, "KeyType": kind })),
            "AttributeDefinitions": keys.map(|(_, name)| json!({ "AttributeName": name, "AttributeType": "S" })),
        });
        self.aws.call("dynamodb", "DynamoDB_20120810.CreateTable", &create);

        let function = stack.all("aws_lambda_function")["onboarding"];
        let mut variables = function["environment"]["variables"].clone();
        // A waiting period that a test can wait for.
        variables["WAITING_SECONDS"] = json!("2");
        let create = json!({
            "FunctionName": function["function_name"], "Runtime": function["runtime"], "Handler": function["handler"],
            "Role": arn("iam", "role/any").replace("us-east-1", ""), "Code": { "ZipFile": package() },
            "MemorySize": function["memory_size"], "Timeout": function["timeout"], "Environment": { "Variables": variables },
        });
        self.aws.lambda("/2015-03-31/functions", "", &create);

        let queue = &stack.all("aws_sqs_queue")["dead_letters"]["name"];
        let url = self.aws.call("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": queue }))["QueueUrl"].clone();
        self.aws.call("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": HEARD }));

        let activity = self.aws.call("states", "AWSStepFunctions.CreateActivity", &json!({ "name": "build" }));
        let machine = stack.all("aws_sfn_state_machine")["onboarding"];
        let definition = machine["definition"].as_str().expect("a definition");
        let definition =
            definition.replace("${aws_sqs_queue.dead_letters.url}", url.as_str().expect("the queue's URL"));
        assert!(!definition.contains("${"), "the definition refers to nothing else");
        // The one substitution.
        let sync = "arn:aws:states:::codebuild:startBuild.sync";
        assert_eq!(definition.matches(sync).count(), 1, "one state runs builds");
        let definition = definition.replace(sync, activity["activityArn"].as_str().expect("an activity"));
        let create = json!({ "name": machine["name"], "definition": definition, "roleArn": "arn:aws:iam::123456789012:role/any" });
        let machine =
            self.aws.call("states", "AWSStepFunctions.CreateStateMachine", &create)["stateMachineArn"].clone();

        let rules = stack.all("aws_cloudwatch_event_rule");
        let targets = stack.all("aws_cloudwatch_event_target");
        let started: Vec<&&str> =
            rules.keys().filter(|id| targets[**id]["arn"] == "${aws_sfn_state_machine.onboarding.arn}").collect();
        assert_eq!(started, [&"offboarding", &"plan_changed", &"reconcile", &"signup"]);
        for id in started {
            let rule = rules[*id];
            let mut put = json!({ "Name": rule["name"], "State": "ENABLED" });
            for (field, attribute) in [("EventPattern", "event_pattern"), ("ScheduleExpression", "schedule_expression")]
            {
                if let Some(value) = rule.get(attribute) {
                    put[field] = value.clone();
                }
            }
            self.rule(&put, "workflow", &machine);
        }
        let all = json!({ "source": ["palisade.platform"] }).to_string();
        self.rule(&json!({ "Name": HEARD, "State": "ENABLED", "EventPattern": all }), HEARD, &json!(arn("sqs", HEARD)));
    }

    fn rule(&self, rule: &Value, id: &str, target: &Value) {
        self.aws.call("events", "AWSEvents.PutRule", rule);
        let target = json!({ "Id": id, "Arn": target, "RoleArn": "arn:aws:iam::123456789012:role/any" });
        self.aws.call("events", "AWSEvents.PutTargets", &json!({ "Rule": rule["Name"], "Targets": [target] }));
    }

    /// The detail of an event, with its kind in a field of its own.
    pub(super) fn event(&self, kind: &str, tenant: &str, request: &str) -> Value {
        json!({ "kind": kind, "version": "1", "environment_suffix": "dev", "tenant_id": tenant, "request_id": request })
    }

    /// Puts events on the bus.
    pub(super) fn put(&self, events: &[Value]) {
        let entry = |event: &Value| {
            let mut detail = event.clone();
            let kind = detail.as_object_mut().and_then(|fields| fields.remove("kind")).expect("its kind");
            json!({ "Source": "palisade.signup", "DetailType": kind, "Detail": detail.to_string() })
        };
        let entries: Vec<Value> = events.iter().map(entry).collect();
        let answer = self.aws.call("events", "AWSEvents.PutEvents", &json!({ "Entries": entries }));
        assert_eq!(answer["FailedEntryCount"], 0, "{answer}");
    }

    fn receive(&self, queue: &str) -> Vec<Value> {
        let url = format!("http://{}/{ACCOUNT}/{queue}", self.aws.address);
        let mut bodies = Vec::new();
        loop {
            let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
            let answer = self.aws.call("sqs", "AmazonSQS.ReceiveMessage", &input);
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return bodies;
            }
            for message in messages {
                let delete = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
                self.aws.call("sqs", "AmazonSQS.DeleteMessage", &delete);
                bodies.push(serde_json::from_str(message["Body"].as_str().expect("a body")).expect("JSON"));
            }
        }
    }

    fn listen(&self) {
        let mut heard = self.heard.lock().expect("one at a time");
        for event in self.receive(HEARD) {
            let kind = event["detail-type"].as_str().expect("a kind").to_owned();
            heard.push((kind, event["detail"].clone()));
        }
    }

    /// The next event of this kind for exactly this tenant.
    pub(super) fn hear(&self, tenant: &str, kind: &str) -> Value {
        wait_for(&format!("{kind} of {tenant}"), PATIENCE, || {
            self.listen();
            let mut heard = self.heard.lock().expect("one at a time");
            let place = heard.iter().position(|(heard, detail)| heard == kind && detail["tenant_id"] == tenant)?;
            Some(heard.remove(place).1)
        })
    }

    /// All that was announced, once there are so many of a kind.
    pub(super) fn hear_all(&self, kind: &str, count: usize) -> Vec<(String, Value)> {
        let begun = Instant::now();
        loop {
            self.listen();
            let mut heard = self.heard.lock().expect("one at a time");
            if heard.iter().filter(|(heard, _)| heard == kind).count() >= count {
                return std::mem::take(&mut *heard);
            }
            let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
            heard.iter().for_each(|(kind, _)| *kinds.entry(kind.as_str()).or_default() += 1);
            assert!(begun.elapsed() < PATIENCE, "{count} of {kind} do not come: {kinds:?}");
            drop(heard);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// What waits in the dead-letter queue.
    pub(super) fn letters(&self) -> Vec<Value> {
        self.receive("platform-dlq-dev")
    }

    pub(super) fn wait_for_letters(&self, count: usize) -> Vec<Value> {
        let mut letters = Vec::new();
        wait_for("the letters", PATIENCE, || {
            letters.extend(self.letters());
            (letters.len() >= count).then_some(())
        });
        letters
    }

    /// The registry's entry of a tenant, as DynamoDB has it.
    pub(super) fn entry(&self, tenant: &str) -> Value {
        let key = json!({ "tenant_id": { "S": tenant }, "record": { "S": "tenant" } });
        let input = json!({ "TableName": "platform-registry-dev", "Key": key, "ConsistentRead": true });
        self.aws.call("dynamodb", "DynamoDB_20120810.GetItem", &input)["Item"].clone()
    }

    /// Where the stand-in for the program keeps the environment of a tenant.
    pub(super) fn environment(&self, tenant: &str) -> PathBuf {
        self.directory.path().join("environments").join(tenant)
    }

    fn mark(&self, what: &str, tenant: &str) {
        let directory = self.directory.path().join(what);
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join(tenant), "").expect("a file");
    }

    /// The next deployment of this tenant is that of one that is removed.
    pub(super) fn leave(&self, tenant: &str) {
        self.mark("leaving", tenant);
    }

    /// Deployments of this tenant fail from now on.
    pub(super) fn let_fail(&self, tenant: &str) {
        self.mark("failing", tenant);
    }

    /// They no longer do.
    pub(super) fn let_succeed(&self, tenant: &str) {
        std::fs::remove_file(self.directory.path().join("failing").join(tenant)).expect("it failed before");
    }

    /// So many builds at once, each of which runs the project's own commands.
    pub(super) fn run_builds(&self, workers: usize) -> Runner {
        Runner::start(&self.aws.address, workers, Answer::Commands(self.directory.path().to_owned()))
    }

    /// Builds that say at once that all is well.
    pub(super) fn answer_builds(&self, workers: usize) -> Runner {
        Runner::start(&self.aws.address, workers, Answer::AtOnce)
    }
}
