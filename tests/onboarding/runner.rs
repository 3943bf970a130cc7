//! In the place of CodeBuild: takes the builds that the workflow asks for, runs the commands of the project's own build specification, and
//! says what CodeBuild would say.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::http::{Message, send};
use crate::support::stacks::platform;

/// What becomes of a build.
#[derive(Clone)]
pub(super) enum Answer {
    /// Its commands run, in a directory below this one.
    Commands(PathBuf),
    /// It is said to be done.
    AtOnce,
}

/// The workers, until it is dropped.
pub(super) struct Runner {
    stop: Arc<AtomicBool>,
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The program's part in a build, as far as this test needs it: it keeps an environment per tenant as a file, and says what `app deploy
/// --format json` says.
const PROGRAM: &str = r#"#!/bin/bash
set -euo pipefail
declare -A given
for argument in "$@"; do
    case "$argument" in --*=*) name="${argument%%=*}"; given["${name#--}"]="${argument#*=}" ;; esac
done
case "$1 ${2:-}" in
    "tenants export")
        [ "${given[registry-table]}" = platform-registry-dev ] && [ "${given[environment-suffix]}" = dev ]
        echo '{}' ;;
    "deploy "*)
        id="${given[tenant]}"
        [ -f tenants.json ] && [ "${given[assume-role-arn]}" = "arn:deployer" ] && [ "${given[format]}" = json ]
        if [ -e "$ROOT/failing/$id" ]; then
            echo "{ \"stacks\": [{ \"tenant\": \"$id\", \"status\": \"failed\", \"failure\": {"
            echo "  \"phase\": \"apply\", \"address\": \"aws_vpc.tenant\", \"cause\": \"VpcLimitExceeded\", \"fix\": \"request more VPCs\","
            echo "  \"resumable\": true } }] }"
            exit 1
        fi
        mkdir -p "$ROOT/environments"
        if [ -e "$ROOT/leaving/$id" ]; then
            rm "$ROOT/environments/$id"
            echo "{ \"stacks\": [{ \"tenant\": \"$id\", \"status\": \"destroyed\" }] }"
        else
            touch "$ROOT/environments/$id"
            echo "{ \"stacks\": [{ \"tenant\": \"$id\", \"status\": \"deployed\", \"outputs\": {"
            echo "  \"tenant_id\": { \"sensitive\": false, \"value\": \"$id\" } } }] }"
        fi ;;
    *) exit 2 ;;
esac
"#;

impl Runner {
    pub(super) fn start(address: &str, workers: usize, answer: Answer) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let address: SocketAddr = address.parse().expect("an address");
        for _ in 0..workers {
            let (stop, answer) = (Arc::clone(&stop), answer.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    // The emulator may end in the middle of it.
                    if work(address, &answer).is_err() {
                        return;
                    }
                }
            });
        }
        Self { stop }
    }
}

fn call(address: SocketAddr, operation: &str, input: &Value) -> std::io::Result<Value> {
    let target = format!("AWSStepFunctions.{operation}");
    let headers = [
        ("host", "localhost"),
        ("connection", "close"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", target.as_str()),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20260131/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0",
        ),
    ];
    let answer = send(address, &Message::new("POST / HTTP/1.1", &headers, input.to_string()))?;
    serde_json::from_slice(&answer.body).map_err(std::io::Error::other)
}

fn work(address: SocketAddr, answer: &Answer) -> std::io::Result<()> {
    let activity = "arn:aws:states:us-east-1:123456789012:activity:build";
    let task = call(address, "GetActivityTask", &json!({ "activityArn": activity }))?;
    let Some(token) = task["taskToken"].as_str() else { return Ok(()) };
    let input: Value = serde_json::from_str(task["input"].as_str().expect("an input")).expect("JSON");
    assert_eq!(input["ProjectName"], platform().only("aws_codebuild_project").1["name"]);
    let tenant = input["EnvironmentVariablesOverride"][0]["Value"].as_str().expect("a tenant").to_owned();
    let (succeeded, result) = match answer {
        Answer::Commands(directory) => commands(directory, &input),
        Answer::AtOnce => {
            (true, json!({ "stacks": [{ "tenant": tenant, "status": "deployed", "outputs": {} }] }).to_string())
        }
    };
    let build = json!({
        "Id": "platform-runner-dev:1", "BuildStatus": if succeeded { "SUCCEEDED" } else { "FAILED" },
        "ExportedEnvironmentVariables": [{ "Name": "RUN_RESULT", "Value": result }],
    });
    if succeeded {
        let output = json!({ "Build": build }).to_string();
        call(address, "SendTaskSuccess", &json!({ "taskToken": token, "output": output }))?;
    } else {
        let failure = json!({ "taskToken": token, "error": "States.TaskFailed", "cause": build.to_string() });
        call(address, "SendTaskFailure", &failure)?;
    }
    Ok(())
}

/// Runs the commands of the project's build specification as CodeBuild does: those of a phase one after the other until one fails, the last
/// phase in any case, all in one shell. Gives whether all went well, and the exported variable.
fn commands(root: &Path, input: &Value) -> (bool, String) {
    let project = platform().only("aws_codebuild_project").1;
    let text = project["source"]["buildspec"].as_str().expect("a build specification");
    // Terraform would write `${` where the stack has `$${`.
    let spec: Value = serde_json::from_str(&text.replace("$${", "${")).expect("JSON, which is YAML");
    let phases = spec["phases"].as_object().expect("phases");
    assert_eq!(phases.keys().collect::<Vec<_>>(), ["build", "post_build"]);
    assert_eq!(spec["env"], json!({ "shell": "bash", "exported-variables": ["RUN_RESULT"] }));
    let of = |phase: &str| -> Vec<&str> {
        let commands = phases[phase]["commands"].as_array().expect("commands");
        commands.iter().map(|command| command.as_str().expect("a command")).collect()
    };
    let mut script = of("build").join(" &&\n");
    script += "\nstatus=$?\n";
    script += &of("post_build").join("\n");
    script += "\nprintf '%s' \"$RUN_RESULT\"\nexit $status\n";

    let directory = tempfile::tempdir_in(root).expect("a directory of the build's own");
    let program = directory.path().join("app");
    std::fs::write(&program, PROGRAM).expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(directory.path()).env_clear().stdin(Stdio::null());
    shell.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("ROOT", root);
    let own = project["environment"]["environment_variable"].as_array().expect("variables").iter();
    for variable in own.clone() {
        let value = variable["value"].as_str().expect("a value");
        // What Terraform would fill in.
        let value = if value.contains("${aws_iam_role.deployer.arn}") { "arn:deployer" } else { value };
        shell.env(variable["name"].as_str().expect("a name"), value);
    }
    for variable in input["EnvironmentVariablesOverride"].as_array().expect("variables") {
        assert_eq!(variable["Type"], "PLAINTEXT");
        shell.env(variable["Name"].as_str().expect("a name"), variable["Value"].as_str().expect("a value"));
    }
    let output = shell.output().expect("bash runs");
    (output.status.success(), String::from_utf8(output.stdout).expect("text"))
}
