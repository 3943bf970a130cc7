//! What the stacks of a run share.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::plugins::Fetched;
use crate::home::Home;
use crate::redact::Redactor;
use crate::{Event, Interrupt, Observer, Operation, Settings};

/// Variables whose values are secret.
const SECRET: &[&str] =
    &["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "TF_HTTP_PASSWORD", "TF_ENCRYPTION"];

/// What the stacks of a run share.
pub(super) struct Session<'a> {
    pub(super) settings: &'a Settings,
    pub(super) operation: Operation,
    pub(super) home: Home,
    /// The name of the run.
    pub(super) run: String,
    /// Which AWS it is about, in words.
    pub(super) target: String,
    pub(super) interrupt: &'a Interrupt,
    pub(super) redactor: Redactor,
    /// The plugins that were fetched.
    pub(super) plugins: Mutex<Fetched>,
    observer: &'a dyn Observer,
    /// The stacks that Terraform works on now.
    running: Mutex<BTreeSet<String>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        operation: Operation,
        settings: &'a Settings,
        observer: &'a dyn Observer,
        interrupt: &'a Interrupt,
    ) -> std::io::Result<Self> {
        let home = Home::new(&settings.home);
        let run = home.new_run()?;
        let mut redactor = Redactor::new();
        redactor.hide(settings.environment.texts().filter(|(name, _)| is_secret(name)).map(|(_, value)| value));
        let target = settings.endpoints.to_string();
        Ok(Self {
            settings,
            operation,
            home,
            run,
            target,
            interrupt,
            redactor,
            plugins: Mutex::default(),
            observer,
            running: Mutex::default(),
        })
    }

    pub(super) fn tell(&self, stack: &str, event: &Event) {
        self.observer.event(stack, event);
    }

    pub(super) fn note(&self, stack: &str, text: impl Into<String>) {
        self.tell(stack, &Event::Note(text.into()));
    }

    /// Tells that it was asked to stop for the nth time, and what still runs.
    pub(super) fn tell_interrupted(&self, requests: u32) {
        let running: Vec<String> = self.running().iter().cloned().collect();
        self.observer.interrupted(requests, &running);
    }

    pub(super) fn starts(&self, stack: &str) {
        self.running().insert(stack.to_owned());
    }

    pub(super) fn ends(&self, stack: &str) {
        self.running().remove(stack);
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn is_secret(name: &str) -> bool {
    SECRET.contains(&name) || name.starts_with("TF_TOKEN_")
}
