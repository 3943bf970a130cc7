//! A stand-in for Lambda: the Runtime API, over which a built `bootstrap` gets its calls, and a function URL before it
//! ([Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::http::{Message, serve};
use super::setting;

/// The function of the tenant API as it is deployed: `$PALISADE_TENANT_API`, else out of what `app build` made.
pub(crate) fn tenant_api() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        setting("PALISADE_TENANT_API")
            .map_or_else(|| super::build::built().1.join("tenant-api/bootstrap"), PathBuf::from)
    })
}

/// What a call gave: the payload, or the error that Lambda would report.
pub(crate) type Outcome = Result<Value, Value>;

struct Invocation {
    id: String,
    payload: Value,
    outcome: Sender<Outcome>,
}

/// A running function.
pub(crate) struct Function {
    process: Child,
    calls: Sender<Invocation>,
    log: Arc<Mutex<Vec<String>>>,
    count: Mutex<u32>,
}

impl Function {
    /// Starts a function with an environment, as Lambda does.
    pub(crate) fn start(bootstrap: &Path, environment: &[(&str, &str)]) -> Self {
        let (calls, waiting) = channel();
        let api = runtime_api(waiting);
        let mut command = Command::new(bootstrap);
        command.env_clear().envs([
            ("AWS_LAMBDA_RUNTIME_API", api.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ]);
        command.envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the function starts");
        let log = Arc::<Mutex<Vec<String>>>::default();
        let outputs: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(process.stdout.take().unwrap()), Box::new(process.stderr.take().unwrap())];
        for output in outputs {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    log.lock().unwrap().push(line);
                }
            });
        }
        Self { process, calls, log, count: Mutex::new(0) }
    }

    /// Calls the function.
    pub(crate) fn call(&self, payload: &Value) -> Outcome {
        let id = {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            format!("call-{}-{count}", self.process.id())
        };
        let (outcome, done) = channel();
        self.calls.send(Invocation { id, payload: payload.clone(), outcome }).expect("the function runs");
        done.recv_timeout(Duration::from_secs(60)).expect("the function answers")
    }

    /// The lines of the log since the last time, of which there must be as many at least.
    pub(crate) fn log(&self, at_least: usize) -> Vec<Value> {
        for _ in 0..200 {
            if self.log.lock().unwrap().len() >= at_least {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let lines = std::mem::take(&mut *self.log.lock().unwrap());
        assert!(lines.len() >= at_least, "{lines:?}");
        lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
    }

    /// Whether the process still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.process.try_wait().expect("a process").is_none()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn runtime_api(waiting: Receiver<Invocation>) -> SocketAddr {
    let waiting = Arc::new(Mutex::new(waiting));
    let running = Arc::<Mutex<BTreeMap<String, Sender<Outcome>>>>::default();
    serve(move |request| {
        let path = request.word(1).trim_start_matches("/2018-06-01/runtime/");
        if path == "invocation/next" {
            let call = waiting.lock().unwrap().recv().ok()?;
            running.lock().unwrap().insert(call.id.clone(), call.outcome);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
            let deadline = (now + Duration::from_secs(60)).as_millis().to_string();
            let headers = [
                ("content-type", "application/json"),
                ("lambda-runtime-aws-request-id", call.id.as_str()),
                ("lambda-runtime-deadline-ms", deadline.as_str()),
                ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:function"),
                (
                    "lambda-runtime-trace-id",
                    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
                ),
            ];
            return Some(Message::new("HTTP/1.1 200 OK", &headers, call.payload.to_string()));
        }
        let mut parts = path.split('/').skip(1);
        let (id, kind) = (parts.next()?, parts.next()?);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let outcome = if kind == "response" { Ok(body) } else { Err(body) };
        running.lock().unwrap().remove(id)?.send(outcome).ok()?;
        Some(Message::new("HTTP/1.1 202 Accepted", &[("content-type", "application/json")], "{}"))
    })
}

/// The payload that a function URL makes of a request
/// ([format](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads)).
pub(crate) fn url_payload(request: &Message) -> Value {
    let (path, query) = request.word(1).split_once('?').unwrap_or((request.word(1), ""));
    let mut headers = serde_json::Map::new();
    for (name, value) in &request.headers {
        let name = name.to_ascii_lowercase();
        let joined =
            headers.get(&name).and_then(Value::as_str).map_or(value.clone(), |first| format!("{first},{value}"));
        headers.insert(name, json!(joined));
    }
    let text = std::str::from_utf8(&request.body).map(str::to_owned);
    let encoded = text.is_err();
    let body = text.unwrap_or_else(|_| base64(&request.body));
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "domainName": "abc.lambda-url.us-east-1.on.aws", "domainPrefix": "abc",
            "http": {
                "method": request.word(0), "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"
            },
            "requestId": "url-request", "routeKey": "$default", "stage": "$default",
            "time": "31/Jan/2026:00:00:00 +0000", "timeEpoch": 1_769_817_600_000_i64
        },
        "body": body, "isBase64Encoded": encoded
    })
}

/// The response that a function URL makes of what a function returned.
pub(crate) fn url_response(outcome: &Outcome) -> Message {
    let Ok(reply) = outcome else {
        return Message::new("HTTP/1.1 502 Bad Gateway", &[], "Internal Server Error");
    };
    let headers = reply["headers"].as_object().into_iter().flatten();
    Message {
        start: format!("HTTP/1.1 {} X", reply["statusCode"]),
        headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
        body: reply["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    }
}

/// A function URL on loopback. Of signatures it only knows whether there is one.
pub(crate) fn function_url(function: Arc<Function>) -> SocketAddr {
    serve(move |request| {
        if request.header("authorization").is_none() {
            let headers = [("content-type", "application/json")];
            return Some(Message::new("HTTP/1.1 403 Forbidden", &headers, r#"{"Message":"Forbidden"}"#));
        }
        Some(url_response(&function.call(&url_payload(&request))))
    })
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let letter = |index: usize| {
            if index > chunk.len() { '=' } else { char::from(LETTERS[(bits >> (18 - 6 * index)) as usize & 63]) }
        };
        [0, 1, 2, 3].map(letter)
    };
    bytes.chunks(3).flat_map(encode).collect()
}
