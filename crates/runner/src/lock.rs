//! One run at a time works on a stack.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::private;

/// Held as long as this run works on a stack. The operating system frees it when the holder dies, however that comes; Terraform does not
/// inherit it.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

impl Lock {
    /// Takes the lock; none where another run has it.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        if let Some(parent) = path.parent() {
            private::directory(parent)?;
        }
        let file = private::lock_file(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_until_it_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stacks/a/lock");
        let held = Lock::take(&path).unwrap();
        assert!(held.is_some());
        assert!(Lock::take(&path).unwrap().is_none());
        drop(held);
        assert!(freed(&path));
    }

    /// A child that another test is just starting holds a copy of every open file for a moment, until it is its own program.
    fn freed(path: &Path) -> bool {
        let began = std::time::Instant::now();
        while began.elapsed() < std::time::Duration::from_secs(20) {
            if Lock::take(path).unwrap().is_some() {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn a_child_does_not_inherit_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = Lock::take(&path).unwrap();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        drop(held);
        assert!(freed(&path));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
