//! Where the runner keeps what it knows: `.palisade`, beside the states.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};

use crate::private;

/// The logs of so many runs are kept.
const KEPT_RUNS: usize = 20;

/// The directory of the runner.
#[derive(Clone, Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new(path: &Path) -> Self {
        // Terraform is told paths in it, and runs elsewhere.
        Self(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    pub(crate) fn stack(&self, name: &str) -> StackHome {
        StackHome(self.0.join("stacks").join(name))
    }

    pub(crate) fn stacks(&self) -> PathBuf {
        self.0.join("stacks")
    }

    pub(crate) fn plugins(&self) -> PathBuf {
        self.0.join("plugins")
    }

    pub(crate) fn plugins_lock(&self) -> PathBuf {
        self.0.join("plugins.lock")
    }

    pub(crate) fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }

    /// Opens a new run: names it by the time and this process, and removes the logs of the oldest runs. Those that a killed run left with
    /// secrets in them stay until a run of their stack has seen to them.
    pub(crate) fn new_run(&self) -> io::Result<String> {
        let now = Timestamp::now().round(Unit::Second).unwrap_or_else(|_| Timestamp::now());
        let name = format!("{}-{}", now.strftime("%Y%m%dT%H%M%SZ"), std::process::id());
        let runs = self.runs();
        private::directory(&runs.join(&name))?;
        let mut known: Vec<_> = fs::read_dir(&runs)?.flatten().map(|entry| entry.path()).collect();
        known.sort();
        let old = known.len().saturating_sub(KEPT_RUNS);
        for run in known.iter().take(old).filter(|run| !run.ends_with(&name) && !has_raw_log(run)) {
            let _ = fs::remove_dir_all(run);
        }
        Ok(name)
    }

    /// The directories of a stack's logs in other runs that have secrets in them.
    pub(crate) fn raw_logs(&self, stack: &str, run: &str) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.runs()).into_iter().flatten().flatten().filter(|entry| entry.file_name() != run);
        runs.map(|entry| entry.path().join(stack)).filter(|logs| is_raw(logs)).collect()
    }

    pub(crate) fn logs(&self, run: &str, stack: &str) -> PathBuf {
        self.runs().join(run).join(stack)
    }
}

fn has_raw_log(run: &Path) -> bool {
    fs::read_dir(run).into_iter().flatten().flatten().any(|stack| is_raw(&stack.path()))
}

fn is_raw(logs: &Path) -> bool {
    let mut logs = fs::read_dir(logs).into_iter().flatten().flatten();
    logs.any(|log| log.path().extension().is_some_and(|extension| extension == crate::terraform::RAW))
}

/// What is kept of one stack.
#[derive(Clone, Debug)]
pub(crate) struct StackHome(PathBuf);

impl StackHome {
    pub(crate) fn directory(&self) -> &Path {
        &self.0
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.0.join("record.json")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub(crate) fn plan(&self) -> PathBuf {
        self.0.join("plan")
    }

    /// What the deployment that is under way, or was cut off, is to make.
    pub(crate) fn begun(&self) -> PathBuf {
        self.0.join("begun.json")
    }

    /// Where Terraform looks for what a killed one has left.
    pub(crate) fn search(&self) -> PathBuf {
        self.0.join("search")
    }

    pub(crate) fn drift_plan(&self) -> PathBuf {
        self.0.join("drift-plan")
    }

    pub(crate) fn process(&self) -> PathBuf {
        self.0.join("process.json")
    }

    pub(crate) fn state_copies(&self) -> PathBuf {
        self.0.join("state-copies")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logs_of_twenty_runs_are_kept_and_those_with_secrets_until_they_are_rewritten() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        for number in 10..40 {
            private::directory(&home.logs(&format!("20200101T0000{number}Z-1"), "a")).unwrap();
        }
        fs::write(home.logs("20200101T000010Z-1", "a").join("apply.log.raw"), "x").unwrap();
        let run = home.new_run().unwrap();
        let mut left: Vec<_> =
            fs::read_dir(home.runs()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left.len(), KEPT_RUNS + 1, "{left:?}");
        assert_eq!(left.first().unwrap(), "20200101T000010Z-1");
        assert_eq!(left.last().unwrap(), &run);
    }
}
