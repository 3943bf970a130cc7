//! What a command said, as far as it helps to judge its failure.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use super::fix::Fix;
use super::rules::{self, Rule};
use super::{LockInfo, code, human};
use crate::message::{Diagnostic, Entry, Hook, Message, Severity};
use crate::redact::Redactor;
use crate::{Action, Class, Failure, Phase, Stage};

/// Errors that are kept; further ones are counted.
const ERRORS: usize = 64;

/// Lines of text that are kept, the last ones.
const LINES: usize = 60;

/// What is kept of one text, in bytes.
const TEXT: usize = 8 * 1024;

/// What the user ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `app plan`.
    Plan,
    /// `app deploy`.
    Deploy,
    /// `app destroy`.
    Destroy,
}

/// What a failure is about: for the words of the fix.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The stack.
    pub stack: &'a str,
    /// The tenant; none for the platform.
    pub tenant: Option<&'a str>,
    /// Where Terraform ran.
    pub directory: &'a Path,
    /// What the user ran.
    pub command: Command,
    /// Where in it.
    pub phase: Phase,
    /// Where everything is that Terraform said.
    pub log: Option<PathBuf>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit status. With 0 it is a failure only when the output lacks what belongs to a success.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It could not be started, for this reason.
    NotStarted(String),
    /// It is not known: the process was started by an earlier run, and is gone.
    Unknown,
}

/// Listens to the entries of one command, and keeps a bounded part of them.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    errors: Vec<Diagnostic>,
    /// Errors that were not kept.
    further: u64,
    text: VecDeque<String>,
    /// What is being deleted, or could not be.
    deleting: BTreeSet<String>,
    messages: u64,
    garbage: u64,
    dumped: bool,
}

impl Evidence {
    /// Takes one entry.
    pub fn see(&mut self, entry: &Entry) {
        match entry {
            Entry::Message(message) => {
                self.messages += 1;
                match message {
                    Message::Diagnostic(diagnostic) if diagnostic.severity == Severity::Error => self.error(diagnostic),
                    Message::StateDump => self.dumped = true,
                    Message::Log(text) => self.line(text),
                    Message::Apply(hook) => self.hook(hook),
                    _ => {}
                }
            }
            Entry::Text(text) => {
                self.garbage += u64::from(!text.trim().is_empty());
                self.line(text);
            }
            Entry::TooLong { bytes, start } => {
                self.garbage += 1;
                self.line(&format!("{start}… ({bytes} bytes)"));
            }
        }
    }

    /// The errors that were kept, as they came.
    pub fn errors(&self) -> &[Diagnostic] {
        &self.errors
    }

    /// Whether the log has the only copy of the state: then it must be kept as it is.
    pub fn has_state_dump(&self) -> bool {
        self.dumped
    }

    /// Whether Terraform asks for `terraform init`.
    pub fn wants_init(&self) -> bool {
        super::wants_init(&self.errors) || super::wants_init(&human::errors(self.text.iter().map(String::as_str)))
    }

    /// The lock that is held, if that is why it failed.
    pub fn lock(&self) -> Option<LockInfo> {
        self.errors.iter().find_map(|error| LockInfo::parse(&error.detail)).or_else(|| {
            let text: Vec<&str> = self.text.iter().map(String::as_str).collect();
            LockInfo::parse(&text.join("\n"))
        })
    }

    fn hook(&mut self, hook: &Hook) {
        match (&hook.stage, hook.action.action()) {
            (Stage::Started, Some(Action::Delete)) => drop(self.deleting.insert(hook.address.clone())),
            // A replacement is deleted and then created, at the same address.
            (Stage::Started | Stage::Done, _) => drop(self.deleting.remove(&hook.address)),
            _ => {}
        }
    }

    /// Whether an error says no more than that an answer was lost: the provider's to Terraform, or AWS's to the provider.
    pub fn is_unanswered(&self, error: &Diagnostic) -> bool {
        self.rule(error).is_some_and(|rule| rule.class == Class::Network || rules::PROVIDER_GONE.contains(&rule.says))
    }

    /// What is known of an error.
    fn rule(&self, error: &Diagnostic) -> Option<Rule> {
        let gone = || rules::find_gone(&error.summary, &error.detail);
        self.is_of_deletion(error).then(gone).flatten().or_else(|| rules::find(&error.summary, &error.detail))
    }

    /// Whether it is the error of a deletion. Some come without an address.
    fn is_of_deletion(&self, error: &Diagnostic) -> bool {
        match error.resource() {
            Some(address) => self.deleting.contains(&address),
            None => !self.deleting.is_empty() && error.summary.to_lowercase().contains("deleting"),
        }
    }

    fn error(&mut self, diagnostic: &Diagnostic) {
        if self.errors.len() >= ERRORS {
            self.further += 1;
            return;
        }
        let mut diagnostic = diagnostic.clone();
        cut(&mut diagnostic.summary);
        cut(&mut diagnostic.detail);
        self.errors.push(diagnostic);
    }

    fn line(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if self.text.len() >= LINES {
                self.text.pop_front();
            }
            let mut line = line.to_owned();
            line.truncate(floor(&line, 1024));
            self.text.push_back(line);
        }
    }

    /// Why it failed and what to do.
    pub fn failure(&self, end: &End, about: &About, redactor: &Redactor) -> Failure {
        let verdict = self.judge(end, about);
        let text = format!("{}\n{}", verdict.cause, verdict.detail);
        let mut detail = redactor.text(verdict.detail.trim()).into_owned();
        cut(&mut detail);
        Failure {
            class: verdict.class,
            phase: about.phase,
            code: verdict.code,
            cause: code::one_line(&redactor.text(&verdict.cause)),
            detail,
            fix: verdict.fix.text(about, &text, verdict.address.as_deref(), verdict.lock.as_ref()),
            address: verdict.address,
            // A state that was not saved is put in its place by the next run.
            resumable: match verdict.fix {
                Fix::SaveState | Fix::SaveDump | Fix::Plan => true,
                _ => !matches!(verdict.class, Class::State | Class::NameTaken),
            },
            log: about.log.clone(),
        }
    }

    fn judge(&self, end: &End, about: &About) -> Verdict {
        let mut errors = self.errors.clone();
        if errors.is_empty() {
            errors = human::errors(self.text.iter().map(String::as_str));
        }
        if self.dumped {
            let cause = "the state could not be written anywhere: the log has the only copy of it";
            return Verdict::plain(Class::State, cause, self.list(&errors, None), Fix::SaveDump);
        }
        match end {
            End::NotStarted(reason) => {
                let cause = format!("Terraform could not be started: {reason}");
                let (class, fix) =
                    rules::find(&cause, "").map_or((Class::Tool, Fix::Tool), |rule| (rule.class, rule.fix));
                return Verdict::plain(class, cause, String::new(), fix);
            }
            End::Signal(signal) => {
                // SIGXFSZ: a file may not grow any more.
                let (class, fix) = if *signal == 25 { (Class::Disk, Fix::Disk) } else { (Class::Crash, Fix::Crash) };
                let cause = format!("Terraform was ended by {} in the middle of {}", name(*signal), phase(about.phase));
                return Verdict::plain(class, cause, self.list(&errors, None), fix);
            }
            End::Code(_) | End::Unknown => {}
        }
        let judged = errors.iter().enumerate().map(|(at, error)| (at, error, self.rule(error)));
        let first = judged.min_by_key(|(at, _, rule)| (rule.map_or(Class::Unknown, |rule| rule.class).rank(), *at));
        if let Some((at, error, rule)) = first {
            return self.of_error(&errors, at, error, rule);
        }
        self.of_text(end, about)
    }

    fn of_error(&self, errors: &[Diagnostic], at: usize, error: &Diagnostic, rule: Option<Rule>) -> Verdict {
        let text = format!("{}\n{}", error.summary, error.detail);
        let class = rule.map_or(Class::Unknown, |rule| rule.class);
        let lock = LockInfo::parse(&error.detail).filter(|_| class == Class::LockHeld);
        let cause = match &lock {
            Some(lock) => format!("the state is locked by {}", lock.holder()),
            None => cause(error, rule.as_ref()),
        };
        Verdict {
            class,
            address: error.resource(),
            code: code::code(&text).map(str::to_owned),
            cause,
            detail: format!("{}\n{}", text.trim(), self.list(errors, Some(at))),
            fix: rule.map_or(Fix::Log, |rule| rule.fix),
            lock,
        }
    }

    /// There is no error message.
    fn of_text(&self, end: &End, about: &About) -> Verdict {
        let how = match end {
            End::Code(code) => format!("ended with exit status {code}"),
            _ => "is gone".to_owned(),
        };
        let known = self.text.iter().find_map(|line| Some((line, rules::find(line, "")?)));
        if let Some((line, rule)) = known {
            let lines: Vec<&str> = self.text.iter().map(String::as_str).collect();
            let mut verdict = Verdict::plain(rule.class, line.as_str(), lines.join("\n"), rule.fix);
            verdict.code = code::code(line).map(str::to_owned);
            return verdict;
        }
        let phase = phase(about.phase);
        let cause = match (self.text.back(), self.messages + self.garbage) {
            (_, 0) => format!("Terraform {how} during {phase} and wrote nothing"),
            (None, _) => format!("Terraform {how} during {phase} without an error message"),
            (Some(last), _) => {
                format!("Terraform {how} during {phase} without an error message; its last line was: {last}")
            }
        };
        let lines: Vec<&str> = self.text.iter().map(String::as_str).collect();
        let mut detail = lines.join("\n");
        if self.garbage > 0 {
            detail = format!(
                "{} of {} lines were no messages of Terraform\n{detail}",
                self.garbage,
                self.garbage + self.messages
            );
        }
        Verdict::plain(Class::Unknown, cause, detail, Fix::Log)
    }

    /// The other errors, one a line.
    fn list(&self, errors: &[Diagnostic], main: Option<usize>) -> String {
        let others: Vec<String> = errors
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != main)
            .map(|(_, error)| {
                let cause = cause(error, self.rule(error).as_ref());
                let cause = code::one_line(&cause);
                error.resource().map_or_else(|| format!("- {cause}"), |address| format!("- {address}: {cause}"))
            })
            .collect();
        let count = others.len() as u64 + self.further;
        match count {
            0 => String::new(),
            _ => {
                let title = if count == 1 { "1 more error".to_owned() } else { format!("{count} more errors") };
                let rest = if self.further > 0 { format!("\n- and {} more", self.further) } else { String::new() };
                format!("\n{title}:\n{}{rest}", others.join("\n"))
            }
        }
    }
}

struct Verdict {
    class: Class,
    address: Option<String>,
    code: Option<String>,
    cause: String,
    detail: String,
    fix: Fix,
    lock: Option<LockInfo>,
}

impl Verdict {
    fn plain(class: Class, cause: impl Into<String>, detail: String, fix: Fix) -> Self {
        Self { class, address: None, code: None, cause: cause.into(), detail, fix, lock: None }
    }
}

impl Class {
    /// How telling it is among others: 0 is the most telling.
    fn rank(self) -> u8 {
        match self {
            Self::State => 0,
            Self::LockHeld => 1,
            Self::Disk => 2,
            Self::Credentials => 3,
            Self::Tool => 4,
            Self::Quota => 5,
            Self::Permission => 6,
            Self::NameTaken => 7,
            Self::Configuration => 8,
            Self::Crash => 9,
            Self::Throttled => 10,
            Self::Service => 11,
            Self::Network => 12,
            Self::Timeout => 13,
            Self::Unhealthy => 14,
            Self::Unknown => 15,
            Self::Interrupted => 16,
        }
    }
}

/// One line: the summary, and of the detail what tells most where the summary does not.
fn cause(error: &Diagnostic, rule: Option<&Rule>) -> String {
    let tells = |text: &str| {
        let text = text.to_lowercase();
        rule.is_some_and(|rule| {
            !(rule.code.is_empty() && rule.says.is_empty())
                && text.contains(&rule.code.to_lowercase())
                && text.contains(rule.says)
        })
    };
    let mut summary = code::one_line(&error.summary);
    if let (None, Some(status @ 400..)) = (code::code(&error.summary), code::status(&error.summary)) {
        summary.push_str(&format!(": HTTP status {status}"));
    }
    if error.detail.trim().is_empty() || (tells(&error.summary) && code::code(&error.summary).is_some()) {
        return summary;
    }
    // Paragraphs: a sentence may go over several lines.
    let paragraphs = || error.detail.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let telling = paragraphs()
        .find(|part| tells(part))
        .map(|part| part.split("\n- ").find(|item| tells(item)).unwrap_or(part))
        .or_else(|| paragraphs().next())
        .unwrap_or_default();
    let telling = telling.trim_start_matches("- ").trim_start_matches("Error message: ");
    code::one_line(&format!("{summary}: {}", code::one_line(telling)))
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Start => "the start",
        Phase::Init => "init",
        Phase::Plan => "plan",
        Phase::Apply => "apply",
        Phase::Destroy => "destroy",
        Phase::Output => "output",
        Phase::Health => "the health check",
    }
}

fn name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        9 => return "SIGKILL (somebody, or the system for want of memory)".to_owned(),
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        25 => "SIGXFSZ (a limit for the size of files)",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

/// The largest place at or below `at` where the text may be cut.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn cut(text: &mut String) {
    if text.len() > TEXT {
        text.truncate(floor(text, TEXT));
        text.push('…');
    }
}
