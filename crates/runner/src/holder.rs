//! Who runs a Terraform, and whether that process is still there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::private;

/// A process, such that no later one is taken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did; none where the system does not tell.
    pub started: Option<u64>,
    /// The start of the machine it is of.
    pub boot: Option<String>,
    /// The machine.
    pub host: String,
}

/// Whether a process is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Alive,
    Gone,
    /// It is of another machine: nothing can be said from here.
    Elsewhere,
}

impl Holder {
    /// A process of this machine.
    pub(crate) fn of(pid: u32) -> Self {
        Self { pid, started: start_time(pid), boot: boot(), host: host() }
    }

    /// Whether it is still there.
    pub(crate) fn presence(&self) -> Presence {
        if self.host != host() {
            return Presence::Elsewhere;
        }
        if self.boot != boot() {
            return Presence::Gone;
        }
        let there = match self.started {
            Some(started) => start_time(self.pid) == Some(started),
            None => {
                i32::try_from(self.pid).ok().and_then(Pid::from_raw).is_some_and(|pid| test_kill_process(pid).is_ok())
            }
        };
        if there { Presence::Alive } else { Presence::Gone }
    }

    /// Notes it beside the record. It is not forced to the disk: after a power cut no process is left to be found.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        private::write(path, &serde_json::to_vec(self)?)
    }

    /// What was noted; nothing where it cannot be read.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// The name of this machine.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn boot() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned())
}

/// Field 22 of `/proc/PID/stat`; none of a process that is gone or ended and not yet collected. The name before it may hold anything.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// A Terraform or OpenTofu of this machine that works in a directory; none where the system does not tell.
pub(crate) fn terraform_in(directory: &Path, binary: &Path) -> Option<u32> {
    let directory = fs::canonicalize(directory).ok()?;
    terraforms(binary)?.into_iter().find(|(_, place)| *place == directory).map(|(pid, _)| pid)
}

/// Every Terraform or OpenTofu of this machine and where it works; nowhere where that is hidden. None where the system does not tell.
pub(crate) fn terraforms(binary: &Path) -> Option<Vec<(u32, PathBuf)>> {
    let known = [Path::new("terraform").into(), Path::new("tofu").into(), PathBuf::from(binary.file_name()?)];
    let is_terraform = |pid: u32| {
        let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { return false };
        // A script is its interpreter's first argument.
        let names = line.split(|&byte| byte == 0).take(2);
        let mut names = names.filter_map(|name| Path::new(std::str::from_utf8(name).ok()?).file_name());
        names.any(|name| known.iter().any(|known| known == name)) && start_time(pid).is_some()
    };
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let place = |pid| fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
    Some(ids.filter(|pid| is_terraform(*pid)).map(|pid| (pid, place(pid))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_is_there_until_it_has_ended() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let holder = Holder::of(child.id());
        assert_eq!(holder.presence(), Presence::Alive);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(holder.presence(), Presence::Gone);
    }

    #[test]
    fn another_process_of_the_same_id_is_not_taken_for_it() {
        let own = Holder::of(std::process::id());
        assert_eq!(own.presence(), Presence::Alive);
        if let Some(started) = own.started {
            let earlier = Holder { started: Some(started.saturating_sub(1)), ..own.clone() };
            assert_eq!(earlier.presence(), Presence::Gone);
        }
        let of_an_earlier_boot = Holder { boot: Some("another".into()), ..own.clone() };
        assert_eq!(of_an_earlier_boot.presence(), Presence::Gone);
        assert_eq!(Holder { host: "another".into(), ..own }.presence(), Presence::Elsewhere);
    }

    #[test]
    fn a_terraform_is_found_by_the_directory_it_works_in() {
        if !Path::new("/proc/self/cwd").exists() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("tf-wrapper");
        // One process: it reads what never comes.
        fs::write(&script, "#!/bin/sh\nread _\n").unwrap();
        let mut command = Command::new("/bin/sh");
        let mut child = command.arg(&script).current_dir(dir.path()).stdin(Stdio::piped()).spawn().unwrap();
        let began = std::time::Instant::now();
        let mut found = None;
        while found.is_none() && began.elapsed().as_secs() < 20 {
            found = terraform_in(dir.path(), &script);
        }
        assert_eq!(found, Some(child.id()));
        assert_eq!(terraform_in(dir.path(), Path::new("/usr/bin/another")), None);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(terraform_in(dir.path(), &script), None);
    }
}
