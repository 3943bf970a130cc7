//! Terraform and its AWS provider take every stack.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::support::app::{Run, clean, run};
use crate::support::stacks::{Stack, stacks};
use crate::support::tools::{optional, skipped, tool};

/// A Terraform command without network and without the caller's set-up.
fn terraform(binary: &Path, dir: &Path, arguments: &[&str]) -> Command {
    let mut command = clean(binary);
    command.args(arguments).current_dir(dir).env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("TF_CLI_CONFIG_FILE", "/dev/null");
    command
}

/// `init` with the provider from the mirror where there is one.
fn init(binary: &Path, dir: &Path, arguments: &[&str]) -> Run {
    let plugins = optional("aws-provider").map(|dir| format!("-plugin-dir={}", dir.display())).ok();
    let mut command = terraform(binary, dir, &["init", "-input=false", "-no-color"]);
    run(command.args(plugins).args(arguments))
}

/// A copy of a stack where it would be, in `OUT/stacks/STACK`, with room for its state beside OUT.
fn copy(stack: &Stack) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("cdktf.out/stacks").join(&stack.name);
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(inner.join("cdk.tf.json"), &stack.text).unwrap();
    (dir, inner)
}

/// Does it for all stacks, two at a time, as each takes a provider process; panics with everything that went wrong.
fn for_all_stacks(test: &str, judge: impl Fn(&Path, &Stack) -> Result<(), String> + Sync) {
    let Some(binary) = tool(test, "terraform") else { return };
    if let Err(reason) = optional("aws-provider") {
        let (_dir, probe) = copy(&stacks()[0]);
        let tried = init(&binary, &probe, &["-backend=false"]);
        if tried.code != Some(0) {
            return skipped(test, &format!("aws-provider: {reason}, and terraform init cannot download it"));
        }
    }
    let waiting = Mutex::new(stacks().iter());
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some(stack) = next else { break };
                    if let Err(problem) = judge(&binary, stack) {
                        problems.lock().unwrap().push(format!("{}: {problem}", stack.name));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn said(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

/// Terraform's own judgement, with what the provider's code knows beyond its schema: allowed values, exclusive attributes.
#[test]
fn terraform_finds_every_stack_valid() {
    for_all_stacks("terraform_finds_every_stack_valid", |binary, stack| {
        let (_dir, inner) = copy(stack);
        let ready = init(binary, &inner, &["-backend=false"]);
        if ready.code != Some(0) {
            return Err(said(&ready));
        }
        let verdict = run(&mut terraform(binary, &inner, &["validate", "-json"]));
        let found = verdict.json();
        if found["valid"] != true || found["warning_count"] != 0 {
            return Err(serde_json::to_string_pretty(&found["diagnostics"]).unwrap());
        }
        Ok(())
    });
}

/// The backend that a stack names works, and its state is not where the CDKTF CLIs clean up.
#[test]
fn terraform_initialises_every_stack_with_its_own_state() {
    for_all_stacks("terraform_initialises_every_stack_with_its_own_state", |binary, stack| {
        let (dir, inner) = copy(stack);
        let ready = init(binary, &inner, &[]);
        if ready.code != Some(0) {
            return Err(said(&ready));
        }
        let path = stack.body["terraform"]["backend"]["local"]["path"].as_str().ok_or("no local backend")?;
        let place = inner.join(path);
        let parent =
            place.parent().and_then(|parent| parent.canonicalize().ok()).ok_or(format!("`{path}` is nowhere"))?;
        if parent != dir.path().canonicalize().unwrap() {
            return Err(format!("the state would be in `{}`, not beside the output directory", parent.display()));
        }
        Ok(())
    });
}
