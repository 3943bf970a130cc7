//! The platform's stack in an emulated AWS, as far as onboarding goes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::runner::{Answer, Runner};
use crate::deploy::aws::{ACCOUNT, Aws};
use crate::support::build::packages;
use crate::support::stacks::platform;
use crate::support::wait_for;

const HEARD: &str = "heard";
const FAILED: &str = "TenantProvisioningFailed";
const STATES: &str = "platform-state-dev";
const TABLE: &str = "platform-registry-dev";
/// A deployment takes minutes on a machine that has much else to do, and so do many runs at once.
const PATIENCE: Duration = Duration::from_secs(1800);

/// The function as it is deployed.
fn package() -> String {
    STANDARD.encode(std::fs::read(packages().join("onboarding.zip")).expect("the function is built"))
}

pub(super) struct Cell {
    pub(super) aws: Aws,
    directory: TempDir,
    /// The ARN of the platform's key.
    key: String,
    /// What was heard and not asked for yet.
    heard: Mutex<Vec<(String, Value)>>,
}

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:us-east-1:{ACCOUNT}:{rest}")
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

impl Cell {
    /// The stack's resources in an AWS of their own, where a pause of an hour takes 3.6 seconds; nothing where there is none.
    pub(super) fn start(test: &str) -> Option<Self> {
        Self::start_with(test, &[("SFN_WAIT_SCALE", "0.001")])
    }

    pub(super) fn start_with(test: &str, settings: &[(&str, &str)]) -> Option<Self> {
        let aws = Aws::start_with(test, settings)?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let key = aws.call("kms", "TrentService.CreateKey", &json!({}))["KeyMetadata"]["Arn"].clone();
        let key = key.as_str().expect("its ARN").to_owned();
        let cell = Self { aws, directory, key, heard: Mutex::default() };
        cell.deploy();
        Some(cell)
    }

    fn deploy(&self) {
        let stack = platform();
        assert_eq!(stack.all("aws_s3_bucket")["states"]["bucket"], STATES);
        self.aws.s3("test", &format!("PUT /{STATES}"), &[], "");
        let table = stack.all("aws_dynamodb_table")["registry"];
        assert_eq!(table["name"], TABLE);
        let keys = [("HASH", &table["hash_key"]), ("RANGE", &table["range_key"])];
        let create = json!({
            "TableName": table["name"], "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": keys.map(|(kind, name)| json!({ "AttributeName": name, "KeyType": kind })),
            "AttributeDefinitions": keys.map(|(_, name)| json!({ "AttributeName": name, "AttributeType": "S" })),
        });
        self.aws.call("dynamodb", "DynamoDB_20120810.CreateTable", &create);

        let log = &stack.all("aws_cloudwatch_log_group")["onboarding"]["name"];
        self.aws.call("logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": log }));
        let function = stack.all("aws_lambda_function")["onboarding"];
        let mut variables = function["environment"]["variables"].clone();
        // A waiting period that a test can wait for, and an account that has larger quotas than a new one.
        variables["WAITING_SECONDS"] = json!("2");
        variables["TENANT_LIMIT"] = json!("256");
        self.aws.create_function(&json!({
            "FunctionName": function["function_name"], "Runtime": function["runtime"], "Handler": function["handler"],
            "Role": role("any"), "Code": { "ZipFile": package() }, "MemorySize": function["memory_size"],
            "Timeout": function["timeout"], "Environment": { "Variables": variables },
            "LoggingConfig": { "LogFormat": "JSON", "LogGroup": log },
        }));

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
        let create = json!({ "name": machine["name"], "definition": definition, "roleArn": role("any") });
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
        let target = json!({ "Id": id, "Arn": target, "RoleArn": role("any") });
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
        let url = format!("http://{}/{ACCOUNT}/{queue}", self.aws.ministack());
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
            let of =
                |wanted: &str| heard.iter().position(|(kind, detail)| kind == wanted && detail["tenant_id"] == tenant);
            let place = of(kind).or_else(|| of(FAILED))?;
            assert_eq!(heard[place].0, kind, "{:#}", heard[place].1);
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
        let input = json!({ "TableName": TABLE, "Key": key, "ConsistentRead": true });
        self.aws.call("dynamodb", "DynamoDB_20120810.GetItem", &input)["Item"].clone()
    }

    /// Waits until a tenant's own handler has heard of this status, and gives what it has heard: one record for each event.
    pub(super) fn wait_for_handler(&self, tenant: &str, status: &str) -> usize {
        wait_for(&format!("{status} at the handler of {tenant}"), PATIENCE, || {
            let items = self.handled(tenant);
            let stands = items.iter().find(|item| item["resource_type"]["S"] == "#lifecycle")?;
            (stands["tenant_status"]["S"] == status).then(|| {
                let is_event =
                    |item: &&Value| item["resource_type"]["S"].as_str().expect("a key").starts_with("#event#");
                items.iter().filter(is_event).count()
            })
        })
    }

    /// What the handler of a tenant has written.
    fn handled(&self, tenant: &str) -> Vec<Value> {
        let input = json!({ "TableName": format!("tenant-{tenant}-metadata-dev"), "ConsistentRead": true });
        let answer = self.aws.call("dynamodb", "DynamoDB_20120810.Scan", &input);
        let items = answer["Items"].as_array().expect("items").clone();
        assert!(items.iter().all(|item| item["tenant_id"]["S"] == tenant), "{items:?}");
        items
    }

    /// What there is in AWS of a tenant, by its names.
    pub(super) fn environment(&self, tenant: &str) -> Vec<String> {
        let named = format!(" tenant-{tenant}-");
        let longer = format!(" tenant-{tenant}-corp-");
        let own = |found: &String| found.contains(&named) && !found.contains(&longer);
        self.aws.inventory().into_iter().filter(own).collect()
    }

    /// Runs so many builds at once, each by the project's own commands.
    pub(super) fn run_builds(&self, test: &str, workers: usize) -> Option<Runner> {
        let release = super::runner::Release::new(test, self.directory.path(), &self.aws, &self.key)?;
        Some(Runner::start(self.aws.ministack(), workers, Answer::Commands(release)))
    }

    /// Says at once of so many builds that all is well.
    pub(super) fn answer_builds(&self, workers: usize) -> Runner {
        Runner::start(self.aws.ministack(), workers, Answer::AtOnce)
    }
}
