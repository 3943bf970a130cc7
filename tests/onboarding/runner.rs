//! In the place of CodeBuild: takes the builds that the workflow asks for, runs the commands of the project's own build specification, and
//! says what CodeBuild would say.

use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::deploy::aws::{ACCOUNT, Aws};
use crate::support::app::{binary, clean, project, run};
use crate::support::build::packages;
use crate::support::http::{Message, send};
use crate::support::stacks::platform;
use crate::support::tools::tool;

/// What becomes of a build.
#[derive(Clone)]
pub(super) enum Answer {
    /// Its commands run.
    Commands(Release),
    /// It is said to be done.
    AtOnce,
}

/// What a build finds: the release, and the variables of CodeBuild and of the project.
#[derive(Clone)]
pub(super) struct Release {
    /// Builds have a directory each below this one.
    root: PathBuf,
    /// Where its zip is unpacked.
    unpacked: PathBuf,
    variables: Vec<(String, String)>,
}

impl Release {
    /// The release that `app release` makes, unpacked; nothing where a part of it is not there.
    pub(super) fn new(test: &str, root: &Path, aws: &Aws, key: &str) -> Option<Self> {
        let unpacked = released(root, &packages(), &tool(test, "terraform")?, &tool(test, "aws-provider")?);
        let mut variables = aws.variables();
        // The role of the project.
        variables.extend(
            [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "us-east-1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let project = platform().only("aws_codebuild_project").1;
        for variable in project["environment"]["environment_variable"].as_array().expect("variables") {
            let value = variable["value"].as_str().expect("a value");
            // What Terraform would fill in.
            let value = value
                .replace(
                    "${aws_iam_role.deployer.arn}",
                    &format!("arn:aws:iam::{ACCOUNT}:role/platform-deployer-role-dev"),
                )
                .replace("${aws_kms_key.platform.arn}", key);
            assert!(!value.contains("${"), "{value}");
            variables.push((variable["name"].as_str().expect("a name").to_owned(), value));
        }
        Some(Self { root: root.to_owned(), unpacked, variables })
    }

    /// Runs the commands of the project's build specification as CodeBuild does: those of a phase one after the other until one fails, the
    /// last phase in any case, all in one shell. Gives whether all went well, and the exported variable.
    fn build(&self, overrides: &Value) -> (bool, String) {
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

        let directory = tempfile::tempdir_in(&self.root).expect("a directory of the build's own");
        for part in std::fs::read_dir(&self.unpacked).expect("the release").flatten() {
            symlink(part.path(), directory.path().join(part.file_name())).expect("a link");
        }
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).current_dir(directory.path()).env_clear().stdin(Stdio::null());
        shell.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", directory.path());
        shell.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        shell.envs(self.variables.iter().map(|(name, value)| (name, value)));
        for variable in overrides.as_array().expect("variables") {
            assert_eq!(variable["Type"], "PLAINTEXT");
            shell.env(variable["Name"].as_str().expect("a name"), variable["Value"].as_str().expect("a value"));
        }
        let output = shell.output().expect("bash runs");
        // The log of the build, for a test that fails.
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        (output.status.success(), String::from_utf8(output.stdout).expect("text"))
    }
}

/// Makes the release of a fleet as the page says, and unpacks it as CodeBuild does.
fn released(root: &Path, packages: &Path, terraform: &Path, mirror: &Path) -> PathBuf {
    let project = project();
    std::fs::create_dir_all(project.path().join("target")).expect("a directory");
    symlink(packages, project.path().join("target/lambda")).expect("a link");
    let zip = root.join("palisade.zip");
    let mut release = clean(binary());
    release.current_dir(project.path()).args(["release", "--format", "json", "--output-file"]).arg(&zip);
    let made =
        run(release.arg("--terraform-bin").arg(terraform).arg("--plugin-dir").arg(mirror)).done("app release").json();
    assert_eq!(made["location"], format!("s3://{SOURCE}"));
    let unpacked = root.join("release");
    let file = std::fs::File::open(&zip).expect("the zip");
    assert_eq!(made["size"], file.metadata().expect("its size").len());
    zip::ZipArchive::new(file).and_then(|mut archive| archive.extract(&unpacked)).expect("a whole zip");
    std::fs::remove_file(&zip).expect("the zip is there");
    unpacked
}

/// Where the builds of tenants that are not pinned find their release.
const SOURCE: &str = concat!("platform-state-dev/releases/", env!("CARGO_PKG_VERSION"), "/palisade.zip");

/// The workers, until it is dropped.
pub(super) struct Runner {
    stop: Arc<AtomicBool>,
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Runner {
    pub(super) fn start(address: SocketAddr, workers: usize, answer: Answer) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
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
    let activity = format!("arn:aws:states:us-east-1:{ACCOUNT}:activity:build");
    let task = call(address, "GetActivityTask", &json!({ "activityArn": activity }))?;
    let Some(token) = task["taskToken"].as_str() else { return Ok(()) };
    let input: Value = serde_json::from_str(task["input"].as_str().expect("an input")).expect("JSON");
    assert_eq!(input["ProjectName"], platform().only("aws_codebuild_project").1["name"]);
    assert_eq!(input["SourceLocationOverride"], SOURCE);
    let overrides = &input["EnvironmentVariablesOverride"];
    let (succeeded, result) = match answer {
        Answer::Commands(release) => release.build(overrides),
        Answer::AtOnce => {
            let stack = json!({ "tenant": overrides[0]["Value"], "status": "deployed", "outputs": {} });
            (true, json!({ "stacks": [stack] }).to_string())
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
