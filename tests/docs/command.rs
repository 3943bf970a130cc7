//! Whether a command that a page shows is one that can be typed.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Mutex, OnceLock};

use app::cli::Cli;
use clap::Parser;
use clap::error::ErrorKind;

use crate::support::app::{clean, run};
use crate::support::root;
use crate::support::tools::tool;

/// What a session may use that is not of this project.
const OTHERS: [&str; 13] =
    ["aws", "cd", "cp", "curl", "do", "done", "for", "git", "mkdir", "terraform", "tofu", "wait", "zip"];
/// Where the project's own scripts are.
const OWN: [&str; 4] = ["./sandbox", "bench/", "tests/", ".ci/"];
const CARGO: [&str; 11] =
    ["bench", "build", "clippy", "deny", "doc", "fmt", "install", "lambda", "metadata", "run", "test"];

/// The words of each simple command of a line, without redirections and `…`.
pub(super) fn simple(line: &str) -> Result<Vec<Vec<String>>, String> {
    let words = shlex::split(line).ok_or_else(|| format!("`{line}` has a quote without its end"))?;
    let mut commands = vec![Vec::new()];
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let ends = word.ends_with(';') || ["&&", "||", "|", "&"].contains(&word.as_str());
        if word == ">" {
            words.next();
        } else if !ends || word.len() > 2 {
            commands.last_mut().unwrap().push(word.trim_end_matches(';').to_owned());
        }
        if ends {
            commands.push(Vec::new());
        }
    }
    commands.iter_mut().for_each(|words| words.retain(|word| word != "…"));
    commands.retain(|words| !words.is_empty());
    Ok(commands)
}

/// Why a line cannot be typed. In a session every program is one that is known here.
pub(super) fn check(line: &str, session: bool) -> Result<(), String> {
    for words in simple(line)? {
        match words[0].trim_start_matches('(') {
            "app" => parses(&words).map_err(|(_, why)| why)?,
            "cargo" => cargo(&words).map_err(|(_, why)| why)?,
            "man" => {}
            "cdktf" | "cdktn" => cdktf(&words)?,
            path if OWN.iter().any(|folder| path.starts_with(folder)) => script(path)?,
            other if session && !OTHERS.contains(&other) => {
                return Err(format!("`{other}` is no program that is known here"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Why words in code type that begin as a command cannot be one. They may leave values out, or have names in their place.
pub(super) fn check_span(span: &str) -> Result<(), String> {
    let commands = match simple(span) {
        Ok(commands) => commands,
        // A part of a command, or none.
        Err(_) => return Ok(()),
    };
    for words in commands.iter().filter(|words| words.len() > 1) {
        let wrong = match words[0].as_str() {
            "app" => parses(words),
            "cargo" => cargo(words),
            path if OWN.iter().any(|folder| path.starts_with(folder)) => {
                script(path).map_err(|why| (ErrorKind::InvalidSubcommand, why))
            }
            _ => Ok(()),
        };
        if let Err((ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, why)) = wrong {
            return Err(why);
        }
    }
    Ok(())
}

fn parses(words: &[String]) -> Result<(), (ErrorKind, String)> {
    match Cli::try_parse_from(words) {
        Ok(_) => Ok(()),
        Err(error) if [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind()) => Ok(()),
        Err(error) => Err((error.kind(), format!("`{}`: {error}", words.join(" ")))),
    }
}

fn cargo(words: &[String]) -> Result<(), (ErrorKind, String)> {
    let wrong = |why: String| Err((ErrorKind::InvalidSubcommand, why));
    let (own, program) = match words.iter().position(|word| word == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[][..]),
    };
    match own.get(1) {
        Some(subcommand) if CARGO.contains(&subcommand.as_str()) => {}
        _ => return wrong(format!("`{}` is no command of cargo that is known here", words.join(" "))),
    }
    for pair in own.windows(2) {
        let directory = match pair[0].as_str() {
            "-p" | "--package" if pair[1] == "tests" => "tests".to_owned(),
            "-p" | "--package" => format!("crates/{}", pair[1]),
            "--path" => pair[1].clone(),
            _ => continue,
        };
        if !root().join(&directory).join("Cargo.toml").is_file() {
            return wrong(format!("`{}`: there is no `{directory}`", words.join(" ")));
        }
    }
    let is_app =
        own.get(1).is_some_and(|word| word == "run") && own.windows(2).any(|pair| pair[0] == "-p" && pair[1] == "app");
    if is_app {
        return parses(&[&["app".to_owned()], program].concat());
    }
    Ok(())
}

fn script(path: &str) -> Result<(), String> {
    let file = std::fs::metadata(root().join(path)).map_err(|error| format!("`{path}`: {error}"))?;
    if file.is_file() && file.permissions().mode() & 0o111 != 0 {
        Ok(())
    } else {
        Err(format!("`{path}` cannot be run"))
    }
}

/// The flags that a CDKTF CLI names in its help.
fn cdktf(words: &[String]) -> Result<(), String> {
    static HELP: OnceLock<Mutex<BTreeMap<(String, String), String>>> = OnceLock::new();
    let [program, subcommand, rest @ ..] = words else { return Ok(()) };
    let Some(path) = tool("every_command_that_is_shown_is_one_that_the_program_takes", program) else { return Ok(()) };
    let mut known = HELP.get_or_init(Mutex::default).lock().unwrap();
    let help = known.entry((program.clone(), subcommand.clone())).or_insert_with(|| {
        run(clean(path).args([subcommand, "--help"]).env("CI", "1").env("CHECKPOINT_DISABLE", "1")).stdout
    });
    if !help.contains(&format!("{program} {subcommand}")) {
        return Err(format!("`{program}` does not know `{subcommand}`"));
    }
    let mut flags = rest.iter().filter(|word| word.starts_with("--"));
    let unknown = flags.find(|flag| !help.contains(flag.split('=').next().unwrap_or_default()));
    unknown.map_or(Ok(()), |flag| Err(format!("`{program} {subcommand}` does not know `{flag}`")))
}

#[test]
fn what_cannot_be_typed_is_found() {
    for good in [
        "app",
        "app deploy --resume",
        "cargo run -p app -- list",
        "(cd x && zip y.zip .) && app list --format json > list.json && app synth …",
    ] {
        assert_eq!(check(good, true), Ok(()));
    }
    for bad in [
        "app deploi",
        "app deploy --nope",
        "cargo run -p app -- list --nope",
        "ap list",
        "cargo test -p nope",
        "bench/nope",
        "./nope",
    ] {
        assert!(check(bad, true).is_err(), "{bad}");
    }
    assert!(check_span("app deploy --tenant").is_ok() && check_span("app capacity --tenants N").is_ok());
    assert!(check_span("app deploy --nope").is_err() && check_span("app deploi").is_err());
}
