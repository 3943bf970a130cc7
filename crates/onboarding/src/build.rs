//! What a build says of the deployment that it ran.
//!
//! The build exports one variable, [`RUN_RESULT`](naming::runtime::RUN_RESULT): the line that the last of its programs wrote with
//! `--format json`. When the build succeeds, Step Functions gives what CodeBuild says of it as the result; when it fails, as a text in the
//! error's cause. What the programs did not say, the phase tells in which the build ended: each way to fail has a phase, a cause and a fix.

use std::collections::BTreeMap;

use naming::{TenantId, runtime};
use registry::event::FailureNote;
use serde::Deserialize;
use serde_json::Value;

use crate::call::{Caught, Source};

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
    phases: Vec<Phase>,
    logs: Logs,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Variable {
    name: String,
    #[serde(default)]
    value: String,
}

/// A phase of a build ([BuildPhase](https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildPhase.html)).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Phase {
    phase_type: String,
    phase_status: Option<String>,
    contexts: Vec<Context>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Context {
    message: Option<String>,
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

/// What a program says that ended before it came to its work.
#[derive(Debug, Deserialize)]
struct Ended {
    error: Failure,
}

#[derive(Debug, Deserialize)]
struct Failure {
    phase: String,
    #[serde(default)]
    address: Option<String>,
    cause: String,
    fix: String,
    #[serde(default)]
    resumable: bool,
}

impl Failure {
    fn note(self) -> FailureNote {
        let Self { phase, address, cause, fix, resumable } = self;
        FailureNote { phase, address, cause, fix, attempt: 0, resumable }.bounded()
    }
}

/// What the build of a tenant said that succeeded.
pub(crate) fn succeeded(result: &Value, tenant: &TenantId) -> Said {
    let build = find(result);
    said(&build, tenant).unwrap_or_else(|| {
        let cause = format!("the build `{}` succeeded, but did not say what it made", build.id);
        Said::Failed(build.note("report", cause, "see whether the release is the one of this environment"))
    })
}

/// What is to be recorded of a run that was stopped by an error.
pub(crate) fn failed(caught: &Caught, tenant: &TenantId, source: Option<&Source>) -> FailureNote {
    let build = serde_json::from_str(&caught.cause).map(|cause| find(&cause)).unwrap_or_default();
    if let Some(Said::Failed(note)) = said(&build, tenant) {
        return note;
    }
    let name = &caught.error;
    match (name.as_str(), build.build_status.as_str()) {
        (name, "") if name.starts_with("CodeBuild.") => build.note(
            "start",
            format!("no build could be started ({name}): {}", caught.cause),
            "see that the build project is there and that the account may run so many builds at once",
        ),
        ("States.Timeout", "") => {
            let cause = "the build did not end in its time, and is not waited for any more".to_owned();
            build.note("timeout", cause, "see what it still does, and stop it if it hangs")
        }
        (_, "") => match reason(&caught.cause) {
            Some(reason) => build.note(
                "record",
                format!("{name}: {reason}"),
                "see in the function's log why what the build made could not be recorded",
            ),
            None => build.note(
                "workflow",
                format!("{name}: {}", caught.cause),
                "see in the history of the workflow's run what stopped it",
            ),
        },
        (_, status) => build.ended(status, tenant, source),
    }
}

impl Build {
    /// What to say of a build whose programs said nothing: the phase in which it ended tells where to look.
    fn ended(&self, status: &str, tenant: &TenantId, source: Option<&Source>) -> FailureNote {
        let is_bad = |phase: &&Phase| !matches!(phase.phase_status.as_deref(), None | Some("SUCCEEDED"));
        let bad = self.phases.iter().find(is_bad);
        let messages = bad.iter().flat_map(|phase| &phase.contexts).filter_map(|context| context.message.as_deref());
        let messages: Vec<&str> = messages.filter(|message| !message.is_empty()).collect();
        let why = if messages.is_empty() { String::new() } else { format!(": {}", messages.join("; ")) };
        let id = &self.id;
        match (bad.map(|phase| phase.phase_type.as_str()), status) {
            (_, "STOPPED") => {
                let cause = format!("the build `{id}` was stopped{why}");
                self.note("stopped", cause, "ask who stopped it, and why")
            }
            (Some("QUEUED"), _) => self.note(
                "queue",
                format!("the build `{id}` did not get its turn in time{why}"),
                "request more builds at once for the account, or wait until fewer tenants come at the same time",
            ),
            (Some("DOWNLOAD_SOURCE"), _) => {
                let (release, location) = match source {
                    Some(Source { release, location }) => (release.to_string(), location.as_str()),
                    None => ("of the build".to_owned(), "the platform's bucket of states"),
                };
                self.note(
                    "release",
                    format!("release {release} could not be had from `{location}`{why}"),
                    &format!(
                        "make the release with `app release` and copy it there, or, where the tenant is pinned to a release that is gone, \
                         `app tenants unpin {tenant} --registry dynamodb`"
                    ),
                )
            }
            (_, "TIMED_OUT") => {
                let cause = format!("the build `{id}` did not end in its time, and was stopped{why}");
                self.note("timeout", cause, "see what it waited for")
            }
            (Some("SUBMITTED" | "PROVISIONING"), _) | (_, "FAULT") => self.note(
                "provisioning",
                format!("CodeBuild had no machine for the build `{id}`, or lost it{why}"),
                "see whether AWS tells of trouble with CodeBuild",
            ),
            _ => self.note(
                "program",
                format!("the program of the build `{id}` ended with {status} and without a word{why}"),
                "see what it met: memory, disk, a kill, or a release that is not whole",
            ),
        }
    }

    fn note(&self, phase: &str, cause: String, look: &str) -> FailureNote {
        let log = self
            .logs
            .deep_link
            .as_ref()
            .map(|link| format!("read the log of the build ({link}); "))
            .unwrap_or_default();
        FailureNote {
            phase: phase.to_owned(),
            address: None,
            cause,
            fix: format!("{log}{look}; then send the same event again: the run goes on where this one stopped"),
            attempt: 0,
            resumable: true,
        }
        .bounded()
    }
}

/// The message of an error of the function; nothing of another one.
fn reason(cause: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        error_message: String,
    }
    serde_json::from_str::<Payload>(cause).ok().map(|payload| payload.error_message)
}

/// The build in what Step Functions passes on: itself, or in the field `Build`.
fn find(value: &Value) -> Build {
    Build::deserialize(value.get("Build").unwrap_or(value)).unwrap_or_default()
}

/// What the build's programs say of this tenant's stack; nothing where they say nothing that can be read.
fn said(build: &Build, tenant: &TenantId) -> Option<Said> {
    let variable = build.exported_environment_variables.iter().find(|variable| variable.name == runtime::RUN_RESULT)?;
    if let Ok(Ended { error }) = serde_json::from_str(&variable.value) {
        let again = "then send the same event again: the run goes on where this one stopped";
        let fix = format!("{}; {again}", error.fix);
        return Some(Said::Failed(Failure { fix, ..error }.note()));
    }
    let summary: Summary = serde_json::from_str(&variable.value).ok()?;
    let stack = summary.stacks.into_iter().find(|stack| stack.tenant.as_deref() == Some(tenant.as_str()))?;
    if let Some(failure) = stack.failure {
        return Some(Said::Failed(failure.note()));
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
        other => Some(Said::Failed(build.note("report", format!("the stack is {other}"), "see what stopped it"))),
    }
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

    fn acme() -> TenantId {
        "acme".parse().unwrap()
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
        let said = succeeded(&json!({ "Build": build("SUCCEEDED", &summary) }), &acme());
        let outputs = [("api_endpoint", "https://api"), ("n", "3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(said, Said::Deployed(BTreeMap::from(outputs)));
        let gone = json!({ "stacks": [{ "tenant": "acme", "status": "absent" }] });
        assert_eq!(succeeded(&build("SUCCEEDED", &gone), &acme()), Said::Destroyed);
    }

    #[test]
    fn a_build_that_says_nothing_of_the_tenant_has_failed() {
        for summary in [
            json!({ "stacks": [] }),
            json!("nothing"),
            json!({ "stacks": [{ "tenant": "acme-corp", "status": "deployed" }] }),
        ] {
            let Said::Failed(note) = succeeded(&build("SUCCEEDED", &summary), &acme()) else { panic!("{summary}") };
            assert_eq!(note.phase, "report");
            assert!(note.fix.contains("https://log"), "{note:?}");
        }
        for other in ["pinned", "not_started", "interrupted"] {
            let summary = json!({ "stacks": [{ "tenant": "acme", "status": other }] });
            assert!(matches!(succeeded(&build("SUCCEEDED", &summary), &acme()), Said::Failed(_)), "{other}");
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
            let note = failed(&caught("States.TaskFailed", &cause), &acme(), None);
            assert_eq!((note.phase.as_str(), note.address.as_deref()), ("apply", Some("aws_vpc.tenant")));
            assert_eq!((note.cause.as_str(), note.fix.as_str()), ("VpcLimitExceeded", "raise it"));
        }
    }

    /// A build that ended in a phase, with a message.
    fn ended(status: &str, phase: &str, message: &str) -> Value {
        json!({
            "Id": "platform-runner-dev:1", "BuildStatus": status, "Logs": { "DeepLink": "https://log" },
            "ExportedEnvironmentVariables": [{ "Name": "RUN_RESULT", "Value": "" }],
            "Phases": [
                { "PhaseType": "SUBMITTED", "PhaseStatus": "SUCCEEDED" },
                { "PhaseType": phase, "PhaseStatus": status, "Contexts": [{ "StatusCode": "CODE", "Message": message }] },
                { "PhaseType": "COMPLETED" },
            ],
        })
    }

    /// "phase, cause, fix, resumable": each way to fail has its own.
    #[test]
    fn each_way_to_fail_has_a_phase_a_cause_and_a_fix_of_its_own() {
        let source = Source {
            release: "0.0.9".parse().unwrap(),
            location: "platform-state-dev/releases/0.0.9/palisade.zip".to_owned(),
        };
        let payload = json!({ "errorType": "LeaseLost", "errorMessage": "another run has it" });
        let failed_task = |build: Value| caught("States.TaskFailed", &build);
        let ways = [
            (
                caught("CodeBuild.AccountLimitExceededException", &json!("too many")),
                "start",
                "no build could be started (CodeBuild.AccountLimitExceededException): too many",
                "may run so many builds",
            ),
            (
                failed_task(ended("TIMED_OUT", "QUEUED", "")),
                "queue",
                "did not get its turn",
                "request more builds at once",
            ),
            (
                failed_task(ended("FAULT", "PROVISIONING", "no capacity")),
                "provisioning",
                "no machine",
                "trouble with CodeBuild",
            ),
            (
                failed_task(ended("FAILED", "DOWNLOAD_SOURCE", "NoSuchKey")),
                "release",
                "release 0.0.9 could not be had from `platform-state-dev/releases/0.0.9/palisade.zip`: NoSuchKey",
                "make the release with `app release` and copy it there, or, where the tenant is pinned to a release that is gone, \
                 `app tenants unpin acme --registry dynamodb`",
            ),
            (
                failed_task(ended("FAILED", "BUILD", "./app deploy. Reason: exit status 137")),
                "program",
                "ended with FAILED and without a word: ./app deploy. Reason: exit status 137",
                "memory, disk, a kill",
            ),
            (failed_task(ended("TIMED_OUT", "BUILD", "")), "timeout", "did not end in its time", "what it waited for"),
            (failed_task(ended("STOPPED", "BUILD", "")), "stopped", "was stopped", "ask who stopped it"),
            (caught("LeaseLost", &payload), "record", "LeaseLost: another run has it", "the function's log"),
            (
                caught("States.DataLimitExceeded", &json!("too much")),
                "workflow",
                "States.DataLimitExceeded: too much",
                "the history",
            ),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for (caught, phase, cause, fix) in ways {
            let note = failed(&caught, &acme(), Some(&source));
            assert_eq!(note.phase, phase, "{caught:?}");
            assert!(note.cause.contains(cause), "{caught:?}: {note:?}");
            assert!(note.fix.contains(fix) && note.fix.contains("send the same event again"), "{note:?}");
            assert!(note.resumable);
            assert_eq!(note.fix.contains("https://log"), caught.cause.contains("https://log"), "{note:?}");
            assert!(seen.insert(note.phase), "{phase} is two ways");
        }
        let waited = failed(&caught("States.Timeout", &json!("")), &acme(), Some(&source));
        assert_eq!(waited.phase, "timeout");
        let long = failed(&caught("Odd", &json!("x".repeat(100_000))), &acme(), None);
        assert!(long.cause.chars().count() <= FailureNote::MAX_TEXT);
    }

    /// "an export that is refused, a proof that fails": the program said it itself.
    #[test]
    fn a_program_that_ended_before_its_work_is_taken_at_its_word() {
        let error = json!({ "phase": "proof", "cause": "acme reaches bolt", "fix": "mend it", "resumable": true });
        let said = json!({ "format_version": "1", "error": error });
        for status in ["FAILED", "STOPPED"] {
            let note = failed(&caught("States.TaskFailed", &build(status, &said)), &acme(), None);
            assert_eq!([note.phase.as_str(), &note.cause], ["proof", "acme reaches bolt"]);
            assert!(note.fix.starts_with("mend it; then send the same event again"), "{note:?}");
            assert!(note.resumable && note.address.is_none());
        }
    }
}
