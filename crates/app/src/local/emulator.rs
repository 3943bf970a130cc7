//! An emulator's DynamoDB on loopback: ministack, which `tests/setup` installs, unless another one is named.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use naming::runtime;
use serde_json::json;

/// Where emulators listen when nothing is said.
pub(super) const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);

/// Why there is no DynamoDB.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// It could not be installed.
    #[error(
        "tests/setup cannot install ministack ({0}); start an emulator of DynamoDB yourself and name it by `--endpoint`"
    )]
    Install(String),
    /// It does not start.
    #[error("the emulator does not answer at {0} within a minute")]
    Silent(SocketAddr),
    /// It cannot be reached.
    #[error("there is no emulator of DynamoDB at {address}; start one there, or leave out `--endpoint`")]
    Unreachable {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// It makes no table.
    #[error("the emulator at {address} made no table: {answer}")]
    Refused {
        /// Where.
        address: SocketAddr,
        /// What it said.
        answer: String,
    },
}

/// An emulator that was started here, and ends with this process, however that ends: its shell waits for the end of a pipe.
pub(super) struct Emulator {
    pub(super) address: SocketAddr,
    _pipe: Child,
}

pub(super) fn start(project: &Path, say: &mut dyn FnMut(&str)) -> Result<Emulator, EmulatorError> {
    say("finding or installing ministack below target/tools");
    let mut setup = Command::new("bash");
    let output = setup.args(["tests/setup", "ministack"]).current_dir(project).stdin(Stdio::null()).output();
    let said = output.map_err(|error| EmulatorError::Install(error.to_string()))?.stdout;
    let said = String::from_utf8_lossy(&said);
    let program = match said.trim().strip_prefix("ministack=") {
        Some(program) if !program.starts_with("SKIPPED") => program,
        _ => return Err(EmulatorError::Install(said.trim().to_owned())),
    };
    let unreachable = |source| EmulatorError::Unreachable { address: USUAL, source };
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address = free.map_err(unreachable)?;
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$0\" >/dev/null 2>&1 & read _; kill $!", program]).stdin(Stdio::piped());
    shell.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", address.port().to_string());
    shell.envs([("IOT_MTLS_ENABLED", "0"), ("SFTP_ENABLED", "0")]);
    let pipe = shell.spawn().map_err(unreachable)?;
    let begin = Instant::now();
    while TcpStream::connect(address).is_err() {
        if begin.elapsed() > Duration::from_secs(60) {
            return Err(EmulatorError::Silent(address));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(Emulator { address, _pipe: pipe })
}

/// Makes the tenant's table, as the stack declares it, unless it is there.
pub(super) fn create_table(address: SocketAddr, name: &str) -> Result<(), EmulatorError> {
    let keys = [(runtime::PARTITION_KEY, "HASH"), (runtime::SORT_KEY, "RANGE")];
    let table = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": keys.map(|(name, kind)| json!({ "AttributeName": name, "KeyType": kind })),
        "AttributeDefinitions": keys.map(|(name, _)| json!({ "AttributeName": name, "AttributeType": "S" })),
    });
    let answer = post(address, "CreateTable", &table.to_string());
    let answer = answer.map_err(|source| EmulatorError::Unreachable { address, source })?;
    if answer.starts_with("HTTP/1.1 200") || answer.contains("ResourceInUseException") {
        Ok(())
    } else {
        Err(EmulatorError::Refused { address, answer })
    }
}

/// One request, over a connection of its own. An emulator does not look at the signature, but wants to see one.
fn post(address: SocketAddr, operation: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: DynamoDB_20120810.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;

    /// An emulator that gives one answer, and what it was asked.
    fn answered(answer: &'static str) -> (Result<(), EmulatorError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
            let mut asked = String::new();
            while reader.read_line(&mut asked).unwrap() > 2 {}
            let length = asked.split("Content-Length: ").nth(1).unwrap().trim().parse().unwrap();
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            asked + &String::from_utf8(body).unwrap()
        });
        (create_table(address, "tenant-acme-metadata-dev"), server.join().unwrap())
    }

    #[test]
    fn the_table_is_made_with_the_keys_of_the_stack_unless_it_is_there() {
        let (made, asked) = answered("HTTP/1.1 200 OK\r\n\r\n{}");
        assert!(made.is_ok() && asked.contains(r#"{"AttributeName":"tenant_id","KeyType":"HASH"}"#), "{asked}");
        assert!(answered("HTTP/1.1 400 Bad Request\r\n\r\n{\"__type\":\"ResourceInUseException\"}").0.is_ok());
        let refused = answered("HTTP/1.1 500 Error\r\n\r\n").0.unwrap_err();
        assert!(matches!(refused, EmulatorError::Refused { .. }), "{refused}");
    }
}
