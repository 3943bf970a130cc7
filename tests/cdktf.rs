//! The CDKTF CLIs run the program: `cdktf`, and its living fork `cdktn`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::app::{Run, binary, clean, files, project, run};
use crate::support::root;
use crate::support::stacks::{stacks, synthesised};
use crate::support::tools::tool;

/// The project's cdktf.json and tenants.json, with the built program in place of `cargo run`.
fn cli_project() -> tempfile::TempDir {
    let dir = project();
    let text = std::fs::read_to_string(root().join("cdktf.json")).expect("the project has a cdktf.json");
    let mut settings: Value = serde_json::from_str(&text).unwrap();
    settings["app"] = json!(binary());
    std::fs::write(dir.path().join("cdktf.json"), settings.to_string()).unwrap();
    dir
}

fn cli(tool: &Path, dir: &Path, command: &str) -> Run {
    let mut cli: Command = clean(tool);
    cli.arg(command).current_dir(dir).env("HOME", dir);
    cli.env("CI", "1").env("CHECKPOINT_DISABLE", "1").env("DISABLE_VERSION_CHECK", "1").env("FORCE_COLOR", "0");
    run(&mut cli)
}

/// What the CLI or the program under it called an error; a line of the program's stderr becomes one too.
fn errors(run: &Run) -> Vec<&str> {
    run.stdout.lines().chain(run.stderr.lines()).filter(|line| line.contains("ERROR")).collect()
}

fn synthesises_and_lists(test: &str, name: &str) {
    let Some(tool) = tool(test, name) else { return };
    let dir = cli_project();
    for command in ["synth", "list"] {
        let run = cli(&tool, dir.path(), command).done(&format!("{name} {command}"));
        assert_eq!(errors(&run), [""; 0], "{name} {command}\n{}\n{}", run.stdout, run.stderr);
        for stack in stacks() {
            assert!(run.stdout.contains(&stack.name), "{name} {command} does not name {}: {}", stack.name, run.stdout);
        }
    }
    let plain = files(&synthesised().out);
    let ours = files(&dir.path().join("cdktf.out"));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&plain), "{name} leaves other files than a plain run");
    for ((file, bytes), (_, plain)) in ours.iter().zip(&plain) {
        assert!(bytes == plain, "{name}: {file} differs from a plain run's");
    }
}

fn fails_when_the_program_does(test: &str, name: &str) {
    let Some(tool) = tool(test, name) else { return };
    let dir = cli_project();
    std::fs::write(dir.path().join("tenants.json"), "{").unwrap();
    let run = cli(&tool, dir.path(), "synth");
    assert_eq!(run.code, Some(1), "{name} synth\n{}\n{}", run.stdout, run.stderr);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("tenants.json"), "{name} hides the program's message: {said}");
}

#[test]
fn cdktf_synthesises_and_lists_every_stack() {
    synthesises_and_lists("cdktf_synthesises_and_lists_every_stack", "cdktf");
}

#[test]
fn cdktn_synthesises_and_lists_every_stack() {
    synthesises_and_lists("cdktn_synthesises_and_lists_every_stack", "cdktn");
}

#[test]
fn cdktf_fails_when_the_program_does() {
    fails_when_the_program_does("cdktf_fails_when_the_program_does", "cdktf");
}

#[test]
fn cdktn_fails_when_the_program_does() {
    fails_when_the_program_does("cdktn_fails_when_the_program_does", "cdktn");
}

/// The stack of a removed tenant declares nothing; the CLIs must take it, as destroying it is all that is left to do with it.
fn takes_the_stack_of_a_removed_tenant(test: &str, name: &str) {
    let Some(tool) = tool(test, name) else { return };
    let dir = cli_project();
    let file = dir.path().join("tenants.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace(r#""network_index": 2"#, r#""network_index": 2, "state": "removed""#)).unwrap();
    let run = cli(&tool, dir.path(), "synth").done(&format!("{name} synth"));
    assert_eq!(errors(&run), [""; 0], "{name}\n{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("tenant `retail-co` is removed"), "{name} does not say it: {}", run.stdout);
    let list = cli(&tool, dir.path(), "list").done(&format!("{name} list"));
    assert!(list.stdout.contains("tenant-retail-co-dev"), "{name}: {}", list.stdout);
    assert!(dir.path().join("cdktf.out/stacks/tenant-retail-co-dev/cdk.tf.json").is_file(), "{name} deleted it");
}

#[test]
fn cdktf_takes_the_stack_of_a_removed_tenant() {
    takes_the_stack_of_a_removed_tenant("cdktf_takes_the_stack_of_a_removed_tenant", "cdktf");
}

#[test]
fn cdktn_takes_the_stack_of_a_removed_tenant() {
    takes_the_stack_of_a_removed_tenant("cdktn_takes_the_stack_of_a_removed_tenant", "cdktn");
}

/// B4.3 "`cdktf.json`": the program named there is this workspace's, and quiet, as the CLIs show each line of stderr as an error.
#[test]
fn cdktf_json_runs_this_workspaces_program_quietly() {
    let text = std::fs::read_to_string(root().join("cdktf.json")).unwrap();
    let settings: Value = serde_json::from_str(&text).unwrap();
    let app = settings["app"].as_str().unwrap();
    let words: Vec<&str> = app.split_whitespace().collect();
    assert_eq!(words[..2], ["cargo", "run"], "{app}");
    assert!(words.windows(2).any(|pair| ["-p", "--package"].contains(&pair[0]) && pair[1] == "app"), "{app}");
    assert!(words.contains(&"-q") || words.contains(&"--quiet"), "{app}");
    assert_eq!(settings["language"], "rust");
    assert!(
        settings["watchPattern"].as_array().is_some_and(|patterns| !patterns.is_empty()),
        "`watch` needs a pattern"
    );
}
