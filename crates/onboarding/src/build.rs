//! What a build says of the deployment that it ran.
//!
//! The build exports one variable, [`RUN_RESULT`](naming::runtime::RUN_RESULT): the line that `app deploy --format json` writes. When
//! the build succeeds, Step Functions gives what CodeBuild says of it as the result; when it fails, as a text in the error's cause.

use std::collections::BTreeMap;

use naming::runtime;
use registry::Release;
use registry::event::FailureNote;
use serde::Deserialize;
use serde_json::Value;

use crate::call::Caught;

/// What a build said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The stack stands, with these outputs.
    Deployed(BTreeMap<String, String>),
    /// Nothing of the stack is left.
    Destroyed,
    /// It failed.
    Failed(FailureNote),
}

/// A build, as CodeBuild describes it ([Build](https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html)).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Build {
    id: String,
    build_status: String,
    exported_environment_variables: Vec<Variable>,
    logs: Logs,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Variable {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Logs {
    deep_link: Option<String>,
}

/// The part of the run's summary that counts here.
#[derive(Debug, Deserialize)]
struct Summary {
    stacks: Vec<Stack>,
}

#[derive(Debug, Deserialize)]
struct Stack {
    tenant: Option<String>,
    status: String,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    failure: Option<Failure>,
}

#[derive(Debug, Deserialize)]
struct Output {
    #[serde(default)]
    value: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    phase: String,
    address: Option<String>,
    cause: String,
    fix: String,
    #[serde(default)]
    resumable: bool,
}

/// What the build of a tenant said that succeeded.
pub(crate) fn succeeded(result: &Value, tenant: &str) -> Said {
    let build = find(result);
    summary(&build, tenant).unwrap_or_else(|| {
        Said::Failed(note(
            "report",
            format!("the build `{}` succeeded, but did not say what it made", build.id),
            &build,
        ))
    })
}

/// What is to be recorded of a run that was stopped by an error.
pub(crate) fn failed(caught: &Caught, tenant: &str) -> FailureNote {
    let build = serde_json::from_str(&caught.cause).map(|cause| find(&cause)).unwrap_or_default();
    if let Some(Said::Failed(note)) = summary(&build, tenant) {
        return note;
    }
    let name = &caught.error;
    match (name.as_str(), build.build_status.as_str()) {
        ("States.Timeout", _) | (_, "TIMED_OUT") => {
            note("build", "the build did not end in its time; it was stopped".to_owned(), &build)
        }
        (_, "STOPPED") => note("build", format!("the build `{}` was stopped", build.id), &build),
        (_, "") if name.starts_with("CodeBuild.") => {
            note("build", format!("no build could be started ({name}): {}", caught.cause), &build)
        }
        (_, "") => note("record", format!("{name}: {}", reason(&caught.cause)), &build),
        (_, status) => {
            note("build", format!("the build `{}` ended with {status} and did not say why", build.id), &build)
        }
    }
}

/// Of an error of a function, its message; of another one, the cause.
fn reason(cause: &str) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        error_message: String,
    }
    serde_json::from_str::<Payload>(cause).map_or_else(|_| cause.to_owned(), |payload| payload.error_message)
}

fn note(phase: &str, cause: String, build: &Build) -> FailureNote {
    let log = build
        .logs
        .deep_link
        .as_ref()
        .map(|link| format!("read the log of the build ({link}), then "))
        .unwrap_or_default();
    FailureNote {
        phase: phase.to_owned(),
        address: None,
        cause,
        fix: format!("{log}send the same event again: the run goes on where this one stopped"),
        attempt: 0,
        resumable: true,
    }
    .bounded()
}

/// The build in what Step Functions passes on: itself, or in the field `Build`.
fn find(value: &Value) -> Build {
    Build::deserialize(value.get("Build").unwrap_or(value)).unwrap_or_default()
}

/// What the summary of the run says of this tenant's stack; nothing where it says nothing that can be read.
fn summary(build: &Build, tenant: &str) -> Option<Said> {
    let variable = build.exported_environment_variables.iter().find(|variable| variable.name == runtime::RUN_RESULT)?;
    let summary: Summary = serde_json::from_str(&variable.value).ok()?;
    let stack = summary.stacks.into_iter().find(|stack| stack.tenant.as_deref() == Some(tenant))?;
    if let Some(failure) = stack.failure {
        let Failure { phase, address, cause, fix, resumable } = failure;
        return Some(Said::Failed(FailureNote { phase, address, cause, fix, attempt: 0, resumable }.bounded()));
    }
    match stack.status.as_str() {
        "deployed" | "unchanged" => {
            let text = |output: Output| match output.value? {
                Value::String(text) => Some(text),
                other => Some(other.to_string()),
            };
            let outputs = stack.outputs.into_iter().filter_map(|(name, output)| Some((name, text(output)?)));
            Some(Said::Deployed(outputs.collect()))
        }
        "destroyed" | "absent" => Some(Said::Destroyed),
        other => Some(Said::Failed(note("build", format!("the stack is {other}"), build))),
    }
}

/// The release that a result names.
pub(crate) fn release() -> Option<Release> {
    env!("CARGO_PKG_VERSION").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn build(status: &str, summary: &Value) -> Value {
        json!({
            "Id": "platform-runner-dev:1", "BuildStatus": status, "Logs": { "DeepLink": "https://log" },
            "ExportedEnvironmentVariables": [{ "Name": "RUN_RESULT", "Value": summary.to_string() }],
        })
    }

    fn caught(error: &str, cause: &Value) -> Caught {
        let cause = cause.as_str().map_or_else(|| cause.to_string(), str::to_owned);
        Caught { error: error.to_owned(), cause }
    }

    #[test]
    fn outputs_are_taken_from_what_the_build_exports() {
        let summary = json!({ "stacks": [
            { "tenant": "acme-corp", "status": "deployed", "outputs": {} },
            { "tenant": "acme", "status": "deployed", "outputs": {
                "api_endpoint": { "sensitive": false, "value": "https://api" }, "n": { "sensitive": false, "value": 3 },
                "secret": { "sensitive": true },
            } },
        ] });
        let said = succeeded(&json!({ "Build": build("SUCCEEDED", &summary) }), "acme");
        let outputs = [("api_endpoint", "https://api"), ("n", "3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(said, Said::Deployed(BTreeMap::from(outputs)));
        let gone = json!({ "stacks": [{ "tenant": "acme", "status": "absent" }] });
        assert_eq!(succeeded(&build("SUCCEEDED", &gone), "acme"), Said::Destroyed);
    }

    #[test]
    fn a_build_that_says_nothing_of_the_tenant_has_failed() {
        for summary in [
            json!({ "stacks": [] }),
            json!("nothing"),
            json!({ "stacks": [{ "tenant": "acme-corp", "status": "deployed" }] }),
        ] {
            let Said::Failed(note) = succeeded(&build("SUCCEEDED", &summary), "acme") else { panic!("{summary}") };
            assert_eq!(note.phase, "report");
            assert!(note.fix.contains("https://log"), "{note:?}");
        }
        for other in ["pinned", "not_started", "interrupted"] {
            let summary = json!({ "stacks": [{ "tenant": "acme", "status": other }] });
            assert!(matches!(succeeded(&build("SUCCEEDED", &summary), "acme"), Said::Failed(_)), "{other}");
        }
    }

    #[test]
    fn a_failed_build_tells_phase_address_cause_and_fix() {
        let failure = json!({
            "class": "quota", "phase": "apply", "address": "aws_vpc.tenant", "cause": "VpcLimitExceeded", "fix": "raise it",
            "resumable": true,
        });
        let summary = json!({ "stacks": [{ "tenant": "acme", "status": "failed", "failure": failure }] });
        for cause in [build("FAILED", &summary), json!({ "Build": build("FAILED", &summary) })] {
            let note = failed(&caught("States.TaskFailed", &cause), "acme");
            assert_eq!((note.phase.as_str(), note.address.as_deref()), ("apply", Some("aws_vpc.tenant")));
            assert_eq!((note.cause.as_str(), note.fix.as_str()), ("VpcLimitExceeded", "raise it"));
        }
    }

    #[test]
    fn each_way_to_fail_says_what_happened_and_what_to_do() {
        let none = json!({});
        let payload = json!({ "errorType": "LeaseLost", "errorMessage": "another run has it" });
        for (caught, phase, cause) in [
            (caught("States.Timeout", &json!("")), "build", "the build did not end in its time"),
            (caught("States.TaskFailed", &build("TIMED_OUT", &none)), "build", "the build did not end in its time"),
            (caught("States.TaskFailed", &build("STOPPED", &none)), "build", "was stopped"),
            (caught("States.TaskFailed", &build("FAULT", &none)), "build", "ended with FAULT"),
            (
                caught("CodeBuild.AccountLimitExceededException", &json!("too many")),
                "build",
                "no build could be started (CodeBuild.AccountLimitExceededException): too many",
            ),
            (caught("LeaseLost", &payload), "record", "LeaseLost: another run has it"),
        ] {
            let note = failed(&caught, "acme");
            assert_eq!(note.phase, phase, "{caught:?}");
            assert!(note.cause.contains(cause), "{caught:?}: {note:?}");
            assert!(note.fix.contains("send the same event again") && note.resumable, "{note:?}");
        }
        let long = failed(&caught("Odd", &json!("x".repeat(100_000))), "acme");
        assert!(long.cause.chars().count() <= FailureNote::MAX_TEXT);
    }
}
