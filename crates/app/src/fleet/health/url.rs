//! `GET /health` at a function URL, signed by curl.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use runner::{Failure, Interrupt};

use super::{interrupted, unhealthy};

/// The path that answers when all is well.
const PATH: &str = "health";
/// How often the address is asked: what was just created may take a moment to be allowed to answer.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_secs(3);
/// The API's own limit is 60 s; a cold start is part of it.
const SECONDS_FOR_AN_ANSWER: u32 = 65;

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

/// Asks an address until it answers that all is well.
pub(super) fn ask(url: &str, signature: &Signature, interrupt: &Interrupt) -> Result<(), Box<Failure>> {
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
pub(super) fn config(url: &str, signature: &Signature) -> String {
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
