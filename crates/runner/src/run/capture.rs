//! A Terraform that only answers a question. Its answer may hold secrets and goes to no file; nothing is lost when it is cut off.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::job::Stop;
use super::session::Session;
use super::{call, fault, steps};
use crate::diagnosis::Evidence;
use crate::message::Entry;
use crate::{Class, Failure, Phase, Stack};

const TICK: Duration = Duration::from_millis(100);

/// What it answered.
pub(super) struct Captured {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Asks Terraform and gives what it answers.
///
/// # Errors
/// When it cannot be started, or fails.
pub(super) fn ask(session: &Session, stack: &Stack, phase: Phase, arguments: &[&str]) -> Result<Vec<u8>, Stop> {
    let captured = capture(session, stack, phase, arguments)?;
    if captured.status.success() {
        return Ok(captured.stdout);
    }
    if session.interrupt.requested() {
        let cause = "stopped as asked before anything was changed";
        return Err(Stop::Interrupted(fault::interrupted(phase, cause)));
    }
    Err(captured.failure(session, stack, phase).into())
}

impl Captured {
    /// Why it failed: these commands say it only for people.
    pub(super) fn failure(&self, session: &Session, stack: &Stack, phase: Phase) -> Box<Failure> {
        let mut evidence = Evidence::default();
        for line in self.stderr.split(|&byte| byte == b'\n') {
            evidence.see(&Entry::Text(String::from_utf8_lossy(line).into_owned()));
        }
        let about = steps::about(session, stack, phase, None);
        Box::new(evidence.failure(&call::end(Some(self.status)), &about, &session.redactor))
    }
}

/// Asks Terraform and gives how it ended.
///
/// # Errors
/// When it cannot be started.
pub(super) fn capture(
    session: &Session,
    stack: &Stack,
    phase: Phase,
    arguments: &[impl AsRef<OsStr>],
) -> Result<Captured, Box<Failure>> {
    let settings = session.settings;
    let mut command = Command::new(settings.terraform.binary());
    settings.environment.apply(&mut command);
    command.args(arguments).current_dir(&stack.directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut run = || -> io::Result<Captured> {
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
        // What was asked before does not concern a question that is asked now.
        let mut asked = session.interrupt.requests();
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
    run().map_err(|error| {
        fault::new(
            Class::Tool,
            phase,
            format!("cannot run `{} {}`: {error}", settings.terraform.binary().display(), line(arguments)),
            "see that the program and the directory are there and may be used, then run the same command again",
        )
    })
}

fn line(arguments: &[impl AsRef<OsStr>]) -> String {
    arguments.iter().map(|it| it.as_ref().to_string_lossy()).collect::<Vec<_>>().join(" ")
}
