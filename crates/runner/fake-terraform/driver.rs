//! A caller of this library for the tests: a program of its own, so that it can be interrupted and killed.
//!
//! Its one argument is a JSON object; what happens it writes to its standard output, one JSON object a line.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use runner::{Endpoints, Environment, Event, Intent, Interrupt, Observer, Operation, Settings, Stack, Terraform};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Task {
    terraform: PathBuf,
    home: PathBuf,
    operation: Operation,
    parallelism: NonZeroUsize,
    attempts: u32,
    unlock: bool,
    /// Names and directories.
    stacks: Vec<(String, PathBuf)>,
}

struct Lines;

impl Observer for Lines {
    fn event(&self, stack: &str, event: &Event) {
        say(&json!({"stack": stack, "event": format!("{event:?}")}));
    }
}

fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
}

fn main() -> ExitCode {
    match run() {
        Ok(good) => ExitCode::from(u8::from(!good)),
        Err(error) => {
            say(&json!({"error": error}));
            ExitCode::from(3)
        }
    }
}

fn run() -> Result<bool, String> {
    let argument = std::env::args().nth(1).ok_or("no task")?;
    let task: Task = serde_json::from_str(&argument).map_err(|error| error.to_string())?;
    let environment = Environment::new(std::env::vars_os());
    let settings = Settings {
        terraform: Terraform::find(Some(&task.terraform), &environment).map_err(|error| error.to_string())?,
        home: task.home,
        parallelism: task.parallelism,
        plugin_dir: None,
        endpoints: Endpoints::default(),
        lock_timeout: Duration::ZERO,
        attempts: task.attempts,
        assumed: None,
        unlock: task.unlock,
        environment,
    };
    let stack = |(name, directory): (String, PathBuf)| Stack {
        tenant: Some(name.clone()),
        name,
        directory,
        intent: Intent::Stand,
    };
    let stacks: Vec<Stack> = task.stacks.into_iter().map(stack).collect();
    let interrupt = Interrupt::listen().map_err(|error| error.to_string())?;
    say(&json!({"ready": true}));
    let outcomes =
        runner::run(task.operation, &stacks, &settings, &Lines, &interrupt).map_err(|error| error.to_string())?;
    for outcome in &outcomes {
        say(&json!({"outcome": outcome}));
    }
    Ok(outcomes.iter().all(|outcome| outcome.status.is_good()))
}
