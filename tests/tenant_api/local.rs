//! `app api`: the API on a developer's machine.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{body, status};
use crate::support::app::{app, binary, clean};
use crate::support::http::{Message, free_port, send};
use crate::support::root;
use crate::support::tools::tool;

/// The program and all that it started.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        let _ = self.0.wait();
    }
}

/// "`app api --tenant ID [--port P]`: the API served locally on loopback against an emulator's DynamoDB"
#[test]
fn the_api_of_a_tenant_is_served_on_loopback() {
    let Some(_) = tool("the_api_of_a_tenant_is_served_on_loopback", "ministack") else { return };
    let port = free_port();
    let mut command = clean(binary());
    command.args(["api", "--tenant", "retail-co", "--port", &port.to_string()]).current_dir(root());
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let _group = Group(command.spawn().expect("the program starts"));
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let ask = |method: &str, path: &str, body: &str| {
        let headers = [("host", "127.0.0.1"), ("connection", "close"), ("content-type", "application/json")];
        send(address, &Message::new(format!("{method} {path} HTTP/1.1"), &headers, body))
    };
    let begin = Instant::now();
    let health = loop {
        match ask("GET", "/health", "") {
            Ok(answer) if status(&answer) == 200 => break answer,
            _ => std::thread::sleep(Duration::from_millis(300)),
        }
        assert!(begin.elapsed() < Duration::from_secs(900), "the function is not built and served");
    };
    assert_eq!(body(&health)["tenant"], "retail-co");
    assert_eq!(status(&ask("PUT", "/v1/resources/plan", "{}").unwrap()), 201);
    assert_eq!(ask("GET", "/v1/resources/plan", "").unwrap().body, b"{}");
}

#[test]
fn a_tenant_that_is_not_there_is_not_served() {
    let run = app(&root(), &["api", "--tenant", "retail-c0"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("did you mean `retail-co`?"), "{}", run.stderr);
}
