//! Whose turn it is: a fair queue for a few slots.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often those that wait look whether they are to stop.
const TICK: Duration = Duration::from_millis(100);

/// What becomes of a job that had its turn.
#[derive(Debug)]
pub(crate) enum Turn<J, R> {
    /// It is done.
    Done(R),
    /// It gives its slot away and queues again after a pause.
    Later(J, Duration),
}

struct Queue<J> {
    /// Those whose turn can come, in the order in which they asked.
    ready: VecDeque<(usize, J)>,
    /// Those that pause, and until when.
    paused: Vec<(Instant, usize, J)>,
    /// How many are not done.
    open: usize,
}

impl<J> Queue<J> {
    /// Those whose pause is over queue up behind the others, the one that waits longest first.
    fn wake(&mut self, now: Instant) {
        self.paused.sort_by_key(|(due, index, _)| (*due, *index));
        let due = self.paused.iter().take_while(|(due, ..)| *due <= now).count();
        self.ready.extend(self.paused.drain(..due).map(|(_, index, job)| (index, job)));
    }
}

/// Runs jobs on at most `slots` threads, first come, first served. A job that pauses holds neither a slot nor a thread.
///
/// When `stopped`, none gets another turn: those that wait are given to `dropped`, and those that run end as they like.
/// A job whose turn panics is answered for by `lost`. `watch` is called again and again by the calling thread until all are done. The results are in the order of the jobs.
pub(crate) fn schedule<J: Send, R: Send>(
    jobs: Vec<J>,
    slots: NonZeroUsize,
    stopped: impl Fn() -> bool + Sync,
    turn: impl Fn(J) -> Turn<J, R> + Sync,
    dropped: impl Fn(J) -> R + Sync,
    lost: impl Fn(usize) -> R + Sync,
    mut watch: impl FnMut(),
) -> Vec<R> {
    let threads = slots.get().min(jobs.len());
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(jobs.len()));
    let queue = Queue { open: jobs.len(), ready: jobs.into_iter().enumerate().collect(), paused: Vec::new() };
    let (queue, changed) = (Mutex::new(queue), Condvar::new());
    let done = |index, result| {
        lock(&results).push((index, result));
        let mut queue = lock(&queue);
        queue.open = queue.open.saturating_sub(1);
        changed.notify_all();
    };
    let work = || {
        loop {
            let mut state = lock(&queue);
            if state.open == 0 {
                return;
            }
            let stop = stopped();
            let now = Instant::now();
            if stop {
                let paused = std::mem::take(&mut state.paused);
                state.ready.extend(paused.into_iter().map(|(_, index, job)| (index, job)));
            } else {
                state.wake(now);
            }
            if let Some((index, job)) = state.ready.pop_front() {
                drop(state);
                if stop {
                    done(index, dropped(job));
                    continue;
                }
                // A bug that one job meets must neither keep the others from their turns nor the caller from an answer.
                match panic::catch_unwind(AssertUnwindSafe(|| turn(job))) {
                    Err(_) => done(index, lost(index)),
                    Ok(Turn::Done(result)) => done(index, result),
                    Ok(Turn::Later(job, pause)) => {
                        let due = Instant::now() + pause;
                        lock(&queue).paused.push((due, index, job));
                    }
                }
                continue;
            }
            let next = state.paused.iter().map(|(due, ..)| due.saturating_duration_since(now)).min();
            let _unused = changed.wait_timeout(state, next.unwrap_or(TICK).min(TICK));
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
        loop {
            watch();
            let state = lock(&queue);
            if state.open == 0 {
                break;
            }
            let _unused = changed.wait_timeout(state, TICK);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    fn slots(number: usize) -> NonZeroUsize {
        NonZeroUsize::new(number).unwrap()
    }

    #[test]
    fn every_job_has_its_turn_in_the_order_of_the_list() {
        let order = Mutex::new(Vec::new());
        let turn = |job: usize| {
            lock(&order).push(job);
            Turn::Done(job * 2)
        };
        let results = schedule((0..256).collect(), slots(1), || false, turn, |job| job, |_| unreachable!(), || ());
        assert_eq!(results, (0..256).map(|job| job * 2).collect::<Vec<_>>());
        assert_eq!(*lock(&order), (0..256).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_run_at_once_than_there_are_slots() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let turn = |job: usize| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(2));
            running.fetch_sub(1, Ordering::SeqCst);
            Turn::<usize, usize>::Done(job)
        };
        schedule((0..40).collect(), slots(4), || false, turn, |job| job, |_| unreachable!(), || ());
        assert!((2..=4).contains(&most.into_inner()));
    }

    /// One slot and a job that fails at first: the others have their turns before its second one.
    #[test]
    fn a_job_that_pauses_gives_its_slot_away_and_queues_behind_the_others() {
        let order = Mutex::new(Vec::new());
        let turn = |(name, turns): (&'static str, u32)| {
            lock(&order).push(name);
            if turns > 1 { Turn::Later((name, turns - 1), Duration::ZERO) } else { Turn::Done(name) }
        };
        let jobs = vec![("a", 2), ("b", 2), ("c", 1)];
        let results = schedule(jobs, slots(1), || false, turn, |(name, _)| name, |_| unreachable!(), || ());
        assert_eq!(results, ["a", "b", "c"]);
        assert_eq!(*lock(&order), ["a", "b", "c", "a", "b"]);
    }

    #[test]
    fn a_pause_takes_no_slot() {
        let turn = |turns: u32| {
            if turns > 1 { Turn::Later(turns - 1, Duration::from_millis(100)) } else { Turn::Done(()) }
        };
        let began = Instant::now();
        schedule(vec![2; 50], slots(1), || false, turn, |_| (), |_| unreachable!(), || ());
        assert!(began.elapsed() >= Duration::from_millis(100));
        // One after another they would take 5 s.
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }

    #[test]
    fn when_stopped_nobody_gets_another_turn_and_everybody_is_accounted_for() {
        let stop = AtomicBool::new(false);
        let turn = |job: usize| {
            if job == 1 {
                return Turn::Later(job, Duration::from_secs(3600));
            }
            if job == 2 {
                stop.store(true, Ordering::SeqCst);
            }
            Turn::Done(format!("{job} ran"))
        };
        let stopped = || stop.load(Ordering::SeqCst);
        let results = schedule(
            (0..5).collect(),
            slots(1),
            stopped,
            turn,
            |job| format!("{job} dropped"),
            |_| unreachable!(),
            || (),
        );
        assert_eq!(results, ["0 ran", "1 dropped", "2 ran", "3 dropped", "4 dropped"]);
    }

    #[test]
    fn a_bug_in_one_turn_costs_the_others_nothing() {
        let turn = |job: usize| if job == 2 { panic!("as the test wants it") } else { Turn::Done(job) };
        let results = schedule((0..6).collect(), slots(2), || false, turn, |job| job, |index| index + 100, || ());
        assert_eq!(results, [0, 1, 102, 3, 4, 5]);
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        let results =
            schedule(Vec::<u8>::new(), slots(3), || false, Turn::<u8, u8>::Done, |job| job, |_| unreachable!(), || ());
        assert!(results.is_empty());
    }
}
