//! A Terraform for tests: what emulators cannot produce. It speaks as much of Terraform's command line as a run uses, keeps a state, and
//! does wrong what its script says.
//!
//! - *AWS* is the directory `cloud` of the stack's directory: a file per resource, whose name is taken while it is there. So what was
//!   created and is not in the state is a fact that a next run meets, as in AWS.
//! - *The script* is `fake.json` in the stack's directory, or else `script.json` in the directory that the variable `FAKE_TERRAFORM`
//!   names (`script::Script`).
//! - *What a search finds* is `answers.json` in that directory (`search`).
//! - *The record* is `calls.jsonl` in that directory: a line when a call begins, with its arguments, directory and environment, and a
//!   line when it ends by itself.

#![expect(clippy::indexing_slicing, reason = "JSON values alone are indexed: they give null where there is nothing")]

mod apply;
mod record;
mod say;
mod script;
mod search;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{fs, io, thread};

use serde_json::{Value, json};

use crate::record::Record;
use crate::say::Say;
use crate::script::Script;
use crate::world::World;

const VERSION: &str = "1.11.4";

/// Why a command ends: its exit status, when everything is said.
struct Exit(u8);

impl From<io::Error> for Exit {
    fn from(error: io::Error) -> Self {
        let _ = say::raw(format!("fake-terraform: {error}\n").as_bytes());
        Self(70)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let record = Record::begin(&arguments);
    let Exit(code) = match run(&arguments) {
        Ok(()) => Exit(0),
        Err(exit) => exit,
    };
    record.end(code);
    ExitCode::from(code)
}

fn run(arguments: &[String]) -> Result<(), Exit> {
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let option = |name: &str| arguments.iter().find_map(|argument| argument.strip_prefix(name)).map(PathBuf::from);
    let script = Script::read()?;
    let say = Say::new(has("-json"));
    match arguments.first().map(String::as_str) {
        Some("version") => version(has("-json")),
        Some("init") => init(&script, &say, option("-plugin-dir=").as_deref(), !has("-backend=false")),
        Some("plan") => {
            say.version();
            apply::plan(&script, &say, has("-destroy"), option("-out=").as_deref(), has("-detailed-exitcode"))
        }
        Some("apply") => {
            let saved = arguments.iter().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
            if saved.is_none() && !has("-auto-approve") {
                return Err(say.error("Error asking for approval", "no approval", None, 1));
            }
            say.version();
            if has("-refresh-only") {
                return search::search(&say);
            }
            apply::apply(&script, &say, has("-destroy"), saved.as_deref())
        }
        Some("output") => {
            script.act("output", None, &say, None)?;
            let world = World::open()?;
            say::line(&world.outputs().to_string());
            Ok(())
        }
        Some("show") => {
            script.act("show", None, &say, None)?;
            match arguments.iter().skip(1).find(|argument| !argument.starts_with('-')) {
                Some(plan) => say::line(&String::from_utf8_lossy(&fs::read(plan)?)),
                None => say::line(&json!({"format_version": "1.0", "values": {}}).to_string()),
            }
            Ok(())
        }
        Some("state") => {
            script.act("state", None, &say, None)?;
            let world = World::open()?;
            match arguments.get(1).map(String::as_str) {
                Some("pull") => say::line(&world.state_text()),
                Some("push") => {
                    let from = arguments.iter().skip(2).find(|argument| !argument.starts_with('-'));
                    if !world.push(Path::new(from.map(String::as_str).unwrap_or_default()))? {
                        let detail = "cannot overwrite existing state with serial 9 with a different state that has the same serial";
                        return Err(say.error("Failed to write state", detail, None, 1));
                    }
                }
                Some("list") => world.addresses().for_each(|address| say::line(&address)),
                _ => return Err(Exit(1)),
            }
            Ok(())
        }
        Some("import") => {
            script.act("import", None, &say, None)?;
            let mut rest = arguments.iter().skip(1).filter(|argument| !argument.starts_with('-'));
            match (rest.next(), rest.next()) {
                (Some(address), Some(id)) => apply::import_one(&script, &say, address, id),
                _ => Err(Exit(1)),
            }
        }
        Some("taint") => apply::taint(&say, arguments.last().map(String::as_str).unwrap_or_default()),
        Some("force-unlock") => {
            let id = arguments.last().map(String::as_str).unwrap_or_default();
            let world = World::open()?;
            if world.unlock(id)? { Ok(()) } else { Err(say.error("Failed to unlock state", "no such lock", None, 1)) }
        }
        Some("providers") => Ok(()),
        _ => {
            say::line("Usage: terraform [global options] <subcommand> [args]");
            Err(Exit(127))
        }
    }
}

fn version(json: bool) -> Result<(), Exit> {
    if json {
        say::line(
            &json!({"terraform_version": VERSION, "platform": "linux_amd64", "provider_selections": {}}).to_string(),
        );
    } else {
        say::line(&format!("Terraform v{VERSION}\non linux_amd64"));
    }
    Ok(())
}

fn init(script: &Script, say: &Say, plugins: Option<&Path>, backend: bool) -> Result<(), Exit> {
    say.version();
    say.init("initializing_backend_message", "Initializing the backend...");
    script.act("init", None, say, None)?;
    // Two of them in one directory, or into one cache, are what must not be.
    let data = Path::new(".terraform");
    fs::create_dir_all(data)?;
    let alone = Alone::enter(data, say)?;
    thread::sleep(script.init());
    let document = world::document()?;
    let required = document["terraform"]["required_providers"].as_object().cloned().unwrap_or_default();
    for (name, provider) in &required {
        let source = provider["source"].as_str().unwrap_or(name);
        let version = provider["version"].as_str().unwrap_or("1.0.0");
        let package = format!("registry.terraform.io/{source}/{version}/linux_amd64");
        if let Some(plugins) = plugins {
            if !plugins.join(&package).is_dir() {
                let detail = format!(
                    "Could not retrieve the list of available versions for provider {source}: provider \
                     registry.terraform.io/{source} was not found in any of the search locations\n\n  - {}",
                    plugins.display()
                );
                return Err(say.error("Failed to query available provider packages", &detail, None, 1));
            }
        } else if let Some(cache) = record::variable("TF_PLUGIN_CACHE_DIR") {
            let cache = PathBuf::from(cache);
            let _alone = Alone::enter(&cache, say)?;
            thread::sleep(script.init());
            fs::create_dir_all(cache.join(&package))?;
            fs::write(cache.join(&package).join("terraform-provider"), source)?;
        }
    }
    if !required.is_empty() {
        fs::write(".terraform.lock.hcl", format!("# {}\n", Value::Object(required)))?;
    }
    if backend {
        fs::write(data.join("fake-initialised"), "")?;
    }
    drop(alone);
    say.init("output_init_success_message", "Terraform has been successfully initialized!");
    Ok(())
}

/// Being the only one that writes to a directory.
struct Alone(PathBuf);

impl Alone {
    fn enter(directory: &Path, say: &Say) -> Result<Self, Exit> {
        let mark = directory.join(".fake-writing");
        match fs::File::create_new(&mark) {
            Ok(_) => Ok(Self(mark)),
            Err(_) => Err(say.error(
                "Failed to install provider",
                &format!("open {}: text file busy", mark.display()),
                None,
                1,
            )),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Sleeps in small steps, so that a request to stop is seen.
fn sleep(time: Duration, stop: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while began.elapsed() < time && !stop() {
        thread::sleep(Duration::from_millis(5).min(time));
    }
}
