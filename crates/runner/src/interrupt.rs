//! The wish of whoever runs it that it stop.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

/// The wish of whoever runs it that it stop: Ctrl-C, SIGTERM or a closed terminal.
///
/// The first asks every running Terraform to stop gracefully, and starts nothing more. The second asks again, upon which Terraform leaves
/// without waiting for AWS. The third ends this program and leaves what still runs alone. Nothing is ever killed.
#[derive(Clone)]
pub struct Interrupt {
    requests: Arc<AtomicU32>,
    listener: Option<Arc<Listener>>,
}

struct Listener(Handle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Interrupt {
    /// So many requests ask for a graceful stop.
    pub(crate) const GRACEFUL: u32 = 1;
    /// So many ask Terraform to leave at once.
    pub(crate) const HARD: u32 = 2;

    /// What a person has to know after the first request.
    pub const AFTER_FIRST: &str = "stopping: nothing more is started, and every running Terraform was asked to stop; it waits for what AWS is \
        doing, saves its state and gives its lock back. A second Ctrl-C makes Terraform leave without waiting: what AWS is creating at that \
        moment may then be missing from the state";
    /// What a person has to know after the second.
    pub const AFTER_SECOND: &str = "stopping hard: every running Terraform was asked to leave without waiting for AWS. The next run looks for \
        what the state misses. A third Ctrl-C ends this program at once and leaves those that still run to themselves";

    /// One that is asked for by `request` only.
    pub fn new() -> Self {
        Self { requests: Arc::default(), listener: None }
    }

    /// One that listens to SIGINT, SIGTERM and SIGHUP until it is dropped.
    ///
    /// # Errors
    /// When the signals cannot be taken over.
    pub fn listen() -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let mut interrupt = Self::new();
        interrupt.listener = Some(Arc::new(Listener(signals.handle())));
        let requests = Arc::clone(&interrupt.requests);
        thread::Builder::new().stack_size(64 << 10).spawn(move || {
            for _ in signals.forever() {
                requests.fetch_add(1, Ordering::SeqCst);
            }
        })?;
        Ok(interrupt)
    }

    /// Asks once more.
    pub fn request(&self) {
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it was asked for.
    pub fn requested(&self) -> bool {
        self.requests() >= Self::GRACEFUL
    }

    /// Waits, unless it is asked for; whether all of the time has passed.
    pub fn pause(&self, time: Duration) -> bool {
        const TICK: Duration = Duration::from_millis(50);
        let until = Instant::now() + time;
        while !self.requested() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(TICK));
        }
        false
    }

    /// How often it was asked for.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupt")
            .field("requests", &self.requests())
            .field("listens", &self.listener.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Signal, getpid, kill_process};

    #[test]
    fn signals_are_counted() {
        let interrupt = Interrupt::listen().unwrap();
        for (count, signal) in [(1, Signal::INT), (2, Signal::TERM), (3, Signal::HUP)] {
            kill_process(getpid(), signal).unwrap();
            let began = Instant::now();
            while interrupt.requests() < count {
                assert!(began.elapsed() < Duration::from_secs(30), "signal {count} did not arrive");
                thread::sleep(Duration::from_millis(5));
            }
        }
        assert!(interrupt.requested());
    }

    #[test]
    fn one_made_by_hand_is_shared_by_its_clones() {
        let interrupt = Interrupt::new();
        let other = interrupt.clone();
        assert!(!other.requested());
        assert!(other.pause(Duration::from_millis(1)));
        interrupt.request();
        assert_eq!(other.requests(), 1);
        assert!(!other.pause(Duration::from_secs(3600)), "nobody waits who is asked to stop");
    }
}
