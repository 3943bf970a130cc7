//! Is what was deployed well? Its function URL is asked, or a command of the user's is run for each stack.

use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use runner::{Class, Event, Failure, Interrupt, Observer, Outcome, Phase, Status};
use serde_json::Value;

/// The output that holds the address of a tenant's API.
const ENDPOINT: &str = "api_endpoint";
/// The path that answers when all is well.
const PATH: &str = "health";
/// How often the address is asked: what was just created may take a moment to be allowed to answer.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_secs(3);
/// The API's own limit is 60 s; a cold start is part of it.
const SECONDS_FOR_AN_ANSWER: u32 = 65;
/// How long a command may take.
const TIME_FOR_A_COMMAND: Duration = Duration::from_secs(300);

/// How it is found out whether a stack is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// `GET /health` at its function URL, signed.
    Url,
    /// A program with its arguments, run once for each stack.
    Command(Vec<String>),
}

/// Why there is no health check.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// No program is named.
    #[error("`--health-command` names no program; write it with its arguments, such as './smoke-test --fast'")]
    NoProgram,
    /// There is nothing to sign requests with.
    #[error(
        "a signed request to a function URL needs credentials in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); with a profile, \
         put them there with `eval \"$(aws configure export-credentials --format env)\"`, or use `--health-command`"
    )]
    NoCredentials,
}

/// What requests are signed with.
#[derive(Clone)]
pub(crate) struct Signature {
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
    /// The emulator that answers in place of AWS.
    pub(crate) emulator: Option<String>,
}

/// Health checks of a run.
pub(crate) struct Health {
    pub(crate) check: Check,
    pub(crate) signature: Option<Signature>,
    pub(crate) parallelism: NonZeroUsize,
    /// Where commands run.
    pub(crate) directory: PathBuf,
}

impl Check {
    /// The program and its arguments, parted at white space: no shell reads them.
    pub(crate) fn command(text: &str) -> Result<Self, HealthError> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() { Err(HealthError::NoProgram) } else { Ok(Self::Command(words)) }
    }

    /// As the record of a rollout keeps it.
    pub(crate) fn recorded(&self) -> String {
        match self {
            Self::Url => "url".to_owned(),
            Self::Command(words) => format!("command:{}", words.join(" ")),
        }
    }

    /// What [`Check::recorded`] gave.
    pub(crate) fn from_record(text: &str) -> Result<Self, HealthError> {
        match text.strip_prefix("command:") {
            Some(command) => Self::command(command),
            None => Ok(Self::Url),
        }
    }
}

impl Health {
    /// Whether a stack stands, so that it can be asked.
    pub(crate) fn asks(outcome: &Outcome) -> bool {
        matches!(outcome.status, Status::Deployed | Status::Unchanged)
    }

    /// Checks every stack that stands, several at once. One that is not well has failed.
    pub(crate) fn check(&self, outcomes: &mut [Outcome], observer: &dyn Observer, interrupt: &Interrupt) {
        let asked = outcomes.iter_mut().filter(|outcome| Self::asks(outcome));
        let jobs: Vec<Mutex<&mut Outcome>> = asked.map(Mutex::new).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                let mut outcome = job.lock().unwrap_or_else(PoisonError::into_inner);
                observer.event(&outcome.stack, &Event::Phase(Phase::Health));
                if let Err(failure) = self.of(&outcome, interrupt) {
                    outcome.status =
                        if failure.class == Class::Interrupted { Status::Interrupted } else { Status::Failed };
                    outcome.failure = Some(*failure);
                }
                observer.event(&outcome.stack, &Event::Finished(Box::new((**outcome).clone())));
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.parallelism.get().min(jobs.len()) {
                scope.spawn(work);
            }
        });
    }

    fn of(&self, outcome: &Outcome, interrupt: &Interrupt) -> Result<(), Box<Failure>> {
        match &self.check {
            Check::Command(words) => self.run(words, outcome, interrupt),
            Check::Url => match (output(outcome, ENDPOINT), &self.signature) {
                (Some(url), Some(signature)) => ask(&url, signature, interrupt),
                // The platform has no address.
                (None, _) => Ok(()),
                (Some(_), None) => {
                    Err(unhealthy("nothing to sign the request with", &HealthError::NoCredentials.to_string()))
                }
            },
        }
    }

    fn run(&self, words: &[String], outcome: &Outcome, interrupt: &Interrupt) -> Result<(), Box<Failure>> {
        let (program, arguments) = words.split_first().ok_or_else(|| unhealthy("no command", ""))?;
        let log = outcome.logs.as_ref().map(|logs| logs.join("health.log"));
        let failed = |cause: String| {
            let fix = format!(
                "find out why `{}` is not content with stack `{}`; `app deploy --resume` goes on from there",
                words.join(" "),
                outcome.stack
            );
            Box::new(Failure { log: log.clone(), ..*unhealthy(&cause, &fix) })
        };
        let (out, err) = match &log {
            Some(log) => log_file(log).and_then(|out| Ok((Stdio::from(out.try_clone()?), Stdio::from(out)))),
            None => Ok((Stdio::null(), Stdio::null())),
        }
        .map_err(|error| failed(format!("its log cannot be written: {error}")))?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.directory).stdin(Stdio::null()).stdout(out).stderr(err);
        command.env("STACK", &outcome.stack).env("TENANT", outcome.tenant.as_deref().unwrap_or_default());
        for (name, output) in outcome.outputs.iter().filter(|(_, output)| !output.sensitive) {
            if let Some(value) = &output.value {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                command.env(format!("OUTPUT_{}", name.to_uppercase()), value);
            }
        }
        let mut child = command.spawn().map_err(|error| failed(format!("`{program}` cannot be run: {error}")))?;
        match wait(&mut child, TIME_FOR_A_COMMAND, interrupt) {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(status)) => {
                let said = log.as_deref().and_then(last_line).map(|line| format!(": {line}")).unwrap_or_default();
                Err(failed(format!("`{}` says that it is not well ({status}){said}", words.join(" "))))
            }
            Ok(None) => {
                stop(&mut child);
                match interrupt.requested() {
                    true => Err(interrupted()),
                    false => {
                        Err(failed(format!("`{}` did not end in {} s", words.join(" "), TIME_FOR_A_COMMAND.as_secs())))
                    }
                }
            }
            Err(error) => Err(failed(format!("`{program}` cannot be waited for: {error}"))),
        }
    }
}

/// It is this program's own child, and changes nothing in AWS: it may be ended.
fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn wait(child: &mut Child, limit: Duration, interrupt: &Interrupt) -> io::Result<Option<std::process::ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until || interrupt.requested() {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn log_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap_or(Path::new(".")))?;
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn last_line(log: &Path) -> Option<String> {
    let text = fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().rev().find(|line| !line.trim().is_empty()).map(|line| line.chars().take(200).collect())
}

fn output(outcome: &Outcome, name: &str) -> Option<String> {
    outcome.outputs.get(name)?.value.as_ref().and_then(Value::as_str).map(str::to_owned)
}

/// Asks an address until it answers that all is well.
fn ask(url: &str, signature: &Signature, interrupt: &Interrupt) -> Result<(), Box<Failure>> {
    let mut last = String::new();
    for again in 0..TRIES {
        if again > 0 && !interrupt.pause(BETWEEN_TRIES) {
            return Err(interrupted());
        }
        match request(url, signature) {
            Ok(Answer { code: 200, .. }) => return Ok(()),
            Ok(Answer { code, body }) => {
                let body: String = body.chars().filter(|c| !c.is_control()).take(200).collect();
                last = format!("{url}{PATH} answers {code}{}{body}", if body.is_empty() { "" } else { ": " });
            }
            Err(error) => last = error,
        }
    }
    let fix = match last.contains(" 403") {
        true => {
            "let the credentials of this run call the function URL (lambda:InvokeFunctionUrl), or look into the API's log; `app deploy --resume` asks again"
        }
        false => {
            "look into the log group of the tenant's API (output `log_group_name`); `app deploy --resume` asks again"
        }
    };
    Err(unhealthy(&last, fix))
}

struct Answer {
    code: u16,
    body: String,
}

/// One signed request by curl, which gets the secret on its standard input: arguments can be read by everybody on the machine.
fn request(url: &str, signature: &Signature) -> Result<Answer, String> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "curl, which asks the function URL, is not installed".to_owned(),
        _ => format!("curl cannot be run: {error}"),
    };
    let mut curl = Command::new("curl")
        .args(["--config", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let config = config(url, signature);
    if let Some(mut stdin) = curl.stdin.take() {
        stdin.write_all(config.as_bytes()).map_err(failed)?;
    }
    let output = curl.wait_with_output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (body, code) = text.rsplit_once('\n').unwrap_or(("", &text));
    match code.trim().parse() {
        Ok(code) if code > 0 => Ok(Answer { code, body: body.to_owned() }),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{url}{PATH} does not answer: {}", said.lines().last().unwrap_or_default().trim()))
        }
    }
}

/// What curl is told, in the form of its configuration files.
fn config(url: &str, signature: &Signature) -> String {
    let quoted =
        |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], ""));
    let mut lines = vec![
        "silent".to_owned(),
        "show-error".to_owned(),
        format!("max-time = {SECONDS_FOR_AN_ANSWER}"),
        format!("write-out = {}", quoted("\\n%{http_code}")),
        format!("aws-sigv4 = {}", quoted(&format!("aws:amz:{}:lambda", signature.region))),
        format!("user = {}", quoted(&format!("{}:{}", signature.key_id, signature.secret))),
    ];
    if let Some(token) = &signature.token {
        lines.push(format!("header = {}", quoted(&format!("x-amz-security-token: {token}"))));
    }
    match &signature.emulator {
        None => lines.push(format!("url = {}", quoted(&format!("{url}{PATH}")))),
        Some(emulator) => {
            let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
            lines.push(format!("header = {}", quoted(&format!("Host: {host}"))));
            lines.push(format!("url = {}", quoted(&format!("{}/{PATH}", emulator.trim_end_matches('/')))));
        }
    }
    lines.join("\n") + "\n"
}

fn unhealthy(cause: &str, fix: &str) -> Box<Failure> {
    Box::new(Failure {
        class: Class::Unhealthy,
        phase: Phase::Health,
        address: None,
        code: None,
        cause: cause.to_owned(),
        detail: String::new(),
        fix: fix.to_owned(),
        resumable: true,
        log: None,
    })
}

fn interrupted() -> Box<Failure> {
    Box::new(Failure {
        class: Class::Interrupted,
        fix: "`app deploy --resume` goes on".to_owned(),
        ..*unhealthy("the health check was stopped", "")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner::{Changes, OutputValue};
    use std::collections::BTreeMap;
    use std::io::Read;
    use std::net::TcpListener;

    struct Silent;
    impl Observer for Silent {
        fn event(&self, _: &str, _: &Event) {}
    }

    fn outcome(stack: &str, logs: Option<&Path>, url: Option<&str>) -> Outcome {
        let value = |text: &str| OutputValue { sensitive: false, value: Some(Value::String(text.to_owned())) };
        let mut outputs = BTreeMap::from([("table_name".to_owned(), value("tenant-acme-metadata-dev"))]);
        outputs
            .insert("secret".to_owned(), OutputValue { sensitive: true, value: Some(Value::String("hidden".into())) });
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
                write!(stream, "HTTP/1.1 {code} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
                    .unwrap();
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
}
