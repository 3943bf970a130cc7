//! A DynamoDB that runs here (ministack), and a proxy before it that records what is asked and breaks what is answered.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{Message, free_port, send, serve};
use super::tools::tool;

/// The emulator; without it the test says that it was skipped.
pub(crate) fn emulator(test: &str) -> Option<SocketAddr> {
    static EMULATOR: OnceLock<(SocketAddr, Child)> = OnceLock::new();
    let program = tool(test, "ministack")?;
    let (address, _) = EMULATOR.get_or_init(|| {
        let port = free_port();
        // It ends with the tests, however they end: `read` returns when their end of the pipe is closed.
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" >/dev/null 2>&1 & read _; kill $!"]).arg(&program).env_clear();
        command.envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_ACCOUNT_ID", "123456789012")]);
        command.envs([("IOT_MTLS_ENABLED", "0"), ("SFTP_ENABLED", "0"), ("PATH", "/usr/local/bin:/usr/bin:/bin")]);
        command.env("GATEWAY_PORT", port.to_string()).env("HOME", std::env::temp_dir());
        let child = command.stdin(Stdio::piped()).spawn().expect("sh runs");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let start = Instant::now();
        while dynamodb(address, "ListTables", &json!({})).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "ministack does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        (address, child)
    });
    Some(*address)
}

/// Asks DynamoDB.
pub(crate) fn dynamodb(address: SocketAddr, operation: &str, input: &Value) -> std::io::Result<Value> {
    let target = format!("DynamoDB_20120810.{operation}");
    let authorization =
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
    let headers = [
        ("host", "localhost"),
        ("connection", "close"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", &target),
        ("authorization", authorization),
    ];
    let answer = send(address, &Message::new("POST / HTTP/1.1", &headers, input.to_string()))?;
    if answer.word(1) != "200" {
        return Err(std::io::Error::other(String::from_utf8_lossy(&answer.body).into_owned()));
    }
    serde_json::from_slice(&answer.body).map_err(std::io::Error::other)
}

/// A table as `storage` declares it.
pub(crate) fn create_table(address: SocketAddr, name: &str) {
    let keys = json!([
        { "AttributeName": "tenant_id", "KeyType": "HASH" },
        { "AttributeName": "resource_type", "KeyType": "RANGE" }
    ]);
    let attributes = json!([
        { "AttributeName": "tenant_id", "AttributeType": "S" },
        { "AttributeName": "resource_type", "AttributeType": "S" }
    ]);
    let table = json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys, "AttributeDefinitions": attributes
    });
    dynamodb(address, "CreateTable", &table).expect("a table");
}

/// All items of a table.
pub(crate) fn items(address: SocketAddr, table: &str) -> Vec<Value> {
    let scanned = dynamodb(address, "Scan", &json!({ "TableName": table })).expect("a scan");
    scanned["Items"].as_array().expect("items").clone()
}

/// What goes wrong between a function and its table.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This error is the answer, and nothing is done.
    Error(u16, &'static str),
    /// The connection is cut before the request arrives.
    CutBefore,
    /// It is done, and the answer is lost.
    CutAfter,
    /// The answer comes so much later.
    Late(Duration),
}

/// What the proxy saw of a call.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) operation: String,
    pub(crate) input: Value,
    pub(crate) trace: Option<String>,
}

/// A proxy before the emulator.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    faults: Arc<Mutex<Vec<(String, Fault)>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Proxy {
    pub(crate) fn before(emulator: SocketAddr) -> Self {
        let (faults, seen) = (Arc::<Mutex<Vec<(String, Fault)>>>::default(), Arc::<Mutex<Vec<Seen>>>::default());
        let (planned, noted) = (Arc::clone(&faults), Arc::clone(&seen));
        let address = serve(move |request| {
            let operation = request.header("x-amz-target")?.trim_start_matches("DynamoDB_20120810.").to_owned();
            let input = serde_json::from_slice(&request.body).ok()?;
            let trace = request.header("x-amzn-trace-id").map(str::to_owned);
            noted.lock().unwrap().push(Seen { operation: operation.clone(), input, trace });
            let fault = {
                let mut planned = planned.lock().unwrap();
                let place = planned.iter().position(|(of, _)| *of == operation);
                place.map(|place| planned.remove(place).1)
            };
            match fault {
                Some(Fault::CutBefore) => return None,
                Some(Fault::Error(status, code)) => {
                    let body =
                        json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "secret" });
                    let headers = [("content-type", "application/x-amz-json-1.0")];
                    return Some(Message::new(format!("HTTP/1.1 {status} X"), &headers, body.to_string()));
                }
                Some(Fault::Late(by)) => std::thread::sleep(by),
                Some(Fault::CutAfter) | None => {}
            }
            let mut onward = request;
            onward.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("connection"));
            onward.headers.push(("connection".to_owned(), "close".to_owned()));
            let mut answer = send(emulator, &onward).ok()?;
            answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("connection"));
            (!matches!(fault, Some(Fault::CutAfter))).then_some(answer)
        });
        Self { address, faults, seen }
    }

    /// Lets the next call of an operation go wrong; of several plans each holds for one call.
    pub(crate) fn plan(&self, operation: &str, fault: Fault) {
        self.faults.lock().unwrap().push((operation.to_owned(), fault));
    }

    /// Forgets the plans that were not carried out, and tells how many.
    pub(crate) fn unplanned(&self) -> usize {
        std::mem::take(&mut *self.faults.lock().unwrap()).len()
    }

    /// What was seen since the last time.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}
