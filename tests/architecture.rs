//! The crates depend on one another as docs/architecture.md says, and each is kept like the others.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::support::root;

/// Who may use whom, among the crates of the workspace. A row that is not used, or a use that has no row, fails.
const ARROWS: &[(&str, &[&str])] = &[
    ("naming", &[]),
    ("construct", &["naming"]),
    ("security", &["construct", "naming"]),
    ("network", &["construct", "naming"]),
    ("storage", &["construct", "naming", "network", "security"]),
    ("observability", &["construct", "naming", "security"]),
    ("compute", &["construct", "naming", "network", "security"]),
    ("events", &["compute", "construct", "naming", "security", "storage"]),
    ("isolation", &[]),
    ("capacity", &[]),
    ("diagram", &[]),
    ("registry", &["naming"]),
    ("runner", &[]),
    (
        "app",
        &[
            "capacity",
            "compute",
            "construct",
            "diagram",
            "events",
            "isolation",
            "naming",
            "network",
            "observability",
            "registry",
            "runner",
            "security",
            "storage",
        ],
    ),
    ("tenant-api", &["naming"]),
    ("log-relay", &["naming"]),
    ("onboarding", &["naming", "registry"]),
    ("tests", &[]),
];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new("cargo").args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

#[test]
fn the_crates_use_one_another_along_the_arrows_and_no_others() {
    let packages = packages();
    let own: BTreeSet<&str> = packages.iter().map(name).collect();
    assert_eq!(own, ARROWS.iter().map(|(crate_name, _)| *crate_name).collect(), "the table has a row for each crate");
    for package in &packages {
        let used: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(name)
            .filter(|used| own.contains(used))
            .collect();
        let (_, allowed) = ARROWS.iter().find(|(crate_name, _)| *crate_name == name(package)).unwrap();
        assert_eq!(used, allowed.iter().copied().collect(), "{}", name(package));
    }
}

#[test]
fn every_crate_has_a_readme_and_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = package["manifest_path"].as_str().unwrap();
        let text = std::fs::read_to_string(manifest).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{manifest} does not inherit the lints");
        let readme = std::path::Path::new(manifest).with_file_name("README.md");
        assert!(readme.is_file(), "{} is missing", readme.display());
    }
}

/// The registry's store in AWS is for who asks for it.
#[test]
fn the_registry_has_the_aws_sdk_only_with_its_feature() {
    let tree = |features: &[&str]| {
        let arguments = ["tree", "--offline", "--package", "registry", "--edges", "normal", "--prefix", "none"];
        cargo(&[&arguments, features].concat()).lines().any(|line| line.starts_with("aws-sdk-dynamodb "))
    };
    assert!(!tree(&[]), "the default has no SDK");
    assert!(tree(&["--features", "dynamodb"]), "the feature brings it");
}

#[test]
fn every_crate_has_owners() {
    let text = std::fs::read_to_string(root().join(".github/CODEOWNERS")).unwrap();
    let owned: Vec<(&str, usize)> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(path, owners)| (path, owners.split_whitespace().filter(|owner| owner.starts_with('@')).count()))
        .collect();
    for (path, owners) in &owned {
        assert!(*owners > 0, "{path}");
        assert!(*path == "*" || root().join(path.trim_start_matches('/')).exists(), "there is no {path}");
    }
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "tests") {
        assert!(owned.iter().any(|(path, _)| *path == format!("/crates/{name}/")), "{name}");
    }
}

/// The first `cargo run -p app` is part of the experience: no AWS SDK, and nothing twice.
#[test]
fn the_program_is_built_from_few_crates_none_of_them_twice_or_of_the_aws_sdk() {
    let tree = cargo(&["tree", "--offline", "--package", "app", "--edges", "normal", "--prefix", "none"]);
    let crates: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    let names: BTreeSet<&str> = crates.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), crates.len(), "a crate stands in the tree in two versions: {crates:?}");
    assert!(!names.iter().any(|name| name.starts_with("aws-")), "{names:?}");
    assert!(names.len() < 90, "{} crates", names.len());
}
