//! The log relay's function in an emulated AWS: fed by a subscription filter, with a dead-letter queue, as `compute` and
//! `observability` declare it. Its faults and limits are the subject of the crate's own tests.

mod emulator;

use std::io::{Cursor, Write};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::support::{root, tools::tool, wait_for};
use emulator::{Emulator, PATIENCE};

const API_LOG: &str = "tenant-acme-corp-api-log-dev";
const CENTRAL_LOG: &str = "platform-central-log-dev";
const RELAY: &str = "tenant-acme-corp-relay-dev";
const DLQ: &str = "tenant-acme-corp-dlq-dev";

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    i64::try_from(now).expect("milliseconds")
}

/// The function's package, in base64: its binary, and what gives it what the emulator leaves out.
fn package() -> String {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo.args(["build", "--quiet", "--package", "log-relay", "--bin", "log-relay", "--message-format", "json"]);
    let built = cargo.current_dir(root()).output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).expect("cargo speaks UTF-8");
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(str::to_owned)
    };
    let bootstrap = messages.lines().filter_map(executable).next_back().expect("cargo names the executable");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    let function = std::fs::read(bootstrap).expect("the function is built");
    for (name, bytes) in [("bootstrap", include_bytes!("bootstrap.py").as_slice()), ("log-relay", &function)] {
        zip.start_file(name, options).expect("a zip");
        zip.write_all(bytes).expect("a zip");
    }
    STANDARD.encode(zip.finish().expect("a zip").into_inner())
}

/// The part of the tenant's stack that feeds the central view.
fn deploy(aws: &Emulator) {
    aws.call("logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": API_LOG }));
    aws.call("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": DLQ }));
    let function = json!({
        "FunctionName": RELAY,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": "arn:aws:iam::123456789012:role/tenant-acme-corp-relay-role-dev",
        "Code": { "ZipFile": package() },
        "MemorySize": 256,
        "Timeout": 60,
        "DeadLetterConfig": { "TargetArn": format!("arn:aws:sqs:us-east-1:123456789012:{DLQ}") },
        "Environment": { "Variables": {
            "TENANT_ID": "acme-corp",
            "ENVIRONMENT_SUFFIX": "dev",
            "RELAYED_LOG_GROUP_NAME": API_LOG,
            "CENTRAL_LOG_GROUP_NAME": CENTRAL_LOG,
        } },
    });
    aws.lambda("/2015-03-31/functions", "", &function);
    let subscription = json!({
        "logGroupName": API_LOG,
        "filterName": "tenant-acme-corp-log-filter-dev",
        "filterPattern": "",
        "destinationArn": format!("arn:aws:lambda:us-east-1:123456789012:function:{RELAY}"),
    });
    aws.call("logs", "Logs_20140328.PutSubscriptionFilter", &subscription);
}

fn create_central_log(aws: &Emulator) {
    aws.call("logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": CENTRAL_LOG }));
}

/// The streams of the central log group.
fn streams(aws: &Emulator) -> Vec<String> {
    let answer = aws.call("logs", "Logs_20140328.DescribeLogStreams", &json!({ "logGroupName": CENTRAL_LOG }));
    let streams = answer["logStreams"].as_array().expect("streams").iter();
    streams.map(|stream| stream["logStreamName"].as_str().expect("a name").to_owned()).collect()
}

fn messages(aws: &Emulator, stream: &str) -> Vec<String> {
    let of = json!({ "logGroupName": CENTRAL_LOG, "logStreamName": stream, "startFromHead": true });
    let answer = aws.call("logs", "Logs_20140328.GetLogEvents", &of);
    let events = answer["events"].as_array().expect("events").iter();
    events.map(|event| event["message"].as_str().expect("a message").to_owned()).collect()
}

/// "Subscription filters for central monitoring aggregation", "a centralised log group with tenant-prefixed log streams"
#[test]
fn what_the_api_logs_stands_in_the_tenants_stream_of_the_central_log_group() {
    let Some(ministack) = tool("log_relay", "ministack") else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let aws = Emulator::start(&ministack, directory.path());
    deploy(&aws);
    create_central_log(&aws);
    aws.call("logs", "Logs_20140328.CreateLogStream", &json!({ "logGroupName": API_LOG, "logStreamName": "s" }));
    let now = now();
    let texts: Vec<String> = (0..100).map(|number| format!("event {number} of {now}")).collect();
    let events: Vec<Value> = texts.iter().map(|text| json!({ "timestamp": now, "message": text })).collect();
    let put = json!({ "logGroupName": API_LOG, "logStreamName": "s", "logEvents": events });
    aws.call("logs", "Logs_20140328.PutLogEvents", &put);

    let stream =
        wait_for("the copy", PATIENCE, || streams(&aws).pop().filter(|stream| !messages(&aws, stream).is_empty()));
    assert!(stream.starts_with("acme-corp/api-log/20"), "{stream}");
    assert_eq!(streams(&aws).len(), 1);
    assert_eq!(messages(&aws, &stream), texts);
}

/// "drops nothing silently: what can't be written goes to its DLQ"
#[test]
fn a_batch_that_no_attempt_could_write_goes_whole_to_the_dead_letter_queue_and_can_be_redriven() {
    let Some(ministack) = tool("log_relay", "ministack") else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let aws = Emulator::start(&ministack, directory.path());
    // The tenant's stack is there before the platform's: there is no central log group.
    deploy(&aws);
    let batch = json!({
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": API_LOG,
        "logStream": "s",
        "subscriptionFilters": ["tenant-acme-corp-log-filter-dev"],
        "logEvents": [{ "id": "1", "timestamp": now(), "message": "precious" }],
    });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(batch.to_string().as_bytes()).expect("gzip");
    let payload = json!({ "awslogs": { "data": STANDARD.encode(gzip.finish().expect("gzip")) } });
    let invoke = |payload: &Value| {
        let path = format!("/2015-03-31/functions/{RELAY}/invocations");
        aws.lambda(&path, "X-Amz-Invocation-Type: Event\r\n", payload);
    };
    invoke(&payload);

    let url = aws.call("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": DLQ }))["QueueUrl"].clone();
    let letter = wait_for("the dead letter", PATIENCE, || {
        let received = aws.call("sqs", "AmazonSQS.ReceiveMessage", &json!({ "QueueUrl": url }));
        received["Messages"][0]["Body"].as_str().map(str::to_owned)
    });
    let letter: Value = serde_json::from_str(&letter).expect("JSON");
    // AWS sends the payload itself; the emulator sends it within a record of the failure.
    assert_eq!(letter["requestPayload"], payload);
    assert_eq!(letter["responsePayload"]["errorType"], "CentralLogUnavailable", "{letter}");
    let reason = letter["responsePayload"]["errorMessage"].as_str().expect("a reason");
    assert!(reason.contains("no log group `platform-central-log-dev`; deploy the platform's stack"), "{reason}");

    create_central_log(&aws);
    invoke(&letter["requestPayload"]);
    let stream =
        wait_for("the copy", PATIENCE, || streams(&aws).pop().filter(|stream| !messages(&aws, stream).is_empty()));
    assert_eq!(messages(&aws, &stream), ["precious"]);
}
