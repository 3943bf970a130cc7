//! `./sandbox`, typed as the README says: the fleet is deployed into an emulated AWS, answers, is destroyed, and nothing is left.

use std::fs;

use crate::docs::Session;
use crate::support::app::{binary, clean, run};
use crate::support::build::packages;
use crate::support::root;
use crate::support::tools::{optional, tool};

/// "to a deployed one on the emulator in a third" command. The program and the functions are the tests' own, which others use meanwhile.
#[test]
fn the_readmes_third_command_deploys_asks_and_takes_everything_down() {
    let test = "the_readmes_third_command_deploys_asks_and_takes_everything_down";
    if ["terraform", "ministack", "moto"].iter().any(|needed| tool(test, needed).is_none()) {
        return;
    }
    let session = Session::of_readme("./sandbox ").expect("the README shows a session of it");
    let words: Vec<&str> = session.command.split_whitespace().collect();
    let mut command = clean(root().join(words[0]));
    command.args(&words[1..]).current_dir(root()).env("PALISADE_APP", binary()).env("PALISADE_FUNCTIONS", packages());
    command.env("TF_CLI_CONFIG_FILE", "/dev/null");
    if let Ok(mirror) = optional("aws-provider") {
        command.env("PALISADE_TF_PLUGIN_DIR", mirror);
    }
    let before = left_over();
    let done = run(&mut command);
    assert_eq!(done.code, Some(0), "{done:#?}");
    assert!(session.shows(&done), "the README shows something else than\n{}\n{}", done.stderr, done.stdout);
    assert_eq!(left_over(), before, "its directory goes with it");
}

/// The directories of sandboxes.
fn left_over() -> Vec<String> {
    let entries = fs::read_dir(root().join("target")).expect("the build is there").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with("sandbox-"));
    names.sort();
    names
}

#[test]
fn what_it_does_not_know_is_refused_before_anything_is_started() {
    let run = run(clean(root().join("sandbox")).arg("--tenants").current_dir(root()));
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    assert!(run.stderr.contains("usage: ./sandbox"), "{}", run.stderr);
}
