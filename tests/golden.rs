//! Every stack as it was agreed on: a change of what is deployed shows in the diff of a review. `UPDATE_GOLDEN=1 cargo test -p tests golden` writes
//! the files anew.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::support::app::run;
use crate::support::stacks::{stacks, synthesised};
use crate::support::{root, setting};

#[test]
fn the_stacks_are_as_agreed() {
    let golden = root().join("tests/golden");
    let mut differences = Vec::new();
    let mut wanted = BTreeSet::new();
    for stack in stacks() {
        let agreed = golden.join(format!("{}.tf.json", stack.name));
        wanted.insert(agreed.clone());
        if setting("UPDATE_GOLDEN").is_some() {
            std::fs::write(&agreed, &stack.text).unwrap();
        } else if std::fs::read_to_string(&agreed).ok().as_deref() != Some(stack.text.as_str()) {
            let synthesised = synthesised().out.join("stacks").join(&stack.name).join("cdk.tf.json");
            differences.push(difference(&agreed, &synthesised));
        }
    }
    for entry in std::fs::read_dir(&golden).unwrap() {
        let path = entry.unwrap().path();
        if !wanted.contains(&path) {
            differences.push(format!("{} is of no stack", path.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\nIf this is meant: UPDATE_GOLDEN=1 cargo test -p tests golden",
        differences.join("\n")
    );
}

/// The first lines of what `diff -u` says.
fn difference(agreed: &Path, synthesised: &Path) -> String {
    if !agreed.exists() {
        return format!("{} is missing", agreed.display());
    }
    let diff = run(Command::new("diff")
        .args(["-u", "--label", "agreed", "--label", "synthesised"])
        .arg(agreed)
        .arg(synthesised));
    let lines: Vec<&str> = diff.stdout.lines().collect();
    let more = lines.len().saturating_sub(60);
    let shown =
        lines.iter().take(60).map(|line| line.chars().take(400).collect::<String>()).collect::<Vec<_>>().join("\n");
    format!("{}:\n{shown}\n… {more} more lines", agreed.display())
}
