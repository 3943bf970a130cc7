use super::url::config;
use super::*;
use runner::{Changes, OutputValue};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

struct Silent;
impl Observer for Silent {
    fn event(&self, _: &str, _: &Event) {}
}

fn outcome(stack: &str, logs: Option<&Path>, url: Option<&str>) -> Outcome {
    let value = |text: &str| OutputValue { sensitive: false, value: Some(Value::String(text.to_owned())) };
    let mut outputs = BTreeMap::from([("table_name".to_owned(), value("tenant-acme-metadata-dev"))]);
    outputs.insert("secret".to_owned(), OutputValue { sensitive: true, value: Some(Value::String("hidden".into())) });
    outputs.extend(url.map(|url| (ENDPOINT.to_owned(), value(url))));
    Outcome {
        stack: stack.to_owned(),
        tenant: Some("acme".to_owned()),
        status: Status::Deployed,
        changes: Changes::default(),
        drift: Vec::new(),
        outputs,
        failure: None,
        left: Vec::new(),
        attempts: 1,
        took: Duration::from_secs(1),
        logs: logs.map(Path::to_owned),
    }
}

fn health(check: Check, directory: &Path, signature: Option<Signature>) -> Health {
    Health { check, signature, parallelism: NonZeroUsize::new(2).unwrap(), directory: directory.to_owned() }
}

fn checked(health: &Health, mut outcome: Outcome) -> Outcome {
    health.check(std::slice::from_mut(&mut outcome), &Silent, &Interrupt::new());
    outcome
}

fn script(dir: &Path, text: &str) -> Check {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join("check.sh");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    Check::command("./check.sh --of $STACK").unwrap()
}

#[test]
fn a_command_gets_the_stack_and_its_outputs_and_no_shell_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let check = script(dir.path(), r#"echo "$1 $2|$STACK|$TENANT|$OUTPUT_TABLE_NAME|$OUTPUT_SECRET" > said"#);
    let done = checked(&health(check, dir.path(), None), outcome("tenant-acme-dev", None, None));
    assert_eq!((done.status, done.failure), (Status::Deployed, None));
    let said = fs::read_to_string(dir.path().join("said")).unwrap();
    assert_eq!(said, "--of $STACK|tenant-acme-dev|acme|tenant-acme-metadata-dev|\n");
}

#[test]
fn a_stack_that_the_command_is_not_content_with_has_failed_with_what_it_said() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("runs/1/tenant-acme-dev");
    let check = script(dir.path(), "echo asking; echo 'the queue is stuck' >&2; exit 3");
    let done = checked(&health(check, dir.path(), None), outcome("tenant-acme-dev", Some(&logs), None));
    let failure = done.failure.unwrap();
    assert_eq!((done.status, failure.class, failure.phase), (Status::Failed, Class::Unhealthy, Phase::Health));
    assert!(
        failure.cause.contains("exit status: 3") && failure.cause.ends_with(": the queue is stuck"),
        "{}",
        failure.cause
    );
    assert_eq!(failure.log, Some(logs.join("health.log")));
}

#[test]
fn a_command_that_is_not_there_and_one_that_is_interrupted_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let none = health(Check::command("./none").unwrap(), dir.path(), None);
    let failure = checked(&none, outcome("tenant-acme-dev", None, None)).failure.unwrap();
    assert!(failure.cause.starts_with("`./none` cannot be run"), "{}", failure.cause);
    let (interrupt, mut slow) = (Interrupt::new(), outcome("tenant-acme-dev", None, None));
    interrupt.request();
    health(script(dir.path(), "sleep 600"), dir.path(), None).check(
        std::slice::from_mut(&mut slow),
        &Silent,
        &interrupt,
    );
    assert_eq!((slow.status, slow.failure.unwrap().class), (Status::Interrupted, Class::Interrupted));
    assert!(Check::command("  ").is_err());
}

#[test]
fn what_did_not_stand_is_not_asked() {
    let dir = tempfile::tempdir().unwrap();
    let health = health(Check::command("./none").unwrap(), dir.path(), None);
    for status in [Status::Failed, Status::Destroyed, Status::Pinned, Status::NotStarted] {
        let done = checked(&health, Outcome { status, ..outcome("tenant-acme-dev", None, None) });
        assert_eq!((done.status, done.failure), (status, None));
    }
}

#[test]
fn a_check_is_read_from_the_record_as_it_was_given() {
    for check in [Check::Url, Check::command("./smoke  --fast").unwrap()] {
        assert_eq!(Check::from_record(&check.recorded()).unwrap(), check);
    }
}

fn signature(emulator: Option<String>) -> Signature {
    Signature {
        key_id: "AKIDEXAMPLE".into(),
        secret: r#"se"cr\et"#.into(),
        token: Some("token".into()),
        region: "eu-west-1".into(),
        emulator,
    }
}

/// Everybody on a machine can read the arguments of its processes.
#[test]
fn the_secret_is_told_to_curl_on_its_standard_input_alone() {
    let config = config("https://abc.lambda-url.eu-west-1.on.aws/", &signature(None));
    assert!(config.contains(r#"user = "AKIDEXAMPLE:se\"cr\\et""#), "{config}");
    assert!(config.contains(r#"url = "https://abc.lambda-url.eu-west-1.on.aws/health""#), "{config}");
    assert!(config.contains(r#"aws-sigv4 = "aws:amz:eu-west-1:lambda""#), "{config}");
    assert!(config.contains(r#"header = "x-amz-security-token: token""#), "{config}");
}

/// A server that answers each request with the next of these, and what it was asked.
fn server(answers: &'static [(u16, &'static str)]) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let answer = |(code, body): &(u16, &str)| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut buffer).unwrap();
                head.extend(&buffer[..read]);
            }
            let length = body.len();
            write!(stream, "HTTP/1.1 {code} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
            String::from_utf8(head).unwrap()
        };
        answers.iter().map(answer).collect()
    });
    (address, served)
}

#[test]
fn through_an_emulator_the_function_is_named_by_the_host_and_the_request_is_signed() {
    let (emulator, served) = server(&[(503, "starting"), (200, "{}")]);
    let health = health(Check::Url, Path::new("."), Some(signature(Some(emulator))));
    let done = checked(&health, outcome("tenant-acme-dev", None, Some("https://abc.lambda-url.eu-west-1.on.aws/")));
    assert_eq!((done.status, done.failure), (Status::Deployed, None));
    let asked = served.join().unwrap();
    for head in asked {
        assert!(head.starts_with("GET /health HTTP/1.1\r\n"), "{head}");
        let head = head.to_lowercase();
        assert!(head.contains("host: abc.lambda-url.eu-west-1.on.aws\r\n"), "{head}");
        assert!(head.contains("authorization: aws4-hmac-sha256 credential=akidexample/"), "{head}");
    }
}

/// The platform's stack has no function URL.
#[test]
fn a_stack_without_an_address_has_nothing_to_be_asked() {
    let health = health(Check::Url, Path::new("."), Some(signature(None)));
    assert_eq!(checked(&health, outcome("platform-dev", None, None)).failure, None);
}
