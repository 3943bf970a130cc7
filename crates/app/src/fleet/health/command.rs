//! A program of the user's, which says whether a stack is well.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use runner::{Failure, Interrupt, Outcome};

use super::{interrupted, unhealthy};

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs the program in a directory.
pub(super) fn run(
    words: &[String],
    directory: &Path,
    outcome: &Outcome,
    interrupt: &Interrupt,
) -> Result<(), Box<Failure>> {
    let (program, arguments) = words.split_first().ok_or_else(|| unhealthy("no command", ""))?;
    let log = outcome.logs.as_ref().map(|logs| logs.join("health.log"));
    let failed = |cause: String| {
        let fix = format!(
            "find out why `{}` is not content with stack `{}`; `app deploy --resume` goes on from there",
            words.join(" "),
            outcome.stack
        );
        Box::new(Failure { log: log.clone(), ..*unhealthy(&cause, &fix) })
    };
    let (out, err) = match &log {
        Some(log) => log_file(log).and_then(|out| Ok((Stdio::from(out.try_clone()?), Stdio::from(out)))),
        None => Ok((Stdio::null(), Stdio::null())),
    }
    .map_err(|error| failed(format!("its log cannot be written: {error}")))?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).stdin(Stdio::null()).stdout(out).stderr(err);
    command.env("STACK", &outcome.stack).env("TENANT", outcome.tenant.as_deref().unwrap_or_default());
    for (name, output) in outcome.outputs.iter().filter(|(_, output)| !output.sensitive) {
        if let Some(value) = &output.value {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            command.env(format!("OUTPUT_{}", name.to_uppercase()), value);
        }
    }
    let mut child = command.spawn().map_err(|error| failed(format!("`{program}` cannot be run: {error}")))?;
    match wait(&mut child, LIMIT, interrupt) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => {
            let said = log.as_deref().and_then(last_line).map(|line| format!(": {line}")).unwrap_or_default();
            Err(failed(format!("`{}` says that it is not well ({status}){said}", words.join(" "))))
        }
        Ok(None) => {
            stop(&mut child);
            match interrupt.requested() {
                true => Err(interrupted()),
                false => Err(failed(format!("`{}` did not end in {} s", words.join(" "), LIMIT.as_secs()))),
            }
        }
        Err(error) => Err(failed(format!("`{program}` cannot be waited for: {error}"))),
    }
}

/// It is this program's own child, and changes nothing in AWS: it may be ended.
fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn wait(child: &mut Child, limit: Duration, interrupt: &Interrupt) -> io::Result<Option<std::process::ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until || interrupt.requested() {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn log_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap_or(Path::new(".")))?;
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn last_line(log: &Path) -> Option<String> {
    let text = fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().rev().find(|line| !line.trim().is_empty()).map(|line| line.chars().take(200).collect())
}
