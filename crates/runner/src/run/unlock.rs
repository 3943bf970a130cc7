//! Breaking the lock of a state whose holder is gone, and only then.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::fmt::strtime;

use super::job::{Job, Stop};
use super::session::Session;
use super::steps;
use crate::diagnosis::LockInfo;
use crate::holder::{self, Presence};
use crate::record::{Killed, Unlock};
use crate::{Class, Failure, Phase};

/// What is known of the holder of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is gone, and how that is known.
    Gone(String),
    /// It may be at work, and why nothing else can be said.
    Unsure(String),
}

/// Looks for the holder of a lock.
pub(super) fn judge(session: &Session, job: &Job, lock: &LockInfo) -> Verdict {
    let host = holder::host();
    let theirs = lock.who.rsplit_once('@').map(|(_, host)| host);
    if theirs != Some(host.as_str()) {
        let whose = theirs.unwrap_or("an unknown machine");
        return Verdict::Unsure(format!(
            "its holder is of {whose}, and this is {host}: look there whether it still runs"
        ));
    }
    let binary = session.settings.terraform.binary();
    if let Some(pid) = holder::terraform_in(job.directory(), binary) {
        return Verdict::Unsure(format!("process {pid} works in `{}`", job.directory().display()));
    }
    let killed = job.record.as_deref().and_then(|record| record.killed.as_ref());
    if let Some(because) = killed.and_then(|killed| of_a_killed_run(killed, lock)) {
        return Verdict::Gone(because);
    }
    match others(job.directory(), binary) {
        None => Verdict::Unsure("this system does not tell which processes there are".to_owned()),
        Some(others) => match others.first() {
            None => Verdict::Gone(format!("no Terraform of {host} works on this state")),
            Some((pid, place)) => {
                Verdict::Unsure(format!("process {pid} in `{}` may work on this state", place.display()))
            }
        },
    }
}

/// Whether it is the lock of a Terraform that this program started and that is gone.
fn of_a_killed_run(killed: &Killed, lock: &LockInfo) -> Option<String> {
    let created = created(lock)?;
    // Clocks are read by two programs: a second of tolerance.
    let meanwhile = created.as_second() >= killed.began.as_second().saturating_sub(1) && created <= killed.found;
    let gone = killed.process.presence() == Presence::Gone;
    let pid = killed.process.pid;
    (meanwhile && gone).then(|| format!("it is of run {}, whose Terraform (process {pid}) is gone", killed.run))
}

/// When a lock was taken: `2026-11-27 01:49:07.504437641 +0000 UTC`.
fn created(lock: &LockInfo) -> Option<Timestamp> {
    let text = lock.created.trim_end_matches("UTC").trim();
    strtime::parse("%Y-%m-%d %H:%M:%S%.f %z", text).ok()?.to_timestamp().ok()
}

/// Other Terraforms of this machine that may work on the same state: those whose backend is the same, or cannot be seen. None where the
/// system does not tell.
fn others(directory: &Path, binary: &Path) -> Option<Vec<(u32, PathBuf)>> {
    let own = backend(directory);
    let terraforms = holder::terraforms(binary)?.into_iter();
    Some(
        terraforms
            .filter(|(_, place)| place.as_os_str().is_empty() || own.is_none() || backend(place) == own)
            .collect(),
    )
}

/// The backend that a directory was initialised for.
fn backend(directory: &Path) -> Option<serde_json::Value> {
    let bytes = fs::read(directory.join(".terraform/terraform.tfstate")).ok()?;
    let mut file: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    file.get_mut("backend").map(serde_json::Value::take)
}

/// Sees what can be done about a lock that is held: breaks it where that was asked for and is safe.
pub(super) fn locked(session: &Session, job: &mut Job, mut failure: Box<Failure>, lock: &LockInfo) -> Stop {
    if session.interrupt.requested() {
        return failure.into();
    }
    match judge(session, job, lock) {
        Verdict::Unsure(why) => {
            if session.settings.unlock {
                failure.fix = format!("the lock was not broken: {why}. {}", failure.fix);
            }
            failure.into()
        }
        // Somebody took it again at once, or the backend does not give it up.
        Verdict::Gone(_) if is_broken(session, job, lock) => failure.into(),
        Verdict::Gone(because) if !session.settings.unlock || lock.id.is_empty() => {
            // Nobody gives it back, so there is nothing to wait for.
            failure.resumable = false;
            failure.fix = format!(
                "its holder is gone ({because}): run the same command again with `--unlock`, which breaks this lock"
            );
            failure.into()
        }
        Verdict::Gone(because) => match unlock(session, job, lock, because) {
            Ok(()) => Stop::Later(std::time::Duration::ZERO),
            Err(stop) => stop,
        },
    }
}

/// Whether this lock was broken by this run already.
fn is_broken(session: &Session, job: &Job, lock: &LockInfo) -> bool {
    let unlocks = job.record.as_deref().map(|record| record.unlocks.as_slice()).unwrap_or_default();
    unlocks.iter().any(|known| known.run == session.run && known.lock == lock.id)
}

fn unlock(session: &Session, job: &mut Job, lock: &LockInfo, because: String) -> Result<(), Stop> {
    // What was done is known also when this is cut off in the middle.
    let note = Unlock {
        at: Timestamp::now(),
        run: session.run.clone(),
        lock: lock.id.clone(),
        holder: lock.holder(),
        because: because.clone(),
    };
    steps::record(job).unlocks.push(note);
    steps::write(job, Phase::Start, true)?;
    let arguments = vec!["force-unlock".into(), "-force".into(), lock.id.clone().into()];
    let answer = steps::call(session, job, Phase::Start, "unlock", arguments, false)?;
    if !answer.succeeded() {
        let stop = steps::stop(session, job.stack, Phase::Start, &answer);
        return Err(match stop {
            Stop::Failed(mut failure, left) => {
                failure.class = Class::State;
                failure.cause = format!("the lock {} could not be broken: {}", lock.id, failure.cause);
                Stop::Failed(failure, left)
            }
            stop => stop,
        });
    }
    session.note(&job.stack.name, format!("broke the lock of {}: {because}", lock.holder()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Holder;

    fn lock(created: &str) -> LockInfo {
        LockInfo { created: created.to_owned(), who: format!("ci@{}", holder::host()), ..LockInfo::default() }
    }

    #[test]
    fn the_time_of_a_lock_is_read_as_terraform_writes_it() {
        for (written, expected) in [
            ("2026-11-27 01:49:07.504437641 +0000 UTC", Some("2026-11-27T01:49:07.504437641Z")),
            ("2026-11-27 01:49:07 +0000 UTC", Some("2026-11-27T01:49:07Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(created(&lock(written)), expected.map(|time| time.parse().unwrap()), "{written}");
        }
    }

    #[test]
    fn a_lock_is_of_a_killed_run_only_if_its_process_is_gone_and_it_was_taken_meanwhile() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let killed = Killed {
            run: "20261127T014900Z-7".into(),
            process: Holder::of(child.id()),
            began: "2026-11-27T01:49:00Z".parse().unwrap(),
            found: "2026-11-27T01:50:00Z".parse().unwrap(),
        };
        let during = lock("2026-11-27 01:49:07.504437641 +0000 UTC");
        assert_eq!(of_a_killed_run(&killed, &during), None, "it is still there");
        child.kill().unwrap();
        child.wait().unwrap();
        let because = of_a_killed_run(&killed, &during).unwrap();
        assert!(because.contains("run 20261127T014900Z-7"), "{because}");
        assert_eq!(of_a_killed_run(&killed, &lock("2026-11-27 01:40:00 +0000 UTC")), None, "it is older");
        assert_eq!(of_a_killed_run(&killed, &lock("2026-11-27 01:50:03 +0000 UTC")), None, "it was taken later");
    }

    #[test]
    fn terraforms_on_another_state_are_not_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let stack = |name: &str, key: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.join(".terraform")).unwrap();
            let text = format!(r#"{{ "backend": {{ "type": "s3", "config": {{ "key": "{key}" }} }} }}"#);
            fs::write(path.join(".terraform/terraform.tfstate"), text).unwrap();
            path
        };
        let (own, same, other) = (stack("own", "a"), stack("same", "a"), stack("other", "b"));
        assert_eq!(backend(&own), backend(&same));
        assert_ne!(backend(&own), backend(&other));
        assert_eq!(backend(dir.path()), None);
    }
}
