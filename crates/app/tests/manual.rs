//! Completions and man pages, as shells and `man` take them.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use app::cli::Cli;
use clap::CommandFactory;

fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

fn app(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_app")).current_dir(directory).args(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a program has against a file; nothing where the program is not here.
fn complaints(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let output = Command::new(program).args(arguments).arg(file).stdin(Stdio::null()).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_shell_gets_a_script_that_knows_all_commands_without_a_tenants_file() {
    let directory = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = app(directory.path(), &["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        assert!(script.contains("environment-suffix"), "{shell}");
    }
}

#[test]
fn bash_takes_its_script_and_completes_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("app.bash");
    fs::write(&script, app(directory.path(), &["completions", "bash"])).unwrap();
    assert_eq!(complaints("bash", &["-n"], &script).unwrap(), "");
    let ask = "source \"$1\"; COMP_WORDS=(app dia); COMP_CWORD=1; _app app dia app; echo \"${COMPREPLY[*]}\"";
    let output = Command::new("bash").args(["--norc", "-c", ask, "bash"]).arg(&script).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "diagram", "{:?}", String::from_utf8(output.stderr));
}

#[test]
fn every_command_has_a_man_page_with_its_examples() {
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("man/man1");
    let said = app(directory.path(), &["man", "man/man1", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let mut names = vec!["app".to_owned()];
    names.extend(commands().iter().map(|command| format!("app-{command}")));
    let written = said["pages"].as_array().unwrap().len();
    assert!(written >= names.len(), "{written} pages");
    for name in names {
        let page = pages.join(format!("{name}.1"));
        let text = fs::read_to_string(&page).unwrap();
        let head = format!(".TH {} 1 \"\" \"app {}\" \"Palisade\"", name.to_uppercase(), env!("CARGO_PKG_VERSION"));
        assert_eq!(text.lines().filter(|line| line.starts_with(".TH ")).collect::<Vec<_>>(), [head]);
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS", ".SH EXAMPLES\n.nf\n"] {
            assert!(text.contains(section), "{name} has no {section}");
        }
        assert!(!text.contains(".SH EXTRA") && !text.contains("app\\-help"), "{name}");
        // groff says of which macro it knows nothing; mandoc also what is not portable.
        if let Some(said) = complaints("man", &["--warnings", "--encoding=UTF-8", "-l"], &page) {
            assert!(!said.contains("warning") && said.contains("EXAMPLES"), "{name}: {said}");
        }
        if let Some(said) = complaints("mandoc", &["-T", "lint", "-W", "error"], &page) {
            assert_eq!(said, "", "{name}");
        }
    }
    let alone = app(directory.path(), &["man"]);
    assert_eq!(alone, fs::read_to_string(pages.join("app.1")).unwrap());
}

/// "`--help` that teaches with examples", for each command.
#[test]
fn the_help_of_every_command_has_examples_that_the_command_line_takes() {
    fn check(command: &clap::Command, way: &str, found: &mut usize) {
        if command.get_subcommands().next().is_none() || way == "app" {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Examples:\n"), "`{way} --help` has no examples");
            let joined: Vec<&str> = help.split("\\\n").map(str::trim_start).collect();
            let joined = joined.join(" ");
            for line in joined.lines().map(str::trim_start).filter(|line| line.starts_with("app")) {
                // The explanation stands after two spaces.
                let line = line.replace("  --", " --");
                let line = line.split("  ").next().unwrap().split(" > ").next().unwrap().split(" | ").next().unwrap();
                let words = line.split_whitespace().map(|word| word.trim_matches('\''));
                let parsed = Cli::command().try_get_matches_from(words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
                *found += 1;
            }
        }
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            check(inner, &format!("{way} {}", inner.get_name()), found);
        }
    }
    let mut found = 0;
    check(&Cli::command(), "app", &mut found);
    assert!(found > 30, "only {found} examples");
}
