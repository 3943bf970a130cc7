//! An emulated AWS on loopback: ministack, for as long as a test needs it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::app::clean;
use crate::support::wait_for;

pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Emulator {
    child: Child,
    address: String,
}

impl Emulator {
    pub(super) fn start(ministack: &Path, directory: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let log = std::fs::File::create(directory.join("ministack.log")).expect("a log");
        let child = clean(ministack)
            .current_dir(directory)
            .envs([
                ("BIND_HOST", "127.0.0.1"),
                ("GATEWAY_PORT", &port.to_string()),
                ("MINISTACK_ACCOUNT_ID", "123456789012"),
                ("LAMBDA_EXECUTOR", "local"),
                ("LAMBDA_ASYNC_RETRY_BASE_SECONDS", "0.1"),
                ("IOT_MTLS_ENABLED", "0"),
                ("SFTP_ENABLED", "0"),
                ("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{port}")),
            ])
            .env("TMPDIR", directory)
            .stdout(Stdio::from(log.try_clone().expect("a log")))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("ministack starts");
        let emulator = Self { child, address: format!("127.0.0.1:{port}") };
        wait_for("ministack", PATIENCE, || TcpStream::connect(&emulator.address).ok());
        emulator
    }

    /// Calls an operation of a service that speaks JSON, such as `Logs_20140328.PutLogEvents`.
    pub(super) fn call(&self, service: &str, operation: &str, body: &Value) -> Value {
        let target = format!("X-Amz-Target: {operation}\r\n");
        let (status, answer) = self.send("POST", "/", service, &target, body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// Calls an operation of Lambda.
    pub(super) fn lambda(&self, path: &str, headers: &str, body: &Value) -> Value {
        let (status, answer) = self.send("POST", path, "lambda", headers, body);
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    fn send(&self, method: &str, path: &str, service: &str, headers: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        // The service is told from the scope of the signature, which is not checked.
        let scope = format!("test/20260131/us-east-1/{service}/aws4_request");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\
             {headers}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).expect("ministack listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.write_all(request.as_bytes()).expect("ministack reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("ministack answers");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
