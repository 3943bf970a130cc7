//! Failures that are found here and not by Terraform.

use std::path::Path;

use crate::{Class, Failure, Phase};

pub(super) fn new(class: Class, phase: Phase, cause: impl Into<String>, fix: impl Into<String>) -> Box<Failure> {
    Box::new(Failure {
        class,
        phase,
        address: None,
        code: None,
        cause: cause.into(),
        detail: String::new(),
        fix: fix.into(),
        resumable: true,
        log: None,
    })
}

/// One that somebody has to decide about before it can go on.
pub(super) fn open(class: Class, phase: Phase, cause: impl Into<String>, fix: impl Into<String>) -> Box<Failure> {
    let mut failure = new(class, phase, cause, fix);
    failure.resumable = false;
    failure
}

/// The disk is full, or something on it may not be used.
pub(super) fn disk(phase: Phase, cause: &str) -> Box<Failure> {
    new(
        Class::Disk,
        phase,
        cause,
        "make room on the disk and see that it may be written to, then run the same command again",
    )
}

pub(super) fn file(phase: Phase, doing: &str, path: &Path, error: &std::io::Error) -> Box<Failure> {
    disk(phase, &format!("cannot {doing} `{}`: {error}", path.display()))
}

/// Whoever runs it asked to stop.
pub(super) fn interrupted(phase: Phase, cause: &str) -> Box<Failure> {
    new(Class::Interrupted, phase, cause, "run the same command again: it goes on from here")
}
