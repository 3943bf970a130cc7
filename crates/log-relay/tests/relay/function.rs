//! The binary, and the Lambda Runtime API that invokes it
//! ([specification](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::http::{Reply, Request, serve};
use crate::logs_api::{GROUP as CENTRAL, LogsApi};

pub(crate) const GROUP: &str = "tenant-acme-corp-api-log-dev";
const ACCOUNT: &str = "123456789012";
const PATIENCE: Duration = Duration::from_secs(30);

/// Milliseconds since 1970-01-01.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// The payload of an invocation: a batch as CloudWatch Logs packs it.
pub(crate) fn batch_of(owner: &str, group: &str, events: &[(i64, String)]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .enumerate()
        .map(
            |(n, (timestamp, message))| json!({ "id": format!("{n:056}"), "timestamp": timestamp, "message": message }),
        )
        .collect();
    packed(&json!({
        "messageType": "DATA_MESSAGE",
        "owner": owner,
        "logGroup": group,
        "logStream": "2026/01/31/[$LATEST]0",
        "subscriptionFilters": ["tenant-acme-corp-log-filter-dev"],
        "logEvents": events,
    }))
}

pub(crate) fn batch(events: &[(i64, String)]) -> Value {
    batch_of(ACCOUNT, GROUP, events)
}

pub(crate) fn packed(message: &Value) -> Value {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(message.to_string().as_bytes()).unwrap();
    let data = base64::engine::general_purpose::STANDARD.encode(gzip.finish().unwrap());
    json!({ "awslogs": { "data": data } })
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What Lambda is told when it failed: type and message. Lambda then repeats the batch, and sends it to the dead-letter queue.
    pub(crate) result: Result<(), (String, String)>,
    /// The line that the function wrote.
    pub(crate) line: Value,
}

/// An execution environment.
pub(crate) struct Function {
    child: Child,
    invocations: Sender<Reply>,
    results: Receiver<Result<(), (String, String)>>,
    lines: Receiver<Value>,
    invoked: u32,
}

pub(crate) fn settings() -> BTreeMap<&'static str, String> {
    [
        ("TENANT_ID", "acme-corp"),
        ("ENVIRONMENT_SUFFIX", "dev"),
        ("RELAYED_LOG_GROUP_NAME", GROUP),
        ("CENTRAL_LOG_GROUP_NAME", CENTRAL),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", "tenant-acme-corp-relay-dev"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "tenant-acme-corp-relay-log-dev"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "0"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

pub(crate) fn command(settings: BTreeMap<&'static str, String>) -> Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_log-relay")), settings)
}

fn command_of(binary: &Path, settings: BTreeMap<&'static str, String>) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().envs(settings).stdout(Stdio::piped()).stdin(Stdio::null());
    command
}

impl Function {
    pub(crate) fn start(logs: &LogsApi) -> Self {
        Self::start_binary(Path::new(env!("CARGO_BIN_EXE_log-relay")), logs)
    }

    pub(crate) fn start_binary(binary: &Path, logs: &LogsApi) -> Self {
        let (invocations, next) = channel::<Reply>();
        let (done, results) = channel();
        let (ready, is_ready) = channel();
        let next = Mutex::new(next);
        let runtime_api = serve(move |request| {
            if request.path.ends_with("/invocation/next") {
                let _ = ready.send(());
                return next.lock().unwrap().recv().unwrap_or(Reply::Cut);
            }
            done.send(outcome(&request)).unwrap();
            Reply::Answer { status: 202, headers: Vec::new(), body: Vec::new() }
        });

        let mut settings = settings();
        settings.insert("AWS_LAMBDA_RUNTIME_API", runtime_api);
        settings.insert("AWS_ENDPOINT_URL", format!("http://{}", logs.address));
        let mut child = command_of(binary, settings).spawn().unwrap();
        is_ready.recv_timeout(PATIENCE).unwrap();

        let (written, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines() {
                let line = line.unwrap();
                let _ = written.send(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}")));
            }
        });
        Self { child, invocations, results, lines, invoked: 0 }
    }

    pub(crate) fn invoke(&mut self, payload: &Value) -> Ended {
        self.invoke_within(Duration::from_secs(60), payload)
    }

    pub(crate) fn invoke_within(&mut self, time: Duration, payload: &Value) -> Ended {
        self.invoked += 1;
        let deadline = now() + i64::try_from(time.as_millis()).unwrap();
        let headers = vec![
            ("lambda-runtime-aws-request-id", format!("request-{}", self.invoked)),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            (
                "lambda-runtime-invoked-function-arn",
                format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:tenant-acme-corp-relay-dev"),
            ),
            ("lambda-runtime-trace-id", format!("Root=1-{:08x}-000000000000000000000000;Sampled=1", self.invoked)),
            ("content-type", "application/json".to_owned()),
        ];
        let body = payload.to_string().into_bytes();
        self.invocations.send(Reply::Answer { status: 200, headers, body }).unwrap();
        let result = self.results.recv_timeout(PATIENCE + time).unwrap();
        assert!(now() <= deadline, "Lambda has ended the function");
        Ended { result, line: self.lines.recv_timeout(PATIENCE).unwrap() }
    }

    /// The most memory that the process has had, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the function says of an invocation.
fn outcome(request: &Request) -> Result<(), (String, String)> {
    if request.path.ends_with("/response") {
        return Ok(());
    }
    assert!(request.path.ends_with("/error"), "{}", request.path);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Err((text("errorType"), text("errorMessage")))
}
