//! The words for what happens in a run, the same in progress, tables and messages.

use std::time::Duration;

use runner::{Action, Changes, Class, Outcome, Phase, Status, Waiting};

use crate::fleet::progress::Mood;

pub(crate) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Start => "start",
        Phase::Init => "init",
        Phase::Plan => "plan",
        Phase::Apply => "apply",
        Phase::Destroy => "destroy",
        Phase::Output => "output",
        Phase::Health => "health",
    }
}

/// What is said of a stack whose health check is content.
pub(crate) const WELL: &str = "well";

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Unchanged => "unchanged",
        Status::Pending => "changes",
        Status::Deployed => "deployed",
        Status::Destroyed => "destroyed",
        Status::Absent => "absent",
        Status::Drifted => "drifted",
        Status::Failed => "failed",
        Status::Interrupted => "stopped",
        Status::NotStarted => "not run",
        Status::Pinned => "pinned",
    }
}

pub(crate) fn mood(status: Status) -> Mood {
    match status {
        Status::Deployed | Status::Destroyed => Mood::Good,
        Status::Unchanged | Status::Absent | Status::NotStarted => Mood::Dim,
        Status::Pending | Status::Drifted | Status::Pinned | Status::Interrupted => Mood::Careful,
        Status::Failed => Mood::Bad,
    }
}

pub(crate) fn class(class: Class) -> &'static str {
    match class {
        Class::Quota => "quota",
        Class::Permission => "permission",
        Class::NameTaken => "name taken",
        Class::Throttled => "throttled",
        Class::Credentials => "credentials",
        Class::Network => "network",
        Class::Service => "AWS failed",
        Class::LockHeld => "locked",
        Class::State => "state",
        Class::Disk => "disk",
        Class::Crash => "crash",
        Class::Tool => "tool",
        Class::Timeout => "timeout",
        Class::Configuration => "configuration",
        Class::Unhealthy => "unhealthy",
        Class::Interrupted => "interrupted",
        Class::Unknown => "unknown",
    }
}

pub(crate) fn waiting(waiting: &Waiting) -> String {
    match waiting {
        Waiting::Slot => "waits for its turn".to_owned(),
        Waiting::Backoff { pause: time } => format!("tries again in {}", pause(*time)),
        Waiting::EarlierRun { pid } => format!("waits for the Terraform of an earlier run (process {pid})"),
        Waiting::Plugins => "waits for the provider plugins, which are fetched once for all".to_owned(),
        Waiting::OtherRun => "waits for another run that works on it".to_owned(),
        Waiting::StateLock { holder: Some(holder) } => format!("waits for the lock of its state, held by {holder}"),
        Waiting::StateLock { holder: None } => "waits for the lock of its state".to_owned(),
        Waiting::NetworkInterfaces { address } => {
            format!("waits for AWS to release the network interfaces of {address}; that can take half an hour")
        }
    }
}

pub(crate) fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "creating",
        Action::Read => "reading",
        Action::Update => "changing",
        Action::Delete => "destroying",
    }
}

pub(crate) fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Read => "read",
        Action::Update => "changed",
        Action::Delete => "destroyed",
    }
}

/// What a plan would do.
pub(crate) fn plan(changes: Changes) -> String {
    let Changes { add, change, remove, import } = changes;
    let import = if import > 0 { format!(", {import} to take over") } else { String::new() };
    format!("{add} to add, {change} to change, {remove} to remove{import}")
}

/// What was done.
pub(crate) fn changes(changes: Changes) -> String {
    let Changes { add, change, remove, import } = changes;
    let import = if import > 0 { format!(", {import} taken over") } else { String::new() };
    format!("{add} added, {change} changed, {remove} removed{import}")
}

/// How a stack's run ended, behind its status.
pub(crate) fn result(outcome: &Outcome) -> String {
    let took = pause(outcome.took);
    match (outcome.status, &outcome.failure) {
        (_, Some(failure)) => format!("{}: {}", class(failure.class), shortened(&failure.cause)),
        (Status::Deployed | Status::Destroyed, None) => format!("{} in {took}", changes(outcome.changes)),
        (Status::Pending, None) => plan(outcome.changes),
        (Status::Drifted, None) => match outcome.drift.len() {
            1 => "1 resource is not as it was left".to_owned(),
            count => format!("{count} resources are not as they were left"),
        },
        (Status::Absent, None) => "nothing of it is there".to_owned(),
        (Status::Unchanged | Status::Pinned | Status::NotStarted | Status::Interrupted | Status::Failed, None) => {
            String::new()
        }
    }
}

/// The beginning of a text that may be long: the whole stands below the table, and in the log.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 160;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    let start: String = line.chars().take(MOST).collect();
    format!("{start}…")
}

/// A time as people say it: `800 ms`, `4 s`, `1 min 16 s`, `1 h 2 min`.
pub(crate) fn pause(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 if time.is_zero() => "0 s".to_owned(),
        0 => format!("{} ms", time.as_millis().max(1)),
        1..60 => format!("{seconds} s"),
        60..3600 => match seconds % 60 {
            0 => format!("{} min", seconds / 60),
            rest => format!("{} min {rest} s", seconds / 60),
        },
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// The first few of many: `a, b and 7 more`.
pub(crate) fn listed(names: &[impl AsRef<str>], most: usize) -> String {
    let first: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let said = |millis| pause(Duration::from_millis(millis));
        assert_eq!(
            [said(0), said(850), said(4_000), said(76_400), said(120_000), said(3_725_000)],
            ["0 s", "850 ms", "4 s", "1 min 16 s", "2 min", "1 h 2 min"]
        );
    }

    #[test]
    fn only_what_is_taken_over_is_told_beside_the_usual_three() {
        let changes = Changes { add: 1, change: 2, remove: 3, import: 0 };
        assert_eq!(plan(changes), "1 to add, 2 to change, 3 to remove");
        assert_eq!(super::changes(Changes { import: 4, ..changes }), "1 added, 2 changed, 3 removed, 4 taken over");
    }
}
