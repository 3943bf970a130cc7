//! "secrets redacted", also of what a killed run left; states, plans and logs are for their owner alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use runner::{Operation, Status};
use serde_json::json;

use crate::support::{Fleet, environment};

const SECRET: &str = "c02xbTZQpgRjUU3TJp09OG4qSfJtIqolfzdFGNh3";
const PASSWORD: &str = "correct \"horse\" <battery>";

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.push(entry.path());
        }
    }
    all
}

fn with_secrets() -> Fleet {
    let mut fleet = Fleet::new(1);
    let variables = [("AWS_SECRET_ACCESS_KEY", SECRET), ("TF_TOKEN_example_com", PASSWORD)];
    fleet.settings.environment = environment(fleet.dir.path(), &variables);
    fleet
}

/// Everything that the runner keeps, as text.
fn kept(fleet: &Fleet) -> Vec<(PathBuf, String)> {
    let all = files(&fleet.settings.home).into_iter();
    all.map(|path| {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        (path, text)
    })
    .collect()
}

#[test]
fn nothing_that_is_kept_or_told_has_a_secret() {
    let fleet = with_secrets();
    let leak = format!("signing with {SECRET} and {} and token=x\n", serde_json::Value::from(PASSWORD));
    let summary = format!("creating X: InvalidParameterValue: {PASSWORD} is wrong, AWS_SESSION_TOKEN=abcdefghij");
    fleet.faults(
        "s000",
        json!([
        {"at": "init", "say": leak}, {"at": "start", "say": leak},
        {"at": "before", "resource": "aws_iam_role.b", "fail": {"summary": summary, "detail": leak}}]),
    );
    let (outcomes, log) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Failed);
    let told = format!("{:?}{}", log.of("s000"), serde_json::to_string(&outcomes).unwrap());
    let logs: Vec<_> = kept(&fleet);
    assert!(logs.iter().any(|(_, text)| text.contains("[redacted]")), "there was something to take out");
    for (path, text) in
        logs.iter().map(|(path, text)| (path.display().to_string(), text)).chain([("what is told".to_owned(), &told)])
    {
        for secret in [SECRET, "horse", "abcdefghij"] {
            assert!(!text.contains(secret), "{path} has {secret}");
        }
    }
}

#[test]
fn what_a_killed_run_left_with_secrets_the_next_one_cleans() {
    let fleet = with_secrets();
    fleet.faults(
        "s000",
        json!([
        {"at": "start", "times": 1, "say": format!("signing with {SECRET}\n")},
        {"at": "saved", "resource": "aws_iam_role.a", "times": 1, "hang": {"millis": 1500, "obeys": false}}]),
    );
    let mut command = fleet.driver(Operation::Deploy);
    command.env("AWS_SECRET_ACCESS_KEY", SECRET).env("TF_TOKEN_example_com", PASSWORD);
    let driver = crate::support::Driver(command.spawn().unwrap());
    fleet.wait_for_fault("s000", 1);
    driver.kill();
    let raw: Vec<_> = kept(&fleet).into_iter().filter(|(_, text)| text.contains(SECRET)).collect();
    assert_eq!(raw.len(), 1, "the log that is still being written has it");
    assert_eq!(raw[0].0.metadata().unwrap().permissions().mode() & 0o777, 0o600, "and nobody else may read it");
    assert!(fleet.statuses(Operation::Deploy)[0].is_good());
    for (path, text) in kept(&fleet) {
        assert!(!text.contains(SECRET), "{} has it still", path.display());
    }
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let fleet = Fleet::new(1);
    assert_eq!(fleet.statuses(Operation::Plan { save: true }), [Status::Pending]);
    for path in files(&fleet.settings.home) {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[test]
fn sensitive_outputs_are_named_and_not_kept() {
    let fleet = Fleet::new(1);
    let path = fleet.directory("s000").join("cdk.tf.json");
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    document["output"]["hidden"] = json!({"value": PASSWORD, "sensitive": true});
    fs::write(&path, document.to_string()).unwrap();
    let (outcomes, _) = fleet.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed);
    assert!(outcomes[0].outputs["hidden"].sensitive && outcomes[0].outputs["hidden"].value.is_none());
    assert_eq!(fleet.statuses(Operation::Plan { save: true }), [Status::Unchanged]);
    let (outcomes, _) = fleet.run(Operation::DeploySaved);
    assert!(outcomes[0].outputs["hidden"].value.is_none());
    for (path, text) in kept(&fleet).into_iter().filter(|(path, _)| !path.to_string_lossy().contains("state-copies")) {
        assert!(!text.contains("horse"), "{}", path.display());
    }
}
