//! One Terraform, from its start to its end.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;

use super::errored::ERRORED;
use super::said::Said;
use super::session::Session;
use super::{fault, steps};
use crate::diagnosis::End;
use crate::holder::Holder;
use crate::message::Decoder;
use crate::terraform::{Ended, Process, Raw};
use crate::{Class, Event, Failure, Phase, Stack, private};

/// One Terraform.
pub(super) struct Call<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) stack: &'a Stack,
    pub(super) phase: Phase,
    /// The start of the log's name.
    pub(super) name: &'static str,
    pub(super) arguments: Vec<OsString>,
    pub(super) variables: Vec<(&'static str, OsString)>,
    /// Whether the process is noted, because it changes something and may outlive this program.
    pub(super) noted: bool,
}

/// How it ended and what it said.
#[derive(Debug)]
pub(super) struct Answer {
    /// None while it still runs, because whoever runs it does not want to wait any longer.
    pub(super) status: Option<ExitStatus>,
    pub(super) said: Said,
    pub(super) log: PathBuf,
    pub(super) process: Option<Holder>,
}

impl Answer {
    pub(super) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// How it ended, for the diagnosis.
    pub(super) fn end(&self) -> End {
        end(self.status)
    }

    /// Whether it ended well.
    pub(super) fn succeeded(&self) -> bool {
        self.code() == Some(0)
    }

    /// Whether it ended well and said what it did: an end without an account of it is none.
    pub(super) fn applied(&self) -> bool {
        self.succeeded() && self.said.applied.is_some()
    }

    /// Whether it ended as Terraform does, so that the state has all that it did.
    pub(super) fn ended_in_order(&self) -> bool {
        self.code().is_some_and(|code| (0..=2).contains(&code))
            && !self.said.evidence.has_state_dump()
            && !self.said.left_at_once
    }
}

/// How a process ended, for the diagnosis.
pub(super) fn end(status: Option<ExitStatus>) -> End {
    let Some(status) = status else { return End::Unknown };
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, Some(signal)) => End::Signal(signal),
        (None, None) => End::Unknown,
    }
}

impl Call<'_> {
    /// The log that it is going to write.
    pub(super) fn log(&self) -> io::Result<Raw> {
        let directory = self.session.home.logs(&self.session.run, &self.stack.name);
        private::directory(&directory)?;
        let number = (1_u32..).map(|number| match number {
            1 => directory.join(format!("{}.log", self.name)),
            number => directory.join(format!("{}-{number}.log", self.name)),
        });
        let mut free = number.map(Raw::new).filter(|raw| !raw.exists());
        free.next().ok_or_else(|| io::Error::other("too many logs"))
    }

    /// Starts it, tells what it does, and waits for its end.
    ///
    /// # Errors
    /// When it cannot be started. That it fails is an answer.
    pub(super) fn run(self, mut log: Raw) -> Result<Answer, Box<Failure>> {
        steps::go_on(self.session, self.phase)?;
        let (session, stack) = (self.session, self.stack);
        let settings = session.settings;
        let refused = |error: &io::Error| self.cannot_start(error);
        let process = Process::start(
            &settings.terraform,
            &stack.directory,
            &self.arguments,
            &settings.environment,
            &self.variables,
            &log,
        )
        .map_err(|error| refused(&error))?;
        let note = session.home.stack(&stack.name).process();
        let holder = self.noted.then(|| Holder::of(process.id()));
        if let Some(holder) = &holder {
            // Without the note a next run looks through the processes of the machine.
            let _ = holder.write(&note);
        }
        session.starts(&stack.name);
        let mut said = Said::default();
        let mut decoder = Decoder::default();
        let mut tell = |event: Event| session.tell(&stack.name, &event);
        let ended = process.follow(&mut log, session.interrupt, |bytes| {
            decoder.push(bytes, &mut |entry| said.hear(entry, &mut tell));
        });
        decoder.finish(&mut |entry| said.hear(entry, &mut tell));
        session.ends(&stack.name);
        let path = log.path().to_owned();
        match ended.map_err(|error| refused(&error))? {
            Ended::LeftRunning => Ok(Answer { status: None, said, log: path, process: holder }),
            Ended::Exit(status) => {
                if self.noted {
                    let _ = fs::remove_file(&note);
                }
                if log.finish(&session.redactor, &stack.directory.join(ERRORED)).is_err() {
                    // What Terraform did counts more than its log. The next run rewrites it.
                    let text = format!("cannot rewrite `{}`: it may hold secrets until the next run", path.display());
                    session.note(&stack.name, text);
                }
                if said.evidence.has_state_dump() {
                    let text = format!(
                        "Terraform could not write its state; what it printed was saved to `{ERRORED}` beside the stack, and the next run puts it in its place"
                    );
                    session.note(&stack.name, text);
                }
                Ok(Answer { status: Some(status), said, log: path, process: holder })
            }
        }
    }

    fn cannot_start(&self, error: &io::Error) -> Box<Failure> {
        let binary = self.session.settings.terraform.binary().display();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::ReadOnlyFilesystem => {
                fault::disk(self.phase, &format!("cannot write the log of `{binary}`: {error}"))
            }
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => fault::new(
                Class::Tool,
                self.phase,
                format!("cannot start `{binary}` in `{}`: {error}", self.stack.directory.display()),
                "see that the program and the directory are there and may be used, then run the same command again",
            ),
            _ => fault::new(
                Class::Unknown,
                self.phase,
                format!("cannot run `{binary}`: {error}"),
                "run the same command again; if it stays, look at the limits of this machine (processes, memory, open files)",
            ),
        }
    }
}
