//! A running Terraform: in a process group of its own, asked to stop and never killed.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::{Environment, Raw, Terraform};
use crate::Interrupt;

/// How often the log is looked at. The end of the process is known at once.
const TICK: Duration = Duration::from_millis(100);

/// Enough for a thread that only waits.
const WAITER_STACK: usize = 64 << 10;

/// A running Terraform.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    ended: Receiver<()>,
    /// How often it was asked to stop.
    asked: u32,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// By itself, or by a signal.
    Exit(ExitStatus),
    /// Not yet, but whoever runs it does not want to wait any longer.
    LeftRunning,
}

impl Process {
    /// Starts Terraform. What it says goes to the log.
    pub(crate) fn start(
        terraform: &Terraform,
        directory: &Path,
        arguments: &[OsString],
        environment: &Environment,
        extra: &[(&str, OsString)],
        log: &Raw,
    ) -> io::Result<Self> {
        let output = log.create()?;
        let mut command = Command::new(terraform.binary());
        environment.apply(&mut command);
        command.args(arguments).current_dir(directory).envs(extra.iter().map(|(name, value)| (name, value)));
        // A group of its own: Ctrl-C at a terminal reaches this program alone, which then asks each Terraform to stop.
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0);
        let child = command.spawn()?;
        let (tell, ended) = mpsc::sync_channel(1);
        let process = Self { child, ended, asked: 0 };
        if let Some(pid) = process.pid() {
            thread::Builder::new().stack_size(WAITER_STACK).spawn(move || {
                // Waits without taking the exit status: as long as nobody took it, the process id cannot become another's, and no
                // signal can reach the wrong process.
                while let Err(rustix::io::Errno::INTR) =
                    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
                {}
                let _ = tell.send(());
            })?;
        }
        Ok(process)
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Waits for the end, giving what it says, and passes on what whoever runs it asks for.
    pub(crate) fn follow(
        mut self,
        log: &mut Raw,
        interrupt: &Interrupt,
        mut give: impl FnMut(&[u8]),
    ) -> io::Result<Ended> {
        loop {
            let ended = match self.ended.recv_timeout(TICK) {
                Ok(()) | Err(RecvTimeoutError::Disconnected) => true,
                Err(RecvTimeoutError::Timeout) => false,
            };
            if ended {
                break;
            }
            // A log that cannot be read any more is no reason to leave the process alone.
            let _ = log.read(&mut give);
            if interrupt.requests() > Interrupt::HARD {
                return Ok(Ended::LeftRunning);
            }
            self.ask_to_stop(interrupt.requests());
        }
        self.clear_group();
        let status = self.child.wait()?;
        log.read(&mut give)?;
        Ok(Ended::Exit(status))
    }

    /// Once: Terraform finishes what it has begun, saves its state and returns its lock. Twice: it leaves at once.
    fn ask_to_stop(&mut self, requests: u32) {
        let Some(pid) = self.pid() else { return };
        while self.asked < requests {
            self.asked = self.asked.saturating_add(1);
            // To Terraform alone: it stops its providers itself. An error means that it has just ended.
            let _ = kill_process(pid, Signal::INT);
        }
    }

    /// A Terraform that was killed leaves its providers behind, which nobody would ever stop. Its exit status was not taken yet, so the
    /// group's id is still its own.
    fn clear_group(&self) {
        if let Some(pid) = self.pid() {
            let _ = kill_process_group(pid, Signal::TERM);
        }
    }
}
