//! The directory in which Terraform is asked: it has nothing of the stack but how AWS is reached.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diagnosis::Evidence;
use crate::message::{Decoder, Diagnostic, Entry, Message};
use crate::run::document::Document;
use crate::run::job::{Job, Stop};
use crate::run::said::Said;
use crate::run::session::Session;
use crate::run::{call, capture, fault, init, steps};
use crate::{Failure, OutputValue, Phase, Stack, private};

/// What asks.
const ASKS: &str = "main.tf.json";

/// What Terraform answered.
pub(super) enum Answer {
    /// The outputs.
    Outputs(BTreeMap<String, OutputValue>),
    /// The errors, and the failure as a whole.
    Failed(Vec<Diagnostic>, Box<Failure>),
}

/// A directory for Terraform to ask in. It goes when it is no longer needed.
pub(super) struct Scratch<'a> {
    session: &'a Session<'a>,
    /// The stack, as one whose directory this is.
    stack: Stack,
    phase: Phase,
    /// What `init` still has to be told.
    init: Option<Vec<OsString>>,
}

impl<'a> Scratch<'a> {
    /// Makes it: private, as overrides may hold credentials.
    pub(super) fn make(session: &'a Session<'a>, job: &Job, document: &Document, phase: Phase) -> Result<Self, Stop> {
        let directory = job.home.search();
        let failed = |error: io::Error| fault::file(phase, "write into", &directory, &error);
        // What a killed run has left.
        remove(&directory).map_err(failed)?;
        private::directory(&directory).map_err(failed)?;
        let plugins = steps::plugin_dir(session, document);
        let stack = Stack { directory: directory.clone(), ..job.stack.clone() };
        let init = Some(init::arguments(plugins.as_deref(), true));
        let scratch = Self { session, stack, phase, init };
        let lock = init::lock_file(job.directory());
        if !lock.is_empty() {
            private::write(&directory.join(init::LOCK_FILE), &lock).map_err(failed)?;
        }
        for (name, provider) in overrides(job.directory()).map_err(failed)? {
            private::write(&directory.join(name), json!({ "provider": provider }).to_string().as_bytes())
                .map_err(failed)?;
        }
        Ok(scratch)
    }

    /// Asks.
    pub(super) fn ask(&mut self, question: &Value) -> Result<Answer, Stop> {
        let path = self.stack.directory.join(ASKS);
        private::write(&path, question.to_string().as_bytes())
            .map_err(|error| fault::file(self.phase, "write", &path, &error))?;
        if let Some(arguments) = self.init.take()
            && let failed @ Answer::Failed(..) = self.run(&arguments)?
        {
            return Ok(failed);
        }
        // Nothing but outputs: there is nothing in the document that could be created.
        let arguments = ["apply", "-refresh-only", "-auto-approve", "-input=false", "-json"];
        self.run(&arguments.map(OsString::from))
    }

    fn run(&self, arguments: &[OsString]) -> Result<Answer, Stop> {
        let answer = capture::capture(self.session, &self.stack, self.phase, arguments)?;
        if self.session.interrupt.requested() {
            let cause = "stopped as asked before anything was changed";
            return Err(Stop::Interrupted(fault::interrupted(self.phase, cause)));
        }
        let mut said = Said::default();
        let mut decoder = Decoder::default();
        decoder.push(&answer.stdout, &mut |entry| said.hear(entry, &mut |_| ()));
        decoder.finish(&mut |entry| said.hear(entry, &mut |_| ()));
        if answer.status.success() {
            return Ok(Answer::Outputs(said.outputs));
        }
        for line in answer.stderr.split(|byte| *byte == b'\n') {
            said.evidence.see(&Entry::Text(String::from_utf8_lossy(line).into_owned()));
        }
        let failure = self.failure(&said.evidence, call::end(Some(answer.status)));
        Ok(Answer::Failed(said.evidence.errors().to_vec(), failure))
    }

    /// The failure that one error alone would be.
    pub(super) fn failure_of(&self, error: &Diagnostic) -> Box<Failure> {
        let mut evidence = Evidence::default();
        evidence.see(&Entry::Message(Message::Diagnostic(error.clone())));
        self.failure(&evidence, crate::diagnosis::End::Code(1))
    }

    fn failure(&self, evidence: &Evidence, end: crate::diagnosis::End) -> Box<Failure> {
        let about = steps::about(self.session, &self.stack, self.phase, None);
        let mut failure = evidence.failure(&end, &about, &self.session.redactor);
        // It is no address of the stack.
        failure.address = None;
        Box::new(failure)
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        // What stays is of no use to anybody, and the next search removes it.
        let _ = remove(&self.stack.directory);
    }
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What the overrides beside a stack's document say of providers, by their names: endpoints of an emulator among them.
fn overrides(stack: &Path) -> io::Result<Vec<(PathBuf, Value)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(stack)? {
        let name = PathBuf::from(entry?.file_name());
        let is_override = name.to_str().is_some_and(|it| it == "override.tf.json" || it.ends_with("_override.tf.json"));
        if !is_override {
            continue;
        }
        let read: Value = serde_json::from_slice(&fs::read(stack.join(&name))?).unwrap_or_default();
        if let Some(provider) = read.get("provider") {
            found.push((name, provider.clone()));
        }
    }
    Ok(found)
}
