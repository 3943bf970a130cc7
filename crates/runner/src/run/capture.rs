//! A Terraform that only answers a question. Its answer may hold secrets and goes to no file; nothing is lost when it is cut off.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::fault;
use super::session::Session;
use crate::message::Diagnostic;
use crate::{Class, Failure, Phase, Stack};

const TICK: Duration = Duration::from_millis(100);

/// What it answered.
pub(super) struct Captured {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Captured {
    /// What went wrong, in the words of Terraform, which has no other form for these commands.
    pub(super) fn errors(&self) -> Vec<Diagnostic> {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches(['│', '╷', '╵', ' '])).collect();
        let start = lines.iter().position(|line| line.starts_with("Error: "));
        let Some((summary, rest)) = start.and_then(|start| lines.get(start..)).and_then(<[&str]>::split_first) else {
            return Vec::new();
        };
        let detail = rest.join("\n");
        vec![Diagnostic::error(summary.trim_start_matches("Error: "), detail.trim())]
    }

    pub(super) fn tail(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        lines.get(lines.len().saturating_sub(10)..).unwrap_or_default().join("\n")
    }
}

/// Asks Terraform.
///
/// # Errors
/// When it cannot be started.
pub(super) fn ask(session: &Session, stack: &Stack, phase: Phase, arguments: &[&str]) -> Result<Captured, Failure> {
    let settings = session.settings;
    let mut command = Command::new(settings.terraform.binary());
    settings.environment.apply(&mut command);
    command.args(arguments).current_dir(&stack.directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let run = || -> io::Result<Captured> {
        let mut child = command.spawn()?;
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let (done, ended) = sync_channel(1);
        let reader = thread::Builder::new().spawn(move || {
            let mut bytes = Vec::new();
            let read = out.as_mut().map_or(Ok(0), |out| out.read_to_end(&mut bytes));
            let _ = done.send(());
            read.map(|_| bytes)
        })?;
        let errors = thread::Builder::new().spawn(move || {
            let mut bytes = Vec::new();
            err.as_mut().map_or(Ok(0), |err| err.read_to_end(&mut bytes)).map(|_| bytes)
        })?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let mut asked = 0;
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(TICK) {
            while asked < session.interrupt.requests() {
                asked += 1;
                // Not collected yet, so the id is its own.
                let _ = pid.map(|pid| kill_process(pid, Signal::INT));
            }
        }
        let status = child.wait()?;
        let lost = |_| io::Error::other("its output was lost");
        Ok(Captured { status, stdout: reader.join().map_err(lost)??, stderr: errors.join().map_err(lost)?? })
    };
    let mut run = run;
    run().map_err(|error| {
        fault::new(
            Class::Tool,
            phase,
            format!("cannot run `{} {}`: {error}", settings.terraform.binary().display(), arguments.join(" ")),
            "see that the program and the directory are there and may be used, then run the same command again",
        )
    })
}
